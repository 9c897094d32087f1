/* The module journal.so, which reads systemd's journal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "../../core/buf.h"

struct mml_module_journal {
	/*
	 * Appends to OUT what the journal has of this boot from before BEFORE_USEC, a time since
	 * boot by the kernel's clock: the kernel's own lines, in the form of syslog with a date of
	 * ISO 8601. Of programs that kill processes which take too much memory it appends the lines
	 * of all times. Returns 0 or -errno. DIR is the folder that has the journal's files, of
	 * whatever boot they are; NULL: this machine's.
	 */
	int (*read)(const char *dir, uint64_t before_usec, struct mml_buf *out);
};
