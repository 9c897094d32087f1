/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../registry.h"

/*
 * All parts in the order they are shown: the item, its formula, how it is reclaimed, whose number
 * it is in a container, when the part applies, and its help. Names in a formula are fields of
 * meminfo, or fields of vmstat (in pages) if they begin in lower case. There are two others: "pcp"
 * is the sum of the pageset counts in zoneinfo, and "vmallocinfo" the pages of the areas in that
 * file. A part none of whose fields exist is not shown.
 */
/* clang-format off */
#define PARTS(P) \
	P(free,               "MemFree", "free", OWN, ALWAYS, "Pages in the buddy allocator, free CMA pages and unaccepted memory included.") \
	P(pcp,                "pcp", "free", HOST, ALWAYS, "Free pages on the CPUs' own lists, which MemFree leaves out.") \
	P(file_clean,         "Active(file) + Inactive(file) - Dirty", "discard", OWN, DIRTY_FITS, "Page cache and buffers that can be dropped at once; pages being written are among them.") \
	P(file_dirty,         "Dirty", "write-back", OWN, DIRTY_FITS, "Page cache and buffers that must be written first.") \
	P(file,               "Active(file) + Inactive(file)", "write-back", OWN, DIRTY_EXCEEDS, "Page cache and buffers; how much of them is dirty is not told, or at this moment more than lies on the LRU lists.") \
	P(anon,               "Active(anon) + Inactive(anon)", "swap", OWN, ALWAYS, "Memory of processes without a file behind it, and of shared memory and tmpfs; it can go to swap as far as there is room, else it stays.") \
	P(lru,                "Active + Inactive", "", OWN, UNSPLIT, "Process memory and page cache together: this kernel does not tell them apart.") \
	P(unevictable,        "Unevictable", "none", OWN, ALWAYS, "Pages reclaim leaves alone: locked by mlock or SHM_LOCK, ramfs.") \
	P(isolated,           "nr_isolated_anon + nr_isolated_file", "none", HOST, ALWAYS, "Pages taken off the LRU lists while they are reclaimed or moved.") \
	P(slab_reclaimable,   "SReclaimable", "discard", OWN, ALWAYS, "Slab caches with a shrinker, dentries and inodes above all; only what is unused can go.") \
	P(slab_unreclaimable, "SUnreclaim", "none", OWN, ALWAYS, "All other slab caches.") \
	P(slab,               "Slab", "", OWN, UNSPLIT_SLAB, "Slab caches; this kernel does not tell reclaimable ones apart.") \
	P(kernel_reclaimable, "KReclaimable - SReclaimable", "discard", HOST, ALWAYS, "Other kernel memory the kernel can give up under pressure.") \
	P(kernel_stack,       "KernelStack", "none", HOST, ALWAYS, "Stacks of all threads.") \
	P(shadow_call_stack,  "ShadowCallStack", "none", HOST, ALWAYS, "Shadow call stacks of all threads.") \
	P(page_tables,        "PageTables", "none", HOST, ALWAYS, "Page tables of processes.") \
	P(sec_page_tables,    "SecPageTables", "none", HOST, ALWAYS, "Page tables of virtual machines and of IOMMUs.") \
	P(quicklists,         "Quicklists", "free", HOST, ALWAYS, "Page tables kept ready for use (up to 5.2).") \
	P(vmalloc,            "VmallocUsed - KernelStack", "none", HOST, STACKS_INSIDE, "Kernel memory mapped page by page; the thread stacks, which lie in it here, are counted in kernel_stack.") \
	P(vmalloc,            "VmallocUsed", "none", HOST, STACKS_OUTSIDE, "Kernel memory mapped page by page.") \
	P(vmalloc,            "vmallocinfo", "none", HOST, VMALLOC_UNCOUNTED, "Kernel memory mapped page by page, without thread stacks: summed from /proc/vmallocinfo, since this kernel's VmallocUsed is not memory (up to 5.2).") \
	P(percpu,             "Percpu", "none", HOST, ALWAYS, "Per-CPU variables; the part reserved at boot is no part of MemTotal, so the remainder below can be negative by it.") \
	P(hugetlb,            "Hugetlb", "none", HOST, ALWAYS, "Pages of all huge page pools, free ones too: the pools give them back only when their size is lowered.") \
	P(hugetlb,            "HugePages_Total * Hugepagesize", "none", HOST, NO_HUGETLB, "Pages of the default huge page pool, free ones too; this kernel does not tell of other sizes here.") \
	P(zsmalloc,           "nr_zspages", "none", HOST, ALWAYS, "What zram, and zswap with zsmalloc, keep compressed.") \
	P(zswap,              "Zswap", "write-back", HOST, ZSWAP_OUTSIDE, "What zswap keeps compressed in its zbud or z3fold pool.") \
	P(bounce,             "Bounce", "none", HOST, ALWAYS, "Copies for devices that cannot reach high memory.") \
	P(memmap,             "nr_memmap_pages", "none", HOST, ALWAYS, "struct page of memory added after boot.") \
	P(balloon,            "Balloon", "none", HOST, BALLOON_INSIDE, "Given back to the hypervisor by a balloon that leaves MemTotal alone.") \
	P(gpu_active,         "GPUActive", "none", HOST, ALWAYS, "System memory GPU objects use.") \
	P(gpu_reclaim,        "GPUReclaim", "discard", HOST, ALWAYS, "System memory GPU drivers keep for reuse.")
