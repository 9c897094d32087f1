/* What is drawn stays inside, and nothing that could steer a terminal gets onto a canvas. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>

#include "../../src/ui/canvas.h"
#include "../../src/ui/keys.h"
#include "../tap.h"

static const char *text_of(const struct mml_canvas *canvas, struct mml_buf *buf)
{
	buf->len = 0;
	mml_canvas_text(canvas, buf);
	return buf->data;
}

static void test_clip(void)
{
	struct mml_canvas canvas, part;
	struct mml_buf buf = { 0 };

	mml_canvas_init(&canvas, 3, 5, true);
	is_i64(mml_draw(&canvas, 0, 2, MML_INK_TEXT, "abcdef"), 6);
	mml_draw(&canvas, 1, -2, MML_INK_STRONG, "xyz");
	mml_draw(&canvas, -1, 0, MML_INK_STRONG, "no");
	mml_draw(&canvas, 3, 0, MML_INK_STRONG, "no");
	mml_draw_run(&canvas, 2, -3, 1000, MML_INK_TEXT, '=');
	is_str(text_of(&canvas, &buf), "  abc\nz\n=====\n");
	part = mml_canvas_part(&canvas, 1, 3, 9, 9);
	is_i64(part.rows, 2);
	is_i64(part.cols, 2);
	mml_draw(&part, 0, 0, MML_INK_TEXT, "PQR");
	is_str(text_of(&canvas, &buf), "  abc\nz  PQ\n=====\n");
	part = mml_canvas_part(&canvas, 5, 0, 2, 2);
	mml_draw(&part, 0, 0, MML_INK_TEXT, "no");
	part = mml_canvas_part(&canvas, -1, -1, 2, 2);
	mml_draw(&part, 0, 0, MML_INK_TEXT, "!!");
	is_str(text_of(&canvas, &buf), "! abc\nz  PQ\n=====\n");
	mml_canvas_free(&canvas);
	mml_buf_free(&buf);
}

static void test_harmless(void)
{
	struct mml_canvas canvas;
	struct mml_buf buf = { 0 };

	mml_canvas_init(&canvas, 1, 12, true);
	mml_draw(&canvas, 0, 0, MML_INK_TEXT, "a\033[2J\x9b" "b\xff\n");
	is_str(text_of(&canvas, &buf), "a?[2J?b??\n");
	mml_canvas_free(&canvas);
	mml_canvas_init(&canvas, 1, 12, false);
	mml_draw(&canvas, 0, 0, MML_INK_TEXT, "\u2588\u00e9#");
	mml_draw_char(&canvas, 0, 5, MML_INK_TEXT, 0x2588);
	is_str(text_of(&canvas, &buf), "??#  ?\n");
	mml_canvas_free(&canvas);
	mml_buf_free(&buf);
}

static void test_wide(void)
{
	struct mml_canvas canvas;
	struct mml_buf buf = { 0 };

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		tap_skip("no C.UTF-8 locale");
		return;
	}
	mml_canvas_init(&canvas, 1, 5, true);
	is_i64(mml_draw(&canvas, 0, 0, MML_INK_TEXT, "\u5b57\u5b57\u5b57"), 6);
	is_str(text_of(&canvas, &buf), "\u5b57\u5b57\n"); /* the third would be cut in half */
	mml_draw(&canvas, 0, 1, MML_INK_TEXT, "x");
	is_str(text_of(&canvas, &buf), " x\u5b57\n");
	mml_draw(&canvas, 0, 2, MML_INK_TEXT, "y");
	is_str(text_of(&canvas, &buf), " xy\n");
	is_i64(mml_draw(&canvas, 0, 0, MML_INK_TEXT, "e\u0301"), 1);
	mml_canvas_free(&canvas);
	mml_buf_free(&buf);
}

static void test_fields(void)
{
	struct mml_canvas canvas;
	struct mml_buf buf = { 0 };

	mml_canvas_init(&canvas, 3, 20, true);
	mml_draw_field(&canvas, 0, 0, 6, false, MML_INK_STRONG, "kmalloc-64");
	mml_draw_field(&canvas, 0, 7, 6, true, MML_INK_TEXT, "1.5G");
	mml_draw_field(&canvas, 0, 14, 4, true, MML_INK_TEXT, "1.5G");
	is_str(text_of(&canvas, &buf), "kmall\u2026   1.5G 1.5G\n\n\n");
	buf.len = 0;
	mml_canvas_inks(&canvas, &buf);
	is_str(buf.data, "bbbbbb\n\n\n");
	mml_canvas_clear(&canvas);
	is_i64(mml_draw_text(&canvas, 0, 1, 8, MML_INK_TEXT, "one two three\nmuchtoolongword"), 4);
	is_str(text_of(&canvas, &buf), " one two\n three\n muchtool\n");
	mml_canvas_free(&canvas);
	mml_buf_free(&buf);
}

static void test_keys(void)
{
	is_i64(mml_key_does('q'), MML_DO_QUIT);
	is_i64(mml_key_does(mml_key_named("F4", 2)), MML_DO_FILTER);
	is_i64(mml_key_does(mml_key_named("F10", 3)), MML_DO_NOTHING);
	is_i64(mml_key_does(mml_key_named("Ctrl-L", 6)), MML_DO_REDRAW);
	is_i64(mml_key_does(mml_key_named("Shift-Tab", 9)), MML_DO_PREV_VIEW);
	is_i64(mml_key_does(0), MML_DO_NOTHING);
	is_u64(mml_key_named("\u00e9", 2), 0xe9);
	is_u64(mml_key_named("Nonsense", 8), 0);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_clip();
	test_harmless();
	test_wide();
	test_fields();
	test_keys();
	return tap_done();
}
