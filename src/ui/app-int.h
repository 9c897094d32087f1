/* What the app_*.c files share with each other and with nobody else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app.h"
#include "dialog.h"
#include "feed.h"
#include "grid.h"
#include "travel.h"

/* An open view and the snapshots it shows. */
struct frame {
	struct mml_view *view;
	struct mml_feed *feed;
	struct mml_snapshot *now, *before, *mark;
	uint64_t begun_ns, asked_ns; /* when now was begun; when was last asked; 0: never */
	unsigned needs;		     /* the costly reads that were last asked for */
	uint64_t left_ns; /* when it was last on the screen */
	struct mml_snapshot **past; /* of this machine: what was shown before, the oldest first */
	size_t npast, room_past;
	uint64_t seq;     /* of a recording: the number of the sample now is of, */
	uint64_t asked_seq; /* the one that was asked for last */
	uint64_t bad_seq; /* of one that could not be shown, */
	bool filled;      /* and what the view remembers goes back behind it */
	uint64_t rested_ns; /* when the cursor came to it */
	uint64_t step_ns; /* how long the last step took */
	bool watches;     /* there are programs in the kernel for it */
	struct mml_arena *arena;     /* owns scope; NULL: nothing was typed */
	struct mml_scope scope;	     /* the arguments typed at a prompt */
};

/* What looks for a change of the findings in a recording. */
struct search {
	struct mml_feed *feed;
	int way;	     /* 1: on; -1: back; 0: nothing is looked for */
	size_t first, end;   /* the samples in which a change counts */
	size_t at, seen;     /* the next one; and the one behind the last that was asked for */
	size_t found, gone;  /* SIZE_MAX: none yet; what gone was in the travel */
	bool asked, follows; /* follows: the answer has one of the same boot right before it */
	struct mml_snapshot *last; /* what the next one is compared with */
	char words[256];
};

enum { APP_DEPTH = 8, APP_TABS = 64, APP_DYING = 32, APP_FILTERS = 16 };

/* What Enter opened lies on what it was opened from. Behind the tabs of the registry are those of tables
 * that were opened by their names. */
struct tab {
	char digit; /* as in the registry */
	const char *name, *brief;
	int x, end; /* where the title line has it; x < 0: nowhere */
	struct frame frames[APP_DEPTH];
	size_t depth;
};

/* A thing on the bottom line that can be clicked. */
struct key_spot {
	int x, end;
	uint32_t key;
};

enum dialog {
	NO_DIALOG,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_DELAY,
	PROMPT_PARAM,
	PROMPT_TIME,
	LIST_SORT,
	LIST_COLUMNS,
	LIST_GOTO,
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
	size_t ntabs, tab, first_tab; /* first_tab: the leftmost of the title line */
	int title_cols; /* as the title line was last drawn */
	struct key_spot spots[32];
	size_t nspots;
	int bottom; /* the row the spots are on */
	struct mml_feed *dying[APP_DYING]; /* closed, but still inside a read */
	size_t ndying;

	uint64_t past_at;   /* the moment that is shown, in ns since boot; 0: now */
	size_t past_bytes;  /* of what all views keep */
	struct mml_travel *travel; /* NULL: what is shown is no recording */
	struct search search;
	uint64_t now_ns, delay_ns;
	struct mml_style style;
	enum mml_since since;
	bool paused, marked, redraw, pane;
	struct timespec marked_at;
	struct mml_cost cost;

	char message[512];
	uint64_t message_ns; /* when it was said */
	unsigned troubles;   /* how often something had run out when that was last said */
	bool alarming;
	enum dialog dialog;
	struct mml_prompt prompt;
	char complaint[256];	 /* about what was typed */
	enum mml_param_id param; /* that is asked for */
	size_t wrong, wrong_len; /* of it, in bytes: what is wrong with a filter */
	char filters[APP_FILTERS][sizeof(((struct mml_target *)0)->filter)]; /* set before, the last first */
	char filter_before[sizeof(((struct mml_target *)0)->filter)]; /* what Esc comes back to */
	size_t nfilters, recall;
	struct mml_scroll scroll;
	int list_y; /* the screen's row the list begins on */
	unsigned about; /* column, as mml_grid_columns() numbers them */
	struct mml_buf text;
};

