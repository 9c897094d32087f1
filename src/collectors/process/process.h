/* What the parts of the table `processes` share. */
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
	NEEDS_STAT = 256,  /* what only stat has: it is read unless a single sample does without it */
	NEEDS_REMOTE = 512, /* which node each CPU is on */
	NEEDS_TOTAL = 2048, /* MemTotal */
	NEEDS_DIRTY = 4096, /* what cannot be had */
	NEEDS_FILE = 1024,  /* stat itself, because the task iterator does not know all of it */
	NEEDS_WHO = NEEDS_USER | NEEDS_COMMAND | NEEDS_CGROUP,
	NEEDS_COSTLY = NEEDS_ROLLUP | NEEDS_NODES, /* the reads that have a time budget */
	NEEDS_BESIDE = NEEDS_COSTLY | NEEDS_COMMAND, /* files that the task iterator cannot replace */
};

#define MML_COLUMN_IDS_OF PROCESSES
#include "../../core/columns.h"

/* The columns that are kept between samples. */
enum {
	COSTLY_FIRST = PROCESSES_pss,
	COSTLY_COLUMNS = PROCESSES_home_share - PROCESSES_pss + 1,
	LEVELS_FIRST = PROCESSES_rss, /* those of statm and status */
	LEVELS = PROCESSES_lib - PROCESSES_rss + 1,
};

extern const struct mml_collector mml_collector_processes;

/* Who a process is. What was not found out is NULL. */
struct mml_ident {
	const char *command, *cgroup, *unit, *container;
};

/* Frees the strings, if they are WHO's own. */
void mml_ident_free(struct mml_ident *who);

/* How something of a process was found out that may change with the program it runs. */
struct mml_asked {
	bool known;
	bool settled;  /* it was old enough not to be about to run another program */
	uint64_t comm; /* the hash of the comm at that time */
};

/* What is remembered of a process from sample to sample. */
struct mml_process_memory {
	struct mml_process_memory *next; /* in its hash chain */
	pid_t pid;
	uint64_t started;     /* in ns since boot; with the pid, it identifies the process */
	uint64_t sample;      /* the last one that the process was seen in */
	struct mml_ident who; /* with strings of its own */
	struct mml_asked command, groups; /* when these were found out */
	uint64_t stat_hash;   /* of all of stat when the levels were read; 0: they were not */
	unsigned level_reads; /* which of NEEDS_RSS and NEEDS_STATUS the levels are from */
	uint64_t levels_present, levels[LEVELS], uid;
	uint64_t read_ns;     /* the sample in which the costly columns were read; 0: never */
	uint64_t cost_ns;     /* the time it took to read them */
	unsigned reads;       /* which of NEEDS_COSTLY were read */
	uint64_t present;     /* which of the costly columns have a value, by bit */
	union mml_value costly[COSTLY_COLUMNS];
};

/* What is remembered of all processes. A single sample uses it, too. */
struct mml_process_state {
	struct mml_process_memory **slots;
	size_t nslots, n;
	uint64_t sample;
	const struct mml_module_who *who;
	void *who_state;
	bool who_tried;
	struct mml_user_names *names; /* of the users met so far, as libproc2 has them */
	struct mml_tasks *tasks; /* NULL: the files are read */
	bool tasks_tried;
	/* Processes that the iterator does not tell of; until that is known, all that are listed. */
	pid_t *hidden;
	size_t nhidden;
	bool hidden_known;
	size_t tasks_from; /* so many processes make the iterator worth loading; 0: the usual number */
};

void *mml_process_keep(struct mml_root *root);
void mml_process_release(void *state);
/* Returns what is remembered of PID, whichever process that was, or NULL. */
struct mml_process_memory *mml_process_find(const struct mml_process_state *state, pid_t pid);
/* Returns what is remembered of this very process, and makes it if there is nothing yet. Returns
 * NULL when memory ran out. */
struct mml_process_memory *mml_process_remember(struct mml_process_state *state, pid_t pid,
						uint64_t started);
/* Forgets processes that were not seen in this sample. */
void mml_process_forget(struct mml_process_state *state);
/* The first keeps the costly cells of ROW, and the second puts them into ROW. */
void mml_process_store(struct mml_process_memory *memory, const struct mml_row *row);
void mml_process_recall(const struct mml_process_memory *memory, struct mml_arena *arena,
			struct mml_row *row);

/* The same for the levels of statm and status, and the uid. */
void mml_process_store_levels(struct mml_process_memory *memory, const struct mml_row *row);
void mml_process_recall_levels(const struct mml_process_memory *memory, struct mml_row *row);

