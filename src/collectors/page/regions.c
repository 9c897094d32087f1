/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../../core/snapshot.h"
#include "../memory/meminfo.h"
#include "layout.h"

/* clang-format off */
#define LAYOUT_COLUMNS(C, R) \
	C(bits,   "BITS",   U64,  KEY,     COUNT, MAIN,   0, "x86-64: cpuinfo la57; arm64: CONFIG_ARM64_VA_BITS", "Bits of a virtual address: on x86-64 48 with four levels of page tables, and 57 with five.") \
	C(levels, "LEVELS", U64,  LABEL,   COUNT, HIDDEN, 0, "bits, page size", "Levels of page tables that takes.") \
	C(in_use, "INUSE",  BOOL, LABEL,   NONE,  HIDDEN, 0, "cpuinfo: la57", "Whether this machine is laid out so; absent where nothing tells.") \
	C(start,  "START",  ADDR, KEY,     NONE,  FIRST,  0, "Documentation/arch: x86/x86_64/mm.rst, arm64/memory.rst", "First address of the region. What is randomized at boot is somewhere near, in the same order.") \
	C(end,    "END",    ADDR, LABEL,   NONE,  FIRST,  0, "as start", "Its last address.") \
	C(size,   "SIZE",   U64,  DERIVED, BYTES, FIRST,  0, "end - start + 1", "Addresses it takes. Absent for all 2^64 of them.") \
	C(used,   "USED",   U64,  GAUGE,   BYTES, MAIN,   0, "as COUNTER says", "What of it is in use; absent where no counter tells.") \
	C(from,   "COUNTER", STR, LABEL,   NONE,  HIDDEN, 0, "mmlens", "The counter that tells it.") \
	C(region, "REGION", STR,  LABEL,   NONE,  FIRST,  0, "as start", "What lies there.")
/* clang-format on */

#define MML_TABLE_OF LAYOUT
#include "../../core/columns.h"

struct layout {
	struct mml_take *take;
	struct mml_table *table;
	unsigned bits, levels; /* of the rows that are added */
	bool known, in_use;    /* whether the machine is laid out so */
};

/* Returns the sum of the lines of meminfo whose names begin with PREFIX. */
static bool meminfo_sum(struct mml_take *take, const char *prefix, uint64_t *ret)
{
	struct mml_meminfo_line line;
	struct mml_span text;
	bool any = false;
	int rc;

	*ret = 0;
	if (mml_take_file(take, NULL, "/proc/meminfo", &text))
		return false;
	while ((rc = mml_meminfo_next(&text, &line)))
		if (rc > 0 && mml_span_starts(line.name, prefix) &&
		    mml_meminfo_in_kib(line.unit)) {
			*ret += line.value * 1024;
			any = true;
		}
	return any;
}

/* snd_hda 45056 2 - Live 0x0000000000000000 */
static bool module_sum(struct mml_take *take, uint64_t *ret)
{
	struct mml_span text, line, tok;
	uint64_t size;

	*ret = 0;
	if (mml_take_file(take, NULL, "/proc/modules", &text))
		return false;
	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &tok) && !mml_next_u64(&line, &size))
			*ret += size;
	return true;
}

/* The descriptions of all frames, as far as they were counted (Linux 6.12). */
static bool memmap_sum(struct mml_take *take, uint64_t *ret)
{
	struct mml_span text, line, name;
	uint64_t pages, all = 0;
	bool any = false;

	if (mml_take_file(take, NULL, "/proc/vmstat", &text))
		return false;
	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &name) &&
		    (mml_span_eq(name, "nr_memmap_pages") || mml_span_eq(name, "nr_memmap_boot_pages")) &&
		    !mml_next_u64(&line, &pages)) {
			all += pages;
			any = true;
		}
	return any && !__builtin_mul_overflow(all, take->host->page_size, ret);
}

static void set_used(const struct layout *l, struct mml_row *row, const char *region)
{
	const char *from = NULL;
	uint64_t used = 0;

	if (!l->known || !l->in_use)
		return;
	if (!strncmp(region, "direct map", 10) && meminfo_sum(l->take, "DirectMap", &used))
		from = "meminfo DirectMap4k + DirectMap2M + DirectMap1G";
	else if (!strncmp(region, "vmalloc", 7) && meminfo_sum(l->take, "VmallocUsed", &used))
		from = "meminfo VmallocUsed";
	else if (!strncmp(region, "vmemmap", 7) && memmap_sum(l->take, &used))
		from = "vmstat nr_memmap_pages + nr_memmap_boot_pages";
	else if (!strcmp(region, "modules") && module_sum(l->take, &used))
		from = "/proc/modules";
	if (!from)
		return;
	mml_set_u64(row, LAYOUT_used, used);
	mml_set_str(row, LAYOUT_from, from);
}

