/* Table `processes`: what its parts share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "columns.h"
#include "../../core/snapshot.h"
#include "who.h"
#include "../numa/numa.h"
#include "../events/tasks.h"
#include "nodes.h"
#include "procfs.h"

enum {
	NEEDS_RSS = 1,     /* statm, unless status is read */
	NEEDS_STATUS = 2,
	NEEDS_ROLLUP = 4,  /* smaps_rollup, or smaps before 4.14 */
	NEEDS_NODES = 8,   /* numa_maps, or pagemap */
	NEEDS_OOM = 16,    /* oom_score, oom_score_adj */
	NEEDS_USER = 32,
	NEEDS_COMMAND = 64,
	NEEDS_CGROUP = 128,
	NEEDS_STAT = 256,  /* of no column: it is always read */
	NEEDS_REMOTE = 512, /* which node each CPU is on */
	NEEDS_FILE = 1024,  /* stat itself, of which the task iterator does not know all */
	NEEDS_WHO = NEEDS_USER | NEEDS_COMMAND | NEEDS_CGROUP,
	NEEDS_COSTLY = NEEDS_ROLLUP | NEEDS_NODES, /* those the time budget is for */
};

#define MML_COLUMN_IDS_OF PROCESSES
#include "../../core/columns.h"

/* The columns kept between samples. */
enum {
	COSTLY_FIRST = PROCESSES_pss,
	COSTLY_COLUMNS = PROCESSES_home_share - PROCESSES_pss + 1,
	LEVELS_FIRST = PROCESSES_rss, /* those of statm and status */
	LEVELS = PROCESSES_lib - PROCESSES_rss + 1,
};

extern const struct mml_collector mml_collector_processes;

/* Who a process is, as far as it was found out; NULL: not. */
struct mml_ident {
	const char *user, *command, *cgroup, *unit, *container;
};

/* Free strings that are its own. */
void mml_ident_free(struct mml_ident *who);

/* What is remembered of a process from sample to sample. */
struct mml_process_memory {
	struct mml_process_memory *next; /* in its hash chain */
	pid_t pid;
	uint64_t started;     /* ns after boot: with pid, the process */
	uint64_t sample;      /* the last one it was seen in */
	struct mml_ident who; /* strings of its own */
	unsigned known;       /* which of NEEDS_WHO were asked for */
	uint64_t comm_hash;   /* of the comm then */
	bool settled;         /* it was old enough then not to be about to become another program */
	uint64_t stat_hash;   /* of all of stat when the levels were read; 0: they were not */
	unsigned level_reads; /* by which of NEEDS_RSS and NEEDS_STATUS */
	uint64_t levels_present, levels[LEVELS], uid;
	uint64_t read_ns;     /* when the costly columns were read; 0: never */
	uint64_t cost_ns;     /* what reading them took */
	unsigned reads;       /* which of NEEDS_COSTLY were read */
	uint64_t present;     /* which of the costly columns there were, by bit */
	union mml_value costly[COSTLY_COLUMNS];
};

/* All of them; also what a single sample uses. */
struct mml_process_state {
	struct mml_process_memory **slots;
	size_t nslots, n;
	uint64_t sample;
	const struct mml_module_who *who;
	void *who_state;
	bool who_tried;
	struct mml_tasks *tasks; /* NULL: the files are read */
	bool tasks_tried;
	size_t tasks_from; /* as many processes make the iterator worth loading; 0: the usual number */
};

void *mml_process_keep(struct mml_root *root);
void mml_process_release(void *state);
/* The memory of PID, whoever it is now; NULL: there is none. */
struct mml_process_memory *mml_process_find(const struct mml_process_state *state, pid_t pid);
/* The memory of this very process, made when there was none; NULL: out of memory. */
struct mml_process_memory *mml_process_remember(struct mml_process_state *state, pid_t pid,
						uint64_t started);
/* Forget those that were not seen in this sample. */
void mml_process_forget(struct mml_process_state *state);
/* Keep the costly cells of ROW; put them into it. */
void mml_process_store(struct mml_process_memory *memory, const struct mml_row *row);
void mml_process_recall(const struct mml_process_memory *memory, struct mml_arena *arena,
			struct mml_row *row);

/* The same for the levels of statm and status, and the uid. */
void mml_process_store_levels(struct mml_process_memory *memory, const struct mml_row *row);
void mml_process_recall_levels(const struct mml_process_memory *memory, struct mml_row *row);

/* A process in the course of a sample. */
struct mml_process {
	pid_t pid;
	struct mml_row *row;
	const struct mml_task_counters *task; /* from the iterator; NULL: the files are read */
	const struct mml_process_memory *memory; /* of whoever had the pid in the previous sample */
	uint64_t started;
	uint64_t read_ns, cost_ns; /* of the costly reads, when they were done now */
	unsigned reads;
	uint64_t resident;         /* pages; 0: not known */
	unsigned refused;          /* NEEDS_* we had no permission for */
	uint64_t early_ns;         /* after boot: when the costly reads were begun, before the iterator
				    * was asked who it is; 0: they were not */
	bool gone, kthread, has_mm;
	uint64_t stat_hash;        /* 0: not read, or of no use */
	bool still;                /* it did nothing: its levels are those in memory */
	bool same;                 /* memory is of this very process */
	int error;                 /* a file of it was not what the kernel writes */
	const char *bad;           /* its name */
};

