/* Pictures of numbers say what the numbers say: compared as text, in both character sets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "../../src/ui/plot.h"
#include "../tap.h"

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

static void fill(struct mml_history *h, const double *v, size_t n)
{
	*h = (struct mml_history){ 0 };
	for (size_t i = 0; i < n; i++)
		mml_history_push(h, v[i]);
}

static void test_ring(void)
{
	struct mml_history h = { 0 };

	ok(isnan(mml_history_at(&h, 0)));
	for (int i = 0; i < MML_HISTORY + 3; i++)
		mml_history_push(&h, i);
	ok(mml_history_at(&h, 0) == MML_HISTORY + 2);
	ok(mml_history_at(&h, MML_HISTORY - 1) == 3);
	ok(isnan(mml_history_at(&h, MML_HISTORY)));
	mml_history_push(&h, (double)NAN);
	ok(mml_history_max(&h, 2) == MML_HISTORY + 2);
	ok(mml_history_max(&h, 1) == 0);
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

static void test_history(bool utf8)
{
	static const double v[] = { NAN, 0, 0.001, 25, 50, 75, 100, 1000 };
	struct mml_scale scale = { 0, 100, false };
	struct mml_canvas canvas;
	struct mml_history h;

	fill(&h, v, 8);
	mml_canvas_init(&canvas, 1, 10, utf8);
	mml_plot_history(&canvas, &h, &scale, MML_INK_SERIES1);
	is_str(text_of(&canvas), utf8 ? "   ▁▁▂▄▆██\n" : "   _.:=*##\n");
	/* Nothing and next to nothing differ in ink where they cannot in height. */
	is_str(inks_of(&canvas), "   d111111\n");
	mml_canvas_free(&canvas);
	mml_canvas_init(&canvas, 2, 4, utf8);
	ok(mml_plot_history_values(&canvas) == (utf8 ? 8u : 4u));
	mml_plot_history(&canvas, &h, &scale, MML_INK_SERIES1);
	is_str(text_of(&canvas), utf8 ? "  ⢠⣿\n⢀⣠⣿⣿\n" : " :##\n####\n");
	mml_canvas_free(&canvas);
	mml_plot_history(&canvas, &h, &scale, MML_INK_SERIES1);
}

static void test_divide(void)
{
	struct mml_part parts[] = { { .value = 1 }, { .value = 1 }, { .value = 1 } };
	struct mml_part uneven[] = { { .value = 1e-6 }, { .value = 97 }, { .value = 0 }, { .value = 3 } };
	struct mml_part minus[] = { { .value = 90 }, { .value = 20 }, { .value = -10 } };
	int width[4];

	mml_plot_divide(parts, 3, 3, 10, width);
	is_i64(width[0] + width[1] + width[2], 10);
	ok(width[0] == 4 && width[1] == 3);
	mml_plot_divide(parts, 3, 6, 10, width);
	is_i64(width[0] + width[1] + width[2], 5);
	mml_plot_divide(uneven, 4, 100.000001, 10, width);
	ok(width[0] == 1 && width[1] == 8 && width[2] == 0 && width[3] == 1);
	mml_plot_divide(minus, 3, 100, 22, width);
	ok(width[0] == 18 && width[1] == 4 && width[2] == 0);
	mml_plot_divide(parts, 3, 3, 2, width);
	is_i64(width[0] + width[1] + width[2], 2);
	mml_plot_divide(parts, 3, 0, 10, width);
	is_i64(width[0] + width[1] + width[2], 0);
}

static void test_bar(bool utf8)
{
	struct mml_part parts[] = { { 50, MML_INK_SERIES1, 0 }, { 25, MML_INK_SERIES2, 1 } };
	const struct mml_history *layers[2];
	struct mml_history h[2];
	struct mml_canvas canvas;

	mml_canvas_init(&canvas, 1, 10, utf8);
	mml_plot_bar(&canvas, 0, 1, 8, parts, 2, 100);
	is_str(text_of(&canvas), utf8 ? " ████▓▓\n" : " ####%%\n");
	is_str(inks_of(&canvas), " 111122\n");
	mml_canvas_free(&canvas);
	mml_canvas_init(&canvas, 4, 3, utf8);
	fill(&h[0], (double[]){ 25, 50 }, 2);
	fill(&h[1], (double[]){ 25, 50 }, 2);
	layers[0] = &h[0];
	layers[1] = &h[1];
	mml_plot_layers(&canvas, parts, layers, 2, 100);
	is_str(text_of(&canvas), utf8 ? "  ▓\n  ▓\n ▓█\n ██\n" : "  %\n  %\n %#\n ##\n");
	mml_canvas_free(&canvas);
}

static void test_gauge(bool utf8)
{
	struct mml_tick ticks[] = { { 20, MML_INK_BAD, 'm' }, { 50, MML_INK_WARN, 'l' },
				    { 51, MML_INK_GOOD, 'h' }, { 100, MML_INK_GOOD, 'p' } };
	struct mml_scale scale = { 0, 100, false };
	struct mml_canvas canvas;

	mml_canvas_init(&canvas, 2, 10, utf8);
	mml_plot_gauge(&canvas, 0, 0, 10, 40, &scale, MML_INK_SERIES1, ticks, 4);
	mml_plot_ticks(&canvas, 1, 0, 10, &scale, ticks, 4);
	is_str(text_of(&canvas), utf8 ? "██│█░│░░░│\n  m  l   p\n" : "==|=.|...|\n  m  l   p\n");
	is_str(inks_of(&canvas), "11B1fwfffg\n  B  w   g\n");
	mml_canvas_clear(&canvas);
	mml_plot_gauge(&canvas, 0, 0, 10, 0, &scale, MML_INK_SERIES1, NULL, 0);
	mml_plot_gauge(&canvas, 1, 0, 10, 0.01, &scale, MML_INK_SERIES1, NULL, 0);
	is_str(text_of(&canvas), utf8 ? "░░░░░░░░░░\n█░░░░░░░░░\n" : "..........\n=.........\n");
	mml_canvas_free(&canvas);
}

static void test_heat(bool utf8)
{
	struct mml_canvas canvas;

	mml_canvas_init(&canvas, 6, 6, utf8);
	mml_plot_heat(&canvas, 0, 0, 6, 0, "0");
	mml_plot_heat(&canvas, 1, 0, 6, 0.3, "12");
	mml_plot_heat(&canvas, 2, 0, 6, 1, "123456");
	mml_plot_heat(&canvas, 3, 0, 6, 0.8, "1234567");
	mml_plot_heat(&canvas, 4, 0, 6, 0.1, NULL);
	mml_plot_heat(&canvas, 5, 0, 6, (double)NAN, NULL);
	is_str(text_of(&canvas), utf8 ? "     0\n▒▒▒ 12\n123456\n██████\n░░░░░░\n     -\n" :
					"     0\n+++ 12\n123456\n######\n------\n     -\n");
	is_str(inks_of(&canvas), "dddddd\n### ##\n++++++\n******\n!!!!!!\ndddddd\n");
	mml_canvas_free(&canvas);
}

int main(void)
{
	test_ring();
	test_scale();
	test_divide();
	for (int utf8 = 0; utf8 < 2; utf8++) {
		test_history(utf8);
		test_bar(utf8);
		test_gauge(utf8);
		test_heat(utf8);
	}
	mml_buf_free(&buf);
	return tap_done();
}
