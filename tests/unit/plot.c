/* Pictures of numbers say what the numbers say: compared as text, in both character sets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "../../src/ui/plot.h"
#include "../tap.h"

#define SECOND UINT64_C(1000000000)

static struct mml_buf buf;

static const char *text_of(const struct mml_canvas *canvas)
{
	buf.len = 0;
	mml_canvas_text(canvas, &buf);
	return buf.data;
}

static const char *inks_of(const struct mml_canvas *canvas)
{
	buf.len = 0;
	mml_canvas_inks(canvas, &buf);
	return buf.data;
}

/* Ten minutes, a value a minute, each standing for its minute. */
static void fill(struct mml_history *h, const double *v, size_t n, bool rate)
{
	*h = (struct mml_history){ .rate = rate };
	for (size_t i = 0; i < n; i++)
		mml_history_push(h, (1000 + 60 * i) * SECOND, i ? 60 * SECOND : 0, v[i]);
}

static void test_bins(void)
{
	struct mml_history level = { 0 }, rate = { .rate = true };
	double lo, hi, cells[10];

	ok(isnan(mml_history_now(&level)) && !mml_history_range(&level, &lo, &hi));
	/* Several values in one second: the mean of a level, the maximum of a rate. */
	for (int i = 1; i <= 3; i++) {
		mml_history_push(&level, 5 * SECOND + (uint64_t)i, 0, i);
		mml_history_push(&rate, 5 * SECOND + (uint64_t)i, 0, i);
	}
	ok(mml_history_now(&level) == 2 && mml_history_now(&rate) == 3);
	/* A sample stands for the seconds before it, but not for those nobody looked. */
	mml_history_push(&level, 35 * SECOND, 0, 7);
	mml_history_cells(&level, 10, cells);
	ok(cells[9] == (2.0 + 7) / 2 && isnan(cells[8]));
	mml_history_push(&level, 135 * SECOND, 100 * SECOND, 9);
	mml_history_cells(&level, 10, cells);
	ok(cells[9] == 9 && cells[8] > 2 && cells[8] < 9 && isnan(cells[6]));
	ok(mml_history_range(&level, &lo, &hi) && lo == 2 && hi == 9);
	/* What is absent leaves what was there. */
	mml_history_push(&level, 135 * SECOND + 5, 0, (double)NAN);
	ok(mml_history_now(&level) == 9);
	/* Far in the future nothing old is left. */
	mml_history_push(&level, 5000 * SECOND, SECOND, 1);
	ok(mml_history_range(&level, &lo, &hi) && lo == 1 && hi == 1);
	mml_history_push(&level, 6000 * SECOND, 0, (double)NAN);
	ok(isnan(mml_history_now(&level)) && !mml_history_range(&level, &lo, &hi));
}

static void test_scale(void)
{
	struct mml_scale even = { 0, 200, false }, by_log = { 1, 10000, true }, none = { 5, 5, false };

	ok(mml_scale_at(&even, 50) == 0.25);
	ok(mml_scale_at(&even, -1) == 0 && mml_scale_at(&even, 201) == 1);
	ok(fabs(mml_scale_at(&by_log, 100) - 0.5) < 1e-9);
	ok(mml_scale_at(&by_log, 0) == 0);
	ok(mml_scale_at(&none, 5) == 0 && mml_scale_at(&even, (double)NAN) == 0);
}

static void test_lines(bool utf8)
{
	static const double level[] = { 50, 60, 70, 80, 90, 100, 110, NAN, 115, 120 };
	static const double still[] = { 100, 101, 100, 101, 100, 101, 100, 101, 100, 101 };
	struct mml_canvas canvas;
	struct mml_history h;

	mml_canvas_init(&canvas, 1, 10, utf8);
	fill(&h, level, 10, false);
	mml_plot_line(&canvas, 0, 0, 10, &h);
	/* A minute nobody could see is blank; a level goes from its smallest to its largest. */
	is_str(text_of(&canvas), utf8 ? "▁▂▃▄▅▆▇ ██\n" : "_.-:=+* ##\n");
	mml_canvas_clear(&canvas);
	fill(&h, level, 10, true);
	mml_plot_line(&canvas, 0, 0, 10, &h);
	is_str(text_of(&canvas), utf8 ? "▄▅▅▆▆▇▇ ██\n" : ":==++** ##\n");
	mml_canvas_clear(&canvas);
	/* Less than 2 % is flat. */
	fill(&h, still, 10, false);
	mml_plot_line(&canvas, 0, 0, 10, &h);
	is_str(text_of(&canvas), utf8 ? "▁▁▁▁▁▁▁▁▁▁\n" : "__________\n");
	is_str(inks_of(&canvas), "pppppppppp\n");
	mml_canvas_free(&canvas);
	/* Before the span is full the left is blank. */
	mml_canvas_init(&canvas, 2, 10, utf8);
	fill(&h, level, 3, false);
	mml_plot_area(&canvas, &h, 50, 70);
	is_str(text_of(&canvas), utf8 ? "        ▁█\n       ▁██\n" : "        _#\n       _##\n");
	mml_canvas_free(&canvas);
	mml_canvas_init(&canvas, 1, 30, utf8);
	mml_plot_axis(&canvas, 0, 0, 30);
	is_str(text_of(&canvas), "-10 min     -5 min         now\n");
	mml_canvas_free(&canvas);
}

