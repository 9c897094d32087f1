/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool mml_process_by_frame(const struct mml_reader *w, const struct mml_process *p)
{
	return w->scan->frames && p->resident <= MML_NODE_PAGES;
}

void mml_process_clear_nodes(struct mml_node_bytes *nodes)
{
	memset(nodes->bytes, 0, nodes->limit * sizeof(*nodes->bytes));
	nodes->limit = 0;
}

bool mml_process_sum_frames(struct mml_reader *w, const struct mml_dir *dir)
{
	int fd, rc;

	if (!w->counter)
		w->counter = mml_node_counter_new(w->scan->frames);
	fd = w->counter ? mml_dir_openfd(dir, "pagemap") : -ENOMEM;
	if (fd < 0)
		return false;
	rc = mml_node_counter_sum(w->counter, fd, w->nodes);
	close(fd);
	return !rc;
}

void mml_process_fill_nodes(struct mml_reader *w, struct mml_row *row)
{
	const struct mml_node_bytes *nodes = w->nodes;
	struct mml_buf text = { 0 };
	uint64_t sum = 0, most = 0, remote = 0;
	unsigned home = 0;

	for (unsigned i = 0; i < nodes->limit; i++) {
		if (!nodes->bytes[i])
			continue;
		mml_buf_printf(&text, "%sN%u=%llu", text.len ? " " : "", i,
			       (unsigned long long)nodes->bytes[i]);
		sum += nodes->bytes[i];
		if (!mml_node_in(&w->allowed, i))
			remote += nodes->bytes[i];
		if (nodes->bytes[i] > most) {
			most = nodes->bytes[i];
			home = i;
		}
	}
	if (text.len && !text.error) {
		mml_set_str(row, PROCESSES_nodes, mml_arena_strndup(w->arena, text.data, text.len));
		mml_set_u64(row, PROCESSES_home_node, home);
		mml_set_f64(row, PROCESSES_home_share, (double)most * 100 / (double)sum);
	}
	if (text.len && w->allowed_known) {
		mml_set_u64(row, PROCESSES_remote, remote);
		mml_set_f64(row, PROCESSES_remote_share, (double)remote * 100 / (double)sum);
	}
	mml_buf_free(&text);
}
