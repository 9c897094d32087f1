/* What the parts of the tables of control groups share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "columns.h"
#include "hierarchy.h"
#include "name.h"
#include "scope.h"

extern const struct mml_collector mml_collector_cgroups;

enum { MML_CGROUP_EVENTS = 4 };

/* What is remembered of a group from sample to sample. */
struct mml_cgroup_memory {
	struct mml_cgroup_memory *next; /* in its hash chain */
	uint64_t hash, id;              /* with the path, the id tells it from other groups */
	char *path;
	uint64_t sample;                /* the last one that it was seen in */
	uint64_t events[MML_CGROUP_EVENTS], events_ns; /* when they were read; 0: never */
	const char *last;               /* the last event, or NULL, */
	uint64_t last_ns;               /* and a moment that was before it */
	uint64_t read_ns;               /* when its costly files were read; 0: never, */
	unsigned needs;                 /* what for, */
	uint64_t present[MML_MAX_COLUMNS / 64]; /* and what they told */
	union mml_value cells[CGROUPS_NCOLUMNS];
	bool charges, refused, threaded;
	bool asked;                     /* its runtime was asked for its name, */
	char *called;                   /* which is this, or NULL */
};

/* A group while a sample is taken. */
struct mml_cgroup {
	struct mml_cgroup *parent; /* NULL: it is the group that is mounted */
	struct mml_cgroup *next;
	struct mml_row *row;
	const char *path;  /* as it is shown, */
	const char *dir;   /* and where its files are */
	uint64_t id;       /* 0: not known */
	unsigned depth;
	size_t place;      /* its number among all */
	struct mml_cgroup_name name;
	struct mml_cgroup_memory *memory; /* NULL: nothing is kept */
	const struct mml_group_row *told; /* what is told in place of files; NULL: they are read */
	bool shown;        /* its row is in the table; otherwise it is read for the limits alone */
	bool needed;       /* it is shown, or one in it is */
	bool gone;         /* it was removed while it was read */
	bool charges;      /* the memory controller is enabled for it */
	bool threaded;     /* its processes are told of the domain around it */
	bool refused;      /* it may have a limit that could not be read */
	bool local;        /* version 1: it does not count what is below it */
};

/* All groups, parents first and in the order that they are shown in. */
struct mml_cgroups {
	struct mml_take *take;
	struct mml_cgroup_fs fs;
	struct mml_cgroup **at;
	size_t n;
};

/*
 * Lists all groups, or if PATHS is not NULL those that are one of the N paths, lie in one of them, or
 * have one in them. Returns 0, or -errno after a failure of TABLE.
 */
int mml_cgroups_list(struct mml_take *take, struct mml_table *table, const char *const *paths,
		     size_t n, struct mml_cgroups *ret);

/* The same, but for what lies in one of the paths: it is not listed. */
int mml_cgroups_list_around(struct mml_take *take, struct mml_table *table, const char *const *paths,
			    size_t n, struct mml_cgroups *ret);

/* Forgets the groups that are neither shown nor have one that is in them. */
void mml_cgroups_prune(struct mml_cgroups *groups);

/*
 * Sets RET to the group that WORD is the path or a name of. The second lists groups until it is found.
 * They return 0, or -errno after a failure of TABLE: -ESRCH if there is none, -EINVAL if it may be several.
 */
int mml_cgroups_choose(const struct mml_cgroups *groups, struct mml_table *table, const char *word,
		       const struct mml_cgroup **ret);
int mml_cgroups_named(struct mml_take *take, struct mml_table *table, const char *word,
		      struct mml_cgroups *groups, const struct mml_cgroup **ret);

/* The group with the path PATH, or NULL. */
struct mml_cgroup *mml_cgroups_find(const struct mml_cgroups *groups, const char *path);

/* How a file tells its values. */
enum mml_cgroup_form {
	MML_CGROUP_NUMBER,   /* a number, or the word max */
	MML_CGROUP_KEYED,    /* lines of a name and a number */
	MML_CGROUP_PRESSURE, /* the lines some and full */
	MML_CGROUP_LINES,    /* how many lines it has is the value */
};

enum { MML_CGROUP_FILES = 24, MML_CGROUP_KEYS = 64, MML_CGROUP_SAME = 2,
       MML_CGROUP_LAYOUT = 160 };

