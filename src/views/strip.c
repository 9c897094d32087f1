/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strip.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/vma/vmas.h"
#include "../core/unit.h"

/* Kinds of mappings by what their memory is. */
static enum mml_use use_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum mml_use use;
	} uses[] = {
		{ "heap", MML_USE_ANON },   { "stack", MML_USE_ANON },	{ "anon", MML_USE_ANON },
		{ "shmem", MML_USE_SHMEM }, { "secretmem", MML_USE_SHMEM }, { "hugetlb", MML_USE_HUGE }, { "text", MML_USE_FILE },
		{ "data", MML_USE_FILE },   { "file", MML_USE_FILE },
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (!strcmp(uses[i].kind, kind))
			return uses[i].use;
	return MML_USE_KERNEL;
}

static const char *const kinds[] = { "heap", "stack", "anon", "shmem", "hugetlb", "text", "data", "file", "other" };

/* A name that outlives the table; what a program is made of is one kind. */
static const char *kind_name(const char *kind)
{
	if (!strcmp(kind, "text") || !strcmp(kind, "data"))
		return "file";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i], kind))
			return kinds[i];
	return "other";
}

static int add(struct mml_strip *s, const struct mml_row *row)
{
	uint64_t start = row->cell[VMAS_start].u64, end = row->cell[VMAS_end].u64;
	const char *kind = kind_name(row->cell[VMAS_kind].str);
	struct mml_stretch *last = s->n ? &s->stretches[s->n - 1] : NULL;
	uint64_t rss = mml_has(row, VMAS_rss) ? row->cell[VMAS_rss].u64 : 0;

	if (!strcmp(row->cell[VMAS_kind].str, "reserve")) {
		s->reserved += end - start;
		return 0;
	}
	if (last && last->kind == kind && last->end <= start) {
		last->end = end;
		last->size += end - start;
		last->rss += rss;
		return 0;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 128;
		struct mml_stretch *more = realloc(s->stretches, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->stretches = more;
		s->cap = cap;
	}
	s->stretches[s->n++] = (struct mml_stretch){ start, end, end - start, rss, kind,
						     use_of(row->cell[VMAS_kind].str) };
	return 0;
}

int mml_strip_make(struct mml_strip *s, const struct mml_table *vmas)
{
	int rc = 0;

	s->n = 0;
	s->reserved = 0;
	/* The kernel lists mappings in the order of their addresses. */
	for (size_t i = 0; i < vmas->nrows && !rc; i++) {
		const struct mml_row *row = mml_table_row(vmas, i);

		/* The vsyscall page is the kernel's. */
		if (mml_has(row, VMAS_start) && mml_has(row, VMAS_end) && mml_has(row, VMAS_kind) &&
		    !(row->cell[VMAS_start].u64 >> 63))
			rc = add(s, row);
	}
	return rc;
}

void mml_strip_free(struct mml_strip *s)
{
	free(s->stretches);
	*s = (struct mml_strip){ .zoom_start = s->zoom_start, .zoom_end = s->zoom_end };
}

static const struct mml_stretch *stretch_at(const struct mml_strip *s, uint64_t address)
{
	for (size_t i = 0; i < s->n; i++)
		if (address >= s->stretches[i].start && address < s->stretches[i].end)
			return &s->stretches[i];
	return NULL;
}

void mml_strip_zoom(struct mml_strip *s, uint64_t address)
{
	const struct mml_stretch *at = stretch_at(s, address);

	if (s->zoom_end || !at)
		s->zoom_start = s->zoom_end = 0;
	else {
		s->zoom_start = at->start;
		s->zoom_end = at->end;
	}
}

static bool is_shown(const struct mml_strip *s, const struct mml_stretch *t)
{
	return !s->zoom_end || (t->start < s->zoom_end && t->end > s->zoom_start);
}

/* Columns of each stretch that is shown: to scale, but one at the least. Those that do not fit get none. */
static int *divide(const struct mml_strip *s, int cols)
{
	int *width = calloc(s->n + 1, sizeof(*width)), left = cols;
	uint64_t total = 0;
	size_t n = 0, large = 0;

	for (size_t i = 0; width && i < s->n; i++)
		if (is_shown(s, &s->stretches[i])) {
			total += s->stretches[i].size;
			n++;
		}
	for (size_t i = 0; width && i < s->n; i++) {
		if (!is_shown(s, &s->stretches[i]))
			continue;
		/* A column for each, and the rest to scale. */
		width[i] = 1 + (int)((double)s->stretches[i].size / (double)total *
				     (n < (size_t)cols ? cols - (int)n : 0));
		width[i] = width[i] > left ? left : width[i];
		left -= width[i];
		if (s->stretches[i].size > s->stretches[large].size || !is_shown(s, &s->stretches[large]))
			large = i;
	}
	if (width && n)
		width[large] += left;
	return width;
}

static void draw_name(const struct mml_canvas *canvas, int x, int cols, const struct mml_stretch *t)
{
	struct mml_canvas part = mml_canvas_part(canvas, 0, x, 1, cols);
	char size[MML_NUMBER_MAX], text[64];
	int at;

	mml_format_size(size, (double)t->size, MML_AUTO, 4096);
	snprintf(text, sizeof(text), "%s %s", t->kind, size);
	if ((int)strlen(text) >= cols)
		snprintf(text, sizeof(text), "%s", t->kind);
	if ((int)strlen(text) >= cols)
		return;
	at = mml_draw(&part, 0, 0, MML_INK_QUIET, text) + 1;
	mml_draw_run(&part, 0, at, cols - at - 1, MML_INK_QUIET, canvas->utf8 ? 0x2500 : '-');
}

/* What of the stretch is in memory, from its left edge. */
static void draw_stretch(const struct mml_canvas *canvas, int x, int cols, const struct mml_stretch *t)
{
	double share = t->size ? (double)t->rss / (double)t->size : 0;
	int full = (int)lround(share * cols);

	full = !full && t->rss ? 1 : full;
	mml_draw_run(canvas, 1, x, full, mml_use_ink(t->use), mml_use_char(canvas, t->use));
	mml_draw_run(canvas, 1, x + full, cols - full, MML_INK_FREE, canvas->utf8 ? 0xb7 : '.');
}

void mml_strip_draw(const struct mml_strip *s, const struct mml_canvas *canvas, uint64_t address)
{
	const struct mml_stretch *here = stretch_at(s, address);
	int *width = divide(s, canvas->cols), x = 0;
	char size[MML_NUMBER_MAX];

	for (size_t i = 0; width && i < s->n; i++) {
		const struct mml_stretch *t = &s->stretches[i];

		if (!width[i])
			continue;
		draw_name(canvas, x, width[i], t);
		draw_stretch(canvas, x, width[i], t);
		if (t == here) {
			int at = (int)((double)(address - t->start) / (double)(t->end - t->start) * width[i]);

			mml_draw_char(canvas, 2, x + at, MML_INK_STRONG, canvas->utf8 ? 0x25b2 : '^');
		}
		x += width[i];
	}
	if (s->reserved && canvas->cols > 40) {
		char text[96];

		mml_format_size(size, (double)s->reserved, MML_AUTO, 4096);
		snprintf(text, sizeof(text), " not drawn: %s kept free of access", size);
		mml_draw(canvas, 2, canvas->cols - (int)strlen(text), MML_INK_QUIET, text);
	}
	free(width);
}
