/* The table `mm`: borders and properties of an address space, and where each is known from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../events/mm_kernel.h"
#include "mm.h"

enum mml_border_unit { MML_ADDRESS_OF, MML_END_OF, MML_SIZE, MML_NUMBER, MML_BITS, MML_TEXT };

enum mml_border_id {
#define ADDRESS_OF(id, ...) MML_BORDER_##id,
#define END_OF ADDRESS_OF
#define SIZE ADDRESS_OF
#define NUMBER ADDRESS_OF
#define BITS ADDRESS_OF
#define TEXT ADDRESS_OF
#include "mm.def"
	MML_BORDERS,
};

/* A value, or why there is none. */
struct mml_border {
	const char *name, *source, *help;
	enum mml_border_unit unit;
	bool known;
	uint64_t value;
	const char *text;          /* of MML_TEXT */
	struct mml_absence absence; /* if it is not known */
};

/* The address space of one process. The borders of the auxiliary vector come behind the others. */
struct mml_borders {
	const struct mml_mm *mm;
	const struct mml_table *vmas; /* NULL: not to be had, which `no_vmas` says */
	struct mml_absence no_vmas;
	const struct mml_mm_row *kernel; /* NULL: not told, which `no_kernel` says */
	struct mml_absence no_kernel;
	struct mml_absence no_maps;      /* why maps could not be read, or no reason */
	struct mml_border at[MML_BORDERS + 64];
	size_t n;
};

/* Fills B, of which all but `at` and `n` is given, with what the files of the process tell. */
void mml_borders_read(struct mml_take *take, struct mml_borders *b);

/* Appends the vector in TEXT, /proc/PID/auxv of this machine. Returns 0, or -EBADMSG. */
int mml_borders_auxv(struct mml_arena *arena, struct mml_borders *b, struct mml_span text);
