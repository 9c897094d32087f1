/* Counts pages that come to the kernel's lists and move on them, by node and kind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "lru.h"

char LICENSE[] SEC("license") = "GPL";

/* Where a page's flags have its node, as this kernel was built; a mask of 0: there is only one. */
const volatile __u32 node_shift;
const volatile __u64 node_mask;
const volatile __u32 nodes = 1;

__u64 dropped;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct mml_lru_counts);
	__uint(max_entries, MML_LRU_KINDS); /* times the nodes: the loader sets it */
} counts SEC(".maps");

enum pageflags { PG_unevictable, PG_swapbacked, PG_head };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct folio___before_6_14 {
	unsigned int _folio_nr_pages;
};

struct folio {
	unsigned int _nr_pages;
};
#pragma clang attribute pop

/* The flags come first in a folio, in whatever type the kernel has for them. */
static __always_inline __u64 flags_of(const void *folio)
{
	__u64 flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), folio);
	return flags;
}

#define HAS(flags, bit) ((flags) >> bpf_core_enum_value(enum pageflags, bit) & 1)

static __always_inline __u64 pages_of(void *folio, __u64 flags)
{
	if (!HAS(flags, PG_head))
		return 1;
	if (bpf_core_field_exists(struct folio, _nr_pages))
		return BPF_CORE_READ((struct folio *)folio, _nr_pages);
	return BPF_CORE_READ((struct folio___before_6_14 *)folio, _folio_nr_pages);
}

static __always_inline struct mml_lru_counts *counts_of(__u64 node, __u32 kind)
{
	__u32 key = (__u32)node * MML_LRU_KINDS + kind;
	struct mml_lru_counts *found = NULL;

	if (node < nodes)
		found = bpf_map_lookup_elem(&counts, &key);
	if (!found)
		__sync_fetch_and_add(&dropped, 1);
	return found;
}

static __always_inline struct mml_lru_counts *counts_of_folio(__u64 flags)
{
	__u32 kind = HAS(flags, PG_unevictable) ? MML_LRU_UNEVICTABLE :
		     HAS(flags, PG_swapbacked)	? MML_LRU_ANON :
						  MML_LRU_FILE;

	return counts_of(flags >> node_shift & node_mask, kind);
}

SEC("tp_btf/mm_lru_insertion")
int BPF_PROG(lru_insertion, void *folio)
{
	__u64 flags = flags_of(folio);
	struct mml_lru_counts *mine = counts_of_folio(flags);

	if (mine)
		mine->inserted += pages_of(folio, flags);
	return 0;
}

SEC("tp_btf/mm_lru_activate")
int BPF_PROG(lru_activate, void *folio)
{
	__u64 flags = flags_of(folio);
	struct mml_lru_counts *mine = counts_of_folio(flags);

	if (mine)
		mine->activated += pages_of(folio, flags);
	return 0;
}

SEC("tp_btf/mm_vmscan_lru_shrink_active")
int BPF_PROG(lru_shrink_active, int nid, unsigned long taken, unsigned long active,
	     unsigned long deactivated, unsigned long referenced, int priority, int file)
{
	struct mml_lru_counts *mine = counts_of((__u64)nid, file ? MML_LRU_FILE : MML_LRU_ANON);

	if (mine)
		mine->deactivated += deactivated;
	return 0;
}
