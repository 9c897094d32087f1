/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "observe.h"

struct mml_tasks {
	const struct mml_module_bpf *bpf;
	struct mml_bpf_session *session;
	struct mml_buf bytes; /* kept so that its memory is used again */
};

struct mml_tasks *mml_tasks_open(struct mml_arena *arena, struct mml_absence *ret_why)
{
	const struct mml_module_bpf *bpf = mml_module("bpf", ret_why);
	struct mml_tasks *tasks = bpf ? mml_calloc(1, sizeof(*tasks)) : NULL;
	struct mml_bpf_options options = { 0 };
	struct mml_bpf_failure failure;

	if (!bpf)
		return NULL;
	*ret_why = (struct mml_absence){ "out of memory", NULL };
	if (!tasks)
		return NULL;
	tasks->bpf = bpf;
	if (!bpf->start(MML_TRACE_TASKS, &options, &failure, &tasks->session)) {
		*ret_why = (struct mml_absence){ NULL, NULL };
		return tasks;
	}
	ret_why->reason = mml_arena_strndup(arena, failure.reason, strlen(failure.reason));
	if (failure.needs[0])
		ret_why->needs = mml_arena_strndup(arena, failure.needs, strlen(failure.needs));
	free(tasks);
	return NULL;
}

void mml_tasks_close(struct mml_tasks *tasks)
{
	if (!tasks)
		return;
	tasks->bpf->stop(tasks->session);
	mml_buf_free(&tasks->bytes);
	free(tasks);
}

int mml_tasks_read(struct mml_tasks *tasks, struct mml_task_counters **ret, size_t *ret_count)
{
	int rc;

	tasks->bytes.len = 0;
	rc = tasks->bpf->read(tasks->session, &tasks->bytes);
	return rc ? rc : mml_trace_tasks(tasks->bytes.data, tasks->bytes.len, ret, ret_count);
}

int mml_tasks_probe(struct mml_root *root, struct mml_absence *ret)
{
	if (!mml_root_live(root)) {
		*ret = (struct mml_absence){ "only on the live system", NULL };
		return -ENOTSUP;
	}
	return mml_observe_probe(root, MML_TRACE_TASKS, "", ret);
}
