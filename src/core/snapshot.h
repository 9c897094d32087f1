/* The asked-for tables at one instant, in one arena. Each file is read once, whoever asks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "root.h"
#include "scope.h"
#include "table.h"

struct mml_take;

/* How a table is read, which is not for the user to say. */
struct mml_reading {
	unsigned needs;      /* costly reads that shown, sorted or filtered columns take */
	uint64_t observe_ns; /* event tables: how long to look; 0: their own default */
	bool once;           /* no other sample follows: nothing need be kept for it */
	uint64_t budget_ns;  /* most time to spend on costly reads; 0: no limit */
	const pid_t *first;  /* those to spend it on first, nfirst of them */
	size_t nfirst;
	void *state;         /* the collector's own, kept from sample to sample; see keep */
	int cancel_fd;       /* readable: end the observation now; -1: never */
};

/* What is asked of one table. */
struct mml_query {
	const struct mml_collector *collector;
	struct mml_scope scope;
	struct mml_reading reading;
};

/* A file the collector reads: for `sources`, for reasons and for the manual. */
struct mml_source {
	const char *path;    /* may hold PID or N for what varies: /proc/PID/stat, node/nodeN/meminfo */
	const char *needs;   /* what reading it takes when it is refused */
	const char *missing; /* what it takes to be there at all */
	/* Sources that are no files answer themselves: 0, or -errno with the absence filled in, whose
	 * words are good until the next call. */
	int (*probe)(struct mml_root *root, struct mml_absence *ret);
};

/* What --by may say, and the columns and the order (NULL: the schema's) shown unasked then. */
struct mml_grouping {
	const char *name, *columns, *sort;
};

struct mml_collector {
	struct mml_schema schema;
	const struct mml_source *sources; /* ends with a NULL path */
	uint64_t takes;    /* parameters it answers to: MML_TAKES(PIDS) ... */
	uint64_t requires; /* those of them without which it answers nothing */
	bool observes;     /* takes time: traces for -d seconds */
	const struct mml_grouping *groupings; /* ends with a NULL name; NULL: there is no choice */
	/* Start to observe, before any table of the snapshot is filled, so that all look on at the
	 * same time; only with a state to keep them in. May be NULL. */
	void (*begin)(struct mml_take *take, const struct mml_query *query);
	/* Fill RET: 0 or -errno, in which case mml_table_fail() has been called and the rows read
	 * so far stay. */
	int (*collect)(struct mml_take *take, const struct mml_query *query, struct mml_table *ret);
	/* What survives between samples (caches, attached programs): made at the first sample,
	 * or NULL. */
	void *(*keep)(struct mml_root *root);
	void (*release)(void *state);
};

struct mml_snapshot {
	struct mml_arena *arena;
	struct mml_time time;      /* when it was begun */
	uint64_t interval_ns;      /* since the previous one; 0: there was none */
	uint64_t cost_ns;          /* what taking it took */
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
	struct mml_buf buf;      /* what a file is read into */
	const struct mml_snapshot *snap; /* as far as it is taken */
	const struct mml_collector *collector; /* at work, */
	struct mml_table *table;         /* on this */
	struct mml_derived *derived;     /* tables taken for others */
};

/*
 * Read the tables asked for: 0 or -ENOMEM. What could not be read is in the tables. Shared
 * between holders: get adds one, put takes one away and frees with the last.
 */
int mml_snapshot_take(struct mml_root *root, const struct mml_query *queries, size_t n,
		      struct mml_snapshot **ret);
struct mml_snapshot *mml_snapshot_get(struct mml_snapshot *snap);
void mml_snapshot_put(struct mml_snapshot *snap);

/* Give back the texts of the files read; the tables made of them stay. */
void mml_take_end(struct mml_take *take);

/* The table called NAME, or NULL. */
struct mml_table *mml_snapshot_table(const struct mml_snapshot *snap, const char *name);

/*
 * The whole of the file PATH, in the snapshot's arena: 0 or -errno. With a TABLE its failure is
 * set, with the reason and what it would take; without one the file is optional.
 */
int mml_take_file(struct mml_take *take, struct mml_table *table, const char *path,
		  struct mml_span *ret);

/* As above with the path formatted, and without a table. */
int mml_take_filef(struct mml_take *take, struct mml_span *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One number in a file of its own: 0 or -errno. */
int mml_take_number(struct mml_take *take, uint64_t *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The table of COLLECTOR for another one that is made of it: as the snapshot has it already, else read
 * now, once for all who want it, without costly columns. Rates are not filled in yet. NULL when out of
 * memory. */
const struct mml_table *mml_take_table(struct mml_take *take, const struct mml_collector *collector);

/* The names in a directory, sorted (numbers by value): a NULL-ended list, or NULL. */
const char *const *mml_take_names(struct mml_take *take, const char *path);

/* Why reading PATH gave ERR, and what it would take, in words. */
struct mml_absence mml_absence_of(struct mml_arena *arena, const struct mml_root *root,
				  const struct mml_source *sources, const char *path, int err);

/* Set TABLE's failure: line LINE (from 1) of PATH is not what the kernel writes. -EBADMSG. */
int mml_table_bad(struct mml_table *table, const char *path, size_t line, const char *what);

/* The same for the line of TEXT, the whole of PATH, that ends before REST. */
int mml_table_bad_at(struct mml_table *table, const char *path, struct mml_span text,
		     const char *rest, const char *what);

/* The page size, in bytes; where it is only assumed, TABLE says so in its note. */
uint64_t mml_take_page_size(struct mml_take *take, struct mml_table *table);
