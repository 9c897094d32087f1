/* What the group under the cursor has, below the tree or beside it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cgroups.h"

/* A line in the making: parts that do not fit go to the next one. */
struct line {
	const struct mml_canvas *canvas;
	int y, x;
};

/* Returns where to draw what takes WIDTH columns. */
static int place(struct line *line, int width)
{
	int x;

	if (line->x && line->x + width > line->canvas->cols) {
		line->y++;
		line->x = 0;
	}
	x = line->x;
	line->x += width + 2;
	return x;
}

__attribute__((format(printf, 3, 4))) static void say(struct line *line, enum mml_ink ink, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int x;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	x = place(line, (int)mml_text_width(text, strlen(text), line->canvas->utf8));
	mml_draw(line->canvas, line->y, x, ink, text);
}

static void say_kind(struct line *line, const struct mml_style *style, const struct mml_part *part)
{
	char size[MML_LOOK_TEXT], text[MML_LOOK_TEXT];
	int x;

	snprintf(text, sizeof(text), "%s %.20s", mml_use_name(part->use), mml_look_size(part->value, style, size));
	x = place(line, 2 + (int)strlen(text));
	mml_draw_char(line->canvas, line->y, x, mml_use_ink(part->use), mml_use_char(line->canvas, part->use));
	mml_draw(line->canvas, line->y, x + 2, MML_INK_TEXT, text);
}

/* "WORDS 12.3M", of a column that is a size. */
static void say_size(struct line *line, const struct mml_style *style, const struct mml_row *row, unsigned col,
		     const char *words)
{
	char size[MML_LOOK_TEXT];

	if (mml_has(row, col))
		say(line, MML_INK_TEXT, "%s %.20s", words,
		    mml_look_size((double)row->cell[col].u64, style, size));
}

static void say_working_set(struct line *line, const struct mml_style *style, const struct mml_row *row)
{
	char set[MML_LOOK_TEXT], free[MML_LOOK_TEXT];

	if (mml_has(row, CGROUPS_working_set) && mml_has(row, CGROUPS_working_set_freeable))
		say(line, MML_INK_TEXT, "working set %.20s, of which %.20s could be freed",
		    mml_look_size((double)row->cell[CGROUPS_working_set].u64, style, set),
		    mml_look_size((double)row->cell[CGROUPS_working_set_freeable].u64, style, free));
}

static void say_counts(struct line *line, const struct mml_row *row)
{
	if (mml_has(row, CGROUPS_processes))
		say(line, MML_INK_TEXT, "%" PRIu64 " process%s", row->cell[CGROUPS_processes].u64,
		    row->cell[CGROUPS_processes].u64 == 1 ? "" : "es");
	if (mml_has(row, CGROUPS_refault_rate))
		say(line, MML_INK_TEXT, "refaults %.0f/s", row->cell[CGROUPS_refault_rate].f64);
	if (mml_has(row, CGROUPS_psi_some_avg60) && row->cell[CGROUPS_psi_some_avg60].f64 > 0)
		say(line, MML_INK_TEXT, "waited for memory %.1f %% of the last minute",
		    row->cell[CGROUPS_psi_some_avg60].f64);
	if (mml_has(row, CGROUPS_oom_kills) && row->cell[CGROUPS_oom_kills].u64)
		say(line, MML_INK_TEXT, "%" PRIu64 " killed since it was made", row->cell[CGROUPS_oom_kills].u64);
}

/* "1.9G of 2.0G, at this rate full in 11 min" */
static void title_note(const struct cgroups_view *v, const struct mml_row *row, char ret[256])
{
	char has[MML_LOOK_TEXT], limit[MML_LOOK_TEXT], time[MML_LOOK_TEXT];
	double seconds = cgroups_full_s(v, row);
	int len;

	*ret = '\0';
	if (!mml_has(row, CGROUPS_current))
		return;
	len = snprintf(ret, 256, "%.20s", mml_look_size((double)row->cell[CGROUPS_current].u64, &v->style, has));
	if (mml_has(row, CGROUPS_effective_limit))
		len += snprintf(ret + len, 256 - (size_t)len, " of %.20s",
				mml_look_size((double)row->cell[CGROUPS_effective_limit].u64, &v->style, limit));
	if (!isnan(seconds))
		snprintf(ret + len, 256 - (size_t)len, ", at this rate full in %s", mml_look_left(seconds, time));
}

void cgroups_detail(const struct cgroups_view *v, const struct mml_canvas *canvas, const struct mml_row *row)
{
	struct mml_part kinds[CGROUPS_KINDS];
	char note[256], name[MML_LOOK_TEXT];
	struct mml_canvas body;
	struct line line;

	title_note(v, row, note);
	body = mml_look_section(canvas, mml_look_safe(mml_has(row, CGROUPS_name) ? row->cell[CGROUPS_name].str : "",
						      &v->style, name), note);
	line = (struct line){ .canvas = &body };
	cgroups_kinds(row, kinds);
	for (int i = 0; i < CGROUPS_KINDS; i++)
		if (kinds[i].value > 0)
			say_kind(&line, &v->style, &kinds[i]);
	say_size(&line, &v->style, row, CGROUPS_dirty, "dirty");
	say_size(&line, &v->style, row, CGROUPS_swap, "swap");
	line.y++;
	line.x = 0;
	say_working_set(&line, &v->style, row);
	say_size(&line, &v->style, row, CGROUPS_peak, "peak");
	say_counts(&line, row);
}
