/* The parts of the overview, which overview.c arranges. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/memory/balance.h"
#include "../findings/facts.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

/* The groups that the parts of the balance are drawn as. Together they are MemTotal. */
#define OVERVIEW_GROUPS(G)                             \
	G(ANON, "anonymous", MML_INK_SERIES1)          \
	G(CACHE, "cache", MML_INK_SERIES2)             \
	G(SLAB, "slab", MML_INK_SERIES3)               \
	G(KERNEL, "kernel", MML_INK_SERIES7)           \
	G(HUGE, "huge pages", MML_INK_SERIES4)         \
	G(PINNED, "pinned", MML_INK_SERIES5)           \
	G(UNKNOWN, "unaccounted", MML_INK_SERIES6)     \
	G(FREE, "free", MML_INK_FRAME)

enum overview_group {
#define G(id, ...) GROUP_##id,
	OVERVIEW_GROUPS(G)
#undef G
	GROUPS,
};

/* How many pressures are shown. If there is too little room, the last of them are left out. */
enum { PRESSURES = 4 };

struct overview {
	struct mml_view view;
	struct mml_grid *grid;
	const struct mml_moment *moment; /* valid while drawing */
	double total;                    /* MemTotal in bytes; 0: not known */
	struct mml_part parts[GROUPS];
	struct mml_history group[GROUPS], pressure[PRESSURES], swap_in, swap_out;
	struct mml_history seconds; /* the time from the sample before to each sample */
	struct mml_past past;       /* for the sizes of slab caches */
	bool explaining;            /* the findings are shown in full, and nothing else */
	size_t scroll;              /* how many findings are above the screen then */
};

/* Returns the group that a part of the balance belongs to. */
enum overview_group overview_group(const char *item);

/* Remembers what is drawn over time. It is to be called once a snapshot. */
void overview_remember(struct overview *ov);

/* Each of these draws on all of its canvas. CTX is the overview. */
void overview_bar(void *ctx, const struct mml_canvas *canvas);
void overview_balance(void *ctx, const struct mml_canvas *canvas);
void overview_history(void *ctx, const struct mml_canvas *canvas);
void overview_pressure(void *ctx, const struct mml_canvas *canvas);
void overview_swap(void *ctx, const struct mml_canvas *canvas);
void overview_zones(void *ctx, const struct mml_canvas *canvas);
void overview_slab(void *ctx, const struct mml_canvas *canvas);
void overview_growth(void *ctx, const struct mml_canvas *canvas);
/* This one has the largest and the growing caches in one list. */
void overview_slab_short(void *ctx, const struct mml_canvas *canvas);
void overview_findings(void *ctx, const struct mml_canvas *canvas);

/* Draws the findings in full, and handles the keys that work there. The latter returns whether it
 * used the key. */
void overview_explain(struct overview *ov, const struct mml_canvas *canvas);
bool overview_explain_input(struct overview *ov, const struct mml_input *in);

/* Returns the ink of a severity, and sets RET_SIGN to its sign. */
enum mml_ink overview_severity(const char *word, const char **ret_sign);

/* How many rows the findings take in COLS columns, and how many the zones that are worth showing. */
int overview_findings_rows(struct overview *ov, int cols);
int overview_zones_rows(struct overview *ov);
bool overview_has_swap(struct overview *ov);
