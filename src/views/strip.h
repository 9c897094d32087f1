/* The strip above the mappings: where in the address space they lie, holes compressed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/canvas.h"
#include "../ui/view.h"

/* A kind of mapping on the screen: a letter and a hue. */
struct mml_kind_look {
	const char *kind;
	char letter;
	enum mml_ink ink;
};
extern const struct mml_kind_look mml_kind_looks[]; /* ends with a NULL kind */
const struct mml_kind_look *mml_kind_look(const char *kind);

/* A stretch of the address space. */
struct mml_stretch {
	uint64_t start, end;
	const struct mml_kind_look *look; /* NULL: a hole */
	double at;                        /* where on the strip it begins, from 0 to 1 */
};

struct mml_strip {
	struct mml_stretch *stretches; /* in the order of their addresses, holes among them */
	size_t n, cap;
	unsigned bits; /* of the user address space that takes: 47 or 56; 31 or 32 */
	size_t parts;  /* groups of mappings with holes between them */
};

/* Make the strip of the rows of the table vmas: 0 or -ENOMEM. */
int mml_strip_make(struct mml_strip *strip, const struct mml_table *vmas);
void mml_strip_free(struct mml_strip *strip);

/* Draw it on the rows of CANVAS: letters, then marks below START to END (END 0: nothing is marked)
 * and addresses. Needs 2 rows; with 3 the addresses have one of their own. */
void mml_strip_draw(const struct mml_strip *strip, const struct mml_canvas *canvas, uint64_t start,
		    uint64_t end);
