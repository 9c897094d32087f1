/* What the app_*.c files share with each other and with nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app.h"
#include "dialog.h"
#include "feed.h"
#include "grid.h"

/* An open view and the snapshots it shows. */
struct frame {
	struct mml_view *view;
	struct mml_feed *feed;
	struct mml_snapshot *now, *before, *mark;
	uint64_t begun_ns, asked_ns; /* when now was begun; when was last asked; 0: never */
	unsigned needs;		     /* the costly reads that were last asked for */
	struct mml_arena *arena;     /* owns scope; NULL: nothing was typed */
	struct mml_scope scope;	     /* the arguments typed at a prompt */
};

enum { APP_DEPTH = 8, APP_TABS = 32, APP_DYING = 32 };

/* The frames of a tab are a stack: what Enter opened lies on the frame it was opened from. */
struct tab {
	struct frame frames[APP_DEPTH];
	size_t depth;
};

enum dialog {
	NO_DIALOG,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_DELAY,
	PROMPT_GOTO,
	PROMPT_PARAM,
	LIST_SORT,
	LIST_COLUMNS,
	PAGE_HELP,
	PAGE_ABOUT,
	PAGE_ROW,
	PAGE_TEXT,
};

struct mml_app {
	struct mml_root *root;
	const struct mml_tui_args *args;
	const struct mml_views *views;
	struct mml_rc rc;
	int wake_fd;

	struct tab tabs[APP_TABS];
	size_t ntabs, tab;
	int tab_x[APP_TABS + 1];	   /* the columns where the title line shows the tabs */
	struct mml_feed *dying[APP_DYING]; /* of closed frames, but still inside a read */
	size_t ndying;

	uint64_t now_ns, delay_ns;
	struct mml_style style;
	bool paused, marked, redraw;
	struct timespec marked_at;
	struct mml_cost cost;

	char message[512];
	bool alarming;
	enum dialog dialog;
	struct mml_prompt prompt;
	char complaint[256];	 /* what is wrong with what was typed */
	enum mml_param_id param; /* the argument that is asked for */
	struct mml_scroll scroll;
	unsigned about; /* the column, as mml_grid_columns() numbers them */
	struct mml_buf text;
};

struct frame *app_frame(struct mml_app *app);
struct mml_grid *app_grid(struct mml_app *app);
struct mml_moment app_moment(struct mml_app *app, const struct frame *frame);

/* Calls the view's sample() again, because a unit, the mark or the order has changed. FRESH: the
 * snapshot is new. */
void app_refresh(struct mml_app *app, struct frame *frame, bool fresh);

/* Makes the next tick ask for a snapshot at once. */
void app_hurry(struct mml_app *app);

/* To be called when the grid's columns, order or filter have changed. Shows them, and asks for a
 * snapshot if they take costly reads that were not made. */
void app_reselected(struct mml_app *app);

/* Opens the view or table NAME on TARGET, on top of the current tab. Returns false if there is none
 * of that name. */
bool app_push(struct mml_app *app, const char *name, const struct mml_target *target);
void app_pop(struct mml_app *app);

/* Opens a prompt for the first argument that the current view's tables cannot do without and that
 * nobody has given. Returns false if there is none. */
bool app_ask_param(struct mml_app *app);

/* Takes WORDS as the value of the argument that was asked for. Returns NULL, or what is wrong with
 * them. */
const char *app_set_param(struct mml_app *app, const char *words);

/* app_has_tab() tells whether this mmlens was built with the tab's table. app_switch() goes to a
 * tab, and app_step() BY tabs further, past those without a table. */
bool app_has_tab(const struct mml_app *app, size_t tab);
void app_switch(struct mml_app *app, size_t tab);
void app_step(struct mml_app *app, size_t by);

void app_say(struct mml_app *app, bool alarming, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Does what a view or grid asked for. */
void app_act(struct mml_app *app, const struct mml_action *action);

/* These open a dialog, hand a key to the one that is open, and draw it. */
void app_dialog(struct mml_app *app, enum dialog dialog);
void app_dialog_input(struct mml_app *app, const struct mml_input *in);
void app_dialog_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x);

/* Returns the name of the view or table nearest to WORD, or NULL. */
const char *app_nearest(const struct mml_app *app, const char *word);