static int add(struct layout *l, uint64_t first, uint64_t last, const char *region)
{
	struct mml_row *row = mml_table_add(l->table);

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, LAYOUT_bits, l->bits);
	mml_set_u64(row, LAYOUT_levels, l->levels);
	if (l->known)
		mml_set_bool(row, LAYOUT_in_use, l->in_use);
	mml_set_u64(row, LAYOUT_start, first);
	mml_set_u64(row, LAYOUT_end, last);
	if (last - first != UINT64_MAX)
		mml_set_u64(row, LAYOUT_size, last - first + 1);
	mml_set_str(row, LAYOUT_region, region);
	set_used(l, row, region);
	return 0;
}

static int add_x86(struct layout *l, unsigned levels, bool in_use)
{
	const struct mml_x86_part *part;
	int rc = 0;

	l->levels = levels;
	l->bits = levels == 5 ? 57 : 48;
	l->known = true;
	l->in_use = in_use;
	for (size_t i = 0; !rc && (part = mml_x86_part(levels, i)); i++)
		rc = add(l, part->first, part->last, part->what);
	return rc;
}

static int collect_x86(struct layout *l, bool all)
{
	struct mml_x86 x86;
	struct mml_span text;
	int rc = mml_take_file(l->take, l->table, "/proc/cpuinfo", &text);

	if (rc)
		return rc;
	if (mml_x86_parse(text, &x86))
		return mml_table_fail(l->table, -ENODATA, NULL, "/proc/cpuinfo: no line of flags");
	for (unsigned levels = 4; levels <= 5 && !rc; levels++)
		if (all || levels == x86.levels)
			rc = add_x86(l, levels, levels == x86.levels);
	if (x86.physical_bits && x86.virtual_bits)
		mml_table_note(l->table,
			       "the processor has physical addresses of %u bits and virtual ones of %u",
			       (unsigned)x86.physical_bits, (unsigned)x86.virtual_bits);
	return rc;
}

/* Since 5.4. The upper half of the kernel's part is divided as the kernel's version and size of pages
 * have it. Kernels for 52 bits are laid out as those for 48 (47 with pages of 16K) there, because not
 * all processors have 52. */
static int add_arm64(struct layout *l, unsigned bits, unsigned page_bits)
{
	unsigned least = bits < 52 ? bits : page_bits == 14 ? 47 : 48;
	uint64_t user = (UINT64_C(1) << bits) - 1, kernel = ~user, upper = ~((UINT64_C(1) << (least - 1)) - 1);
	int rc;

	l->bits = bits;
	l->levels = (bits - page_bits + page_bits - 4) / (page_bits - 3);
	rc = add(l, 0, user, "user space");
	if (!rc)
		rc = add(l, user + 1, kernel - 1, "hole of addresses in no table");
	if (!rc)
		rc = add(l, kernel, upper - 1, "direct map of physical memory, and the KASAN shadow");
	return rc ? rc : add(l, upper, UINT64_MAX, "kernel text, modules, vmalloc, fixed mappings, vmemmap");
}

/* Nothing in /proc tells which size of addresses the kernel was built for, so that all are listed. */
static int collect_arm64(struct layout *l)
{
	static const struct {
		unsigned page_bits, bits[4];
	} sizes[] = { { 12, { 39, 48, 52 } }, { 14, { 36, 47, 48, 52 } }, { 16, { 42, 48, 52 } } };
	uint64_t page = mml_take_page_size(l->take, l->table);
	int rc = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t k = 0; k < 4 && sizes[i].bits[k] && !rc; k++)
			if (page == 1U << sizes[i].page_bits)
				rc = add_arm64(l, sizes[i].bits[k], sizes[i].page_bits);
	mml_table_why(l->table, LAYOUT_in_use, "no file tells which size the kernel was built for", NULL);
	return rc;
}

static int layout_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct layout l = { .take = take, .table = ret };
	const char *machine = take->host->machine;
	int rc;

	if (machine && !strcmp(machine, "x86_64"))
		rc = collect_x86(&l, query->scope.by && !strcmp(query->scope.by, "levels"));
	else if (machine && !strcmp(machine, "aarch64"))
		rc = collect_arm64(&l);
	else
		return mml_table_fail(ret, -ENOTSUP, "an x86-64 or arm64 machine",
				      "the layout of %s is not known to mmlens", machine ? machine : "this machine");
	if (rc == -ENOMEM)
		return mml_table_fail(ret, rc, NULL, "out of memory");
	if (rc)
		return rc;
	return 0;
}

static const struct mml_grouping groupings[] = {
	{ "levels", "levels,bits,in_use,start,end,size,used,region", "" },
	{ NULL, NULL, NULL },
};

static const struct mml_source sources[] = {
	{ "/proc/cpuinfo", NULL, NULL, NULL },
	{ "/proc/meminfo", NULL, NULL, NULL },
	{ "/proc/vmstat", NULL, NULL, NULL },
	{ "/proc/modules", NULL, "a kernel with CONFIG_MODULES", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_layout = {
	.schema = { .name = "layout",
		    .apart = "*",
		    .help = "A region of the machine's address space: what lies where, and what of it is in use.",
		    MML_COLUMNS(LAYOUT) },
	.sources = sources,
	.groupings = groupings,
	.collect = layout_collect,
};
