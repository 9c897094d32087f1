/* With memory that runs out at any allocation a rendering is whole, or an error; never a part of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/render/render.h"
#include "../tap.h"

/* Allocations that succeed yet; -1: all do. FOREVER: none does behind the first that fails. */
static long left = -1;
static bool forever;

static bool fails(void)
{
	if (left < 0)
		return false;
	if (left)
		return left--, false;
	left = forever ? 0 : -1;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails() ? errno = ENOMEM, NULL : __real_malloc(size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? errno = ENOMEM, NULL : __real_calloc(n, size);
}

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? errno = ENOMEM, NULL : __real_realloc(p, size);
}

static const char *const words[] = { "low", "high", NULL };

#define T_COLUMNS(C, R) \
	C(name, "NAME", STR, KEY, NONE, FIRST, 0, "-", "-.") \
	C(size, "SIZE", U64, GAUGE, BYTES, MAIN, 0, "-", "-.") \
	C(word, "WORD", WORD(words), LABEL, NONE, MAIN, 0, "-", "-.")
#define MML_TABLE_OF T
#include "../../src/core/columns.h"
static const struct mml_schema schema = { "things", "A thing.", T_columns, T_NCOLUMNS, "-size", NULL };

static struct mml_table *things(struct mml_arena *arena, size_t n)
{
	struct mml_table *table = mml_table_new(arena, &schema);

	for (size_t i = 0; i < n; i++) {
		struct mml_row *row = mml_table_add(table);

		mml_set_str(row, T_name, i % 3 ? "a \"name\", \377" : "\033[31m");
		mml_set_u64(row, T_size, i * 4096);
		mml_set_word(row, T_word, i % 2);
	}
	mml_table_note(table, "a note, \"quoted\"");
	mml_table_why(table, T_size, "no reason", "nothing");
	return table;
}

static void check(const struct mml_renderer *renderer, const struct mml_snapshot *snap,
		  const struct mml_select *sel)
{
	struct mml_format format = { .renderer = renderer, .style = { .page_size = 4096 } };
	struct mml_buf want = { 0 };
	unsigned parts = 0, failures = 0;

	ok(!mml_render(&want, sel, snap, &format) && want.len);
	for (long n = 0; n < 200; n++) {
		struct mml_buf got = { 0 };
		int rc;

		left = n;
		rc = mml_render(&got, sel, snap, &format);
		left = -1;
		failures += rc == -ENOMEM;
		parts += rc ? rc != -ENOMEM : got.len != want.len || memcmp(got.data, want.data, got.len);
		mml_buf_free(&got);
	}
	tap_ok(!parts && failures, "%s: %u times out of memory%s, %u times something was missing",
	       renderer->name, failures, forever ? " for good" : "", parts);
	mml_buf_free(&want);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_table *table = things(arena, 40);
	struct mml_snapshot snap = { .ntables = 1, .tables = &table, .host.page_size = 4096 };
	struct mml_select sel;

	mml_select_init(&sel, &schema);
	for (size_t i = 0; mml_renderers[i]; i++)
		for (int all = 0; all < 2; all++) {
			forever = all;
			check(mml_renderers[i], &snap, &sel);
		}
	mml_select_free(&sel);
	mml_arena_free(arena);
	return tap_done();
}
