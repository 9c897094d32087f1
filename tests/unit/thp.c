/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#include "../../src/collectors/registry.h"
#include "../../src/collectors/huge/thp_why.h"
#include "../../src/source/source.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

static void test_table(void)
{
	struct mml_table *t;
	struct tree tree;
	size_t i;

	tree_new(&tree);
	tree_file(&tree, "/proc/vmstat",
		  "nr_free_pages 9\nthp_fault_alloc 30\nthp_fault_fallback 10\n"
		  "nr_anon_transparent_hugepages 4\nthp_new_thing 1\n");
	tree_file(&tree, THP "/enabled", "always [madvise] never\n");
	tree_file(&tree, THP "/hpage_pmd_size", "2097152\n");
	tree_file(&tree, THP "/khugepaged/pages_collapsed", "11\n");
	tree_file(&tree, THP "/hugepages-64kB/enabled", "always [inherit] madvise never\n");
	tree_file(&tree, THP "/hugepages-64kB/stats/anon_fault_alloc", "3\n");
	tree_file(&tree, THP "/hugepages-64kB/stats/anon_fault_fallback", "1\n");

	t = tree_table(&tree, "thp");
	ok(!t->error);
	is_u64(t->nrows, 10);
	i = tree_row(t, "name", "enabled");
	is_str(tree_str(t, i, "setting"), "madvise");
	is_str(tree_str(t, i, "choices"), "always madvise never");
	ok(!tree_cell(t, i, "value") && !tree_cell(t, i, "page_size"));
	i = tree_row(t, "name", "thp_fault_fallback");
	is_u64(tree_u64(t, i, "value"), 10);
	ok(tree_cell(t, i, "share")->f64 == 25.0);
	is_u64(tree_u64(t, tree_row(t, "name", "thp_fault_alloc"), "bytes"), 60 << 20);
	is_str(tree_str(t, tree_row(t, "name", "nr_anon_transparent_hugepages"), "kind"), "level");
	is_str(tree_str(t, tree_row(t, "name", "khugepaged/pages_collapsed"), "kind"), "event");
	i = tree_row(t, "name", "stats/anon_fault_fallback");
	is_u64(tree_u64(t, i, "page_size"), 65536);
	ok(tree_cell(t, i, "share")->f64 == 25.0);
	is_u64(tree_u64(t, tree_row(t, "name", "stats/anon_fault_alloc"), "bytes"), 3 * 65536);
	ok(tree_row(t, "name", "thp_new_thing") < t->nrows);

	tree_file(&tree, THP "/defrag", "nonsense\n");
	t = tree_table(&tree, "thp");
	ok(t->error == -EBADMSG);
	is_u64(t->nrows, 10);

	t = tree_table(&tree, "thp_why");
	ok(!t->error);
	is_str(tree_str(t, tree_row(t, "id", "setting_madvise"), "verdict"), "limits");
	i = tree_row(t, "id", "fallback_high");
	ok(tree_cell(t, i, "value")->f64 == 25.0);
	ok(strstr(tree_str(t, i, "text"), "10 of 40"));
	tree_free(&tree);
}

static const struct mml_finding *find(const struct mml_finding *list, long n, const char *id)
{
	for (long i = 0; i < n; i++)
		if (!strcmp(list[i].id, id))
			return &list[i];
	return NULL;
}

/* FREE pages in single pages and LARGE blocks of order 9. */
static struct mml_thp_zone zone(const char *name, uint64_t free, uint64_t large)
{
	struct mml_thp_zone ret = { .name = name, .buddy = { .node = 1, .orders = 11 } };

	ret.buddy.blocks[0] = free;
	ret.buddy.blocks[9] = large;
	return ret;
}

