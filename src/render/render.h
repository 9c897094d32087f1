/* Tables as text, CSV and JSON. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/select.h"
#include "../core/snapshot.h"
#include "cell.h"

struct mml_format {
	enum { MML_TEXT, MML_CSV, MML_RAW, MML_JSON } kind;
	bool noheadings;
	bool colour;   /* headings stand out */
	bool one_line; /* JSON: the whole document on a line */
	struct mml_style style;
	/* Takes a large table piece by piece: writes OUT and empties it, 0 or -errno. NULL: it is
	 * kept whole. */
	int (*write)(struct mml_buf *out);
};

/* Append TABLE as SEL has it: 0, -ENOMEM, or what the format's write() returned. */
int mml_render_text(struct mml_buf *out, const struct mml_select *sel,
		    const struct mml_table *table, const struct mml_format *format);
int mml_render_csv(struct mml_buf *out, const struct mml_select *sel,
		   const struct mml_table *table, const struct mml_format *format);
int mml_render_raw(struct mml_buf *out, const struct mml_select *sel,
		   const struct mml_table *table, const struct mml_format *format);

/* Append SNAP as one JSON document, table i as SELS[i] has it: 0, -ENOMEM, or -ENOPKG when the
 * module that writes it is missing. */
int mml_render_json(struct mml_buf *out, const struct mml_select *sels,
		    const struct mml_snapshot *snap, const struct mml_format *format);
