/* What every parser is fed with, by libFuzzer or by run.c. A target returns when it is content; what
 * must not be is an abort(). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/collectors/registry.h"
#include "../../src/collectors/zones/buddyinfo.h"
#include "../../src/collectors/events/faults.h"
#include "../../src/collectors/memory/meminfo.h"
#include "../../src/collectors/oom/model.h"
#include "../../src/collectors/process/process.h"
#include "../../src/collectors/process/procfs.h"
#include "../../src/collectors/slab/slab.h"
#include "../../src/collectors/events/tlb.h"
#include "../../src/collectors/vma/borders.h"
#include "../../src/collectors/vma/kind.h"
#include "../../src/collectors/vma/maps.h"
#include "../../src/collectors/cgroup/dying.h"
#include "../../src/collectors/files/files.h"
#include "../../src/collectors/vma/mm.h"
#include "../../src/collectors/memory/vmstat.h"
#include "../../src/collectors/zones/zoneinfo.h"
#include "../../src/source/host.h"
#include "../../src/render/render.h"
#include "../../src/source/source.h"
#include "must.h"

/* The machine: one file that was fuzzed, and one that goes with it. */
static struct {
	const char *path, *data;
	size_t len;
} files[2];

int __wrap_mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf);
int __wrap_mml_root_list(struct mml_root *root, const char *path, struct mml_buf *buf);
int __wrap_mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf);

int __wrap_mml_root_read(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	(void)root;
	for (size_t i = 0; i < 2; i++)
		if (files[i].path && !strcmp(files[i].path, path)) {
			if (mml_buf_reserve(buf, files[i].len))
				return -ENOMEM;
			mml_buf_put(buf, files[i].data, files[i].len);
			buf->data[buf->len] = '\0';
			return 0;
		}
	return -ENOENT;
}

int __wrap_mml_root_list(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	(void)root;
	(void)path;
	(void)buf;
	return -ENOENT;
}

int __wrap_mml_root_readlink(struct mml_root *root, const char *path, struct mml_buf *buf)
{
	return __wrap_mml_root_list(root, path, buf);
}

static struct mml_root *root_of_all(void)
{
	static struct mml_root *root;

	MUST(root || !mml_root_open(NULL, &root));
	return root;
}

static bool harmless(const struct mml_buf *out)
{
	for (size_t i = 0; i < out->len;) {
		uint32_t c = 0;
		size_t n = mml_utf8_next(out->data + i, out->len - i, &c);

		if (out->data[i] != '\n' && (!n || mml_utf8_harmful(c)))
			return false;
		i += n;
	}
	return true;
}

static void render(const struct mml_snapshot *snap, const struct mml_select *sels)
{
	struct mml_format format = { .style = { .utf8 = true, .page_size = 4096 } };
	struct mml_buf out = { 0 };

	for (size_t i = 0; mml_renderers[i]; i++) {
		format.renderer = mml_renderers[i];
		format.style.exact = format.renderer->exact;
		MUST(!mml_render(&out, sels, snap, &format));
	}
	MUST(harmless(&out));
	mml_buf_free(&out);
}

/* Rows that disagree with themselves. */
static void check_balance(const struct mml_table *t)
{
	int bytes = mml_schema_find(t->schema, "bytes", 5);
	struct mml_span text = { files[0].data, files[0].data + files[0].len };
	__int128 sum = 0;
	uint64_t total;

	if (t->error)
		return;
	if (strcmp(files[0].path, "/proc/meminfo"))
		text = (struct mml_span){ files[1].data, files[1].data + files[1].len };
	MUST(mml_meminfo_bytes(text, "MemTotal", &total));
	for (size_t i = 0; i < t->nrows; i++)
		sum += mml_table_row(t, i)->cell[bytes].i64;
	MUST(sum == total);
}

/* DATA is the file PATH, or one the user named if that is NULL: the tables that read it are taken and
 * shown in every format. */
static int tables(const uint8_t *data, size_t size, const char *path, const char *const *names)
{
	struct mml_arg log = { .given = !path, .data = (const char *)data, .size = size };
	struct mml_query queries[8] = { 0 };
	struct mml_select sels[8];
	struct mml_snapshot *snap;
	size_t n = 0;

	files[0].path = path;
	files[0].data = (const char *)data;
	files[0].len = size;
	for (; names[n]; n++) {
		queries[n].collector = mml_collector_find(names[n]);
		queries[n].reading.cancel_fd = -1;
		queries[n].scope.args[MML_PARAM_LOG] = log;
		queries[n].scope.args[MML_PARAM_VERBOSE].given = true;
		MUST(queries[n].collector);
		mml_select_init(&sels[n], &queries[n].collector->schema);
		mml_select_all_columns(&sels[n]);
		queries[n].reading.needs = mml_select_needs(&sels[n]);
	}
	MUST(!mml_snapshot_take(root_of_all(), queries, n, &snap));
	for (size_t i = 0; i < n; i++) {
		MUST(!snap->tables[i]->error || *snap->tables[i]->absence.reason);
		if (!strcmp(names[i], "balance"))
			check_balance(snap->tables[i]);
	}
	render(snap, sels);
	for (size_t i = 0; i < n; i++)
		mml_select_free(&sels[i]);
	mml_snapshot_put(snap);
	files[0].path = files[1].path = NULL;
	return 0;
}

