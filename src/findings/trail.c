/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"

static const uint64_t second = 1000000000;

void mml_trail_free(struct mml_trail *trail)
{
	for (size_t i = 0; i < trail->n; i++)
		free(trail->items[i].name);
	free(trail->items);
	*trail = (struct mml_trail){ 0 };
}

/* The kernel lists things in the same order each time, so the item at HINT is nearly always the
 * right one. */
static struct mml_trail_item *find(const struct mml_trail *trail, const char *name,
				     size_t hint)
{
	if (hint < trail->n && !strcmp(trail->items[hint].name, name))
		return &trail->items[hint];
	for (size_t i = 0; i < trail->n; i++)
		if (!strcmp(trail->items[i].name, name))
			return &trail->items[i];
	return NULL;
}

static struct mml_trail_item *add(struct mml_trail *trail, const char *name)
{
	struct mml_trail_item *more = trail->items;
	char *copy = mml_strdup(name);

	if (trail->n == trail->cap) {
		size_t cap = trail->cap ? trail->cap * 2 : 32;

		more = mml_realloc(trail->items, cap, sizeof(*more));
		if (more) {
			trail->items = more;
			trail->cap = cap;
		}
	}
	if (!copy || !more) {
		free(copy);
		return NULL;
	}
	more[trail->n] = (struct mml_trail_item){ .name = copy, .first_ns = trail->look_ns };
	return &more[trail->n++];
}

/* Forgets every second moment but the first, and doubles the time between moments. */
static void thin_out(struct mml_trail *trail)
{
	for (unsigned i = 1; i < MML_TRAIL_POINTS / 2; i++) {
		trail->when[i] = trail->when[2 * i];
		for (size_t k = 0; k < trail->n; k++)
			trail->items[k].size[i] = trail->items[k].size[2 * i];
	}
	trail->points = MML_TRAIL_POINTS / 2;
	for (size_t k = 0; k < trail->n; k++)
		memset(trail->items[k].size + trail->points, 0,
		       (MML_TRAIL_POINTS - trail->points) * sizeof(uint64_t));
	trail->spacing_ns *= 2;
}

/* Once a quarter of an hour is remembered, each new moment takes the place of the oldest one. */
static void slide(struct mml_trail *trail)
{
	memmove(trail->when, trail->when + 1,
		(MML_TRAIL_POINTS - 1) * sizeof(trail->when[0]));
	trail->points = MML_TRAIL_POINTS - 1;
	for (size_t k = 0; k < trail->n; k++) {
		uint64_t *size = trail->items[k].size;

		memmove(size, size + 1, (MML_TRAIL_POINTS - 1) * sizeof(*size));
		size[MML_TRAIL_POINTS - 1] = 0;
	}
}

bool mml_trail_begin(struct mml_trail *trail, uint64_t now_ns)
{
	if (now_ns <= trail->look_ns)
		return false;
	trail->look_ns = now_ns;
	if (!trail->spacing_ns)
		trail->spacing_ns = second;
	trail->stores = !trail->points ||
			  now_ns >= trail->when[trail->points - 1] + trail->spacing_ns;
	for (size_t i = 0; i < trail->n; i++)
		trail->items[i].fresh = false;
	if (!trail->stores)
		return true;
	if (trail->points == MML_TRAIL_POINTS) {
		if (trail->spacing_ns < 60 * second)
			thin_out(trail);
		else
			slide(trail);
	}
	trail->when[trail->points] = now_ns;
	return true;
}

void mml_trail_put(struct mml_trail *trail, const char *name, size_t hint, uint64_t size)
{
	struct mml_trail_item *item = find(trail, name, hint);

	if (!item) {
		item = add(trail, name);
		if (!item)
			return;
	} else if (size > item->last) {
		item->rises++;
		item->rose_ns = trail->look_ns;
	}
	item->last = size;
	item->fresh = true;
	if (trail->stores)
		item->size[trail->points] = size;
}

static bool forgotten(const struct mml_trail_item *item)
{
	for (unsigned i = 0; i < MML_TRAIL_POINTS; i++)
		if (item->size[i])
			return false;
	return !item->fresh;
}

void mml_trail_end(struct mml_trail *trail)
{
	size_t kept = 0;

	trail->points += trail->stores;
	for (size_t i = 0; i < trail->n; i++) {
		if (forgotten(&trail->items[i]))
			free(trail->items[i].name);
		else
			trail->items[kept++] = trail->items[i];
	}
	trail->n = kept;
}

/* The points of an item over time, and the line through them. */
struct line {
	double n, t, y, tt, ty, yy;
};

static void line_add(struct line *line, double t, double y)
{
	line->n++;
	line->t += t;
	line->y += y;
	line->tt += t * t;
	line->ty += t * y;
	line->yy += y * y;
}

/* Two points always lie on a line, which says nothing about the noise. */
static void line_fit(const struct line *line, struct mml_growth *ret)
{
	double n = line->n, tt = line->tt - line->t * line->t / n;
	double ty = line->ty - line->t * line->y / n, yy = line->yy - line->y * line->y / n;
	double rest;

	ret->slope = tt > 0 ? ty / tt : 0;
	rest = yy - ret->slope * ty;
	ret->noise = n > 2 && tt > 0 ? sqrt((rest > 0 ? rest : 0) / (n - 2) / tt) :
				       (double)INFINITY;
}

/* How long an item takes from one rise to the next is known from those it had. */
static bool paused(const struct mml_trail_item *item, uint64_t size, uint64_t now_ns)
{
	uint64_t gap;

	if (size > item->last)
		return false;
	if (!item->rises)
		return true;
	gap = (item->rose_ns - item->first_ns) / item->rises;
	return now_ns - item->rose_ns > (gap > second ? 4 * gap : 4 * second);
}

bool mml_trail_growth(const struct mml_trail *trail, const char *name, size_t hint,
			uint64_t size, uint64_t now_ns, struct mml_growth *ret)
{
	const struct mml_trail_item *item = find(trail, name, hint);
	struct line line = { 0 };
	uint64_t before = 0, first_ns = 0;
	bool stored;

	*ret = (struct mml_growth){ .name = name, .last = size };
	if (!item || !trail->points || now_ns < trail->when[trail->points - 1])
		return false;
	stored = now_ns == trail->when[trail->points - 1];
	for (unsigned i = 0; i < trail->points + !stored; i++) {
		uint64_t at = i < trail->points ? trail->when[i] : now_ns;
		uint64_t y = i < trail->points ? item->size[i] : size;

		if (!y)
			continue;
		if (!ret->points++) {
			ret->first = y;
			first_ns = at;
		} else {
			ret->rises += y > before;
			ret->falls += y < before;
		}
		/* Sums of small numbers lose fewer digits. */
		line_add(&line, (double)(at - first_ns) / 1e9, (double)y - (double)ret->first);
		before = y;
	}
	if (ret->points < 2)
		return false;
	ret->span_ns = now_ns - first_ns;
	ret->paused = paused(item, size, now_ns);
	line_fit(&line, ret);
	return true;
}
