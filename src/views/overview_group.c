/* The bar of the control group that mmlens is in, beside that of the machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "overview.h"

enum { RIGHT = 18, NAME = 24 };

void overview_want_group(struct mml_wants *ret)
{
	static const pid_t self; /* 0 is mmlens itself */
	struct mml_query *query = mml_want(ret, "cgroups",
					   "name,current,effective_limit,limit_from,headroom,anon,file,shmem,kernel,sock");

	if (query)
		mml_scope_set_pid(&query->scope, &self);
	/* All of them for who grew, of which one file each is enough. */
	mml_want(ret, "cgroups", "name,depth,current,path");
}

static double size_of(const struct mml_table *table, const struct mml_row *row, const char *column)
{
	double v = mml_look_num(table, row, column);

	return isnan(v) ? 0 : v;
}

/* Groups come before those in them: the last one is the innermost. */
static const struct mml_row *innermost(const struct mml_table *table)
{
	const struct mml_row *row = table && table->nrows ? mml_table_row(table, table->nrows - 1) : NULL;
	const char *from = row ? mml_look_str(table, row, "limit_from") : NULL;

	return from && strcmp(from, "machine") != 0 ? row : NULL;
}

int overview_group(struct overview *ov, const struct mml_canvas *canvas)
{
	const struct mml_table *table = mml_look_table(ov->moment, "cgroups");
	const struct mml_row *row = innermost(table);
	double limit = row ? mml_look_num(table, row, "effective_limit") : (double)NAN, slab, kernel, used = 0;
	char name[MML_LOOK_TEXT], text[MML_LOOK_TEXT];
	int x, end = canvas->cols;

	if (!(limit > 0) || isnan(mml_look_num(table, row, "current")) || canvas->rows < 1)
		return 0;
	slab = size_of(table, row, "slab");
	kernel = size_of(table, row, "kernel") + size_of(table, row, "sock") - slab;
	struct mml_part parts[] = {
		{ size_of(table, row, "anon"), MML_USE_ANON },	 { size_of(table, row, "shmem"), MML_USE_SHMEM },
		{ size_of(table, row, "file"), MML_USE_FILE },	 { slab, MML_USE_SLAB },
		{ kernel > 0 ? kernel : 0, MML_USE_KERNEL },	 { 0, MML_USE_UNKNOWN },
		{ 0, MML_USE_FREE },
	};
	enum { PARTS = sizeof(parts) / sizeof(*parts) };

	for (size_t i = 0; i < PARTS; i++)
		used += parts[i].value;
	parts[PARTS - 2].value = fmax(mml_look_num(table, row, "current") - used, 0);
	parts[PARTS - 1].value = fmax(limit - fmax(used, mml_look_num(table, row, "current")), 0);
	mml_look_safe(mml_look_str(table, row, "name"), &ov->moment->style, name);
	x = (int)mml_text_width(name, strlen(name), canvas->utf8);
	x = x > NAME ? NAME : x;
	mml_draw_field(canvas, 0, 0, x, false, MML_INK_TEXT, name);
	x += mml_drawf(canvas, 0, x, MML_INK_TEXT, " %s ", mml_look_size(limit, &ov->moment->style, text));
	if (canvas->cols >= 60) {
		end -= RIGHT;
		mml_drawf(canvas, 0, end, MML_INK_TEXT, " %7s under max",
			  mml_look_size(mml_look_num(table, row, "headroom"), &ov->moment->style, text));
	}
	mml_plot_bar(canvas, 0, x, end - x, parts, PARTS, fmax(limit, used));
	return 1;
}
