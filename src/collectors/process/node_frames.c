/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../page/frames.h"
#include "../page/pagemap.h"
#include "../../core/trouble.h"

enum {
	MOST_RANGES = 1 << 16,
	MOST_CPUS = 1024, /* zoneinfo has lines for each CPU in each zone, and would take too long */
};

static int add_range(struct mml_node_frames *f, size_t *room, uint64_t end, int node)
{
	struct mml_node_range *ranges = f->ranges;

	if (f->n && ranges[f->n - 1].node == node) {
		ranges[f->n - 1].end = end;
		return 0;
	}
	if (f->n == *room) {
		*room = *room ? 2 * *room : 16;
		ranges = mml_realloc(ranges, *room, sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		f->ranges = ranges;
	}
	ranges[f->n++] = (struct mml_node_range){ end, node };
	return 0;
}

/* numa_maps leaves out some pages of device memory, and nothing else tells them from others. */
static bool has_device_memory(const struct mml_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++)
		if (!strcmp(zones->zones[i].name, "Device") &&
		    (!(zones->zones[i].has >> MML_ZONE_SPANNED & 1) ||
		     zones->zones[i].field[MML_ZONE_SPANNED]))
			return true;
	return false;
}

static int find_ranges(struct mml_take *take, struct mml_node_frames *f)
{
	struct mml_frame_place place = { 0 };
	struct mml_frames frames;
	struct mml_absence why;
	size_t room = 0;
	int rc = mml_frames_open(take, &frames, &why);

	if (rc)
		return rc;
	if (has_device_memory(&frames.zones))
		return -EXDEV;
	for (size_t i = 0; !rc && place.end != UINT64_MAX; i++) {
		if (i == MOST_RANGES)
			return -E2BIG;
		place = mml_frames_place(&frames, place.end);
		rc = add_range(f, &room, place.end,
			       place.has_node && place.node < MML_MAX_NODES ? (int)place.node : -1);
	}
	return rc;
}

/* Returns the highest end of a range that the kernel scans, or 0 if it does not scan. The size of
 * addresses differs between machines, and x86 leaves out the last page. */
static uint64_t find_end(int fd, uint64_t page_size)
{
	for (unsigned bits = 63; bits > 30; bits--)
		for (unsigned less = 0; less < 2; less++) {
			struct page_region region;
			struct pm_scan_arg arg = {
				.size = sizeof(arg),
				.end = (UINT64_C(1) << bits) - less * page_size,
				.vec = (uint64_t)(uintptr_t)&region,
				.vec_len = 1,
				.max_pages = 1,
				.category_mask = IS_PRESENT,
				.return_mask = IS_PRESENT,
			};
			int n = pagemap_scan(fd, &arg);

			if (n >= 0)
				return arg.end;
			if (n != -EFAULT)
				return 0;
		}
	return 0;
}

/* Checks that the kernel tells which frame a page of our own is in, and that it scans. */
static int try_pagemap(struct mml_root *root, struct mml_node_frames *f)
{
	uint64_t entry = 0;
	int fd = mml_root_openfd(root, "/proc/self/pagemap"), rc = 0;

	if (fd < 0)
		return fd;
	if (pread(fd, &entry, sizeof(entry),
		  (off_t)((uintptr_t)&entry / f->page_size * sizeof(entry))) != sizeof(entry) ||
	    !(entry & PM_PRESENT) || !(entry & PM_PFN)) {
		rc = -EPERM;
	} else {
		f->end = find_end(fd, f->page_size);
		rc = f->end ? 0 : -ENOTTY;
	}
	close(fd);
	return rc;
}

/* Returns whether the kernel refuses to open the pagemap of a process without an address space.
 * That is tried with kthreadd, which has none. If it cannot be seen, the answer is no. */
static bool refuses(struct mml_root *root)
{
	int fd = mml_root_openfd(root, "/proc/2/pagemap");

	if (fd >= 0)
		close(fd);
	return fd == -ESRCH;
}

int mml_node_frames_open(struct mml_take *take, struct mml_node_frames *ret)
{
	int rc = -ENOTSUP;

	*ret = (struct mml_node_frames){ .page_size = take->host->page_size, .flags_fd = -1 };
	if (!mml_root_direct(take->root) || sizeof(void *) < 8 || get_nprocs_conf() > MOST_CPUS)
		return rc;
	rc = try_pagemap(take->root, ret);
	if (rc)
		return rc;
	ret->refuses = refuses(take->root);
	ret->flags_fd = mml_root_openfd(take->root, "/proc/kpageflags");
	rc = ret->flags_fd < 0 ? ret->flags_fd : find_ranges(take, ret);
	if (rc)
		mml_node_frames_close(ret);
	return rc;
}

void mml_node_frames_close(struct mml_node_frames *frames)
{
	if (frames->flags_fd >= 0)
		close(frames->flags_fd);
	free(frames->ranges);
	*frames = (struct mml_node_frames){ .flags_fd = -1 };
}
