/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "meminfo.h"

#include <errno.h>
#include <strings.h>

#include "../counters/lines.h"

/* clang-format off */
#define MEMINFO_COLUMNS(C, R) \
	C(name,  "NAME",  STR, KEY,   NONE,  FIRST, 0, "the field's name", "Name of the field, as the kernel writes it.") \
	C(value, "VALUE", U64, GAUGE, NONE,  MAIN,  0, "the field's number", "The number as the kernel writes it, in the unit beside it.") \
	C(unit,  "UNIT",  STR, LABEL, NONE,  MAIN,  0, "the field's unit", "kB (1024 bytes); absent where the number is a count.") \
	C(bytes, "BYTES", U64, GAUGE, BYTES, MAIN,  0, "value * 1024", "The same in bytes; absent for counts such as HugePages_Total.") \
	C(help,  "HELP",  STR, LABEL, NONE,  HIDDEN, 0, "mmlens", "What the line means on this kernel: what is counted, of what it is a part, and when to worry.")
/* clang-format on */

#define MML_TABLE_OF MEMINFO
#include "../../core/columns.h"

/*
 * MemTotal:       24684084 kB
 * HugePages_Total:       0
 * Vendors add lines of their own, some of them with "KB".
 */
int mml_meminfo_next(struct mml_span *text, struct mml_meminfo_line *ret)
{
	struct mml_span line, number;
	int rc;

	do {
		if (!mml_next_line(text, &line))
			return 0;
		line = mml_span_trim(line);
	} while (line.p == line.end);
	if (!mml_next_field(&line, ':', &ret->name) || ret->name.p == ret->name.end ||
	    !mml_next_token(&line, &number))
		return -EINVAL;
	rc = mml_parse_u64(number, &ret->value);
	if (rc)
		return rc;
	mml_next_token(&line, &ret->unit);
	return mml_next_token(&line, &number) ? -EINVAL : 1;
}

bool mml_meminfo_in_kib(struct mml_span unit)
{
	return mml_span_len(unit) == 2 && !strncasecmp(unit.p, "kB", 2);
}

bool mml_meminfo_bytes(struct mml_span text, const char *name, uint64_t *ret)
{
	struct mml_meminfo_line line;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		if (rc > 0 && mml_span_eq(line.name, name))
			return mml_meminfo_in_kib(line.unit) &&
			       !__builtin_mul_overflow(line.value, (uint64_t)1024, ret);
	return false;
}

static int meminfo_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	static const char path[] = "/proc/meminfo";
	struct mml_meminfo_line line;
	struct mml_span text, all;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	all = text;
	while ((rc = mml_meminfo_next(&text, &line))) {
		struct mml_row *row;
		uint64_t bytes;

		if (rc < 0) {
			mml_table_bad_at(ret, path, all, text.p, "not a line of meminfo");
			continue;
		}
		row = mml_table_add(ret);
		if (!row)
			return -ENOMEM;
		mml_set_str(row, MEMINFO_name,
			    mml_arena_strndup(take->arena, line.name.p, mml_span_len(line.name)));
		mml_set_u64(row, MEMINFO_value, line.value);
		if (mml_span_len(line.unit))
			mml_set_str(row, MEMINFO_unit,
				    mml_arena_strndup(take->arena, line.unit.p,
						      mml_span_len(line.unit)));
		if (mml_meminfo_in_kib(line.unit) &&
		    !__builtin_mul_overflow(line.value, (uint64_t)1024, &bytes))
			mml_set_u64(row, MEMINFO_bytes, bytes);
		mml_set_str(row, MEMINFO_help, mml_line_help(take, MML_LINES_MEMINFO, line.name));
	}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/meminfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_meminfo = {
	.schema = { .name = "meminfo",
		    .apart = "*",
		    .help = "A line of /proc/meminfo: the kernel's own summary of memory.",
		    MML_COLUMNS(MEMINFO) },
	.sources = sources,
	.collect = meminfo_collect,
};
