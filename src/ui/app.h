/* The screen without a terminal: keys and snapshots go in, and a canvas comes out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "rc.h"
#include "tui.h"
#include "view.h"

struct mml_app;

/* What the program itself takes, for the bottom line. */
struct mml_cost {
	double cpu; /* percent of one CPU; below 0: not known yet */
	uint64_t rss; /* bytes; 0: not known */
};

/*
 * Makes the screen that shows VIEWS over ROOT, as ARGS and RC have it; the app takes RC over.
 * WAKE_FD is as for mml_feed_new(). Returns NULL when memory ran out.
 */
struct mml_app *mml_app_new(struct mml_root *root, const struct mml_tui_args *args,
			    const struct mml_views *views, struct mml_rc *rc, int wake_fd);

/* Frees the app. Returns false if a read is still going on; then neither ROOT nor ARGS may be freed
 * either. */
bool mml_app_free(struct mml_app *app);

/* Opens the view or table NAME in a tab. Returns false, with one line in WHY, if there is none of
 * that name. */
bool mml_app_open(struct mml_app *app, const char *name, char *why, size_t size);

/* Takes what the feeds have finished and asks for what is due. It is to be called when WAKE_FD is
 * readable, and again at the time it returns. Both times are CLOCK_MONOTONIC in nanoseconds. */
uint64_t mml_app_tick(struct mml_app *app, uint64_t now_ns);

/* Tells the app that it is NOW, so that ages are drawn right when nothing else has happened. */
void mml_app_clock(struct mml_app *app, uint64_t now_ns);

/* A key, the mouse or a paste (WHAT of IN is not looked at): false when the user wants to leave. */
bool mml_app_input(struct mml_app *app, const struct mml_input *in);

/* Draws everything. RET_Y and RET_X are where the terminal's cursor belongs; a Y of -1 hides it. */
void mml_app_draw(struct mml_app *app, struct mml_canvas *canvas, int *ret_y, int *ret_x);

void mml_app_cost(struct mml_app *app, const struct mml_cost *cost);

/* Returns whether Ctrl-L was pressed since the last call, so that the terminal is to be drawn from
 * scratch. */
bool mml_app_redraw(struct mml_app *app);

/* Shows TEXT on the bottom line, or in a box if it has several lines. */
void mml_app_say(struct mml_app *app, const char *text);
