/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "lru.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/parse.h"
#include "../core/root-int.h"
#include "../core/trouble.h"

#include <lru.skel.h>

/* What a node's vmstat counts that no program can. */
struct refaults {
	uint64_t all[MML_LRU_KINDS], back[MML_LRU_KINDS];
};

/* Returns the highest number of nodes this kernel was built for, or 0: it is not known. A list of
 * zones has room for every zone of every node, and for its end. */
static unsigned max_nodes(const struct btf *btf)
{
	int zones_id = btf__find_by_name_kind(btf, "zone_type", BTF_KIND_ENUM);
	int list_id = btf__find_by_name_kind(btf, "zonelist", BTF_KIND_STRUCT);
	const struct btf_type *list, *array, *zones;
	unsigned nzones;

	if (zones_id < 0 || list_id < 0)
		return 0;
	zones = btf__type_by_id(btf, (__u32)zones_id);
	list = btf__type_by_id(btf, (__u32)list_id);
	if (btf_vlen(zones) < 2 || btf_vlen(list) != 1)
		return 0;
	nzones = btf_vlen(zones) - 1u; /* the last one is their number */
	array = btf__type_by_id(btf, btf_members(list)->type);
	return btf_is_array(array) ? (btf_array(array)->nelems - 1) / nzones : 0;
}

static int read_file(const char *path, struct mml_buf *ret)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	rc = mml_root_read_all(fd, false, ret);
	close(fd);
	return rc;
}

static void note_highest(unsigned node, void *ctx)
{
	unsigned *highest = ctx;

	if (node > *highest)
		*highest = node;
}

/* Returns how many nodes there may be; a kernel without NUMA has one and no folder. */
static unsigned count_nodes(void)
{
	struct mml_buf list = { 0 };
	struct mml_span text, line;
	unsigned highest = 0;

	if (!read_file("/sys/devices/system/node/possible", &list)) {
		text = (struct mml_span){ list.data, list.data + list.len };
		mml_next_line(&text, &line);
		mml_parse_list(line, note_highest, &highest);
	}
	mml_buf_free(&list);
	return highest + 1;
}

static void add_refault(struct refaults *refaults, struct mml_span name, uint64_t value)
{
	if (mml_span_eq(name, "workingset_refault_anon"))
		refaults->all[MML_LRU_ANON] = value;
	else if (mml_span_eq(name, "workingset_refault_file") ||
		 mml_span_eq(name, "workingset_refault"))
		refaults->all[MML_LRU_FILE] = value;
	else if (mml_span_eq(name, "workingset_activate_anon"))
		refaults->back[MML_LRU_ANON] = value;
	else if (mml_span_eq(name, "workingset_activate_file") ||
		 mml_span_eq(name, "workingset_activate"))
		refaults->back[MML_LRU_FILE] = value;
}

/* Returns -ENOENT if the node is not there. Node 0 of a machine that has no folders of nodes is the
 * machine. */
static int read_refaults(unsigned node, unsigned nodes, struct refaults *ret)
{
	struct mml_span text, line, name;
	struct mml_buf bytes = { 0 };
	uint64_t value;
	char path[64];
	int rc;

	*ret = (struct refaults){ 0 };
	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/vmstat", node);
	rc = read_file(path, &bytes);
	if (rc == -ENOENT && nodes == 1)
		rc = read_file("/proc/vmstat", &bytes);
	text = (struct mml_span){ bytes.data, bytes.data + bytes.len };
	while (!rc && mml_next_line(&text, &line))
		if (mml_next_token(&line, &name) && !mml_next_u64(&line, &value))
			add_refault(ret, name, value);
	mml_buf_free(&bytes);
	return rc;
}

static void *open_lru(void)
{
	return lru__open();
}

static void destroy_lru(void *skeleton)
{
	lru__destroy(skeleton);
}