/* clang-format on */

#define MML_COLUMNS_OF BALANCE
#include "../../core/columns.h"

/* Where lxcfs rewrites meminfo for a container, only some fields tell of the container (OWN). The
 * other fields, and all other files, still tell of the HOST. */
enum whose { OWN, HOST };

enum when {
	ALWAYS,
	DIRTY_FITS,        /* file pages are told apart, and not fewer than the dirty ones */
	DIRTY_EXCEEDS,
	UNSPLIT,           /* before 2.6.28: meminfo has no (anon) and (file) */
	UNSPLIT_SLAB,
	STACKS_INSIDE,     /* CONFIG_VMAP_STACK: thread stacks lie in vmalloc memory */
	STACKS_OUTSIDE,
	VMALLOC_UNCOUNTED, /* VmallocUsed is address space (up to 4.3) or 0 (up to 5.2) */
	NO_HUGETLB,        /* before 4.19 */
	ZSWAP_OUTSIDE,     /* the zswap pool is not counted in nr_zspages */
	BALLOON_INSIDE,
};

static const struct part {
	const char *item, *formula, *reclaim;
	enum whose whose;
	enum when when;
	const char *help;
} parts[] = {
#define P(item, ...) { #item, __VA_ARGS__ },
	PARTS(P)
#undef P
};

static const char meminfo_path[] = "/proc/meminfo";

/* VmallocUsed tells of memory since 5.3. Up to 4.3 it was address space, device memory mapped by
 * drivers included, and could be larger than MemTotal; in between it was 0. KReclaimable exists
 * since 4.20 and rules out the old meaning. */
static bool vmalloc_counted(const struct mml_balance *b)
{
	int64_t used, v;

	return mml_balance_field(b, "VmallocUsed", &used) && used &&
	       mml_balance_field(b, "KReclaimable", &v);
}

/* Thread stacks lie in vmalloc memory if the kernel has CONFIG_VMAP_STACK, which is the default on
 * these machines. They do not if VmallocUsed is less than all stacks take. */
static bool stacks_inside(const struct mml_balance *b)
{
	static const char *const machines[] = { "x86_64", "aarch64", "s390x", "riscv64" };
	const char *machine = b->take->host->machine;
	int64_t used, stacks;

	if (!mml_balance_field(b, "VmallocUsed", &used) ||
	    !mml_balance_field(b, "KernelStack", &stacks) || used < stacks)
		return false;
	if (!machine) {
		int64_t high;

		/* A tree may not say which machine it is of. This field exists on 32-bit machines
		 * only. */
		return !mml_balance_field(b, "HighTotal", &high);
	}
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machine, machines[i]))
			return true;
	return false;
}

static bool zswap_outside(const struct mml_balance *b)
{
	struct mml_span text, pool;

	return !mml_take_file(b->take, NULL, "/sys/module/zswap/parameters/zpool", &text) &&
	       mml_next_line(&text, &pool) &&
	       (mml_span_eq(pool, "zbud") || mml_span_eq(pool, "z3fold"));
}

/* The balloons of Xen and Hyper-V take their pages out of MemTotal, and so does virtio's. VMware's
 * does not, nor does a virtio balloon (device type 5) that the guest may deflate on OOM (feature
 * bit 2). */
static bool balloon_inside(const struct mml_balance *b)
{
	static const char devices[] = "/sys/bus/virtio/devices";
	const char *const *names;
	struct mml_span text, line;

	if (mml_take_names(b->take, "/sys/module/vmw_balloon"))
		return true;
	names = mml_take_names(b->take, devices);
	for (; names && *names; names++)
		if (!mml_take_filef(b->take, &text, "%s/%s/device", devices, *names) &&
		    mml_next_line(&text, &line) && mml_span_eq(line, "0x0005") &&
		    !mml_take_filef(b->take, &text, "%s/%s/features", devices, *names) &&
		    mml_span_len(text) > 2 && text.p[2] == '1')
			return true;
	return false;
}

