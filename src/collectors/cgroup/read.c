/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/thread.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"

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

struct reading {
	const struct mml_cgroups *groups;
	const struct mml_cgroup_plan *plan;
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

/* All but the usage of each group has a time budget. */
static unsigned cost_of(const struct mml_cgroup_file *file)
{
	return file->needs & ~NEEDS_USAGE ? COSTLY : CHEAP;
}

static void read_files(struct reader *r, struct mml_cgroup *g, unsigned what)
{
	const struct mml_cgroup_plan *plan = r->reading->plan;
	struct state state = { 0 };
	struct mml_dir dir;
	int rc = mml_dir_open(r->reading->groups->take->root, g->dir, &dir);

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
		if (cost_of(file) & what && (g->shown || file->needs & NEEDS_REACH))
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
	mml_cgroup_recall(reading->plan->schema, g);
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
