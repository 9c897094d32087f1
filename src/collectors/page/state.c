/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <string.h>

/*
 * An entry of a page table has a type from 0 to 31. Swap areas are numbered from 0 on. The last
 * types are of entries that only look like swap: 3 for migration, 1 for poisoned pages, up to 4 for
 * device memory and 1 for markers, as far as the kernel was built for them. No machine has as many
 * swap areas as are left.
 */
enum { FIRST_SPECIAL = 32 - 3 - 1 - 4 - 1, MARKER = 31, MARKER_GUARD = 4, MARKERS = 7 };

/* Returns whether there is any swap area. */
static bool has_swap(struct mml_take *take)
{
	struct mml_span text, line;
	size_t lines = 0;

	if (mml_take_file(take, NULL, "/proc/swaps", &text))
		return true;
	while (mml_next_line(&text, &line))
		lines += line.p < line.end;
	return lines > 1;
}

/*
 * Returns the state of an entry that is not of a page in memory. Users who may not see frame
 * numbers do not see its type and offset either. It is then taken for one of swap if there is swap.
 * The bit for guard pages is newer than MADV_GUARD_INSTALL, which came with Linux 6.13.
 */
static const char *entry_state(const struct pages *p, uint64_t pm)
{
	uint64_t type = pm & 31, offset = (pm & PM_PFN) >> 5;

	if (pm & PM_GUARD)
		return "guard";
	if (!(pm & PM_PFN))
		return has_swap(p->take) ? "swapped" : "special";
	if (type == MARKER && offset <= MARKERS && offset & MARKER_GUARD)
		return "guard";
	return type >= FIRST_SPECIAL ? "special" : "swapped";
}

/* Nothing is mapped there. The state follows from what is behind it. */
static const char *absent_state(enum mml_behind behind)
{
	return behind == MML_BEHIND_CACHED    ? "cached"
	       : behind == MML_BEHIND_SWAPPED ? "swapped"
					      : "absent";
}

const char *mml_pages_state(const struct pages *p, const struct page_run *run)
{
	bool known = run->kf != WORD_NONE;

	if (!(run->pm & PM_PRESENT))
		return run->pm & (PM_SWAP | PM_GUARD) ? entry_state(p, run->pm)
						      : absent_state(run->behind);
	if (known && run->kf & KPF_ZERO)
		return "zero";
	if ((known && run->kf & KPF_HUGE) || !strcmp(p->kind, "hugetlb"))
		return "hugetlb";
	if (run->pm & PM_FILE)
		return p->shared && (!strcmp(p->kind, "shmem") || !strcmp(p->kind, "secretmem"))
			       ? "shared"
			       : "file";
	return run->pm & PM_EXCLUSIVE ? "private" : "shared";
}
