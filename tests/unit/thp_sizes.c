/* Why huge pages are used or not, on kernels that have several sizes of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#include "../../src/collectors/huge/thp_why.h"

enum { K64 = 64 << 10, M1 = 1 << 20, M2 = 2 << 20 };

static const struct mml_finding *find(const struct mml_finding *list, long n, const char *id)
{
	for (long i = 0; i < n; i++)
		if (!strcmp(list[i].id, id))
			return &list[i];
	return NULL;
}

/* The verdict of reason ID about the mapping, or -1 if it is not among the reasons. */
static int verdict(struct mml_arena *arena, const struct mml_thp_facts *facts,
		   const struct mml_thp_mapping *m, const char *id)
{
	struct mml_finding *list;
	long n = mml_thp_why_mapping(arena, facts, m, &list);
	const struct mml_finding *f = find(list, n, id);

	return f ? (int)f->verdict : -1;
}

/* 64K is allowed where 2M is not. */
static void test_smaller(struct mml_arena *arena)
{
	struct mml_thp_size sizes[] = { { .size = K64, .enabled = "always" },
					{ .size = M1, .enabled = "never" },
					{ .size = M2, .enabled = "inherit" } };
	struct mml_thp_facts facts = {
		.page_size = 4096, .pmd_size = M2, .enabled = "never", .sizes = sizes, .nsizes = 3
	};
	struct mml_thp_mapping m = { .start = K64, .end = 2 * K64, .anon = true, .rss = K64 };

	/* As large as a page of 64K, and aligned: it may be one. */
	is_i64(verdict(arena, &facts, &m, "too_small"), MML_WHY_LIMITS);
	is_i64(verdict(arena, &facts, &m, "setting_never"), MML_WHY_LIMITS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), MML_WHY_FINE);
	is_u64(mml_thp_smallest(&facts), K64);
	/* A page less, and as large but across a border: it is too small for every size. */
	m.end -= 4096;
	is_i64(verdict(arena, &facts, &m, "too_small"), MML_WHY_BLOCKS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), -1);
	m = (struct mml_thp_mapping){ .start = K64 + 4096, .end = 2 * K64 + 4096, .anon = true };
	is_i64(verdict(arena, &facts, &m, "too_small"), MML_WHY_BLOCKS);
	/* What is switched off for the mapping is so for each size. */
	m = (struct mml_thp_mapping){ .end = 2 * M2, .anon = true, .refused = true };
	is_i64(verdict(arena, &facts, &m, "nohugepage"), MML_WHY_BLOCKS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), -1);
	/* A size that has to be asked for. */
	sizes[0].enabled = "madvise";
	m.refused = false;
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), -1);
	is_i64(verdict(arena, &facts, &m, "setting_never"), MML_WHY_BLOCKS);
	m.advised = true;
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), MML_WHY_FINE);
	sizes[0].enabled = "never";
	is_u64(mml_thp_smallest(&facts), M2);
}

/* The kernel's own answer is heeded. */
static void test_eligible(struct mml_arena *arena)
{
	struct mml_thp_facts facts = { .page_size = 4096, .pmd_size = M2, .enabled = "never" };
	struct mml_thp_mapping m = { .end = 2 * M2, .anon = true };

	is_i64(verdict(arena, &facts, &m, "setting_never"), MML_WHY_BLOCKS);
	m.eligible = (struct mml_maybe){ true, 1 };
	is_i64(verdict(arena, &facts, &m, "setting_never"), MML_WHY_LIMITS);
	m.eligible.v = 0;
	is_i64(verdict(arena, &facts, &m, "setting_never"), MML_WHY_BLOCKS);
	is_i64(verdict(arena, &facts, &m, "not_eligible"), -1);
	facts.enabled = "always";
	is_i64(verdict(arena, &facts, &m, "not_eligible"), MML_WHY_BLOCKS);
	m.eligible.v = 1;
	is_i64(verdict(arena, &facts, &m, "not_eligible"), -1);
}

/* Each kind of shared memory has a setting of its own. */
static void test_shmem(struct mml_arena *arena)
{
	struct mml_thp_size sizes[] = { { .size = K64, .enabled = "never", .shmem = "always" },
					{ .size = M2, .enabled = "inherit", .shmem = "inherit" } };
	struct mml_thp_facts facts = { .page_size = 4096,
				       .pmd_size = M2,
				       .enabled = "never",
				       .shmem_enabled = "never",
				       .sizes = sizes,
				       .nsizes = 2 };
	struct mml_thp_mapping m = { .end = 2 * M2, .shmem = MML_THP_SHMEM_ANON };

	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_LIMITS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), MML_WHY_FINE);
	m.shmem = MML_THP_SHMEM_NAMED;
	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_BLOCKS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), -1);
	/* The size's own setting is that of shared anonymous memory only. */
	sizes[1].shmem = "within_size";
	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_BLOCKS);
	m.shmem = MML_THP_SHMEM_ANON;
	is_i64(verdict(arena, &facts, &m, "shmem_never"), -1);
	/* deny and force go before all others. */
	facts.shmem_enabled = "deny";
	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_BLOCKS);
	is_i64(verdict(arena, &facts, &m, "smaller_sizes"), -1);
	facts.shmem_enabled = "force";
	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_BLOCKS);
	sizes[1].shmem = "inherit";
	is_i64(verdict(arena, &facts, &m, "shmem_never"), -1);
	m.shmem = MML_THP_SHMEM_MOUNT;
	is_i64(verdict(arena, &facts, &m, "shmem_never"), -1);
	facts.shmem_enabled = "always";
	is_i64(verdict(arena, &facts, &m, "shmem_never"), MML_WHY_BLOCKS);
	m.mount_huge = "advise";
	is_i64(verdict(arena, &facts, &m, "shmem_not_advised"), MML_WHY_BLOCKS);
	m.advised = true;
	is_i64(verdict(arena, &facts, &m, "shmem_not_advised"), -1);
	is_i64(verdict(arena, &facts, &m, "shmem_never"), -1);
}

