/* The parts of the view of zones. zones.c has the list and the keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/plot.h"
#include "look.h"

/* The zone that is looked at, valid while drawing. */
struct zone_look {
	const struct mml_moment *moment;
	const struct mml_table *zones;
	const struct mml_row *row; /* one of zones */
	const struct mml_row **rows; /* all that are listed */
	size_t nrows;
	const struct mml_history *past; /* of the zone's free memory; NULL: none is kept */
};

/* Draws FREE of ROW against its watermarks, in COLS columns. The scale is logarithmic, so that the marks keep
 * apart on a large machine, too. */
void zone_marks(const struct mml_canvas *canvas, int y, int x, int cols, const struct mml_table *zones,
		const struct mml_row *row);

/* Writes the zone's name, such as "0 Normal", into RET, and returns RET. */
const char *zone_label(const struct mml_table *zones, const struct mml_row *row,
		       const struct mml_style *style, char ret[MML_LOOK_TEXT]);

/* Each of these draws on all of its canvas. CTX is a zone_look. */
void zone_draw_marks(void *ctx, const struct mml_canvas *canvas);
void zone_draw_orders(void *ctx, const struct mml_canvas *canvas);
void zone_draw_types(void *ctx, const struct mml_canvas *canvas);
void zone_draw_all(void *ctx, const struct mml_canvas *canvas);
void zone_draw_past(void *ctx, const struct mml_canvas *canvas);

/* Draws what the table zonestats has about the zone and its node, but for what is 0. */
void zone_draw_counters(const struct zone_look *look, const struct mml_canvas *canvas);

/* Returns how many rows the pagetypes table has about the zone. */
int zone_types(const struct zone_look *look);
