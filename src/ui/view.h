/* A view says which tables it wants, draws them, and has keys of its own. It sees finished
 * snapshots only, and neither the system, the terminal nor the clock. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "../render/cell.h"
#include "canvas.h"
#include "keys.h"

struct mml_grid;
struct mml_view;

/* What a view is opened on, by `Enter` in another view or by the command line. */
struct mml_target {
	pid_t pid;           /* 0: none in particular */
	uint64_t start, end; /* addresses; end 0: all of them */
	char filter[256];    /* of the view's main table, as for -f; empty: all rows */
	char sort[128];      /* of it, as for -s; empty: as usual */
	char title[64];      /* for the title line, such as "node 1 Normal" */
	char group[1024];    /* the path of a control group; empty: none */
	const struct mml_collector *table; /* for the plain view only */
};

/* What changes are shown since; `w` goes through them. */
enum mml_since { MML_SINCE_10S, MML_SINCE_1MIN, MML_SINCE_10MIN, MML_SINCE_MARK };

/* "10 s", "1 min", "10 min", "the mark"; and its seconds, 0 for the mark. */
const char *mml_since_name(enum mml_since since);
uint64_t mml_since_seconds(enum mml_since since);

/* The moment shown. Pointers live until the next call of sample(). */
struct mml_moment {
	const struct mml_snapshot *now;    /* NULL: no snapshot has come yet */
	const struct mml_snapshot *before; /* the snapshot before, to show what has changed, or NULL */
	const struct mml_snapshot *mark;   /* this view's baseline, which `m` has set, or NULL */
	struct mml_style style;            /* for mml_cell_text(): units, page size, UTF-8 */
	uint64_t age_ns; /* of now */
	uint64_t interval_ns; /* between samples, as the user has set it */
	enum mml_since since;   /* what "change" is since */
	bool old;        /* now is older than it should be: draw values as old */
	bool paused;
	bool live;       /* of this machine, now: not a captured tree */
};

/* The tables that a view wants in the next snapshot. */
enum { MML_WANTS = 16 };
struct mml_wants {
	struct mml_query query[MML_WANTS]; /* what these point to must live as long as the view */
	size_t n;
};

/* Adds TABLE to WANTS. LIST has columns, such as "size,used"; NULL stands for those shown by
 * default, and "" for none. The list only decides which costly reads are made: cheap cells are
 * always there. Returns the query, so that the caller can set pids and the like, or NULL if there
 * is no such table or no room. */
struct mml_query *mml_want(struct mml_wants *wants, const char *table, const char *list);

/* Adds the table of SEL with its columns, order and filter. Returns NULL if there is no room. */
struct mml_query *mml_want_select(struct mml_wants *wants, const struct mml_select *sel);

/* What a view asks for in answer to a key. */
struct mml_action {
	enum {
		MML_STAY,    /* nothing more; draw again */
		MML_OPEN,    /* open VIEW on TARGET; Esc comes back */
		MML_CLOSE,   /* the same as Esc */
		MML_MESSAGE, /* show MESSAGE on the bottom line */
		MML_SAMPLE,  /* what is wanted has changed, so take a sample at once */
		MML_SHOW,    /* show MESSAGE in a box until a key is pressed */
	} kind;
	const char *view; /* the name of a view or table */
	struct mml_target target;
	char message[512];
};

/* Keys a view has of its own, for the help; and the WORD beside it in the bottom line, or NULL. */
struct mml_view_key {
	const char *shown, *help, *word;
};

/* A letter that sorts: the same letters everywhere, see SORTS in keys.def. */
struct mml_view_sort {
	char key;
	const char *column, *word;
	bool change; /* by the change of the column */
};

/* The second line: where one is, and totals in words. */
struct mml_headline {
	char text[256];
	char right[128]; /* what the rows are ordered by, if it is not the grid's order */
};

enum { MML_VIEW_GRIDS = 8 };

struct mml_view_ops {
	const char *name;  /* for `:`, `mmlens top` and the tabs */
	const char *help;  /* one sentence */
	size_t size;       /* of the view's own struct, which begins with struct mml_view */
	const struct mml_view_key *keys;   /* ends with a NULL; or NULL */
	const struct mml_view_sort *sorts; /* ends with a key of 0; or NULL */
	bool chooses;    /* opened on no process, it lists them, and Enter opens it on one */
	bool background; /* once opened as a tab, sampled while another one is shown: keeps history */
	/* Made zeroed, with ops and target set: 0 or -errno. Optional. */
	int (*open)(struct mml_view *view);
	void (*close)(struct mml_view *view); /* optional */
	void (*want)(struct mml_view *view, struct mml_wants *ret);
	/* Called for a new snapshot, and when the mark or the unit has changed. FRESH: moment->now
	 * was not seen before. History is kept and grids are brought up to date here. Optional. */
	void (*sample)(struct mml_view *view, const struct mml_moment *moment, bool fresh);
	/* What the second line says. Without it the view has that line, too. */
	void (*headline)(struct mml_view *view, const struct mml_moment *moment,
			 struct mml_headline *ret);
	void (*draw)(struct mml_view *view, const struct mml_moment *moment,
		     const struct mml_canvas *canvas);
	/* Details of what the cursor is on, beside the view where there is room. Optional: without it
	 * they are all cells of the grid's row. */
	void (*pane)(struct mml_view *view, const struct mml_moment *moment,
		     const struct mml_canvas *canvas);
	/* Appends lines about the row under the cursor, to stand above its cells behind Enter. Optional. */
	void (*about)(struct mml_view *view, struct mml_buf *out);
	/* What Enter does now, in a word for the bottom line; NULL: nothing but to show the row. Optional. */
	const char *(*enter)(struct mml_view *view);
	/* Whether KEY would do nothing now, so that the bottom line leaves it out. Optional. */
	bool (*idle)(struct mml_view *view, const struct mml_view_key *key);
	/* A key, before anybody else: true when it was the view's. Optional. */
	bool (*input)(struct mml_view *view, const struct mml_moment *moment,
		      const struct mml_input *in, struct mml_action *ret);
	/* Returns the grid that has the cursor, which then handles moving, sorting, searching,
	 * filtering, choosing columns and the mouse; or NULL. Optional. */
	struct mml_grid *(*grid)(struct mml_view *view);
	/* Where there are several, grid I of MML_VIEW_GRIDS, or NULL: their settings are written, too. Optional. */
	struct mml_grid *(*grids)(struct mml_view *view, size_t i);
};

struct mml_view {
	const struct mml_view_ops *ops;
	struct mml_target target;
};

/* A line of registry.def: a tab. */
struct mml_view_entry {
	char digit; /* '0' to '9', or 0 */
	const char *name, *brief; /* brief: where there is little room */
	const struct mml_view_ops *ops; /* NULL: the table of this name as a grid */
};

/* The views there are. The screen itself knows none of them. */
struct mml_views {
	const struct mml_view_entry *list; /* a NULL name ends it; the first one opens by default */
	const struct mml_view_ops *plain;  /* shows any table as a grid; its target has the table */
};
