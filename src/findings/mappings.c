/* How many mappings the processes have that may be near the kernel's limit of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../core/unit.h"
#include "finder.h"

/* A look at the processes spends this on counting, and goes on at the next look. */
enum { BUDGET_MS = 10 };

void mml_mapped_free(struct mml_mapped *mapped, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(mapped[i].comm);
	free(mapped);
}

/* The lines of maps, one a mapping, but for the page of system calls that belongs to the kernel. */
static uint64_t count(struct mml_span text)
{
	static const char kernels[] = "[vsyscall]\n";
	size_t len = mml_span_len(text), end = sizeof(kernels) - 1;
	uint64_t n = 0;

	for (const char *p = text.p; p < text.end && (p = memchr(p, '\n', (size_t)(text.end - p))); p++)
		n++;
	return n - (len >= end && !memcmp(text.end - end, kernels, end));
}

struct counting {
	struct mml_root *root;
	const struct mml_facts *now;
	const struct mml_past *past;
	uint64_t least;
	struct mml_buf buf;
	struct mml_mapped *found;
	size_t n, cap;
};

static const struct mml_mapped *known(const struct counting *c, uint64_t pid, uint64_t started)
{
	for (size_t i = 0; i < c->past->nmapped; i++)
		if (c->past->mapped[i].pid == pid && c->past->mapped[i].started == started)
			return &c->past->mapped[i];
	return NULL;
}

/* Keeps what ROW's process has, if that is as much. What may not be read is not known. */
static void look_at(struct counting *c, const struct mml_row *row, struct mml_mapped *of)
{
	const char *comm = mml_look_str(c->now->processes, row, "comm");
	struct mml_mapped *more;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", of->pid);
	c->buf.len = 0;
	if (mml_root_read(c->root, path, &c->buf))
		return;
	of->n = count((struct mml_span){ c->buf.data, c->buf.data + c->buf.len });
	if (of->n < c->least || !comm)
		return;
	if (c->n == c->cap) {
		more = mml_realloc(c->found, c->cap * 2 + 4, sizeof(*more));
		if (!more)
			return;
		c->found = more;
		c->cap = c->cap * 2 + 4;
	}
	of->comm = mml_strdup(comm);
	if (of->comm)
		c->found[c->n++] = *of;
}

/* Row I's process, if it is large enough to have as many mappings of a page each. */
static bool may_have(const struct counting *c, size_t i, struct mml_mapped *ret)
{
	const struct mml_table *t = c->now->processes;
	const struct mml_row *row = mml_table_row(t, i);
	uint64_t size;

	*ret = (struct mml_mapped){ 0 };
	return mml_look_u64(t, row, "pid", &ret->pid) &&
	       mml_look_u64(t, row, "started", &ret->started) &&
	       mml_look_u64(t, row, "vsize", &size) && size / c->now->page_size >= c->least;
}

/* Those that had many are looked at each time, and the others in turn. */
static void look_at_all(struct counting *c, struct mml_past *past)
{
	const struct mml_table *t = c->now->processes;
	uint64_t begun = mml_now_ns();
	struct mml_mapped of;
	size_t first = 0;

	for (size_t i = 0; i < t->nrows; i++) {
		if (!may_have(c, i, &of))
			continue;
		if (of.pid <= past->counted_pid)
			first = i + 1;
		if (known(c, of.pid, of.started))
			look_at(c, mml_table_row(t, i), &of);
	}
	for (size_t k = 0; k < t->nrows; k++) {
		size_t i = (first + k) % t->nrows;

		if (!may_have(c, i, &of) || known(c, of.pid, of.started))
			continue;
		if (mml_now_ns() - begun > BUDGET_MS * UINT64_C(1000000))
			break;
		look_at(c, mml_table_row(t, i), &of);
		past->counted_pid = of.pid;
	}
	past->cost_ns += mml_now_ns() - begun;
}

/* How many mappings all processes have together, at most; UINT64_MAX if that is not known. */
static uint64_t of_all(const struct mml_table *slab)
{
	const struct mml_row *row = mml_look_row(slab, "cache", "vm_area_struct", NULL, NULL);
	uint64_t n;

	return row && mml_look_u64(slab, row, "active_objs", &n) ? n : UINT64_MAX;
}

void mml_past_mappings(struct mml_past *past, struct mml_root *root, const struct mml_facts *now)
{
	struct counting c = { .root = root, .now = now, .past = past };

	if (!now->processes || !now->processes->nrows)
		return;
	if (now->settings.max_map_count > 0) {
		c.least = mml_part((uint64_t)now->settings.max_map_count, MML_LIMIT_MAPPINGS_USED);
		if (c.least && of_all(now->slab) >= c.least)
			look_at_all(&c, past);
	}
	mml_mapped_free(past->mapped, past->nmapped);
	past->mapped = c.found;
	past->nmapped = c.n;
	mml_buf_free(&c.buf);
}
