/* Panels: the parts of a view that have a title, and of which one has the cursor. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "canvas.h"
#include "keys.h"

enum { MML_PANELS = 16, MML_PANEL_KEY = 96 };

/* A panel as it was last drawn, and where the cursor is in it. */
struct mml_panel {
	struct mml_canvas body;  /* where its rows are; only the place of it counts */
	size_t n, top, cursor;   /* rows there are, the first on the screen, the one the cursor is on */
	char key[MML_PANEL_KEY]; /* of that row: it is found again by it */
	bool drawn;
};

/* All panels of a view, by numbers the view gives them. Zeroed at first: the cursor is in panel 0. */
struct mml_panels {
	struct mml_panel at[MML_PANELS];
	size_t focus;
	int order[MML_PANELS], norder; /* as they were drawn */
};

/* Before the panels are drawn. */
void mml_panels_begin(struct mml_panels *panels);

/*
 * Draw the title of panel ID on the first row of CANVAS, with NOTE at its right end; its rows go into the
 * canvas that is returned. TITLE NULL: it has none, and all of CANVAS is for rows. Of its N rows, KEY (CTX, row)
 * is the name of one, as long as the cursor follows it; KEY NULL: the panel has no cursor.
 */
struct mml_canvas mml_panel_draw(struct mml_panels *panels, size_t id, const struct mml_canvas *canvas,
				 const char *title, const char *note, size_t n,
				 const char *(*key)(void *ctx, size_t row), void *ctx);

/* The first row on the screen, and whether the cursor is on ROW of panel ID. */
size_t mml_panel_top(const struct mml_panels *panels, size_t id);
bool mml_panel_here(const struct mml_panels *panels, size_t id, size_t row);

/*
 * A key or the mouse: true when it moved the cursor. Up and Down go through a panel and over its edge into the
 * next one, Left and Right to the panel beside. A click puts the cursor there; where it is already, *RET_ENTER is
 * set, as for Enter.
 */
bool mml_panels_input(struct mml_panels *panels, const struct mml_input *in, bool *ret_enter);
