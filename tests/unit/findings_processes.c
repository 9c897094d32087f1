/* Findings about processes that wait: where somebody watches reclaim or swap, from both sides of each
 * threshold. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include "../../src/bpf/reclaim.h"
#include "../../src/bpf/swapping.h"

static struct mml_trace_head head = {
	.magic = MML_TRACE_MAGIC,
	.order = MML_TRACE_ORDER,
	.version = MML_TRACE_VERSION,
	.page_size = 4096,
	.living = 1,
	.traced_ns = UINT64_C(10000000000),
};

static void save(enum mml_trace_kind kind, const char *path, const void *row, size_t size)
{
	char bytes[sizeof(head) + sizeof(struct mml_reclaim_row)];

	head.kind = kind;
	head.length = size;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), row, size);
	tree_bytes(&t, path, bytes, sizeof(head) + size);
}

static void write_reclaim(enum mml_reclaim_kind kind, uint64_t count, uint64_t ms)
{
	struct mml_reclaim_row row = { .owner = { .tgid = 7, .start = 100, .comm = "worker" } };

	row.counts.kinds[kind] = (struct mml_reclaim_sum){ .count = count, .ns = ms * 1000000 };
	row.counts.kinds[kind].times[10] = count;
	save(MML_TRACE_RECLAIM, "/mmlens/reclaim", &row, sizeof(row));
}

static void write_swapping(__u32 pid, uint64_t in, uint64_t out)
{
	struct mml_swapping_row row = { .owner = { .tgid = pid, .start = 100, .comm = "java" },
					.counts = { .in = in, .out = out } };

	save(MML_TRACE_SWAPPING, "/mmlens/swapping", &row, sizeof(row));
}

/* A look, and ten seconds later one at what is in the tree when WRITE has been called again. */
static struct mml_table *later(const struct machine *m, const struct mml_past *past)
{
	struct mml_facts facts;

	machine_write(&t, m);
	facts = look(20);
	return judge(&facts, past);
}

static void begin(const struct machine *m, struct mml_past *past)
{
	struct mml_facts facts;

	machine_write(&t, m);
	facts = look(10);
	*past = (struct mml_past){ 0 };
	mml_past_add(past, &facts);
}

static struct mml_table *reclaimed(enum mml_reclaim_kind kind, uint64_t count, uint64_t ms)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_table *found;
	struct mml_past past;

	write_reclaim(kind, 10, 3000); /* earlier, which is no longer so */
	begin(&m, &past);
	write_reclaim(kind, 10 + count, 3000 + ms);
	found = later(&m, &past);
	mml_past_free(&past);
	return found;
}

static struct mml_table *swapped(__u32 pid, uint64_t in, uint64_t out, double some, uint64_t stalls)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_table *found;
	struct mml_past past;

	m.some = some;
	write_swapping(pid, 5000, 5000);
	begin(&m, &past);
	write_swapping(pid, 5000 + in, 5000 + out);
	m.allocstall = stalls;
	found = later(&m, &past);
	mml_past_free(&past);
	return found;
}

static void test_reclaim(void)
{
	severity_is(reclaimed(MML_RECLAIM_DIRECT, 40, 499), "process-reclaims", "");
	severity_is(reclaimed(MML_RECLAIM_DIRECT, 40, 500), "process-reclaims", "warning");
	cell_has(reclaimed(MML_RECLAIM_DIRECT, 40, 500), "process-reclaims", "text",
		 "worker 7 spends 5 % of the time on freeing memory for itself, 4 times a second");
	cell_has(reclaimed(MML_RECLAIM_MEMCG, 40, 1000), "process-reclaims", "text",
		 "of its control group");
	severity_is(reclaimed(MML_RECLAIM_COMPACT, 40, 500), "process-reclaims", "warning");
	severity_is(reclaimed(MML_RECLAIM_THROTTLED, 40, 500), "process-reclaims", "warning");
	/* kswapd works for all. */
	severity_is(reclaimed(MML_RECLAIM_KSWAPD, 40, 9000), "process-reclaims", "");
}

static void test_swap(void)
{
	/* 1 MiB/s for ten seconds are 2560 pages. */
	severity_is(swapped(9, 2560, 2560, 1, 0), "process-thrashes", "warning");
	cell_has(swapped(9, 2560, 5120, 1, 0), "process-thrashes", "text",
		 "of java 9 2.0M a second goes out to swap while 1.0M comes back");
	severity_is(swapped(9, 2559, 2560, 1, 0), "process-thrashes", "");
	severity_is(swapped(9, 2560, 2559, 1, 0), "process-thrashes", "");
	severity_is(swapped(9, 2560, 2560, 0.99, 0), "process-thrashes", "");
	severity_is(swapped(9, 2560, 2560, -1, 9), "process-thrashes", "");
	severity_is(swapped(9, 2560, 2560, -1, 10), "process-thrashes", "warning");
	severity_is(swapped(0, 2560, 2560, 1, 0), "process-thrashes", ""); /* the machine */
}

/* Nobody watches, or nobody did at the look before. */
static void test_silence(void)
{
	struct machine m = machine_well(16 * GIB);
	struct mml_past past;

	begin(&m, &past);
	severity_is(later(&m, &past), "process-reclaims", "");
	write_reclaim(MML_RECLAIM_DIRECT, 4000, 9000);
	write_swapping(9, 100000, 100000);
	m.some = 50;
	severity_is(later(&m, &past), "process-reclaims", "");
	severity_is(later(&m, &past), "process-thrashes", "");
	mml_past_free(&past);
}

int main(void)
{
	arena = mml_arena_new();
	tree_new(&t);
	tree_file(&t, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	if (!tree_table(&t, "findings")) {
		tap_skip("trees need openat2(), Linux 5.6");
	} else {
		test_silence();
		test_reclaim();
		test_swap();
	}
	tree_free(&t);
	mml_arena_free(arena);
	return tap_done();
}
