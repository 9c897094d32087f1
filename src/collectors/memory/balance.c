/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../cgroup/shares.h"

#define MML_COLUMNS_OF BALANCE
#include "../../core/columns.h"

/* Where lxcfs rewrites meminfo for a container, only some fields tell of the container (OWN). The
 * other fields, and all other files, still tell of the HOST. */
enum whose { OWN, HOST };

static const struct part {
	const char *item, *formula, *reclaim;
	enum whose whose;
	enum mml_balance_when when;
	const char *help;
} parts[] = {
#define PART(item, formula, reclaim, whose, when, help) \
	{ #item, formula, reclaim, whose, MML_BALANCE_##when, help },
#include "balance.def"
#undef PART
};

static const char meminfo_path[] = "/proc/meminfo";

static const char *kib(const struct mml_balance *b, int64_t bytes)
{
	return mml_arena_printf(b->take->arena, "%" PRId64 " kB", bytes / 1024);
}

/*
 * How much of a row the kernel could get back in the way that RECLAIM says, at most. What goes to
 * swap shares the free swap with the rows above.
 */
static int64_t reclaimable(struct mml_balance *b, const char *item, const char *reclaim,
			   int64_t bytes)
{
	int64_t most = bytes < 0 ? 0 : bytes, keep;

	if (!strcmp(reclaim, "none"))
		return 0;
	if (!strcmp(reclaim, "swap")) {
		if (most > b->swap_left)
			most = b->swap_left;
		b->swap_left -= most;
	} else if (!strcmp(item, "zfs_arc") && mml_balance_field(b, "arcstats:c_min", &keep)) {
		most = most > keep ? most - keep : 0;
	}
	return most;
}

/* The word of column reclaim: nothing goes to swap if none is free, and where that is not told
 * nobody knows. */
static const char *reclaim_of(const struct mml_balance *b, const struct part *part)
{
	if (!*part->reclaim || (!strcmp(part->reclaim, "swap") && b->swap_left < 0))
		return NULL;
	return !strcmp(part->reclaim, "swap") && !b->swap_left ? "none" : part->reclaim;
}

static int add_row(struct mml_balance *b, const struct part *part, int64_t bytes,
		   const struct mml_buf *terms, const char *more_help)
{
	struct mml_arena *arena = b->take->arena;
	struct mml_row *row = mml_table_add(b->table);
	const char *reclaim = reclaim_of(b, part), *help = part->help;

	if (!row)
		return -ENOMEM;
	if (more_help)
		help = mml_arena_printf(arena, "%s %s", help, more_help);
	mml_set_str(row, BALANCE_item, part->item);
	mml_set_i64(row, BALANCE_bytes, bytes);
	if (b->total)
		mml_set_f64(row, BALANCE_share, (double)bytes * 100 / (double)b->total);
	mml_set_str(row, BALANCE_reclaim, reclaim);
	if (reclaim)
		mml_set_u64(row, BALANCE_reclaimable,
			    (uint64_t)reclaimable(b, part->item, reclaim, bytes));
	mml_set_str(row, BALANCE_source, part->formula);
	mml_set_str(row, BALANCE_help, help);
	if (terms->len)
		mml_set_str(row, BALANCE_terms, mml_arena_strndup(arena, terms->data, terms->len));
	return terms->error;
}

/* Says when meminfo is not the machine's own account, and what in it cannot be. */
static void examine(struct mml_balance *b)
{
	const struct mml_whose *w = &b->whose;

	if (w->is == MML_WHOSE_LAZY)
		mml_table_note(b->table, "%s: the rest is brought up when it is needed", w->why);
	if (w->is == MML_WHOSE_OTHER)
		mml_table_note(
			b->table,
			"%s: %s is not the machine's own (lxcfs makes one for each container), "
			"rows that stay the machine's are left out",
			w->why, meminfo_path);
	if (w->contradiction)
		mml_table_note(b->table, "%s contradicts itself: %s", meminfo_path,
			       w->contradiction);
}

/* What is in MemFree and cannot be had by everybody. */
static const char *about_free(struct mml_balance *b)
{
	struct mml_arena *arena = b->take->arena;
	const struct mml_whose *w = &b->whose;
	int64_t free, cma, unaccepted;
	const char *more = "";

	if (!mml_balance_field(b, "CmaFree", &cma))
		cma = 0;
	if (!mml_balance_field(b, "Unaccepted", &unaccepted))
		unaccepted = 0;
	if (w->is == MML_WHOSE_LAZY)
		more = mml_arena_printf(arena,
					"MemTotal counts %s that no zone manages yet: memory is "
					"brought up lazily here, and MemFree counts it as free.",
					kib(b, (int64_t)(w->total - w->managed)));
	if (cma)
		more = mml_arena_printf(
			arena, "%s%s%s of it is in CMA areas, which only movable pages may use.",
			more, *more ? " " : "", kib(b, cma));
	if (unaccepted)
		more = mml_arena_printf(
			arena, "%s%s%s of it is memory that this guest has not accepted yet.", more,
			*more ? " " : "", kib(b, unaccepted));
	if (mml_balance_field(b, "MemFree", &free) && cma + unaccepted > free / 2)
		mml_table_note(b->table,
			       "of MemFree, %s are free CMA pages, for movable memory only, and %s "
			       "are not "
			       "accepted yet",
			       kib(b, cma), kib(b, unaccepted));
	return *more ? more : NULL;
}

/*
 * The remainder has bounds. Counters of the CPUs lag behind, and the files are not read at one
 * instant, for which a 64th of memory is tolerated. Below zero it can also be by what is counted
 * and may lie outside MemTotal (Percpu) or in slab as well (buffers of sockets, headers of ZFS's
 * cache).
 */
static int64_t lowest_rest(const struct mml_balance *b)
{
	return -b->overlap - b->total / 64;
}

/* GPUReclaim exceeds even MemTotal on some machines. Then the row has no more than the others
 * leave. */
static int64_t bound_gpu(struct mml_balance *b, int64_t bytes)
{
	int64_t left = b->rest > 0 ? b->rest : 0;

	if (b->rest - bytes >= lowest_rest(b))
		return bytes;
	mml_table_note(
		b->table,
		"GPUReclaim of %s is more than the %s that all other counters leave: the row has "
		"no more than that",
		kib(b, bytes), kib(b, left));
	return left;
}

static int add_part(struct mml_balance *b, const struct part *part, struct mml_buf *terms)
{
	static const char *const overlapping[] = { "percpu", "sockets", "zfs_arc" };
	const char *more = NULL;
	int64_t bytes;
	int rc;

	if ((b->whose.is == MML_WHOSE_OTHER && part->whose == HOST) ||
	    !mml_balance_applies(b, part->when))
		return 0;
	rc = mml_balance_evaluate(b, part->formula, &bytes, terms);
	if (rc == -ERANGE && strcmp(part->item, "free") != 0 && strcmp(part->item, "lru") != 0)
		mml_table_note(b->table, "%s is no size memory can have: the remainder holds %s",
			       part->formula, part->item);
	if (rc)
		return 0;
	if (!strcmp(part->item, "free"))
		more = about_free(b);
	if (!strcmp(part->item, "gpu_reclaim"))
		bytes = bound_gpu(b, bytes);
	for (size_t i = 0; i < sizeof(overlapping) / sizeof(*overlapping); i++)
		if (!strcmp(part->item, overlapping[i]))
			b->overlap += bytes;
	b->rest -= bytes;
	return add_row(b, part, bytes, terms, more);
}

static int add_parts(struct mml_balance *b)
{
	struct mml_buf terms = { 0 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !rc; i++) {
		terms.len = 0;
		rc = add_part(b, &parts[i], &terms);
	}
	mml_buf_free(&terms);
	return rc;
}

/* The formulas of the two largest rows that are not free memory: which of them counts too much
 * cannot be told. */
static const char *largest(const struct mml_balance *b)
{
	const char *names[2] = { "", "" };
	int64_t most[2] = { 0, 0 };

	for (size_t i = 0; i < b->table->nrows; i++) {
		const struct mml_row *row = mml_table_row(b->table, i);
		int64_t bytes = row->cell[BALANCE_bytes].i64;
		unsigned at = bytes > most[0] ? 0 : 1;

		if (bytes <= most[1] || !strcmp(row->cell[BALANCE_item].str, "free"))
			continue;
		if (!at) {
			most[1] = most[0];
			names[1] = names[0];
		}
		most[at] = bytes;
		names[at] = row->cell[BALANCE_source].str;
	}
	return mml_arena_printf(b->take->arena, "%s, or %s", names[0], names[1]);
}

/* Says what is odd about the sum: fields that are missing, or a remainder out of its bounds. */
static void judge_rest(struct mml_balance *b)
{
	static const char *const fields[] = { "MemFree", "Active", "Inactive", "Slab" };
	const char *missing = "";
	int64_t v;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!mml_balance_field(b, fields[i], &v))
			missing = mml_arena_printf(b->take->arena, "%s%s%s", missing,
						   *missing ? ", " : "", fields[i]);
	if (*missing)
		mml_table_note(b->table, "%s has no %s, or nonsense: the remainder holds it",
			       meminfo_path, missing);
	/* The contradiction, or that the file is of two machines, explains the sum already. */
	if (*missing || b->whose.is == MML_WHOSE_OTHER || b->whose.contradiction)
		return;
	if (b->rest < lowest_rest(b))
		mml_table_note(b->table,
			       "the parts are %s more than MemTotal: one of them counts too much, "
			       "first of all "
			       "%s, or the file was edited",
			       kib(b, -b->rest), largest(b));
	else if (b->rest > b->total / 2)
		mml_table_note(
			b->table,
			"the parts add up to only %s of a MemTotal of %s: a balloon or drivers "
			"have the rest, or the file was edited",
			kib(b, b->total - b->rest), kib(b, b->total));
}

