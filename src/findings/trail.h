/* The trail of sizes that have names: of slab caches, of processes, of a remainder. It takes little
 * memory however long it is kept: the time between the remembered moments grows while they are
 * collected, so that slow growth shows as well as fast growth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MML_TRAIL_POINTS = 16 };

struct mml_trail_item {
	char *name;
	uint64_t size[MML_TRAIL_POINTS]; /* bytes; 0 where there was no such thing */
	uint64_t first_ns, rose_ns;        /* when it was first seen, and when it last rose */
	uint64_t last;                     /* its size at the last look, remembered or not */
	unsigned rises;                    /* looks at which it had risen */
	bool fresh;                        /* it was there at the last look */
};

struct mml_trail {
	struct mml_trail_item *items;
	size_t n, cap;
	uint64_t when[MML_TRAIL_POINTS];
	unsigned points;
	uint64_t spacing_ns;
	uint64_t look_ns; /* the last look; 0: there was none */
	bool stores;      /* the look that was begun is remembered */
};

/* Begins a look at NOW, which must be later than the last one: false if it is not. */
bool mml_trail_begin(struct mml_trail *trail, uint64_t now_ns);

/* Adds what NAME takes at the look that was begun, in bytes. HINT is its place in the list that it is
 * from, for which it is looked up fastest. A failure of memory loses it. */
void mml_trail_put(struct mml_trail *trail, const char *name, size_t hint, uint64_t size);

/* Ends the look: what was not put any more is forgotten once none of its sizes is left. */
void mml_trail_end(struct mml_trail *trail);

void mml_trail_free(struct mml_trail *trail);

/* How something grew while it was watched. The last look, and the size NOW, are among the points. */
struct mml_growth {
	const char *name;
	uint64_t first, last;   /* bytes */
	uint64_t span_ns;       /* between the two */
	unsigned points, rises, falls;
	double slope, noise;    /* bytes a second by least squares, and its standard error */
	bool paused;            /* it has not risen for much longer than it usually takes */
};

/* Fills RET for NAME, which takes SIZE at NOW, which may be the last look. Returns false if it was not
 * seen before. */
bool mml_trail_growth(const struct mml_trail *trail, const char *name, size_t hint,
			uint64_t size, uint64_t now_ns, struct mml_growth *ret);
