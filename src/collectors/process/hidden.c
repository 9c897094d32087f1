/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../core/trouble.h"

/*
 * A kernel may keep processes from BPF's iterator that /proc lists: kernels of sandboxes do so with
 * their first process. Which ones these are is found out when the iterator is asked for the first
 * time, and their files are read.
 */
struct listed {
	pid_t *pids;
	size_t n, room;
};

static int note(const char *name, void *ctx)
{
	struct listed *listed = ctx;
	uint64_t pid;

	if (mml_parse_u64(mml_span_str(name), &pid) || !pid || pid > INT32_MAX)
		return 0;
	if (listed->n == listed->room) {
		size_t room = listed->room ? listed->room * 2 : 1024;
		pid_t *pids = mml_realloc(listed->pids, room, sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		listed->pids = pids;
		listed->room = room;
	}
	listed->pids[listed->n++] = (pid_t)pid;
	return 0;
}

int mml_process_note_listed(const struct mml_scan *scan, struct mml_process_state *state)
{
	struct listed listed = { 0 };
	int rc;

	if (state->hidden_known)
		return 0;
	free(state->hidden);
	rc = mml_root_walk(scan->take->root, "/proc", note, &listed);
	state->hidden = listed.pids;
	state->nhidden = listed.n;
	return rc == -ENOMEM ? rc : 0;
}

static bool is_told(pid_t pid, const struct mml_task_counters *counters, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (counters[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && counters[low].pid == pid;
}

static bool is_there(const struct mml_scan *scan, pid_t pid)
{
	struct mml_dir dir;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (mml_dir_open(scan->take->root, path, &dir))
		return false;
	mml_dir_close(&dir);
	return true;
}

void mml_process_add_hidden(struct mml_scan *scan, struct mml_process_state *state,
			    const struct mml_task_counters *counters, size_t count)
{
	size_t n = 0;

	if (!state->hidden_known) {
		for (size_t i = 0; i < state->nhidden; i++)
			if (!is_told(state->hidden[i], counters, count) &&
			    is_there(scan, state->hidden[i]))
				state->hidden[n++] = state->hidden[i];
		state->nhidden = n;
		state->hidden_known = true;
	}
	for (size_t i = 0; i < state->nhidden; i++)
		if (!is_told(state->hidden[i], counters, count))
			scan->processes[scan->n++].pid = state->hidden[i];
}

int mml_process_read_hidden(struct mml_scan *scan, struct mml_process *p)
{
	struct mml_reader reader = { .scan = scan, .arena = scan->take->arena };
	bool by_tasks = scan->by_tasks;
	int rc;

	scan->by_tasks = false;
	p->early_ns = 0;
	mml_process_read(&reader, p);
	scan->by_tasks = by_tasks;
	rc = reader.buf.error;
	mml_buf_free(&reader.buf);
	free(reader.nodes);
	mml_node_counter_free(reader.counter);
	return rc;
}
