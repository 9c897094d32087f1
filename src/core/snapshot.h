/* The tables that were asked for at one moment, in one arena. Each file is read once, whoever asks
 * for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "root.h"
#include "scope.h"
#include "table.h"

struct mml_take;

/* How a table is read, as the program decides and not the user. */
struct mml_reading {
	unsigned needs;      /* the costly reads of columns that are shown, sorted by or filtered on */
	uint64_t observe_ns; /* how long event tables observe; 0: as long as they do by default */
	bool once;           /* no other sample follows, so nothing need be kept for one */
	uint64_t budget_ns;  /* the most time to spend on costly reads; 0: no limit */
	const pid_t *first;  /* the processes to spend it on first */
	size_t nfirst;
	void *state;         /* what the collector keeps from sample to sample; see keep */
	int cancel_fd;       /* when readable, observations end at once; -1: never */
};

/* What is asked of one table. */
struct mml_query {
	const struct mml_collector *collector;
	struct mml_scope scope;
	struct mml_reading reading;
};

/* A file that the collector reads. `sources`, reasons and the manual are made from it. */
struct mml_source {
	const char *path;    /* PID and N stand for what varies: /proc/PID/stat, node/nodeN/meminfo */
	const char *needs;   /* what it takes to read it, if that is refused */
	const char *missing; /* what it takes for the file to exist */
	/* For a source that is not a file: returns 0, or -errno with the absence filled in. Its
	 * words are valid until the next call. */
	int (*probe)(struct mml_root *root, struct mml_absence *ret);
};

/* A word for --by, and the columns and the order that are the default then. A sort of NULL is the
 * schema's. */
struct mml_grouping {
	const char *name, *columns, *sort;
};

struct mml_collector {
	struct mml_schema schema;
	const struct mml_source *sources; /* a NULL path ends them */
	uint64_t takes;    /* the parameters it takes, such as MML_TAKES(PIDS) */
	uint64_t requires; /* those it cannot do without */
	bool observes;     /* it takes time, and traces for -d seconds */
	unsigned heavy;    /* those of the costly reads that a recorder makes only if they are asked for */
	bool bulky;        /* costly or long, so that a recorder takes it only if it is named */
	const char *page;  /* the columns of a page, if rows are printed as pages; else NULL */
	const struct mml_grouping *groupings; /* a NULL name ends them; NULL: there are none */
	/* Starts to observe before any table of the snapshot is filled, so that all of them observe
	 * at the same time. It is called only if there is a state to keep them in. May be NULL. */
	void (*begin)(struct mml_take *take, const struct mml_query *query);
	/* Fills RET. Returns 0, or -errno after a call of mml_table_fail(); rows that were added
	 * stay. */
	int (*collect)(struct mml_take *take, const struct mml_query *query, struct mml_table *ret);
	/* keep() makes what survives between samples, such as caches and attached programs, at the
	 * first sample. release() frees it. Both may be NULL. */
	void *(*keep)(struct mml_root *root);
	void (*release)(void *state);
};

struct mml_snapshot {
	struct mml_arena *arena;
	struct mml_time time;      /* when it was begun */
	uint64_t interval_ns;      /* since the previous one; 0: there was none */
	uint64_t cost_ns;          /* the time it took */
	struct mml_host host;
	size_t ntables;
	struct mml_table **tables; /* as many as queries, in their order */
	int refs;
};

/* What a collector works with. */
struct mml_take {
	struct mml_root *root;
	struct mml_arena *arena;
	const struct mml_host *host;
	struct mml_file **files; /* read so far, by the hash of their paths */
	struct mml_buf buf;      /* what files are read into */
	const struct mml_snapshot *snap; /* what has been taken so far */
	const struct mml_collector *collector; /* the collector at work, */
	struct mml_table *table;         /* and the table it fills */
	struct mml_derived *derived;     /* tables taken for other tables */
	struct mml_memo *memos;          /* what else tables share */
};

