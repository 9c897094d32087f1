/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "reclaim.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#include <reclaim.skel.h>

MML_BPF_SKELETON(reclaim)

/* Leaves out the programs for tracepoints that this kernel does not have: mm_vmscan_throttled came
 * with 5.16, and compaction may not be built in. */
static void prepare_reclaim(struct mml_bpf_session *session)
{
	static const char prefix[] = "tp_btf/";
	struct reclaim *own = session->skeleton;
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;

	if (!btf)
		return;
	bpf_object__for_each_program(prog, own->obj)
	{
		const char *section = bpf_program__section_name(prog);
		char name[128];

		if (strncmp(section, prefix, strlen(prefix)))
			continue;
		snprintf(name, sizeof(name), "btf_trace_%s", section + strlen(prefix));
		if (btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF) < 0)
			bpf_program__set_autoload(prog, false);
	}
	btf__free(btf);
}

static int read_reclaim(struct mml_bpf_session *session, struct mml_trace_head *head,
			struct mml_buf *ret)
{
	struct reclaim *own = session->skeleton;

	head->dropped = own->bss->dropped + mml_bpf_missed(own->obj);
	return mml_bpf_read_threads(own->links.reclaim_dump, own->maps.dead,
				    sizeof(struct mml_reclaim_row), head, ret);
}

const struct mml_bpf_source mml_bpf_reclaim = {
	.kind = MML_TRACE_RECLAIM,
	.open = open_reclaim,
	.load = load_reclaim,
	.attach = attach_reclaim,
	.destroy = destroy_reclaim,
	.prepare = prepare_reclaim,
	.read = read_reclaim,
	.task_storage = true,
};
