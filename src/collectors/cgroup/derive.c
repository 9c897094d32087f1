/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>

#include "../memory/meminfo.h"
#include "../memory/whose.h"

/* A bound on what a group can have. */
struct bound {
	bool known;
	uint64_t bytes;
	const struct mml_cgroup *of; /* whose it is; NULL: it is not a group's, */
	const char *words;           /* but this says whose it is */
};

/* What follows for a group from those it lies in, and those in it. */
struct reach {
	struct bound limit, left;
	bool unsure; /* a limit could not be read */
	uint64_t processes;
	bool some_processes, more_processes; /* the sum is known; and it is a part of all */
};

struct derivation {
	const struct mml_cgroups *groups;
	unsigned needs;
	uint64_t memory, available; /* of the machine; 0: not known */
	uint64_t outside;           /* the limit of a group above those that are seen; 0: not known */
	struct reach *reach;        /* of each group, by its place */
};

static bool get(const struct mml_cgroup *g, unsigned col, uint64_t *ret)
{
	*ret = mml_has(g->row, col) ? g->row->cell[col].u64 : 0;
	return mml_has(g->row, col);
}

/* In a container, meminfo may not be the machine's. Then the zones tell the size of the machine, and
 * nothing tells what of it is available. */
static int read_machine(struct mml_take *take, struct derivation *d)
{
	struct mml_whose whose;
	struct mml_span text;
	int rc = mml_whose_meminfo(take, &whose);

	if (rc)
		return rc;
	d->memory = whose.is == MML_WHOSE_OTHER ? whose.managed : whose.total;
	if (whose.is == MML_WHOSE_OTHER || mml_take_file(take, NULL, "/proc/meminfo", &text) ||
	    !mml_meminfo_bytes(text, "MemAvailable", &d->available))
		d->available = 0;
	return 0;
}

/* Version 1 tells the least limit of all groups that a group lies in, even of those that cannot be seen
 * from here. */
static void read_outside(struct mml_take *take, struct derivation *d)
{
	const struct mml_cgroup_fs *fs = &d->groups->fs;
	struct mml_span text, line, name;
	uint64_t limit;

	if (fs->version != 1 || fs->whole || mml_take_filef(take, &text, "%s/memory.stat", fs->dir))
		return;
	while (mml_next_line(&text, &line))
		if (mml_next_field(&line, ' ', &name) &&
		    mml_span_eq(name, "hierarchical_memory_limit") && !mml_parse_u64(line, &limit))
			d->outside = limit;
}

/* Of two bounds that are the same, the nearer one is met first. */
static void tighten(struct bound *bound, uint64_t bytes, const struct mml_cgroup *of,
		    const char *words)
{
	if (!bound->known || bytes <= bound->bytes)
		*bound = (struct bound){ true, bytes, of, words };
}

/* A group of version 1 that does not count what is below it does not limit that either. */
static void find_reach(const struct derivation *d, const struct mml_cgroup *g, struct reach *ret)
{
	const struct mml_cgroup *up = g->parent;
	uint64_t limit, current;

	if (up && !up->local) {
		ret->limit = d->reach[up->place].limit;
		ret->left = d->reach[up->place].left;
		ret->unsure = d->reach[up->place].unsure;
	} else {
		if (d->memory)
			tighten(&ret->limit, d->memory, NULL, "machine");
		if (d->available)
			tighten(&ret->left, d->available, NULL, "machine");
		if (d->outside && d->outside < d->memory)
			tighten(&ret->limit, d->outside, NULL, "outside");
	}
	ret->unsure |= g->refused;
	if (!get(g, CGROUPS_limit, &limit))
		return;
	tighten(&ret->limit, limit, g, NULL);
	if (get(g, CGROUPS_current, &current))
		tighten(&ret->left, limit > current ? limit - current : 0, g, NULL);
}

static const char *whose_bound(const struct bound *bound, const struct mml_cgroup *g)
{
	if (!bound->of)
		return bound->words;
	return bound->of == g ? "itself" : bound->of->path;
}

static void set_reach(const struct derivation *d, const struct mml_cgroup *g)
{
	const struct reach *reach = &d->reach[g->place];
	uint64_t current;

	if (d->memory && get(g, CGROUPS_current, &current))
		mml_set_f64(g->row, CGROUPS_share, (double)current * 100 / (double)d->memory);
	if (reach->unsure || !(d->needs & NEEDS_LIMIT))
		return;
	if (reach->limit.known) {
		mml_set_u64(g->row, CGROUPS_effective_limit, reach->limit.bytes);
		mml_set_str(g->row, CGROUPS_limit_from, whose_bound(&reach->limit, g));
	}
	if (reach->left.known && d->needs & NEEDS_USAGE) {
		mml_set_u64(g->row, CGROUPS_headroom, reach->left.bytes);
		mml_set_str(g->row, CGROUPS_headroom_from, whose_bound(&reach->left, g));
	}
}

