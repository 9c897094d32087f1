/* What /sys/kernel/slab tells of the caches: links, layout, what lies where, what is checked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../../core/mounted.h"
#include "../numa/numa.h"
#include "caches.h"
#include "slab.h"

#define MML_COLUMNS_OF SLAB
#include "../../core/columns.h"

static const char sysfs[] = "/sys/kernel/slab";

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

	if (!mml_take_filef(take, &text, "%s/%s/slabs", sysfs, id) && mml_next_line(&text, &line) &&
	    mml_next_token(&line, &total)) {
		line = mml_span_trim(line);
		mml_set_str(row, SLAB_nodes,
			    mml_arena_strndup(take->arena, line.p, mml_span_len(line)));
	}
}

/* Files of one number, or of a total with the parts of nodes behind it. */
static void set_numbers(struct mml_take *take, struct mml_row *row, const char *id)
{
	static const struct {
		unsigned column;
		const char *file;
	} files[] = {
		{ SLAB_partial, "partial" },	     { SLAB_object_size, "object_size" },
		{ SLAB_align, "align" },	     { SLAB_cpu_partial, "cpu_partial" },
		{ SLAB_min_partial, "min_partial" }, { SLAB_cpu_slabs, "cpu_slabs" },
	};
	struct mml_span text, line;
	uint64_t n;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!mml_take_filef(take, &text, "%s/%s/%s", sysfs, id, files[i].file) &&
		    mml_next_line(&text, &line) && !mml_next_u64(&line, &n))
			mml_set_u64(row, files[i].column, n);
	if (!mml_take_number(take, &n, "%s/%s/hwcache_align", sysfs, id))
		mml_set_bool(row, SLAB_hwcache_align, n);
}

/* What SLUB checks of the cache's objects; slab_debug at boot chooses. */
static void set_debug(struct mml_take *take, struct mml_row *row, const char *id)
{
	static const char *const flags[] = { "sanity_checks", "red_zone", "poison", "store_user",
					     "trace" };
	struct mml_buf list = { 0 };
	bool any = false;
	uint64_t n;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (mml_take_number(take, &n, "%s/%s/%s", sysfs, id, flags[i]))
			continue;
		any = true;
		if (n)
			mml_buf_printf(&list, "%s%s", list.len ? " " : "", flags[i]);
	}
	if (any)
		mml_set_str(row, SLAB_debug,
			    list.len ? mml_arena_strndup(take->arena, list.data, list.len) : "none");
	mml_buf_free(&list);
}

/* In a tree: its machine had no KFENCE. */
static const char without_kfence[] = "/mmlens/no_kfence";

/* KFENCE takes an allocation every so many milliseconds into a page of its own. Returns 1 or 0, or
 * -1 if that is not told. A kernel without it has no such file, but a tree may just lack it. */
static int kfence_samples(struct mml_take *take)
{
	static const char path[] = "/sys/module/kfence/parameters/sample_interval";
	struct mml_span saved;
	uint64_t ms;
	int rc = mml_take_number(take, &ms, "%s", path);

	if (!rc)
		return ms != 0;
	if (rc == -ENOENT && mml_root_missing(take->root, path) == MML_MISSING_THERE) {
		mml_root_save(take->root, without_kfence, "", 0);
		return 0;
	}
	return mml_take_filef(take, &saved, "%s", without_kfence) ? -1 : 0;
}

static void set_kfence(struct mml_take *take, struct mml_row *row, const char *id, int samples)
{
	uint64_t skip = 0;

	if (samples < 0)
		return;
	if (samples)
		mml_take_number(take, &skip, "%s/%s/skip_kfence", sysfs, id);
	mml_set_bool(row, SLAB_kfence, samples && !skip);
}

/*
 * CONFIG_KASAN=y
 * CONFIG_KASAN_GENERIC=y
 * Returns 1 or 0, or -1 if that is not told: there is no such file, or it depends on the processor.
 */
static int kasan_checks(struct mml_take *take)
{
	const char *kernel = take->host->kernel;
	struct mml_span text, line;
	int is = 0;

	if (!kernel || strchr(kernel, '/') ||
	    (mml_take_filef(take, &text, "/boot/config-%s", kernel) &&
	     mml_take_filef(take, &text, "/lib/modules/%s/config", kernel)))
		return -1;
	while (mml_next_line(&text, &line)) {
		if (mml_span_eq(line, "CONFIG_KASAN_GENERIC=y") ||
		    mml_span_eq(line, "CONFIG_KASAN_SW_TAGS=y"))
			return 1;
		if (mml_span_eq(line, "CONFIG_KASAN_HW_TAGS=y"))
			is = -1;
	}
	return is;
}

/* Calls ADD for the other names of the cache ID that ROW is of. */
static void each_alias(const struct mml_row *row, const struct cache *caches, size_t n,
		       const char *id, struct mml_buf *list,
		       void (*add)(struct mml_buf *list, const char *name))
{
	for (size_t i = 0; i < n; i++)
		if (caches[i].id && !strcmp(caches[i].id, id) && strcmp(caches[i].name, id) != 0 &&
		    strcmp(caches[i].name, row->cell[SLAB_cache].str) != 0)
			add(list, caches[i].name);
}

