/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The auxiliary vector, and what the mm program hands over. */
#include <errno.h>
#include <string.h>

#include "../../src/collectors/events/trace.h"
#include "../../src/collectors/vma/borders.h"
#include "../tap.h"

static struct mml_span span(const void *words, size_t len)
{
	return (struct mml_span){ words, (const char *)words + len };
}

static const struct mml_border *find(const struct mml_borders *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->at[i].name, name))
			return &b->at[i];
	return NULL;
}

static void vectors(struct mml_arena *arena)
{
	static const uint64_t wide[] = { 33, 0x7ffd12345000, 6, 4096, 1, 5, 777, 9, 0, 0, 11, 3 };
	static const uint32_t narrow[] = { 32, 0xf7f12345, 6, 4096, 0, 0 };
	struct mml_borders b = { 0 };
	const struct mml_border *one;

	ok(!mml_borders_auxv(arena, &b, span(wide, sizeof(wide))));
	is_u64(b.n, 3); /* what is to be ignored is, and so is what comes behind the end */
	one = find(&b, "at_sysinfo_ehdr");
	ok(one && one->unit == MML_ADDRESS_OF && one->value == 0x7ffd12345000);
	one = find(&b, "at_777");
	ok(one && one->unit == MML_BITS && one->value == 9);
	b.n = 0;
	ok(!mml_borders_auxv(arena, &b, span(narrow, sizeof(narrow))));
	one = find(&b, "at_sysinfo");
	ok(one && one->value == 0xf7f12345 && b.n == 2);
	/* One that has no end, or none at all. */
	b.n = 0;
	is_i64(mml_borders_auxv(arena, &b, span(wide, 32)), -EBADMSG);
	is_i64(mml_borders_auxv(arena, &b, span(wide, 0)), -EBADMSG);
	is_u64(b.n, 0);
}

static void bytes(struct mml_arena *arena)
{
	struct {
		struct mml_trace_head head;
		struct mml_mm_row row;
	} all = {
		.head = { .magic = MML_TRACE_MAGIC,
			  .order = MML_TRACE_ORDER,
			  .version = MML_TRACE_VERSION,
			  .kind = MML_TRACE_MM,
			  .page_size = 4096,
			  .length = sizeof(struct mml_mm_row) },
		.row = { .tgid = 7, .known = 1, .value = { 0x1000 } },
	};
	struct mml_mm_row *rows;
	size_t n = 0;

	ok(!mml_trace_mm(arena, &all, sizeof(all), &rows, &n));
	ok(n == 1 && rows[0].tgid == 7 && rows[0].value[MML_MM_BRK] == 0x1000);
	all.head.length--;
	is_i64(mml_trace_mm(arena, &all, sizeof(all) - 1, &rows, &n), -EBADMSG);
	all.head.length++;
	all.head.kind = MML_TRACE_TASKS;
	is_i64(mml_trace_mm(arena, &all, sizeof(all), &rows, &n), -EBADMSG);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	if (!arena)
		return 1;
	vectors(arena);
	bytes(arena);
	mml_arena_free(arena);
	return tap_done();
}
