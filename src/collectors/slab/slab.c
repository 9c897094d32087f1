/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slab.h"

#include <errno.h>
#include <string.h>

#include "../../core/mounted.h"
#include "../numa/numa.h"

#define MML_COLUMNS_OF SLAB
#include "../../core/columns.h"

static const char path[] = "/proc/slabinfo";
static const char sysfs[] = "/sys/kernel/slab";

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
	uint64_t active_slabs;

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
	right = (struct mml_span){ slabdata + strlen(": slabdata "), line.end };
	if (mml_next_u64(&right, &active_slabs) || mml_next_u64(&right, &ret->slabs))
		return -EINVAL;
	return 1;
}

static int fill(struct mml_row *row, const struct mml_slab *slab, uint64_t page_size)
{
	uint64_t size, used;

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

/* A cache in /sys/kernel/slab: its name there, and the name of the cache that it was merged into. */
struct cache {
	const char *name, *id;
};

static size_t sysfs_caches(struct mml_take *take, struct cache **ret)
{
	const char *const *names = mml_take_names(take, sysfs);
	struct mml_buf link = { 0 };
	size_t n = 0;

	*ret = NULL;
	while (names && names[n])
		n++;
	if (n)
		*ret = mml_arena_alloc(take->arena, n * sizeof(**ret));
	for (size_t i = 0; *ret && i < n; i++) {
		const char *at = mml_arena_printf(take->arena, "%s/%s", sysfs, names[i]);

		link.len = 0;
		(*ret)[i].name = (*ret)[i].id = names[i];
		if (at && !mml_root_readlink(take->root, at, &link) && link.len) {
			const char *slash = strrchr(link.data, '/');
			const char *id = slash ? slash + 1 : link.data;

			(*ret)[i].id = mml_arena_strndup(take->arena, id, strlen(id));
		}
	}
	mml_buf_free(&link);
	return *ret ? n : 0;
}

/* The online CPUs and the nodes, or 0 if they are not told. */
struct places {
	uint64_t cpus, nodes;
};

static struct places count_places(struct mml_take *take)
{
	const char *const *names = mml_take_names(take, MML_NODE_DIR);
	struct places ret = { 0 };
	struct mml_span text, line;
	uint64_t id;
	long cpus;

	if (!mml_take_file(take, NULL, "/sys/devices/system/cpu/online", &text) &&
	    mml_next_line(&text, &line)) {
		cpus = mml_list_count(mml_span_trim(line));
		ret.cpus = cpus > 0 ? (uint64_t)cpus : 0;
	}
	for (; names && *names; names++)
		ret.nodes += !strncmp(*names, "node", 4) &&
			     !mml_parse_u64(mml_span_str(*names + 4), &id);
	if (!ret.nodes)
		ret.nodes = 1; /* a kernel without NUMA */
	return ret;
}

/*
 * Bounds the objects that count as in use and are not. They lie in slabs of the CPUs, of which
 * cpu_slabs is the number, or since 6.18 in sheaves: MAX_FULL_SHEAVES in the barn of each node, and
 * two of each CPU.
 */
static void set_idle(struct mml_take *take, struct mml_row *row, const char *id,
		     const struct places *places)
{
	enum { CPU_SHEAVES = 2, NODE_SHEAVES = 10 };
	const uint64_t active = row->cell[SLAB_active_objs].u64;
	uint64_t slabs = 0, capacity = 0, idle, in_sheaves;
	struct mml_span text, line;

	if (mml_take_filef(take, &text, "%s/%s/cpu_slabs", sysfs, id) ||
	    !mml_next_line(&text, &line) || mml_next_u64(&line, &slabs))
		return;
	mml_take_number(take, &capacity, "%s/%s/sheaf_capacity", sysfs, id);
	if (capacity && !places->cpus)
		return;
	if (__builtin_mul_overflow(slabs, row->cell[SLAB_objs_per_slab].u64, &idle) ||
	    __builtin_mul_overflow(capacity,
				   CPU_SHEAVES * places->cpus + NODE_SHEAVES * places->nodes,
				   &in_sheaves) ||
	    __builtin_add_overflow(idle, in_sheaves, &idle) || idle > active)
		idle = active;
	mml_set_u64(row, SLAB_idle_objs, idle);
	if (mml_has(row, SLAB_utilization))
		mml_set_f64(row, SLAB_least_utilization,
			    (double)(active - idle) * (double)row->cell[SLAB_obj_size].u64 * 100 /
				    (double)row->cell[SLAB_size].u64);
}

/* Parses "790 N0=790", which is the total and the part on each node. */
static void set_nodes(struct mml_take *take, struct mml_row *row, const char *id)
{
	struct mml_span text, line, total;
	uint64_t n;

	if (!mml_take_filef(take, &text, "%s/%s/slabs", sysfs, id) && mml_next_line(&text, &line) &&
	    mml_next_token(&line, &total)) {
		line = mml_span_trim(line);
		mml_set_str(row, SLAB_nodes,
			    mml_arena_strndup(take->arena, line.p, mml_span_len(line)));
	}
	if (!mml_take_filef(take, &text, "%s/%s/partial", sysfs, id) &&
	    mml_next_line(&text, &line) && !mml_next_u64(&line, &n))
		mml_set_u64(row, SLAB_partial, n);
	if (!mml_take_number(take, &n, "%s/%s/object_size", sysfs, id))
		mml_set_u64(row, SLAB_object_size, n);
}

static void set_aliases(struct mml_take *take, struct mml_row *row, const struct cache *caches,
			size_t n, const char *id)
{
	struct mml_buf list = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (!caches[i].id || strcmp(caches[i].id, id) || !strcmp(caches[i].name, id) ||
		    !strcmp(caches[i].name, row->cell[SLAB_cache].str))
			continue;
		if (list.len)
			mml_buf_putc(&list, ' ');
		mml_buf_puts(&list, caches[i].name);
	}
	if (list.len)
		mml_set_str(row, SLAB_aliases, mml_arena_strndup(take->arena, list.data, list.len));
	mml_buf_free(&list);
}

