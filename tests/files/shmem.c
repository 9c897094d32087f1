/* Shared memory by its parts, with what is not there left out, and what is found to look wrong in it.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "../unit/tree.h"

#include <errno.h>

#include "../../src/collectors/files/segments.h"
#include "../../src/collectors/files/space.h"

static const char mounts[] = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
			     "21 20 0:31 / /dev/shm rw - tmpfs tmpfs rw\n"
			     "22 20 0:31 / /again rw - tmpfs tmpfs rw\n"
			     "23 20 0:32 / /tmp/a\\040b rw - tmpfs none rw\n"
			     "24 20 0:33 / /free rw - tmpfs none rw\n"
			     "25 20 0:34 / /unasked rw - tmpfs none rw\n";

static const char head[] = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n";

static void is_cell(struct mml_table *t, const char *name, const char *column, const char *want)
{
	char got[64] = "-";

	for (size_t i = 0; i < t->nrows; i++) {
		const struct mml_row *row = mml_table_row(t, i);
		const char *is = mml_look_str(t, row, "name");
		int col = mml_schema_find(t->schema, column, strlen(column));

		if (!is || strcmp(is, name) || col < 0 || !mml_has(row, (unsigned)col))
			continue;
		if (t->schema->columns[col].type == MML_STR)
			snprintf(got, sizeof(got), "%s", row->cell[col].str);
		else if (t->schema->columns[col].type == MML_F64)
			snprintf(got, sizeof(got), "%.1f", row->cell[col].f64);
		else
			snprintf(got, sizeof(got), "%" PRId64, row->cell[col].i64);
	}
	tap_ok(!strcmp(got, want), "%s: %s is %s, expected %s", name, column, got, want);
}

static void test_table(void)
{
	struct mml_table *t;
	struct tree tree;
	char text[1024];

	tree_new(&tree);
	tree_file(&tree, "/proc/self/mountinfo", mounts);
	tree_file(&tree, "/proc/meminfo",
		  "MemTotal: 1024000 kB\nSwapCached: 0 kB\nShmem: 200 kB\nSwapTotal: 8 kB\nSwapFree: 8 kB\n");
	tree_file(&tree, "/mmlens/tmpfs", "0:31 4096 100 90 7\n0:32 4096 10 0 2\n0:34 4096 10 8 1\n");
	snprintf(text, sizeof(text), "%s%s", head,
		 "         0          5  1600                 20480    10    11      2   1000     0     0     0          0          0          1                 12288                     0\n"
		 "1375797921         -7   600                  8192    12    11      0      0     0     0     0          1          2          1                  4096                  4096\n"
		 "         0          9  4600               4194304    12    11      1      0     0     0     0          1          2          1               4194304                     0\n");
	tree_file(&tree, "/proc/sysvipc/shm", text);
	t = tree_table(&tree, "shmem");
	is_cell(t, "/dev/shm", "used", "40960");
	is_cell(t, "/dev/shm", "limit", "409600");
	is_cell(t, "/dev/shm", "full", "10.0");
	is_cell(t, "/dev/shm", "files", "7");
	is_cell(t, "/dev/shm", "device", "0:31");
	is_cell(t, "/again", "used", "-");
	is_cell(t, "/tmp/a b", "full", "100.0");
	/* Nothing is known of one that was not asked, and then nothing of the remainder either. */
	is_cell(t, "/free", "kind", "tmpfs");
	is_cell(t, "/free", "used", "-");
	is_cell(t, "/free", "cached", "-");
	is_cell(t, "shmid 5", "used", "12288");
	is_cell(t, "shmid 5", "attached", "2");
	is_cell(t, "shmid 5", "idle", "-");
	is_cell(t, "shmid -7 key 0x520102a1", "used", "8192");
	is_cell(t, "shmid -7 key 0x520102a1", "cached", "4096");
	is_cell(t, "shmid -7 key 0x520102a1", "swapped", "4096");
	is_cell(t, "shmid -7 key 0x520102a1", "full", "100.0");
	is_cell(t, "shmid 9", "kind", "hugetlb");
	is_cell(t, "Shmem", "cached", "204800");
	is_cell(t, "memfd, anonymous and drivers' memory, and what is mounted elsewhere", "cached", "-");
	tree_file(&tree, "/mmlens/tmpfs", "0:31 4096 100 90 7\n0:32 4096 10 0 2\n0:33 4096 10 10 1\n0:34 4096 10 8 1\n");
	t = tree_table(&tree, "shmem");
	/* 50 pages less 10, 10, 2 and the segments' 3 and 1, and none of hugetlb. */
	is_cell(t, "memfd, anonymous and drivers' memory, and what is mounted elsewhere", "cached", "98304");
	/* What is in swap is used, and not in memory: only the walk could tell them apart. */
	tree_file(&tree, "/proc/meminfo", "MemTotal: 1024000 kB\nSwapCached: 0 kB\nShmem: 200 kB\nSwapTotal: 8 kB\nSwapFree: 4 kB\n");
	t = tree_table(&tree, "shmem");
	is_cell(t, "/dev/shm", "used", "40960");
	is_cell(t, "/dev/shm", "cached", "-");
	tree_file(&tree, "/proc/sysvipc/shm", "key shmid\n0 5 1600 x\n");
	t = tree_table(&tree, "shmem");
	is_i64(t->error, -EBADMSG);
	tree_free(&tree);
}

