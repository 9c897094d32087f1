/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "loader.h"

#include "groups.skel.h"

MML_BPF_SKELETON(groups)

static void prepare_groups(struct mml_bpf_session *session)
{
	struct groups *groups = session->skeleton;

	groups->rodata->page_size = (__u64)sysconf(_SC_PAGESIZE);
	bpf_map__set_max_entries(groups->maps.rows, session->options.rows);
}

/* The iterator is told the group that it begins at. */
static int attach_to_group(struct mml_bpf_session *session)
{
	struct groups *groups = session->skeleton;
	int fd = open(session->options.group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union bpf_iter_link_info info = { .cgroup = { .order = BPF_CGROUP_ITER_DESCENDANTS_PRE } };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof(info));
	int rc;

	if (fd < 0)
		return -errno;
	info.cgroup.cgroup_fd = (__u32)fd;
	rc = mml_bpf_keep_link(session, bpf_program__attach_iter(groups->progs.groups_dump, &opts));
	close(fd);
	return rc;
}

static int read_groups(struct mml_bpf_session *session, struct mml_trace_head *head, struct mml_buf *ret)
{
	struct groups *groups = session->skeleton;
	size_t size = session->options.rows * sizeof(struct mml_group_row);
	struct mml_buf nothing = { 0 };
	void *rows;
	int rc;

	groups->bss->nrows = 0;
	groups->bss->dropped = 0;
	rc = mml_bpf_read_iterator(session->links[0], &nothing);
	mml_buf_free(&nothing);
	if (rc)
		return rc;
	rows = mmap(NULL, size, PROT_READ, MAP_SHARED, bpf_map__fd(groups->maps.rows), 0);
	if (rows == MAP_FAILED)
		return -errno;
	mml_buf_put(ret, rows, groups->bss->nrows * sizeof(struct mml_group_row));
	munmap(rows, size);
	head->living = groups->bss->nrows;
	head->dropped = groups->bss->dropped;
	return ret->error;
}

const struct mml_bpf_source mml_bpf_groups = {
	.kind = MML_TRACE_GROUPS,
	.open = open_groups,
	.load = load_groups,
	.attach = attach_to_group,
	.destroy = destroy_groups,
	.prepare = prepare_groups,
	.read = read_groups,
	.function = "bpf_mem_cgroup_page_state",
};