static void add_sysfs(struct mml_take *take, struct mml_table *table)
{
	struct cache *caches;
	size_t n = sysfs_caches(take, &caches);
	const struct places places = count_places(take);
	struct mml_span probe;
	int rc;

	if (!n) {
		const char *needs = "a kernel with CONFIG_SLUB and CONFIG_SYSFS";
		const char *words = mml_missing_words(take->root, sysfs, &needs);

		mml_table_why_needs(table, NEEDS_SYSFS,
				    mml_arena_printf(take->arena, "%s: %s", sysfs, words), needs);
		return;
	}
	rc = mml_take_filef(take, &probe, "%s/%s/slabs", sysfs, caches[0].id);
	if (rc) {
		/* Everybody can see the links, and so the aliases. */
		static const unsigned measured[] = { SLAB_nodes, SLAB_object_size, SLAB_partial,
						     SLAB_idle_objs, SLAB_least_utilization };
		const char *why = mml_arena_printf(take->arena, "/sys/kernel/slab/*/slabs: %s",
						   strerror(-rc));

		for (size_t i = 0; i < sizeof(measured) / sizeof(*measured); i++)
			mml_table_why(table, measured[i], why,
				      rc == -EACCES ? "root (the files are readable for root only)"
						    : NULL);
	}
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);

		for (size_t k = 0; k < n; k++) {
			if (!caches[k].id || strcmp(caches[k].name, row->cell[SLAB_cache].str))
				continue;
			set_aliases(take, row, caches, n, caches[k].id);
			if (!rc) {
				set_nodes(take, row, caches[k].id);
				set_idle(take, row, caches[k].id, &places);
			}
			break;
		}
	}
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
	if (query->reading.needs & NEEDS_SYSFS)
		add_sysfs(take, ret);
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
		    .help = "A slab cache: the kernel's own objects, of which kind, and how much "
			    "room they take.",
		    MML_COLUMNS(SLAB),
		    .sort = "-size,cache" },
	.sources = sources,
	.collect = slab_collect,
};
