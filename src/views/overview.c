/* The first view: where memory is, what looks wrong, who grew. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overview.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE = 100, WIDEST = 180, GAP = 2, LIST_PERIOD = 500 };

static int overview_open(struct mml_view *view)
{
	struct overview *ov = (struct overview *)view;

	ov->grew = mml_grew_new();
	ov->total = ov->available = (double)NAN;
	ov->past[OV_STALLED].rate = ov->past[OV_RECLAIM].rate = ov->past[OV_REFAULT].rate = true;
	return ov->grew ? 0 : -ENOMEM;
}

static void overview_close(struct mml_view *view)
{
	mml_grew_free(((struct overview *)view)->grew);
}

/* With more processes than LIST_PERIOD they are listed in every second sample only, and so on: looking at all of
 * them must not be what the screen spends its time on. */
static bool list_processes(struct overview *ov)
{
	unsigned every = 1 + (unsigned)(ov->nprocesses / LIST_PERIOD);

	return ov->samples++ % every == 0;
}

static void overview_want(struct mml_view *view, struct mml_wants *ret)
{
	struct overview *ov = (struct overview *)view;

	mml_want(ret, "balance", "");
	mml_want(ret, "meminfo", "");
	mml_want(ret, "findings", "");
	mml_want(ret, "zones", "");
	mml_want(ret, "psi", "");
	mml_want(ret, "vmstat", "");
	mml_want(ret, "swaps", "");
	mml_want(ret, "slab", "");
	mml_want(ret, "shmem", "used,limit,cached");
	overview_want_group(ret);
	if (list_processes(ov))
		mml_want(ret, "processes", "rss,rss_anon,comm");
}

static void overview_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct overview *ov = (struct overview *)view;
	const struct mml_table *processes;

	if (!moment->now)
		return;
	ov->moment = moment;
	processes = mml_look_table(moment, "processes");
	if (processes)
		ov->nprocesses = processes->nrows;
	overview_add_up(ov);
	overview_rank_zones(ov);
	overview_rank_largest(ov);
	if (fresh) {
		overview_remember(ov);
		mml_grew_sample(ov->grew, moment);
	}
	mml_grew_rank(ov->grew, moment, ov->available);
	ov->moment = NULL;
}

static int findings_rows(const struct mml_canvas *canvas)
{
	return canvas->rows >= 58 ? 5 : canvas->rows >= 34 ? 4 : canvas->rows >= 5 ? 2 : 1;
}

/* Two columns of panels, the right one RIGHT wide. */
static void draw_columns(struct overview *ov, const struct mml_canvas *canvas, int right,
			 const struct mml_stack *left, size_t nleft, const struct mml_stack *other,
			 size_t nother)
{
	struct mml_canvas a = mml_canvas_part(canvas, 0, 0, canvas->rows, canvas->cols - right - GAP);
	struct mml_canvas b = mml_canvas_part(canvas, 0, canvas->cols - right, canvas->rows, right);

	mml_look_stack(&a, left, nleft, ov);
	mml_look_stack(&b, other, nother, ov);
}

enum { ALL = 1000 };

/* Below WIDE columns: who grew, then two columns of panels; below 60, one after the other. */
static void draw_narrow(struct overview *ov, const struct mml_canvas *canvas)
{
	int grew = canvas->rows / 3 > 4 ? canvas->rows / 3 : 4;
	struct mml_canvas top, rest;
	const struct mml_stack left[] = { { overview_uses, 2, ALL, 2 } };
	const struct mml_stack right[] = { { overview_past, 4, 8, 2 },
					   { overview_zones, 2, 1 + overview_zones_rows(ov), 1 } };

	if (canvas->cols < 60 || canvas->rows < 10) {
		const struct mml_stack all[] = { { overview_grew, 2, ALL, 2 }, { overview_uses, 8, ALL, 1 } };

		mml_look_stack(canvas, all, 2, ov);
		return;
	}
	top = mml_canvas_part(canvas, 0, 0, grew, canvas->cols);
	rest = mml_canvas_part(canvas, grew, 0, canvas->rows - grew, canvas->cols);
	overview_grew(ov, &top);
	draw_columns(ov, &rest, canvas->cols / 2, left, 1, right, 2);
}

static void draw_wide(struct overview *ov, const struct mml_canvas *canvas)
{
	int grew = canvas->rows / 3 > 4 ? canvas->rows / 3 : 4;
	const struct mml_stack left[] = { { overview_grew, grew, grew, 2 },
					  { overview_uses, 3, ALL, 1 } };
	const struct mml_stack right[] = { { overview_past, 6, 11, 4 },
					   { overview_zones, 2, 2 + overview_zones_rows(ov), 3 },
					   { overview_largest, 3, 8, 2 },
					   { overview_slab, 3, ALL, 1 } };

	draw_columns(ov, canvas, 48, left, 2, right, 4);
}

