/* The parts of the view of zones: zones.c has the list and the keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/plot.h"
#include "look.h"

/* The zone looked at, while drawing. */
struct zone_look {
	const struct mml_moment *moment;
	const struct mml_table *zones;
	const struct mml_row *row; /* of zones */
	const struct mml_row **rows; /* all that are listed */
	size_t nrows;
};

/* FREE of ROW against its watermarks, in COLS columns: the scale is by the logarithm, so that the
 * marks keep apart on a large machine, too. */
void zone_gauge(const struct mml_canvas *canvas, int y, int x, int cols,
		const struct mml_table *zones, const struct mml_row *row, bool letters);

/* How the free memory of ROW stands against its watermarks. */
enum mml_ink zone_ink(const struct mml_table *zones, const struct mml_row *row);

/* "0 Normal" */
const char *zone_label(const struct mml_table *zones, const struct mml_row *row,
		       const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* Each draws in all of its canvas; CTX is a zone_look. */
void zone_draw_marks(void *ctx, const struct mml_canvas *canvas);
void zone_draw_orders(void *ctx, const struct mml_canvas *canvas);
void zone_draw_types(void *ctx, const struct mml_canvas *canvas);
void zone_draw_all(void *ctx, const struct mml_canvas *canvas);

/* Rows of the pagetypes table about the zone. */
int zone_types(const struct zone_look *look);
