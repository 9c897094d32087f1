/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slab.h"

#include <errno.h>
#include <string.h>

#define MML_COLUMNS_OF SLAB
#include "../../core/columns.h"

static const char path[] = "/proc/slabinfo";

/* Returns the last colon of S that has WORD behind it, or NULL. */
static const char *last_colon(struct mml_span s, const char *word)
{
	struct mml_span rest = s;

	while (rest.p < rest.end) {
		const char *colon = memrchr(rest.p, ':', mml_span_len(rest));

		if (!colon)
			break;
		if (mml_span_starts((struct mml_span){ colon + 1, s.end }, word))
			return colon;
		rest.end = colon;
	}
	return NULL;
}

/* Cuts the last number off S, reading from right to left. Returns false if there is none. */
static bool last_number(struct mml_span *s, uint64_t *ret)
{
	const char *p = s->end, *end;
	uint64_t v = 0, scale = 1;

	while (p > s->p && p[-1] == ' ')
		p--;
	for (end = p; p > s->p && (unsigned char)(p[-1] - '0') < 10; scale *= 10)
		v += (uint64_t)(*--p - '0') * scale;
	if (p == end || (p > s->p && p[-1] != ' '))
		return false;
	/* A number of nineteen digits cannot overflow. */
	if (end - p > 19 && mml_parse_u64((struct mml_span){ p, end }, &v))
		return false;
	s->end = p;
	*ret = v;
	return true;
}

/* Whatever the name is, the last five numbers are not part of it. */
static bool any_name(struct mml_span left, struct mml_slab *ret)
{
	if (!last_number(&left, &ret->pages_per_slab) || !last_number(&left, &ret->objs_per_slab) ||
	    !last_number(&left, &ret->obj_size) || !last_number(&left, &ret->total_objs) ||
	    !last_number(&left, &ret->active_objs))
		return false;
	ret->name = mml_span_trim(left);
	return ret->name.p < ret->name.end;
}

/*
 * slabinfo - version: 2.1
 * dentry             33180  33180    192   42    2 : tunables    0    0    0 : slabdata    790    790      0
 *
 * A name may have blanks and colons in it, so a line is read from its right end. The last " : tunables"
 * is the kernel's own. Debug kernels up to 6.6 append " : globalstat ... : cpustat ...".
 */
int mml_slabinfo_next(struct mml_span *text, struct mml_slab *ret)
{
	struct mml_span line, right;
	const char *tunables, *slabdata;

	do {
		if (!mml_next_line(text, &line))
			return 0;
	} while (line.p == line.end || mml_span_starts(line, "# name ") ||
		 mml_span_starts(line, "slabinfo - version"));
	slabdata = last_colon(line, " slabdata ");
	if (!slabdata)
		return -EINVAL;
	tunables = last_colon((struct mml_span){ line.p, slabdata }, " tunables ");
	if (!tunables)
		return -EINVAL;
	if (!any_name((struct mml_span){ line.p, tunables }, ret))
		return -EINVAL;
	right = (struct mml_span){ tunables + strlen(": tunables "), slabdata };
	if (mml_next_u64(&right, &ret->limit) || mml_next_u64(&right, &ret->batch) ||
	    mml_next_u64(&right, &ret->shared))
		ret->limit = ret->batch = ret->shared = 0;
	right = (struct mml_span){ slabdata + strlen(": slabdata "), line.end };
	if (mml_next_u64(&right, &ret->active_slabs) || mml_next_u64(&right, &ret->slabs))
		return -EINVAL;
	return 1;
}

/* SLAB has tunables for each cache. SLUB has none, and says 0. */
static void set_layout(struct mml_row *row, const struct mml_slab *slab, uint64_t page_size)
{
	uint64_t bytes, objs;

	mml_set_u64(row, SLAB_active_slabs, slab->active_slabs);
	if (slab->pages_per_slab && !(slab->pages_per_slab & (slab->pages_per_slab - 1)))
		mml_set_u64(row, SLAB_order, (uint64_t)__builtin_ctzll(slab->pages_per_slab));
	if (!__builtin_mul_overflow(slab->pages_per_slab, page_size, &bytes) &&
	    !__builtin_mul_overflow(slab->objs_per_slab, slab->obj_size, &objs) && objs <= bytes)
		mml_set_u64(row, SLAB_left_over, bytes - objs);
	if (!slab->limit && !slab->batch)
		return;
	mml_set_u64(row, SLAB_limit, slab->limit);
	mml_set_u64(row, SLAB_batch, slab->batch);
	mml_set_u64(row, SLAB_shared, slab->shared);
}

