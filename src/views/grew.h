/* Who grew: processes, slab caches, control groups, shared memory and the kernel's own parts in one list, by how much they changed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/view.h"

struct mml_grew;

/* NULL: out of memory. */
struct mml_grew *mml_grew_new(void);
void mml_grew_free(struct mml_grew *grew);

/* Take in a fresh moment. */
void mml_grew_sample(struct mml_grew *grew, const struct mml_moment *moment);

/* Order what grew by the change over the moment's span, the most first. The mark counts from when it was set. */
void mml_grew_rank(struct mml_grew *grew, const struct mml_moment *moment, double available);

enum { MML_GREW_CELLS = 9 };

struct mml_grown {
	const char *kind; /* "process", "slab", "group", "kernel", "tmpfs", "sysv", "shared" */
	char name[64];    /* as it came from the machine */
	char key[96];
	pid_t pid;        /* of a process */
	double size, change;
	double room;      /* what it may grow by itself; NAN: no limit is known */
	double slope;     /* a minute; NAN: it does not go straight */
	double full_s;    /* seconds until there is no room; NAN: not known, or far away */
	bool new;
	double cells[MML_GREW_CELLS];
};

/* What grew, as it was ranked last; how many there are. */
const struct mml_grown *mml_grew_list(const struct mml_grew *grew, size_t *ret_n);
