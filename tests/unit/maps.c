/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>

#include "../../src/collectors/vma/kind.h"
#include "../../src/collectors/vma/maps.h"
#include "../../src/collectors/vma/mm.h"
#include "../../src/core/intern.h"
#include "../../src/core/stream.h"
#include "../../src/source/source.h"

static void test_map_line(void)
{
	static const char *const bad[] = {
		"", "7f-", "7f-80", "7f-80 rw-p", "7f-80 rw-p 0 0:0", "7f-80 rw-p 0 0:0 x",
		"7f-80 rwp 0 0:0 0", "7f-80 rw-p 0 00 0", "80-7f rw-p 0 0:0 0", "7f-80rw-p 0 0:0 0",
		"11111111111111111-2 rw-p 0 0:0 0", "7f-80 rw-p 0 0:111111111 0",
		"7f-80 rw-p 0 0:0 18446744073709551616", "Size:  4 kB",
	};
	struct mml_map map;

	ok(!mml_map_parse(mml_span_str("7f8a3c021000-7ffffffff000 rw-p 0000a000 fd:1234 77 "
				       "                    /a b: c (deleted) "),
			  &map));
	is_u64(map.start, 0x7f8a3c021000);
	is_u64(map.end, 0x7ffffffff000);
	is_str(map.perms, "rw-p");
	is_u64(map.offset, 0xa000);
	is_u64(map.major, 0xfd);
	is_u64(map.minor, 0x1234);
	is_u64(map.inode, 77);
	ok(mml_span_eq(map.name, "/a b: c (deleted) "));
	ok(!mml_map_parse(mml_span_str("0-ffffffffffffffff ---s 0 00:00 0"), &map));
	is_u64(map.end, UINT64_MAX);
	ok(mml_span_len(map.name) == 0);
	ok(!mml_map_parse(mml_span_str("1000-2000 ---p 0 00:00 0 "), &map));
	ok(mml_span_len(map.name) == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(mml_map_parse(mml_span_str(bad[i]), &map) == -EINVAL, "refused: %s", bad[i]);
	ok(mml_map_begins(mml_span_str("ffff-1000 x")));
	ok(!mml_map_begins(mml_span_str("FilePmdMapped:  0 kB")));
	ok(!mml_map_begins(mml_span_str("Anonymous-x: 1")));
	ok(!mml_map_begins(mml_span_str("-1")));
}

static void test_smaps_field(void)
{
	struct mml_span key, value;
	uint64_t v;

	ok(mml_smaps_split(mml_span_str("Rss:                 128 kB"), &key, &value));
	ok(mml_span_eq(key, "Rss") && !mml_smaps_value(value, &v) && v == 131072);
	ok(mml_smaps_split(mml_span_str("THPeligible:\t\t1"), &key, &value));
	ok(mml_span_eq(key, "THPeligible") && !mml_smaps_value(value, &v) && v == 1);
	ok(mml_smaps_split(mml_span_str("VmFlags: "), &key, &value));
	ok(mml_span_eq(key, "VmFlags") && !mml_span_len(value));
	ok(!mml_smaps_split(mml_span_str("no colon"), &key, &value));
	ok(mml_smaps_value(mml_span_str("18014398509481984 kB"), &v) == -ERANGE);
	ok(!mml_smaps_value(mml_span_str("18014398509481983 kB"), &v));
	is_u64(v, UINT64_C(18014398509481983) * 1024);
	ok(mml_smaps_value(mml_span_str("4 MB"), &v) == -EINVAL);
	ok(mml_smaps_value(mml_span_str(""), &v) == -EINVAL);
	ok(mml_smaps_value(mml_span_str("-4 kB"), &v) == -EINVAL);
}

static void test_numa_line(void)
{
	struct mml_numa_map map;
	uint64_t node, pages;

	ok(!mml_numa_map_parse(mml_span_str("7f6c5c000000 prefer (many):0-1 "
					    "file=/dev/hugepages/a\\040b huge dirty=2 mapmax=3 N0=1 "
					    "N12=5 kernelpagesize_kB=2048"),
			       &map));
	is_u64(map.start, 0x7f6c5c000000);
	ok(mml_span_eq(map.policy, "prefer (many):0-1"));
	ok(map.huge && !map.heap && !map.stack);
	is_u64(map.dirty, 2);
	is_u64(map.mapmax, 3);
	is_u64(map.page_size, 2048 << 10);
	ok(mml_numa_map_node(&map.nodes, &node, &pages) && node == 0 && pages == 1);
	ok(mml_numa_map_node(&map.nodes, &node, &pages) && node == 12 && pages == 5);
	ok(!mml_numa_map_node(&map.nodes, &node, &pages));
	ok(!mml_numa_map_parse(mml_span_str("1000 weighted interleave=static:0,2 heap anon=7"),
			       &map));
	ok(mml_span_eq(map.policy, "weighted interleave=static:0,2"));
	ok(map.heap && map.anon == 7 && !map.page_size);
	ok(!mml_numa_map_parse(mml_span_str("1000 bind=static|balancing:0-1 stack"), &map));
	ok(mml_span_eq(map.policy, "bind=static|balancing:0-1") && map.stack);
	ok(!mml_numa_map_parse(mml_span_str("1000 prefer (many) anon=1"), &map));
	ok(mml_span_eq(map.policy, "prefer (many)") && map.anon == 1);
	ok(!mml_numa_map_parse(mml_span_str("1000 default"), &map));
	ok(!mml_numa_map_node(&map.nodes, &node, &pages));
	ok(mml_numa_map_parse(mml_span_str("1000 "), &map) == -EINVAL);
	ok(mml_numa_map_parse(mml_span_str("x default"), &map) == -EINVAL);
	ok(mml_numa_map_parse(mml_span_str("1000 default anon=x"), &map) == -EINVAL);
	ok(mml_numa_map_parse(mml_span_str("1000 default N0="), &map) == -EINVAL);
	ok(mml_numa_map_parse(mml_span_str("1 default kernelpagesize_kB=18446744073709551615"),
			      &map) == -ERANGE);
}

/* Numbers the kernel leaves out because they follow from others, and those that mean 0. */
static void test_numa_left_out(void)
{
	struct mml_numa_map map;

	/* Some pages are on an active list, none is, all are. */
	ok(!mml_numa_map_parse(mml_span_str("1000 default anon=9 dirty=7 active=4 N0=5 N1=4"),
			       &map));
	ok(map.active_known && map.active == 4 && map.mapped == 9 && map.mapmax == 1);
	ok(!mml_numa_map_parse(mml_span_str("1000 default anon=9 dirty=9 active=0 N0=9"), &map));
	ok(map.active_known && map.active == 0 && map.mapped == 9);
	ok(!mml_numa_map_parse(mml_span_str("1000 default anon=9 dirty=9 N0=9"), &map));
	ok(map.active_known && map.active == 9);
	/* No pages. */
	ok(!mml_numa_map_parse(mml_span_str("1000 default file=/bin/x"), &map));
	ok(map.active_known && !map.active && !map.mapped && !map.mapmax);
	/* hugetlb is on no list. */
	ok(!mml_numa_map_parse(mml_span_str("1000 default file=/anon_hugepage huge anon=3 dirty=3 "
					    "N0=3 kernelpagesize_kB=2048"),
			       &map));
	ok(!map.active_known && map.mapped == 3 && map.mapmax == 1);
	/* What is told is not made up. */
	ok(!mml_numa_map_parse(mml_span_str("1000 default mapped=8 mapmax=61 active=7 N0=8"),
			       &map));
	ok(map.mapped == 8 && map.mapmax == 61 && map.active == 7);
	ok(mml_numa_map_parse(mml_span_str("1 default N0=18446744073709551615 N1=1"), &map) ==
	   -ERANGE);
}

static void test_stat(void)
{
	static const char stat[] =
		"7 (a) b (c) S 1 2 3 4 5 4194560 7 8 9 10 11 12 13 14 20 0 1 0 777 100 200 300 "
		"4096 8191 16384 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 20480 24576 32768 40960 40970 "
		"40970 40990 0\n";
	struct mml_mm mm = { 0 };
	char buf[MML_HOLDS_MAX];

	ok(!mml_mm_parse(mml_span_str(stat), &mm));
	ok(mm.state == 'S' && !mm.kthread && mm.started == 777);
	is_str(mml_mm_holds(&mm, 4096, 8192, buf), "code");
	is_str(mml_mm_holds(&mm, 8192, 16384, buf), "");
	is_str(mml_mm_holds(&mm, 16384, 20481, buf), "data stack");
	is_str(mml_mm_holds(&mm, 32768, 45056, buf), "brk args env");
	is_str(mml_mm_holds(&mm, 0, UINT64_MAX, buf), "code data brk stack args env");
	mm = (struct mml_mm){ 0 };
	ok(!mml_mm_parse(mml_span_str("2 (kthreadd) S 0 0 0 0 -1 2129984 0"), &mm));
	ok(mm.kthread);
	is_str(mml_mm_holds(&mm, 0, UINT64_MAX, buf), "");
	ok(mml_mm_parse(mml_span_str("2 kthreadd S"), &mm) == -EINVAL);
	ok(mml_mm_parse(mml_span_str(""), &mm) == -EINVAL);
	ok(mml_mm_parse(mml_span_str("2 (x)"), &(struct mml_mm){ 0 }) == -EINVAL);
}

static void test_mounts(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_mounts mounts = { 0 };

	ok(!mml_mounts_parse(arena,
			     mml_span_str("21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
					  "36 35 0:31 / /dev/shm rw master:1 x:2 - tmpfs tmpfs rw\n"
					  "37 35 0:45 / /huge rw - hugetlbfs none rw\n"
					  "bad - tmpfs\n38 35 0 / /x rw - tmpfs t rw\n39 1"),
			     &mounts));
	is_u64(mounts.n, 2);
	ok(mounts.list[0].minor == 31 && !mounts.list[0].hugetlb);
	ok(mounts.list[1].minor == 45 && mounts.list[1].hugetlb);
	mml_arena_free(arena);
}

static void test_intern(void)
{
	struct mml_intern in = { .arena = mml_arena_new() };
	const char *a = mml_intern(&in, mml_span_str("one")), *last = NULL, *kept[500];
	char text[16];
	bool same = true;

	ok(a == mml_intern(&in, mml_span_str("one")));
	ok(a != mml_intern(&in, mml_span_str("on")));
	is_str(mml_intern(&in, (struct mml_span){ "a\0b", "a\0b" + 3 }), "a");
	is_str(mml_intern(&in, mml_span_str("")), "");
	is_str(mml_intern(&in, (struct mml_span){ 0 }), "");
	is_str(mml_intern_again(&in, (struct mml_span){ 0 }, &last), "");
	is_str(mml_intern_again(&in, (struct mml_span){ 0 }, &last), "");
	ok(a == mml_intern_again(&in, mml_span_str("one"), &last));
	is_str(mml_intern_again(&in, (struct mml_span){ 0 }, &last), "");
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "name%d", i);
		kept[i] = mml_intern(&in, mml_span_str(text));
	}
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "name%d", i);
		same &= kept[i] == mml_intern(&in, mml_span_str(text)) && !strcmp(kept[i], text);
	}
	ok(same);
	ok(a == mml_intern(&in, mml_span_str("one")));
	mml_arena_free(in.arena);
}

