/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trouble.h"

/* What a collector keeps from sample to sample. */
struct kept {
	struct kept *next;
	const struct mml_collector *collector;
	void *state;
};

struct mml_sampler {
	struct mml_root *root;
	struct mml_snapshot *previous;
	struct kept *kept;
};

struct mml_sampler *mml_sampler_new(struct mml_root *root)
{
	struct mml_sampler *sampler = mml_calloc(1, sizeof(*sampler));

	if (sampler)
		sampler->root = root;
	return sampler;
}

void mml_sampler_free(struct mml_sampler *sampler)
{
	if (!sampler)
		return;
	mml_sampler_reset(sampler);
	free(sampler);
}

/* Sets RET to what COLLECTOR keeps, or NULL if it keeps nothing. Returns 0 or -ENOMEM. */
static int sampler_state(struct mml_sampler *sampler, const struct mml_collector *collector,
			 void **ret)
{
	struct kept *kept = sampler->kept;

	*ret = NULL;
	if (!collector->keep)
		return 0;
	while (kept && kept->collector != collector)
		kept = kept->next;
	if (!kept) {
		kept = mml_calloc(1, sizeof(*kept));
		if (!kept)
			return -ENOMEM;
		kept->state = collector->keep(sampler->root);
		if (!kept->state) {
			free(kept);
			return -ENOMEM;
		}
		kept->collector = collector;
		kept->next = sampler->kept;
		sampler->kept = kept;
	}
	*ret = kept->state;
	return 0;
}

void mml_sampler_reset(struct mml_sampler *sampler)
{
	struct kept *next;

	mml_snapshot_put(sampler->previous);
	sampler->previous = NULL;
	for (struct kept *kept = sampler->kept; kept; kept = next) {
		next = kept->next;
		kept->collector->release(kept->state);
		free(kept);
	}
	sampler->kept = NULL;
}

static uint64_t hash_bytes(uint64_t h, const void *p, size_t len)
{
	const unsigned char *c = p;

	for (; len; len--, c++)
		h = (h ^ *c) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t row_hash(const struct mml_schema *schema, const struct mml_row *row)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (unsigned i = 0; i < schema->ncolumns; i++) {
		if (schema->columns[i].kind != MML_KEY || !mml_has(row, i))
			continue;
		if (schema->columns[i].type == MML_STR)
			h = hash_bytes(h, row->cell[i].str, strlen(row->cell[i].str) + 1);
		else
			h = hash_bytes(h, &row->cell[i], sizeof(row->cell[i]));
	}
	return h ^ h >> 32;
}

static bool same_keys(const struct mml_schema *schema, const struct mml_row *a,
		      const struct mml_row *b)
{
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		if (schema->columns[i].kind != MML_KEY)
			continue;
		if (mml_has(a, i) != mml_has(b, i))
			return false;
		if (!mml_has(a, i))
			continue;
		if (schema->columns[i].type == MML_STR ? strcmp(a->cell[i].str, b->cell[i].str) != 0 :
							 a->cell[i].u64 != b->cell[i].u64)
			return false;
	}
	return true;
}

/* Rows with the same keys, such as two caches of one name, are matched in their order. */
const struct mml_row **mml_table_match(struct mml_arena *arena, const struct mml_table *table,
				       const struct mml_table *base)
{
	const struct mml_row **ret = mml_arena_alloc(arena, (table->nrows + 1) * sizeof(*ret));
	size_t slots = 16;
	uint32_t *map; /* row of base + 1; 0: free; UINT32_MAX: matched already */

	while (slots < base->nrows * 2)
		slots *= 2;
	map = mml_calloc(slots, sizeof(*map));
	if (!ret || !map) {
		free(map);
		return NULL;
	}
	for (size_t i = 0; i < base->nrows; i++) {
		size_t at = row_hash(base->schema, mml_table_row(base, i)) & (slots - 1);

		while (map[at])
			at = (at + 1) & (slots - 1);
		map[at] = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		size_t at = row_hash(table->schema, row) & (slots - 1);

		for (; map[at]; at = (at + 1) & (slots - 1)) {
			const struct mml_row *old;

			if (map[at] == UINT32_MAX)
				continue;
			old = mml_table_row(base, map[at] - 1);
			if (same_keys(table->schema, row, old)) {
				ret[i] = old;
				map[at] = UINT32_MAX;
				break;
			}
		}
	}
	free(map);
	return ret;
}

