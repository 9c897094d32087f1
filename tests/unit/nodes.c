/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#include "../../src/collectors/numa/numa.h"

#define NODE "/sys/devices/system/node"

static void test_lists(void)
{
	struct mml_arena *arena = mml_arena_new();

	is_u64((uint64_t)mml_list_count(mml_span_str("0-3,8,10-12")), 8);
	is_u64((uint64_t)mml_list_count(mml_span_str("")), 0);
	ok(mml_list_count(mml_span_str("3-1")) == -1);
	ok(mml_list_count(mml_span_str("1,x")) == -1);

	is_str(mml_cpumap_list(arena, mml_span_str("ff")), "0-7");
	is_str(mml_cpumap_list(arena, mml_span_str("ff,00000001")), "0,32-39");
	is_str(mml_cpumap_list(arena, mml_span_str("80000001,80000000")), "31-32,63");
	is_str(mml_cpumap_list(arena, mml_span_str("0000,00000000")), "");
	ok(!mml_cpumap_list(arena, mml_span_str("")));
	ok(!mml_cpumap_list(arena, mml_span_str("fx")));
	ok(!mml_cpumap_list(arena, mml_span_str("1ffffffff")));
	mml_arena_free(arena);
}

static void test_fields(void)
{
	struct mml_node_field field;
	struct mml_span text = mml_span_str("\nNode 8 MemTotal:  4 kB\nNode 8 HugePages_Free: 3\n"
					    "Node 8 MemFree:  18446744073709551615 kB\n");

	ok(mml_node_field_next(&text, 8, &field) == 1);
	ok(mml_span_eq(field.name, "MemTotal") && field.value == 4 && field.kib);
	ok(mml_node_field_next(&text, 8, &field) == 1);
	ok(mml_span_eq(field.name, "HugePages_Free") && field.value == 3 && !field.kib);
	ok(mml_node_field_next(&text, 8, &field) == -EBADMSG); /* as bytes past 64 bits */
	ok(mml_node_field_next(&text, 8, &field) == 0);
	text = mml_span_str("Node 9 MemTotal:  4 kB\n");
	ok(mml_node_field_next(&text, 8, &field) == -EBADMSG);
	text = mml_span_str("Node 8 MemTo");
	ok(mml_node_field_next(&text, 8, &field) == -EBADMSG);
}

