/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/page/layout.h"

#include <errno.h>

#include "../../src/core/look.h"
#include "tree.h"

static uint64_t used_of(const struct mml_table *table, const char *region)
{
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		uint64_t used;

		if (!strcmp(mml_look_str(table, row, "region"), region))
			return mml_look_u64(table, row, "used", &used) ? used : UINT64_MAX;
	}
	return 0;
}

/* Every address is in one region, and the next begins where one ends. */
static void test_whole(unsigned levels)
{
	uint64_t at = 0;
	size_t n = 0;

	while (n < 100) {
		const char *here = mml_x86_region(levels, at);
		uint64_t low = at, high = UINT64_MAX;

		n++;
		if (!strcmp(mml_x86_region(levels, UINT64_MAX), here) && at > UINT64_MAX - (4 << 20))
			break;
		/* The last address that is called the same, by halves. */
		while (low < high) {
			uint64_t mid = low + (high - low) / 2 + 1;

			if (mml_x86_region(levels, mid) == here)
				low = mid;
			else
				high = mid - 1;
		}
		if (low == UINT64_MAX)
			break;
		at = low + 1;
	}
	ok(n > 15 && n < 40);
}

/* The parts are the same regions, without a gap. */
static void test_parts(unsigned levels)
{
	const struct mml_x86_part *part;
	uint64_t next = 0;
	size_t i;

	for (i = 0; (part = mml_x86_part(levels, i)); i++) {
		if (part->first != next || part->last < part->first ||
		    strcmp(mml_x86_region(levels, part->last), part->what))
			break;
		next = part->last + 1;
	}
	ok(i > 20 && !part && !next);
}

/* A tree's table: of an x86 machine with five levels, and of arm64 with pages of 64K. */
static void test_table(void)
{
	const struct mml_table *table;
	struct tree t;

	tree_new(&t);
	tree_file(&t, "/mmlens/host", "kernel=6.12.0\nmachine=x86_64\npage_size=4096\n");
	tree_file(&t, "/proc/cpuinfo", "flags\t: lm la57\n");
	tree_file(&t, "/proc/meminfo",
		  "MemTotal: 9 kB\nVmallocUsed: 7 kB\nDirectMap4k: 4 kB\nDirectMap2M: 6 kB\n");
	tree_file(&t, "/proc/modules", "a 4096 0 - Live 0x0\nb 8192 1 a, Live 0x0\n");
	table = tree_table(&t, "layout");
	ok(table && !table->error && table->nrows == 25);
	is_u64(used_of(table, "direct map of physical memory (randomized)"), 10 << 10);
	is_u64(used_of(table, "vmalloc (randomized)"), 7 << 10);
	is_u64(used_of(table, "modules"), 12288);
	is_u64(used_of(table, "vmemmap (randomized)"), UINT64_MAX); /* not counted there: absent */
	tree_free(&t);
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "kernel=6.12.0\nmachine=aarch64\npage_size=65536\n");
	table = tree_table(&t, "layout");
	ok(table && table->nrows == 12); /* for 42, 48 and 52 bits */
	tree_free(&t);
	tree_new(&t);
	tree_file(&t, "/mmlens/host", "kernel=6.12.0\nmachine=s390x\npage_size=4096\n");
	table = tree_table(&t, "layout");
	ok(table && table->error && strstr(table->absence.reason, "s390x"));
	tree_free(&t);
}

