/* Finds the control groups that were removed and still hold memory, for the table `dying_cgroups`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "dying.h"

char LICENSE[] SEC("license") = "GPL";

enum { CSS_ONLINE = 2, CSS_RELEASED = 4, CSS_DYING = 16 };

/* More steps than there can be: each group takes two. */
enum { STEPS = 1 << 18, DEEPEST = 32 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct kernfs_node {
	const char *name;
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct list_head sibling;
	struct list_head children;
	unsigned int flags;
	struct cgroup_subsys_state *parent;
};

struct page_counter {
	atomic_long_t usage;
};

struct mem_cgroup {
	struct page_counter memory;
	struct page_counter swap;
	struct page_counter kmem; /* since 6.11 with CONFIG_MEMCG_V1 only */
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
};

struct task_struct___cgroups {
	struct css_set *cgroups;
};

enum cgroup_subsys_id { memory_cgrp_id = 0 };

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MML_DYING_MAX);
	__type(key, __u32);
	__type(value, struct mml_dying_row);
} rows SEC(".maps");

__u32 nrows;
__u64 dropped, living;
/* Whether the walk came to its end. */
__u32 whole;

struct walk {
	struct cgroup_subsys_state *root, *at;
	__u32 depth;
	bool up;
};

/* The memory controller's root, from the group that TASK is charged to. */
static __always_inline struct cgroup_subsys_state *find_root(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ((struct task_struct___cgroups *)task, cgroups);
	__u64 id = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct cgroup_subsys_state *css = NULL, *parent;
	int i;

	bpf_probe_read_kernel(&css, sizeof(css),
			      (char *)set + bpf_core_field_offset(struct css_set, subsys) + id * sizeof(css));
	for (i = 0; i < DEEPEST * 2 && css; i++) {
		parent = BPF_CORE_READ(css, parent);
		if (!parent)
			return css;
		css = parent;
	}
	return NULL;
}

static __always_inline __u64 id_of(struct cgroup_subsys_state *css)
{
	return BPF_CORE_READ(css, cgroup, kn, id);
}

static __always_inline void find_home(struct cgroup_subsys_state *css, struct mml_dying_row *row)
{
	int i;

	for (i = 0; i < DEEPEST; i++) {
		css = BPF_CORE_READ(css, parent);
		if (!css)
			return;
		if (BPF_CORE_READ(css, flags) & CSS_ONLINE) {
			row->home = id_of(css);
			return;
		}
	}
}

static __always_inline void add(struct cgroup_subsys_state *css, __u32 depth)
{
	/* The css is the first member of the mem_cgroup. */
	struct mem_cgroup *memcg = (struct mem_cgroup *)css;
	__u32 at = nrows;
	struct mml_dying_row *row = bpf_map_lookup_elem(&rows, &at);

	if (!row) {
		dropped++;
		return;
	}
	nrows = at + 1;
	row->id = id_of(css);
	row->home = 0;
	find_home(css, row);
	row->pages = BPF_CORE_READ(memcg, memory.usage.counter);
	row->kernel = row->swap = 0;
	row->known = 0;
	if (bpf_core_field_exists(memcg->kmem)) {
		row->kernel = BPF_CORE_READ(memcg, kmem.usage.counter);
		row->known |= MML_DYING_KERNEL;
	}
	if (bpf_core_field_exists(memcg->swap)) {
		row->swap = BPF_CORE_READ(memcg, swap.usage.counter);
		row->known |= MML_DYING_SWAP;
	}
	row->depth = depth;
	bpf_probe_read_kernel_str(row->name, sizeof(row->name), BPF_CORE_READ(css, cgroup, kn, name));
}

static __always_inline struct cgroup_subsys_state *of_sibling(struct list_head *list)
{
	return (void *)((char *)list - bpf_core_field_offset(struct cgroup_subsys_state, sibling));
}

static __always_inline struct list_head *children_of(struct cgroup_subsys_state *css)
{
	return (void *)((char *)css + bpf_core_field_offset(struct cgroup_subsys_state, children));
}

/* A group comes before those in it. The lists may change meanwhile: what is removed still leads on. */
static long step(__u32 index, struct walk *w)
{
	struct cgroup_subsys_state *css = w->at, *parent;
	struct list_head *next;
	__u32 flags;

	if (!w->up) {
		flags = BPF_CORE_READ(css, flags);
		if (flags & CSS_ONLINE)
			living++;
		else if (flags & CSS_DYING && !(flags & CSS_RELEASED))
			add(css, w->depth);
		next = BPF_CORE_READ(css, children.next);
		if (next && next != children_of(css)) {
			w->at = of_sibling(next);
			w->depth++;
		} else {
			w->up = true;
		}
		return 0;
	}
	if (css == w->root) {
		whole = 1;
		return 1;
	}
	parent = BPF_CORE_READ(css, parent);
	next = BPF_CORE_READ(css, sibling.next);
	if (!parent || !next)
		return 1;
	if (next == children_of(parent)) {
		w->at = parent;
		w->depth--;
	} else {
		w->at = of_sibling(next);
		w->up = false;
	}
	return 0;
}

/* Any task leads to the groups; the first one does for all. */
SEC("iter/task")
int dying_dump(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct walk w = {};

	if (!task || ctx->meta->seq_num)
		return 0;
	w.root = w.at = find_root(task);
	if (w.root)
		bpf_loop(STEPS, step, &w, 0);
	return 0;
}