static bool inside(struct mml_span part, struct mml_span whole)
{
	return part.p == part.end || (part.p >= whole.p && part.end <= whole.end && part.p < part.end);
}

static void with_file(const char *path, const char *text)
{
	files[1].path = path;
	files[1].data = text;
	files[1].len = strlen(text);
}

int fuzz_meminfo(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "meminfo", "balance", NULL };
	struct mml_span all = exact(data, size), text = all;
	struct mml_meminfo_line line;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		MUST(rc < 0 || (inside(line.name, all) && line.name.p < line.name.end));
	free((char *)all.p);
	with_file("/proc/zoneinfo", "Node 0, zone Normal\n  pages free 1\n        managed 9\n");
	return tables(data, size, "/proc/meminfo", names);
}

/* The files beside meminfo that the balance reads. */
int fuzz_parts(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {
		"/proc/net/sockstat", "/proc/spl/kstat/zfs/arcstats", "/proc/vmallocinfo",
		"/sys/module/dm_bufio/parameters/allocated_get_free_pages_bytes",
	};
	static const char *const names[] = { "balance", NULL };

	/* VmallocUsed of 0 makes vmallocinfo be read. */
	with_file("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\nVmallocUsed: 0 kB\n");
	return tables(data + (size > 0), size - (size > 0), paths[size ? data[0] % 4 : 0], names);
}

int fuzz_vmstat(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "vmstat", "balance", NULL };
	struct mml_span all = exact(data, size), text = all, name;
	uint64_t v;
	int rc;

	while ((rc = mml_vmstat_next(&text, &name, &v)))
		MUST(rc < 0 || (inside(name, all) && name.p < name.end));
	free((char *)all.p);
	with_file("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\n");
	return tables(data, size, "/proc/vmstat", names);
}

int fuzz_zoneinfo(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "zones", "zonestats", "balance", NULL };
	struct mml_arena *arena = mml_arena_new();
	struct mml_span all = exact(data, size);
	struct mml_zones zones;

	MUST(arena && mml_zoneinfo_parse(arena, all, NULL, &zones) != -ENOMEM);
	for (size_t i = 0; i < zones.n; i++)
		MUST(zones.zones[i].name && inside(zones.zones[i].protection, all));
	mml_arena_free(arena);
	free((char *)all.p);
	with_file("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\n");
	return tables(data, size, "/proc/zoneinfo", names);
}

int fuzz_buddyinfo(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "buddy", NULL };
	struct mml_span all = exact(data, size), text = all;
	struct mml_buddy zone;
	int rc;

	while ((rc = mml_buddy_next(&text, &zone))) {
		if (rc < 0)
			continue;
		MUST(zone.orders && zone.orders <= MML_MAX_ORDERS && inside(zone.zone, all));
		for (unsigned o = 0; o < zone.orders; o++) {
			int64_t u = mml_unusable_index(&zone, o), f = mml_fragmentation_index(&zone, o);

			MUST(u >= 0 && u <= 1000 && f >= -1000 && f <= 1000);
		}
	}
	free((char *)all.p);
	return tables(data, size, "/proc/buddyinfo", names);
}

int fuzz_pagetypeinfo(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "pagetypes", NULL };

	return tables(data, size, "/proc/pagetypeinfo", names);
}

int fuzz_slabinfo(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "slab", NULL };
	struct mml_span all = exact(data, size), text = all;
	struct mml_slab slab;
	int rc;

	while ((rc = mml_slabinfo_next(&text, &slab)))
		MUST(rc < 0 || (inside(slab.name, all) && slab.name.p < slab.name.end));
	free((char *)all.p);
	return tables(data, size, "/proc/slabinfo", names);
}

int fuzz_psi(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "psi", NULL };

	return tables(data, size, "/proc/pressure/memory", names);
}

int fuzz_swaps(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "swaps", NULL };

	return tables(data, size, "/proc/swaps", names);
}

int fuzz_hugetlbfs(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "hugetlbfs", NULL };

	return tables(data, size, "/proc/self/mounts", names);
}

