/* Opens files of a directory so that no link leads out of it. Only this folder uses this. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * Opens PATH of the directory DIRFD with FLAGS of open(2), and with MODE if that makes a file. DIRFD
 * is the top: absolute links begin there, and ".." does not lead above it. Links of procfs that lead
 * to what a process has open are refused. Returns a descriptor or -errno.
 */
int mml_inside_open(int dirfd, const char *path, int flags, mode_t mode);

/* The same for kernels without openat2(), which came with 5.6, and for sandboxes that refuse it. */
int mml_inside_walk(int dirfd, const char *path, int flags, mode_t mode);
