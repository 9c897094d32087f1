/* A view: which tables it wants, how it draws them, what its keys do. It sees finished snapshots
 * only, never the system, the terminal or the clock. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "../render/cell.h"
#include "canvas.h"
#include "keys.h"

struct mml_grid;
struct mml_view;

/* What a view is opened on: from `Enter` in another one, or from the command line. */
struct mml_target {
	pid_t pid;           /* 0: no certain one */
	uint64_t start, end; /* addresses; end 0: all */
	char filter[256];    /* of the view's main table, as for -f; empty: every row */
	char title[64];      /* what it is, for the title line: "node 1 Normal" */
	const struct mml_collector *table; /* of the plain view */
};

/* The moment shown. Pointers live until the next call of sample(). */
struct mml_moment {
	const struct mml_snapshot *now;    /* NULL: nothing has come yet */
	const struct mml_snapshot *before; /* the one before, to show what changed; or NULL */
	const struct mml_snapshot *mark;   /* the baseline set with `m`, of this view; or NULL */
	struct mml_style style;            /* for mml_cell_text(): units, page size, UTF-8 */
	uint64_t age_ns; /* of now */
	bool old;        /* now is older than it should be: draw values as old */
	bool paused;
};

/* The tables a view wants in the next snapshot. */
enum { MML_WANTS = 16 };
struct mml_wants {
	struct mml_query query[MML_WANTS]; /* what a query points to lives as long as the view */
	size_t n;
};

/* Want TABLE with the columns in LIST ("size,used"; NULL: those shown by default; "": none that is
 * costly). Columns tell which costly reads are made: every cheap cell is there anyway. Returns the
 * query, to set pids and such, or NULL when there is no such table. */
struct mml_query *mml_want(struct mml_wants *wants, const char *table, const char *list);

/* Want the table and the columns, order and filter of SEL. */
struct mml_query *mml_want_select(struct mml_wants *wants, const struct mml_select *sel);

/* What a key leads to. */
struct mml_action {
	enum {
		MML_STAY,    /* nothing more: draw again */
		MML_OPEN,    /* push VIEW, opened on TARGET; Esc comes back */
		MML_CLOSE,   /* what Esc does */
		MML_MESSAGE, /* say MESSAGE on the bottom line */
		MML_SAMPLE,  /* what is wanted has changed: take a sample at once */
		MML_SHOW,    /* show MESSAGE in a box until a key is pressed */
	} kind;
	const char *view; /* a view's or a table's name */
	struct mml_target target;
	char message[512];
};

/* Keys a view has of its own, for the help. */
struct mml_view_key {
	const char *shown, *help;
};

struct mml_view_ops {
	const char *name;  /* for `:`, `mmlens top` and the tabs */
	const char *help;  /* one sentence */
	size_t size;       /* of the view's own struct, which begins with struct mml_view */
	const struct mml_view_key *keys; /* ends with a NULL; or NULL */
	bool background; /* once opened as a tab, sampled while another one is shown: keeps history */
	/* Made zeroed, with ops and target set: 0 or -errno. Optional. */
	int (*open)(struct mml_view *view);
	void (*close)(struct mml_view *view); /* optional */
	void (*want)(struct mml_view *view, struct mml_wants *ret);
	/* A new snapshot, mark or unit: keep history, bring grids up to date. FRESH: moment->now was
	 * not seen before. Optional. */
	void (*sample)(struct mml_view *view, const struct mml_moment *moment, bool fresh);
	void (*draw)(struct mml_view *view, const struct mml_moment *moment,
		     const struct mml_canvas *canvas);
	/* A key, before anybody else: true when it was the view's. Optional. */
	bool (*input)(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_input *in, struct mml_action *ret);
	/* The grid that has the cursor: moving, sorting, searching, filtering, choosing columns and
	 * the mouse are its own. NULL: none, now or ever. */
	struct mml_grid *(*grid)(struct mml_view *view);
};

struct mml_view {
	const struct mml_view_ops *ops;
	struct mml_target target;
};

/* A line of registry.def: where a digit leads. */
struct mml_view_entry {
	char digit; /* '1' to '9', or 0 */
	const char *name;
	const struct mml_view_ops *ops; /* NULL: the table of this name as a grid */
};

/* The views there are, for the screen, which knows none of them. */
struct mml_views {
	const struct mml_view_entry *list; /* a NULL name ends it; the first is what opens unasked */
	const struct mml_view_ops *plain;  /* any table as a grid, the table taken from its target */
};
