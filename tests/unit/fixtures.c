/* Every tree there is, the project's and other machines': no table of the ground floor fails, and
 * what must add up adds up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>

#ifdef MML_WITH_JSONC
#include <json-c/json.h>
#endif

#include "../../src/collectors/registry.h"
#include "../../src/render/render.h"
#include "invariants.h"
#include "tree.h"
#include "../../src/source/source.h"

enum { BALANCE, MEMINFO, VMSTAT, ZONES, ZONESTATS, BUDDY, PAGETYPES, SLAB, TABLES };

static const struct {
	const char *table, *file;
} floor_of[TABLES] = {
	[BALANCE] = { "balance", "meminfo" },     [MEMINFO] = { "meminfo", "meminfo" },
	[VMSTAT] = { "vmstat", "vmstat" },        [ZONES] = { "zones", "zoneinfo" },
	[ZONESTATS] = { "zonestats", "zoneinfo" }, [BUDDY] = { "buddy", "buddyinfo" },
	[PAGETYPES] = { "pagetypes", "pagetypeinfo" }, [SLAB] = { "slab", "slabinfo" },
};

/* Trees whose files their owners or lxcfs rewrote, or whose files are of several machines: their
 * MemTotal is not what the zones manage, and is told of. */
static const char *const rewritten[] = { "hotsos-rabbitmq", "node_exporter", "prometheus-procfs" };

/* Kernels whose files count the memory of a lazily started machine twice. */
static const char *const lazy[] = { "vm-one-node-6.18" };

/* Whose buddyinfo is of another hour than its zoneinfo. */
static const char *const apart[] = { "pcp-meminfo-root-001" };

/* No kernel wrote these sums. */
static const char *const edited[] = { "hwloc-2i386-2t-hugepagesizecount" };

static bool listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}
#define LISTED(list, name) listed(list, sizeof(list) / sizeof(*(list)), name)

static const char *name;
static struct mml_snapshot *snap;

static const struct mml_table *table_of(int i)
{
	return snap->tables[i];
}

static int64_t i64(const struct mml_table *t, size_t row, const char *col)
{
	const union mml_value *v = tree_cell(t, row, col);

	return v ? v->i64 : 0;
}

static bool has_file(const char *dir, const char *file)
{
	char path[PATH_MAX * 2];

	snprintf(path, sizeof(path), "%.4000s/proc/%s", dir, file);
	return !access(path, F_OK);
}

static void balance(void)
{
	const struct mml_table *b = table_of(BALANCE), *m = table_of(MEMINFO);
	size_t total_row = tree_row(m, "name", "MemTotal");
	int64_t sum = 0, total = i64(m, total_row, "bytes"), rest;
	bool negative = false;

	for (size_t i = 0; i < b->nrows; i++) {
		sum += i64(b, i, "bytes");
		negative |= i64(b, i, "bytes") < 0 && i + 1 < b->nrows;
	}
	tap_ok(total && sum == total, "%s: balance adds up to MemTotal", name);
	tap_ok(!negative, "%s: no part but the remainder is negative", name);
	rest = i64(b, b->nrows - 1, "bytes");
	if (LISTED(edited, name) || LISTED(rewritten, name))
		tap_ok(b->note != NULL, "%s: what is odd is said: %s", name, b->note);
	else
		tap_ok(rest > -total / 20 && rest < total / 8, "%s: all but %.1f%% has a name", name,
		       (double)rest * 100 / (double)total);
}

static uint64_t managed(void)
{
	const struct mml_table *z = table_of(ZONES);
	uint64_t sum = 0;

	for (size_t i = 0; i < z->nrows; i++)
		sum += tree_cell(z, i, "managed") ? tree_u64(z, i, "managed") : 0;
	return sum;
}

static void zones(void)
{
	const struct mml_table *z = table_of(ZONES), *m = table_of(MEMINFO);
	uint64_t total = tree_u64(m, tree_row(m, "name", "MemTotal"), "bytes");
	bool good = true;

	if (!managed() || m->error)
		tap_skip("%s: does not tell what its zones manage", name);
	else if (LISTED(rewritten, name) || LISTED(lazy, name))
		tap_ok(managed() != total && table_of(BALANCE)->note,
		       "%s: MemTotal is not what the zones manage, and that is said", name);
	else
		tap_ok(managed() == total, "%s: the zones manage MemTotal", name);
	for (size_t i = 0; i < z->nrows; i++) {
		uint64_t present = tree_cell(z, i, "present") ? tree_u64(z, i, "present") : 0;

		if (tree_cell(z, i, "managed"))
			good &= tree_u64(z, i, "managed") <= present;
		if (tree_cell(z, i, "spanned"))
			good &= present <= tree_u64(z, i, "spanned");
		if (tree_cell(z, i, "min") && tree_cell(z, i, "high"))
			good &= tree_u64(z, i, "min") <= tree_u64(z, i, "low") &&
				tree_u64(z, i, "low") <= tree_u64(z, i, "high");
		good &= !!tree_cell(z, i, "state") == !!tree_cell(z, i, "headroom");
	}
	tap_ok(good, "%s: managed <= present <= spanned, min <= low <= high", name);
}

