/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "mm.h"

#include <mm.skel.h>

MML_BPF_SKELETON(mm)

static int read_mm(struct mml_bpf_session *session, struct mml_trace_head *head,
		   struct mml_buf *ret)
{
	struct mm *mm = session->skeleton;
	size_t start = ret->len;
	int rc = mml_bpf_read_iterator(mm->links.mm_dump, ret);

	head->living = (ret->len - start) / sizeof(struct mml_mm_row);
	return rc;
}

const struct mml_bpf_source mml_bpf_mm = {
	.kind = MML_TRACE_MM,
	.open = open_mm,
	.load = load_mm,
	.attach = attach_mm,
	.destroy = destroy_mm,
	.read = read_mm,
};