int fuzz_filter(const uint8_t *data, size_t size)
{
	const struct mml_schema *schema = &mml_collector_find("slab")->schema;
	struct mml_arena *arena = mml_arena_new();
	struct mml_table *table = mml_table_new(arena, schema);
	char *text = strndup((const char *)data, size);
	const struct mml_row **rows;
	struct mml_select sel;
	int rc;

	MUST(arena && table && text);
	mml_set_str(mml_table_add(table), 0, "dentry");
	mml_table_add(table);
	/* Regular expressions can take the C library for ever: that is not ours to find out. */
	for (char *p = text; *p; p++)
		if (strchr("{*+", *p))
			*p = '?';
	for (int i = 0; i < 3; i++) {
		mml_select_init(&sel, schema);
		rc = i == 0 ? mml_select_filter(&sel, text) :
		     i == 1 ? mml_select_sort(&sel, text) :
			      mml_select_columns(&sel, text);
		MUST(rc == 0 || (rc == -EINVAL && *sel.error && !strchr(sel.error, '\n')) ||
		     (rc == -EINVAL && strpbrk(text, "\n")));
		if (!rc) {
			MUST(mml_select_rows(&sel, table, &rows) <= 2);
			free(rows);
		}
		mml_select_free(&sel);
	}
	free(text);
	mml_arena_free(arena);
	return 0;
}

static void count(unsigned n, void *ctx)
{
	MUST(n <= 65535);
	++*(unsigned *)ctx;
}

/* Numbers, lists, values of every type: what is no number leaves what was there alone. */
int fuzz_numbers(const uint8_t *data, size_t size)
{
	struct mml_span all = exact(data, size), s = all;
	struct mml_column col = { 0 };
	union mml_value v;
	uint64_t u = 77;
	int64_t i = 77;
	unsigned n = 0;

	MUST(!mml_parse_u64(s, &u) || u == 77);
	MUST(!mml_parse_i64(s, &i) || i == 77);
	u = 77;
	MUST(!mml_parse_hex(s, &u) || u == 77);
	mml_parse_list(s, count, &n);
	for (int type = MML_STR; type <= MML_BOOL; type++)
		for (int unit = MML_NONE; unit <= MML_RATIO; unit++) {
			col.type = (enum mml_type)type;
			col.unit = (enum mml_unit)unit;
			if (type != MML_STR)
				mml_parse_value(&col, s.p, mml_span_len(s), &v);
		}
	free((char *)all.p);
	return 0;
}

/* What a captured tree says of the machine it is of. */
int fuzz_host(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "/mmlens/host", "/mmlens/errors", "/proc/meminfo",
					     "/proc/sys/kernel/osrelease", "/proc/version" };
	struct mml_host_text text = { 0 };
	struct mml_time time = { 0 };
	struct mml_host host = { 0 };
	struct mml_span all;

	files[0].path = paths[size ? data[0] % 5 : 0];
	files[0].data = (const char *)data + (size > 0);
	files[0].len = size - (size > 0);
	with_file("/proc/zoneinfo", "        managed 9\n");
	if (mml_host_tree(root_of_all(), &host, &text)) {
		MUST(!strcmp(files[0].path, "/mmlens/host"));
	} else {
		MUST(host.page_size >= 1024 && host.clock_ticks);
		MUST(!(host.page_size & (host.page_size - 1)));
	}
	all = exact(data, size);
	MUST(!(mml_page_size_of_smaps(all) & 4095) && !(mml_page_size_of_auxv(all) & 4095));
	free((char *)all.p);
	mml_host_error(&text, "/proc/meminfo");
	mml_host_time(root_of_all(), &time);
	MUST(time.wall.tv_nsec >= 0 && time.wall.tv_nsec < 1000000000);
	mml_host_free(&text);
	files[0].path = files[1].path = NULL;
	return 0;
}

/* /proc/PID/stat, statm, status, numa_maps, cgroup, mountinfo: the parsers one after the other. */
int fuzz_process(const uint8_t *data, size_t size)
{
	struct mml_span all = exact(data, size);
	struct mml_arena *arena = mml_arena_new();
	struct mml_mounts mounts = { 0 };
	struct mml_ident ident = { 0 };
	struct mml_pid_status status;
	struct mml_pid_statm statm;
	struct mml_pid_stat stat;
	static struct mml_node_bytes nodes;
	struct mml_mm mm;

	MUST(arena);
	if (!mml_pid_stat_parse(all, &stat))
		MUST(inside(stat.comm, all));
	mml_pid_statm_parse(all, &statm);
	if (!mml_pid_status_parse(all, &status))
		MUST(inside(status.name, all));
	memset(&nodes, 0, sizeof(nodes));
	mml_numa_maps_sum(all, 4096, &nodes);
	MUST(nodes.limit <= MML_MAX_NODES);
	mml_mm_parse(all, &mm);
	mml_cgroup_parse(arena, all, &ident);
	MUST(mml_mounts_parse(arena, all, &mounts) != -ENOMEM);
	mml_arena_free(arena);
	free((char *)all.p);
	return 0;
}

