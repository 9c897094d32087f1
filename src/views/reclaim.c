/* Why tasks wait for memory: stalls and reclaim, who waits, and who swaps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "look.h"

enum part { WAITS, SWAPS, PARTS };
enum past { STALLED, DIRECT, KSWAPD, OUT, IN, REFAULT, PASTS };
enum { GAP = 2, FINDS = 52, LABEL = 15, VALUE = 24 };

static const struct {
	const char *table, *title, *columns;
} parts[PARTS] = {
	{ "reclaim", "Who waits", "pid,comm,kind,count,rate,time,max_time,pages" },
	{ "swapping", "Swap by process", "pid,comm,in,in_rate,out,out_rate,by,released,evicted" },
};

static const char *const labels[PASTS] = { "stalled",  "direct reclaim", "kswapd",
					   "swap out", "swap in",	 "refault" };

struct reclaim_view {
	struct mml_view view;
	struct mml_grid *grids[PARTS];
	enum part at; /* the one that has the cursor */
	struct mml_history past[PASTS];
};

static int reclaim_open(struct mml_view *view)
{
	struct reclaim_view *v = (struct reclaim_view *)view;

	for (int i = 0; i < PASTS; i++)
		v->past[i].rate = i != STALLED;
	for (int i = 0; i < PARTS; i++) {
		v->grids[i] = mml_grid_new(&mml_collector_find(parts[i].table)->schema);
		if (!v->grids[i])
			return -ENOMEM;
		mml_select_columns(mml_grid_select(v->grids[i]), parts[i].columns);
		mml_grid_changed(v->grids[i]);
	}
	return 0;
}

static void reclaim_close(struct mml_view *view)
{
	for (int i = 0; i < PARTS; i++)
		mml_grid_free(((struct reclaim_view *)view)->grids[i]);
}

static void reclaim_want(struct mml_view *view, struct mml_wants *ret)
{
	for (int i = 0; i < PARTS; i++)
		mml_want_select(ret, mml_grid_select(((struct reclaim_view *)view)->grids[i]));
	mml_want(ret, "psi", "");
	mml_want(ret, "vmstat", "");
	mml_want(ret, "swaps", "");
}

static void remember(struct reclaim_view *v, const struct mml_moment *moment)
{
	static const char *const counters[PASTS] = { NULL,	"pgsteal_direct", "pgsteal_kswapd",
						     "pswpout", "pswpin", "workingset_refault" };
	double page = (double)moment->now->host.page_size;

	mml_look_remember(&v->past[STALLED], moment, mml_look_stalled(moment, "some"));
	for (int i = STALLED + 1; i < PASTS; i++)
		mml_look_remember(&v->past[i], moment, mml_look_rate(moment, counters[i]) * page);
}

static void reclaim_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct reclaim_view *v = (struct reclaim_view *)view;

	if (fresh)
		remember(v, moment);
	for (int i = 0; i < PARTS; i++)
		mml_grid_sample(v->grids[i], moment);
}

/* "swap out          22M/s  __..--" */
static void draw_past(const struct reclaim_view *v, const struct mml_moment *moment,
		      const struct mml_canvas *canvas, int y, enum past which)
{
	double now = mml_history_now(&v->past[which]);
	char text[MML_LOOK_TEXT], value[MML_LOOK_TEXT + 4] = "-";

	if (!isnan(now) && which == STALLED)
		snprintf(value, sizeof(value), "%.1f%%", now);
	else if (!isnan(now))
		snprintf(value, sizeof(value), "%s/s", mml_look_size(now, &moment->style, text));
	mml_draw(canvas, y, 0, MML_INK_QUIET, labels[which]);
	mml_draw_field(canvas, y, LABEL, VALUE - LABEL - 1, true,
		       which == STALLED && now >= 1 ? MML_INK_WARN : MML_INK_TEXT, value);
	mml_plot_line(canvas, y, VALUE, canvas->cols - VALUE, &v->past[which]);
}