struct frame *app_frame(struct mml_app *app);
struct mml_grid *app_grid(struct mml_app *app);
struct mml_moment app_moment(struct mml_app *app, const struct frame *frame);

/* Asks the view of FRAME what it wants, with the arguments that were given. */
void app_want(const struct mml_app *app, const struct frame *frame, struct mml_wants *ret);

/* Time travel: brings FRAME to the cursor; handles its keys; says whether FRAME is not there yet. */
void app_time_tick(struct mml_app *app, struct frame *frame, bool shown);
bool app_time_input(struct mml_app *app, const struct mml_input *in);
bool app_time_late(const struct mml_app *app, const struct frame *frame);

/* The last minutes of this machine: keep what FRAME shows, or forget all; show the moment of the past
 * that others show; handle the keys of time travel; go to a time; come back to now. */
void app_past_keep(struct mml_app *app, struct frame *frame);
void app_past_clear(struct mml_app *app, struct frame *frame);
void app_past_enter(struct mml_app *app, struct frame *frame);
bool app_past_input(struct mml_app *app, const struct mml_input *in);
const char *app_past_go(struct mml_app *app, const char *words);
void app_past_resume(struct mml_app *app);

/* Returns for how long before its last sample the moment shown was, in ns; 0: it is the last. */
uint64_t app_past_age(const struct mml_app *app, const struct frame *frame);

/* Returns NULL, or what is wrong with WORDS as a time to go to. */
const char *app_time_go(struct mml_app *app, const char *words);

/* Looks for the next (WAY 1) or the previous (-1) change of the findings; goes on with it; gives it up. */
void app_change_input(struct mml_app *app, int way);
void app_change_tick(struct mml_app *app);
void app_change_stop(struct mml_app *app);

/* Marks the cursor's sample, or forgets the mark. */
void app_time_mark(struct mml_app *app, bool mark);

/* Calls the view's sample() again, because a unit, the mark or the order has changed. FRESH: the
 * snapshot is new. */
void app_refresh(struct mml_app *app, struct frame *frame, bool fresh);

/* Gives the grid that has the cursor now the settings kept for it, if it is new. */
void app_configure(struct mml_app *app);

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

/* Tabs: whether the title line has it; go to one; go BY tabs on, among those the title line has. */
bool app_has_tab(const struct mml_app *app, size_t tab);
void app_switch(struct mml_app *app, size_t tab);
void app_step(struct mml_app *app, size_t by);

/* Frees what is in FRAME; a feed that is still inside a read goes to those that die later. */
void app_close_frame(struct mml_app *app, struct frame *frame);

/* How the view in FRAME is called: the table's name where it shows just that. */
const char *app_view_name(const struct mml_app *app, const struct frame *frame);
const char *app_view_help(const struct mml_app *app, const struct frame *frame);

void app_say(struct mml_app *app, bool alarming, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Says that memory or descriptors ran out since that was last said. */
void app_say_troubles(struct mml_app *app);

/* Does what a view or grid asked for. */
void app_act(struct mml_app *app, const struct mml_action *action);

/* Dialogs: open one; a key for the one that is open; draw it. Prompts and lists are dialogs. */
void app_dialog(struct mml_app *app, enum dialog dialog);
void app_dialog_input(struct mml_app *app, const struct mml_input *in);
void app_dialog_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x);
void app_prompt_open(struct mml_app *app);
void app_prompt_input(struct mml_app *app, const struct mml_input *in);
void app_prompt_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x);
void app_list_open(struct mml_app *app);
void app_list_input(struct mml_app *app, const struct mml_input *in);
void app_list_draw(struct mml_app *app, const struct mml_canvas *canvas, int *ret_y, int *ret_x);

/* The view of tab AT; NULL: a table as it is. */
const struct mml_view_ops *app_tab_ops(const struct mml_app *app, size_t at);

/* Returns the name of the view or table nearest to WORD, or NULL. */
const char *app_nearest(const struct mml_app *app, const char *word);