/* Node 0 offline, sparse numbers, a CPU list with gaps, a node without CPUs, one without memory. */
static void put_sparse(struct tree *tree)
{
	tree_file(tree, NODE "/online", "8,250-251\n");
	tree_file(tree, NODE "/node8/cpulist", "0-3,8\n");
	tree_file(tree, NODE "/node8/meminfo",
		  "Node 8 MemTotal:   1000 kB\nNode 8 MemFree:    600 kB\n"
		  "Node 8 MemUsed:    400 kB\nNode 8 Active(anon): 12 kB\n"
		  "Node 8 NewThing:     7 kB\nNode 8 HugePages_Total:  2\n");
	tree_file(tree, NODE "/node8/numastat",
		  "numa_hit 90\nnuma_miss 10\nnuma_foreign 5\ninterleave_hit 1\n"
		  "local_node 75\nother_node 25\n");
	tree_file(tree, NODE "/node8/vmstat",
		  "pgsteal_kswapd 1\npgsteal_direct 20\npgsteal_khugepaged 300\npgsteal_proactive 4000\n"
		  "pgsteal_anon 4321\npgscan_kswapd 50000\npgscan_direct 600000\npgscan_file 9\n"
		  "pgscan_direct_throttle 7\n");
	tree_file(tree, NODE "/node250/vmstat", "nr_free_pages 5\n");
	tree_file(tree, NODE "/node8/distance", " 10 40 80\n");
	tree_file(tree, NODE "/node250/cpulist", "\n");
	tree_file(tree, NODE "/node250/meminfo",
		  "Node 250 MemTotal: 3000 kB\nNode 250 MemFree: 3000 kB\n"
		  "Node 250 MemUsed:     0 kB\n");
	tree_file(tree, NODE "/node250/distance", "40 10 80\n");
	tree_file(tree, NODE "/node251/cpumap", "00000001,00000000\n");
	tree_file(tree, NODE "/node251/meminfo",
		  "Node 251 MemTotal:    0 kB\nNode 251 MemFree:    0 kB\n"
		  "Node 251 MemUsed:     0 kB\n");
	tree_file(tree, NODE "/node251/distance", "80 80 10\n");
	tree_file(tree, NODE "/node250/access0/initiators/read_latency", "5\n");
	tree_file(tree, NODE "/node250/access1/initiators/read_latency", "120\n");
	tree_file(tree, NODE "/node250/access1/initiators/read_bandwidth", "2\n");
	tree_file(tree, NODE "/node250/access1/initiators/write_latency", "0\n");
	tree_file(tree, NODE "/node250/access1/initiators/node8/x", "");
	tree_file(tree, "/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "8\n");
	tree_file(tree, "/sys/devices/virtual/memory_tiering/memory_tier22/nodelist", "250-251\n");
}

static void test_sparse(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	put_sparse(&tree);
	t = tree_table(&tree, "nodes");
	ok(!t->error && !t->note);
	is_u64(t->nrows, 3);
	is_u64(tree_u64(t, 0, "node"), 8);
	is_u64(tree_u64(t, 2, "node"), 251);
	is_str(tree_str(t, 0, "cpus"), "0-3,8");
	is_u64(tree_u64(t, 0, "ncpus"), 5);
	is_str(tree_str(t, 1, "cpus"), "");
	is_str(tree_str(t, 2, "cpus"), "32");
	is_str(tree_str(t, 0, "kind"), "cpu+memory");
	is_str(tree_str(t, 1, "kind"), "memory");
	is_str(tree_str(t, 2, "kind"), "cpu");
	is_u64(tree_u64(t, 0, "total"), 1000 * 1024);
	is_u64(tree_u64(t, 0, "active_anon"), 12 * 1024);
	is_u64(tree_u64(t, 0, "hugepages_total"), 2);
	ok(!tree_cell(t, 1, "active_anon"));
	ok(tree_cell(t, 0, "used_share")->f64 == 40.0);
	ok(!tree_cell(t, 2, "used_share"));
	ok(tree_cell(t, 0, "share")->f64 == 25.0);
	ok(tree_cell(t, 0, "imbalance")->f64 == 4.0);
	ok(tree_cell(t, 1, "imbalance")->f64 == 0.0);
	ok(tree_cell(t, 0, "local_share")->f64 == 75.0);
	ok(tree_cell(t, 0, "miss_share")->f64 == 10.0);
	ok(!tree_cell(t, 1, "numa_hit") && !tree_cell(t, 1, "local_share"));
	is_u64(tree_u64(t, 0, "reclaimed"), 4321);
	is_u64(tree_u64(t, 0, "scanned"), 650000);
	ok(!tree_cell(t, 1, "scanned") && !tree_cell(t, 2, "reclaimed")); /* before 7.x; no file */
	/* Where one node tells, the kernel does count it. */
	ok(!t->columns || !t->columns[mml_schema_find(t->schema, "scanned", 7)].reason);
	is_str(tree_str(t, 0, "distances"), "10 40 80");
	is_u64(tree_u64(t, 0, "tier"), 4);
	is_u64(tree_u64(t, 2, "tier"), 22);
	is_u64(tree_u64(t, 1, "read_latency"), 120);
	is_u64(tree_u64(t, 1, "read_bandwidth"), 2 << 20);
	ok(!tree_cell(t, 1, "write_latency"));
	is_str(tree_str(t, 1, "initiators"), "8");
	ok(!tree_cell(t, 0, "read_latency") && !tree_cell(t, 0, "initiators"));

	t = tree_table(&tree, "distances");
	is_u64(t->nrows, 9);
	is_u64(tree_u64(t, 1, "node"), 8);
	is_u64(tree_u64(t, 1, "to"), 250);
	is_u64(tree_u64(t, 1, "distance"), 40);
	ok(tree_cell(t, 1, "cost")->f64 == 4.0);

	t = tree_table(&tree, "node_meminfo");
	is_u64(t->nrows, 12);
	is_u64(tree_u64(t, tree_row(t, "name", "NewThing"), "bytes"), 7 * 1024);
	ok(!tree_cell(t, tree_row(t, "name", "HugePages_Total"), "bytes"));
	is_u64(tree_u64(t, tree_row(t, "name", "HugePages_Total"), "value"), 2);
	tree_free(&tree);
}

/* A process on CPUs 0 and 32, which are on nodes 8 and 251, with memory on all three nodes. */
static void test_remote(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	put_sparse(&tree);
	tree_file(&tree, NODE "/node251/cpulist", "32\n");
	tree_file(&tree, "/proc/7/status",
		  "Name:\tfar\nState:\tS (sleeping)\nVmSize:\t9 kB\nCpus_allowed:\t1\n"
		  "Cpus_allowed_list:\t0,32,99\n");
	tree_file(&tree, "/proc/7/numa_maps",
		  "10000 default anon=4 N8=3 N250=1 kernelpagesize_kB=4\n"
		  "20000 default anon=4 N251=4 kernelpagesize_kB=4\n");
	t = tree_table(&tree, "processes");
	is_u64(t->nrows, 1);
	is_str(tree_str(t, 0, "nodes"), "N8=12288 N250=4096 N251=16384");
	is_u64(tree_u64(t, 0, "remote"), 4096);
	is_cell_f64(t, 0, "remote_share", 12.5);

	tree_file(&tree, "/proc/7/status",
		  "Name:\tfar\nState:\tS (sleeping)\nVmSize:\t9 kB\nCpus_allowed_list:\t99\n");
	t = tree_table(&tree, "processes");
	is_str(tree_str(t, 0, "nodes"), "N8=12288 N250=4096 N251=16384");
	ok(!tree_cell(t, 0, "remote") && !tree_cell(t, 0, "remote_share"));
	tree_free(&tree);
}

/* A node went between the list and its files; distances that no longer fit the nodes. */
static void test_vanishing(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, NODE "/online", "0-2\n");
	tree_file(&tree, NODE "/node0/meminfo", "Node 0 MemTotal: 8 kB\n");
	tree_file(&tree, NODE "/node0/distance", "10 20 30\n");
	tree_file(&tree, NODE "/node1/meminfo", "Node 1 MemTotal: 8 kB\n");
	tree_file(&tree, NODE "/node1/distance", "20 10\n");

	t = tree_table(&tree, "nodes");
	ok(!t->error);
	is_u64(t->nrows, 2);
	ok(!tree_cell(t, 0, "distances"));
	is_str(tree_str(t, 1, "distances"), "20 10");
	ok(t->note && strstr(t->note, "node 2 is online and has no files"));
	ok(t->columns && t->columns[mml_schema_find(t->schema, "distances", 9)].reason);
	ok(!tree_cell(t, 0, "used") && !tree_cell(t, 0, "kind") && !tree_cell(t, 0, "share"));

	t = tree_table(&tree, "distances");
	ok(!t->error);
	is_u64(t->nrows, 2);
	is_u64(tree_u64(t, 0, "node"), 1);
	ok(t->note && strstr(t->note, "node 0 tells 3 distances, 2 nodes are online"));
	tree_free(&tree);
}

