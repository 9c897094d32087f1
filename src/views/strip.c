/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strip.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/vma/vmas.h"

/* clang-format off */
const struct mml_kind_look mml_kind_looks[] = {
	{ "text",     'T', MML_INK_SERIES5 },
	{ "data",     'D', MML_INK_SERIES2 },
	{ "file",     'F', MML_INK_SERIES3 },
	{ "heap",     'H', MML_INK_SERIES1 },
	{ "stack",    'S', MML_INK_SERIES4 },
	{ "anon",     'A', MML_INK_SERIES6 },
	{ "shmem",    'M', MML_INK_SERIES7 },
	{ "secretmem", 'X', MML_INK_SERIES7 },
	{ "hugetlb",  'G', MML_INK_BOLD },
	{ "device",   'V', MML_INK_WARN },
	{ "reserve",  'r', MML_INK_DIM },
	{ "vdso",     'k', MML_INK_SERIES8 },
	{ "vvar",     'k', MML_INK_SERIES8 },
	{ "vsyscall", 'k', MML_INK_SERIES8 },
	{ "special",  'k', MML_INK_SERIES8 },
	{ NULL,       '?', MML_INK_NORMAL },
};
/* clang-format on */

/* A narrower hole is not shown: what lies on both sides of it is one part. */
enum { NARROW = 1 << 20 };

const struct mml_kind_look *mml_kind_look(const char *kind)
{
	const struct mml_kind_look *look = mml_kind_looks;

	while (look->kind && strcmp(look->kind, kind))
		look++;
	return look;
}

static int add(struct mml_strip *s, uint64_t start, uint64_t end, const struct mml_kind_look *look)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 128;
		struct mml_stretch *more = realloc(s->stretches, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->stretches = more;
		s->cap = cap;
	}
	s->stretches[s->n++] = (struct mml_stretch){ start, end, look, 0 };
	return 0;
}

static int order(const void *a, const void *b)
{
	const struct mml_stretch *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Larger mappings take more room, but by the logarithm, so that a page can be seen beside a
 * terabyte. A hole takes a little more than a page, however wide it is. */
static double weight(const struct mml_stretch *s)
{
	return s->look ? 1 + log2((double)(s->end - s->start) / 4096 + 1) : 3;
}

static void place(struct mml_strip *s)
{
	double total = 0, at = 0;

	for (size_t i = 0; i < s->n; i++)
		total += weight(&s->stretches[i]);
	for (size_t i = 0; i < s->n; i++) {
		s->stretches[i].at = at / total;
		at += weight(&s->stretches[i]);
	}
}

/* Adds the holes between the mappings. */
static int add_holes(struct mml_strip *s)
{
	size_t n = s->n;
	int rc = 0;

	s->parts = n > 0;
	for (size_t i = 1; i < n && !rc; i++) {
		uint64_t from = s->stretches[i - 1].end, to = s->stretches[i].start;

		if (to > from && to - from >= NARROW) {
			s->parts++;
			rc = add(s, from, to, NULL);
		}
	}
	qsort(s->stretches, s->n, sizeof(*s->stretches), order);
	return rc;
}

int mml_strip_make(struct mml_strip *s, const struct mml_table *vmas)
{
	uint64_t top = 0;
	int rc = 0;

	s->n = 0;
	for (size_t i = 0; i < vmas->nrows && !rc; i++) {
		const struct mml_row *row = mml_table_row(vmas, i);

		if (!mml_has(row, VMAS_start) || row->cell[VMAS_start].u64 >> 63)
			continue; /* mappings merged by name, or the vsyscall page of the kernel */
		top = row->cell[VMAS_end].u64 > top ? row->cell[VMAS_end].u64 : top;
		rc = add(s, row->cell[VMAS_start].u64, row->cell[VMAS_end].u64,
			 mml_kind_look(row->cell[VMAS_kind].str));
	}
	if (s->n)
		qsort(s->stretches, s->n, sizeof(*s->stretches), order);
	if (!rc)
		rc = add_holes(s);
	place(s);
	s->bits = top > UINT64_C(1) << 47 ? 56 : top > UINT64_C(1) << 32 ? 47 : 32;
	return rc;
}

void mml_strip_free(struct mml_strip *s)
{
	free(s->stretches);
	*s = (struct mml_strip){ 0 };
}

/* Sets the columns from which to which stretch I is drawn. That is at least one. */
static void extent(const struct mml_strip *s, size_t i, int cols, int *ret_from, int *ret_to)
{
	double end = i + 1 < s->n ? s->stretches[i + 1].at : 1;

	*ret_from = (int)(s->stretches[i].at * cols);
	*ret_to = (int)ceil(end * cols - 1e-9);
	if (*ret_to <= *ret_from)
		*ret_to = *ret_from + 1;
	if (*ret_to > cols)
		*ret_to = cols;
}

/* If several stretches share a cell, the one that has most of it is shown. */
static void draw_letters(const struct mml_strip *s, const struct mml_canvas *canvas)
{
	double *best = calloc((size_t)canvas->cols, sizeof(*best));

	for (size_t i = 0; best && i < s->n; i++) {
		const struct mml_stretch *t = &s->stretches[i];
		double end = (i + 1 < s->n ? s->stretches[i + 1].at : 1) * canvas->cols;
		double at = t->at * canvas->cols;

		for (int x = (int)at; x < end && x < canvas->cols; x++) {
			double part = fmin(end, x + 1) - fmax(at, x);

			if (part <= best[x])
				continue;
			best[x] = part;
			if (t->look)
				mml_draw_char(canvas, 0, x, t->look->ink,
					      (unsigned char)t->look->letter);
			else
				mml_draw_char(canvas, 0, x, MML_INK_FRAME,
					      canvas->utf8 ? 0xb7 : '.');
		}
	}
	free(best);
}

static void draw_mark(const struct mml_strip *s, const struct mml_canvas *canvas, uint64_t start,
		      uint64_t end)
{
	for (size_t i = 0; end && i < s->n; i++) {
		const struct mml_stretch *t = &s->stretches[i];
		int from, to;

		if (!t->look || t->start >= end || t->end <= start)
			continue;
		extent(s, i, canvas->cols, &from, &to);
		mml_draw_ink(canvas, 0, from, to - from, MML_INK_SELECTED);
		mml_draw_run(canvas, 1, from, to - from, MML_INK_BOLD,
			     canvas->utf8 ? 0x25b2 : '^');
	}
}

/* Draws the address of the first mapping of each part, as far as there is room. */
static void draw_addresses(const struct mml_strip *s, const struct mml_canvas *canvas, int y)
{
	int free_from = 0;

	for (size_t i = 0; i < s->n; i++) {
		char text[24];
		int from, to, len;

		if (!s->stretches[i].look || (i && s->stretches[i - 1].look))
			continue;
		extent(s, i, canvas->cols, &from, &to);
		len = snprintf(text, sizeof(text), "%" PRIx64, s->stretches[i].start);
		if (from < free_from || from + len > canvas->cols)
			continue;
		mml_draw(canvas, y, from, MML_INK_DIM, text);
		free_from = from + len + 1;
	}
}

void mml_strip_draw(const struct mml_strip *s, const struct mml_canvas *canvas, uint64_t start,
		    uint64_t end)
{
	if (!s->n || canvas->rows < 1)
		return;
	draw_letters(s, canvas);
	if (canvas->rows >= 2)
		draw_mark(s, canvas, start, end);
	if (canvas->rows >= 3)
		draw_addresses(s, canvas, 2);
}
