/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "tasks.h"

#include <tasks.skel.h>

MML_BPF_SKELETON(tasks)

static void prepare_tasks(struct mml_bpf_session *session)
{
	struct tasks *tasks = session->skeleton;
	int cpus = libbpf_num_possible_cpus();

	tasks->rodata->nr_cpus = cpus > 0 ? (__u32)cpus : 1;
}

static int read_tasks(struct mml_bpf_session *session, struct mml_trace_head *head,
		      struct mml_buf *ret)
{
	struct tasks *tasks = session->skeleton;

	head->dropped = 0;
	return mml_bpf_read_iterator(tasks->links.tasks_dump, ret);
}

const struct mml_bpf_source mml_bpf_tasks = {
	.kind = MML_TRACE_TASKS,
	.open = open_tasks,
	.load = load_tasks,
	.attach = attach_tasks,
	.destroy = destroy_tasks,
	.prepare = prepare_tasks,
	.read = read_tasks,
};
