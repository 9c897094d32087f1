/* Tells what the files of all control groups tell, at once, for the table `cgroups`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "groups.h"

char LICENSE[] SEC("license") = "GPL";

/* Only the names are of this kernel or another: the values are relocated. */
#define ITEM(name, file, line, item) item,
#define NO(...)
enum node_stat_item {
	MML_GROUP_VALUES(ITEM, NO, NO, NO, NO, NO)
	PGSCAN_KSWAPD, PGSCAN_DIRECT, PGSCAN_KHUGEPAGED, PGSCAN_PROACTIVE,
	PGSTEAL_KSWAPD, PGSTEAL_DIRECT, PGSTEAL_KHUGEPAGED, PGSTEAL_PROACTIVE,
};
enum memcg_stat_item { MML_GROUP_VALUES(NO, ITEM, NO, NO, NO, NO) };
enum memcg_memory_event { MEMCG_HIGH, MEMCG_MAX, MEMCG_OOM, MEMCG_OOM_KILL, MEMCG_SWAP_MAX, MEMCG_SWAP_FAIL };
enum vm_event_item { PGMAJFAULT };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	__u64 id;
};

struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};

struct page_counter {
	atomic_long_t usage;
	unsigned long watermark, min, low, high, max;
};

struct mem_cgroup {
	struct page_counter memory;
	struct page_counter swap;
	bool oom_group;
	atomic_long_t memory_events[1];
	atomic_long_t memory_events_local[1];
};

#pragma clang attribute pop

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

/* The kernel's own functions for this, since 7.2. */
extern struct mem_cgroup *bpf_get_mem_cgroup(struct cgroup_subsys_state *css) __ksym;
extern void bpf_put_mem_cgroup(struct mem_cgroup *memcg) __ksym;
extern void bpf_mem_cgroup_flush_stats(struct mem_cgroup *memcg) __ksym;
extern unsigned long bpf_mem_cgroup_page_state(struct mem_cgroup *memcg, int item) __ksym;
extern unsigned long bpf_mem_cgroup_vm_events(struct mem_cgroup *memcg, enum vm_event_item item) __ksym;
extern unsigned long bpf_mem_cgroup_memory_events(struct mem_cgroup *memcg, enum memcg_memory_event event) __ksym;

/* Not in the iterator's output: that must fit the kernel's buffer, or the walk cannot go on. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* as many as there may be groups */
	__type(key, __u32);
	__type(value, struct mml_group_row);
} rows SEC(".maps");

const volatile __u64 page_size = 4096;
__u32 nrows;
__u64 dropped;

static __always_inline void put(struct mml_group_row *row, enum mml_group_value at, __u64 value)
{
	row->value[at] = value;
	row->known |= 1ULL << at;
}

/* The kernel's functions answer -1 if they do not know an item. */
static __always_inline void put_known(struct mml_group_row *row, enum mml_group_value at, __u64 value)
{
	if (value != (__u64)-1)
		put(row, at, value);
}

static __always_inline void put_limit(struct mml_group_row *row, enum mml_group_value at, __u64 pages)
{
	__u64 none = ((__u64)-1 >> 1) / page_size;

	put(row, at, pages >= none ? MML_GROUP_NONE : pages * page_size);
}

#define STATE_OF(item) \
	(bpf_core_enum_value_exists(enum node_stat_item, item) ? \
		 bpf_mem_cgroup_page_state(memcg, bpf_core_enum_value(enum node_stat_item, item)) : (__u64)-1)

#define PUT_STATE(name, file, line, item) put_known(row, MML_GROUP_##name, STATE_OF(item));
#define PUT_MEMCG(name, file, line, item) \
	if (bpf_core_enum_value_exists(enum memcg_stat_item, item)) \
		put_known(row, MML_GROUP_##name, bpf_mem_cgroup_page_state( \
			memcg, bpf_core_enum_value(enum memcg_stat_item, item)));
