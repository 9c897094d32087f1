/* The parts of the overview; overview.c arranges them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/panel.h"
#include "../ui/plot.h"
#include "grew.h"
#include "look.h"

/* Panels in which the cursor can be. */
enum overview_panel { OV_FINDINGS, OV_GREW, OV_USES, OV_ZONES, OV_LARGEST, OV_SLAB, OV_GROUPS };

enum { OV_ITEMS = 48, OV_ZONES_MAX = 256, OV_LIST = 32 };

/* A part of the balance. */
struct overview_item {
	char item[MML_ITEM_NAME], name[MML_ITEM_NAME], reclaim[32];
	enum mml_use use;
	double bytes;
};

/* What is drawn over time. */
enum overview_past { OV_USED, OV_SWAP, OV_STALLED, OV_RECLAIM, OV_REFAULT, OV_PASTS };

/* Programs by the anonymous memory of their processes, caches by size, or groups by what is charged to them. */
struct overview_largest {
	char name[64], path[192]; /* the path is a group's */
	double bytes;
	unsigned n; /* processes */
	const char *holds; /* of a cache: what it holds, or NULL */
};

struct overview {
	struct mml_view view;
	const struct mml_moment *moment; /* while drawing */
	struct mml_panels panels;
	bool explaining; /* the finding under the cursor, in place of the lists */
	bool wide;       /* it stands beside the findings anyway */
	char key[192];   /* of the row that was asked for last */
	size_t nprocesses;
	unsigned samples;

	/* Of the moment. */
	double total, available, swap_size, swap_used; /* NAN: not known */
	struct mml_part parts[MML_USES];
	struct overview_item items[OV_ITEMS];
	size_t nitems, nothing; /* the largest first; parts of which there is nothing */
	struct overview_largest programs[OV_LIST], caches[OV_LIST], groups[OV_LIST];
	size_t nprograms, ncaches, ngroups;
	size_t zones[OV_ZONES_MAX], nzones; /* rows of the table, the nearest to its marks first */

	struct mml_history past[OV_PASTS];
	struct mml_grew *grew;
};

/* A fresh moment: add up what is drawn, and keep what is drawn over time. */
void overview_add_up(struct overview *ov);
void overview_remember(struct overview *ov);
void overview_rank_zones(struct overview *ov);
void overview_rank_largest(struct overview *ov);

/* Rows 0 and 1 of CANVAS: the bar and, where there is a second row, what its patterns stand for. */
void overview_bar(struct overview *ov, const struct mml_canvas *canvas);

/* The control group that mmlens is in: what is wanted to know of it; and its bar in a row of CANVAS, as that of the
 * machine. Returns how many rows it took: 0 if the group has no limit. */
void overview_want_group(struct mml_wants *ret);
int overview_group(struct overview *ov, const struct mml_canvas *canvas);

/* Each draws a panel in all of its canvas; CTX is the overview. */
void overview_findings(void *ctx, const struct mml_canvas *canvas);
void overview_why_beside(struct overview *ov, const struct mml_canvas *canvas);
void overview_why(struct overview *ov, const struct mml_canvas *canvas);
void overview_grew(void *ctx, const struct mml_canvas *canvas);
void overview_uses(void *ctx, const struct mml_canvas *canvas);
void overview_past(void *ctx, const struct mml_canvas *canvas);
void overview_zones(void *ctx, const struct mml_canvas *canvas);
void overview_largest(void *ctx, const struct mml_canvas *canvas);
void overview_slab(void *ctx, const struct mml_canvas *canvas);
void overview_groups(void *ctx, const struct mml_canvas *canvas);

/* Rows the panel can make use of. */
int overview_zones_rows(const struct overview *ov);

/* The finding under the cursor, or NULL; where Enter leads from what the cursor is on. */
const struct mml_row *overview_finding(struct overview *ov, size_t *ret_at, size_t *ret_n);
void overview_enter(struct overview *ov, struct mml_action *ret);
