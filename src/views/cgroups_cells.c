/* What stands in cells of the view of control groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cgroups.h"

enum { AT_LIMIT_PERCENT = 99, FARTHEST_S = 10 * 3600, KINDS_WIDTH = 10 };

static double u64_of(const struct mml_row *row, unsigned col)
{
	return mml_has(row, col) ? (double)row->cell[col].u64 : 0;
}

void cgroups_kinds(const struct mml_row *row, struct mml_part ret[CGROUPS_KINDS])
{
	double slab = u64_of(row, CGROUPS_slab);
	double kernel = u64_of(row, CGROUPS_kernel) + u64_of(row, CGROUPS_sock) - slab;

	ret[0] = (struct mml_part){ u64_of(row, CGROUPS_anon), MML_USE_ANON };
	ret[1] = (struct mml_part){ u64_of(row, CGROUPS_shmem), MML_USE_SHMEM };
	ret[2] = (struct mml_part){ u64_of(row, CGROUPS_file), MML_USE_FILE };
	ret[3] = (struct mml_part){ slab, MML_USE_SLAB };
	ret[4] = (struct mml_part){ kernel > 0 ? kernel : 0, MML_USE_KERNEL };
}

double cgroups_full_s(const struct cgroups_view *v, const struct mml_row *row)
{
	double slope = mml_grid_row_steady(v->grid, row), seconds;

	if (!mml_has(row, CGROUPS_headroom) || !(slope > 0))
		return (double)NAN;
	seconds = u64_of(row, CGROUPS_headroom) / slope * 60;
	return seconds <= FARTHEST_S ? seconds : (double)NAN;
}

/* Its usage is all that its limit allows. */
static bool at_limit(const struct mml_row *row)
{
	return mml_has(row, CGROUPS_current) && mml_has(row, CGROUPS_effective_limit) &&
	       u64_of(row, CGROUPS_current) * 100 >= u64_of(row, CGROUPS_effective_limit) * AT_LIMIT_PERCENT;
}

static bool text_tree(const struct cgroups_view *v, const struct mml_row *row, bool utf8, struct mml_buf *out)
{
	const char *mark = !cgroups_is_parent(v, row)	? "  " :
			   cgroups_is_folded(v, row)	? utf8 ? "\u25b8 " : "+ " :
			   utf8				? "\u25be " :
							  "- ";
	enum { DEEPEST = 40 };
	uint64_t depth = mml_has(row, CGROUPS_depth) ? row->cell[CGROUPS_depth].u64 : 0;

	if (!mml_has(row, CGROUPS_name))
		return false;
	for (uint64_t i = 0; i < depth && i < DEEPEST; i++)
		mml_buf_puts(out, "  ");
	mml_buf_puts(out, mark);
	mml_escape(out, row->cell[CGROUPS_name].str, strlen(row->cell[CGROUPS_name].str), utf8);
	return true;
}

/* A group by its name instead of its path, which the tree shows. */
static bool text_limit_of(const struct cgroups_view *v, const struct mml_row *row, bool utf8, struct mml_buf *out)
{
	const char *from = mml_has(row, CGROUPS_limit_from) ? row->cell[CGROUPS_limit_from].str : NULL;
	const struct mml_row *of = from && *from == '/' ? mml_look_row(v->table, "path", from, NULL, NULL) : NULL;

	if (!of || !mml_has(of, CGROUPS_name))
		return false;
	mml_escape(out, of->cell[CGROUPS_name].str, strlen(of->cell[CGROUPS_name].str), utf8);
	return true;
}

static bool text_left(const struct cgroups_view *v, const struct mml_row *row, struct mml_buf *out)
{
	double seconds = cgroups_full_s(v, row);
	char time[MML_LOOK_TEXT];

	if (at_limit(row)) {
		mml_buf_puts(out, "at it");
		return true;
	}
	if (isnan(seconds))
		return false;
	mml_buf_puts(out, mml_look_left(seconds, time));
	return true;
}

/* The rate of an event now; 0: none, or not known. */
static double rate(const struct mml_row *row, unsigned col)
{
	return mml_has(row, col) ? row->cell[col].f64 : 0;
}

/* What happens now comes before what has happened; a kill stays worth knowing. */
static bool text_event(const struct mml_row *row, struct mml_buf *out)
{
	const char *last = mml_has(row, CGROUPS_last_event) ? row->cell[CGROUPS_last_event].str : NULL;
	double max = rate(row, mml_has(row, CGROUPS_max_local_rate) ? CGROUPS_max_local_rate : CGROUPS_max_events_rate);
	double high = rate(row, CGROUPS_throttled_rate);
	bool kill = last && !strcmp(last, "kill");
	char ago[MML_LOOK_TEXT];

	if (!kill && max >= 1) {
		mml_buf_printf(out, "max %.0f a second", max);
	} else if (!kill && high >= 1) {
		mml_buf_printf(out, "high %.0f a second", high);
	} else if (last) {
		mml_buf_puts(out, last);
		if (kill && mml_has(row, CGROUPS_oom_kills))
			mml_buf_printf(out, " %" PRIu64, row->cell[CGROUPS_oom_kills].u64);
		if (mml_has(row, CGROUPS_last_event_age)) {
			double seconds = (double)row->cell[CGROUPS_last_event_age].u64 / 1e9;

			mml_buf_printf(out, ", %s ago", mml_look_left(seconds, ago));
		}
	}
	return true;
}

bool cgroups_text(void *ctx, const struct mml_row *row, unsigned col, bool utf8, struct mml_buf *out)
{
	const struct cgroups_view *v = ctx;

	switch (col) {
	case CGROUPS_tree:
		return text_tree(v, row, utf8, out);
	case CGROUPS_limit_from:
		return text_limit_of(v, row, utf8, out);
	case CGROUPS_headroom:
		return text_left(v, row, out);
	case CGROUPS_last_event:
		return text_event(row, out);
	default:
		return false;
	}
}

int cgroups_picture(void *ctx, unsigned col, int cols, const char **ret_head)
{
	(void)ctx;
	*ret_head = "";
	if (col == CGROUPS_current)
		return cols >= 100 ? 13 : cols >= 70 ? 8 : 0;
	if (col != CGROUPS_stalled)
		return 0;
	*ret_head = "KINDS";
	return KINDS_WIDTH;
}

static void draw_usage(const struct mml_canvas *canvas, const struct mml_row *row)
{
	double limit = u64_of(row, CGROUPS_effective_limit), share;

	if (!mml_has(row, CGROUPS_current) || limit <= 0)
		return;
	share = u64_of(row, CGROUPS_current) / limit;
	mml_plot_share(canvas, 0, 0, canvas->cols, share > 1 ? 1 : share,
		       at_limit(row) && rate(row, CGROUPS_max_events_rate) > 0 ? MML_INK_BAD : MML_INK_PLOT);
}

void cgroups_draw_picture(void *ctx, const struct mml_canvas *canvas, const struct mml_row *row, unsigned col)
{
	struct mml_part kinds[CGROUPS_KINDS];
	double sum = 0;

	(void)ctx;
	if (col == CGROUPS_current) {
		draw_usage(canvas, row);
		return;
	}
	cgroups_kinds(row, kinds);
	for (int i = 0; i < CGROUPS_KINDS; i++)
		sum += kinds[i].value;
	if (sum > 0)
		mml_plot_bar(canvas, 0, 0, canvas->cols, kinds, CGROUPS_KINDS, sum);
}
