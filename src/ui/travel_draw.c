/* The lines of the screen that say what moment is shown, and what there was around it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../record/when.h"
#include "plot.h"
#include "travel.h"

enum { STRIP_MAX = 240, STRIP_LEAST = 12, SPEED = 6, LARGE = 36, STRIP_AFTER = 4, WARNING = 1 };

/* Cell I of the strip is the sample FIRST + I; the cursor is on cell AT. */
struct strip {
	double values[STRIP_MAX];
	int worst[STRIP_MAX]; /* the severity; -1: none is known */
	size_t first;
	int cols, at;
};

int mml_travel_rows(int rows)
{
	return rows >= LARGE ? 3 : rows > 6 ? 1 : 0;
}

static double seen(struct mml_travel *t, uint64_t seq, int *ret_worst)
{
	const size_t i = seq % (sizeof(t->seen) / sizeof(*t->seen));
	double v = NAN;

	*ret_worst = -1;
	pthread_mutex_lock(&t->seen_lock);
	if (t->seen[i].seq == seq) {
		v = (double)t->seen[i].stalled;
		*ret_worst = t->seen[i].worst;
	}
	pthread_mutex_unlock(&t->seen_lock);
	return v;
}

/* The cursor stands still in its strip until it comes near the end. */
static void fill_strip(struct mml_travel *t, int cols, struct strip *ret)
{
	size_t count = mml_travel_count(t), after = (size_t)cols / STRIP_AFTER;
	size_t last = t->pos + after < count ? t->pos + after : count - 1;

	ret->cols = cols;
	ret->first = last + 1 > (size_t)cols ? last + 1 - (size_t)cols : 0;
	ret->at = (int)(t->pos - ret->first);
	for (int i = 0; i < cols; i++) {
		uint64_t seq = mml_travel_seq(t, ret->first + (size_t)i);

		ret->worst[i] = -1;
		ret->values[i] = seq == UINT64_MAX ? NAN : seen(t, seq, &ret->worst[i]);
	}
}

/* What stands for a gap below the strip. */
static int name_gap(const struct mml_gap *gap, void *ctx)
{
	static const char *const names[] = {
		[MML_GAP_MISSED] = "late",     [MML_GAP_SUSPENDED] = "sleep", [MML_GAP_CLOCK] = "clock",
		[MML_GAP_DROPPED] = "lost",    [MML_GAP_OTHER] = "gap",	      [MML_GAP_STOPPED] = "stop",
		[MML_GAP_BOOT] = "boot",       [MML_GAP_DAMAGED] = "bad",     [MML_GAP_NEWER] = "newer",
		[MML_GAP_EARLY] = "cut",
	};
	const char **ret = ctx;

	*ret = names[gap->why];
	/* Being started again says more than that nothing was recorded meanwhile. */
	return gap->why == MML_GAP_BOOT;
}

/* Signs stand where it gets worse, in the strip or in the line below it, row Y_SIGN. As long as it lasts, the
 * pressure has the severity's ink. */
static void draw_found(const struct mml_canvas *canvas, int y, int y_sign, int x, const struct strip *strip)
{
	for (int i = 0; i < strip->cols; i++) {
		int worst = strip->worst[i], before = i ? strip->worst[i - 1] : -1;
		enum mml_ink ink = worst > WARNING ? MML_INK_BAD : MML_INK_WARN;

		if (worst < WARNING)
			continue;
		mml_draw_ink(canvas, y, x + i, 1, ink);
		if (worst > before)
			mml_draw_char(canvas, y_sign, x + i, ink, '!');
	}
}

static void draw_times(struct mml_travel *t, const struct mml_canvas *canvas, int y, int x,
		       const struct strip *strip)
{
	enum { APART = 10, WIDTH = 8 };

	for (int i = 0; i + WIDTH <= strip->cols; i += APART) {
		struct mml_instant time;
		char text[WIDTH + 1];
		struct tm tm;
		time_t seconds;

		if (!mml_travel_time(t, strip->first + (size_t)i, &time))
			return;
		seconds = (time_t)(time.real_ns / 1000000000);
		if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm))
			mml_draw(canvas, y, x + i, MML_INK_QUIET, text);
	}
}

static void draw_events(struct mml_travel *t, const struct mml_canvas *canvas, int y, int x,
			const struct strip *strip)
{
	int free = 0;

	for (int i = 0; i < strip->cols && strip->first + (size_t)i < mml_travel_count(t); i++) {
		const char *name = NULL;

		if (mml_travel_seq(t, strip->first + (size_t)i) == t->mark)
			name = "M";
		else if (strip->first + (size_t)i)
			mml_reader_gaps(t->reader, strip->first + (size_t)i, name_gap, &name);
		if (name && i >= free && i + (int)strlen(name) <= strip->cols)
			free = i + mml_draw(canvas, y, x + i, MML_INK_STRONG, name) + 1;
	}
}

/* "REPLAY 2026-11-26 03:07:20 +0100  3412/8640": returns its length. */
static int draw_words(struct mml_travel *t, const struct mml_canvas *canvas, int y, bool late)
{
	struct mml_instant time;
	char when[MML_WHEN_MAX] = "?", text[MML_WHEN_MAX + 64];

	if (mml_travel_time(t, t->pos, &time))
		mml_when_format(when, time.real_ns, false);
	snprintf(text, sizeof(text), "REPLAY %s  %zu/%zu%s", when, t->pos + 1, mml_travel_count(t),
		 late ? " ..." : "");
	return mml_draw(canvas, y, 0, MML_INK_STRONG, text);
}

static void draw_speed(struct mml_travel *t, const struct mml_canvas *canvas, int y, int x)
{
	static const char *const names[] = { "x-600", "x-60", "x-10", "x-5", "x-2", "x-1",
					     "x1",    "x2",   "x5",   "x10", "x60", "x600" };

	mml_draw(canvas, y, x, MML_INK_TEXT, t->playing ? names[t->speed] : "");
}

void mml_travel_draw(struct mml_travel *t, const struct mml_canvas *canvas, bool late)
{
	bool large = canvas->rows == 3;
	int y = large ? 1 : 0, x, cols;
	struct strip strip;

	for (int i = 0; i < canvas->rows; i++)
		mml_draw_run(canvas, i, 0, canvas->cols, MML_INK_TEXT, ' ');
	x = draw_words(t, canvas, y, late) + 2;
	draw_speed(t, canvas, y, canvas->cols - SPEED + 1);
	cols = canvas->cols - x - 2 - SPEED;
	cols = cols > STRIP_MAX ? STRIP_MAX : cols;
	if (cols < STRIP_LEAST)
		return;
	fill_strip(t, cols, &strip);
	mml_draw_char(canvas, y, x, MML_INK_QUIET, canvas->utf8 ? 0x2595 : '[');
	mml_plot_spark(canvas, y, x + 1, cols, strip.values, true);
	draw_found(canvas, y, large ? 2 : y, x + 1, &strip);
	mml_draw_char(canvas, y, x + 1 + strip.at, MML_INK_STRONG, canvas->utf8 ? 0x2502 : '|');
	mml_draw_char(canvas, y, x + 1 + cols, MML_INK_QUIET, canvas->utf8 ? 0x258f : ']');
	if (!large)
		return;
	draw_times(t, canvas, 0, x + 1, &strip);
	draw_events(t, canvas, 2, x + 1, &strip);
}
