/* Reads a file that the user named. It is the user's own and not the machine's, so that no root has
 * to do with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Sets OUT to all of the file NAME, or of standard input if that is "-". Of a device such as
 * /dev/kmsg, this is what it has at this moment. Returns MML_OK, or MML_FAILED after a line on
 * stderr. */
int mml_input_read(const char *name, struct mml_buf *out);
