/* The parts of the view of control groups: cgroups.c has the tree and the keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../collectors/cgroup/columns.h"
#include "../ui/grid.h"
#include "look.h"

struct cgroups_view {
	struct mml_view view;
	struct mml_grid *grid;
	struct mml_style style;
	const struct mml_table *table;
	char **folded; /* the paths of groups whose own groups are not shown */
	size_t nfolded;
	const struct mml_row **parents; /* rows of groups that have others in them, by their address */
	size_t nparents;
	bool paned; /* details stand beside the rows */
};

/* Hooks of the grid; CTX is the view. */
bool cgroups_text(void *ctx, const struct mml_row *row, unsigned col, bool utf8, struct mml_buf *out);
int cgroups_picture(void *ctx, unsigned col, int cols, const char **ret_head);
void cgroups_draw_picture(void *ctx, const struct mml_canvas *canvas, const struct mml_row *row, unsigned col);

/* Whether the group of ROW has others in it, and whether these are not shown. */
bool cgroups_is_parent(const struct cgroups_view *v, const struct mml_row *row);
bool cgroups_is_folded(const struct cgroups_view *v, const struct mml_row *row);

/* What a group's memory is made of, in the order of bars; what no kind has is left out. */
enum { CGROUPS_KINDS = 5 };
void cgroups_kinds(const struct mml_row *row, struct mml_part ret[CGROUPS_KINDS]);

/* Seconds until the group is at its limit at the rate of the last minute; NAN: it does not grow, or for long. */
double cgroups_full_s(const struct cgroups_view *v, const struct mml_row *row);

/* Draws on all of CANVAS what the group of ROW has, in CGROUPS_DETAIL rows or, in a narrow canvas, more. */
enum { CGROUPS_DETAIL = 3 };
void cgroups_detail(const struct cgroups_view *v, const struct mml_canvas *canvas, const struct mml_row *row);
