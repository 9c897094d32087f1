/* The tabs of the screen, and the views stacked in each. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/registry.h"
#include "app-int.h"

void app_close_frame(struct mml_app *app, struct frame *frame)
{
	if (frame->view->ops->close)
		frame->view->ops->close(frame->view);
	free(frame->view);
	app_past_clear(app, frame);
	mml_snapshot_put(frame->now);
	mml_snapshot_put(frame->before);
	mml_snapshot_put(frame->mark);
	mml_arena_free(frame->arena);
	/* If even the list of feeds that cannot be stopped is full, this one is leaked: its thread
	 * still uses it. */
	if (!mml_feed_free(frame->feed) && app->ndying < APP_DYING)
		app->dying[app->ndying++] = frame->feed;
	*frame = (struct frame){ 0 };
}

static bool open_frame(struct mml_app *app, struct frame *frame, const struct mml_view_ops *ops,
		       const struct mml_target *target)
{
	*frame = (struct frame){ .view = mml_calloc(1, ops->size), .seq = UINT64_MAX,
				  .bad_seq = UINT64_MAX };
	if (!frame->view)
		return false;
	frame->view->ops = ops;
	if (target)
		frame->view->target = *target;
	frame->feed = mml_feed_new(app->root, app->wake_fd);
	if (frame->feed && (!ops->open || !ops->open(frame->view)))
		return true;
	mml_feed_free(frame->feed);
	free(frame->view);
	*frame = (struct frame){ 0 };
	return false;
}