/* A value that a file tells, and the columns it goes to. */
struct mml_cgroup_key {
	struct mml_span name; /* of the line; empty: the file has only one value */
	unsigned cols[MML_CGROUP_SAME];
	size_t ncols;
};

/* A file of each group that is read. */
struct mml_cgroup_file {
	struct mml_span name;
	char path[48]; /* the same with a NUL behind it */
	enum mml_cgroup_form form;
	struct mml_cgroup_key keys[MML_CGROUP_KEYS];
	size_t nkeys;
	unsigned needs; /* what it is read for */
};

/* Which files are read, for the columns that are wanted. */
struct mml_cgroup_plan {
	const struct mml_schema *schema;
	unsigned version, needs;
	struct mml_cgroup_file files[MML_CGROUP_FILES];
	size_t n;
};

/* Plans to read what the columns that take NEEDS come from. */
void mml_cgroup_plan(const struct mml_schema *schema, unsigned version, unsigned needs,
		     struct mml_cgroup_plan *ret);

/* What the lines of a file were called that was read before, and which keys they are. It saves a search
 * in each group, for all groups have the same lines. */
struct mml_cgroup_layout {
	struct mml_arena *arena;
	struct {
		struct mml_span name;
		const struct mml_cgroup_key *key; /* NULL: it is not wanted */
	} lines[MML_CGROUP_LAYOUT];
	size_t n;
};

/*
 * Sets the cells of ROW that TEXT, which is that of FILE, tells. LOCAL is as in struct mml_cgroup, and
 * LAYOUT may be NULL. Returns 0, or -EINVAL or -ERANGE if it is not what the kernel writes.
 */
int mml_cgroup_parse_file(const struct mml_cgroup_file *file, struct mml_span text, bool local,
			  struct mml_cgroup_layout *layout, struct mml_row *row);

/* Sets the cells of ROW that the value V of KEY goes to. */
void mml_cgroup_set(const struct mml_cgroup_key *key, uint64_t v, struct mml_row *row);

/* What was met when a file was read of all groups. */
struct mml_cgroup_met {
	bool seen;         /* some group has it */
	bool unsupported;  /* it is there, and what it tells of is switched off */
	int error;         /* an error other than that it is not there, or 0, */
	const char *where; /* and the directory of the group that gave it */
};

/*
 * Reads the files of PLAN for all groups, and marks those that went away meanwhile. If BUDGET_NS is not 0,
 * at most about so much time is spent on what is more than memory.current, first on groups that have waited
 * longest; the others show what was read before. Adds what was met to RET, which has an element for each
 * file. Returns 0 or -ENOMEM.
 */
int mml_cgroups_read(const struct mml_cgroups *groups, const struct mml_cgroup_plan *plan,
		     uint64_t budget_ns, struct mml_cgroup_met *ret);

/* Says in TABLE why columns are absent. */
void mml_cgroups_why(const struct mml_cgroups *groups, const struct mml_cgroup_plan *plan,
		     const struct mml_cgroup_met *met, struct mml_table *table);

/* Fills in what follows from what was read, of the groups themselves and of those they lie in. Returns 0
 * or -ENOMEM. */
int mml_cgroups_derive(const struct mml_cgroups *groups, unsigned needs);

/* Calls containers and pods by the names that their runtimes gave them. */
void mml_cgroups_call(const struct mml_cgroups *groups);

/* What is kept between samples. remember() finds what is known of each group, and forget() drops what is
 * known of groups that it did not see. They return 0 or -ENOMEM. */
struct mml_cgroup_state;
void *mml_cgroup_keep(struct mml_root *root);
void mml_cgroup_release(void *state);
int mml_cgroups_remember(struct mml_cgroup_state *state, const struct mml_cgroups *groups);
void mml_cgroups_forget(struct mml_cgroup_state *state);

/* Keep what the costly files of G told, and show it again, but for the columns whose bits are set in FRESH,
 * which may be NULL. */
void mml_cgroup_store(const struct mml_cgroup *g);
void mml_cgroup_recall(const struct mml_schema *schema, struct mml_cgroup *g, const uint64_t *fresh);

/* Notes which events G had since the last look, and shows the last one. */
void mml_cgroup_events(const struct mml_cgroup *g, uint64_t now_ns);
