/* The words of /proc/PID/pagemap, and the ioctl that finds the pages that are there. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* The bits of a word of pagemap. */
#define PM_PFN ((UINT64_C(1) << 55) - 1)
#define PM_SOFT_DIRTY (UINT64_C(1) << 55)
#define PM_EXCLUSIVE (UINT64_C(1) << 56)
#define PM_UFFD_WP (UINT64_C(1) << 57)
#define PM_GUARD (UINT64_C(1) << 58)
#define PM_FILE (UINT64_C(1) << 61)
#define PM_SWAP (UINT64_C(1) << 62)
#define PM_PRESENT (UINT64_C(1) << 63)

/* The same as in <linux/fs.h> since 6.7, which older headers lack. The flags stay 0, because
 * nothing is ever write-protected. */
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct page_region {
	uint64_t start, end, categories;
};

#define PAGEMAP_SCAN_IOCTL _IOWR('f', 16, struct pm_scan_arg)
_Static_assert(PAGEMAP_SCAN_IOCTL == 0xc0606610, "the layout the kernel knows");

enum { IS_PRESENT = 8, IS_SWAPPED = 16, IS_PFNZERO = 32, IS_HUGE = 64, IS_GUARD = 256 };

/* Returns how many regions were found, or -errno. */
static inline int pagemap_scan(int fd, struct pm_scan_arg *arg)
{
	int n;

	do
		n = ioctl(fd, PAGEMAP_SCAN_IOCTL, arg);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
