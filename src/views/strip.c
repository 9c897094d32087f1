/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strip.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/vma/vmas.h"
#include "../core/trouble.h"
#include "../core/unit.h"
#include "look.h"

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
		struct mml_stretch *more = mml_realloc(s->stretches, cap, sizeof(*more));

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

void mml_strip_mark(struct mml_strip *s, const struct mml_table *mm)
{
	/* An end lies behind what it ends: the byte before it is what is marked. */
	static const struct {
		const char *name, *label;
		unsigned before;
	} borders[MML_STRIP_MARKS] = {
		{ "start_code", "code", 0 },	{ "start_data", "data", 0 }, { "start_brk", "start_brk", 0 },
		{ "brk", "brk", 1 },		{ "mmap_base", "mmap_base", 1 }, { "start_stack", "stack", 0 },
		{ "arg_start", "arguments", 0 }, { "env_end", "environment ends", 1 },
	};

	s->nmarks = 0;
	for (size_t i = 0; i < MML_STRIP_MARKS; i++) {
		const struct mml_row *row = mml_look_row(mm, "name", borders[i].name, NULL, NULL);
		size_t at = s->nmarks;
		uint64_t address;

		if (!row || !mml_look_u64(mm, row, "number", &address) || !address)
			continue;
		for (; at && s->marks[at - 1].address > address; at--)
			s->marks[at] = s->marks[at - 1];
		s->marks[at] = (struct mml_strip_mark){ address - borders[i].before, borders[i].label };
		s->nmarks++;
	}
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
	int *width = mml_calloc(s->n + 1, sizeof(*width)), left = cols;
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

/* Returns the column of ADDRESS, or -1 if it is not in what is shown. What lies in no stretch is where the next one
 * begins. */
static int column_of(const struct mml_strip *s, const int *width, uint64_t address)
{
	int x = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct mml_stretch *t = &s->stretches[i];

		if (width[i] && address < t->end) {
			double part = address > t->start ? (double)(address - t->start) : 0;

			if (address < t->start && (s->zoom_end || !i))
				return -1;
			return x + (int)(part / (double)(t->end - t->start) * width[i]);
		}
		x += width[i];
	}
	return -1;
}

/* The third row: where borders, the cursor and what is not drawn stand. */
struct line {
	const struct mml_canvas *canvas;
	int columns[MML_STRIP_MARKS + 1]; /* of the borders, and where the row ends */
	int here;                         /* the cursor's, or -1 */
	int text, text_end;               /* what is not drawn: from, and up to */
	int used;                         /* up to where something is drawn */
};

/* A name stands behind its border or, if there is no room, before it, or nowhere. */
static void draw_label(struct line *l, int x, int next, const char *label)
{
	int len = (int)strlen(label);

	if (l->here > x && l->here < next)
		next = l->here;
	if (l->text >= x && l->text < next)
		next = l->text;
	if (x + 1 + len < next) {
		mml_draw(l->canvas, 2, x + 1, MML_INK_QUIET, label);
		l->used = x + 1 + len;
	} else if (x - len > l->used && (l->here < x - len || l->here >= x) && (x - len > l->text_end || x <= l->text)) {
		mml_draw(l->canvas, 2, x - len, MML_INK_QUIET, label);
	}
}

static void draw_marks(const struct mml_strip *s, struct line *l)
{
	int last = -1;

	for (size_t i = 0; i < s->nmarks; i++) {
		size_t after = i + 1;
		int x = l->columns[i];

		if (x <= last)
			continue;
		while (l->columns[after] <= x)
			after++;
		mml_draw_char(l->canvas, 2, x, MML_INK_QUIET, l->canvas->utf8 ? 0x2502 : '|');
		draw_label(l, x, l->columns[after], s->marks[i].label);
		l->used = l->used > x ? l->used : x + 1;
		last = x;
	}
}

/* Says what is not drawn, as far to the right as the borders let it. */
static void draw_reserved(const struct mml_strip *s, struct line *l)
{
	char size[MML_NUMBER_MAX], text[96];
	int len, end = l->canvas->cols;

	if (!s->reserved || l->canvas->cols <= 40)
		return;
	mml_format_size(size, (double)s->reserved, MML_AUTO, 4096);
	snprintf(text, sizeof(text), "not drawn: %s kept free of access", size);
	len = (int)strlen(text);
	for (size_t i = s->nmarks; i-- > 0;) {
		while (i && l->columns[i - 1] == l->columns[i])
			i--;
		if (l->columns[i] < end && l->columns[i] >= end - len - 1)
			end = l->columns[i] - 2 - (int)strlen(s->marks[i].label);
	}
	if (end - len < l->canvas->cols / 3)
		return;
	l->text = end - len;
	l->text_end = end;
	mml_draw(l->canvas, 2, l->text, MML_INK_QUIET, text);
}

static void draw_line(const struct mml_strip *s, const struct mml_canvas *canvas, const int *width, uint64_t address)
{
	struct line l = { .canvas = canvas, .text = -1, .text_end = -1, .used = -1 };

	l.here = stretch_at(s, address) ? column_of(s, width, address) : -1;
	for (size_t i = 0; i < s->nmarks; i++)
		l.columns[i] = column_of(s, width, s->marks[i].address);
	l.columns[s->nmarks] = canvas->cols;
	draw_reserved(s, &l);
	draw_marks(s, &l);
	if (l.here >= 0)
		mml_draw_char(canvas, 2, l.here, MML_INK_STRONG, canvas->utf8 ? 0x25b2 : '^');
}

void mml_strip_draw(const struct mml_strip *s, const struct mml_canvas *canvas, uint64_t address)
{
	int *width = divide(s, canvas->cols), x = 0;

	for (size_t i = 0; width && i < s->n; i++) {
		if (!width[i])
			continue;
		draw_name(canvas, x, width[i], &s->stretches[i]);
		draw_stretch(canvas, x, width[i], &s->stretches[i]);
		x += width[i];
	}
	if (width)
		draw_line(s, canvas, width, address);
	free(width);
}