/* Returns what the help of the remainder says beside what it is, or NULL. */
static const char *about_rest(const struct mml_balance *b)
{
	const char *balloons;
	int64_t v;

	if (b->whose.is == MML_WHOSE_OTHER)
		return mml_arena_printf(b->take->arena,
					"This meminfo is not the machine's own account: %s. "
					"Fields that stay the machine's are left out.",
					b->whose.why);
	if (b->rest < 0)
		return mml_arena_printf(
			b->take->arena,
			"It is negative: %s more is counted than MemTotal has. Part of percpu "
			"lies outside MemTotal, sockets and ZFS's cache lie partly in slab, and "
			"memory changed while the files were read.",
			kib(b, -b->rest));
	/* Kernels that count balloons know which of them leave MemTotal alone. */
	balloons = mml_balance_field(b, "Balloon", &v) ? NULL : mml_balance_balloons(b);
	return balloons ? mml_arena_printf(
				  b->take->arena,
				  "This guest has a balloon, %s, by which the hypervisor may have "
				  "taken some of it: older kernels do not count that.",
				  balloons)
			: NULL;
}

static int add_unaccounted(struct mml_balance *b)
{
	static const struct part part = {
		"unaccounted",
		"MemTotal - all rows above",
		"",
		OWN,
		MML_BALANCE_ALWAYS,
		"Pages that drivers and the kernel took straight from the page allocator (GPU, "
		"network and "
		"DMA buffers, pipes, XFS buffers, balloons), less what is counted but lies outside "
		"MemTotal.",
	};
	struct mml_buf terms = { 0 };
	int rc;

	judge_rest(b);
	mml_buf_printf(&terms, "%" PRId64 " - %" PRId64, b->total / 1024,
		       (b->total - b->rest) / 1024);
	rc = add_row(b, &part, b->rest, &terms, about_rest(b));
	mml_buf_free(&terms);
	return rc;
}

