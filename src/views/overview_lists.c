/* Zones against their marks, the largest programs, the largest slab caches. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/slab/caches.h"
#include "overview.h"

/* How near a zone is to its low mark. */
static double nearness(const struct mml_table *zones, const struct mml_row *row)
{
	return mml_look_num(zones, row, "headroom") / fmax(mml_look_num(zones, row, "low"), 1);
}

static int nearer(const void *a, const void *b, void *ctx)
{
	const struct mml_table *zones = ctx;
	double x = nearness(zones, mml_table_row(zones, *(const size_t *)a));
	double y = nearness(zones, mml_table_row(zones, *(const size_t *)b));

	return x < y ? -1 : x > y ? 1 : 0;
}

void overview_rank_zones(struct overview *ov)
{
	const struct mml_table *zones = mml_look_table(ov->moment, "zones");

	ov->nzones = 0;
	for (size_t i = 0; zones && i < zones->nrows && ov->nzones < OV_ZONES_MAX; i++)
		if (mml_look_str(zones, mml_table_row(zones, i), "class_state"))
			ov->zones[ov->nzones++] = i;
	qsort_r(ov->zones, ov->nzones, sizeof(*ov->zones), nearer, (void *)zones);
}

int overview_zones_rows(const struct overview *ov)
{
	return ov->nzones ? (int)ov->nzones : 1;
}

static void draw_zone(struct overview *ov, const struct mml_canvas *body, int y,
		      const struct mml_table *zones, const struct mml_row *row)
{
	double usable = mml_look_num(zones, row, "usable"), min = mml_look_num(zones, row, "min");
	double low = mml_look_num(zones, row, "low"), high = mml_look_num(zones, row, "high");
	double whole = fmax(mml_look_num(zones, row, "managed"), high * 2);
	struct mml_scale scale = { fmax(min / 4, 1), whole, true };
	const struct mml_mark marks[] = { { min, 'm' }, { low, 'l' }, { high, 'h' } };
	const char *state = mml_look_str(zones, row, "class_state");
	enum mml_ink ink = mml_look_zone_ink(state);
	int x = 10, end = body->cols - 14;
	char text[MML_LOOK_TEXT], name[MML_LOOK_TEXT];
	uint64_t node = 0;

	mml_look_u64(zones, row, "node", &node);
	snprintf(name, sizeof(name), "%" PRIu64 " %s", node,
		 mml_look_safe(mml_look_str(zones, row, "zone"), &ov->moment->style, text));
	mml_draw_field(body, y, 0, x - 1, false, MML_INK_TEXT, name);
	if (end - x >= 8)
		mml_plot_marks(body, y, x, end - x, usable, &scale, marks, 3, ink);
	mml_draw_field(body, y, end, 6, true, MML_INK_TEXT,
		       mml_look_size(usable, &ov->moment->style, text));
	mml_draw_field(body, y, end + 7, 7, true, ink == MML_INK_TEXT ? MML_INK_QUIET : ink,
		       mml_look_zone_word(state));
}

static const char *zone_key(void *ctx, size_t row)
{
	struct overview *ov = ctx;

	snprintf(ov->key, sizeof(ov->key), "%zu", ov->zones[row]);
	return ov->key;
}

void overview_zones(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *zones = mml_look_table(ov->moment, "zones");
	char note[64] = "free against its marks, log scale";
	struct mml_canvas body;
	size_t top;

	if (canvas->cols < 48)
		snprintf(note, sizeof(note), "free, log scale");
	if ((int)ov->nzones > canvas->rows - 1)
		snprintf(note, sizeof(note), "the nearest %d of %zu", canvas->rows - 1, ov->nzones);
	body = mml_panel_draw(&ov->panels, OV_ZONES, canvas, "Zones", note, ov->nzones, zone_key, ov);
	if (!ov->nzones)
		mml_look_absent(&body, zones);
	top = mml_panel_top(&ov->panels, OV_ZONES);
	for (size_t i = top; i < ov->nzones && (int)(i - top) < body.rows; i++) {
		draw_zone(ov, &body, (int)(i - top), zones, mml_table_row(zones, ov->zones[i]));
		if (mml_panel_here(&ov->panels, OV_ZONES, i))
			mml_draw_cursor(&body, (int)(i - top), 0, body.cols);
	}
}