static void draw_widest(struct overview *ov, const struct mml_canvas *canvas)
{
	enum { USES = 22 }; /* always, so that the panel below it stays where it is */
	int grew = canvas->rows / 3 > 10 ? canvas->rows / 3 : 10, third = (canvas->cols - 2 * GAP) / 3;
	struct mml_canvas top = mml_canvas_part(canvas, 0, 0, grew, canvas->cols);
	struct mml_canvas rest = mml_canvas_part(canvas, grew, 0, canvas->rows - grew, canvas->cols);
	struct mml_canvas last = mml_canvas_part(&rest, 0, rest.cols - third, rest.rows, third);
	const struct mml_stack a[] = { { overview_grew, 2, ALL, 1 } }, b[] = { { overview_past, 2, ALL, 1 } };
	const struct mml_stack uses[] = { { overview_uses, 2, USES, 2 },
					  { overview_slab, 4, ALL, 1 } };
	const struct mml_stack largest[] = { { overview_largest, 2, ALL, 1 } };
	const struct mml_stack zones[] = { { overview_zones, 2, 2 + overview_zones_rows(ov), 3 },
					   { overview_groups, 3, 2 + (int)ov->ngroups, 2 } };

	draw_columns(ov, &top, canvas->cols / 2 - GAP, a, 1, b, 1);
	mml_look_stack(&last, zones, 2, ov);
	rest = mml_canvas_part(&rest, 0, 0, rest.rows, rest.cols - third - GAP);
	draw_columns(ov, &rest, third, uses, 2, largest, 1);
}

static void draw_lists(struct overview *ov, const struct mml_canvas *canvas)
{
	if (canvas->cols >= WIDEST && canvas->rows >= 30)
		draw_widest(ov, canvas);
	else if (canvas->cols >= WIDE && canvas->rows >= 20)
		draw_wide(ov, canvas);
	else
		draw_narrow(ov, canvas);
}

static void overview_draw(struct mml_view *view, const struct mml_moment *moment,
			  const struct mml_canvas *canvas)
{
	struct overview *ov = (struct overview *)view;
	int bar = canvas->rows >= 12 ? 2 : 1, rows = findings_rows(canvas), group = 0;
	bool beside = canvas->cols >= WIDEST;
	struct mml_canvas part;

	ov->moment = moment;
	if (!moment->now) {
		mml_draw(canvas, 0, 0, MML_INK_QUIET, "reading ...");
		return;
	}
	mml_panels_begin(&ov->panels);
	part = mml_canvas_part(canvas, 0, 0, bar, canvas->cols);
	overview_bar(ov, &part);
	/* Where mmlens is in a group with a limit, its row is one of the findings'. */
	part = mml_canvas_part(canvas, bar, 0, rows > 1 ? 1 : 0, canvas->cols);
	group = overview_group(ov, &part);
	bar += group;
	rows -= group;
	part = mml_canvas_part(canvas, bar, 0, canvas->rows - bar, canvas->cols);
	if (ov->explaining && !beside) {
		overview_why(ov, &part);
		return;
	}
	part = mml_canvas_part(canvas, bar, 0, rows, beside ? canvas->cols / 2 : canvas->cols);
	overview_findings(ov, &part);
	if (beside) {
		part = mml_canvas_part(canvas, bar, canvas->cols / 2 + GAP, rows,
				       canvas->cols - canvas->cols / 2 - GAP);
		overview_why_beside(ov, &part);
	}
	part = mml_canvas_part(canvas, bar + rows, 0, canvas->rows - bar - rows, canvas->cols);
	draw_lists(ov, &part);
	mml_look_age(canvas, moment);
	ov->wide = beside;
}

static bool overview_input(struct mml_view *view, const struct mml_moment *moment,
			   const struct mml_input *in, struct mml_action *ret)
{
	struct overview *ov = (struct overview *)view;
	bool enter, finding;

	ov->moment = moment;
	if (!moment->now)
		return false;
	if (in->what == MML_DO_BACK && ov->explaining) {
		ov->explaining = false;
		return true;
	}
	if (!mml_panels_input(&ov->panels, in, &enter) && !enter)
		return false;
	finding = ov->panels.focus == OV_FINDINGS && overview_finding(ov, NULL, NULL);
	if (enter && finding && !ov->explaining && !ov->wide)
		ov->explaining = true;
	else if (enter)
		overview_enter(ov, ret);
	return true;
}

static const char *overview_enter_word(struct mml_view *view)
{
	struct overview *ov = (struct overview *)view;

	switch (ov->panels.focus) {
	case OV_FINDINGS:
		return ov->explaining || ov->wide ? "go there" : "why";
	default:
		return "go there";
	}
}

static const struct mml_view_key keys[] = {
	{ "Enter", "why, of a finding, and then the view it is about; the view of a part, a process, a cache", NULL },
	{ "w", "what grew in 10 s, 1 min, 10 min, or since the mark", "span" },
	{ NULL, NULL, NULL },
};

const struct mml_view_ops mml_view_overview = {
	.name = "overview",
	.help = "Where memory is, what looks wrong, and who grew.",
	.size = sizeof(struct overview),
	.background = true,
	.keys = keys,
	.open = overview_open,
	.close = overview_close,
	.want = overview_want,
	.sample = overview_sample,
	.draw = overview_draw,
	.enter = overview_enter_word,
	.input = overview_input,
};
