/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../core/mounted.h"

/* How deep control groups are followed, and how long their paths may be. */
enum { DEPTH = 32, PATH = 1024 };

struct count {
	struct mml_root *root;
	char path[PATH];
	size_t len;
	unsigned depth;
	uint64_t processes;
};

static int count_group(struct count *count);

/* A control group's own files have names like "memory.stat", but for three. */
static bool is_file(const char *name)
{
	static const char *const controllers[] = { "cgroup.", "cpu.",    "cpuset.", "cpuacct.",
						   "io.",     "blkio.",  "memory.", "hugetlb.",
						   "pids.",   "rdma.",   "misc.",   "dmem.",
						   "irq.",    "devices.", "freezer.", "perf_event.",
						   "net_cls.", "net_prio.", "debug." };
	static const char *const others[] = { "tasks", "notify_on_release", "release_agent" };

	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++)
		if (!strncmp(name, controllers[i], strlen(controllers[i])))
			return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(name, others[i]))
			return true;
	return false;
}

static int count_child(const char *name, void *ctx)
{
	struct count *count = ctx;
	size_t len = count->len, more = strlen(name);

	if (is_file(name) || len + more + 32 > PATH || count->depth == DEPTH)
		return 0;
	count->path[len] = '/';
	memcpy(count->path + len + 1, name, more + 1);
	count->len = len + 1 + more;
	count->depth++;
	count_group(count);
	count->depth--;
	count->len = len;
	count->path[len] = '\0';
	return 0;
}

/* Adds the processes of the group at the path and of those below it. Everybody may read which they
 * are, and procfs does not hide them there. Returns 0, or -errno if it is no group. */
static int count_group(struct count *count)
{
	struct mml_buf text = { 0 };
	struct mml_span rest, line;
	uint64_t pid;
	int rc;

	snprintf(count->path + count->len, sizeof(count->path) - count->len, "/cgroup.procs");
	rc = mml_root_read(count->root, count->path, &text);
	count->path[count->len] = '\0';
	rest = (struct mml_span){ text.data, text.data + text.len };
	/* A process of another PID namespace is 0. */
	while (!rc && mml_next_line(&rest, &line))
		count->processes += !mml_parse_u64(line, &pid) && pid;
	mml_buf_free(&text);
	if (rc && rc != -EOPNOTSUPP) /* a group of threads, which are of processes above it */
		return rc;
	return mml_root_walk(count->root, count->path, count_child, count);
}

/* Returns how many processes there are, whether or not this user sees them; 0: not known. */
static uint64_t count_processes(struct mml_root *root)
{
	static const char *const hierarchies[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified",
						   "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/pids",
						   "/sys/fs/cgroup/memory" };

	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(*hierarchies); i++) {
		struct count count = { .root = root, .len = strlen(hierarchies[i]) };

		memcpy(count.path, hierarchies[i], count.len + 1);
		if (!count_group(&count) && count.processes)
			return count.processes;
	}
	return 0;
}

/* In a tree the words are those that were said when it was captured. */
static const char note_path[] = "/mmlens/unseen";

static void say(const struct mml_scan *scan, struct mml_table *table, uint64_t n, unsigned hidepid)
{
	const char *text;

	if (n)
		text = mml_arena_printf(table->arena,
					"%llu process%s of other users %s hidden: /proc is mounted "
					"hidepid=%u",
					(unsigned long long)n, n == 1 ? "" : "es",
					n == 1 ? "is" : "are", hidepid);
	else
		text = mml_arena_printf(table->arena,
					"processes of other users are hidden: /proc is mounted "
					"hidepid=%u",
					hidepid);
	if (!text)
		return;
	mml_table_note(table, "%s", text);
	mml_root_save(scan->take->root, note_path, text, strlen(text));
}

static bool say_kept(const struct mml_scan *scan, struct mml_table *table)
{
	struct mml_span text, line;

	if (mml_take_file(scan->take, NULL, note_path, &text) || !mml_next_line(&text, &line))
		return false;
	mml_table_note(table, "%.*s", (int)mml_span_len(line), line.p);
	return true;
}

bool mml_process_say_unseen(const struct mml_scan *scan, struct mml_table *table)
{
	uint64_t seen = 0, refused = 0, all;
	struct mml_mounted mounted;

	if (scan->tree)
		return say_kept(scan, table);
	mml_mounted_read(scan->take->root, &mounted);
	if (!mounted.hidepid)
		return false;
	for (size_t i = 0; i < scan->n; i++) {
		seen += !scan->processes[i].gone;
		refused += !scan->processes[i].gone && scan->processes[i].refused & NEEDS_STAT;
	}
	if (mounted.hidepid == MML_HIDEPID_NOACCESS) {
		if (refused)
			say(scan, table, refused, mounted.hidepid);
		return true;
	}
	all = count_processes(scan->take->root);
	if (!all || all > seen)
		say(scan, table, all ? all - seen : 0, mounted.hidepid);
	return true;
}