/* How much swap is free; -1 if that is not told, or is more than there is swap. */
static int64_t free_swap(const struct mml_balance *b)
{
	int64_t free, total;

	if (!mml_balance_field(b, "SwapFree", &free))
		return -1;
	return mml_balance_field(b, "SwapTotal", &total) && free > total ? -1 : free;
}

static bool is_by(const struct mml_query *query, const char *by)
{
	return query->scope.by && !strcmp(query->scope.by, by);
}

static int fill(struct mml_balance *b, const struct mml_query *query)
{
	struct mml_span text;
	int rc;

	if (!mml_take_file(b->take, NULL, "/proc/zoneinfo", &text))
		b->zones_error = mml_zoneinfo_parse(b->take->arena, text, NULL, &b->zones);
	if (b->zones_error == -ENOMEM || mml_whose_meminfo_by(b->take, &b->zones, &b->whose))
		return -ENOMEM;
	examine(b);
	rc = mml_balance_open(b);
	b->swap_left = free_swap(b);
	b->rest = b->total;
	if (!rc && is_by(query, "list"))
		return mml_balance_by_list(b, query->reading.needs & NEEDS_FRAMES);
	if (!rc)
		rc = add_parts(b);
	if (!rc)
		rc = add_unaccounted(b);
	if (!rc && is_by(query, "reclaim"))
		rc = mml_balance_by_reclaim(b->table, b);
	/* These count in pages, so a doubt about the page size is said. */
	if (mml_span_len(b->vmstat) || mml_span_len(b->sockstat) || b->zones.n)
		mml_take_page_size(b->take, b->table);
	return rc;
}