/* A process while a sample is taken. */
struct mml_process {
	pid_t pid;
	struct mml_row *row;
	const struct mml_task_counters *task; /* from the iterator; NULL: the files are read */
	const struct mml_process_memory *memory; /* of the one that had the pid in the previous sample */
	uint64_t started;
	uint64_t read_ns, cost_ns; /* of the costly reads, if they were made in this sample */
	unsigned reads;
	uint64_t resident;         /* pages; 0: not known */
	unsigned refused;          /* the NEEDS_* we were not permitted to read */
	/* When the costly reads were begun, in ns since boot, if that was before the iterator was
	 * asked who the process is; otherwise 0. */
	uint64_t early_ns;
	bool gone, kthread, has_mm;
	bool escaped;              /* its name is from status, and not as it is */
	uint64_t stat_hash;        /* 0: not read, or of no use */
	const char *command;       /* read in this sample; NULL: it has none, if command_read */
	bool command_read;
	bool still;                /* it has done nothing, so that its levels are those in memory */
	bool same;                 /* memory is of this very process */
	int error;                 /* a file of it was not what the kernel writes */
	const char *bad;           /* the name of that file */
};

struct mml_users;

/* What the threads of a sample share. */
struct mml_scan {
	struct mml_take *take;
	unsigned needs;
	bool identify;      /* find out from files who a process is */
	bool lean;          /* status in place of stat, which nobody needs */
	bool tree;          /* files may be missing because nobody captured them */
	const struct mml_users *users;
	bool users_unread;  /* what names there are is not known */
	const struct mml_cpu_nodes *cpus; /* NULL: not asked for, or not known */
	const struct mml_node_frames *frames; /* NULL: the nodes are read from numa_maps */
	struct mml_process *processes;
	size_t n;
	struct mml_task_counters *counters; /* what the tasks of the processes point to, or NULL */
	const size_t *order; /* the order to read them in; NULL: as they are */
	struct mml_fields status, rollup;
	uint64_t budget_ns;
	uint64_t sample;     /* the number of the sample, */
	uint64_t now_ns;     /* and when it was begun, in ns since boot */
	uint64_t spent_ns;   /* atomic */
	bool by_tasks;       /* atomic: from now on only what the iterator does not tell is read */
	bool no_rollup;      /* this kernel has no smaps_rollup */
	int error;
	struct mml_crew *crew;
};

/* What a reading thread works with. */
struct mml_reader {
	struct mml_scan *scan;
	struct mml_arena *arena;
	struct mml_buf buf;
	struct mml_node_bytes *nodes;
	struct mml_node_counter *counter;
	struct mml_node_set allowed; /* of the current process, if it is known */
	bool allowed_known;
};

/* Returns whether the nodes of PROCESS are to be read by frame. If that is possible, it takes less
 * time for few pages. */
bool mml_process_by_frame(const struct mml_reader *reader, const struct mml_process *process);
/* Sums them up in READER's nodes. Returns false if numa_maps must be read. */
bool mml_process_sum_frames(struct mml_reader *reader, const struct mml_dir *dir);
void mml_process_clear_nodes(struct mml_node_bytes *nodes);
/* Fills in the columns that come from READER's nodes. */
void mml_process_fill_nodes(struct mml_reader *reader, struct mml_row *row);

/* Reads what is needed of a process. */
void mml_process_read(struct mml_reader *reader, struct mml_process *process);

/*
 * Read all processes on all CPUs. After begin(), listed() says as often as the caller likes how
 * many are listed; their rows and everything else must be ready, because they may be read at once.
 * end() waits until all are read, and drop() abandons what was begun. begin() and end() return 0 or
 * -ENOMEM.
 */
int mml_process_scan_begin(struct mml_scan *scan);
void mml_process_scan_listed(struct mml_scan *scan, bool all);
int mml_process_scan_end(struct mml_scan *scan);
void mml_process_scan_drop(struct mml_scan *scan);

/* Lists the processes, with a row for each, and begins to read them. Returns 0 or -errno. */
int mml_process_list(struct mml_scan *scan, const struct mml_query *query,
		     struct mml_process_state *state, struct mml_table *table);
/* Saves the list of those that are shown in a capture. */
void mml_process_save_list(const struct mml_scan *scan);

/* The first saves for a recording whose costly columns are of an earlier sample, and whose are still
 * to be read. The second finds that out again, sets the age of the rows, and returns how many are
 * still to be read. */
void mml_process_save_turns(const struct mml_scan *scan);
size_t mml_process_load_turns(struct mml_scan *scan);
/* Says why columns are absent whose files were asked for of no process when a recording was made. */
void mml_process_say_unasked(const struct mml_scan *scan, struct mml_table *table);

/* Returns whether the costly columns of PROCESS are to be read by a later sample. */
bool mml_process_waits(const struct mml_scan *scan, const struct mml_process *process);

/* Returns the start of the process in ns since boot, or 0 if it is not known. */
uint64_t mml_process_start(const struct mml_scan *scan, const struct mml_pid_stat *stat);

/* Returns the letter of a state as a string. */
const char *mml_process_state_word(struct mml_arena *arena, char state);

/* The first returns whether the task iterator can tell all that is needed. The second returns how
 * many processes make it worth loading now, or SIZE_MAX if nothing does or it is loaded already. */
bool mml_process_iterates(const struct mml_scan *scan, const struct mml_process_state *state);
size_t mml_process_iterate_from(const struct mml_scan *scan, const struct mml_process_state *state);
/* Loads the iterator, or tries it once. Returns whether it is loaded. If not, the files are to be
 * read. */
