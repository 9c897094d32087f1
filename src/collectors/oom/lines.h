/* Which line of a report a line is, and lines that were broken put together again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "reader.h"

enum mml_oom_line_kind {
	MML_OOM_L_NONE,
	MML_OOM_L_OOM,        /* NAME invoked oom-killer: gfp_mask=... */
	MML_OOM_L_FAILURE,    /* NAME: page allocation failure: order:0, ... */
	MML_OOM_L_STALL,      /* NAME: page allocation stalls for 10000ms, order:0, ... */
	MML_OOM_L_VMALLOC,    /* NAME: vmalloc error: size ..., vmalloc: allocation failure: ... */
	MML_OOM_L_VMSPACE,    /* vmalloc_node_range for size N failed: Address range ... */
	MML_OOM_L_SHOW,       /* SysRq : Show Memory */
	MML_OOM_L_BY_HAND,    /* SysRq : Manual OOM execution */
	MML_OOM_L_MEMINFO,    /* Mem-Info: */
	MML_OOM_L_CPU,        /* CPU: 1 PID: 168 Comm: worker ..., Pid: 23105, comm: ... */
	MML_OOM_L_CPUSET,     /* NAME cpuset=/ mems_allowed=0 */
	MML_OOM_L_GLOBAL,     /* active_anon:759 inactive_anon:0 ... */
	MML_OOM_L_NODE_PREFIX, /* "Node 0 " and nothing else: of a record printed in pieces */
	MML_OOM_L_NODE,       /* Node 0 active_anon:56kB ... */
	MML_OOM_L_ZONE,       /* Node 0 DMA free:15232kB ... */
	MML_OOM_L_RESERVE,    /* lowmem_reserve[]: 0 297 297 */
	MML_OOM_L_BUDDY,      /* Node 0 DMA: 0*4kB ... = 15232kB */
	MML_OOM_L_HUGEPAGES,  /* Node 0 hugepages_total=0 ... */
	MML_OOM_L_PERCPU,     /* DMA per-cpu:, CPU    0: hi: 186, ... */
	MML_OOM_L_SINGLE,     /* 163710 pages RAM */
	MML_OOM_L_SWAP,       /* Free swap  = 0kB */
	MML_OOM_L_SLABS,      /* Unreclaimable slab info: */
	MML_OOM_L_SLAB_HEAD,  /* Name   Used   Total */
	MML_OOM_L_SLAB,
	MML_OOM_L_TAGS,       /* Memory allocations: */
	MML_OOM_L_TAG,
	MML_OOM_L_TASKS,      /* Tasks state (memory values in pages): */
	MML_OOM_L_TASK_HEAD,  /* [ pid ]   uid  tgid total_vm ... */
	MML_OOM_L_TASK,
	MML_OOM_L_OOMKILL,    /* oom-kill:constraint=... */
	MML_OOM_L_KILL,       /* Out of memory: Kill process, Killed process */
	MML_OOM_L_GROUP,      /* Tasks in PATH are going to be killed due to memory.oom.group set */
	MML_OOM_L_NO_KILLABLE,
	MML_OOM_L_PANIC,
	MML_OOM_L_REAPED,
	MML_OOM_L_TASK_IN,    /* Task in PATH killed as a result of limit of PATH */
	MML_OOM_L_USAGE,      /* memory: usage 49152kB, limit 49152kB, failcnt 64 */
	MML_OOM_L_STATS,      /* Memory cgroup stats for PATH: */
	MML_OOM_L_STAT,
	MML_OOM_L_COMPACTION,
	MML_OOM_L_SUPPRESSED,
	MML_OOM_L_SLUB,
	MML_OOM_L_FRAME,
	MML_OOM_L_REGISTERS,  /* and what else stands in a trace */
	MML_OOM_L_USERSPACE,  /* a kill by lowmemorykiller, lmkd, systemd-oomd, earlyoom */
	MML_OOM_L_CORRUPT,
	MML_OOM_L_KNOWN,      /* part of a report, and not needed */
};

/* What rows without a mark of their own are, from the title above them. */
enum mml_oom_section {
	MML_OOM_S_NONE,
	MML_OOM_S_SLABS,
	MML_OOM_S_TAGS,
	MML_OOM_S_TASKS,
	MML_OOM_S_STATS,
};

/* The kind of TEXT, which has no blanks before it. */
enum mml_oom_line_kind mml_oom_classify(const struct mml_oom_scan *scan, struct mml_span text,
					enum mml_oom_section section, struct mml_span tag);

/* A record that was one line when the kernel printed it. */
struct mml_oom_logical {
	enum mml_oom_line_kind kind;
	struct mml_buf text;
	struct mml_oom_seg {
		size_t at;
		uint64_t line;
	} *seg;
	size_t nseg, cap;
	uint64_t last_line;
	int64_t usec;
	const char *when, *host;
	bool cut;      /* the end of the text so far may be missing */
	bool full;     /* and was as long as lines are cut at */
	bool prefixed, trailing;
	bool noise;    /* records of others came in between */
};

/* Begin with RECORD. 0 or -ENOMEM. */
int mml_oom_logical_begin(struct mml_oom_logical *l, struct mml_arena *arena,
			  const struct mml_oom_record *record, enum mml_oom_line_kind kind);

/* Append RECORD if it can be the rest of L, or a piece of it: 1; 0: it is none; -ENOMEM.
 * STREAM_PREFIXED: records of this stream have something before their text, so that a line without
 * is a wrapped one. */
int mml_oom_logical_join(struct mml_oom_logical *l, struct mml_arena *arena,
			 const struct mml_oom_record *record, bool stream_prefixed);

/* Append RECORD behind a blank. 0 or -ENOMEM. */
int mml_oom_logical_add(struct mml_oom_logical *l, struct mml_arena *arena,
			const struct mml_oom_record *record);

static inline struct mml_span mml_oom_logical_text(const struct mml_oom_logical *l)
{
	return (struct mml_span){ l->text.data, l->text.data + l->text.len };
}

/* The line of the input that the character at P of L's text stands on. */
uint64_t mml_oom_logical_line(const struct mml_oom_logical *l, const char *p);

/* "key:123kB", the next one in REST, which is within L's text. Fields without a whole number are
 * passed over. LAST: nothing follows that would tell that the number is whole. */
enum mml_oom_unit { MML_OOM_PAGES, MML_OOM_KB };
struct mml_oom_field {
	struct mml_span key;
	uint64_t n, line;
	enum mml_oom_unit unit;
	bool last;
};
bool mml_oom_next_field(const struct mml_oom_logical *l, struct mml_span *rest,
			struct mml_oom_field *ret);

/* The item called KEY, in small letters or with a capital; -1: none. ENDS: a line may end so. */
int mml_oom_item_find(struct mml_span key, bool *ends);

/* What stands between the first BEFORE and the next AFTER (NULL: the end) in TEXT; false: there is
 * no BEFORE. */
bool mml_oom_between(struct mml_span text, const char *before, const char *after,
		     struct mml_span *ret);

/* Where WORD begins in TEXT, or NULL. */
const char *mml_oom_find(struct mml_span text, const char *word);

/* A number in TEXT behind BEFORE, whole: followed by UNIT, or, without, by what is no digit. Absent
 * otherwise. */
struct mml_oom_value mml_oom_number_after(const struct mml_oom_logical *l, struct mml_span text,
					  const char *before, const char *unit);
