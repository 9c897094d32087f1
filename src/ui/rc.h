/* The rc file: delay, units, and the columns and order of tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/select.h"
#include "../core/unit.h"

/* The columns and the order of one table, as for -o and -s; NULL: the schema's own. */
struct mml_rc_table {
	char *name, *columns, *sort;
};

struct mml_rc {
	uint64_t delay_ns; /* 0: not set */
	enum mml_units units;
	struct mml_rc_table *tables;
	size_t ntables;
	int error;      /* why the file could not be read: W must not replace it */
	bool bad_lines; /* some lines were not understood: W keeps the old file beside */
};

/* Where it lies: $XDG_CONFIG_HOME/mmlens/mmlensrc, or ~/.config/...; for the caller to free; NULL:
 * neither is known. */
char *mml_rc_path(void);

/*
 * Read PATH. Lines that are not understood are named with their numbers in COMPLAINTS, a line each,
 * and the others are used. No file is no error. 0, or -errno, which is kept in rc->error.
 */
int mml_rc_read(struct mml_rc *rc, const char *path, struct mml_buf *complaints);

/* Write PATH anew: beside it, synced, then renamed over it; directories are made. 0 or -errno; the
 * file is as it was then. */
int mml_rc_write(const struct mml_rc *rc, const char *path);
void mml_rc_free(struct mml_rc *rc);

/* The settings of TABLE, made when MAKE; NULL: there are none. */
struct mml_rc_table *mml_rc_table(struct mml_rc *rc, const char *table, bool make);

/* Apply those of SEL's table, as far as its columns still exist. */
void mml_rc_apply(struct mml_rc *rc, struct mml_select *sel);

/* Take SEL's columns and order, unless they are the schema's own. 0 or -ENOMEM. */
int mml_rc_keep(struct mml_rc *rc, const struct mml_select *sel);

/* "auto", "KiB" and so on; units of that name, or -1. */
extern const char *const mml_units_names[];
int mml_units_named(const char *name);
