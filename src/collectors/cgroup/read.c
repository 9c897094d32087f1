/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/thread.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"
#include "iterate.h"

/* With fewer groups there is nothing to be gained by a second thread. */
enum { THREAD_GROUPS = 64, STEP = 8 };

/* Each thread has a reader of its own. */
struct reader {
	struct reading *reading;
	struct mml_buf buf;
	struct mml_cgroup_layout layouts[MML_CGROUP_FILES];
	struct mml_cgroup_met met[MML_CGROUP_FILES];
};

/* What is read of a group at a time. */
enum { CHEAP = 1, COSTLY = 2 };

/* What need not be read of groups that the kernel tells of at once. */
struct telling {
	bool all[MML_CGROUP_FILES]; /* files of which all lines are told, */
	int value[MML_CGROUP_FILES][MML_CGROUP_KEYS]; /* and as what; -1: the file has no such line */
	uint64_t columns[MML_MAX_COLUMNS / 64]; /* what comes from them */
};

struct reading {
	const struct mml_cgroups *groups;
	const struct mml_cgroup_plan *plan;
	const struct telling *telling; /* NULL: everything is read */
	struct mml_cgroup **order; /* to read them in */
	unsigned what;
	size_t next;               /* atomic: the first one in that order that nobody has taken */
	uint64_t budget_ns;        /* for what is costly; 0: no limit */
	uint64_t spent_ns;         /* atomic */
	bool live;
};

/* A group that was removed has none of its files any more. */
static bool is_gone(struct reader *r, const struct mml_dir *dir)
{
	int rc;

	if (!r->reading->live)
		return false;
	r->buf.len = 0;
	rc = mml_dir_read(dir, "cgroup.procs", true, &r->buf);
	return rc == -ENOENT || rc == -ENODEV;
}

/* Every group that the memory controller is enabled for has these files, but for the root. */
static bool tells_controller(const struct mml_cgroup_file *file)
{
	static const char *const names[] = { "memory.current", "memory.usage_in_bytes", "memory.max",
					     "memory.limit_in_bytes", "memory.stat" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(file->name, names[i]))
			return true;
	return false;
}

/* What is known of a group while its files are read. */
struct state {
	bool lives;     /* it was looked whether it is gone */
	bool no_memory; /* the memory controller is not enabled for it */
};

/* Notes that reading FILE of G gave RC. */
static void note(struct reader *r, struct mml_cgroup *g, const struct mml_cgroup_file *file,
		 const struct mml_dir *dir, struct state *state, int rc)
{
	struct mml_cgroup_met *met = &r->met[file - r->reading->plan->files];

	if (!rc) {
		met->seen = true;
	} else if (rc == -ENODEV) {
		g->gone = true;
	} else if (rc == -ENOENT) {
		if (!state->lives && is_gone(r, dir))
			g->gone = true;
		state->lives = true;
		state->no_memory |= g->parent && !g->charges && tells_controller(file);
	} else if (rc == -EOPNOTSUPP) {
		met->unsupported = true;
		g->threaded |= file->form == MML_CGROUP_LINES;
	} else {
		g->refused |= file->needs & NEEDS_LIMIT;
		if (!met->error) {
			met->error = rc;
			met->where = g->dir;
		}
	}
}

static int read_file(struct reader *r, struct mml_cgroup *g, const struct mml_cgroup_file *file,
		     const struct mml_dir *dir)
{
	size_t i = (size_t)(file - r->reading->plan->files);
	bool lines = file->form == MML_CGROUP_LINES;
	int rc;

	r->buf.len = 0;
	rc = mml_dir_read(dir, file->path, !lines, &r->buf);
	if (rc)
		return rc;
	rc = mml_cgroup_parse_file(file, (struct mml_span){ r->buf.data, r->buf.data + r->buf.len },
				   g->local, &r->layouts[i], g->row);
	if (rc)
		return -EBADMSG;
	g->charges |= tells_controller(file);
	return 0;
}

/* A directory that cannot be opened belongs to a group that was removed, or to nobody we may see. */
static void not_opened(struct reader *r, struct mml_cgroup *g, int rc)
{
	if (rc == -ENOENT || rc == -ENODEV) {
		g->gone = true;
		return;
	}
	g->refused = true;
	for (size_t i = 0; i < r->reading->plan->n; i++)
		if (!r->met[i].error) {
			r->met[i].error = rc;
			r->met[i].where = g->dir;
		}
}

/* Whether there is no need to read file I of G. */
static bool is_told(const struct reading *reading, const struct mml_cgroup *g, size_t i)
{
	return g->told && reading->telling && reading->telling->all[i];
}

