/* What holds of every tree of files, of whichever kernel and machine, or is said not to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <limits.h>

#include "../../src/collectors/memory/whose.h"
#include "tree.h"

/* A tree whose files are not as a kernel wrote them, so that WHAT does not hold, and why. */
struct odd {
	const char *tree, *what, *why;
};

struct invariants {
	const char *dir, *name;
	const struct odd *odd;
	size_t nodd;
	struct mml_root *root;
	struct mml_snapshot *snap;
};

/* Whether WHAT is not to be expected of this tree, which is skipped with the reason. */
static inline bool inv_odd(const struct invariants *v, const char *what)
{
	for (size_t i = 0; i < v->nodd; i++)
		if (!strcmp(v->odd[i].tree, v->name) && !strcmp(v->odd[i].what, what)) {
			tap_skip("%s: %s: %s", v->name, what, v->odd[i].why);
			return true;
		}
	return false;
}

static inline const struct mml_table *inv_take(struct invariants *v, const char *table, pid_t pid)
{
	struct mml_query query = { .collector = mml_collector_find(table),
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	if (pid)
		mml_scope_set_pid(&query.scope, &pid);
	mml_snapshot_put(v->snap);
	v->snap = NULL;
	if (!query.collector || mml_snapshot_take(v->root, &query, 1, &v->snap))
		exit(99);
	return v->snap->tables[0];
}

static inline int64_t inv_bytes(const struct mml_table *balance, const char *item)
{
	const union mml_value *v = tree_cell(balance, tree_row(balance, "item", item), "bytes");

	return v ? v->i64 : 0;
}

/*
 * The parts add up, and the remainder is not below what percpu, sockets and ZFS's cache explain by
 * more than a 64th of memory; else the contradiction is said, or that meminfo is of another
 * machine.
 */
static inline void inv_balance(struct invariants *v, const struct mml_whose *w)
{
	const struct mml_table *table = inv_take(v, "balance", 0);
	int64_t sum = 0, total = (int64_t)w->total, rest, lowest;

	if (table->error)
		return;
	for (size_t i = 0; i < table->nrows; i++)
		sum += tree_cell(table, i, "bytes")->i64;
	tap_ok(sum == total, "%s: the balance adds up to MemTotal", v->name);
	rest = inv_bytes(table, "unaccounted");
	lowest = -inv_bytes(table, "percpu") - inv_bytes(table, "sockets") -
		 inv_bytes(table, "zfs_arc") - total / 64;
	tap_ok(rest >= lowest || w->is == MML_WHOSE_OTHER || w->contradiction ||
		       (table->note && strstr(table->note, "more than MemTotal")),
	       "%s: the remainder of %lld kB is within its bounds, or said not to be", v->name,
	       (long long)rest / 1024);
	for (size_t i = 0; i < table->nrows; i++) {
		const union mml_value *back = tree_cell(table, i, "reclaimable");
		int64_t bytes = tree_cell(table, i, "bytes")->i64;

		if (back && (int64_t)back->u64 > (bytes > 0 ? bytes : 0))
			tap_ok(false, "%s: %s: more can be got back than there is", v->name,
			       tree_str(table, i, "item"));
	}
}

/* What meminfo has free is what the zones have, unless one of them is said to be of another
 * machine. */
static inline void inv_free(struct invariants *v, const struct mml_whose *w)
{
	const struct mml_table *z = inv_take(v, "zones", 0);
	uint64_t zones = 0, free, unmanaged = w->is == MML_WHOSE_LAZY ? w->total - w->managed : 0;
	const struct mml_table *m;
	bool near;

	if (z->error || !z->nrows || inv_odd(v, "free"))
		return;
	for (size_t i = 0; i < z->nrows; i++)
		zones += tree_cell(z, i, "free") ? tree_u64(z, i, "free") : 0;
	m = inv_take(v, "meminfo", 0);
	if (m->error || tree_row(m, "name", "MemFree") == m->nrows ||
	    !v->snap->host.page_size_known)
		return;
	free = tree_u64(m, tree_row(m, "name", "MemFree"), "bytes") - unmanaged;
	near = (free > zones ? free - zones : zones - free) <= free / 8 + w->total / 50;
	tap_ok(near || w->is == MML_WHOSE_OTHER,
	       "%s: MemFree of %llu kB is near the zones' %llu kB, or said to be another's",
	       v->name, (unsigned long long)free / 1024, (unsigned long long)zones / 1024);
}

/* The smallest of NAME, and the sum of A and B, in KiB, of a smaps file. */
struct inv_smaps {
	uint64_t page, private;
	unsigned mappings;
};

static inline bool inv_read_smaps(const char *path, struct inv_smaps *ret)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	unsigned long long n;
	char name[64];

	*ret = (struct inv_smaps){ 0 };
	if (!f)
		return false;
	while (getline(&line, &cap, f) > 0) {
		if (sscanf(line, "%63[A-Za-z_]: %llu kB", name, &n) != 2)
			continue;
		ret->mappings += !strcmp(name, "Rss");
		if (!strcmp(name, "KernelPageSize") && (!ret->page || n < ret->page))
			ret->page = n;
		if (!strcmp(name, "Private_Clean") || !strcmp(name, "Private_Dirty"))
			ret->private += n;
	}
	free(line);
	fclose(f);
	return true;
}

