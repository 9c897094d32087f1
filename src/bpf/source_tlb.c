/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "tlb.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tlb.skel.h>

#include "../core/trouble.h"

MML_BPF_SKELETON(tlb)

/* Makes "task switch" from TLB_FLUSH_ON_TASK_SWITCH, and "remote shootdown" from
 * TLB_REMOTE_SHOOTDOWN. */
static void name_reason(const char *enumerator, char *ret)
{
	const char *const prefixes[] = { "TLB_", "FLUSH_ON_", "FLUSH_" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(enumerator, prefixes[i], strlen(prefixes[i])))
			enumerator += strlen(prefixes[i]);
	for (i = 0; enumerator[i] && i < MML_TRACE_NAME_LEN - 1; i++)
		ret[i] = enumerator[i] == '_' ? ' ' : (char)tolower((unsigned char)enumerator[i]);
	ret[i] = '\0';
}

/* Reads the names from the kernel's own enum, which has become longer over time. The last name
 * stands for all reasons beyond it. */
static int read_reason_names(struct mml_bpf_session *session)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_enum *values;
	const struct btf_type *type;
	int id, i, n;

	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, "tlb_flush_reason", BTF_KIND_ENUM);
	type = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
	n = type ? btf_vlen(type) : 0;
	values = type ? btf_enum(type) : NULL;
	for (i = 0; i < n; i++) {
		const char *name = btf__name_by_offset(btf, values[i].name_off);

		if (name && strncmp(name, "NR_", 3) && values[i].val >= 0 &&
		    values[i].val < MML_TRACE_NAMES)
			name_reason(name, session->names[values[i].val]);
	}
	if (n - 1 > MML_TRACE_NAMES)
		name_reason("other", session->names[MML_TRACE_NAMES - 1]);
	btf__free(btf);
	return 0;
}

/* Appends the counts of the idle threads, which are kept by CPU: one row for each, all of PID 0. */
static int read_idle(struct tlb *tlb, struct mml_trace_head *head, struct mml_buf *ret)
{
	struct mml_tlb_row row = { .owner.comm = "swapper" };
	int cpus = libbpf_num_possible_cpus(), rc, i;
	struct mml_tlb_thread *threads;
	__u32 zero = 0;

	if (cpus < 0)
		return cpus;
	threads = mml_calloc((size_t)cpus, sizeof(*threads));
	if (!threads)
		return -ENOMEM;
	rc = bpf_map_lookup_elem(bpf_map__fd(tlb->maps.idle), &zero, threads);
	for (i = 0; i < cpus && !rc; i++) {
		row.counts = threads[i].counts;
		mml_buf_put(ret, (const char *)&row, sizeof(row));
	}
	head->idle = (__u64)cpus;
	free(threads);
	return rc;
}

static int read_tlb(struct mml_bpf_session *session, struct mml_trace_head *head,
		    struct mml_buf *ret)
{
	struct tlb *tlb = session->skeleton;
	int rc = 0;

	/* This takes a while, for which there is time while flushes are being counted. */
	if (!session->reads)
		rc = read_reason_names(session);
	if (rc)
		return rc;
	head->flags |= MML_TRACE_TLB_HALVES;
	head->dropped = tlb->bss->dropped + mml_bpf_missed(tlb->obj);
	rc = mml_bpf_read_threads(tlb->links.tlb_dump, tlb->maps.dead, sizeof(struct mml_tlb_row),
				  head, ret);
	return rc ? rc : read_idle(tlb, head, ret);
}

const struct mml_bpf_source mml_bpf_tlb = {
	.kind = MML_TRACE_TLB,
	.open = open_tlb,
	.load = load_tlb,
	.attach = attach_tlb,
	.destroy = destroy_tlb,
	.read = read_tlb,
	.task_storage = true,
};
