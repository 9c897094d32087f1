/* What a kernel log says of out-of-memory kills, allocation failures and memory dumps: numbers as
 * they are printed, each with the line it stands on, and the conclusions drawn from them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/arena.h"
#include "../../core/parse.h"

/* A number of the log and its line, counted from 1. Line 0: the log lacks it, or it was cut. */
struct mml_oom_value {
	uint64_t n, line;
};

#define ITEM(id, name, ends) MML_OOM_##id,
#define ALIAS(id, name)
enum mml_oom_item {
#include "items.def"
	MML_OOM_ITEMS
};
#undef ITEM
#undef ALIAS

#define GFP(id, name) MML_GFP_##id,
enum mml_gfp {
#include "gfp.def"
	MML_GFP_FLAGS
};
#undef GFP

#define KIND(id, word) MML_OOM_KIND_##id,
enum mml_oom_kind {
#include "words.def"
};
#define CONSTRAINT(id, word) MML_OOM_BY_##id,
enum mml_oom_constraint {
#include "words.def"
};
#define REASON(id, word) MML_OOM_WHY_##id,
enum mml_oom_reason {
#include "words.def"
};
#define VERDICT(id, word) MML_OOM_ZONE_##id,
enum mml_oom_verdict {
#include "words.def"
};
#define WHY_NOT(id, word) MML_OOM_NOT_##id,
enum mml_oom_why_not {
#include "words.def"
};
#define STATE(id, word) MML_OOM_TASK_##id,
enum mml_oom_state {
#include "words.def"
};

/* The words of the enumerations above; NULL for what is unknown. */
const char *mml_oom_kind_word(enum mml_oom_kind kind);
const char *mml_oom_constraint_word(enum mml_oom_constraint constraint);
const char *mml_oom_reason_word(enum mml_oom_reason reason);
const char *mml_oom_verdict_word(enum mml_oom_verdict verdict);
const char *mml_oom_why_not_word(enum mml_oom_why_not why_not);
const char *mml_oom_state_word(enum mml_oom_state state);
const char *mml_oom_item_name(enum mml_oom_item item);

/* The parts of a report that were seen. */
enum mml_oom_part {
	MML_OOM_HEADER = 1 << 0,
	MML_OOM_TRACE = 1 << 1,
	MML_OOM_MEMINFO = 1 << 2,
	MML_OOM_ZONES = 1 << 3,
	MML_OOM_BUDDY = 1 << 4,
	MML_OOM_SWAP = 1 << 5,
	MML_OOM_RAM = 1 << 6,
	MML_OOM_SLABS = 1 << 7,
	MML_OOM_TASKS = 1 << 8,
	MML_OOM_VERDICT = 1 << 9,
	MML_OOM_CGROUP = 1 << 10,
};

/* When, as the log has it: microseconds since boot (-1: none) and the date as it is written, or
 * NULL. */
struct mml_oom_time {
	int64_t usec;
	const char *text;
};

/* Zone types in the kernel's order. */
enum mml_oom_zone_type {
	MML_OOM_DMA,
	MML_OOM_DMA32,
	MML_OOM_NORMAL,
	MML_OOM_HIGHMEM,
	MML_OOM_MOVABLE,
	MML_OOM_DEVICE,
	MML_OOM_ZONE_TYPES
};
const char *mml_oom_zone_name(enum mml_oom_zone_type type);

enum { MML_OOM_MAX_ORDERS = 24, MML_OOM_MAX_RESERVES = 8 };

/* A line of the buddy list: how many blocks of each order are free. TYPES: a bit per letter, A to
 * Z, of the migrate types that have some; 0 where the kernel does not print them. */
struct mml_oom_buddy {
	uint64_t line;
	unsigned orders;
	struct mml_oom_value count[MML_OOM_MAX_ORDERS];
	uint32_t types[MML_OOM_MAX_ORDERS];
	struct mml_oom_value total; /* kB */
};