struct mml_users;

/* What the threads of a sample share. */
struct mml_scan {
	struct mml_take *take;
	unsigned needs;
	bool identify;      /* find out from files who a process is */
	bool tree;          /* files are missing because nobody captured them */
	const struct mml_users *users;
	const struct mml_cpu_nodes *cpus; /* NULL: not asked for, or not known */
	const struct mml_node_frames *frames; /* NULL: the nodes are read from numa_maps */
	struct mml_process *processes;
	size_t n;
	struct mml_task_counters *counters; /* what their tasks point to, or NULL */
	const size_t *order; /* in which to read them; NULL: as they are */
	struct mml_fields status, rollup;
	uint64_t budget_ns;
	uint64_t sample;     /* which one of many */
	uint64_t spent_ns;   /* atomic, as is */
	bool by_tasks;       /* atomic: from now on only what the iterator does not tell is read */
	bool no_rollup;      /* this kernel has no smaps_rollup */
	int error;
	struct mml_crew *crew;
};

/* What a thread that reads works with. */
struct mml_reader {
	struct mml_scan *scan;
	struct mml_arena *arena;
	struct mml_buf buf;
	struct mml_node_bytes *nodes;
	struct mml_node_counter *counter;
	struct mml_node_set allowed; /* of the process at hand, when it is known */
	bool allowed_known;
};

/* Are the nodes of PROCESS to be read by frame? Few pages take less time so, where it can be had. */
bool mml_process_by_frame(const struct mml_reader *reader, const struct mml_process *process);
/* Sum them up in READER's nodes; false: numa_maps is to be read. */
bool mml_process_sum_frames(struct mml_reader *reader, const struct mml_dir *dir);
void mml_process_clear_nodes(struct mml_node_bytes *nodes);
/* The columns that come from READER's nodes. */
void mml_process_fill_nodes(struct mml_reader *reader, struct mml_row *row);

/* Read what is needed of a process. */
void mml_process_read(struct mml_reader *reader, struct mml_process *process);

/*
 * Read them all, on all CPUs: begin, say how many are listed (of which rows and all the rest have
 * been set up, and which may be read at once) as often as is liked, and end, which waits: 0 or
 * -ENOMEM each. Or drop what was begun.
 */
int mml_process_scan_begin(struct mml_scan *scan);
void mml_process_scan_listed(struct mml_scan *scan, bool all);
int mml_process_scan_end(struct mml_scan *scan);
void mml_process_scan_drop(struct mml_scan *scan);

/* List the processes, a row each, and begin to read them: 0 or -errno. */
int mml_process_list(struct mml_scan *scan, const struct mml_query *query,
		     struct mml_process_state *state, struct mml_table *table);
/* Save which ones are shown, for the tree. */
void mml_process_save_list(const struct mml_scan *scan);

/* The letter of a state as a string. */
const char *mml_process_state_word(struct mml_arena *arena, char state);

/* Whether the task iterator could tell all that is needed, and how many processes make it worth
 * loading now; SIZE_MAX: it is not, or it is loaded. */
bool mml_process_iterates(const struct mml_scan *scan, const struct mml_process_state *state);
size_t mml_process_iterate_from(const struct mml_scan *scan, const struct mml_process_state *state);
/* Load it, once: whether it is there. Without it the files are to be read. */
bool mml_process_open_tasks(const struct mml_scan *scan, struct mml_process_state *state);
/* List the processes by it: 0 or -errno. */
int mml_process_iterate(struct mml_scan *scan, struct mml_process_state *state);
/* Fill in what it tells of those whose costly files were read already. Who was started later was not
 * the one they were read of: it is gone. 0 or -errno. */
int mml_process_complete(struct mml_scan *scan, struct mml_process_state *state);
/* Those whose costly files were read and who are no longer there may have been somebody else by then:
 * they are gone. 0 or -errno. */
int mml_process_verify(struct mml_scan *scan, struct mml_process_state *state);
void mml_process_fill_task(const struct mml_scan *scan, struct mml_arena *arena,
			   struct mml_process *p);

/* Put them in the order the time budget is to be spent in; false: out of memory, any order. */
bool mml_process_order(struct mml_scan *scan, const struct mml_query *query);

/* Who is it, from the tree's own files. */
const struct mml_users *mml_users_load(struct mml_take *take);
const char *mml_users_name(const struct mml_users *users, struct mml_arena *arena, uint64_t uid);
void mml_process_identify(const struct mml_scan *scan, struct mml_arena *arena,
			  const struct mml_dir *dir, struct mml_buf *buf, struct mml_process *p);
/* The group memory is charged to, the unit and the container, from the text of /proc/PID/cgroup. */
void mml_cgroup_parse(struct mml_arena *arena, struct mml_span text, struct mml_ident *ret);
/* The terminal's name, by its device number; NULL: there is none. */
const char *mml_tty_name(struct mml_arena *arena, int64_t tty);

/* Who are they, from libproc2, for those not known yet. */
void mml_process_ask(struct mml_scan *scan, struct mml_process_state *state);

/* Turn the rows into groups, or into the order of a tree. */
int mml_process_group(struct mml_table *table, const char *by);
int mml_process_tree(struct mml_table *table);
