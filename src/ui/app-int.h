/* What the parts of the app share; for nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app.h"
#include "dialog.h"
#include "feed.h"
#include "grid.h"

/* A view that is open, and what it shows. */
struct frame {
	struct mml_view *view;
	struct mml_feed *feed;
	struct mml_snapshot *now, *before, *mark;
	uint64_t begun_ns, asked_ns; /* of now; of the last question; 0: none */
	unsigned needs;		     /* costly reads of the last question */
	struct mml_arena *arena;     /* of scope; NULL: nothing was typed */
	struct mml_scope scope;	     /* what was typed at a prompt */
};

enum { APP_DEPTH = 8, APP_TABS = 32, APP_DYING = 32 };

/* What Enter opened lies on what it was opened from. */
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
	int tab_x[APP_TABS + 1];	   /* where the title line has them */
	struct mml_feed *dying[APP_DYING]; /* closed, but still inside a read */
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
	char complaint[256];	 /* about what was typed */
	enum mml_param_id param; /* that is asked for */
	struct mml_scroll scroll;
	unsigned about; /* column, as mml_grid_columns() numbers them */
	struct mml_buf text;
};

struct frame *app_frame(struct mml_app *app);
struct mml_grid *app_grid(struct mml_app *app);
struct mml_moment app_moment(struct mml_app *app, const struct frame *frame);

/* The view's sample() for what is shown anew: another unit, mark or order. */
void app_refresh(struct mml_app *app, struct frame *frame, bool fresh);

/* Let the next tick ask at once. */
void app_hurry(struct mml_app *app);

/* The grid's columns, order or filter are others: show them, and read what they take. */
void app_reselected(struct mml_app *app);

/* Push the view or table NAME on the current tab, opened on TARGET: false when there is none. */
bool app_push(struct mml_app *app, const char *name, const struct mml_target *target);
void app_pop(struct mml_app *app);

/* Ask for what the tables of the current view cannot do without and nobody has said: false when
 * there is nothing. */
bool app_ask_param(struct mml_app *app);

/* Take WORDS for what was asked for: NULL, or what is wrong with them. */
const char *app_set_param(struct mml_app *app, const char *words);

/* Tabs: whether this mmlens has the table; go to one; go BY tabs on, past those it has not. */
bool app_has_tab(const struct mml_app *app, size_t tab);
void app_switch(struct mml_app *app, size_t tab);
void app_step(struct mml_app *app, size_t by);

void app_say(struct mml_app *app, bool alarming, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Do what a view or grid asked for. */
void app_act(struct mml_app *app, const struct mml_action *action);

/* dialogs: open one; a key for the one that is open; draw it. */
void app_dialog(struct mml_app *app, enum dialog dialog);
void app_dialog_input(struct mml_app *app, const struct mml_input *in);
void app_dialog_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x);

/* The name of a view or table nearest to WORD, or NULL. */
const char *app_nearest(const struct mml_app *app, const char *word);
