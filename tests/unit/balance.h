/* Reading the table balance of a tree made by a test. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tree.h"

static struct tree t;
static const struct mml_table *b;

static inline void host(const char *machine)
{
	char text[256];

	snprintf(text, sizeof(text), "page_size=4096\nmachine=%s\nkernel=test\n", machine);
	tree_file(&t, "/mmlens/host", text);
}

static inline void meminfo(const char *text)
{
	tree_file(&t, "/proc/meminfo", text);
	b = tree_table(&t, "balance");
}

static inline size_t row_of(const char *item)
{
	return tree_row(b, "item", item);
}

/* The column of part ITEM in KiB; INT64_MIN: the part is not shown, or the cell is absent. */
static inline int64_t cell_of(const char *item, const char *column)
{
	const union mml_value *v = tree_cell(b, row_of(item), column);

	return v ? v->i64 / 1024 : INT64_MIN;
}

static inline int64_t part(const char *item)
{
	return cell_of(item, "bytes");
}

static inline const char *text_of(const char *item, const char *column)
{
	const char *text = tree_str(b, row_of(item), column);

	return row_of(item) == b->nrows ? "no such part" : text ? text : "-";
}

/* All parts add up to TOTAL, in KiB, each is there once, and the remainder is the last. */
static inline bool adds_up(int64_t total)
{
	int64_t sum = 0;

	if (b->error || !b->nrows || strcmp(tree_str(b, b->nrows - 1, "item"), "unaccounted"))
		return false;
	for (size_t i = 0; i < b->nrows; i++) {
		sum += tree_cell(b, i, "bytes")->i64;
		if (row_of(tree_str(b, i, "item")) != i)
			return false;
	}
	return sum == total * 1024;
}

static inline bool notes(const char *what)
{
	return b->note && strstr(b->note, what);
}

static inline void gone(const char *path)
{
	char at[256];

	snprintf(at, sizeof(at), "%s%s", t.dir, path);
	unlink(at);
}

/* Files that every kernel has, with nothing in them that makes a part larger. */
static inline void beside(void)
{
	tree_file(&t, "/proc/vmstat", "pgfault 1\n");
	tree_file(&t, "/proc/net/sockstat", "sockets: used 0\n");
	tree_file(&t, "/proc/zoneinfo", "Node 0, zone   Normal\n        present  9\n");
}

#define MODERN                                                                        \
	"MemTotal:  1000000 kB\nMemFree:    300000 kB\nMemAvailable: 700000 kB\n"    \
	"Buffers:     10000 kB\nCached:     200000 kB\nSwapCached:      0 kB\n"       \
	"Active:     250000 kB\nInactive:   150000 kB\nActive(anon): 100000 kB\n"     \
	"Inactive(anon): 50000 kB\nActive(file): 150000 kB\nInactive(file): 100000 kB\n" \
	"Unevictable:  5000 kB\nMlocked: 5000 kB\nSwapTotal:  0 kB\nSwapFree:  0 kB\n" \
	"Zswap: 0 kB\nDirty: 700 kB\nWriteback: 0 kB\nAnonPages: 140000 kB\nShmem: 3000 kB\n" \
	"KReclaimable: 41000 kB\nSlab:       90000 kB\nSReclaimable: 40000 kB\n"      \
	"SUnreclaim:  50000 kB\nKernelStack: 2000 kB\nPageTables:  3000 kB\n"         \
	"SecPageTables:   4 kB\nVmallocTotal: 34359738367 kB\nVmallocUsed: 20000 kB\n" \
	"Percpu:       6000 kB\nHugePages_Total: 4\nHugePages_Free: 4\n"              \
	"Hugepagesize: 2048 kB\nHugetlb:     8192 kB\nDirectMap4k: 999999 kB\n"
