/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmstat.h"

#include <errno.h>

#include "../counters/lines.h"

/* clang-format off */
#define VMSTAT_COLUMNS(C, R) \
	C(name,  "NAME",   STR, KEY,     NONE,  FIRST, 0, "the counter's name", "Name of the counter, as the kernel writes it.") \
	C(value, "VALUE",  U64, COUNTER, COUNT, MAIN,  0, "the counter's number", "How much there is now, or how much it was since boot, in the unit beside it.") \
	C(unit,  "UNIT",   STR, LABEL,   NONE,  MAIN,  0, "the counter's name", "What is counted: pages, KiB, huge pages, allocations, faults, events; absent for a counter that this version does not know.") \
	R(rate,  "RATE/S", F64, RATE,    COUNT, MAIN,  value, "Change per second since the previous sample; of nr_* levels it may be negative.") \
	C(help,  "HELP",   STR, LABEL,   NONE,  HIDDEN, 0, "mmlens", "What the line means on this kernel: what is counted, of what it is a part, and when to worry.")
/* clang-format on */

#define MML_TABLE_OF VMSTAT
#include "../../core/columns.h"

/* nr_free_pages 5519103 */
int mml_vmstat_next(struct mml_span *text, struct mml_span *ret_name, uint64_t *ret_value)
{
	struct mml_span line, rest;
	int rc;

	do {
		if (!mml_next_line(text, &line))
			return 0;
	} while (!mml_next_token(&line, ret_name));
	rc = mml_next_u64(&line, ret_value);
	if (rc)
		return rc == -ENODATA ? -EINVAL : rc;
	return mml_next_token(&line, &rest) ? -EINVAL : 1;
}

bool mml_vmstat_value(struct mml_span text, const char *name, uint64_t *ret)
{
	struct mml_span at;
	int rc;

	while ((rc = mml_vmstat_next(&text, &at, ret)))
		if (rc > 0 && mml_span_eq(at, name))
			return true;
	return false;
}

static int vmstat_collect(struct mml_take *take, const struct mml_query *query,
			  struct mml_table *ret)
{
	static const char path[] = "/proc/vmstat";
	struct mml_span text, all, name;
	uint64_t value;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	all = text;
	while ((rc = mml_vmstat_next(&text, &name, &value))) {
		struct mml_row *row;

		if (rc < 0) {
			mml_table_bad_at(ret, path, all, text.p, "not a name and a number");
			continue;
		}
		row = mml_table_add(ret);
		if (!row)
			return -ENOMEM;
		row->levels = mml_counter_level(name);
		mml_set_str(row, VMSTAT_name,
			    mml_arena_strndup(take->arena, name.p, mml_span_len(name)));
		mml_set_u64(row, VMSTAT_value, value);
		mml_set_str(row, VMSTAT_unit, mml_counter_unit_here(take, name));
		mml_set_str(row, VMSTAT_help, mml_line_help(take, MML_LINES_VMSTAT, name));
	}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/vmstat", "a procfs that is not mounted with subset=pid",
	  "a kernel with CONFIG_VM_EVENT_COUNTERS", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_vmstat = {
	.schema = { .name = "vmstat",
		    .apart = "*",
		    .help = "A counter of /proc/vmstat: what the kernel's memory management has done.",
		    MML_COLUMNS(VMSTAT) },
	.sources = sources,
	.collect = vmstat_collect,
};