/*
 * Reads the tables asked for. Returns 0, or -ENOMEM, -EMFILE or -ENFILE if memory or descriptors
 * ran out. What could not be read for another reason is said in the tables. A snapshot can have
 * several holders: get adds one, put takes one away, and the last put frees it.
 */
int mml_snapshot_take(struct mml_root *root, const struct mml_query *queries, size_t n,
		      struct mml_snapshot **ret);
struct mml_snapshot *mml_snapshot_get(struct mml_snapshot *snap);
void mml_snapshot_put(struct mml_snapshot *snap);

/* Frees the texts of the files that were read. The tables made from them stay. */
void mml_take_end(struct mml_take *take);

/* Returns the table called NAME, or NULL. */
struct mml_table *mml_snapshot_table(const struct mml_snapshot *snap, const char *name);

/*
 * Sets RET to the whole of the file PATH, which lives as long as the take. Returns 0 or -errno. If
 * TABLE is not NULL, an error fails it, with the reason and what it would take. Without a table,
 * the file is optional.
 */
int mml_take_file(struct mml_take *take, struct mml_table *table, const char *path,
		  struct mml_span *ret);

/* Returns false and fails TABLE if PATH is there and cannot be read, and true if it can be or is not
 * there. */
bool mml_take_there(struct mml_take *take, struct mml_table *table, const char *path);

/* The same for a device that hands out one record a read: see mml_root_read_records(). */
int mml_take_records(struct mml_take *take, struct mml_table *table, const char *path,
		     struct mml_span *ret);

/* The same with a formatted path and without a table. */
int mml_take_filef(struct mml_take *take, struct mml_span *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads a file that consists of one number. Returns 0 or -errno. */
int mml_take_number(struct mml_take *take, uint64_t *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Returns the table of COLLECTOR, for another table that is made of it. If the snapshot does not
 * have it yet, it is read now, once for all who want it and without costly columns. Rates are not
 * filled in yet. Returns NULL when memory ran out. */
const struct mml_table *mml_take_table(struct mml_take *take, const struct mml_collector *collector);

/* The same, but if the table is read now, it is read with COLUMNS, a list as for -o, costly or not. */
const struct mml_table *mml_take_columns(struct mml_take *take,
					 const struct mml_collector *collector, const char *columns);

/* Returns the place where KEY, an address that says what it is, keeps something that several tables
 * are made of. It is NULL before it is set, and lives as long as the take. Returns NULL when memory
 * ran out. */
void **mml_take_memo(struct mml_take *take, const void *key);

/* Returns the names in a directory, sorted with numbers by value and with a NULL behind them, or
 * NULL if it could not be read. */
const char *const *mml_take_names(struct mml_take *take, const char *path);

/* Returns whether PATH is known to take rights: it is a process's, or SOURCES says so. */
bool mml_source_is_private(const struct mml_source *sources, const char *path);

/* Returns why reading PATH gave ERR, and what it would take, in words. */
struct mml_absence mml_absence_of(struct mml_arena *arena, struct mml_root *root,
				  const struct mml_source *sources, const char *path, int err);

/* Lets TABLE fail because PATH is not there. NEEDS is what it takes, unless the reason is how
 * something is mounted. Returns -ENOENT. */
int mml_table_missing(struct mml_take *take, struct mml_table *table, const char *path,
		      const char *needs);

/* Fails TABLE because line LINE (from 1) of PATH is not what the kernel writes. Returns -EBADMSG. */
int mml_table_bad(struct mml_table *table, const char *path, size_t line, const char *what);

/* The same for the line of TEXT that ends before REST. TEXT is the whole of PATH. */
int mml_table_bad_at(struct mml_table *table, const char *path, struct mml_span text,
		     const char *rest, const char *what);

/* Returns the page size in bytes. If it was inferred or is only assumed, TABLE gets a note that says
 * so. */
uint64_t mml_take_page_size(struct mml_take *take, struct mml_table *table);