static int larger(const void *a, const void *b)
{
	double x = ((const struct overview_largest *)a)->bytes, y = ((const struct overview_largest *)b)->bytes;

	return x < y ? 1 : x > y ? -1 : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct overview_largest *)a)->name,
		      ((const struct overview_largest *)b)->name);
}

/* Anonymous memory belongs to one process alone, so that the sum over a program's is right. */
static void rank_programs(struct overview *ov, const struct mml_table *processes)
{
	struct overview_largest *all = mml_calloc(processes->nrows + 1, sizeof(*all));
	size_t n = 0, sums = 0;

	for (size_t i = 0; all && i < processes->nrows; i++) {
		const struct mml_row *row = mml_table_row(processes, i);
		const char *comm = mml_look_str(processes, row, "comm");
		double bytes = mml_look_num(processes, row, "rss_anon");

		if (!comm || isnan(bytes))
			continue;
		snprintf(all[n].name, sizeof(all[n].name), "%s", comm);
		all[n] = (struct overview_largest){ .bytes = bytes, .n = 1 };
		snprintf(all[n].name, sizeof(all[n].name), "%s", comm);
		n++;
	}
	if (all)
		qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++) {
		if (sums && !strcmp(all[sums - 1].name, all[i].name)) {
			all[sums - 1].bytes += all[i].bytes;
			all[sums - 1].n++;
		} else {
			all[sums++] = all[i];
		}
	}
	if (all)
		qsort(all, sums, sizeof(*all), larger);
	ov->nprograms = sums < OV_LIST ? sums : OV_LIST;
	if (all)
		memcpy(ov->programs, all, ov->nprograms * sizeof(*all));
	free(all);
}

/* Puts ONE where it belongs among the N of LIST, the largest first, if it is large enough. */
static void rank(struct overview_largest list[OV_LIST], size_t *n, const struct overview_largest *one)
{
	size_t at = *n;

	if (!(one->bytes > 0) || (at == OV_LIST && list[at - 1].bytes >= one->bytes))
		return;
	at = at == OV_LIST ? at - 1 : (*n)++;
	for (; at && list[at - 1].bytes < one->bytes; at--)
		list[at] = list[at - 1];
	list[at] = *one;
}

static void rank_caches(struct overview *ov, const struct mml_table *slab)
{
	ov->ncaches = 0;
	for (size_t i = 0; i < slab->nrows; i++) {
		const struct mml_row *row = mml_table_row(slab, i);
		struct overview_largest one = { .bytes = mml_look_num(slab, row, "size") };
		const char *cache = mml_look_str(slab, row, "cache");

		if (!cache)
			continue;
		snprintf(one.name, sizeof(one.name), "%s", cache);
		one.holds = mml_cache_holds(cache);
		rank(ov->caches, &ov->ncaches, &one);
	}
}

static void rank_groups(struct overview *ov, const struct mml_table *groups)
{
	ov->ngroups = 0;
	for (size_t i = 0; i < groups->nrows; i++) {
		const struct mml_row *row = mml_table_row(groups, i);
		struct overview_largest one = { .bytes = mml_look_num(groups, row, "current") };
		const char *path = mml_look_str(groups, row, "path"), *name = mml_look_str(groups, row, "name");

		if (!mml_look_innermost(groups, i) || strlen(path) >= sizeof(one.path))
			continue;
		snprintf(one.path, sizeof(one.path), "%s", path);
		snprintf(one.name, sizeof(one.name), "%s", name ? name : path);
		rank(ov->groups, &ov->ngroups, &one);
	}
}

