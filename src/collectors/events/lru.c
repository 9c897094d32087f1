/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../../bpf/lru.h"
#include "observe.h"
#include "trace.h"

/* clang-format off */
#define LRU_COLUMNS(C, R) \
	C(node,      "NODE",   U64, KEY,     NONE,  FIRST,  0, "the page's node", "Number of the node.") \
	C(kind,      "KIND",   STR, KEY,     NONE,  FIRST,  0, "PG_swapbacked, PG_unevictable", "anon: anonymous and shared memory, which takes swap; file: page cache; unevictable: locked, or not to be reclaimed.") \
	C(inserted,  "INSERTED", U64, COUNTER, BYTES, FIRST, 0, "pagemap:mm_lru_insertion", "Memory that came to the lists since the observation began: it was allocated, read, or taken off for a while.") \
	R(inserted_rate, "INS/S", F64, RATE, BYTES, MAIN,   inserted, "The same per second; in the first sample over the whole observation.") \
	C(activated, "ACTIVATED", U64, COUNTER, BYTES, FIRST, 0, "pagemap:mm_lru_activate", "Memory that was found in use and went from the inactive to the active list. Where generations take the place of these (MGLRU), what is in use moves on without being counted.") \
	R(activated_rate, "ACT/S", F64, RATE, BYTES, MORE,  activated, "The same per second.") \
	C(deactivated, "DEACTIVATED", U64, COUNTER, BYTES, FIRST, 0, "vmscan:mm_vmscan_lru_shrink_active", "Memory that reclaim put from the active to the inactive list; none where there are generations.") \
	R(deactivated_rate, "DEACT/S", F64, RATE, BYTES, MORE, deactivated, "The same per second.") \
	C(refaulted, "REFAULTED", U64, COUNTER, BYTES, FIRST, 0, "nodeN/vmstat workingset_refault_*", "Memory that came back after it had been reclaimed.") \
	R(refaulted_rate, "REF/S", F64, RATE, BYTES, MAIN,  refaulted, "The same per second.") \
	C(too_early, "TOOEARLY", U64, COUNTER, BYTES, MAIN, 0, "nodeN/vmstat workingset_activate_*", "Of that, what came back so soon that it would have stayed, had other memory of its kind been reclaimed instead.")
/* clang-format on */

#define MML_TABLE_OF LRU
#include "../../core/columns.h"

static const char path[] = "/mmlens/lru";

static void set_rate(struct mml_row *row, unsigned col, uint64_t count, const struct mml_trace_head *head)
{
	if (!head->reads && head->traced_ns)
		mml_set_f64(row, col, (double)count * 1e9 / (double)head->traced_ns);
}

/* Sets COL to PAGES in bytes, and RATE to that per second. */
static void set(struct mml_row *row, unsigned col, unsigned rate, uint64_t pages,
		const struct mml_trace_head *head)
{
	uint64_t bytes = pages * head->page_size;

	mml_set_u64(row, col, bytes);
	set_rate(row, rate, bytes, head);
}

static int add_row(struct mml_table *table, const struct mml_lru_row *from,
		   const struct mml_trace_head *head)
{
	static const char *const kinds[MML_LRU_KINDS] = { "anon", "file", "unevictable" };
	struct mml_row *row;

	if (from->kind >= MML_LRU_KINDS)
		return -EBADMSG;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, LRU_node, from->node);
	mml_set_str(row, LRU_kind, kinds[from->kind]);
	set(row, LRU_inserted, LRU_inserted_rate, from->counts.inserted, head);
	if (from->kind == MML_LRU_UNEVICTABLE)
		return 0;
	set(row, LRU_activated, LRU_activated_rate, from->counts.activated, head);
	set(row, LRU_deactivated, LRU_deactivated_rate, from->counts.deactivated, head);
	set(row, LRU_refaulted, LRU_refaulted_rate, from->refaulted, head);
	mml_set_u64(row, LRU_too_early, from->back * head->page_size);
	return 0;
}

static int add_rows(struct mml_table *table, struct mml_span bytes)
{
	struct mml_trace_head head;
	struct mml_lru_row row;
	const char *at = bytes.p + sizeof(head);
	int rc = mml_trace_check(bytes.p, mml_span_len(bytes), MML_TRACE_LRU, &head);

	if (!rc && (head.length % sizeof(row) || head.living != head.length / sizeof(row)))
		rc = -EBADMSG;
	if (rc)
		return rc;
	for (; at < bytes.end && !rc; at += sizeof(row)) {
		memcpy(&row, at, sizeof(row));
		rc = add_row(table, &row, &head);
	}
	mml_table_why(table, LRU_activated, "what is not evictable is on one list", NULL);
	mml_table_why(table, LRU_deactivated, "what is not evictable is on one list", NULL);
	mml_table_why(table, LRU_refaulted, "what is not evictable is not reclaimed", NULL);
	mml_table_why(table, LRU_too_early, "what is not evictable is not reclaimed", NULL);
	mml_observe_note(table, &head, "events of the lists");
	return rc;
}

static void lru_begin(struct mml_take *take, const struct mml_query *query)
{
	bool started;

	if (mml_root_live(take->root))
		mml_observe_begin(query, query->reading.state, MML_TRACE_LRU, NULL, &started);
}

static int lru_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct mml_span bytes;
	int rc = mml_observe(take, query, MML_TRACE_LRU, path, ret, &bytes);

	if (rc)
		return rc;
	rc = add_rows(ret, bytes);
	return rc && !ret->error ? mml_observe_bad(ret, path, rc) : ret->error;
}

static int lru_probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_observe_probe(root, MML_TRACE_LRU, path, ret);
}

static const struct mml_source sources[] = {
	{ "BPF: pagemap:mm_lru_*, vmscan:mm_vmscan_lru_shrink_active", NULL, NULL, lru_probe },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_lru = {
	.schema = { .name = "lru",
		    .help = "A node and a kind of memory: what comes to the kernel's lists, moves on "
			    "them, and comes back after it was reclaimed, while it is watched.",
		    MML_COLUMNS(LRU),
		    .sort = "node,kind" },
	.sources = sources,
	.observes = true,
	.begin = lru_begin,
	.collect = lru_collect,
	.keep = mml_observer_new,
	.release = mml_observer_free,
};