static int load_lru(void *skeleton)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct lru *own = skeleton;
	unsigned most, nodes = count_nodes();
	int rc = 0;

	if (!btf)
		return -errno;
	most = max_nodes(btf);
	if (!most || nodes > most || mml_bpf_arguments(btf, "mm_vmscan_lru_shrink_active") != 7)
		rc = -EPROTONOSUPPORT;
	btf__free(btf);
	if (rc)
		return rc;
	own->rodata->nodes = nodes;
	own->rodata->node_mask = most - 1; /* the kernel has a power of two */
	own->rodata->node_shift = most > 1 ? (__u32)(64 - __builtin_ctz(most)) : 0;
	rc = bpf_map__set_max_entries(own->maps.counts, nodes * MML_LRU_KINDS);
	return rc ? rc : lru__load(own);
}

/* Sets what the counters were when the session began, which the session keeps. */
static int attach_all(struct mml_bpf_session *session)
{
	unsigned nodes = ((struct lru *)session->skeleton)->rodata->nodes;
	struct refaults *before = mml_calloc(nodes, sizeof(*before));
	int rc = before ? 0 : -ENOMEM;

	session->before = before;
	for (unsigned node = 0; node < nodes && !rc; node++) {
		rc = read_refaults(node, nodes, &before[node]);
		rc = rc == -ENOENT ? 0 : rc;
	}
	return rc ? rc : lru__attach(session->skeleton);
}

/* Adds up what the CPUs have counted. */
static int read_counts(struct lru *own, __u32 key, int cpus, struct mml_lru_counts *shares,
		       struct mml_lru_counts *ret)
{
	if (bpf_map_lookup_elem(bpf_map__fd(own->maps.counts), &key, shares))
		return -errno;
	*ret = (struct mml_lru_counts){ 0 };
	for (int i = 0; i < cpus; i++) {
		ret->inserted += shares[i].inserted;
		ret->activated += shares[i].activated;
		ret->deactivated += shares[i].deactivated;
	}
	return 0;
}

static int read_node(struct mml_bpf_session *session, unsigned node, int cpus,
		     struct mml_lru_counts *shares, struct mml_buf *ret)
{
	const struct refaults *before = (const struct refaults *)session->before + node;
	struct lru *own = session->skeleton;
	struct refaults now;
	int rc = read_refaults(node, own->rodata->nodes, &now);

	for (__u32 kind = 0; kind < MML_LRU_KINDS && !rc; kind++) {
		struct mml_lru_row row = { .node = node, .kind = kind };

		rc = read_counts(own, node * MML_LRU_KINDS + kind, cpus, shares, &row.counts);
		row.refaulted = now.all[kind] - before->all[kind];
		row.back = now.back[kind] - before->back[kind];
		mml_buf_put(ret, (const char *)&row, sizeof(row));
	}
	if (rc == -ENOENT)
		return 0;
	return rc ? rc : ret->error;
}

static int read_lru(struct mml_bpf_session *session, struct mml_trace_head *head,
		    struct mml_buf *ret)
{
	struct lru *own = session->skeleton;
	const size_t start = ret->len;
	int cpus = libbpf_num_possible_cpus(), rc = 0;
	struct mml_lru_counts *shares;

	if (cpus < 0)
		return cpus;
	shares = mml_calloc((size_t)cpus, sizeof(*shares));
	if (!shares)
		return -ENOMEM;
	for (unsigned node = 0; node < own->rodata->nodes && !rc; node++)
		rc = read_node(session, node, cpus, shares, ret);
	free(shares);
	head->living = (ret->len - start) / sizeof(struct mml_lru_row);
	head->dropped = own->bss->dropped + mml_bpf_missed(own->obj);
	return rc;
}

const struct mml_bpf_source mml_bpf_lru = {
	.kind = MML_TRACE_LRU,
	.open = open_lru,
	.load = load_lru,
	.attach = attach_all,
	.destroy = destroy_lru,
	.read = read_lru,
};