static const struct mml_view_entry *find_view(const struct mml_app *app, const char *name)
{
	for (const struct mml_view_entry *v = app->views->list; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

const struct mml_view_ops *app_tab_ops(const struct mml_app *app, size_t at)
{
	const struct mml_view_entry *entry = find_view(app, app->tabs[at].name);

	return entry ? entry->ops : NULL;
}

/* The command line's columns and order, in the view it names. */
static void apply_args(const struct mml_app *app, struct mml_select *sel)
{
	const struct mml_select *given = app->args->select;

	if (!given || given->schema != sel->schema)
		return;
	memcpy(sel->columns, given->columns, sizeof(sel->columns));
	sel->ncolumns = given->ncolumns;
	memcpy(sel->keys, given->keys, sizeof(sel->keys));
	sel->nkeys = given->nkeys;
}

/* A grid that is new gets the columns and the order of the rc file, and of the command line. */
static void configure_grid(struct mml_app *app, struct mml_grid *grid)
{
	if (mml_grid_known(grid))
		return;
	mml_rc_apply(&app->rc, mml_grid_settings(grid), mml_grid_select(grid));
	apply_args(app, mml_grid_select(grid));
	mml_grid_changed(grid);
}

void app_configure(struct mml_app *app)
{
	struct mml_grid *grid = app_grid(app);

	if (grid)
		configure_grid(app, grid);
}

/* The filter of the command line, and the filter and order of whoever opened the view. */
static void configure(struct mml_app *app, struct frame *frame)
{
	struct mml_grid *grid = frame->view->ops->grid ? frame->view->ops->grid(frame->view) : NULL;
	struct mml_target *target = &frame->view->target;

	if (!grid)
		return;
	configure_grid(app, grid);
	if (!*target->filter && app->args->filter &&
	    app->args->select->schema == mml_grid_select(grid)->schema &&
	    (size_t)snprintf(target->filter, sizeof(target->filter), "%s", app->args->filter) >=
		    sizeof(target->filter)) {
		target->filter[0] = '\0';
		app_say(app, true, "the filter is too long for the screen: every row is shown");
	}
	if (*target->filter && mml_select_filter(mml_grid_select(grid), target->filter))
		target->filter[0] = '\0';
	if (*target->sort)
		mml_select_sort(mml_grid_select(grid), target->sort);
	mml_grid_changed(grid);
}

bool app_push(struct mml_app *app, const char *name, const struct mml_target *target)
{
	const struct mml_view_entry *entry = find_view(app, name);
	struct tab *tab = &app->tabs[app->tab];
	struct mml_target own = target ? *target : (struct mml_target){ 0 };

	own.table = mml_collector_find(name);
	if ((!entry || !entry->ops) && !own.table)
		return false;
	if (tab->depth == APP_DEPTH)
		app_pop(app);
	if (!open_frame(app, &tab->frames[tab->depth],
			entry && entry->ops ? entry->ops : app->views->plain, &own))
		return false;
	configure(app, &tab->frames[tab->depth++]);
	app_ask_param(app);
	return true;
}

void app_pop(struct mml_app *app)
{
	struct tab *tab = &app->tabs[app->tab];

	if (tab->depth < 2)
		return;
	app_close_frame(app, &tab->frames[--tab->depth]);
	app_refresh(app, app_frame(app), false);
}

bool app_has_tab(const struct mml_app *app, size_t at)
{
	return app->tabs[at].digit || app->tabs[at].depth;
}

/* Where one process was named on the command line, a view that chooses one has it chosen; Esc goes to the
 * others. */
static bool push_chosen(struct mml_app *app, const char *name)
{
	const struct mml_arg *pids = mml_scope_pids(app->args->scope);
	struct mml_target target = { .pid = pids->n == 1 ? pids->pids[0] : 0 };

	if (!target.pid || !app_frame(app)->view->ops->chooses)
		return true;
	snprintf(target.title, sizeof(target.title), "%d", (int)target.pid);
	return app_push(app, name, &target);
}

void app_switch(struct mml_app *app, size_t at)
{
	struct frame *frame = app_frame(app);

	if (frame)
		mml_feed_cancel(frame->feed);
	app->tab = at;
	if (app->tabs[at].depth) {
		app_refresh(app, app_frame(app), false);
		app_past_enter(app, app_frame(app));
		return;
	}
	if (!app_push(app, app->tabs[at].name, NULL) || !push_chosen(app, app->tabs[at].name))
		app_say(app, true, "%s: out of memory", app->tabs[at].name);
	else if (app->past_at)
		app_say(app, false, "this view was not open then: it shows the last moment");
}

void app_step(struct mml_app *app, size_t by)
{
	size_t at = app->tab;

	do
		at = (at + by) % app->ntabs;
	while (at != app->tab && !app_has_tab(app, at));
	app_switch(app, at);
}

struct near {
	const struct mml_view_entry *views;
	size_t nviews;
};

static const char *name_at(size_t i, const void *ctx)
{
	const struct near *near = ctx;

	return i < near->nviews ? near->views[i].name
				: mml_collectors[i - near->nviews]->schema.name;
}

const char *app_nearest(const struct mml_app *app, const char *word)
{
	struct near near = { .views = app->views->list };
	size_t n = 0;

	while (near.views[near.nviews].name)
		near.nviews++;
	while (mml_collectors[n])
		n++;
	return mml_nearest(word, strlen(word), name_at, near.nviews + n, &near);
}

/* The tab called NAME, by its digit too; made for a table that has none. NULL: there is no such thing. */
static struct tab *find_tab(struct mml_app *app, const char *name)
{
	const struct mml_collector *table = mml_collector_find(name);
	struct tab *tab;

	for (size_t i = 0; i < app->ntabs; i++)
		if (!strcmp(app->tabs[i].name, name) ||
		    (app->tabs[i].digit == *name && *name > ' ' && !name[1]))
			return &app->tabs[i];
	if (!table)
		return NULL;
	/* When there is no room for one more, the last one shows another table. */
	if (app->ntabs == APP_TABS) {
		tab = &app->tabs[APP_TABS - 1];
		while (tab->depth)
			app_close_frame(app, &tab->frames[--tab->depth]);
	} else {
		tab = &app->tabs[app->ntabs++];
	}
	tab->name = tab->brief = table->schema.name;
	return tab;
}

bool mml_app_open(struct mml_app *app, const char *name, char *why, size_t size)
{
	struct tab *tab = find_tab(app, name);
	const char *near;

	if (tab) {
		app_switch(app, (size_t)(tab - app->tabs));
		return true;
	}
	near = app_nearest(app, name);
	snprintf(why, size, near ? "no view or table '%s'; did you mean '%s'?" :
				   "no view or table '%s'", name, near);
	return false;
}
