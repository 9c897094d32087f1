/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Finds the first region from START to END in any of CATEGORIES. Returns 1, 0 if there is none, or
 * -errno. */
static int scan(struct pages *p, uint64_t start, uint64_t end, uint64_t categories,
		uint64_t max_pages, struct page_region *ret)
{
	int fd = mml_words_fd(p->pagemap);

	if (fd < 0 || !p->scan)
		return -ENOTTY;
	while (start < end) {
		struct pm_scan_arg arg = {
			.size = sizeof(arg),
			.start = start,
			.end = end,
			.vec = (uint64_t)(uintptr_t)ret,
			.vec_len = 1,
			.max_pages = max_pages,
			.category_anyof_mask = categories,
			.return_mask = categories,
		};
		int n = pagemap_scan(fd, &arg);

		if (n < 0)
			return n;
		if (n > 0)
			return 1;
		if (arg.walk_end <= start)
			break;
		start = arg.walk_end;
	}
	return 0;
}

uint64_t mml_pages_next(struct pages *p, uint64_t start, uint64_t end)
{
	uint64_t categories = IS_PRESENT | IS_SWAPPED | IS_GUARD, next;
	struct page_region region;
	int rc;

	if (!mml_root_live(p->take->root)) {
		next = mml_words_next(p->pagemap, start / p->page_size);
		/* A tree may hold pagemap itself, and not what a capture keeps. */
		if (next == UINT64_MAX)
			return mml_words_next(p->pagemap, 0) == UINT64_MAX ? start : end;
		return next > end / p->page_size	    ? end :
		       next * p->page_size < start ? start :
						     next * p->page_size;
	}
	rc = scan(p, start, end, categories, 1, &region);
	if (rc == -EINVAL) /* guard regions are newer than the scan */
		rc = scan(p, start, end, categories & ~(uint64_t)IS_GUARD, 1, &region);
	if (rc == -ENOTTY || rc == -EINVAL)
		p->scan = false;
	return rc < 0 ? start : rc ? region.start : end;
}

int mml_pages_entry(struct pages *p, uint64_t address, uint64_t size)
{
	struct page_region region;
	int rc = scan(p, address, address + size, IS_HUGE, 0, &region);

	if (rc < 0)
		return -1;
	return rc && region.start == address;
}

/* A page that was just written to is soft-dirty if the kernel keeps such bits. */
static bool probe_soft_dirty(struct mml_root *root, uint64_t page_size)
{
	struct mml_words *words;
	uint64_t word = 0;
	char *page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	if (page == MAP_FAILED)
		return false;
	*(volatile char *)page = 1;
	if (!mml_words_open(root, "/proc/self/pagemap", NULL, &words)) {
		if (mml_words_read(words, (uintptr_t)page / page_size, 1, &word) != 1)
			word = 0;
		mml_words_close(words);
	}
	munmap(page, page_size);
	return word & PM_SOFT_DIRTY;
}

bool mml_pages_soft_dirty(struct mml_take *take)
{
	static const char path[] = "/mmlens/soft_dirty", yes[] = "yes\n";
	struct mml_span text;
	bool has;

	if (!mml_root_live(take->root))
		return !mml_take_filef(take, &text, path) && mml_span_starts(text, "yes");
	has = probe_soft_dirty(take->root, take->host->page_size);
	if (has)
		mml_root_save(take->root, path, yes, strlen(yes));
	return has;
}