/* Lines of a length that fits no piece, so that each piece's end cuts one. */
static void test_stream(void)
{
	enum { LINES = 60000 };
	char *text = malloc(LINES * 32);
	struct mml_stream *stream;
	struct mml_span piece, line;
	struct mml_root *root;
	size_t len = 0, n = 0, pieces = 0;
	struct tree t;
	bool good = true;

	tree_new(&t);
	for (int i = 0; i < LINES; i++)
		len += (size_t)sprintf(text + len, "line %d of many\n", i);
	tree_bytes(&t, "/proc/big", text, len - 1);
	tree_file(&t, "/proc/empty", "");
	memset(text, 'x', 600 << 10);
	text[600 << 10] = '\0';
	tree_file(&t, "/proc/long", text);
	if (mml_root_open(t.dir, &root)) {
		tap_skip("trees cannot be read here");
		goto out;
	}
	ok(!mml_stream_open(root, "/proc/big", &stream));
	while (mml_stream_next(stream, &piece) > 0) {
		pieces++;
		while (mml_next_line(&piece, &line)) {
			char want[32];

			sprintf(want, "line %zu of many", n++);
			good &= mml_span_eq(line, want);
		}
	}
	ok(good);
	is_u64(n, LINES);
	ok(pieces > 3);
	ok(mml_stream_next(stream, &piece) == 0);
	mml_stream_close(stream);
	ok(!mml_stream_open(root, "/proc/big", &stream) && mml_stream_next(stream, &piece) == 1);
	ok(mml_stream_next(stream, &piece) == 1);
	mml_stream_close(stream); /* in the middle: the thread that reads ahead is stopped */
	ok(!mml_stream_open(root, "/proc/empty", &stream) && !mml_stream_next(stream, &piece));
	mml_stream_close(stream);
	ok(!mml_stream_open(root, "/proc/long", &stream));
	ok(mml_stream_next(stream, &piece) == -EBADMSG);
	mml_stream_close(stream);
	ok(mml_stream_open(root, "/proc/none", &stream) == -ENOENT);
	mml_root_close(root);
out:
	free(text);
	t.root = NULL;
	tree_free(&t);
}

int main(void)
{
	test_map_line();
	test_smaps_field();
	test_numa_line();
	test_numa_left_out();
	test_stat();
	test_mounts();
	test_intern();
	test_stream();
	return tap_done();
}
