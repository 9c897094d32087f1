/* Rules about what the kernel has for itself, slab apart. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "finder.h"

/* A field of meminfo that is large; false if it is not, or is not this machine's. */
static bool large(struct mml_finder *f, const char *field, unsigned percent, uint64_t *ret)
{
	if (!mml_find_sums(f) || !f->total || !mml_fact_meminfo(f->now, field, ret) ||
	    *ret < mml_part(f->total, percent))
		return false;
	mml_find_number(f, field, *ret);
	mml_find_number(f, "MemTotal", f->total);
	return true;
}

static void page_tables(struct mml_finder *f)
{
	uint64_t bytes;

	if (large(f, "PageTables", MML_LIMIT_TABLES, &bytes))
		mml_find(f, MML_FINDING_PAGE_TABLES, MML_NOTE, NULL,
			 "page tables of processes take %s of %s (%.1f %%)",
			 mml_find_size(f, (double)bytes), mml_find_size(f, (double)f->total),
			 mml_percent((double)bytes, f->total));
}

/* Groups that were removed and still hold something, below the one that is mounted. */
static void dying_groups(struct mml_finder *f)
{
	const struct mml_group *root = f->past->groups.n ? f->past->groups.list : NULL;

	if (!root || !mml_group_has(root, MML_GROUP_DYING) || !root->value[MML_GROUP_DYING])
		return;
	mml_find_number(f, "nr_dying_descendants", root->value[MML_GROUP_DYING]);
	mml_find_number(f, "groups", f->past->groups.n);
	mml_find_why(f, "%" PRIu64 " control groups were removed and still hold memory, beside %zu that are there.",
		     root->value[MML_GROUP_DYING], f->past->groups.n);
}

static void percpu(struct mml_finder *f)
{
	uint64_t bytes;

	if (!large(f, "Percpu", MML_LIMIT_PERCPU_SHARE, &bytes))
		return;
	dying_groups(f);
	mml_find(f, MML_FINDING_PERCPU, MML_NOTE, NULL,
		 "counters of each CPU take %s of %s (%.1f %%)",
		 mml_find_size(f, (double)bytes), mml_find_size(f, (double)f->total),
		 mml_percent((double)bytes, f->total));
}

static void stacks(struct mml_finder *f)
{
	uint64_t bytes;

	if (large(f, "KernelStack", MML_LIMIT_STACKS, &bytes))
		mml_find(f, MML_FINDING_THREADS, MML_NOTE, "stacks",
			 "stacks of threads take %s of %s (%.1f %%)",
			 mml_find_size(f, (double)bytes), mml_find_size(f, (double)f->total),
			 mml_percent((double)bytes, f->total));
}

/* Each thread needs a number of its own, so both limits count. */
static void threads(struct mml_finder *f)
{
	const struct mml_fact_settings *s = &f->now->settings;
	bool by_pid = s->pid_max > 0 && (s->threads_max <= 0 || s->pid_max < s->threads_max);
	int64_t most = by_pid ? s->pid_max : s->threads_max;

	if (s->threads <= 0 || most <= 0 ||
	    (uint64_t)s->threads < mml_part((uint64_t)most, MML_LIMIT_THREADS_USED))
		return;
	mml_find_number(f, "threads", (uint64_t)s->threads);
	mml_find_number(f, by_pid ? "kernel.pid_max" : "kernel.threads-max", (uint64_t)most);
	mml_find(f, MML_FINDING_THREADS, MML_WARNING, NULL,
		 "%" PRId64 " of at most %" PRId64 " threads are there (kernel.%s): beyond that nothing can be started",
		 s->threads, most, by_pid ? "pid_max" : "threads-max");
}

/* Processes are looked at less often than the rest: what is said of them is as of that look. */
static void mappings(struct mml_finder *f)
{
	uint64_t most = (uint64_t)f->now->settings.max_map_count;

	for (size_t i = 0; i < f->past->nmapped; i++) {
		const struct mml_mapped *p = &f->past->mapped[i];
		const char *who = mml_arena_printf(f->arena, "%s %" PRIu64, p->comm, p->pid);

		f->failed |= !who;
		if (f->failed)
			return;
		mml_find_number(f, "mappings", p->n);
		mml_find_number(f, "vm.max_map_count", most);
		mml_find_look(f, NULL, NULL, mml_arena_printf(f->arena, "pid = %" PRIu64, p->pid));
		mml_find(f, MML_FINDING_MAPPINGS, MML_WARNING, who,
			 "%s has %" PRIu64 " of at most %" PRIu64 " mappings: beyond that it gets no memory",
			 who, p->n, most);
	}
}

/* The row is there where the balance can tell. */
static void sockets(struct mml_finder *f)
{
	const struct mml_table *t = f->now->balance;
	const struct mml_row *row = mml_look_row(t, "item", "sockets", NULL, NULL);
	double bytes = row ? mml_look_num(t, row, "bytes") : (double)NAN;

	if (!mml_find_sums(f) || !f->total ||
	    !(bytes >= (double)mml_part(f->total, MML_LIMIT_SOCKET_SHARE)))
		return;
	mml_find_number(f, "sockets", (uint64_t)bytes);
	mml_find_number(f, "MemTotal", f->total);
	mml_find(f, MML_FINDING_SOCKETS, MML_NOTE, NULL, "network buffers take %s of %s (%.1f %%)",
		 mml_find_size(f, bytes), mml_find_size(f, (double)f->total),
		 mml_percent(bytes, f->total));
}

/* Pins are counted, so a page that is pinned twice counts twice. */
static void pinned(struct mml_finder *f)
{
	uint64_t acquired, released, bytes;

	if (!mml_find_sums(f) || !f->total ||
	    !mml_fact_counter(f->now, MML_FACT_PIN_ACQUIRED, &acquired) ||
	    !mml_fact_counter(f->now, MML_FACT_PIN_RELEASED, &released) || acquired < released ||
	    __builtin_mul_overflow(acquired - released, f->now->page_size, &bytes) ||
	    bytes > f->total || bytes < mml_part(f->total, MML_LIMIT_PINNED_SHARE))
		return;
	mml_find_number(f, "nr_foll_pin_acquired", acquired);
	mml_find_number(f, "nr_foll_pin_released", released);
	mml_find(f, MML_FINDING_PINNED, MML_NOTE, NULL,
		 "up to %s of %s (%.1f %%) is pinned for devices",
		 mml_find_size(f, (double)bytes), mml_find_size(f, (double)f->total),
		 mml_percent((double)bytes, f->total));
}

void mml_rules_kernel(struct mml_finder *f)
{
	page_tables(f);
	percpu(f);
	stacks(f);
	threads(f);
	mappings(f);
	sockets(f);
	pinned(f);
}
