/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../collectors/registry.h"
#include "../collectors/zones/zoneinfo.h"
#include "../core/unit.h"

static const struct {
	const char *name;
	bool summed;
} counters[] = {
#define X(id, ...) { __VA_ARGS__ },
	MML_FACT_COUNTERS(X)
#undef X
};

/* "allocstall_dma32" belongs to "allocstall", and "allocstallx" does not. "pgscan_direct_throttle"
 * counts tasks and no pages. */
static bool counter_is(size_t i, const char *name)
{
	size_t len = strlen(counters[i].name);

	if (strncmp(name, counters[i].name, len))
		return false;
	return !name[len] || (counters[i].summed && name[len] == '_' &&
			      strcmp(name + len, "_throttle"));
}

/* A level of the kernel's that went below 0 is written as a number near 2^64. Counters of events are
 * far from that. */
static bool gone_below(uint64_t value)
{
	return value >> 63;
}

static void count(const struct mml_table *vmstat, struct mml_counters *ret)
{
	*ret = (struct mml_counters){ 0 };
	for (size_t r = 0; r < vmstat->nrows; r++) {
		const struct mml_row *row = mml_table_row(vmstat, r);

		const char *name = mml_look_str(vmstat, row, "name");
		uint64_t value;

		if (!name || !mml_look_u64(vmstat, row, "value", &value))
			continue;
		for (size_t i = 0; i < MML_FACTS; i++)
			if (*name == *counters[i].name && counter_is(i, name)) {
				ret->value[i] += value;
				ret->has |= UINT64_C(1) << i;
				ret->wrapped |= (uint64_t)gone_below(value) << i;
			}
	}
}

static int64_t setting(struct mml_take *take, const char *path)
{
	uint64_t v;

	return !mml_take_number(take, &v, "%s", path) && v <= INT64_MAX ? (int64_t)v : -1;
}

/* 0.52 0.58 0.59 2/1234 5678: of 1234 threads 2 run */
static int64_t count_threads(struct mml_take *take)
{
	struct mml_span text, token = { 0 }, running;
	uint64_t threads;

	if (mml_take_file(take, NULL, "/proc/loadavg", &text))
		return -1;
	for (int i = 0; i < 4; i++)
		if (!mml_next_token(&text, &token))
			return -1;
	if (!mml_next_field(&token, '/', &running) || mml_parse_u64(token, &threads) ||
	    threads > INT64_MAX)
		return -1;
	return (int64_t)threads;
}

/* Whether any pool has pages. Before 4.19 meminfo told of the default size only. */
static bool has_pools(const struct mml_facts *facts)
{
	uint64_t size;

	return !mml_fact_meminfo(facts, "Hugetlb", &size) || size;
}

/* Whether some node of several is below low: only then one may be full while others are not. */
static bool has_low_node(const struct mml_table *zones)
{
	uint64_t first = 0, node;
	bool low = false, several = false;

	for (size_t i = 0; i < zones->nrows; i++) {
		const struct mml_row *row = mml_table_row(zones, i);
		int state = mml_look_word(zones, row, "class_state");

		if (!mml_look_u64(zones, row, "node", &node))
			continue;
		first = i ? first : node;
		several |= node != first;
		low |= state >= 0 && state <= MML_ZONE_BELOW_LOW;
	}
	return several && low;
}

/* Only what the snapshot has before the findings: watching for them alone would take its time, and a
 * recording must say what was said then. */
static const struct mml_table *take_watched(struct mml_take *take,
					    const struct mml_collector *collector)
{
	if (take->snap)
		return mml_snapshot_table(take->snap, collector->schema.name);
	return mml_root_live(take->root) ? NULL : mml_take_table(take, collector);
}

static int take_large(struct mml_take *take, bool processes, struct mml_facts *ret)
{
	uint64_t begun = mml_now_ns();

	if (take->snap)
		ret->processes = mml_snapshot_table(take->snap, "processes");
	if (!ret->processes && processes) {
		ret->processes = mml_take_columns(take, &mml_collector_processes, "rss_anon");
		ret->processes_cost_ns = mml_now_ns() - begun;
		if (!ret->processes)
			return -ENOMEM;
	}
	ret->reclaim = take_watched(take, &mml_collector_reclaim);
	ret->swapping = take_watched(take, &mml_collector_swapping);
	if (has_pools(ret)) {
		ret->hugepages = mml_take_table(take, &mml_collector_hugepages);
		if (!ret->hugepages)
			return -ENOMEM;
	}
	if (has_low_node(ret->zones)) {
		ret->nodes = mml_take_table(take, &mml_collector_nodes);
		if (!ret->nodes)
			return -ENOMEM;
	}
	return 0;
}

int mml_facts_take(struct mml_take *take, bool processes, struct mml_facts *ret)
{
	*ret = (struct mml_facts){
		.time_ns = take->snap ? take->snap->time.mono_ns : 0,
		.page_size = take->host->page_size,
		.vmstat = mml_take_table(take, &mml_collector_vmstat),
		.meminfo = mml_take_table(take, &mml_collector_meminfo),
		.zones = mml_take_table(take, &mml_collector_zones),
		.buddy = mml_take_table(take, &mml_collector_buddy),
		.slab = mml_take_table(take, &mml_collector_slab),
		.psi = mml_take_table(take, &mml_collector_psi),
		.swaps = mml_take_table(take, &mml_collector_swaps),
		.balance = mml_take_table(take, &mml_collector_balance),
		.shmem = mml_take_table(take, &mml_collector_shmem),
		.settings = {
			.overcommit = setting(take, "/proc/sys/vm/overcommit_memory"),
			.threads_max = setting(take, "/proc/sys/kernel/threads-max"),
			.pid_max = setting(take, "/proc/sys/kernel/pid_max"),
			.max_map_count = setting(take, "/proc/sys/vm/max_map_count"),
			.threads = count_threads(take),
		},
	};
	if (!ret->vmstat || !ret->meminfo || !ret->zones || !ret->buddy || !ret->slab || !ret->psi ||
	    !ret->swaps || !ret->balance || !ret->shmem)
		return -ENOMEM;
	count(ret->vmstat, &ret->counters);
	return take_large(take, processes, ret) ? -ENOMEM : mml_whose_meminfo(take, &ret->whose);
}