/* Below the PMD's size, what is between 0 and all but one entry counts as 0. */
static void test_khugepaged(struct mml_arena *arena)
{
	static const struct {
		uint64_t none;
		bool said;
	} cases[] = { { 0, false }, { 1, true }, { 510, true }, { 511, false } };
	struct mml_thp_size sizes[] = { { .size = K64, .enabled = "always", .collapses = true },
					{ .size = M1, .enabled = "never", .collapses = true },
					{ .size = M2, .enabled = "always", .collapses = true } };
	struct mml_thp_facts facts = { .page_size = 4096,
				       .pmd_size = M2,
				       .sizes = sizes,
				       .nsizes = 3,
				       .max_ptes_none = { true, 0 } };
	const struct mml_finding *f;
	struct mml_finding *list;
	long n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		facts.max_ptes_none.v = cases[i].none;
		n = mml_thp_why(arena, &facts, &list);
		ok(!find(list, n, "max_ptes_none_as_zero") == !cases[i].said);
	}
	facts.max_ptes_none.v = 255;
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "max_ptes_none_as_zero");
	ok(f && f->verdict == MML_WHY_LIMITS && f->value == 255 && f->limit == 511);
	ok(f && strstr(f->text, "pages of 64.0K only") && strstr(f->text, "below 2.0M"));
	/* Older kernels make no pages of that size; and where none is allowed there is none to
	 * make. */
	sizes[0].collapses = false;
	n = mml_thp_why(arena, &facts, &list);
	ok(!find(list, n, "max_ptes_none_as_zero"));
	sizes[0].collapses = true;
	sizes[0].enabled = "never";
	n = mml_thp_why(arena, &facts, &list);
	ok(!find(list, n, "max_ptes_none_as_zero"));
}

/* One number says whether a huge page can be had; what lies in the DMA zone cannot. */
static void test_free_blocks(struct mml_arena *arena)
{
	struct mml_thp_zone zones[] = { { .name = "DMA", .buddy.orders = 11 },
					{ .name = "Normal", .buddy.orders = 11 } };
	struct mml_thp_facts facts = {
		.page_size = 4096, .pmd_size = M2, .zones = zones, .nzones = 2
	};
	const struct mml_finding *f;
	struct mml_finding *list;
	long n;

	zones[0].buddy.blocks[10] = 3;
	zones[1].buddy.blocks[9] = 1;
	zones[1].buddy.blocks[10] = 2;
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "free_blocks");
	ok(f && f->verdict == MML_WHY_FINE && f->value == 5 * M2);
	ok(f && strstr(f->text, "5 pages of 2.0M") && strstr(f->text, "(buddyinfo)"));
	facts.free_blocks = (struct mml_maybe){ true, 3 * 1024 + 512 };
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "free_blocks");
	ok(f && f->value == M2 && strstr(f->text, "nr_free_pages_blocks"));
	/* One page less than a block is none. */
	facts.free_blocks.v--;
	n = mml_thp_why(arena, &facts, &list);
	f = find(list, n, "no_free_block");
	ok(f && f->verdict == MML_WHY_LIMITS && !find(list, n, "free_blocks"));
	facts.nzones = 0;
	n = mml_thp_why(arena, &facts, &list);
	ok(!find(list, n, "no_free_block") && !find(list, n, "free_blocks"));
}

/* AnonHugePages has the PMD's size only; the others are counted by themselves. */
static void test_shares(struct mml_arena *arena)
{
	struct mml_thp_size sizes[] = {
		{ .size = K64, .enabled = "always", .nr_anon = { true, 16 } },
		{ .size = M2, .enabled = "always", .nr_anon = { true, 2 } }
	};
	struct mml_thp_facts facts = { .page_size = 4096,
				       .pmd_size = M2,
				       .sizes = sizes,
				       .nsizes = 2,
				       .anon = { true, 20 * M1 },
				       .anon_huge = { true, M2 } };
	const struct mml_finding *f;
	struct mml_finding *list;
	long n = mml_thp_why(arena, &facts, &list);

	f = find(list, n, "anon_share");
	ok(f && f->value == 10.0 && strstr(f->text, "mapped by huge pages of 2.0M"));
	f = find(list, n, "anon_share_sizes");
	ok(f && f->value == 25.0 &&
	   strstr(f->text, "1.0M in pages of 64.0K, 4.0M in pages of 2.0M"));
	sizes[0].nr_anon.known = sizes[1].nr_anon.known = false;
	n = mml_thp_why(arena, &facts, &list);
	ok(!find(list, n, "anon_share_sizes"));
}

