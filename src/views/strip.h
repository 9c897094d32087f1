/* The strip above the mappings of a process: where in the address space memory is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/canvas.h"
#include "../ui/view.h"

/* Neighbouring mappings of one kind. */
struct mml_stretch {
	uint64_t start, end; /* of the first and the last of them */
	uint64_t size, rss;  /* of all of them */
	const char *kind;    /* lives as long as the table's schema */
	enum mml_use use;
};

/* A border of the process's mm, in the order of their addresses. */
struct mml_strip_mark {
	uint64_t address;
	const char *label;
};

enum { MML_STRIP_MARKS = 8 };

struct mml_strip {
	struct mml_stretch *stretches; /* in the order of their addresses */
	size_t n, cap;
	uint64_t reserved;           /* addresses that are only kept, and not drawn */
	uint64_t zoom_start, zoom_end; /* the part that is shown; 0, 0: all */
	struct mml_strip_mark marks[MML_STRIP_MARKS];
	size_t nmarks;
};

/* Makes the strip from the rows of the table vmas. Returns 0 or -ENOMEM. */
int mml_strip_make(struct mml_strip *strip, const struct mml_table *vmas);
void mml_strip_free(struct mml_strip *strip);

/* Takes the borders from the table mm: where code, data, the break, what mmap() gives and the stack begin. MM may
 * be NULL, and what it does not tell is not drawn. */
void mml_strip_mark(struct mml_strip *strip, const struct mml_table *mm);

/* Shows only the stretch that ADDRESS is in; if that is so already, all of them again. */
void mml_strip_zoom(struct mml_strip *strip, uint64_t address);

/*
 * Draws in 3 rows of CANVAS: what lies where and how large it is, what of it is in memory, and the borders with the
 * cursor, which is on ADDRESS. Addresses are to scale but for what would be too narrow to see.
 */
void mml_strip_draw(const struct mml_strip *strip, const struct mml_canvas *canvas, uint64_t address);