/* As many lines as there is room for, in two columns. */
static void draw_pasts(const struct reclaim_view *v, const struct mml_moment *moment,
		       const struct mml_canvas *canvas)
{
	int left = (canvas->cols - GAP) / 2;

	for (int i = 0; i < PASTS / 2 && i < canvas->rows; i++) {
		struct mml_canvas a = mml_canvas_part(canvas, i, 0, 1, left);
		struct mml_canvas b = mml_canvas_part(canvas, i, left + GAP, 1, canvas->cols - left - GAP);

		draw_past(v, moment, &a, 0, (enum past)i);
		draw_past(v, moment, &b, 0, (enum past)(i + PASTS / 2));
	}
}

/* "410M of 2.0G" in swap, or "" where there is none */
static void swap_note(const struct mml_moment *moment, char ret[64])
{
	const struct mml_table *swaps = mml_look_table(moment, "swaps");
	char a[MML_LOOK_TEXT], b[MML_LOOK_TEXT];
	double used = 0, size = 0;

	*ret = '\0';
	for (size_t i = 0; swaps && i < swaps->nrows; i++) {
		const struct mml_row *row = mml_table_row(swaps, i);
		const char *type = mml_look_str(swaps, row, "type");

		/* What zswap holds has its place on a device. */
		if (!type || !strcmp(type, "zswap"))
			continue;
		used += fmax(mml_look_num(swaps, row, "used"), 0);
		size += fmax(mml_look_num(swaps, row, "size"), 0);
	}
	if (size > 0)
		snprintf(ret, 64, "%.20s of %.20s", mml_look_size(used, &moment->style, a),
			 mml_look_size(size, &moment->style, b));
	else if (swaps && !swaps->error)
		snprintf(ret, 64, "there is no swap");
}

static void draw_part(const struct reclaim_view *v, const struct mml_moment *moment,
		      const struct mml_canvas *canvas, enum part part)
{
	struct mml_canvas body;
	char note[64] = "";

	if (part == SWAPS)
		swap_note(moment, note);
	body = mml_look_section(canvas, parts[part].title, note);
	mml_grid_focus(v->grids[part], part == v->at);
	mml_grid_draw(v->grids[part], moment, &body);
}

/* A kind of memory, and which share of what is freed it is. */
static void draw_found(const struct mml_moment *moment, const struct mml_canvas *body, int y,
		       const char *label, double rate, double all)
{
	double bytes = rate * (double)moment->now->host.page_size;
	char text[MML_LOOK_TEXT], value[MML_LOOK_TEXT + 4] = "-";

	if (!isnan(bytes))
		snprintf(value, sizeof(value), "%s/s", mml_look_size(bytes, &moment->style, text));
	mml_draw(body, y, 0, MML_INK_QUIET, label);
	mml_draw_field(body, y, LABEL, VALUE - LABEL - 1, true, MML_INK_TEXT, value);
	if (!(all > 0) || isnan(rate))
		return;
	mml_drawf(body, y, VALUE, MML_INK_TEXT, "%5.1f%%", rate * 100 / all);
	mml_plot_share(body, y, VALUE + 7, body->cols - VALUE - 7, rate / all, MML_INK_PLOT);
}

/* What reclaim looks at and frees, for the machine and for groups. */
static void draw_finds(const struct mml_moment *moment, const struct mml_canvas *canvas)
{
	double file = mml_look_rate(moment, "pgsteal_file"), anon = mml_look_rate(moment, "pgsteal_anon");
	double scan = mml_look_rate(moment, "pgscan_file") + mml_look_rate(moment, "pgscan_anon");
	struct mml_canvas body = mml_look_section(canvas, "Reclaim finds", "of what it frees now");

	draw_found(moment, &body, 0, "file cache", file, file + anon);
	draw_found(moment, &body, 1, "anon to swap", anon, file + anon);
	draw_found(moment, &body, 2, "looked at", scan, 0);
	if (scan > 0)
		mml_drawf(&body, 2, VALUE, MML_INK_TEXT, "%5.1f%% of it freed", (file + anon) * 100 / scan);
}