bool mml_fact_meminfo(const struct mml_facts *facts, const char *name, uint64_t *ret)
{
	const struct mml_table *table = facts->meminfo;
	const struct mml_row *row = mml_look_row(table, "name", name, NULL, NULL);

	if (!row)
		return false;
	if (!mml_look_u64(table, row, "bytes", ret) && !mml_look_u64(table, row, "value", ret))
		return false;
	return *ret < UINT64_C(1) << 57;
}

bool mml_fact_counter(const struct mml_facts *facts, enum mml_fact_counter counter, uint64_t *ret)
{
	*ret = facts->counters.value[counter];
	return (facts->counters.has & ~facts->counters.wrapped) >> counter & 1;
}

const char *mml_fact_name(enum mml_fact_counter counter)
{
	return counters[counter].name;
}

static bool counted(const struct mml_counters *c, enum mml_fact_counter counter)
{
	return (c->has & ~c->wrapped) >> counter & 1;
}

double mml_fact_change(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_fact_counter counter)
{
	if (!past->time_ns || now->time_ns <= past->time_ns || !counted(&now->counters, counter) ||
	    !counted(&past->counters, counter) ||
	    now->counters.value[counter] < past->counters.value[counter])
		return -1;
	return (double)(now->counters.value[counter] - past->counters.value[counter]);
}

double mml_fact_rate(const struct mml_facts *now, const struct mml_past *past,
		     enum mml_fact_counter counter)
{
	double change = mml_fact_change(now, past, counter);

	return change < 0 ? -1 : change * 1e9 / (double)(now->time_ns - past->time_ns);
}

const char *mml_fact_process(const struct mml_facts *facts, const struct mml_row *row,
			     struct mml_arena *arena)
{
	const char *comm = mml_look_str(facts->processes, row, "comm");
	uint64_t pid, started;

	if (!comm || !mml_look_u64(facts->processes, row, "pid", &pid) ||
	    !mml_look_u64(facts->processes, row, "started", &started))
		return NULL;
	return mml_arena_printf(arena, "%" PRIu64 " %" PRIu64 " %s", pid, started, comm);
}

uint64_t mml_fact_private(const struct mml_facts *facts, const struct mml_row *row)
{
	uint64_t anon, swap;

	if (!mml_look_u64(facts->processes, row, "rss_anon", &anon))
		return 0;
	/* What goes to swap is still the process's, where that is read. */
	if (mml_look_u64(facts->processes, row, "swap", &swap))
		anon += swap;
	return anon;
}

/* What is not counted is in the remainder, and says nothing there. */
bool mml_fact_unaccounted(const struct mml_facts *facts, uint64_t *ret)
{
	static const char *const needed[] = { "MemFree", "Active", "Inactive", "Slab" };
	/* No kernel runs without these: where they are 0, it is not a kernel that tells. */
	static const char *const used[] = { "PageTables", "KernelStack" };
	const struct mml_row *row =
		mml_look_row(facts->balance, "item", "unaccounted", NULL, NULL);
	double bytes = row ? mml_look_num(facts->balance, row, "bytes") : (double)NAN;
	uint64_t v;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!mml_fact_meminfo(facts, needed[i], &v))
			return false;
	for (size_t i = 0; i < sizeof(used) / sizeof(*used); i++)
		if (!mml_fact_meminfo(facts, used[i], &v) || !v)
			return false;
	if (mml_fact_meminfo(facts, "Hugepagesize", &v) &&
	    !mml_fact_meminfo(facts, "HugePages_Total", &v))
		return false;
	*ret = bytes > 0 ? (uint64_t)bytes : 0;
	return !isnan(bytes);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mml_program *)a)->name, ((const struct mml_program *)b)->name);
}

static bool is_small(const struct mml_program *program, const struct mml_programs *all)
{
	return program->processes < 2 || !program->private || program->private < all->least;
}

int mml_fact_programs(const struct mml_facts *facts, struct mml_arena *arena,
		      struct mml_programs *ret)
{
	const struct mml_table *t = facts->processes;
	struct mml_program *all = mml_arena_alloc(arena, (t->nrows + 1) * sizeof(*all)), *to = all;
	uint64_t total = 0;
	size_t n = 0;

	if (!all)
		return -ENOMEM;
	mml_fact_meminfo(facts, "MemTotal", &total);
	*ret = (struct mml_programs){ .list = all, .least = total ? total / 200 : UINT64_MAX };
	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *name = mml_look_str(t, row, "comm");

		if (name)
			all[n++] = (struct mml_program){ name, mml_fact_private(facts, row), 1 };
	}
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++) {
		struct mml_program *same = to > all ? to - 1 : NULL;

		if (same && !strcmp(same->name, all[i].name)) {
			same->private += all[i].private;
			same->processes++;
			continue;
		}
		to -= same && is_small(same, ret); /* it is whole now */
		*to++ = all[i];
	}
	to -= to > all && is_small(to - 1, ret);
	ret->n = (size_t)(to - all);
	return 0;
}