static void add_name(struct mml_buf *list, const char *name)
{
	mml_buf_printf(list, "%s%s", list->len ? " " : "", name);
}

static void add_holds(struct mml_buf *list, const char *name)
{
	const char *holds = mml_cache_holds(name);

	if (!holds || (list->len && memmem(list->data, list->len, holds, strlen(holds))))
		return;
	mml_buf_printf(list, "%s%s", list->len ? "; " : "", holds);
}

static void set_words(struct mml_take *take, struct mml_row *row, const struct cache *caches,
		      size_t n, const char *id)
{
	struct mml_buf list = { 0 };

	if (id)
		each_alias(row, caches, n, id, &list, add_name);
	if (list.len)
		mml_set_str(row, SLAB_aliases, mml_arena_strndup(take->arena, list.data, list.len));
	list.len = 0;
	add_holds(&list, row->cell[SLAB_cache].str);
	if (id)
		each_alias(row, caches, n, id, &list, add_holds);
	if (list.len)
		mml_set_str(row, SLAB_holds, mml_arena_strndup(take->arena, list.data, list.len));
	mml_buf_free(&list);
}

static const unsigned measured[] = { SLAB_nodes,	SLAB_object_size, SLAB_partial,
				     SLAB_idle_objs,	SLAB_align,	  SLAB_least_utilization,
				     SLAB_hwcache_align, SLAB_cpu_partial, SLAB_min_partial,
				     SLAB_cpu_slabs,	SLAB_debug };

/* Whether the files of the caches can be read; if not, the columns that they fill say why. Everybody
 * can see the links, and so the aliases. */
static bool readable(struct mml_take *take, struct mml_table *table, const struct cache *first)
{
	struct mml_span probe;
	int rc = mml_take_filef(take, &probe, "%s/%s/slabs", sysfs, first->id);
	const char *why;

	if (!rc)
		return true;
	why = mml_arena_printf(take->arena, "/sys/kernel/slab/*/slabs: %s", strerror(-rc));
	for (size_t i = 0; i < sizeof(measured) / sizeof(*measured); i++)
		mml_table_why(table, measured[i], why,
			      rc == -EACCES ? "root (the files are readable for root only)" : NULL);
	return false;
}

static void no_sysfs(struct mml_take *take, struct mml_table *table)
{
	const char *needs = "a kernel with CONFIG_SLUB and CONFIG_SYSFS";
	const char *words = mml_missing_words(take->root, sysfs, &needs);
	const char *why = mml_arena_printf(take->arena, "%s: %s", sysfs, words);

	mml_table_why(table, SLAB_aliases, why, needs);
	mml_table_why_needs(table, NEEDS_SYSFS, why, needs);
}

/* What is the same for all caches. */
struct machine {
	struct places places;
	int kfence, kasan; /* 1 or 0; -1: not told */
};

static struct machine look_at_machine(struct mml_take *take, struct mml_table *table)
{
	const struct machine ret = { count_places(take), kfence_samples(take), kasan_checks(take) };

	if (ret.kfence < 0)
		mml_table_why(table, SLAB_kfence,
			      "/sys/module/kfence/parameters/sample_interval is not there", NULL);
	if (ret.kasan < 0)
		mml_table_why(table, SLAB_kasan,
			      "the kernel's configuration is not told, or leaves it to the processor",
			      "/boot/config-RELEASE or /lib/modules/RELEASE/config");
	return ret;
}

static void set_measured(struct mml_take *take, struct mml_row *row, const char *id,
			 const struct machine *machine)
{
	set_nodes(take, row, id);
	set_numbers(take, row, id);
	set_idle(take, row, id, &machine->places);
	set_debug(take, row, id);
	set_kfence(take, row, id, machine->kfence);
	if (machine->kasan >= 0)
		mml_set_bool(row, SLAB_kasan, machine->kasan);
}

/* The id of the cache that ROW is of, or NULL. */
static const char *id_of(const struct mml_row *row, const struct cache *caches, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(caches[k].name, row->cell[SLAB_cache].str))
			return caches[k].id;
	return NULL;
}

void mml_slab_sysfs(struct mml_take *take, unsigned needs, struct mml_table *table)
{
	struct machine machine = { 0 };
	struct cache *caches;
	size_t n = sysfs_caches(take, &caches);
	bool files = false;

	if (!n)
		no_sysfs(take, table);
	else if (needs & NEEDS_SYSFS)
		files = readable(take, table, &caches[0]);
	if (files)
		machine = look_at_machine(take, table);
	for (size_t i = 0; i < table->nrows; i++) {
		struct mml_row *row = mml_table_row(table, i);
		const char *id = id_of(row, caches, n);

		if (needs & NEEDS_LINKS)
			set_words(take, row, caches, n, id);
		if (files && id)
			set_measured(take, row, id, &machine);
	}
}
