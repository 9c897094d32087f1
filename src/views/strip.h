/* The strip above the mappings, which shows where in the address space they lie. Holes take little
 * room. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/canvas.h"
#include "../ui/view.h"

/* The letter and the colour of a kind of mapping. */
struct mml_kind_look {
	const char *kind;
	char letter;
	enum mml_ink ink;
};
extern const struct mml_kind_look mml_kind_looks[]; /* ends with a NULL kind */
const struct mml_kind_look *mml_kind_look(const char *kind);

/* A part of the address space: a mapping, or a hole. */
struct mml_stretch {
	uint64_t start, end;
	const struct mml_kind_look *look; /* NULL: a hole */
	double at;                        /* where on the strip it begins, from 0 to 1 */
};

struct mml_strip {
	struct mml_stretch *stretches; /* in the order of their addresses, with the holes */
	size_t n, cap;
	unsigned bits; /* of the user address space the mappings need: 32, 47 or 56 */
	size_t parts;  /* groups of mappings with holes between them */
};

/* Makes the strip from the rows of the table vmas. Returns 0 or -ENOMEM. */
int mml_strip_make(struct mml_strip *strip, const struct mml_table *vmas);
void mml_strip_free(struct mml_strip *strip);

/* Draws the strip: letters, then marks below START to END, and addresses. An END of 0 marks
 * nothing. It needs 2 rows of CANVAS; if there are 3, the addresses have a row of their own. */
void mml_strip_draw(const struct mml_strip *strip, const struct mml_canvas *canvas, uint64_t start,
		    uint64_t end);