/* The sum over the mappings is the file's, and the process has the same. */
static inline void inv_private(struct invariants *v, pid_t pid, const struct inv_smaps *smaps)
{
	const struct mml_table *table = inv_take(v, "vmas", pid);
	uint64_t sum = 0;
	char path[PATH_MAX * 2];

	for (size_t i = 0; i < table->nrows; i++) {
		sum += tree_cell(table, i, "private_clean") ? tree_u64(table, i, "private_clean")
							    : 0;
		sum += tree_cell(table, i, "private_dirty") ? tree_u64(table, i, "private_dirty")
							    : 0;
	}
	tap_ok(table->error || sum == smaps->private * 1024,
	       "%s: process %d: the mappings have %llu kB to themselves: %llu", v->name, (int)pid,
	       (unsigned long long)smaps->private, (unsigned long long)sum / 1024);
	snprintf(path, sizeof(path), "%s/proc/%d/smaps_rollup", v->dir, (int)pid);
	table = inv_take(v, "processes", pid);
	if (access(path, F_OK) && table->nrows == 1 && tree_cell(table, 0, "uss"))
		tap_ok(tree_u64(table, 0, "uss") == smaps->private * 1024,
		       "%s: process %d has the same to itself: %llu", v->name, (int)pid,
		       (unsigned long long)tree_u64(table, 0, "uss") / 1024);
}

static inline void inv_processes(struct invariants *v)
{
	char path[PATH_MAX * 2];
	struct dirent *entry;
	uint64_t page = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", v->dir);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int pid = atoi(entry->d_name);
		struct inv_smaps smaps;

		snprintf(path, sizeof(path), "%s/proc/%d/smaps", v->dir, pid);
		if (pid <= 0 || !inv_read_smaps(path, &smaps) || !smaps.mappings)
			continue;
		if (smaps.page && (!page || smaps.page < page))
			page = smaps.page;
		inv_private(v, pid, &smaps);
	}
	if (dir)
		closedir(dir);
	if (page && !inv_odd(v, "page size"))
		tap_ok(mml_root_host(v->root)->page_size == page * 1024,
		       "%s: pages of %llu bytes, and %llu kB in smaps", v->name,
		       (unsigned long long)mml_root_host(v->root)->page_size,
		       (unsigned long long)page);
}

/* All of them, of the tree DIR. */
static inline void invariants(const char *dir, const struct odd *odd, size_t nodd)
{
	struct invariants v = {
		.dir = dir, .name = strrchr(dir, '/') + 1, .odd = odd, .nodd = nodd
	};
	struct mml_arena *arena = mml_arena_new();
	struct mml_take take = { .arena = arena };
	struct mml_whose whose;

	if (!arena || mml_root_open(dir, &v.root)) {
		tap_ok(false, "%s: opens", v.name);
		mml_arena_free(arena);
		return;
	}
	take.root = v.root;
	take.host = mml_root_host(v.root);
	if (mml_whose_meminfo(&take, &whose))
		exit(99);
	mml_take_end(&take);
	tap_ok(!whose.why == (whose.is == MML_WHOSE_UNKNOWN || whose.is == MML_WHOSE_MACHINE),
	       "%s: whose meminfo this is: %s", v.name, whose.why ? whose.why : "no doubt");
	inv_balance(&v, &whose);
	inv_free(&v, &whose);
	inv_processes(&v);
	mml_snapshot_put(v.snap);
	mml_root_close(v.root);
	mml_arena_free(arena);
}