#define PUT_EVENT(name, file, line, item) \
	put_known(row, MML_GROUP_##name, bpf_mem_cgroup_memory_events( \
		memcg, bpf_core_enum_value(enum memcg_memory_event, item)));
#define PUT_LOCAL(name, file, line, item) \
	put_local(row, MML_GROUP_##name, memcg, bpf_core_enum_value(enum memcg_memory_event, item));

static __always_inline void put_local(struct mml_group_row *row, enum mml_group_value at,
				      struct mem_cgroup *memcg, __u64 event)
{
	long n;

	if (!bpf_probe_read_kernel(&n, sizeof(n), (char *)memcg +
				   bpf_core_field_offset(struct mem_cgroup, memory_events_local) +
				   event * sizeof(n)))
		put(row, at, n);
}

static __always_inline void put_counters(struct mml_group_row *row, struct mem_cgroup *memcg)
{
	put(row, MML_GROUP_CURRENT, memcg->memory.usage.counter * page_size);
	put_limit(row, MML_GROUP_MAX, memcg->memory.max);
	put_limit(row, MML_GROUP_HIGH, memcg->memory.high);
	put_limit(row, MML_GROUP_LOW, memcg->memory.low);
	put_limit(row, MML_GROUP_MIN, memcg->memory.min);
	put(row, MML_GROUP_PEAK, memcg->memory.watermark * page_size);
	put(row, MML_GROUP_SWAP, memcg->swap.usage.counter * page_size);
	put_limit(row, MML_GROUP_SWAP_MAX, memcg->swap.max);
	put(row, MML_GROUP_SWAP_PEAK, memcg->swap.watermark * page_size);
	put(row, MML_GROUP_OOM_GROUP, memcg->oom_group);
}

/* The last of four came later than the others. */
#define PUT_TOTAL(name, prefix) \
	if (bpf_core_enum_value_exists(enum node_stat_item, prefix##_PROACTIVE)) \
		put(row, MML_GROUP_##name, STATE_OF(prefix##_KSWAPD) + STATE_OF(prefix##_DIRECT) + \
						   STATE_OF(prefix##_KHUGEPAGED) + STATE_OF(prefix##_PROACTIVE));

static __always_inline void put_stat(struct mml_group_row *row, struct mem_cgroup *memcg)
{
	MML_GROUP_VALUES(PUT_STATE, PUT_MEMCG, NO, NO, NO, NO)
	put(row, MML_GROUP_SLAB, row->value[MML_GROUP_SLAB_RECLAIMABLE] +
					 row->value[MML_GROUP_SLAB_UNRECLAIMABLE]);
	PUT_TOTAL(PGSCAN, PGSCAN)
	PUT_TOTAL(PGSTEAL, PGSTEAL)
	put_known(row, MML_GROUP_PGMAJFAULT,
		  bpf_mem_cgroup_vm_events(memcg, bpf_core_enum_value(enum vm_event_item, PGMAJFAULT)));
}

/* Groups come before those in them: what is brought up to date for the first is so for all. */
SEC("iter.s/cgroup")
int groups_dump(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgroup = ctx->cgroup;
	struct mml_group_row *row;
	struct mem_cgroup *memcg;
	__u32 at = nrows;

	if (!cgroup)
		return 0;
	memcg = bpf_get_mem_cgroup(&cgroup->self);
	if (!memcg)
		return 0;
	if (!ctx->meta->seq_num)
		bpf_mem_cgroup_flush_stats(memcg);
	row = bpf_map_lookup_elem(&rows, &at);
	if (row) {
		nrows = at + 1;
		row->known = 0;
		row->id = cgroup->kn->id;
		put_counters(row, memcg);
		put_stat(row, memcg);
		MML_GROUP_VALUES(NO, NO, NO, PUT_EVENT, PUT_LOCAL, NO)
	} else {
		dropped++;
	}
	bpf_put_mem_cgroup(memcg);
	return 0;
}