/* Computes the file pages that are not dirty, in bytes. The result is negative if there are more
 * dirty pages than file pages on the LRU lists. Returns false if a field is missing. */
static bool file_bytes(const struct mml_balance *b, int64_t *ret)
{
	int64_t active, inactive, dirty;

	if (!mml_balance_field(b, "Active(file)", &active) ||
	    !mml_balance_field(b, "Inactive(file)", &inactive) ||
	    !mml_balance_field(b, "Dirty", &dirty))
		return false;
	*ret = active + inactive - dirty;
	return true;
}

static bool applies(const struct mml_balance *b, enum when when)
{
	int64_t v;

	switch (when) {
	case ALWAYS:
		return true;
	case DIRTY_FITS:
		return file_bytes(b, &v) && v >= 0;
	case DIRTY_EXCEEDS:
		return !(file_bytes(b, &v) && v >= 0);
	case UNSPLIT:
		return !mml_balance_field(b, "Active(anon)", &v);
	case UNSPLIT_SLAB:
		return !mml_balance_field(b, "SReclaimable", &v);
	case STACKS_INSIDE:
		return vmalloc_counted(b) && stacks_inside(b);
	case STACKS_OUTSIDE:
		return vmalloc_counted(b) && !stacks_inside(b);
	case VMALLOC_UNCOUNTED:
		return !vmalloc_counted(b);
	case NO_HUGETLB:
		return !mml_balance_field(b, "Hugetlb", &v);
	case ZSWAP_OUTSIDE:
		return mml_balance_field(b, "Zswap", &v) && v && zswap_outside(b);
	case BALLOON_INSIDE:
		return mml_balance_field(b, "Balloon", &v) && v && balloon_inside(b);
	}
	return false;
}

static int add_row(struct mml_balance *b, const struct part *part, int64_t bytes,
		   const struct mml_buf *terms, const char *more_help)
{
	struct mml_arena *arena = b->take->arena;
	struct mml_row *row = mml_table_add(b->table);
	const char *reclaim = part->reclaim, *help = part->help;

	if (!row)
		return -ENOMEM;
	if (!strcmp(reclaim, "swap") && !b->swap_free)
		reclaim = "none";
	if (more_help)
		help = mml_arena_printf(arena, "%s %s", help, more_help);
	mml_set_str(row, BALANCE_item, part->item);
	mml_set_i64(row, BALANCE_bytes, bytes);
	if (b->total)
		mml_set_f64(row, BALANCE_share, (double)bytes * 100 / (double)b->total);
	mml_set_str(row, BALANCE_reclaim, *reclaim ? reclaim : NULL);
	mml_set_str(row, BALANCE_source, part->formula);
	mml_set_str(row, BALANCE_help, help);
	if (terms->len)
		mml_set_str(row, BALANCE_terms, mml_arena_strndup(arena, terms->data, terms->len));
	return terms->error;
}

static const char *kib(const struct mml_balance *b, int64_t bytes)
{
	return mml_arena_printf(b->take->arena, "%" PRId64 " kB", bytes / 1024);
}

/* Say when the file is not the machine's own account, and what in it cannot be. */
static void examine(struct mml_balance *b)
{
	const struct mml_whose *w = &b->whose;

	if (w->is == MML_WHOSE_LAZY)
		mml_table_note(b->table, "%s: the rest is brought up when it is needed", w->why);
	if (w->is == MML_WHOSE_OTHER)
		mml_table_note(b->table,
			       "%s: %s is not the machine's own (lxcfs makes one for each container), "
			       "rows that stay the machine's are left out",
			       w->why, meminfo_path);
	if (w->contradiction)
		mml_table_note(b->table, "%s contradicts itself: %s", meminfo_path,
			       w->contradiction);
}

/* Returns what examine_total() found out, as an addition to the help of the row it concerns, or
 * NULL. */
static const char *finding(const struct mml_balance *b, const char *item)
{
	const struct mml_whose *w = &b->whose;

	if (w->is == MML_WHOSE_LAZY && !strcmp(item, "free"))
		return mml_arena_printf(b->take->arena,
					"MemTotal counts %s that no zone manages yet: memory is "
					"brought up lazily here, and MemFree counts it as free.",
					kib(b, (int64_t)(w->total - w->managed)));
	if (w->is == MML_WHOSE_OTHER && !strcmp(item, "unaccounted"))
		return mml_arena_printf(b->take->arena,
					"This meminfo is not the machine's own account: %s. "
					"Fields that stay the machine's are left out.",
					w->why);
	return NULL;
}