/* maps, smaps and numa_maps, line by line. */
int fuzz_maps(const uint8_t *data, size_t size)
{
	struct mml_span all = exact(data, size), text = all, line, key, value;
	struct {
		struct mml_arena *arena;
		struct mml_borders b;
	} borders = { mml_arena_new(), { 0 } };
	struct mml_numa_map numa;
	struct mml_map map;
	uint64_t node, pages;

	MUST(borders.arena);
	mml_borders_auxv(borders.arena, &borders.b, all);
	MUST(borders.b.n <= sizeof(borders.b.at) / sizeof(*borders.b.at));
	mml_arena_free(borders.arena);
	while (mml_next_line(&text, &line)) {
		if (!mml_map_parse(line, &map))
			MUST(map.start <= map.end && inside(map.name, all) && !map.perms[4]);
		mml_map_begins(line);
		if (mml_smaps_split(line, &key, &value)) {
			MUST(inside(key, all) && inside(value, all));
			mml_smaps_value(value, &node);
		}
		if (!mml_numa_map_parse(line, &numa)) {
			struct mml_span rest = numa.nodes;

			MUST(inside(numa.policy, all));
			while (mml_numa_map_node(&rest, &node, &pages))
				MUST(inside(rest, all));
		}
	}
	free((char *)all.p);
	return 0;
}

/* A kernel log: whatever it says, nothing of it is needed once it is read, and the balance is all of
 * RAM. */
int fuzz_oom(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "oom",	    "oom_tasks",   "oom_zones", "oom_balance",
					     "oom_slabs", "oom_cgroups", "oom_kills", NULL };
	struct mml_span all = exact(data, size);
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log;

	MUST(arena && !mml_oom_read(arena, all, 0, &log));
	free((char *)all.p);
	for (const struct mml_oom_report *r = log->reports; r; r = r->next) {
		__int128 sum = 0;

		for (unsigned i = 0; i < r->balance.n; i++)
			sum += r->balance.share[i].pages;
		MUST(!r->balance.known || sum == r->balance.ram);
		MUST(r->line_first <= r->line_last && r->line_last <= log->input_lines);
	}
	mml_arena_free(arena);
	return tables(data, size, NULL, names);
}

/* The bytes of BPF maps, as a capture keeps them. */
int fuzz_events(const uint8_t *data, size_t size)
{
	struct mml_query query = { .reading.cancel_fd = -1 };
	struct mml_span all = exact(data, size);
	struct mml_arena *arena = mml_arena_new();
	const struct mml_collector *faults = mml_collector_find("faults");
	const struct mml_collector *tlb = mml_collector_find("tlb");
	struct mml_table *t;

	MUST(arena && faults && tlb);
	t = mml_table_new(arena, &faults->schema);
	mml_counts_rows(&mml_counts_faults, all, &query, t);
	t = mml_table_new(arena, &faults->schema);
	mml_faults_mapping_rows(all, 1, mml_span_str("0-1000 r-xp 0 0:0 0 x\n"), "x", t);
	t = mml_table_new(arena, &tlb->schema);
	mml_counts_rows(&mml_counts_tlb, all, &query, t);
	mml_faults_mapping_rows(all, 174, all, "x", mml_table_new(arena, &faults->schema));
	if (size >= sizeof(struct mml_trace_head)) {
		struct mml_task_counters *tasks;
		struct mml_dying_row *dying;
		struct mml_files_bytes walked;
		struct mml_mm_row *rows;
		uint64_t dropped;
		size_t n;

		/* No tree has the task iterator's bytes: any others do, called such. */
		((struct mml_trace_head *)(uintptr_t)all.p)->kind = MML_TRACE_TASKS;
		if (!mml_trace_tasks(all.p, size, &tasks, &n))
			free(tasks);
		((struct mml_trace_head *)(uintptr_t)all.p)->kind = MML_TRACE_MM;
		mml_trace_mm(arena, all.p, size, &rows, &n);
		((struct mml_trace_head *)(uintptr_t)all.p)->kind = MML_TRACE_DYING;
		mml_dying_parse(arena, all.p, size, &dying, &n, &dropped);
		((struct mml_trace_head *)(uintptr_t)all.p)->kind = MML_TRACE_FILES;
		mml_files_parse(arena, MML_TRACE_FILES, all.p, size, &walked);
	}
	mml_arena_free(arena);
	free((char *)all.p);
	return 0;
}