static int balance_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	struct mml_balance b = { .take = take, .table = ret, .page_size = take->host->page_size };
	const struct mml_arg *group = &query->scope.args[MML_PARAM_CGROUP];
	int rc;

	if (query->reading.needs & NEEDS_FRAMES && !is_by(query, "list"))
		mml_table_why(ret, BALANCE_referenced, "only lists have it", "--by list");
	if (group->given) {
		if (is_by(query, "list"))
			return mml_table_fail(ret, -EINVAL, NULL,
					      "the lists of a control group are columns of cgroups");
		rc = mml_cgroup_balance(take, group->text, ret);
		return rc || !is_by(query, "reclaim") ? rc : mml_balance_by_reclaim(ret, NULL);
	}
	rc = mml_take_file(take, ret, meminfo_path, &b.meminfo);
	if (rc)
		return rc;
	if (!mml_balance_field(&b, "MemTotal", &b.total))
		return mml_table_fail(ret, -EBADMSG, NULL,
				      "%s: MemTotal is not in it, or no size memory can have",
				      meminfo_path);
	rc = fill(&b, query);
	return rc ? mml_table_fail(ret, rc, NULL, "out of memory") : 0;
}

static const struct mml_grouping groupings[] = {
	{ "reclaim", "reclaim,item,bytes,share,reclaimable,source", NULL },
	{ "list", "item,bytes,share,reclaim,source", NULL },
	{ NULL, NULL, NULL },
};

static const struct mml_source sources[] = {
	{ "/proc/meminfo", "a procfs that is not mounted with subset=pid", NULL, NULL },
	{ "/proc/vmstat", NULL, "a kernel with CONFIG_VM_EVENT_COUNTERS", NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ "/proc/net/sockstat", NULL, "a kernel with networking", NULL },
	{ "/proc/net/sockstat6", NULL, "a kernel with IPv6", NULL },
	{ "/proc/spl/kstat/zfs/arcstats", NULL, "ZFS", NULL },
	{ "/sys/module/dm_bufio/parameters/allocated_get_free_pages_bytes", NULL,
	  "a device mapper target that caches blocks", NULL },
	{ "/proc/vmallocinfo",
	  "root (it matters up to Linux 5.2, whose VmallocUsed says nothing, and on machines where "
	  "thread "
	  "stacks may lie in vmalloc memory or not)",
	  NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_balance = {
	.schema = { .name = "balance",
		    .help = "A part of the machine's memory: where MemTotal has gone, to the last "
			    "byte; with --cgroup, where that of a control group has gone.",
		    MML_COLUMNS(BALANCE) },
	.sources = sources,
	.groupings = groupings,
	.takes = MML_TAKES(CGROUP),
	.collect = balance_collect,
};