/* Whether TABLE says of each of its lines what it means, but for those of a vendor's kernel. */
static bool explained(const struct mml_table *table)
{
	static const char *const vendors[] = { "nr_overhead" };

	for (size_t i = 0; i < table->nrows; i++)
		if (strstr(tree_str(table, i, "help"), "does not know") &&
		    !LISTED(vendors, tree_str(table, i, "name"))) {
			printf("# %s: %s\n", table->schema->name, tree_str(table, i, "name"));
			return false;
		}
	return true;
}

/* What every counter is counted in is known, but for those of a vendor's kernel. */
static void counters(void)
{
	static const char *const vendors[] = { "nr_overhead" };
	const struct mml_table *v = table_of(VMSTAT);

	for (size_t i = 0; i < v->nrows; i++)
		if (!tree_str(v, i, "unit") && !LISTED(vendors, tree_str(v, i, "name")))
			tap_ok(false, "%s: %s has no unit", name, tree_str(v, i, "name"));
	tap_ok(true, "%s: the counters have units", name);
}

/* Both files were read one after the other: free memory may differ by what was taken meanwhile. */
static void buddy(void)
{
	const struct mml_table *b = table_of(BUDDY), *z = table_of(ZONES);
	bool good = true;

	for (size_t i = 0; i < b->nrows; i++) {
		const char *zone = tree_str(b, i, "zone");
		uint64_t node = tree_u64(b, i, "node"), first = tree_u64(b, i, "usable");
		bool found = false;

		if (tree_u64(b, i, "order"))
			continue;
		for (size_t k = 0; k < z->nrows; k++) {
			uint64_t free, slack;

			if (tree_u64(z, k, "node") != node || strcmp(tree_str(z, k, "zone"), zone))
				continue;
			found = true;
			free = tree_u64(z, k, "free");
			slack = free / 10 + (1 << 20);
			if (!LISTED(rewritten, name) && !LISTED(apart, name))
				good &= first <= free + slack && free <= first + slack;
		}
		good &= found || !z->nrows || LISTED(rewritten, name);
	}
	tap_ok(good, "%s: what is free in the orders is what is free in the zones", name);
	good = true;
	for (size_t i = 0; i < b->nrows; i++) {
		double u = tree_cell(b, i, "unusable_index")->f64;
		double f = tree_cell(b, i, "fragmentation_index")->f64;

		good &= u >= 0 && u <= 1 && f >= -1 && f <= 1 &&
			tree_u64(b, i, "free") ==
				tree_u64(b, i, "free_blocks") * tree_u64(b, i, "block_size");
	}
	tap_ok(good, "%s: the indices are in their range", name);
}

static void pagetypes(void)
{
	const struct mml_table *p = table_of(PAGETYPES);
	bool good = p->nrows > 0;

	for (size_t i = 0; i < p->nrows; i++) {
		uint64_t free = 0;
		char col[16];

		for (unsigned o = 0; o < 18; o++) {
			snprintf(col, sizeof(col), "order_%u", o);
			if (tree_cell(p, i, col))
				free += (tree_u64(p, i, col) << o) * snap->host.page_size;
		}
		good &= free == tree_u64(p, i, "free") && tree_cell(p, i, "pageblocks");
	}
	tap_ok(good, "%s: free is the sum over the orders, each type has its pageblocks", name);
}

static void slab(void)
{
	const struct mml_table *s = table_of(SLAB);
	bool good = true;

	for (size_t i = 0; i < s->nrows; i++) {
		good &= tree_u64(s, i, "size") == tree_u64(s, i, "slabs") *
							  tree_u64(s, i, "pages_per_slab") *
							  snap->host.page_size;
		good &= *tree_str(s, i, "cache") && tree_u64(s, i, "total_objs") >= 1 * (tree_u64(s, i, "slabs") > 0);
	}
	tap_ok(good, "%s: size is slabs * pages * page size", name);
}

/* Whether TEXT is a document with N tables. */
static bool is_json(const char *text, size_t n)
{
#ifdef MML_WITH_JSONC
	struct json_object *doc = json_tokener_parse(text);
	bool good = doc && json_object_object_length(json_object_object_get(doc, "tables")) == (int)n;

	json_object_put(doc);
	return good;
#else
	return text && n;
#endif
}

