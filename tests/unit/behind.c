/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/collectors/page/behind.h"
#include "../../src/collectors/vma/kind.h"
#include "../../src/collectors/vma/vmas.h"

enum { PAGES = 32, PAST = 8 };

/* The table of COLLECTOR about process 9 of the tree; NULL: trees cannot be read here. */
static struct mml_table *table_of(struct tree *t, const char *collector, const uint64_t *addresses,
				  size_t n)
{
	static const pid_t pid = 9;
	struct mml_query query = { .collector = mml_collector_find(collector),
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	mml_scope_set_pid(&query.scope, &pid);
	query.scope.args[MML_PARAM_ADDRESSES].given = n > 0;
	query.scope.args[MML_PARAM_ADDRESSES].addresses = addresses;
	query.scope.args[MML_PARAM_ADDRESSES].n = n;
	mml_snapshot_put(t->snap);
	t->snap = NULL;
	if (!t->root && mml_root_open(t->dir, &t->root))
		return NULL;
	return mml_snapshot_take(t->root, &query, 1, &t->snap) ? NULL : t->snap->tables[0];
}

static void build(struct tree *t)
{
	static const uint64_t nothing[1024];

	tree_bytes(t, "/proc/9/pagemap", (const char *)nothing, sizeof(nothing));
	tree_file(t, "/proc/9/stat", "9 (x) S 1 1 1 0 -1 0 0\n");
	tree_file(t, "/proc/9/maps",
		  "00010000-00020000 rw-p 00000000 00:00 0 \n"
		  "00020000-00030000 rw-s 00000000 00:01 6          /memfd:x (deleted)\n"
		  "00030000-00040000 r--p 00000000 08:01 7          /usr/bin/x\n"
		  "00040000-00050000 rw-s 00000000 00:05 8          /dev/y\n"
		  "00050000-00060000 ---p 00000000 00:00 0 \n"
		  "00060000-00070000 rw-s 00000000 00:01 9          /memfd:z (deleted)\n");
	tree_file(t, "/mmlens/behind/9",
		  "20000-24000 cached\n24000-26000 nothing\n26000-30000 swapped\n"
		  "no line\n28000-29000 nothing\n30000-38000 cached\n38000-3c000 nothing\n"
		  "3c000-40000 past-end\n");
}

static void is_run(const struct mml_table *table, size_t i, uint64_t address, uint64_t n,
		   const char *state, const char *behind)
{
	is_cell_u64(table, i, "address", address);
	is_cell_u64(table, i, "pages", n);
	is_cell_str(table, i, "state", state);
	if (behind)
		is_cell_str(table, i, "behind", behind);
	else
		is_cell_absent(table, i, "behind");
}

/* What a capture kept, as states of the pages. */
static void test_pages(struct tree *t)
{
	struct mml_table *table = table_of(t, "pages", NULL, 0);

	if (!table) {
		tap_skip("trees cannot be read here");
		return;
	}
	is_run(table, 0, 0x10000, 16, "absent", "nothing");
	is_run(table, 1, 0x20000, 4, "cached", "cached");
	ok(!tree_cell(table, 1, "swapped")->b && !tree_cell(table, 1, "present")->b);
	is_run(table, 2, 0x24000, 2, "absent", "nothing");
	is_run(table, 3, 0x26000, 10, "swapped", "swapped");
	ok(tree_cell(table, 3, "swapped")->b);
	is_cell_absent(table, 3, "swap_type");
	is_run(table, 4, 0x30000, 8, "cached", "cached");
	is_run(table, 5, 0x38000, 4, "absent", "nothing");
	is_run(table, 6, 0x3c000, 4, "absent", "past-end");
	is_run(table, 7, 0x40000, 16, "absent", NULL);
	is_run(table, 8, 0x50000, 16, "absent", "nothing");
	is_run(table, 9, 0x60000, 16, "absent", NULL);
	is_u64(table->nrows, 10);
}

/* No address of these is said to have "no page yet" but the first and the one in a hole of the
 * memfd. */
static void test_translate(struct tree *t)
{
	static const uint64_t addresses[] = { 0x10000, 0x20000, 0x24000, 0x26000, 0x30000,
					      0x38000, 0x3c000, 0x40000, 0x50000, 0x60000 };
	static const char *const words[] = {
		"mapped, but no page yet: the first access faults one in",
		"in the page cache, but not mapped by this process: the first access maps it",
		"mapped, but no page yet: the first access faults one in",
		"in swap: an access faults it in",
		"in the page cache, but not mapped by this process: the first access maps it",
		"not in memory: the first access reads it from the file",
		"past the end of the file: an access is a bus error",
		"no page that /proc tells of: frames of a device, or of the kernel's",
		"mapped without access, and no page",
		"not mapped by this process yet; whether there is a page is not known",
	};
	const size_t n = sizeof(addresses) / sizeof(*addresses);
	struct mml_table *table = table_of(t, "translate", addresses, n);

	if (!table)
		return;
	is_u64(table->nrows, n);
	for (size_t i = 0; i < n; i++)
		is_cell_str(table, i, "result", words[i]);
}

/* A row of table vmas about SIZE bytes at P. */
static struct mml_row *vma_of(struct mml_table *vmas, const void *p, size_t size)
{
	struct mml_row *row = mml_table_add(vmas);

	mml_set_u64(row, VMAS_start, (uintptr_t)p);
	mml_set_u64(row, VMAS_end, (uintptr_t)p + size);
	mml_set_u64(row, VMAS_offset, 0);
	mml_set_str(row, VMAS_kind, "shmem");
	return row;
}

/* Pages 0, 1, 5 and 16 to 31 of a memfd have been written to, and the mapping is longer. */
static void test_live_way(struct mml_take *take, const struct mml_row *vma, size_t page,
			  bool mincore)
{
	static const struct {
		uint64_t from, to;
		enum mml_behind what;
	} runs[] = {
		{ 0, 2, MML_BEHIND_CACHED },   { 2, 5, MML_BEHIND_NOTHING },
		{ 5, 6, MML_BEHIND_CACHED },   { 6, 16, MML_BEHIND_NOTHING },
		{ 16, 32, MML_BEHIND_CACHED }, { 32, 40, MML_BEHIND_PAST_END },
	};
	uint64_t start = vma->cell[VMAS_start].u64, end = start + (PAGES + PAST) * page, to;
	struct mml_behind_file f;

	mml_behind_begin(&f, take, getpid());
	mml_behind_mapping(&f, vma);
	if (mml_behind_at(&f, start, start + page, &to) == MML_BEHIND_UNKNOWN) {
		tap_skip("%s", mml_behind_why(&f).reason);
		goto out;
	}
	f.mincore = mincore;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		ok(mml_behind_at(&f, start + runs[i].from * page, end, &to) == runs[i].what);
		is_u64((to - start) / page, runs[i].to);
	}
	/* From the middle of a run, and no farther than asked. */
	ok(mml_behind_at(&f, start + 20 * page, start + 22 * page, &to) == MML_BEHIND_CACHED);
	is_u64((to - start) / page, 22);
out:
	mml_behind_end(&f);
}

