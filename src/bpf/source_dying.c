/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "dying.h"
#include "loader.h"

#include <dying.skel.h>

MML_BPF_SKELETON(dying)

static int read_dying(struct mml_bpf_session *session, struct mml_trace_head *head, struct mml_buf *ret)
{
	struct dying *dying = session->skeleton;
	int rc, fd = bpf_map__fd(dying->maps.rows);
	struct mml_buf nothing = { 0 };

	dying->bss->nrows = dying->bss->whole = 0;
	dying->bss->dropped = dying->bss->living = 0;
	rc = mml_bpf_read_iterator(dying->links.dying_dump, &nothing);
	mml_buf_free(&nothing);
	if (rc)
		return rc;
	/* The memory controller is switched off, or a list changed in the middle of the walk. */
	if (!dying->bss->whole)
		return -EAGAIN;
	head->dropped = dying->bss->dropped;
	for (__u32 i = 0; i < dying->bss->nrows; i++, head->living++) {
		struct mml_dying_row row;

		if (bpf_map_lookup_elem(fd, &i, &row))
			return -errno;
		mml_buf_put(ret, (const char *)&row, sizeof(row));
	}
	return ret->error;
}

const struct mml_bpf_source mml_bpf_dying = {
	.kind = MML_TRACE_DYING,
	.open = open_dying,
	.load = load_dying,
	.attach = attach_dying,
	.destroy = destroy_dying,
	.read = read_dying,
};