/* The root's kernel memory is charged to nobody: what its files tell is only that of other groups, or
 * nothing. */
static void forget_kernel(const struct mml_cgroup *g)
{
	static const unsigned cols[] = {
		CGROUPS_kernel,	 CGROUPS_sock,	      CGROUPS_slab_reclaimable,
		CGROUPS_percpu,	 CGROUPS_vmalloc,     CGROUPS_slab_unreclaimable,
		CGROUPS_hugetlb, CGROUPS_page_tables, CGROUPS_sec_page_tables,
		CGROUPS_zswap,	 CGROUPS_zswapped,    CGROUPS_kernel_stack,
		CGROUPS_slab,
	};

	for (size_t i = 0; i < sizeof(cols) / sizeof(*cols); i++)
		mml_unset(g->row, cols[i]);
}

/* The kernel's figures lag behind each other, so that a difference may come out below 0. */
static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void set_kinds(const struct mml_cgroup *g)
{
	uint64_t current, cache, shmem, swap_cached, inactive, active, slab;

	get(g, CGROUPS_slab_reclaimable, &slab);
	if (get(g, CGROUPS_cache, &cache) && get(g, CGROUPS_shmem, &shmem)) {
		get(g, CGROUPS_swap_cached, &swap_cached);
		mml_set_u64(g->row, CGROUPS_file, less(cache, shmem + swap_cached));
	}
	if (!get(g, CGROUPS_inactive_file, &inactive) || !get(g, CGROUPS_active_file, &active))
		return;
	mml_set_u64(g->row, CGROUPS_reclaimable, inactive + active + slab);
	if (!get(g, CGROUPS_current, &current))
		return;
	current = less(current, inactive);
	mml_set_u64(g->row, CGROUPS_working_set, current);
	mml_set_u64(g->row, CGROUPS_working_set_freeable,
		    active + slab < current ? active + slab : current);
}

static void set_refaults(const struct mml_cgroup *g)
{
	uint64_t anon, file;

	if (get(g, CGROUPS_refaults_anon, &anon) && get(g, CGROUPS_refaults_file, &file))
		mml_set_u64(g->row, CGROUPS_refaults, anon + file);
}

/* A group without files of its own is charged to the nearest one around it that has some. */
static void set_charged(const struct derivation *d, const struct mml_cgroup *g)
{
	const struct mml_cgroup *to = g;

	if (!(d->needs & NEEDS_USAGE))
		return;
	while (to && !to->charges && !to->refused)
		to = to->parent;
	if (!to && d->groups->fs.whole)
		to = d->groups->at[0];
	if (to && !to->refused)
		mml_set_str(g->row, CGROUPS_charged_to, to->path);
}

/* The groups below come later. A group that cannot tell makes the sum a part. */
static void add_processes(const struct derivation *d)
{
	for (size_t i = d->groups->n; i-- > 0;) {
		const struct mml_cgroup *g = d->groups->at[i];
		struct reach *reach = &d->reach[i], *up = g->parent ? &d->reach[g->parent->place] : NULL;
		uint64_t own;

		if (get(g, CGROUPS_own_processes, &own)) {
			reach->processes += own;
			reach->some_processes = true;
		} else if (!g->gone && !g->threaded) {
			reach->more_processes = true;
		}
		if (reach->some_processes)
			mml_set_u64(g->row, CGROUPS_processes, reach->processes);
		if (reach->some_processes && reach->more_processes)
			mml_set_at_least(g->row, CGROUPS_processes);
		if (!up)
			continue;
		up->processes += reach->processes;
		up->more_processes |= reach->more_processes;
	}
}

int mml_cgroups_derive(const struct mml_cgroups *groups, unsigned needs)
{
	struct mml_take *take = groups->take;
	struct derivation d = { .groups = groups, .needs = needs };
	int rc;

	d.reach = mml_arena_alloc(take->arena, (groups->n + 1) * sizeof(*d.reach));
	if (!d.reach)
		return -ENOMEM;
	rc = needs & NEEDS_MACHINE ? read_machine(take, &d) : 0;
	if (needs & NEEDS_LIMIT)
		read_outside(take, &d);
	for (size_t i = 0; i < groups->n && !rc; i++) {
		const struct mml_cgroup *g = groups->at[i];

		if (!g->parent && groups->fs.whole)
			forget_kernel(g);
		find_reach(&d, g, &d.reach[i]);
		set_reach(&d, g);
		set_kinds(g);
		set_refaults(g);
		set_charged(&d, g);
	}
	if (needs & NEEDS_PROCESSES && !rc)
		add_processes(&d);
	return rc;
}