/* All but the usage of each group has a time budget. */
static unsigned cost_of(const struct reading *reading, const struct mml_cgroup *g, size_t i)
{
	return reading->plan->files[i].needs & ~NEEDS_USAGE && !is_told(reading, g, i) ? COSTLY : CHEAP;
}

/* Returns whether there is a file to read for WHAT. */
static bool tell_files(const struct reading *reading, struct mml_cgroup *g, unsigned what)
{
	const struct mml_cgroup_plan *plan = reading->plan;
	bool rest = false;

	for (size_t i = 0; i < plan->n; i++) {
		const struct mml_cgroup_file *file = &plan->files[i];

		if (!(cost_of(reading, g, i) & what) || !(g->shown || file->needs & NEEDS_REACH))
			continue;
		if (is_told(reading, g, i))
			mml_cgroup_tell(g, file, reading->telling->value[i]);
		else
			rest = true;
	}
	g->charges |= g->told && reading->telling;
	return rest;
}

static void read_files(struct reader *r, struct mml_cgroup *g, unsigned what)
{
	const struct mml_cgroup_plan *plan = r->reading->plan;
	struct state state = { 0 };
	struct mml_dir dir;
	int rc;

	if (!tell_files(r->reading, g, what))
		return;
	rc = mml_dir_open(r->reading->groups->take->root, g->dir, &dir);
	if (rc) {
		not_opened(r, g, rc);
		return;
	}
	for (size_t i = 0; i < plan->n && !g->gone; i++) {
		const struct mml_cgroup_file *file = &plan->files[i];

		/* Pressure is told of every group. */
		if (state.no_memory && mml_span_starts(file->name, "memory.") &&
		    file->form != MML_CGROUP_PRESSURE)
			continue;
		if (cost_of(r->reading, g, i) & what && !is_told(r->reading, g, i) &&
		    (g->shown || file->needs & NEEDS_REACH))
			note(r, g, file, &dir, &state, read_file(r, g, file, &dir));
	}
	mml_dir_close(&dir);
}

/* Shows what was read before, if that is all of what is wanted. */
static void recall(const struct reading *reading, struct mml_cgroup *g)
{
	const struct mml_cgroup_memory *m = g->memory;

	if (!m || !m->read_ns || reading->plan->needs & ~m->needs)
		return;
	mml_cgroup_recall(reading->plan->schema, g, g->told && reading->telling ? reading->telling->columns : NULL);
	mml_set_u64(g->row, CGROUPS_age, mml_now_ns() - m->read_ns);
}

static void read_group(struct reader *r, struct mml_cgroup *g)
{
	struct reading *reading = r->reading;
	uint64_t begun;

	if (g->gone)
		return;
	if (!reading->budget_ns || !(reading->what & COSTLY)) {
		read_files(r, g, reading->what);
		return;
	}
	if (__atomic_load_n(&reading->spent_ns, __ATOMIC_RELAXED) >= reading->budget_ns) {
		recall(reading, g);
		return;
	}
	begun = mml_now_ns();
	read_files(r, g, reading->what);
	g->memory->read_ns = mml_now_ns();
	g->memory->needs = reading->plan->needs;
	mml_cgroup_store(g);
	mml_set_u64(g->row, CGROUPS_age, 0);
	__atomic_add_fetch(&reading->spent_ns, g->memory->read_ns - begun, __ATOMIC_RELAXED);
}

static void *read_groups(void *arg)
{
	struct reader *r = arg;
	struct reading *reading = r->reading;

	for (;;) {
		size_t i = __atomic_fetch_add(&reading->next, STEP, __ATOMIC_RELAXED);

		if (i >= reading->groups->n)
			return NULL;
		for (size_t end = i + STEP; i < end && i < reading->groups->n; i++)
			read_group(r, reading->order[i]);
	}
}

static void merge(struct mml_cgroup_met *to, const struct mml_cgroup_met *from)
{
	to->seen |= from->seen;
	to->unsupported |= from->unsupported;
	if (!to->error) {
		to->error = from->error;
		to->where = from->where;
	}
}

static void reader_open(struct reader *r, struct reading *reading, struct mml_arena *arena)
{
	r->reading = reading;
	for (size_t i = 0; i < MML_CGROUP_FILES; i++)
		r->layouts[i].arena = arena;
}