struct mml_oom_zone {
	struct mml_oom_zone *next;
	uint64_t line;
	unsigned node;
	enum mml_oom_zone_type type;
	struct mml_oom_value item[MML_OOM_ITEMS]; /* kB */
	unsigned reserves;                        /* lowmem_reserve[], pages */
	struct mml_oom_value reserve[MML_OOM_MAX_RESERVES];
	struct mml_oom_buddy buddy;
	/* Concluded, in bytes; where has_test is false the log lacks what it takes. */
	bool allowed, has_test;
	enum mml_oom_why_not why_not;
	enum mml_oom_verdict verdict;
	bool has_reserve;
	bool at_high; /* above min, but not above high, which the OOM killer asks for */
	uint64_t reserve_bytes, usable, mark, highatomic, cma;
	int64_t margin; /* usable - mark - reserve; the test passes above 0 */
	int largest_usable;          /* order of the largest block for it; -1: none, -2: unknown */
	bool has_blocks;
	uint64_t blocks_enough;      /* free blocks of the order or above, of usable types */
};

struct mml_oom_node {
	struct mml_oom_node *next;
	uint64_t line;
	unsigned node;
	struct mml_oom_value item[MML_OOM_ITEMS]; /* kB */
	char all_unreclaimable;                   /* y, n, or 0 */
};

struct mml_oom_hugepages {
	struct mml_oom_hugepages *next;
	uint64_t line;
	struct mml_oom_value node, total, free, surplus, size; /* size in kB */
};

struct mml_oom_slab {
	struct mml_oom_slab *next;
	uint64_t line;
	const char *name;
	uint64_t used, total; /* kB */
};

struct mml_oom_tag { /* a row of "Memory allocations:" */
	struct mml_oom_tag *next;
	uint64_t line;
	uint64_t bytes, calls;
	bool rounded; /* the kernel printed the bytes with a prefix and three digits */
	const char *file, *module, *function;
	uint64_t file_line;
};

enum mml_oom_task_column {
	MML_OOM_PID,
	MML_OOM_UID,
	MML_OOM_TGID,
	MML_OOM_TOTAL_VM,
	MML_OOM_RSS,
	MML_OOM_RSS_ANON,
	MML_OOM_RSS_FILE,
	MML_OOM_RSS_SHMEM,
	MML_OOM_NR_PTES,
	MML_OOM_NR_PMDS,
	MML_OOM_PGTABLES,
	MML_OOM_SWAPENTS,
	MML_OOM_ADJ,
	MML_OOM_TASK_COLUMNS
};

struct mml_oom_task {
	struct mml_oom_task *next;
	uint64_t line;
	const char *name;
	unsigned has; /* 1 << mml_oom_task_column */
	uint64_t n[MML_OOM_TASK_COLUMNS]; /* as printed; ADJ is signed */
	/* Concluded. */
	enum mml_oom_state state;
	bool has_points, points_least; /* least: part of what is added was not printed */
	int64_t points;
	unsigned rank; /* 1: would be killed first; 0: cannot be told or never */
	uint64_t killed_line;
};

enum mml_oom_kill_kind { MML_OOM_KILL, MML_OOM_KILL_USERSPACE };

struct mml_oom_kill {
	struct mml_oom_kill *next;
	struct mml_oom_report *report;
	unsigned index; /* of user space: its place among these and the reports, from 1 */
	enum mml_oom_kill_kind kind;
	uint64_t line;
	struct mml_oom_time time;
	const char *message; /* what the line begins with: "Out of memory", ... */
	const char *comm;
	struct mml_oom_value pid, uid, total_vm, anon_rss, file_rss, shmem_rss, pgtables; /* kB */
	bool has_adj, duplicate;
	int64_t adj;
	/* "Kill process N (x) score S or sacrifice child", which was chosen; M was killed. */
	struct mml_oom_value chosen_pid, score;
	const char *chosen_comm;
	uint64_t reaped_line, unreaped_line;
	struct mml_oom_value left_anon; /* kB, of the reaper's line */
};

enum mml_oom_counter {
	MML_OOM_CG_MEMORY,
	MML_OOM_CG_MEMSW,
	MML_OOM_CG_SWAP,
	MML_OOM_CG_KMEM,
	MML_OOM_CG_COUNTERS
};

