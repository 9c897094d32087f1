/* Prints tables as text, raw lines, CSV or JSON, with one interface for every format. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "cell.h"

struct mml_renderer;

struct mml_format {
	const struct mml_renderer *renderer;
	bool noheadings;
	bool time;     /* the sample's time is the first column */
	bool colour;   /* headings stand out */
	bool one_line; /* a document is on one line */
	const struct mml_snapshot *base; /* what the rows are compared with; NULL: nothing */
	unsigned width; /* columns that a line of prose may take; 0: lines are not broken */
	struct mml_style style;
	/* Writes OUT and empties it, so that a large table can be printed piece by piece. Returns 0
	 * or -errno. NULL: the whole table is kept in OUT. */
	int (*write)(struct mml_buf *out);
};

/* A snapshot that is being rendered. */
struct mml_render {
	struct mml_buf *out;
	const struct mml_select *sels; /* table i is shown as sels[i] says */
	const struct mml_snapshot *snap;
	const struct mml_format *format;
	size_t ndone; /* how many tables are done */
};

/* A format. Each function appends to r->out and returns 0, -ENOMEM, or what the format's write()
 * returned. */
struct mml_renderer {
	const char *name;
	bool exact;    /* made for programs, so numbers are not rounded */
	bool single;   /* holds one table: samples follow each other under one heading */
	char between;  /* what stands between two cells of a row, which is one line; 0: there are no rows */
	const char *time_head; /* and the heading of a column of times */
	bool document; /* holds any number of tables, and says itself what is absent */
	int (*begin)(struct mml_render *r); /* NULL: nothing stands before the tables */
	int (*table)(struct mml_render *r, const struct mml_select *sel,
		     const struct mml_table *table);
	int (*end)(struct mml_render *r); /* NULL: nothing stands behind them */
};

/* Appends a time as ISO 8601 in UTC, such as 2026-11-25T22:11:03.120Z. Returns false if it is not known,
 * and appends nothing. */
bool mml_put_time(struct mml_buf *out, const struct timespec *wall);

/* All renderers with a NULL at the end. The first is the default. */
extern const struct mml_renderer *const mml_renderers[];

/* Appends SNAP in FORMAT to OUT. Returns 0, -ENOMEM, or what the format's write() returned. After
 * an error, what was appended is not whole. */
int mml_render(struct mml_buf *out, const struct mml_select *sels, const struct mml_snapshot *snap,
	       const struct mml_format *format);

/* Returns the renderer called NAME, or NULL. */
const struct mml_renderer *mml_renderer_find(const char *name);