/* The group that has waited longest comes first. */
static int turn_order(const void *a, const void *b)
{
	const struct mml_cgroup *x = *(struct mml_cgroup *const *)a, *y = *(struct mml_cgroup *const *)b;

	if (x->memory->read_ns != y->memory->read_ns)
		return x->memory->read_ns < y->memory->read_ns ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void work(struct reading *reading, struct reader *readers, unsigned what)
{
	reading->what = what;
	reading->next = 0;
	if (reading->groups->n < THREAD_GROUPS)
		read_groups(&readers[0]);
	else
		mml_both(read_groups, &readers[0], &readers[1]);
}

static int read_all(struct reading *reading, struct reader *readers)
{
	const struct mml_cgroups *groups = reading->groups;
	size_t size = groups->n * sizeof(*reading->order);

	reading->order = groups->at;
	if (!reading->budget_ns) {
		work(reading, readers, CHEAP | COSTLY);
		return 0;
	}
	work(reading, readers, CHEAP);
	reading->order = mml_arena_alloc(groups->take->arena, size + 1);
	if (!reading->order)
		return -ENOMEM;
	memcpy(reading->order, groups->at, size);
	qsort(reading->order, groups->n, sizeof(*reading->order), turn_order);
	work(reading, readers, COSTLY);
	return 0;
}

/* Which lines there are and what is told of them, by the files of G, which were read into its row. Returns
 * false if a value is not known. */
static bool learn_file(const struct mml_cgroup *g, const struct mml_cgroup_file *file, int *value)
{
	bool all = file->form == MML_CGROUP_NUMBER || file->form == MML_CGROUP_KEYED;

	for (size_t k = 0; k < file->nkeys; k++) {
		bool has = file->form == MML_CGROUP_NUMBER || mml_has(g->row, file->keys[k].cols[0]);

		value[k] = has ? mml_cgroup_value_of(file, &file->keys[k]) : -1;
		all &= !has || (value[k] >= 0 && g->told->known >> value[k] & 1);
	}
	return all;
}

static void learn(const struct reading *reading, const struct mml_cgroup *g,
		  const struct mml_cgroup_met *met, struct telling *telling)
{
	for (size_t i = 0; i < reading->plan->n; i++) {
		const struct mml_cgroup_file *file = &reading->plan->files[i];

		telling->all[i] = met[i].seen && learn_file(g, file, telling->value[i]);
		for (size_t k = 0; k < file->nkeys && telling->all[i]; k++)
			for (size_t c = 0; c < file->keys[k].ncols; c++)
				telling->columns[file->keys[k].cols[c] / 64] |= UINT64_C(1) << file->keys[k].cols[c] % 64;
	}
}

/* The kernel tells the same of all groups. Of one of them the files are read all the same: they show
 * which files and lines there are, and say so where some are not. Returns 0 or -ENOMEM. */
static int learn_telling(struct reading *reading, struct reader *r)
{
	struct mml_arena *arena = reading->groups->take->arena;
	struct telling *telling = mml_arena_alloc(arena, sizeof(*telling));
	struct mml_row *row = mml_arena_alloc(arena, mml_row_size(reading->plan->schema));

	if (!telling || !row)
		return -ENOMEM;
	for (size_t i = 0; i < reading->groups->n; i++) {
		struct mml_cgroup g = *reading->groups->at[i];

		if (!g.told || !g.shown || g.gone)
			continue;
		g.row = row;
		read_files(r, &g, CHEAP | COSTLY);
		if (g.gone || g.refused || !g.charges)
			continue;
		learn(reading, &g, r->met, telling);
		reading->telling = telling;
		return 0;
	}
	return 0;
}

int mml_cgroups_read(const struct mml_cgroups *groups, const struct mml_cgroup_plan *plan,
		     uint64_t budget_ns, struct mml_cgroup_met *ret)
{
	struct mml_arena *arena = groups->take->arena, *other = mml_arena_new();
	struct reader *readers = mml_calloc(2, sizeof(*readers));
	struct reading reading = { .groups = groups,
				   .plan = plan,
				   .budget_ns = budget_ns,
				   .live = mml_root_live(groups->take->root) };
	int rc = readers && other ? 0 : -ENOMEM;

	if (!rc) {
		reader_open(&readers[0], &reading, arena);
		reader_open(&readers[1], &reading, other);
		rc = learn_telling(&reading, &readers[0]);
	}
	if (!rc) {
		rc = read_all(&reading, readers);
	}
	for (int k = 0; readers && k < 2; k++) {
		rc = readers[k].buf.error ? readers[k].buf.error : rc;
		mml_buf_free(&readers[k].buf);
		for (size_t i = 0; i < plan->n; i++)
			merge(&ret[i], &readers[k].met[i]);
	}
	free(readers);
	if (other)
		mml_arena_absorb(arena, other);
	return rc;
}