static void test_segments(void)
{
	static const char *const bad[] = {
		"0", "0 1 1608 1 1 1 1 1 1 1 1 1 1 1 1 1", "0 1 1600 -1 1 1 1 1 1 1 1 1 1 1 1 1",
		"0 1 1600 1 1 1 1 1 1 1 1 1 1 1 1", "0 1 160000000 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"0 99999999999999999999 1600 1 1 1 1 1 1 1 1 1 1 1 1 1",
	};
	struct mml_span text = mml_span_str("0 1 1600 1 1 1 1 1 1 1 1 1 1 1 1 1\n");
	struct mml_segment s;

	is_i64(mml_segment_next(&text, &s), 1);
	ok(s.removed && !s.huge);
	is_i64(mml_segment_next(&text, &s), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		text = mml_span_str(bad[i]);
		is_i64(mml_segment_next(&text, &s), -EBADMSG);
	}
}

/* Memory of 1000 MiB; a tmpfs of SIZE MiB in which USED KiB are, and one segment that has RSS KiB. */
static struct mml_table *found(struct tree *tree, unsigned size, unsigned used, unsigned rss, unsigned attached)
{
	char text[1024];

	tree_file(tree, "/proc/self/mountinfo", "21 20 0:31 / /x rw - tmpfs tmpfs rw\n");
	tree_file(tree, "/proc/meminfo", "MemTotal: 1024000 kB\nMemAvailable: 900000 kB\nMemFree: 900000 kB\n");
	snprintf(text, sizeof(text), "0:31 1024 %u %u 7\n", size * 1024, size * 1024 - used);
	tree_file(tree, "/mmlens/tmpfs", text);
	snprintf(text, sizeof(text), "%s0 5 600 999999999 1 1 %u 0 0 0 0 0 0 1 %u 0\n", head, attached, rss * 1024);
	tree_file(tree, "/proc/sysvipc/shm", text);
	return tree_table(tree, "findings");
}

static void is_said(struct mml_table *t, const char *finding, const char *want)
{
	const char *got = "not found";

	for (size_t i = 0; i < t->nrows; i++)
		if (!strcmp(mml_look_str(t, mml_table_row(t, i), "finding"), finding))
			got = mml_look_str(t, mml_table_row(t, i), "severity");
	if (!tap_ok(!strcmp(got, want), "%s: %s", finding, want))
		printf("#      got: %s\n", got);
}

static void test_findings(void)
{
	struct tree tree;

	tree_new(&tree);
	is_said(found(&tree, 100, 92160, 0, 0), "tmpfs-full", "warning");
	is_said(found(&tree, 100, 92159, 0, 0), "tmpfs-full", "not found");
	is_said(found(&tree, 16, 16384, 0, 0), "tmpfs-full", "warning");
	is_said(found(&tree, 16, 16383, 0, 0), "tmpfs-full", "not found");
	is_said(found(&tree, 900, 102400, 0, 0), "tmpfs-large", "note");
	is_said(found(&tree, 900, 102399, 0, 0), "tmpfs-large", "not found");
	is_said(found(&tree, 900, 1, 10240, 0), "segments-left", "note");
	is_said(found(&tree, 900, 1, 10239, 0), "segments-left", "not found");
	is_said(found(&tree, 900, 1, 10240, 1), "segments-left", "not found");
	tree_free(&tree);
}

int main(void)
{
	test_segments();
	test_table();
	test_findings();
	return tap_done();
}
