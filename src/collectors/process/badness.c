/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>

#include "../memory/meminfo.h"
#include "../memory/whose.h"

enum { ADJ_MIN = -1000 };

struct badness {
	uint64_t page_size;
	int64_t total; /* pages of RAM and swap; 0: not known */
	int new_rule;  /* Linux 5.9 or newer: 1, 0, or -1 if that is not known */
};

static int read_machine(struct mml_scan *scan, struct mml_table *table, struct badness *b)
{
	uint64_t ram, swap, sum;
	struct mml_whose whose;
	struct mml_span text;

	*b = (struct badness){ .page_size = scan->take->host->page_size,
			       .new_rule = mml_host_since(scan->take->host, 5, 9) };
	if (mml_whose_meminfo(scan->take, &whose))
		return -ENOMEM;
	if (whose.is != MML_WHOSE_OTHER && !mml_take_filef(scan->take, &text, "/proc/meminfo") &&
	    mml_meminfo_bytes(text, "MemTotal", &ram) &&
	    mml_meminfo_bytes(text, "SwapTotal", &swap) && !__builtin_add_overflow(ram, swap, &sum))
		b->total = (int64_t)(sum / b->page_size);
	if (!b->total)
		mml_table_why(table, PROCESSES_badness,
			      "what the machine has of memory and swap is not known, of which "
			      "oom_score_adj is a share", NULL);
	return 0;
}

/*
 * Since 5.9 oom_score is above 0 for everything that can be killed, unless its oom_score_adj is next
 * to the lowest. Init, what was killed and reaped already, and a child of vfork() that runs on its
 * parent's memory have 0. Before, small processes had 0, too, and only init is known to be exempt.
 */
static bool is_exempt(const struct badness *b, const struct mml_process *p, int64_t adj)
{
	const struct mml_row *row = p->row;

	if (p->kthread || adj == ADJ_MIN)
		return true;
	if (b->new_rule == 1 && mml_has(row, PROCESSES_oom_score))
		return !row->cell[PROCESSES_oom_score].u64 && adj >= ADJ_MIN + 2;
	return p->pid == 1;
}

/* oom_badness() of mm/oom_kill.c: rss, swap entries and page tables, in pages, and for each of 1000
 * points of oom_score_adj a thousandth of what there is. */
static void set_badness(const struct badness *b, const struct mml_process *p)
{
	static const unsigned parts[] = { PROCESSES_rss, PROCESSES_swap, PROCESSES_page_tables };
	struct mml_row *row = p->row;
	int64_t points = 0, adj;

	if (!p->has_mm || !mml_has(row, PROCESSES_oom_score_adj))
		return;
	adj = row->cell[PROCESSES_oom_score_adj].i64;
	if (is_exempt(b, p, adj) || (adj && !b->total))
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!mml_has(row, parts[i]))
			return;
		points += (int64_t)(row->cell[parts[i]].u64 / b->page_size);
	}
	points += adj * (b->total / 1000);
	if (!b->new_rule && points < 1)
		points = 1;
	mml_set_i64(row, PROCESSES_badness, points);
}

int mml_process_badness(struct mml_scan *scan, struct mml_table *table)
{
	const unsigned takes = NEEDS_OOM | NEEDS_STATUS;
	struct badness b;

	if ((scan->needs & takes) != takes)
		return 0;
	if (read_machine(scan, table, &b))
		return -ENOMEM;
	for (size_t i = 0; i < scan->n; i++)
		if (!scan->processes[i].gone)
			set_badness(&b, &scan->processes[i]);
	return 0;
}
