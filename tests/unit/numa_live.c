/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This machine's nodes in the words of libnuma, and of the tables; and where pages are. Run in the
 * virtual machines too, where there is more than one node. */
#include "../tap.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/collectors/registry.h"
#include "../../src/collectors/numa/numa.h"
#include "../../src/core/module.h"
#include "../../src/numa/numa.h"
#include "../../src/source/source.h"

static struct mml_snapshot *take(const char *name)
{
	struct mml_query query = { .collector = mml_collector_find(name), .reading.cancel_fd = -1 };
	struct mml_snapshot *snap;
	struct mml_root *root;

	if (mml_root_open(NULL, &root) || mml_snapshot_take(root, &query, 1, &snap))
		exit(99);
	mml_root_close(root);
	return snap;
}

static const union mml_value *at(const struct mml_table *t, size_t i, const char *name)
{
	unsigned col = (unsigned)mml_schema_find(t->schema, name, strlen(name));

	return mml_has(mml_table_row(t, i), col) ? &mml_table_row(t, i)->cell[col] : NULL;
}

struct cpus {
	struct bitmask *mask;
	unsigned n;
	bool all;
};

static void has_cpu(unsigned cpu, void *ctx)
{
	struct cpus *cpus = ctx;

	cpus->n++;
	cpus->all = cpus->all && numa_bitmask_isbitset(cpus->mask, cpu);
}

static void test_node(const struct mml_table *t, size_t i)
{
	int node = (int)at(t, i, "node")->u64;
	struct cpus cpus = { .mask = numa_allocate_cpumask(), .all = true };
	long long size = numa_node_size64(node, NULL), total = (long long)at(t, i, "total")->u64;

	/* -1 is libnuma's word for a node without memory of its own. A node may have grown since
	 * the table was read: memory is added, or initialised late. */
	tap_ok(size < 0 ? !total : total <= size && total >= size - size / 4,
	       "memory of node %d: %lld, %lld", node, total, size);
	numa_node_to_cpus(node, cpus.mask);
	mml_parse_list(mml_span_str(at(t, i, "cpus")->str), has_cpu, &cpus);
	tap_ok(cpus.all && cpus.n == numa_bitmask_weight(cpus.mask), "CPUs of node %d", node);
	numa_free_cpumask(cpus.mask);
}

static void test_nodes(void)
{
	struct mml_snapshot *snap = take("nodes");
	struct mml_table *t = snap->tables[0];

	for (size_t i = 0; i < t->nrows; i++)
		test_node(t, i);
	mml_snapshot_put(snap);

	snap = take("distances");
	t = snap->tables[0];
	ok(t->nrows > 0);
	for (size_t i = 0; i < t->nrows; i++) {
		int from = (int)at(t, i, "node")->u64, to = (int)at(t, i, "to")->u64;

		tap_ok((int)at(t, i, "distance")->u64 == numa_distance(from, to),
		       "distance of node %d to node %d", from, to);
	}
	mml_snapshot_put(snap);
}

/* A page bound to each node in turn is found there; others are said to be nowhere. */
static void test_where(const struct mml_module_numa *numa)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t addresses[3] = { (uintptr_t)p, (uintptr_t)p + 7 * page, 0 };
	struct bitmask *mems = numa_get_mems_allowed();
	int nodes[3];

	for (int node = 0; node <= numa_max_node(); node++) {
		if (!numa_bitmask_isbitset(mems, (unsigned)node))
			continue;
		madvise(p, page, MADV_DONTNEED);
		numa_tonode_memory(p, page, node);
		*p = 1;
		if (!tap_ok(!numa->where(getpid(), addresses, 3, nodes), "where"))
			break;
		is_i64(nodes[0], node);
		ok(nodes[1] == -ENOENT || nodes[1] == -EFAULT);
		is_i64(nodes[2], -EFAULT);
	}
	numa_bitmask_free(mems);
	munmap(p, 8 * page);
	ok(numa->where(-5, addresses, 1, nodes) < 0);
}

int main(void)
{
	struct mml_absence why;
	const struct mml_module_numa *numa = mml_module("numa", &why);

	if (!ok(numa != NULL))
		return tap_done();
	if (numa_available() < 0) {
		puts("1..0 # SKIP a kernel without NUMA");
		return 0;
	}
	test_nodes();
	test_where(numa);
	return tap_done();
}