static void test_live(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (PAGES + PAST) * page;
	struct mml_table *vmas;
	struct mml_root *root;
	struct mml_take take;
	int fd = memfd_create("behind", MFD_CLOEXEC);
	void *p;

	if (fd < 0 || ftruncate(fd, (off_t)(PAGES * page)) || mml_root_open(NULL, &root)) {
		tap_skip("no memfd");
		return;
	}
	for (size_t i = 0; i < PAGES; i++)
		if (i < 2 || i == 5 || i >= 16)
			ok(pwrite(fd, "x", 1, (off_t)(i * page)) == 1);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	take = (struct mml_take){ .root = root,
				  .arena = mml_arena_new(),
				  .host = mml_root_host(root) };
	vmas = mml_table_new(take.arena, &mml_collector_find("vmas")->schema);
	test_live_way(&take, vma_of(vmas, p, size), page, false);
	test_live_way(&take, vma_of(vmas, p, size), page, true);
	munmap(p, size);
	close(fd);
	mml_arena_free(take.arena);
	mml_root_close(root);
}

/* Only of files that no other machine has it is asked what is in the cache. */
static void test_mounts(void)
{
	static const char text[] = "1 0 0:2 / / rw - rootfs rootfs rw,size=4k\n"
				   "2 1 0:3 / /a rw - overlay overlay rw\n"
				   "3 1 0:4 / /b rw - nfs4 host:/b rw\n"
				   "4 1 0:5 / /c rw - tmpfs tmpfs rw\n"
				   "5 1 0:6 / /d rw - fuse.sshfs host: rw\n";
	static const bool local[] = { true, true, false, true, false };
	struct mml_arena *arena = mml_arena_new();
	struct mml_mounts mounts = { 0 };
	struct mml_take take = { .arena = arena };

	mml_mounts_parse(arena, (struct mml_span){ text, text + sizeof(text) - 1 }, &mounts);
	mounts.read = true;
	for (unsigned i = 0; i < sizeof(local); i++) {
		const struct mml_mount *m = mml_mounts_find(&take, &mounts, 9, 2 + i);

		ok((m && m->local) == local[i]);
	}
	mml_arena_free(arena);
}

int main(void)
{
	struct tree t;

	test_mounts();

	tree_new(&t);
	build(&t);
	test_pages(&t);
	test_translate(&t);
	test_live();
	tree_free(&t);
	return tap_done();
}