/* Returns why the remainder is what it is, as far as the files tell, or NULL. */
static const char *why_rest(struct mml_balance *b, int64_t rest)
{
	static const char *const fields[] = { "MemFree", "Active", "Inactive", "Slab" };
	const char *more = finding(b, "unaccounted"), *missing = "";
	int64_t v;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!mml_balance_field(b, fields[i], &v))
			missing = mml_arena_printf(b->take->arena, "%s%s%s", missing,
						   *missing ? ", " : "", fields[i]);
	if (*missing)
		mml_table_note(b->table, "%s has no %s, or nonsense: the remainder holds it",
			       meminfo_path, missing);
	else if (b->whose.is != MML_WHOSE_OTHER && !b->whose.contradiction && (rest > b->total / 2 || rest < -b->total / 20))
		mml_table_note(b->table,
			       "the parts add up to %s of a MemTotal of %s: a balloon or drivers "
			       "have the rest, or the file was edited",
			       kib(b, b->total - rest), kib(b, b->total));
	if (more)
		return more;
	if (rest < 0)
		return mml_arena_printf(b->take->arena,
					"Negative: more is counted than MemTotal has, by %s: the part "
					"of percpu reserved at boot, and what changed while the files "
					"were read.",
					kib(b, -rest));
	if (!vmalloc_counted(b) && !mml_balance_field(b, "vmallocinfo", &v))
		return "What vmalloc takes is in it too: this kernel's VmallocUsed is not memory, "
		       "and /proc/vmallocinfo could not be read.";
	return NULL;
}

static int add_parts(struct mml_balance *b, int64_t *ret_rest)
{
	struct mml_buf terms = { 0 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !rc; i++) {
		int64_t bytes;

		terms.len = 0;
		if ((b->whose.is == MML_WHOSE_OTHER && parts[i].whose == HOST) || !applies(b, parts[i].when) ||
		    !mml_balance_evaluate(b, parts[i].formula, &bytes, &terms))
			continue;
		rc = add_row(b, &parts[i], bytes, &terms, finding(b, parts[i].item));
		*ret_rest -= bytes;
	}
	mml_buf_free(&terms);
	return rc;
}

static int add_unaccounted(struct mml_balance *b, int64_t rest)
{
	static const struct part part = {
		"unaccounted",
		"MemTotal - all rows above",
		"none",
		OWN,
		ALWAYS,
		"Pages drivers and the kernel took straight from the page allocator (GPU, network "
		"and DMA buffers, ZFS, balloons), less what is counted but lies outside MemTotal.",
	};
	struct mml_buf terms = { 0 };
	int rc;

	mml_buf_printf(&terms, "%" PRId64 " - %" PRId64, b->total / 1024, (b->total - rest) / 1024);
	rc = add_row(b, &part, rest, &terms, why_rest(b, rest));
	mml_buf_free(&terms);
	return rc;
}

static int balance_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	struct mml_balance b = { .take = take, .table = ret, .page_size = take->host->page_size };
	int64_t rest;
	int rc = mml_take_file(take, ret, meminfo_path, &b.meminfo);

	(void)query;
	if (rc)
		return rc;
	if (!mml_balance_field(&b, "MemTotal", &b.total))
		return mml_table_fail(ret, -EBADMSG, NULL,
				      "%s: MemTotal is not in it, or no size memory can have",
				      meminfo_path);
	mml_balance_field(&b, "SwapFree", &b.swap_free);
	if (mml_take_file(take, NULL, "/proc/vmstat", &b.vmstat))
		b.vmstat = (struct mml_span){ 0 };
	b.zones = mml_take_table(take, &mml_collector_zones);
	if (!b.zones || mml_whose_meminfo(take, &b.whose))
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	examine(&b);
	rest = b.total;
	rc = add_parts(&b, &rest);
	if (!rc)
		rc = add_unaccounted(&b, rest);
	/* These two count in pages, so a doubt about the page size is said. */
	if (mml_span_len(b.vmstat) || b.zones->nrows)
		mml_take_page_size(take, ret);
	return rc ? mml_table_fail(ret, rc, NULL, "out of memory") : 0;
}

static const struct mml_source sources[] = {
	{ "/proc/meminfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ "/proc/vmstat", NULL, "a kernel with CONFIG_VM_EVENT_COUNTERS", NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ "/proc/vmallocinfo", "root (it matters up to Linux 5.2 only, where VmallocUsed says nothing)", NULL,
	  NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_balance = {
	.schema = { .name = "balance",
		    .help = "A part of the machine's memory: where MemTotal has gone, to the last "
			    "byte.",
		    MML_COLUMNS(BALANCE) },
	.sources = sources,
	.collect = balance_collect,
};
