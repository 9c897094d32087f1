/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

/* By file, then by process; a mapping of a process comes before what it has open. */
static int by_file(const void *a, const void *b)
{
	const struct mml_files_holder *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

int mml_files_holders(struct mml_arena *arena, const struct mml_files_bytes *bytes, struct mml_files_held **ret)
{
	struct mml_files_holder *sorted;
	struct mml_files_held *held;

	*ret = NULL;
	if (!bytes->held)
		return 0;
	sorted = mml_arena_alloc(arena, (bytes->nholders + 1) * sizeof(*sorted));
	held = mml_arena_alloc(arena, (bytes->nrows + 1) * sizeof(*held));
	if (!sorted || !held)
		return -ENOMEM;
	if (bytes->nholders)
		memcpy(sorted, bytes->holders, bytes->nholders * sizeof(*sorted));
	qsort(sorted, bytes->nholders, sizeof(*sorted), by_file);
	for (size_t i = 0; i < bytes->nholders; i++) {
		const struct mml_files_holder *h = &sorted[i];
		struct mml_files_held *of = &held[h->row];

		if (i && h[-1].row == h->row && h[-1].tgid == h->tgid)
			continue;
		of->processes++;
		if (!of->first || (of->first->fd >= 0 && h->fd < 0))
			of->first = h;
	}
	*ret = held;
	return 0;
}
