/* The parts of the overview; overview.c arranges them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/memory/balance.h"
#include "../findings/facts.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

/* What the balance's parts are drawn as: together they are MemTotal. */
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

/* The pressures shown, in the order in which they give way. */
enum { PRESSURES = 4 };

struct overview {
	struct mml_view view;
	struct mml_grid *grid;
	const struct mml_moment *moment; /* while drawing */
	double total;                    /* MemTotal; 0: not known */
	struct mml_part parts[GROUPS];
	struct mml_history group[GROUPS], pressure[PRESSURES], swap_in, swap_out;
	struct mml_history seconds; /* from each moment to the one before */
	struct mml_past past;       /* sizes of slab caches */
	bool explaining;            /* the findings in full instead of everything */
	size_t scroll;              /* findings above the screen then */
};

/* The group a part of the balance belongs to. */
enum overview_group overview_group(const char *item);

/* A fresh moment: keep what is drawn over time. */
void overview_remember(struct overview *ov);

/* Each draws in all of its canvas; CTX is the overview. */
void overview_bar(void *ctx, const struct mml_canvas *canvas);
void overview_balance(void *ctx, const struct mml_canvas *canvas);
void overview_history(void *ctx, const struct mml_canvas *canvas);
void overview_pressure(void *ctx, const struct mml_canvas *canvas);
void overview_swap(void *ctx, const struct mml_canvas *canvas);
void overview_zones(void *ctx, const struct mml_canvas *canvas);
void overview_slab(void *ctx, const struct mml_canvas *canvas);
void overview_growth(void *ctx, const struct mml_canvas *canvas);
void overview_slab_short(void *ctx, const struct mml_canvas *canvas); /* both in one list */
void overview_findings(void *ctx, const struct mml_canvas *canvas);

/* The findings in full, and the keys that work there: true when it was one. */
void overview_explain(struct overview *ov, const struct mml_canvas *canvas);
bool overview_explain_input(struct overview *ov, const struct mml_input *in);

/* The ink and the sign of a severity. */
enum mml_ink overview_severity(const char *word, const char **ret_sign);

/* Rows the findings take when COLS wide, and the zones worth showing. */
int overview_findings_rows(struct overview *ov, int cols);
int overview_zones_rows(struct overview *ov);
bool overview_has_swap(struct overview *ov);
