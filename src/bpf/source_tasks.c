/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "tasks.h"

#include "tasks.skel.h"

static void *open_tasks(void)
{
	return tasks__open();
}

static int load_tasks(void *skeleton)
{
	return tasks__load(skeleton);
}

static int attach_tasks(struct mml_bpf_session *session)
{
	return tasks__attach(session->skeleton);
}

static void destroy_tasks(void *skeleton)
{
	tasks__destroy(skeleton);
}

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
