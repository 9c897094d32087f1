/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/page/layout.h"

#include <errno.h>

#include "../tap.h"

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
		back |= (uint64_t)mml_x86_index(level, address) << (12 + 9 * (level - 1));
	is_u64(back, address);
	is_u64(mml_x86_index(4, 0xffff888000000000), 273);
	is_u64(mml_x86_index(1, 0x7fffffffefff), 510);
}

static void test_cpuinfo(void)
{
	struct mml_x86 x86;

	ok(!mml_x86_parse(mml_span_str("processor\t: 0\nflags\t\t: fpu la57 lm\nbugs\t: x\n"), &x86));
	ok(x86.levels == 5 && !x86.guest);
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
	test_regions();
	test_indices();
	test_cpuinfo();
	return tap_done();
}