bool mml_process_open_tasks(const struct mml_scan *scan, struct mml_process_state *state);
/* Notes which processes are listed before the iterator is asked for the first time. Returns 0 or
 * -ENOMEM. */
int mml_process_note_listed(const struct mml_scan *scan, struct mml_process_state *state);
/* Adds those that the kernel keeps from the iterator, for which SCAN's processes have room. COUNTERS
 * are what the iterator told. */
void mml_process_add_hidden(struct mml_scan *scan, struct mml_process_state *state,
			    const struct mml_task_counters *counters, size_t count);
/* Reads the files of one that the iterator did not tell of, if it is still there. Returns 0 or
 * -ENOMEM. */
int mml_process_read_hidden(struct mml_scan *scan, struct mml_process *p);
/* Lists the processes with the iterator. Returns 0 or -errno. */
int mml_process_iterate(struct mml_scan *scan, struct mml_process_state *state);
/* Fills in what the iterator tells of processes whose costly files were read already. If a process
 * was started after that, the files were those of another one, which is gone. Returns 0 or -errno. */
int mml_process_complete(struct mml_scan *scan, struct mml_process_state *state);
/* Asks the iterator once more about processes whose costly files were read. If one is not there any
 * more, the files may have been those of another process, and it counts as gone. Returns 0 or
 * -errno. */
int mml_process_verify(struct mml_scan *scan, struct mml_process_state *state);
void mml_process_fill_task(const struct mml_scan *scan, struct mml_arena *arena,
			   struct mml_process *p);

/* Puts the processes in the order in which the time budget is to be spent. Returns false when
 * memory ran out; then the order is any. */
bool mml_process_order(struct mml_scan *scan, const struct mml_query *query);

/* Find out who a process is from files, as a tree has them. */
/* Returns NULL if there are none; then RET_UNREAD says whether that is because of an error. */
const struct mml_users *mml_users_load(struct mml_take *take, bool *ret_unread);
const char *mml_users_name(const struct mml_users *users, struct mml_arena *arena, uint64_t uid);
void mml_process_identify(const struct mml_scan *scan, struct mml_arena *arena,
			  const struct mml_dir *dir, struct mml_buf *buf, struct mml_process *p);
/* Makes one line of the text of /proc/PID/cmdline. Returns NULL if it is empty or memory ran out. */
const char *mml_process_command(struct mml_arena *arena, const char *args, size_t len);
/* Finds the group that memory is charged to, the unit and the container in the text of
 * /proc/PID/cgroup. */
void mml_cgroup_parse(struct mml_arena *arena, struct mml_span text, struct mml_ident *ret);
/* Returns the name of a terminal by its device number, or NULL if there is none. */
const char *mml_tty_name(struct mml_arena *arena, int64_t tty);

/* Asks libproc2 which groups, units and containers the processes are in, if that is not known yet. */
void mml_process_ask(struct mml_scan *scan, struct mml_process_state *state);

/* Returns whether what was found out about the process of ROW still holds. */
bool mml_asked_stands(const struct mml_asked *asked, const struct mml_row *row);
/* Notes that it was found out at NOW_NS, in ns since boot, as STARTED is. */
void mml_asked_now(struct mml_asked *asked, const struct mml_row *row, uint64_t started,
		   uint64_t now_ns);

/* Notes that reading NAME of P gave ERR, so that what is of NEED is absent. That it is not there says
 * nothing. */
void mml_process_lacks(struct mml_process *p, int err, const char *name, unsigned need);

/* Reads the command line of P, unless the one that is remembered still holds. DIR is its directory;
 * if its anchor is cmdline, the file is read in any case, and P is gone if it cannot be. */
void mml_process_read_command(struct mml_reader *reader, struct mml_process *p,
			      const struct mml_dir *dir);
/* The same without a directory, for a process that the iterator has told of or will tell of. */
void mml_process_read_command_alone(struct mml_reader *reader, struct mml_process *p);
/* Returns whether it is known without reading it, as far as one can tell beforehand. */
bool mml_process_knows_command(const struct mml_scan *scan, const struct mml_process *p);
void mml_process_remember_command(struct mml_process_memory *memory, const struct mml_process *p,
				  uint64_t now_ns);
/* Fills in the command lines that were read or are remembered. */
void mml_process_show_commands(const struct mml_scan *scan);

/* Fills in the names of the users. libproc2 is asked once about each user. */
void mml_process_name_users(const struct mml_scan *scan, struct mml_process_state *state);
void mml_user_names_free(struct mml_user_names *names);

/* Turn the rows into groups, or order them as a tree. They return 0 or -ENOMEM. */
int mml_process_group(struct mml_table *table, const char *by);
int mml_process_tree(struct mml_table *table);

/* Says in the note of TABLE how many processes procfs hides from this user, in a tree what was said
 * when it was captured. Returns whether it hides any, or may. */
bool mml_process_say_unseen(const struct mml_scan *scan, struct mml_table *table);

/* Fills the column badness. Returns 0 or -ENOMEM. */
int mml_process_badness(struct mml_scan *scan, struct mml_table *table);