static void test_regions(void)
{
	is_str(mml_x86_region(4, 0x7fffffffefff), "user space");
	is_str(mml_x86_region(4, 0x7ffffffff000), "guard page at the end of user space");
	is_str(mml_x86_region(4, 0x800000000000), "hole of non-canonical addresses");
	is_str(mml_x86_region(5, 0x800000000000), "user space");
	is_str(mml_x86_region(5, 0x0100000000000000), "hole of non-canonical addresses");
	is_str(mml_x86_region(4, 0xffff888000000000), "direct map of physical memory (randomized)");
	is_str(mml_x86_region(5, 0xff11000000000000), "direct map of physical memory (randomized)");
	is_str(mml_x86_region(4, 0xffffc90000000000), "vmalloc (randomized)");
	is_str(mml_x86_region(5, 0xffa0000000000000), "vmalloc (randomized)");
	is_str(mml_x86_region(4, 0xffffea0000000000), "vmemmap (randomized)");
	is_str(mml_x86_region(5, 0xffd4000000000000), "vmemmap (randomized)");
	is_str(mml_x86_region(4, 0xfffffe0000001000), "cpu_entry_area");
	is_str(mml_x86_region(5, 0xffffffff81000000), "kernel text");
	is_str(mml_x86_region(4, 0xffffffffc0000000), "modules");
	is_str(mml_x86_region(5, 0xffffffffff600000), "vsyscall");
	is_str(mml_x86_region(4, UINT64_MAX), "unused hole");
	ok(mml_x86_canonical(4, 0x7fffffffffff) && !mml_x86_canonical(4, 0x800000000000));
	ok(!mml_x86_canonical(4, 0xffff7fffffffffff) && mml_x86_canonical(4, 0xffff800000000000));
	ok(mml_x86_canonical(5, 0xffffffffffffff) && !mml_x86_canonical(5, 0x100000000000000));
	ok(!mml_x86_canonical(5, 0xfeffffffffffffff) && mml_x86_canonical(5, 0xff00000000000000));
}

/* The indices put together again are the address. */
static void test_indices(void)
{
	uint64_t address = 0x01234567890abcde & 0x01ffffffffffffff, back = address & 0xfff;

	for (unsigned level = 1; level <= 5; level++)
		back |= (uint64_t)mml_x86_index(5, level, address) << (12 + 9 * (level - 1));
	is_u64(back, address);
	/* Intel's manual: 10, 10 and 12 bits; with PAE 2, 9, 9 and 12. */
	is_u64(mml_x86_index(2, 2, 0xbfc01234), 0x2ff);
	is_u64(mml_x86_index(2, 1, 0xbfc01234), 1);
	is_u64(mml_x86_index(3, 3, 0xbfc01234), 2);
	is_u64(mml_x86_index(3, 2, 0xbfc01234), 0x1fe);
	is_u64(mml_x86_index(3, 1, 0xbfc01234), 1);
	ok(mml_x86_canonical(2, UINT32_MAX) && !mml_x86_canonical(3, UINT64_C(1) << 32));
	is_u64(mml_x86_levels32(mml_span_str("MemTotal: 1 kB\nDirectMap4k: 8 kB\nDirectMap4M: 4 kB\n")), 2);
	is_u64(mml_x86_levels32(mml_span_str("DirectMap4k: 8 kB\nDirectMap2M: 4 kB\n")), 3);
	is_u64(mml_x86_levels32(mml_span_str("DirectMap4k: 8 kB\n")), 0);
	ok(mml_x86_machine("x86_64") && mml_x86_machine("i686") && !mml_x86_machine("i") && !mml_x86_machine("ia64"));
	is_u64(mml_x86_index(4, 4, 0xffff888000000000), 273);
	is_u64(mml_x86_index(4, 1, 0x7fffffffefff), 510);
}

static void test_cpuinfo(void)
{
	struct mml_x86 x86;

	ok(!mml_x86_parse(mml_span_str("processor\t: 0\nflags\t\t: fpu la57 lm\nbugs\t: x\n"), &x86));
	ok(x86.levels == 5 && !x86.guest && !x86.physical_bits);
	ok(!mml_x86_parse(mml_span_str("flags\t: lm\nbugs\t: a\naddress sizes\t: 46 bits physical, 57 bits virtual\n"),
			  &x86));
	ok(x86.levels == 4 && x86.physical_bits == 46 && x86.virtual_bits == 57);
	ok(!mml_x86_parse(mml_span_str("flags : lm hypervisor\n"), &x86));
	ok(x86.levels == 4 && x86.guest);
	ok(!mml_x86_parse(mml_span_str("vmx flags\t: la57\nflags\t: lm\n"), &x86));
	ok(x86.levels == 4 && !x86.guest);
	ok(mml_x86_parse(mml_span_str("Features : fp asimd\n"), &x86) == -ENODATA);
	ok(mml_x86_parse(mml_span_str(""), &x86) == -ENODATA);
}

int main(void)
{
	test_whole(4);
	test_whole(5);
	test_parts(4);
	test_parts(5);
	test_table();
	test_regions();
	test_indices();
	test_cpuinfo();
	return tap_done();
}