static void reclaim_draw(struct mml_view *view, const struct mml_moment *moment,
			 const struct mml_canvas *canvas)
{
	struct reclaim_view *v = (struct reclaim_view *)view;
	int top = canvas->rows >= 14 ? PASTS / 2 : canvas->rows >= 8 ? 1 : 0;
	int rest = canvas->rows - top, below = rest >= 10 ? rest * 2 / 5 : 0;
	bool beside = below && canvas->cols >= 2 * FINDS;
	struct mml_canvas part = mml_canvas_part(canvas, 0, 0, top, canvas->cols);

	draw_pasts(v, moment, &part);
	part = mml_canvas_part(canvas, top, 0, rest - below, canvas->cols);
	draw_part(v, moment, &part, below ? WAITS : v->at);
	if (below) {
		part = mml_canvas_part(canvas, canvas->rows - below, 0, below,
				       canvas->cols - (beside ? FINDS + GAP : 0));
		draw_part(v, moment, &part, SWAPS);
	}
	if (beside && moment->now) {
		part = mml_canvas_part(canvas, canvas->rows - below, canvas->cols - FINDS, below, FINDS);
		draw_finds(moment, &part);
	}
	mml_look_age(canvas, moment);
}

static void reclaim_headline(struct mml_view *view, const struct mml_moment *moment,
			     struct mml_headline *ret)
{
	double some = mml_look_stalled(moment, "some"), full = mml_look_stalled(moment, "full");

	(void)view;
	if (isnan(some)) {
		snprintf(ret->text, sizeof(ret->text), "Reclaim  how long tasks stall is not known   %s",
			 mml_look_watching(moment));
		return;
	}
	snprintf(ret->text, sizeof(ret->text),
		 "Reclaim  tasks stalled %.1f %% (full %.1f %%)   %s", some,
		 isnan(full) ? 0 : full, mml_look_watching(moment));
}

/* Enter on a process shows its mappings. */
static bool enter(const struct reclaim_view *v, struct mml_action *ret)
{
	const struct mml_grid *grid = v->grids[v->at];
	const struct mml_row *row = mml_grid_row(grid);
	const struct mml_table like = { .schema = mml_grid_select(v->grids[v->at])->schema };
	const char *name;
	uint64_t pid;

	if (!row || !mml_look_u64(&like, row, "pid", &pid) || !pid)
		return false;
	name = mml_look_str(&like, row, "comm");
	ret->kind = MML_OPEN;
	ret->view = "vmas";
	ret->target.pid = (pid_t)pid;
	snprintf(ret->target.title, sizeof(ret->target.title), "%" PRIu64 " %s", pid, name ? name : "");
	return true;
}

static bool reclaim_input(struct mml_view *view, const struct mml_moment *moment,
			  const struct mml_input *in, struct mml_action *ret)
{
	struct reclaim_view *v = (struct reclaim_view *)view;

	(void)moment;
	if (in->key == MML_MOUSE) {
		for (int i = 0; i < PARTS; i++)
			if (mml_grid_has_point(v->grids[i], in->mouse.y, in->mouse.x))
				v->at = (enum part)i;
		return false;
	}
	if (in->what == MML_DO_ENTER)
		return enter(v, ret);
	if (in->what != MML_DO_TREE)
		return false;
	v->at = (v->at + 1) % PARTS;
	return true;
}

static struct mml_grid *reclaim_grid(struct mml_view *view)
{
	return ((struct reclaim_view *)view)->grids[((struct reclaim_view *)view)->at];
}

static struct mml_grid *reclaim_grids(struct mml_view *view, size_t i)
{
	return i < PARTS ? ((struct reclaim_view *)view)->grids[i] : NULL;
}

static const char *reclaim_enter(struct mml_view *view)
{
	return mml_grid_row(reclaim_grid(view)) ? "its mappings" : NULL;
}

static const struct mml_view_key keys[] = {
	{ "Enter", "the mappings of the process", NULL },
	{ "t", "who waits, or who swaps", "next part" },
	{ NULL, NULL, NULL },
};

const struct mml_view_ops mml_view_reclaim = {
	.name = "reclaim",
	.help = "Why tasks wait for memory: stalls, who has to reclaim, and who swaps.",
	.size = sizeof(struct reclaim_view),
	.keys = keys,
	.open = reclaim_open,
	.close = reclaim_close,
	.want = reclaim_want,
	.sample = reclaim_sample,
	.headline = reclaim_headline,
	.draw = reclaim_draw,
	.enter = reclaim_enter,
	.input = reclaim_input,
	.grid = reclaim_grid,
	.grids = reclaim_grids,
};