bool mml_cell_change(const struct mml_column *col, unsigned id, const struct mml_row *now,
		     const struct mml_row *base, double *ret)
{
	bool may_fall = col->kind != MML_COUNTER || now->levels;

	if (!mml_has(now, id) || !mml_has(base, id) || mml_at_least(now, id) ||
	    mml_at_least(base, id))
		return false;
	switch (col->type) {
	case MML_U64:
		if (!may_fall && now->cell[id].u64 < base->cell[id].u64)
			return false;
		*ret = now->cell[id].u64 >= base->cell[id].u64 ?
			       (double)(now->cell[id].u64 - base->cell[id].u64) :
			       -(double)(base->cell[id].u64 - now->cell[id].u64);
		return true;
	case MML_I64:
		if (!may_fall && now->cell[id].i64 < base->cell[id].i64)
			return false;
		*ret = (double)now->cell[id].i64 - (double)base->cell[id].i64;
		return true;
	case MML_F64:
		if (!may_fall && now->cell[id].f64 < base->cell[id].f64)
			return false;
		*ret = now->cell[id].f64 - base->cell[id].f64;
		return true;
	default:
		return false;
	}
}

static void fill_row(const struct mml_schema *schema, struct mml_row *row,
		     const struct mml_row *base, uint64_t interval_ns)
{
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		const struct mml_column *col = &schema->columns[i];
		double per = 1e9, change;

		if (col->of < 0 || !mml_cell_change(&schema->columns[col->of], (unsigned)col->of,
						    row, base, &change))
			continue;
		/* The change of a time within a time is a share in percent. */
		if (col->unit == MML_PERCENT && schema->columns[col->of].unit == MML_NSEC)
			per = 100;
		if (col->kind == MML_RATE)
			mml_set_f64(row, i, change * per / (double)interval_ns);
		else if (col->type == MML_F64)
			mml_set_f64(row, i, change);
		else if (change > -0x1p63 && change < 0x1p63)
			mml_set_i64(row, i, (int64_t)change);
	}
}

static bool has_changes(const struct mml_schema *schema)
{
	for (size_t i = 0; i < schema->ncolumns; i++)
		if (schema->columns[i].of >= 0)
			return true;
	return false;
}

/* The moment that the rows of a table are of. */
static uint64_t moment_of(const struct mml_table *table, const struct mml_snapshot *snap)
{
	return table->read_ns ? table->read_ns : snap->time.mono_ns;
}

static int fill_changes(struct mml_snapshot *snap, const struct mml_snapshot *previous)
{
	for (size_t t = 0; t < snap->ntables; t++) {
		struct mml_table *table = snap->tables[t];
		const struct mml_table *old =
			mml_snapshot_table(previous, table->schema->name);
		const struct mml_row **base;
		uint64_t since = old ? moment_of(old, previous) : 0;
		uint64_t now = moment_of(table, snap);

		/* What was not read anew has not changed. */
		if (!old || !has_changes(table->schema) || now <= since)
			continue;
		base = mml_table_match(snap->arena, table, old);
		if (!base)
			return -ENOMEM;
		for (size_t i = 0; i < table->nrows; i++)
			if (base[i])
				fill_row(table->schema, mml_table_row(table, i), base[i],
					 now - since);
	}
	return 0;
}

/* Nothing of what was before another boot, or of another machine, can be set against what is now. */
static bool other_boot(const struct mml_snapshot *previous, const struct mml_host *now)
{
	const char *before = previous ? previous->host.boot_id : NULL;

	return before && now->boot_id && strcmp(before, now->boot_id) != 0;
}

int mml_sampler_take(struct mml_sampler *sampler, const struct mml_query *queries, size_t n,
		     struct mml_snapshot **ret)
{
	struct mml_snapshot *snap = NULL;
	struct mml_query *own = mml_calloc(n + 1, sizeof(*own));
	int rc = own ? 0 : -ENOMEM;

	if (other_boot(sampler->previous, mml_root_host(sampler->root)))
		mml_sampler_reset(sampler);
	for (size_t i = 0; i < n && !rc; i++) {
		own[i] = queries[i];
		rc = sampler_state(sampler, queries[i].collector, &own[i].reading.state);
	}
	if (!rc)
		rc = mml_snapshot_take(sampler->root, own, n, &snap);
	free(own);
	if (rc)
		return rc;
	/* In a captured tree the same moment may come again. It has no rates, because no time has
	 * passed. */
	if (sampler->previous && snap->time.mono_ns > sampler->previous->time.mono_ns) {
		snap->interval_ns = snap->time.mono_ns - sampler->previous->time.mono_ns;
		rc = fill_changes(snap, sampler->previous);
		if (rc) {
			mml_snapshot_put(snap);
			return rc;
		}
	}
	mml_snapshot_put(sampler->previous);
	sampler->previous = mml_snapshot_get(snap);
	*ret = snap;
	return 0;
}