#define THP "/sys/kernel/mm/transparent_hugepage"

/* The verdict of the first reason ID in the table; NULL if there is none. */
static const char *verdict_at(const struct mml_table *t, const char *id, uint64_t start)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (!strcmp(tree_str(t, i, "id"), id) &&
		    (!start || tree_u64(t, i, "start") == start))
			return tree_str(t, i, "verdict");
	return NULL;
}

static void test_tree(void)
{
	static const pid_t pid = 7;
	struct mml_query query = { .collector = mml_collector_find("thp_why"),
				   .reading.cancel_fd = -1 };
	struct mml_table *t;
	struct tree tree;

	mml_scope_set_pid(&query.scope, &pid);
	tree_new(&tree);
	tree_file(&tree, "/proc/vmstat", "nr_free_pages_blocks 512\n");
	tree_file(&tree, "/proc/buddyinfo", "Node 0, zone   Normal  0 0 0 0 0 0 0 0 0 1 0\n");
	tree_file(&tree, THP "/enabled", "always madvise [never]\n");
	tree_file(&tree, THP "/shmem_enabled", "always within_size advise [never] deny force\n");
	tree_file(&tree, THP "/hpage_pmd_size", "2097152\n");
	tree_file(&tree, THP "/khugepaged/max_ptes_none", "64\n");
	tree_file(&tree, THP "/hugepages-64kB/enabled", "[always] inherit madvise never\n");
	tree_file(&tree, THP "/hugepages-64kB/shmem_enabled",
		  "[always] inherit within_size advise never\n");
	tree_file(&tree, THP "/hugepages-64kB/stats/collapse_exceed_none_pte", "0\n");
	tree_file(&tree, "/proc/7/status", "Name:\tx\nTHP_enabled:\t1\n");
	tree_file(&tree, "/proc/7/mountinfo",
		  "36 35 0:31 / /run rw - tmpfs tmpfs rw,size=64k,huge=always,inode64\n"
		  "37 35 0:32 / /tmp rw - tmpfs tmpfs rw\n");
	tree_file(&tree, "/proc/7/smaps",
		  "00200000-00240000 rw-p 00000000 00:00 0\nRss: 4 kB\nVmFlags: rd\n"
		  "00400000-00800000 rw-s 00000000 00:01 5          /dev/zero (deleted)\n"
		  "Rss: 4 kB\nVmFlags: rd sh\n"
		  "00a00000-00e00000 rw-s 00000000 00:01 6          /memfd:x (deleted)\n"
		  "Rss: 4 kB\nVmFlags: rd sh\n"
		  "01000000-01400000 rw-s 00000000 00:1f 7          /run/x\n"
		  "Rss: 4 kB\nVmFlags: rd sh\n"
		  "01600000-01a00000 rw-s 00000000 00:20 7          /tmp/x\n"
		  "Rss: 4 kB\nVmFlags: rd sh\n"
		  "01c00000-02000000 rw-s 00000000 08:01 7          /home/x\n"
		  "Rss: 4 kB\nVmFlags: rd sh\n"
		  "03000000-03001000 r-xp 00000000 00:00 0          [vdso]\n"
		  "Rss: 4 kB\nVmFlags: rd ex\n");
	if (mml_root_open(tree.dir, &tree.root) ||
	    mml_snapshot_take(tree.root, &query, 1, &tree.snap)) {
		tap_skip("trees cannot be read here");
		return;
	}
	t = tree.snap->tables[0];
	ok(!t->error);
	is_str(verdict_at(t, "max_ptes_none_as_zero", 0), "limits");
	is_str(verdict_at(t, "free_blocks", 0), "fine");
	is_str(verdict_at(t, "shmem_size_allowed", 0), "fine");
	is_str(verdict_at(t, "too_small", 0x200000), "limits");
	is_str(verdict_at(t, "smaller_sizes", 0x200000), "fine");
	is_str(verdict_at(t, "shmem_never", 0x400000), "limits");
	is_str(verdict_at(t, "shmem_never", 0xa00000), "blocks");
	ok(!verdict_at(t, "shmem_never", 0x1000000));
	is_str(verdict_at(t, "shmem_never", 0x1600000), "blocks");
	is_str(verdict_at(t, "file", 0x1c00000), "limits");
	is_str(verdict_at(t, "all_too_small", 0), "limits");
	tree_free(&tree);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	test_smaller(arena);
	test_eligible(arena);
	test_shmem(arena);
	test_khugepaged(arena);
	test_free_blocks(arena);
	test_shares(arena);
	test_tree();
	mml_arena_free(arena);
	return tap_done();
}