static void test_zones(struct mml_arena *arena)
{
	struct mml_thp_zone zones[] = { zone("DMA", 10, 0), zone("Normal", 100000, 0) };
	struct mml_thp_facts facts = {
		.page_size = 4096, .pmd_size = 2 << 20, .zones = zones, .nzones = 2
	};
	const struct mml_finding *f;
	struct mml_finding *list;
	long n = mml_thp_why(arena, &facts, &list);

	is_i64(n, 2);
	f = find(list, n, "order_unusable");
	ok(f && f->verdict == MML_WHY_BLOCKS && f->value == 1.0);
	ok(f && strstr(f->text, "order 9 is unusable in zone Normal of node 1 with index 1.000"));
	ok(f && strstr(f->text, "by fragmentation"));

	zones[1] = zone("Normal", 0, 0);
	zones[1].buddy.blocks[8] = 1;
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "order_unusable");
	ok(f && strstr(f->text, "by want of memory"));

	zones[1] = zone("Normal", 512, 9);
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "order_usable");
	ok(f && f->verdict == MML_WHY_FINE && f->value == 0.1);

	zones[1] = zone("Normal", 512 * 99, 1);
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "order_unusable");
	ok(f && f->verdict == MML_WHY_LIMITS && f->value == 0.99);
}

static void test_reasons(struct mml_arena *arena)
{
	struct mml_thp_size sizes[] = {
		{ .size = 65536, .enabled = "never" },
		{ .size = 131072, .enabled = "inherit" },
		{ .size = 262144, .enabled = "never" },
		{ .size = 2 << 20, .enabled = "never" },
	};
	struct mml_thp_facts facts = { .page_size = 4096,
				       .pmd_size = 2 << 20,
				       .enabled = "always" };
	const struct mml_finding *f;
	struct mml_finding *list;
	long n = mml_thp_why(arena, &facts, &list);

	ok(n == 1 && find(list, n, "setting_always"));
	facts.sizes = sizes;
	facts.nsizes = 4;
	n = mml_thp_why(arena, &facts, &list);
	ok(find(list, n, "setting_never") && !find(list, n, "setting_always"));
	f = find(list, n, "size_never");
	ok(f && strstr(f->text, "pages of 64.0K 256K are not used"));
	f = find(list, n, "size_allowed");
	ok(f && strstr(f->text, "pages of 128K may be used"));
	is_i64(n, 3);

	facts = (struct mml_thp_facts){ .page_size = 4096,
					.pmd_size = 2 << 20,
					.enabled = "never",
					.defrag = "defer",
					.shmem_enabled = "deny",
					.fault_alloc = { true, 0 },
					.fault_fallback = { true, 0 },
					.collapse_alloc = { true, 1 },
					.collapse_failed = { true, 3 },
					.khugepaged_defrag = { true, 0 },
					.pages_to_scan = { true, 4096 },
					.scan_sleep_ms = { true, 10000 },
					.full_scans = { true, 3 },
					.split = { true, 5 },
					.swpout_fallback = { true, 6 },
					.compact_stall = { true, 10 },
					.compact_fail = { true, 9 },
					.anon = { true, 1000 },
					.anon_huge = { true, 250 },
					.shmem_huge = { true, 10 },
					.shmem_pmd = { true, 4 } };
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "setting_never");
	ok(f && f->verdict == MML_WHY_BLOCKS);
	ok(find(list, n, "no_faults") && find(list, n, "defrag_defer"));
	f = find(list, n, "compaction");
	ok(f && f->verdict == MML_WHY_LIMITS && f->value == 90.0);
	f = find(list, n, "collapse_failing");
	ok(f && f->value == 75.0 && f->limit == 10.0);
	ok(find(list, n, "khugepaged_defrag_off") && find(list, n, "split"));
	ok(find(list, n, "swpout_fallback") && find(list, n, "shmem_not_mapped_huge"));
	f = find(list, n, "shmem_never");
	ok(f && f->verdict == MML_WHY_BLOCKS);
	f = find(list, n, "anon_share");
	ok(f && f->value == 25.0);
	f = find(list, n, "scan_rate");
	ok(f && f->value == 4096 * 4096 / 10.0);
	facts.full_scans.known = false;
	n = mml_thp_why(arena, &facts, &list);
	ok(!find(list, n, "scan_rate"));

	facts = (struct mml_thp_facts){ .page_size = 4096, .enabled = "always" };
	is_i64(mml_thp_why(arena, &facts, &list), 0);
}