static int fill(struct mml_row *row, const struct mml_slab *slab, uint64_t page_size)
{
	uint64_t size, used;

	set_layout(row, slab, page_size);

	mml_set_u64(row, SLAB_active_objs, slab->active_objs);
	mml_set_u64(row, SLAB_total_objs, slab->total_objs);
	mml_set_u64(row, SLAB_obj_size, slab->obj_size);
	mml_set_u64(row, SLAB_objs_per_slab, slab->objs_per_slab);
	mml_set_u64(row, SLAB_pages_per_slab, slab->pages_per_slab);
	mml_set_u64(row, SLAB_slabs, slab->slabs);
	if (__builtin_mul_overflow(slab->slabs, slab->pages_per_slab, &size) ||
	    __builtin_mul_overflow(size, page_size, &size) ||
	    __builtin_mul_overflow(slab->active_objs, slab->obj_size, &used))
		return -ERANGE;
	mml_set_u64(row, SLAB_size, size);
	mml_set_u64(row, SLAB_used, used);
	if (used <= size)
		mml_set_u64(row, SLAB_waste, size - used);
	if (size)
		mml_set_f64(row, SLAB_utilization, (double)used * 100 / (double)size);
	if (slab->total_objs && slab->active_objs <= slab->total_objs)
		mml_set_f64(row, SLAB_object_use,
			    (double)slab->active_objs * 100 / (double)slab->total_objs);
	return 0;
}

/* The size that a kmalloc cache has in its name, in bytes: "kmalloc-rcl-96", "dma-kmalloc-1k". 0:
 * it has none. */
static uint64_t kmalloc_size(struct mml_span name)
{
	const char *dash = memrchr(name.p, '-', mml_span_len(name));
	uint64_t size, unit = 1;

	if (!dash || !memmem(name.p, mml_span_len(name), "kmalloc-", 8))
		return 0;
	name.p = dash + 1;
	if (name.p < name.end && (name.end[-1] == 'k' || name.end[-1] == 'M'))
		unit = *--name.end == 'k' ? 1024 : 1024 * 1024;
	return mml_parse_u64(name, &size) || size > UINT32_MAX ? 0 : size * unit;
}

/* Debugging adds red zones, and who allocated and freed an object, to each one: then those of
 * kmalloc are larger than their names say. */
static void note_debugging(struct mml_table *table)
{
	const struct mml_row *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		uint64_t size = kmalloc_size(mml_span_str(row->cell[SLAB_cache].str));

		if (!size || !row->cell[SLAB_slabs].u64 || row->cell[SLAB_obj_size].u64 <= size)
			continue;
		n++;
		if (!first || row->cell[SLAB_slabs].u64 > first->cell[SLAB_slabs].u64)
			first = row;
	}
	if (first)
		mml_table_note(table,
			       "objects of %s take %llu bytes, and %zu kmalloc caches have larger "
			       "ones than their "
			       "names say: the kernel keeps debugging data with each (slab_debug), "
			       "which takes memory",
			       first->cell[SLAB_cache].str,
			       (unsigned long long)first->cell[SLAB_obj_size].u64, n);
}

static int slab_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct mml_slab slab;
	struct mml_span text, all;
	uint64_t page_size;
	int rc = mml_take_file(take, ret, path, &text);

	if (rc)
		return rc;
	page_size = mml_take_page_size(take, ret);
	all = text;
	while ((rc = mml_slabinfo_next(&text, &slab))) {
		struct mml_row *row;

		if (rc < 0) {
			mml_table_bad_at(ret, path, all, text.p, "not a line of slabinfo");
			continue;
		}
		row = mml_table_add(ret);
		if (!row)
			return -ENOMEM;
		mml_set_str(row, SLAB_cache,
			    mml_arena_strndup(take->arena, slab.name.p, mml_span_len(slab.name)));
		if (fill(row, &slab, page_size))
			mml_table_bad_at(ret, path, all, text.p, "numbers too large to multiply");
	}
	note_debugging(ret);
	if (query->reading.needs)
		mml_slab_sysfs(take, query->reading.needs, ret);
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/slabinfo", "root (the file is readable for root only)",
	  "a kernel with CONFIG_SLUB_DEBUG (or SLAB), and not a container that hides it", NULL },
	{ "/sys/kernel/slab", NULL, "a kernel with CONFIG_SLUB and CONFIG_SYSFS", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_slab = {
	.schema = { .name = "slab",
		    .apart = "left_over",
		    .help = "A slab cache: the kernel's own objects, of which kind, and how much "
			    "room they take.",
		    MML_COLUMNS(SLAB),
		    .sort = "-size,cache" },
	.sources = sources,
	.collect = slab_collect,
};