/* Every table there is, in every format, makes no trouble; JSON is JSON. */
static void all(struct mml_root *root)
{
	struct mml_query queries[64] = { 0 };
	struct mml_select sels[64];
	struct mml_snapshot *whole;
	struct mml_format format = { .style = { .utf8 = true } };
	struct mml_buf out = { 0 };
	size_t n = 0;
	bool good = true;

	for (size_t i = 0; mml_collectors[i] && n < 64; i++) {
		if (mml_collectors[i]->requires)
			continue;
		mml_select_init(&sels[n], &mml_collectors[i]->schema);
		mml_select_all_columns(&sels[n]);
		queries[n] = (struct mml_query){ .collector = mml_collectors[i], .reading.cancel_fd = -1,
						 .reading.needs = mml_select_needs(&sels[n]) };
		n++;
	}
	if (mml_snapshot_take(root, queries, n, &whole)) {
		tap_ok(false, "%s: every table at once", name);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct mml_table *t = whole->tables[i];

		if (t->error && !(t->absence.reason && *t->absence.reason)) {
			printf("# %s fails without a reason\n", t->schema->name);
			good = false;
		}
	}
	for (size_t i = 0; mml_renderers[i]; i++) {
		format.renderer = mml_renderers[i];
		format.style.exact = format.renderer->exact;
		out.len = 0;
		good &= !mml_render(&out, sels, whole, &format);
		if (!strcmp(format.renderer->name, "json"))
			good &= is_json(out.data, n);
	}
	tap_ok(good, "%s: every table in every format", name);
	for (size_t i = 0; i < n; i++)
		mml_select_free(&sels[i]);
	mml_buf_free(&out);
	mml_snapshot_put(whole);
}

static void check(const char *dir)
{
	struct mml_query queries[TABLES];
	struct mml_root *root;
	unsigned files = 0;

	name = strrchr(dir, '/') + 1;
	for (int i = 0; i < TABLES; i++) {
		queries[i] = (struct mml_query){ .collector = mml_collector_find(floor_of[i].table),
						 .reading.cancel_fd = -1 };
		files += has_file(dir, floor_of[i].file);
	}
	if (mml_root_open(dir, &root) || mml_snapshot_take(root, queries, TABLES, &snap)) {
		tap_ok(false, "%s: opens", name);
		return;
	}
	for (int i = 0; i < TABLES; i++) {
		const struct mml_table *t = snap->tables[i];
		const bool has = has_file(dir, floor_of[i].file);

		if (has)
			tap_ok(!t->error && t->nrows, "%s: %s%s%s", name, floor_of[i].table,
			       t->error ? ": " : "", t->error ? t->absence.reason : "");
		else if (t->error != -ENOENT || t->nrows || !t->absence.reason)
			tap_ok(false, "%s: %s is not there and does not say so", name, floor_of[i].table);
	}
	if (!snap->tables[BALANCE]->error)
		balance();
	if (!snap->tables[ZONES]->error)
		zones();
	if (!snap->tables[VMSTAT]->error)
		counters();
	tap_ok(explained(table_of(MEMINFO)) && explained(table_of(VMSTAT)) &&
		       explained(table_of(ZONESTATS)),
	       "%s: what each line means is known", name);
	if (!snap->tables[BUDDY]->error)
		buddy();
	if (!snap->tables[PAGETYPES]->error)
		pagetypes();
	if (!snap->tables[SLAB]->error)
		slab();
	all(root);
	mml_snapshot_put(snap);
	mml_root_close(root);
	invariants(dir, NULL, 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void check_all(const char *dir, const char *what)
{
	struct dirent **names;
	char path[PATH_MAX * 2];
	struct stat st;
	int n = scandir(dir, &names, NULL, by_name);

	if (n < 0) {
		tap_skip("%s: no %s", dir, what);
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (*names[i]->d_name != '.' && !stat(path, &st) && S_ISDIR(st.st_mode))
			check(path);
		free(names[i]);
	}
	free(names);
}

int main(void)
{
	const char *src = getenv("top_srcdir"), *shared = getenv("MMLENS_FIXTURES");
	struct mml_root *root;
	char dir[PATH_MAX];

	if (mml_root_open("/", &root)) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	mml_root_close(root);
	snprintf(dir, sizeof(dir), "%s/tests/fixtures", src ? src : ".");
	check_all(dir, "fixtures");
	snprintf(dir, sizeof(dir), "%s/../shared/fixtures", src ? src : ".");
	check_all(shared ? shared : dir, "trees of other machines beside the project");
	return tap_done();
}
