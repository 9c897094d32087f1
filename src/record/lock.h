/* The lock of a recording's directory: one recorder at a time; readers take none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"

/*
 * Take the lock of the directory DIRFD: a descriptor, which holds it until it is closed, or -errno;
 * -EWOULDBLOCK: another one has it, and WHY says who.
 */
int mml_lock_take(int dirfd, struct mml_buf *why);
