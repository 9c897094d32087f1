/* What the program says to its user beside its output, and its exit statuses. Nothing below main.c,
 * src/cli and src/ui says anything. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

enum { MML_OK = 0, MML_FAILED = 1, MML_USAGE = 2 };

/* Prints a line "mmlens: ..." on stderr. Text from outside is made harmless. */
void mml_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