void overview_rank_largest(struct overview *ov)
{
	const struct mml_table *processes = mml_look_table(ov->moment, "processes");
	const struct mml_table *slab = mml_look_table(ov->moment, "slab");
	const struct mml_table *groups = mml_look_table(ov->moment, "cgroups");

	if (processes)
		rank_programs(ov, processes);
	if (slab)
		rank_caches(ov, slab);
	if (groups)
		rank_groups(ov, groups);
}

static const char *program_key(void *ctx, size_t row)
{
	return ((struct overview *)ctx)->programs[row].name;
}

static const char *cache_key(void *ctx, size_t row)
{
	return ((struct overview *)ctx)->caches[row].name;
}

static const char *group_key(void *ctx, size_t row)
{
	return ((struct overview *)ctx)->groups[row].path;
}

static void draw_largest(struct overview *ov, const struct mml_canvas *canvas, enum overview_panel id,
			 const char *title, const char *note, const struct overview_largest *list, size_t n,
			 const char *(*key)(void *ctx, size_t row))
{
	struct mml_canvas body = mml_panel_draw(&ov->panels, id, canvas, title, note, n, key, ov);
	size_t top = mml_panel_top(&ov->panels, id);
	/* What a cache holds stands between the bar and the size, where there is room. */
	enum { WORDS_FROM = 60 };
	char text[MML_LOOK_TEXT], name[MML_LOOK_TEXT + 16];
	int bar = 22;
	int words = id == OV_SLAB && body.cols >= WORDS_FROM ? (body.cols - 8 - bar) * 3 / 4 : 0;

	for (size_t i = top; i < n && (int)(i - top) < body.rows; i++) {
		int y = (int)(i - top), end = body.cols - 8;

		mml_look_safe(list[i].name, &ov->moment->style, text);
		if (list[i].n)
			snprintf(name, sizeof(name), "%u %s", list[i].n, text);
		else
			snprintf(name, sizeof(name), "%s", text);
		mml_draw_field(&body, y, 0, bar - 1, false, MML_INK_TEXT, name);
		if (words) {
			end -= words + 1;
			mml_draw_field(&body, y, end + 1, words, false, MML_INK_QUIET,
				       list[i].holds ? list[i].holds : "");
		}
		if (end > bar)
			mml_plot_share(&body, y, bar, end - bar, list[i].bytes / list[0].bytes,
				       MML_INK_PLOT);
		mml_draw_field(&body, y, body.cols - 7, 7, true, MML_INK_TEXT,
			       mml_look_size(list[i].bytes, &ov->moment->style, text));
		if (mml_panel_here(&ov->panels, id, i))
			mml_draw_cursor(&body, y, 0, body.cols);
	}
}

void overview_largest(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;

	draw_largest(ov, canvas, OV_LARGEST, "Largest programs", "anonymous memory", ov->programs,
		     ov->nprograms, program_key);
}

void overview_slab(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *slab = mml_look_table(ov->moment, "slab");

	draw_largest(ov, canvas, OV_SLAB, "Slab caches", "size", ov->caches, ov->ncaches, cache_key);
	if (!ov->ncaches && canvas->rows > 1) {
		struct mml_canvas body = mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);

		mml_look_absent(&body, slab);
	}
}

void overview_groups(void *ctx, const struct mml_canvas *canvas)
{
	struct overview *ov = ctx;
	const struct mml_table *groups = mml_look_table(ov->moment, "cgroups");

	draw_largest(ov, canvas, OV_GROUPS, "Control groups", "usage, of those with none inside", ov->groups,
		     ov->ngroups, group_key);
	if (!ov->ngroups && canvas->rows > 1) {
		struct mml_canvas body = mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);

		if (!mml_look_absent(&body, groups))
			mml_draw(&body, 0, 0, MML_INK_QUIET, "there are none");
	}
}
