/* The screen as a machine without a terminal: keys and moments go in, a canvas comes out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "rc.h"
#include "tui.h"
#include "view.h"

struct mml_app;

/* What the program costs, for the bottom line. */
struct mml_cost {
	double cpu; /* percent of one CPU; below 0: not known yet */
	uint64_t rss; /* bytes; 0: not known */
};

/*
 * The screen over ROOT with VIEWS, as ARGS and RC (which it takes over) have it; WAKE_FD as for
 * mml_feed_new(). NULL when out of memory.
 */
struct mml_app *mml_app_new(struct mml_root *root, const struct mml_tui_args *args,
			    const struct mml_views *views, struct mml_rc *rc, int wake_fd);

/* False: a read is still going on, and neither ROOT nor what belongs to the app may be freed. */
bool mml_app_free(struct mml_app *app);

/* Open the view or table NAME: false, with one line in WHY, when there is none. */
bool mml_app_open(struct mml_app *app, const char *name, char *why, size_t size);

/* Take in what feeds have finished and ask for what is due; call at NOW, when WAKE_FD is readable, and
 * at the time it returns (CLOCK_MONOTONIC). */
uint64_t mml_app_tick(struct mml_app *app, uint64_t now_ns);

/* It is NOW, and nothing else happened: for what is drawn of ages. */
void mml_app_clock(struct mml_app *app, uint64_t now_ns);

/* A key or the mouse: false when the user wants to leave. */
bool mml_app_input(struct mml_app *app, uint32_t key, const struct mml_mouse *mouse);

/* Draw everything; where the terminal's cursor belongs, Y -1: hidden. */
void mml_app_draw(struct mml_app *app, struct mml_canvas *canvas, int *ret_y, int *ret_x);

void mml_app_cost(struct mml_app *app, const struct mml_cost *cost);

/* Ctrl-L came: the terminal is to be drawn from scratch. */
bool mml_app_redraw(struct mml_app *app);

/* Say TEXT on the bottom line, or in a box when it has several lines. */
void mml_app_say(struct mml_app *app, const char *text);