static int sum(const int *v, size_t n)
{
	int s = 0;

	for (size_t i = 0; i < n; i++)
		s += v[i];
	return s;
}

static void test_divide(void)
{
	struct mml_part parts[5] = { { 50, 0 }, { 30, 1 }, { 19.5, 2 }, { 0.5, 3 }, { 0, 4 } };
	int cols[5];

	mml_plot_divide(parts, 5, 100, 10, cols);
	ok(cols[0] == 5 && cols[1] == 3 && cols[3] == 1 && !cols[4] && sum(cols, 5) == 10);
	/* Half of the whole takes half of the columns. */
	mml_plot_divide(parts, 5, 200, 20, cols);
	ok(sum(cols, 5) == 10);
	/* A negative part takes no room, and the others are shown in their proportions. */
	parts[4].value = -20;
	mml_plot_divide(parts, 5, 80, 10, cols);
	ok(!cols[4] && sum(cols, 5) == 10);
	mml_plot_divide(parts, 5, 0, 10, cols);
	ok(sum(cols, 5) == 0);
	mml_plot_divide(parts, 5, 100, 2, cols);
	ok(sum(cols, 5) == 2);
}

static void test_bars(bool utf8)
{
	struct mml_part parts[] = { { 40, MML_USE_ANON }, { 20, MML_USE_SHMEM }, { 20, MML_USE_FILE },
				    { 20, MML_USE_FREE } };
	struct mml_scale scale = { 1, 10000, true };
	const struct mml_mark marks[] = { { 10, 'm' }, { 11, 'l' }, { 100, 'h' } };
	struct mml_canvas canvas;

	mml_canvas_init(&canvas, 4, 10, utf8);
	mml_plot_bar(&canvas, 0, 0, 10, parts, 4, 100);
	mml_plot_share(&canvas, 1, 0, 10, 0.55, MML_INK_PLOT);
	mml_plot_share(&canvas, 2, 0, 10, 0.001, MML_INK_PLOT);
	mml_plot_marks(&canvas, 3, 0, 10, 1000, &scale, marks, 3, MML_INK_WARN);
	is_str(text_of(&canvas), utf8 ? "████▓▓▒▒··\n█████▌····\n▏·········\n──m──h─●──\n"
				      : "####%%==..\n======....\n..........\n--m--h-O--\n");
	is_str(inks_of(&canvas), utf8 ? "aaaassffrr\npppppprrrr\nprrrrrrrrr\nqqqqqqqwqq\n"
				      : "aaaassffrr\npppppprrrr\nrrrrrrrrrr\nqqqqqqqwqq\n");
	mml_canvas_free(&canvas);
}

static void test_heat(bool utf8)
{
	struct mml_canvas canvas;

	mml_canvas_init(&canvas, 1, 30, utf8);
	for (int i = 0; i < 3; i++)
		mml_plot_heat(&canvas, 0, 6 * i, 5, i / 2.0, i ? "123" : "0");
	mml_plot_heat(&canvas, 0, 18, 5, (double)NAN, NULL);
	is_str(text_of(&canvas), "    0   123   123     -\n");
	is_str(inks_of(&canvas), "qqqqq 33333 55555 qqqqq\n");
	/* Without inks for it there is a character. */
	canvas.shades = true;
	mml_plot_heat(&canvas, 0, 0, 5, 0.5, "123");
	mml_plot_heat(&canvas, 0, 6, 5, 1, "123");
	is_str(text_of(&canvas), utf8 ? "▒ 123 █ 123   123     -\n" : "+ 123 # 123   123     -\n");
	mml_canvas_free(&canvas);
	ok(mml_heat_ink(0) == MML_INK_QUIET && mml_heat_ink(0.01) == MML_INK_HEAT1);
	ok(mml_heat_ink(1) == MML_INK_HEAT5 && mml_heat_ink(2) == MML_INK_HEAT5);
}

int main(void)
{
	test_bins();
	test_scale();
	test_divide();
	for (int utf8 = 0; utf8 < 2; utf8++) {
		test_lines(utf8);
		test_bars(utf8);
		test_heat(utf8);
	}
	mml_buf_free(&buf);
	return tap_done();
}
