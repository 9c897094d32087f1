/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../../core/text.h"
#include "meminfo.h"

/* clang-format off */
#define SWAPS_COLUMNS(C, R) \
	C(name,         "NAME",     STR, KEY,     NONE,    FIRST, 0, "Filename", "Device or file; zswap: the compressed cache in front of all of them.") \
	C(type,         "TYPE",     STR, LABEL,   NONE,    MAIN,  0, "Type", "partition (any block device), file, or zswap.") \
	C(priority,     "PRIO",     I64, LABEL,   COUNT,   MAIN,  0, "Priority", "The highest is used first; equal ones in turn.") \
	C(size,         "SIZE",     U64, GAUGE,   BYTES,   MAIN,  0, "Size", "Room for pages. Of zswap: the most memory its pool may take.") \
	C(used,         "USED",     U64, GAUGE,   BYTES,   FIRST, 0, "Used; of zswap: Zswapped of meminfo", "Pages that have a place in it, in their original size: those swapped out, and those that were read back and are still the same. Pages in zswap have a place on a device too and are counted there as well.") \
	C(free,         "FREE",     U64, DERIVED, BYTES,   MAIN,  0, "size - used", "Room left.") \
	C(usage,        "USE%",     F64, DERIVED, PERCENT, MAIN,  0, "used / size; of zswap: memory / size", "Share of the room that is taken.") \
	R(growth,       "GROWTH",   I64, GROWTH,  BYTES,   MORE,  used, "Change of used since the previous sample (needs -d, or the screen).") \
	C(stored,       "STORED",   U64, GAUGE,   BYTES,   MORE,  0, "mm_stat: orig_data_size; of zswap: Zswapped", "What is kept compressed in memory, in its original size (zram, zswap). zram drops pages that are read back, so this can be much less than used.") \
	C(compressed,   "COMPR",    U64, GAUGE,   BYTES,   LAST,  0, "mm_stat: compr_data_size", "The same compressed, without what the allocator loses (zram).") \
	C(memory,       "MEMORY",   U64, GAUGE,   BYTES,   MORE,  0, "mm_stat: mem_used_total; of zswap: Zswap of meminfo", "The memory it takes in all (zram, zswap).") \
	C(ratio,        "RATIO",    F64, DERIVED, RATIO,   MORE,  0, "stored / memory", "How many times smaller compression made it.") \
	C(limit,        "LIMIT",    U64, GAUGE,   BYTES,   HIDDEN, 0, "mm_stat: mem_limit", "The most memory the device may take; absent: as much as it likes (zram).") \
	C(peak,         "PEAK",     U64, GAUGE,   BYTES,   HIDDEN, 0, "mm_stat: mem_used_max", "The most memory it ever took (zram).") \
	C(same,         "SAME",     U64, GAUGE,   BYTES,   HIDDEN, 0, "mm_stat: same_pages", "Pages filled with one value, which take no memory (zram).") \
	C(huge,         "HUGE",     U64, GAUGE,   BYTES,   HIDDEN, 0, "mm_stat: huge_pages", "Pages that do not compress (zram).") \
	C(algorithm,    "ALGO",     STR, LABEL,   NONE,    HIDDEN, 0, "comp_algorithm; of zswap: compressor", "Compression algorithm (zram, zswap).")
/* clang-format on */

#define MML_TABLE_OF SWAPS
#include "../../core/columns.h"

static const char path[] = "/proc/swaps";
static const char zswap_dir[] = "/sys/module/zswap/parameters";

static void set_ratio(struct mml_row *row)
{
	uint64_t memory = row->cell[SWAPS_memory].u64;

	if (mml_has(row, SWAPS_stored) && mml_has(row, SWAPS_memory) && memory)
		mml_set_f64(row, SWAPS_ratio, (double)row->cell[SWAPS_stored].u64 / (double)memory);
}

/* The chosen word is the one in brackets, as in "lzo lzo-rle [lz4] zstd". A single word has none. */
static const char *chosen(struct mml_arena *arena, struct mml_span text)
{
	struct mml_span line, tok;

	if (!mml_next_line(&text, &line))
		return NULL;
	while (mml_next_token(&line, &tok)) {
		if (*tok.p == '[' && tok.end[-1] == ']' && mml_span_len(tok) > 2)
			return mml_arena_strndup(arena, tok.p + 1, mml_span_len(tok) - 2);
		if (!mml_span_len(mml_span_trim(line)))
			return mml_arena_strndup(arena, tok.p, mml_span_len(tok));
	}
	return NULL;
}

/*
 * /sys/block/zram0/mm_stat: orig_data_size compr_data_size mem_used_total mem_limit mem_used_max
 * same_pages pages_compacted huge_pages [huge_pages_since, 5.15]
 * The sizes are in bytes, and same_pages and huge_pages in pages.
 */
static void add_zram(struct mml_take *take, struct mml_row *row, const char *device)
{
	static const struct {
		int column;
		bool pages;
	} map[] = {
		{ SWAPS_stored, false }, { SWAPS_compressed, false }, { SWAPS_memory, false },
		{ SWAPS_limit, false },  { SWAPS_peak, false },       { SWAPS_same, true },
		{ -1, true }, /* pages_compacted, which no column shows */
		{ SWAPS_huge, true },
	};
	struct mml_span text, line;
	uint64_t v;

	if (!mml_take_filef(take, &text, "/sys/block/%s/mm_stat", device) &&
	    mml_next_line(&text, &line)) {
		for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++) {
			if (mml_next_u64(&line, &v))
				break;
			if (map[i].column < 0 || (map[i].column == SWAPS_limit && !v) ||
			    (map[i].pages && __builtin_mul_overflow(v, take->host->page_size, &v)))
				continue;
			mml_set_u64(row, (unsigned)map[i].column, v);
		}
		set_ratio(row);
	}
	if (!mml_take_filef(take, &text, "/sys/block/%s/comp_algorithm", device))
		mml_set_str(row, SWAPS_algorithm, chosen(take->arena, text));
}