static void test_mapping(struct mml_arena *arena)
{
	struct mml_thp_facts facts = { .page_size = 4096,
				       .pmd_size = 2 << 20,
				       .enabled = "madvise",
				       .shmem_enabled = "never" };
	struct mml_thp_mapping m = {
		.start = 0x1ff000, .end = 0x3ff000, .anon = true, .rss = 8192
	};
	struct mml_finding *list;
	const struct mml_finding *f;
	long n = mml_thp_why_mapping(arena, &facts, &m, &list);

	/* As long as a huge page, and across one's border: none fits. */
	f = find(list, n, "too_small");
	ok(f && f->value == 0x200000 && f->limit == 0x200000);
	ok(find(list, n, "not_advised"));
	ok(!find(list, n, "mapping_share"));

	m.end = 0x400000;
	m.advised = true;
	m.huge = 4096;
	n = mml_thp_why_mapping(arena, &facts, &m, &list);
	ok(n == 1 && list[0].value == 50.0);
	m.refused = m.disabled = true;
	n = mml_thp_why_mapping(arena, &facts, &m, &list);
	ok(find(list, n, "nohugepage") && find(list, n, "process_disabled"));

	m = (struct mml_thp_mapping){ .end = 4 << 20, .shmem = MML_THP_SHMEM_NAMED };
	n = mml_thp_why_mapping(arena, &facts, &m, &list);
	ok(n == 1 && find(list, n, "shmem_never"));
	m = (struct mml_thp_mapping){
		.end = 4 << 20, .anon = true, .advised = true, .eligible = { true, 0 }
	};
	n = mml_thp_why_mapping(arena, &facts, &m, &list);
	ok(n == 1 && find(list, n, "not_eligible"));
	m.end = UINT64_MAX;
	m.start = UINT64_MAX - 4096;
	n = mml_thp_why_mapping(arena, &facts, &m, &list);
	ok(find(list, n, "too_small"));
}

static void test_process(void)
{
	const pid_t pid = 7;
	struct mml_query query = { .collector = mml_collector_find("thp_why"),
				   .reading.cancel_fd = -1 };
	struct mml_table *t;
	struct tree tree;
	size_t i;

	mml_scope_set_pid(&query.scope, &pid);
	tree_new(&tree);
	tree_file(&tree, THP "/enabled", "always madvise [never]\n");
	tree_file(&tree, THP "/hpage_pmd_size", "2097152\n");
	tree_file(&tree, "/proc/7/status", "Name:\tx\nTHP_enabled:\t0\n");
	tree_file(&tree, "/proc/7/smaps",
		  "00200000-00600000 rw-p 00000000 00:00 0\n"
		  "Rss: 4096 kB\nAnonHugePages: 2048 kB\nTHPeligible: 0\nVmFlags: rd wr nh\n"
		  "00600000-00800000 rw-s 00000000 00:01 5 /dev/shm/a b\n"
		  "Rss: 4 kB\nVmFlags: rd wr sh\n"
		  "00800000-00801000 rw-p 00000000 00:00 0 [heap]\nRss: 4 kB\nVmFlags: rd\n"
		  "00801000-00802000 rw-p 00000000 00:00 0\nRss: 4 kB\nVmFlags: rd\n");
	if (mml_root_open(tree.dir, &tree.root) ||
	    mml_snapshot_take(tree.root, &query, 1, &tree.snap)) {
		ok(false);
		return;
	}
	t = tree.snap->tables[0];
	ok(!t->error);
	i = tree_row(t, "id", "nohugepage");
	is_u64(tree_u64(t, i, "pid"), 7);
	is_u64(tree_u64(t, i, "start"), 0x200000);
	is_str(tree_str(t, i, "text"),
	       "[anon] at 0x200000: the mapping refuses them by madvise(MADV_NOHUGEPAGE)");
	ok(tree_row(t, "id", "process_disabled") < t->nrows);
	i = tree_row(t, "id", "mapping_share");
	is_cell_f64(t, i, "value", 50.0);
	i = tree_row(t, "id", "all_too_small");
	is_cell_f64(t, i, "value", 8192.0);
	ok(strstr(tree_str(t, i, "text"), "2 mappings"));
	ok(!tree_cell(t, i, "start"));
	ok(!tree_cell(t, tree_row(t, "about", "anon"), "pid"));
	tree_free(&tree);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	test_table();
	test_zones(arena);
	test_reasons(arena);
	test_mapping(arena);
	test_process();
	mml_arena_free(arena);
	return tap_done();
}
