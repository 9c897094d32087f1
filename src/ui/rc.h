/* The rc file, which keeps the delay, the units, and the columns and order of tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/buf.h"
#include "../core/select.h"
#include "../core/unit.h"
#include "tui.h"

/* The columns and the order of one grid, as for -o and -s; NULL: the schema's own. */
struct mml_rc_table {
	char *name, *columns, *sort;
};

struct mml_rc {
	uint64_t delay_ns; /* 0: not set */
	enum mml_units units;
	enum mml_theme theme;
	struct mml_rc_table *tables;
	size_t ntables;
	int error;      /* why the file could not be read; then W must not replace it */
	bool bad_lines; /* some lines were not understood; W keeps the old file, too */
};

/* Returns where the file lies: $XDG_CONFIG_HOME/mmlens/mmlensrc or ~/.config/mmlens/mmlensrc. The
 * caller frees the path. Returns NULL if neither variable has an absolute path, or when memory ran
 * out. */
char *mml_rc_path(void);

/*
 * Reads PATH. Each line that is not understood gets a line in COMPLAINTS, with its number, and the
 * others are used. If there is no file, that is not an error. Returns 0 or -errno, which rc->error
 * keeps.
 */
int mml_rc_read(struct mml_rc *rc, const char *path, struct mml_buf *complaints);

/* Writes PATH anew and makes its directories. The new file is written beside the old one, synced,
 * and then renamed over it. Returns 0, or -errno, and then the old file is unchanged. */
int mml_rc_write(const struct mml_rc *rc, const char *path);
void mml_rc_free(struct mml_rc *rc);

/* Returns the settings of TABLE. If there are none, it makes them if MAKE and otherwise returns
 * NULL. It also returns NULL when memory ran out. */
struct mml_rc_table *mml_rc_table(struct mml_rc *rc, const char *table, bool make);

/* Apply those of SECTION to SEL, as far as its columns still exist. */
void mml_rc_apply(struct mml_rc *rc, const char *section, struct mml_select *sel);

/* Take SEL's columns and order into SECTION, unless they are OWN's, those the grid began with. 0 or -ENOMEM. */
int mml_rc_keep(struct mml_rc *rc, const char *section, const struct mml_select *sel,
		const struct mml_select *own);

/* The names of the units, such as "auto" and "KiB"; and the unit of that name, or -1. */
extern const char *const mml_units_names[];
int mml_units_named(const char *name);
