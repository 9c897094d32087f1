/* What the views share: cells as text, and the layout of a view's parts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/look.h"
#include "../ui/plot.h"
#include "../ui/view.h"

/* Returns the table NAME of the moment, or NULL. */
const struct mml_table *mml_look_table(const struct mml_moment *moment, const char *name);

/* Writes the cell NAME of ROW into RET as tables show it, and returns RET. */
enum { MML_LOOK_TEXT = 128 };
const char *mml_look_text(const struct mml_table *table, const struct mml_row *row,
			  const char *name, const struct mml_style *style,
			  char ret[MML_LOOK_TEXT]);

/* The sum of the rates of vmstat's counters called NAME, or of those that begin so where the kernel has one a
 * zone; NAN: not known. */
double mml_look_rate(const struct mml_moment *moment, const char *name);

/* Which share of the time memory stalled tasks, in per cent: "some" of them, or all that had to run ("full"). */
double mml_look_stalled(const struct mml_moment *moment, const char *stall);

/* Writes BYTES into RET in the user's units, or "-" for NAN, and returns RET. */
const char *mml_look_size(double bytes, const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* Writes S, which is from the machine, into RET without anything that could steer the terminal, and
 * returns RET. */
const char *mml_look_safe(const char *s, const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* What stands on the screen for a part of the balance, in RET, and which kind of memory it is. */
enum { MML_ITEM_NAME = 64 };
enum mml_use mml_look_item(const char *item, char ret[MML_ITEM_NAME]);

/* The view that shows what is in a part of the balance, and how it is sorted for that. */
void mml_look_item_view(const char *item, const char **ret_view, char ret_sort[128]);

/* Writes COUNT with three digits and a unit (K for a thousand), then SUFFIX, into RET. */
void mml_look_count(double count, const char *suffix, char ret[MML_LOOK_TEXT]);

/* Writes how long SECONDS are, as "26 min", or "-" for NAN, into RET, and returns RET. */
const char *mml_look_left(double seconds, char ret[MML_LOOK_TEXT]);

/* As mml_look_safe(), for longer texts. */
const char *mml_look_long(const char *s, const struct mml_style *style, char *ret, size_t size);

/* Keeps VALUE of a fresh MOMENT. Nothing is known of the time in which the view was not sampled. */
void mml_look_remember(struct mml_history *history, const struct mml_moment *moment, double value);

/* "● watching" for a view of events as they happen; "" for a captured one. */
const char *mml_look_watching(const struct mml_moment *moment);

/* A cell of a map: the more of the most, the darker; by its character, and by its ink where inks can tell. */
void mml_look_shade(const struct mml_canvas *canvas, int y, int x, double share);

/* Whether row AT of the table cgroups is a group with a path that has no other groups in it. The root is none. */
bool mml_look_innermost(const struct mml_table *table, size_t at);

/* The ink of a zone's state, and what stands for it on the screen. */
enum mml_ink mml_look_zone_ink(const char *state);
const char *mml_look_zone_word(const char *state);

/* Draws a title line on row 0, with REMARK at its right end unless that is NULL. Returns the canvas
 * below it. */
struct mml_canvas mml_look_section(const struct mml_canvas *canvas, const char *title,
				   const char *remark);

/* Says on row 0 why TABLE has nothing to show. Returns false, and draws nothing, if it has
 * something. */
bool mml_look_absent(const struct mml_canvas *canvas, const struct mml_table *table);

/* Writes into RET why cells of COLUMN are absent, as the table says it, and what it takes where ROOM columns are
 * enough for both. Returns false if the table says nothing of it. */
bool mml_look_unread(const struct mml_table *table, const char *column, int room, char *ret, size_t size);

/* Makes values look old if they are older than they should be. It is to be called after everything
 * else is drawn. */
void mml_look_age(const struct mml_canvas *canvas, const struct mml_moment *moment);

/* One of the parts that lie below each other in a view, from top to bottom. */
struct mml_stack {
	void (*draw)(void *ctx, const struct mml_canvas *canvas);
	int min;      /* with fewer rows the part is left out */
	int max;      /* more rows are of no use to it */
	int priority; /* the part with the lowest is left out first */
};

/* Divides the rows of CANVAS among the parts and draws them. There are at most 16 parts. */
void mml_look_stack(const struct mml_canvas *canvas, const struct mml_stack *parts, size_t n,
		    void *ctx);