static void test_contradictions(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	for (unsigned node = 0; node < 3; node++) {
		char path[64], text[64];

		snprintf(path, sizeof(path), NODE "/node%u/cpulist", node);
		tree_file(&tree, path, "0-7\n");
		snprintf(path, sizeof(path), NODE "/node%u/distance", node);
		tree_file(&tree, path, "10 10 10\n");
		snprintf(path, sizeof(path), NODE "/node%u/meminfo", node);
		snprintf(text, sizeof(text), "Node %u MemTotal: 8 kB\n", node);
		tree_file(&tree, path, text);
	}
	t = tree_table(&tree, "nodes");
	ok(!t->error);
	ok(t->note && strstr(t->note, "8 CPUs are listed under more than one node"));
	ok(t->note && strstr(t->note, "6 pairs of nodes have no distance"));
	tree_free(&tree);
}

static void test_bad(void)
{
	static const char padded[] = "Node 0 MemTotal: 8 kB\n\0\0\0\0";
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/proc/meminfo", "MemTotal: 1 kB\n");
	t = tree_table(&tree, "nodes");
	ok(t->error == -ENOENT && strstr(t->absence.reason, "not in this tree") && !t->absence.needs);
	t = tree_table(&tree, "distances");
	ok(t->error == -ENOENT);

	tree_bytes(&tree, NODE "/node0/meminfo", padded, sizeof(padded) - 1);
	t = tree_table(&tree, "nodes");
	ok(!t->error);
	is_u64(tree_u64(t, 0, "total"), 8192);

	tree_file(&tree, NODE "/node0/meminfo", "Node 0 MemTotal: 8 kB\nNode 0 MemFr");
	tree_file(&tree, NODE "/node0/cpulist", "0-\n");
	t = tree_table(&tree, "nodes");
	ok(t->error == -EBADMSG);
	is_u64(t->nrows, 1);
	is_u64(tree_u64(t, 0, "total"), 8192);
	ok(!tree_cell(t, 0, "free") && !tree_cell(t, 0, "cpus") && !tree_cell(t, 0, "ncpus"));
	tree_free(&tree);
}

int main(void)
{
	test_lists();
	test_fields();
	test_sparse();
	test_remote();
	test_vanishing();
	test_contradictions();
	test_bad();
	return tap_done();
}