struct mml_oom_stat {
	struct mml_oom_stat *next;
	uint64_t line;
	const char *key;
	uint64_t n; /* bytes, or a count, as the key has it */
};

struct mml_oom_cgroup {
	struct mml_oom_cgroup *next;
	uint64_t line;
	const char *path; /* NULL: not said */
	bool is_limit;
	struct mml_oom_value usage[MML_OOM_CG_COUNTERS], limit[MML_OOM_CG_COUNTERS],
		failcnt[MML_OOM_CG_COUNTERS]; /* kB; failcnt a count */
	struct mml_oom_stat *stats, **last;
	size_t nstats;
};

struct mml_oom_frame {
	struct mml_oom_frame *next;
	uint64_t line;
	const char *function, *module;
	bool unsure; /* with a ? before it */
};

/* A line near a report that was not understood, or says that something is missing. */
enum mml_oom_line_class {
	MML_OOM_LINE_UNKNOWN,
	MML_OOM_LINE_CUT,        /* a number or name at its end is not whole */
	MML_OOM_LINE_LOST,       /* records are missing before it */
	MML_OOM_LINE_SUPPRESSED, /* "N callbacks suppressed" */
	MML_OOM_LINE_SYSRQ,      /* asked for by hand */
	MML_OOM_LINE_SLUB,       /* the slab allocator's own words on a failure */
	MML_OOM_LINE_CORRUPT,    /* corrupt page tables or swap entries after a report */
};
struct mml_oom_line {
	struct mml_oom_line *next;
	uint64_t line;
	enum mml_oom_line_class class;
	struct mml_oom_report *report;
	uint64_t n; /* lost records, suppressed callbacks */
};
const char *mml_oom_line_word(enum mml_oom_line_class class);

/* The request, in one kernel's terms made common. */
struct mml_oom_request {
	bool known;    /* flags are the log's: by name, or by a table that fits */
	bool assumed;  /* there is none in the log: GFP_KERNEL of order 0 is what is tested */
	bool inferred; /* the class was derived from which zones cannot have been allowed */
	uint32_t flags; /* 1 << mml_gfp */
	char table;     /* A to F, see gfp.c; 0 where the names are all that is known */
	const char *names; /* in words: as printed, or made from the table */
	bool names_printed, names_cut;
	enum mml_oom_zone_type class; /* highest zone it may use */
	int order;                    /* as tested; -1 by hand counts as 0 */
	bool can_reclaim, can_oom, movable, atomic, no_watermarks;
};

/* A row of the balance; all of them together are the pages of RAM. */
struct mml_oom_share {
	const char *name;
	enum mml_oom_reason reason; /* its name as a reason; NONE for free, reserved and the like */
	int64_t pages;
	uint64_t line; /* of its first number */
};
enum { MML_OOM_MAX_SHARES = 24 };

struct mml_oom_balance {
	bool known;
	unsigned n;
	struct mml_oom_share share[MML_OOM_MAX_SHARES];
	uint64_t ram, reserved, managed; /* pages */
	int64_t unaccounted; /* pages; negative: the counters add up to more than there is */
	/* What unaccounted includes since the log lacks or cut it. */
	bool without_stacks, without_hugetlb, without_pagetables, without_slab;
	bool inconsistent; /* more dirty pages than there are in the page cache */
	int holder;        /* index of the largest share that holds memory; -1: none */
};

struct mml_oom_report {
	struct mml_oom_report *next;
	/* The first of the few before it whose victims may still be in its table. */
	const struct mml_oom_report *window;
	unsigned index; /* its place among the reports and the kills of user space, from 1 */
	enum mml_oom_kind kind;
	uint64_t line_first, line_last;
	uint64_t lines; /* that belong to it */
	unsigned repeats;
	uint64_t repeats_last;
	struct mml_oom_value suppressed;
	struct mml_oom_time time;
	const char *host, *kernel;
	const char *arch;
	unsigned version; /* major << 16 | minor << 8 | patch; 0: unknown */
	struct mml_oom_value page_size;
	bool page_size_inferred;
	unsigned complete; /* mml_oom_part */

