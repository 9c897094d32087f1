// SPDX-License-Identifier: GPL-2.0-or-later
/* Build memory of known shape, say where it lies, and hold it until killed: the thing the tests in
 * the virtual machines look at. Deliberately without libnuma, so that what is built does not come
 * from the library the program under test asks.
 *
 * Each argument is WHAT:MIB[:NODES], NODES as in "1" or "0,1":
 *   bind, interleave, prefer   a policy over NODES, every page touched, no transparent huge pages
 *   half                       the first half touched
 *   shared                     shared anonymous memory, touched
 *   thp, nothp                 MADV_HUGEPAGE or MADV_NOHUGEPAGE, touched
 *   huge2m, huge1g             hugetlb, touched; bound when NODES is given
 *   reserved2m                 hugetlb, mapped and never touched: it only reserves
 *   holes                      touched, then every second page given back
 *   swap, swapshm              touched, then paged out; swapshm is shared anonymous memory
 *   swapback                   the same, and read again
 * For each it prints "WHAT START END" in the form of /proc/PID/maps, then "ready". */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define MIB	  (1024UL * 1024)
#define ALIGNMENT (2 * MIB)

enum touch { TOUCH_NONE, TOUCH_HALF, TOUCH_ALL, TOUCH_HOLES, TOUCH_AGAIN };

struct shape {
	const char *name;
	int flags;	  /* beyond MAP_ANONYMOUS | MAP_PRIVATE */
	int policy;	  /* applied when nodes are given */
	int advice;	  /* before touching, -1 for none */
	int advice_after; /* after touching, -1 for none */
	enum touch touch;
};

#define HUGE_OF(shift) (MAP_HUGETLB | ((shift) << MAP_HUGE_SHIFT))

/* clang-format off */
static const struct shape shapes[] = {
	{ "bind",       0,           MPOL_BIND,       MADV_NOHUGEPAGE, -1,           TOUCH_ALL },
	{ "interleave", 0,           MPOL_INTERLEAVE, MADV_NOHUGEPAGE, -1,           TOUCH_ALL },
	{ "prefer",     0,           MPOL_PREFERRED,  MADV_NOHUGEPAGE, -1,           TOUCH_ALL },
	{ "half",       0,           MPOL_BIND,       MADV_NOHUGEPAGE, -1,           TOUCH_HALF },
	{ "shared",     MAP_SHARED,  MPOL_BIND,       -1,              -1,           TOUCH_ALL },
	{ "thp",        0,           MPOL_BIND,       MADV_HUGEPAGE,   -1,           TOUCH_ALL },
	{ "nothp",      0,           MPOL_BIND,       MADV_NOHUGEPAGE, -1,           TOUCH_ALL },
	{ "huge2m",     HUGE_OF(21), MPOL_BIND,       -1,              -1,           TOUCH_ALL },
	{ "huge1g",     HUGE_OF(30), MPOL_BIND,       -1,              -1,           TOUCH_ALL },
	{ "reserved2m", HUGE_OF(21), MPOL_BIND,       -1,              -1,           TOUCH_NONE },
	{ "holes",      0,           MPOL_BIND,       MADV_NOHUGEPAGE, -1,           TOUCH_HOLES },
	{ "swap",       0,           MPOL_BIND,       MADV_NOHUGEPAGE, MADV_PAGEOUT, TOUCH_ALL },
	{ "swapback",   0,           MPOL_BIND,       MADV_NOHUGEPAGE, MADV_PAGEOUT, TOUCH_AGAIN },
	{ "swapshm",    MAP_SHARED,  MPOL_BIND,       MADV_NOHUGEPAGE, MADV_PAGEOUT, TOUCH_ALL },
};
/* clang-format on */

static const struct shape *shape_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strlen(shapes[i].name) == len && !strncmp(shapes[i].name, name, len))
			return &shapes[i];
	return NULL;
}

/* "0,2" as a bit mask. */
static int nodes_parse(const char *s, unsigned long *ret)
{
	unsigned long mask = 0;

	for (;;) {
		char *end;
		unsigned long node = strtoul(s, &end, 10);

		if (end == s || node >= 8 * sizeof(mask) || (*end && *end != ','))
			return -EINVAL;
		mask |= 1UL << node;
		if (!*end)
			break;
		s = end + 1;
	}
	*ret = mask;
	return 0;
}

/* Space with an unmapped page on either side: two like mappings side by side would be one VMA. */
static void *place(size_t size, int flags)
{
	size_t room = size + 2 * ALIGNMENT;
	char *base, *at;

	if (flags & MAP_HUGETLB)
		return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | flags,
			    -1, 0);

	base = mmap(NULL, room, PROT_NONE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return MAP_FAILED;
	at = (char *)(((uintptr_t)base + ALIGNMENT) & ~(ALIGNMENT - 1));
	if (!(flags & MAP_SHARED))
		flags |= MAP_PRIVATE;
	return mmap(at, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0);
}

static void touch(char *at, size_t size)
{
	size_t step = (size_t)sysconf(_SC_PAGESIZE);

	/* Not one value everywhere: zram would store such pages without a page. */
	for (size_t off = 0; off < size; off += step)
		for (size_t i = 0; i < 64; i++)
			at[off + i * 61] = (char)(off / step * 31 + i);
}

static void look_again(const char *at, size_t size)
{
	for (size_t off = 0; off < size; off += (size_t)sysconf(_SC_PAGESIZE))
		*(const volatile char *)(at + off);
}

static void make_holes(char *at, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t off = 0; off < size; off += 2 * page)
		madvise(at + off, page, MADV_DONTNEED);
}

static int hold(const char *spec)
{
	const char *colon = strchr(spec, ':');
	const struct shape *shape = colon ? shape_find(spec, (size_t)(colon - spec)) : NULL;
	unsigned long nodes = 0;
	size_t size;
	char *end, *at;

	if (!shape)
		return -EINVAL;
	size = strtoul(colon + 1, &end, 10) * MIB;
	if (!size || (*end && *end != ':') || (*end && nodes_parse(end + 1, &nodes)))
		return -EINVAL;

	at = place(size, shape->flags);
	if (at == MAP_FAILED)
		return -errno;
	if (nodes && syscall(SYS_mbind, at, size, shape->policy, &nodes, 8 * sizeof(nodes), 0))
		return -errno;
	if (shape->advice >= 0 && madvise(at, size, shape->advice))
		return -errno;
	if (shape->touch != TOUCH_NONE)
		touch(at, shape->touch == TOUCH_HALF ? size / 2 : size);
	if (shape->touch == TOUCH_HOLES)
		make_holes(at, size);
	if (shape->advice_after >= 0 && madvise(at, size, shape->advice_after))
		return -errno;
	if (shape->touch == TOUCH_AGAIN)
		look_again(at, size);
	printf("%s %08lx %08lx\n", shape->name, (unsigned long)at, (unsigned long)at + size);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int r = hold(argv[i]);

		if (r < 0) {
			fprintf(stderr, "hold: %s: %s\n", argv[i], strerror(-r));
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
