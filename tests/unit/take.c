/* Files as a snapshot has them: read once, text, and each failure in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/stat.h>

#include "../../src/collectors/registry.h"
#include "../tap.h"
#include "tree.h"
#include "../../src/source/source.h"

static struct tree t;

static const char *reason(const char *table)
{
	static char seen[512];
	const struct mml_table *is = tree_table(&t, table);

	snprintf(seen, sizeof(seen), "%s", is && is->absence.reason ? is->absence.reason : "none");
	/* Whatever a table knows, it does not hold rows of what could not be read. */
	ok(is && (!is->error || !is->nrows));
	return seen;
}

/* The rest of a snapshot does not suffer from one file. */
static void bad_files(void)
{
	char path[128];
	FILE *f;

	is_str(reason("meminfo"), "/proc/meminfo: not in this tree");
	tree_file(&t, "/proc/meminfo", "");
	is_str(reason("meminfo"), "/proc/meminfo: empty");
	is_str(reason("balance"), "/proc/meminfo: empty");
	snprintf(path, sizeof(path), "%s/proc/meminfo", t.dir);
	f = fopen(path, "w");
	fwrite("MemTotal: 1 kB\n\0\0\0\377\n", 1, 20, f);
	fclose(f);
	is_str(reason("meminfo"), "/proc/meminfo: not text: byte 15 is 0");
	tree_file(&t, "/proc/vmstat", "nr_free_pages 12\nnr_cut 3");
	is_str(reason("vmstat"), "none");
	is_str(tree_table(&t, "vmstat")->note,
	       "/proc/vmstat: the last line has no end: something may be cut off");
	tree_file(&t, "/proc/vmstat", "nr_free_pages 12\n");
	ok(!tree_table(&t, "vmstat")->note);
	unlink(path);
	mkdir(path, 0755);
	is_str(reason("meminfo"), "/proc/meminfo: not a file");
	rmdir(path);
	ok(!symlink("meminfo", path));
	is_str(reason("meminfo"), "/proc/meminfo: a link that leads nowhere");
	unlink(path);
	f = fopen(path, "w");
	ok(!ftruncate(fileno(f), (off_t)1 << 30));
	fclose(f);
	is_str(reason("meminfo"), "/proc/meminfo: too large to be a file of the kernel's");
	unlink(path);
}

/* Two tables that read the same file see the same, whatever happens to it in between. */
static void read_once(void)
{
	struct mml_query queries[] = {
		{ .collector = mml_collector_find("meminfo"), .reading.cancel_fd = -1 },
		{ .collector = mml_collector_find("balance"), .reading.cancel_fd = -1 },
	};
	struct mml_snapshot *snap;
	struct mml_arena *arena = mml_arena_new();
	struct mml_span a, b;
	struct mml_take take;
	struct mml_root *root;
	uint64_t n;

	tree_file(&t, "/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\n");
	tree_file(&t, "/sys/number", "17\n");
	if (mml_root_open(t.dir, &root)) {
		ok(false);
		return;
	}
	take = (struct mml_take){ .root = root, .arena = arena, .host = mml_root_host(root) };
	ok(!mml_take_filef(&take, &a, "/proc/%s", "meminfo"));
	tree_file(&t, "/proc/meminfo", "MemTotal: 2000 kB\n");
	ok(!mml_take_file(&take, NULL, "/proc/meminfo", &b) && a.p == b.p && a.end == b.end);
	ok(!mml_take_number(&take, &n, "/sys/%s", "number") && n == 17);
	tree_file(&t, "/sys/number", "18\n");
	ok(!mml_take_number(&take, &n, "/sys/number") && n == 17);
	ok(mml_take_number(&take, &n, "/proc/%s", "meminfo") == -EINVAL);
	ok(mml_take_number(&take, &n, "/proc/none") == -ENOENT);
	tree_file(&t, "/proc/none", "1\n");
	ok(mml_take_number(&take, &n, "/proc/none") == -ENOENT); /* it was not there at the instant */
	for (int i = 0; i < 2000; i++)
		if (mml_take_filef(&take, &a, "/proc/%d/stat", i) != -ENOENT)
			ok(false);
	ok(!mml_take_number(&take, &n, "/sys/number") && n == 17);
	tree_file(&t, "/dev/kmsg", "6,1,2,-;a\n");
	ok(!mml_take_records(&take, NULL, "/dev/kmsg", &a));
	tree_file(&t, "/dev/kmsg", "6,1,2,-;b\n");
	ok(!mml_take_records(&take, NULL, "/dev/kmsg", &b) && a.p == b.p &&
	   mml_span_eq(a, "6,1,2,-;a\n"));
	/* What tables share is told apart by its key. */
	ok(mml_take_memo(&take, &a) && !*mml_take_memo(&take, &a));
	*mml_take_memo(&take, &a) = arena;
	ok(*mml_take_memo(&take, &a) == arena && !*mml_take_memo(&take, &b));
	mml_take_end(&take);
	mml_arena_free(arena);
	ok(!mml_snapshot_take(root, queries, 2, &snap));
	is_cell_u64(snap->tables[0], 0, "bytes", 2000 * 1024);
	is_cell_u64(snap->tables[1], 0, "bytes", 2000 * 1024); /* unaccounted, all of it */
	mml_snapshot_put(snap);
	mml_root_close(root);
}

int main(void)
{
	tree_new(&t);
	if (!tree_table(&t, "meminfo")) {
		tap_skip("trees need openat2(), Linux 5.6");
		return tap_done();
	}
	bad_files();
	read_once();
	tree_free(&t);
	return tap_done();
}