	const char *comm;
	struct mml_oom_value pid;
	bool has_order, has_adj;
	bool old_score; /* oomkilladj or oom_adj alone, before 2.6.36 */
	int64_t order, adj;
	struct mml_oom_value gfp_mask;
	const char *gfp_printed;
	bool gfp_printed_whole;
	struct mml_oom_value vmalloc_size;
	const char *vmalloc_why;
	bool vmalloc_space; /* what lacks is address space */
	struct mml_oom_value stall_ms;
	bool compaction_off, by_hand, header_seen;

	enum mml_oom_constraint constraint;
	bool constraint_inferred;
	const char *nodemask, *mems_allowed, *cpuset, *oom_memcg, *task_memcg, *policy;
	uint64_t constraint_line;
	const char *oomkill_comm; /* the victim of the oom-kill: line */
	struct mml_oom_value oomkill_pid;

	struct mml_oom_value item[MML_OOM_ITEMS]; /* pages, the whole machine */
	/* pages */
	struct mml_oom_value ram, highmem, reserved, cma, hwpoisoned, pagecache, swapcache;
	struct mml_oom_value swap_free, swap_total; /* kB */
	struct mml_oom_node *nodes, **last_node;
	struct mml_oom_zone *zones, **last_zone;
	struct mml_oom_hugepages *hugepages, **last_hugepages;
	struct mml_oom_slab *slabs, **last_slab;
	struct mml_oom_tag *tags, **last_tag;
	struct mml_oom_task *tasks, **last_task;
	size_t ntasks;
	struct mml_oom_task **sorted; /* NTASKS, by points, the one to be killed first */
	bool task_table; /* its head was seen */
	struct mml_oom_cgroup *cgroups, **last_cgroup;
	struct mml_oom_kill *kills, **last_kill, *newest;
	struct mml_oom_frame *frames, **last_frame;
	uint64_t group_line, no_killable_line, panic_line;
	uint64_t dying_line; /* where the log tells that who asked had been killed already */
	const char *panic;
	uint64_t cut_lines, lost_records, unknown_lines;
	uint64_t corrupt_line;

	/* Concluded. */
	enum mml_oom_reason reason, reason2;
	enum mml_oom_reason holder; /* of the machine, the group or the nodes, as the limit is */
	uint64_t holder_bytes, holder_line;
	uint64_t withheld; /* bytes: free memory kept for requests that cannot go as high */
	uint64_t elsewhere; /* bytes: free memory in zones the request may not use */
	struct mml_oom_request request;
	struct mml_oom_balance balance;
	bool filtered; /* nodes or zones of the machine were not printed */
	bool has_totalpages, totalpages_least; /* least: more swap may count */
	uint64_t totalpages;
	const struct mml_oom_kill *victim; /* the first kill */
	const struct mml_oom_task *victim_task, *expected, *next_task;
	bool has_score;
	uint64_t score; /* points * 1000 / totalpages as the kernel prints it before 5.3 */
	const char *many_name; /* tasks of one name that together hold most */
	unsigned many;
	uint64_t many_pages;
	uint64_t scope; /* pages the tasks are held against: of the limit, the nodes, the machine */
};

struct mml_oom_log {
	struct mml_oom_report *reports;
	size_t nreports;
	struct mml_oom_kill *kills; /* of user space: the kernel's are the reports' */
	size_t nkills;
	struct mml_oom_line *lines;
	uint64_t input_lines;
	uint64_t lost_records;
	uint64_t suppressed;
	const char *lost_before; /* time of the first record after a gap */
};

/* Whether VALUE is there. */
static inline bool mml_oom_has(struct mml_oom_value value)
{
	return value.line != 0;
}

enum {
	MML_OOM_NO_SKIP = 1 << 0, /* no fast reject: what it is tested against */
	MML_OOM_KEEP_REPEATS = 1 << 1, /* reports that say the same again stay */
};

/* Read TEXT, a kernel log in whatever form people have it, into ARENA. RET lives as long as ARENA,
 * and has nothing of TEXT's bytes. 0 or -ENOMEM; a log may be without a report. */
int mml_oom_read(struct mml_arena *arena, struct mml_span text, unsigned flags,
		 struct mml_oom_log **ret);