/* A page that is read back from zram is dropped there, but keeps its place in swap as long as it is
 * not changed. */
static void note_read_back(struct mml_table *table)
{
	enum { MIB = 1 << 20 };
	struct mml_row *row = mml_table_row(table, table->nrows - 1);
	uint64_t used = row->cell[SWAPS_used].u64, stored = row->cell[SWAPS_stored].u64;

	if (!mml_has(row, SWAPS_stored) || used < MIB || stored >= used / 2)
		return;
	mml_table_note(table,
		       "%s keeps %llu kB, though %llu kB of swap are in use there: pages that were "
		       "read back are "
		       "dropped from it and keep their place",
		       row->cell[SWAPS_name].str, (unsigned long long)stored / 1024,
		       (unsigned long long)used / 1024);
}

/* /dev/zram0                              partition	8388604		76		100 */
static int swap_row(struct mml_take *take, struct mml_table *table, struct mml_span line)
{
	struct mml_span name, type, tok;
	uint64_t size, used;
	int64_t priority;
	struct mml_row *row;
	const char *str;

	if (!mml_next_token(&line, &name) || !mml_next_token(&line, &type) ||
	    mml_next_u64(&line, &size) || mml_next_u64(&line, &used) ||
	    !mml_next_token(&line, &tok) || mml_parse_i64(tok, &priority) ||
	    mml_next_token(&line, &tok) || __builtin_mul_overflow(size, (uint64_t)1024, &size) ||
	    __builtin_mul_overflow(used, (uint64_t)1024, &used))
		return -EINVAL;
	row = mml_table_add(table);
	str = mml_unescape(take->arena, name);
	if (!row || !str)
		return -ENOMEM;
	mml_set_str(row, SWAPS_name, str);
	mml_set_str(row, SWAPS_type,
		    mml_arena_strndup(take->arena, type.p, mml_span_len(type)));
	mml_set_i64(row, SWAPS_priority, priority);
	mml_set_u64(row, SWAPS_size, size);
	mml_set_u64(row, SWAPS_used, used);
	if (used <= size)
		mml_set_u64(row, SWAPS_free, size - used);
	if (size)
		mml_set_f64(row, SWAPS_usage, (double)used * 100 / (double)size);
	if (!strncmp(str, "/dev/zram", 9) && !strchr(str + 5, '/')) {
		add_zram(take, row, str + 5);
		note_read_back(table);
	}
	return 0;
}

/* zswap is not in /proc/swaps, because it is not a device: it keeps pages compressed before they
 * reach one. */
static int zswap_row(struct mml_take *take, struct mml_table *table)
{
	struct mml_span meminfo, text, line;
	uint64_t memory, stored, total, percent, limit;
	struct mml_row *row;
	bool on = !mml_take_filef(take, &text, "%s/enabled", zswap_dir) &&
		  mml_next_line(&text, &line) && mml_span_eq(mml_span_trim(line), "Y");

	if (mml_take_file(take, NULL, "/proc/meminfo", &meminfo) ||
	    !mml_meminfo_bytes(meminfo, "Zswap", &memory) ||
	    !mml_meminfo_bytes(meminfo, "Zswapped", &stored) || (!on && !stored && !memory))
		return 0;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	mml_set_str(row, SWAPS_name, "zswap");
	mml_set_str(row, SWAPS_type, "zswap");
	mml_set_u64(row, SWAPS_used, stored);
	mml_set_u64(row, SWAPS_stored, stored);
	mml_set_u64(row, SWAPS_memory, memory);
	set_ratio(row);
	if (!mml_take_number(take, &percent, "%s/max_pool_percent", zswap_dir) && percent &&
	    percent <= 100 && mml_meminfo_bytes(meminfo, "MemTotal", &total) && total) {
		limit = total / 100 * percent;
		mml_set_u64(row, SWAPS_size, limit);
		mml_set_f64(row, SWAPS_usage, (double)memory * 100 / (double)limit);
	}
	if (!mml_take_filef(take, &text, "%s/compressor", zswap_dir))
		mml_set_str(row, SWAPS_algorithm, chosen(take->arena, text));
	return 0;
}

static int swaps_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct mml_span text, line;
	size_t number = 0;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	while (mml_next_line(&text, &line)) {
		number++;
		if ((number == 1 && mml_span_starts(line, "Filename")) ||
		    !mml_span_len(mml_span_trim(line)))
			continue;
		rc = swap_row(take, ret, line);
		if (rc == -ENOMEM)
			return rc;
		if (rc)
			mml_table_bad(ret, path, number, "not a line of swaps");
	}
	if (zswap_row(take, ret))
		return -ENOMEM;
	if (!ret->nrows && !ret->error)
		mml_table_note(ret, "no swap is set up");
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/swaps", "a procfs that is not mounted with subset=pid",
	  "a kernel with CONFIG_SWAP", NULL },
	{ "/proc/meminfo", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_swaps = {
	.schema = { .name = "swaps",
		    .apart = "peak",
		    .help = "A swap device or file: how full it is, and what compression makes of it.",
		    MML_COLUMNS(SWAPS) },
	.sources = sources,
	.collect = swaps_collect,
};
