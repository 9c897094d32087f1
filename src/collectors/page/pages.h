/* The table `pages`: its columns, and the parts that fill it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/intern.h"
#include "../../core/snapshot.h"
#include "../vma/mm.h"
#include "behind.h"
#include "frames.h"
#include "pagemap.h"
#include "words.h"

enum {
	NEEDS_FLAGS = 1, /* kpageflags */
	NEEDS_COUNT = 2, /* kpagecount */
	NEEDS_NODE = 4,  /* zoneinfo and memory blocks, or move_pages() */
	NEEDS_ENTRY = 8, /* PAGEMAP_SCAN of pages that may be mapped huge */
	NEEDS_SOFT = 16, /* whether this kernel has soft-dirty bits */
	NEEDS_SIZE = 64, /* kpageflags, of which only those that tell sizes split runs of pages */
	NEEDS_RAW = 128, /* all flags as they are, so that each of them parts runs */
	NEEDS_REFS = 256, /* what cannot be had */
	NEEDS_STATE = 32, /* kpageflags, too; without it the state says less, but is not absent */
};

/* A word of kpageflags or kpagecount that could not be read. */
#define WORD_NONE UINT64_MAX

/* clang-format off */
#define PAGES_COLUMNS(C, R) \
	C(pid,         "PID",       U64,  KEY,     NONE,  MAIN,   0, "/proc/PID", "The process.") \
	C(started,     "STARTED",   U64,  KEY,     NONE,  HIDDEN, 0, "stat: starttime", "When the process began, in clock ticks since boot.") \
	C(address,     "ADDRESS",   ADDR, KEY,     NONE,  FIRST,  0, "place in pagemap * page size", "Where the page, or the first of the run, is mapped.") \
	C(end,         "END",       ADDR, DERIVED, NONE,  HIDDEN, 0, "address + size", "First address behind the run.") \
	C(pages,       "PAGES",     U64,  DERIVED, COUNT, FIRST,  0, "number of words of pagemap", "Pages of the base size that the row stands for: alike in all columns, not always in one piece of memory.") \
	C(size,        "SIZE",      U64,  DERIVED, BYTES, HIDDEN, 0, "pages * page size", "What they are together.") \
	C(state,       "STATE",     STR,  DERIVED, NONE,  MAIN,   NEEDS_STATE, "pagemap, kpageflags, kind of the mapping", "absent, cached (in the page cache, but not mapped by this process), private (anonymous, mapped once), shared (anonymous, mapped more than once, or memory shared by mmap), file (also shared memory in a private mapping, until it is written to), zero (the zero page; only known with the flags), swapped (of shared memory also what no page table of this process tells of), guard, special (neither in memory nor in swap: migration, a poisoned page, device memory or a mark of userfaultfd; those who may not see frame numbers see it as swapped where there is swap), hugetlb.") \
	C(behind,      "BEHIND",    STR,  GAUGE,   NONE,  HIDDEN, NEEDS_STATE, "cachestat() or mincore(), SEEK_DATA", "What a file, or shared memory, has where the process has no page: nothing, cached (a page in the page cache), swapped, past-end (of the file). Absent where it is not known, and for pages that are there.") \
	C(present,     "PRESENT",   BOOL, GAUGE,   NONE,  MORE,   0, "pagemap bit 63", "Whether it is in memory and mapped.") \
	C(swapped,     "SWAPPED",   BOOL, GAUGE,   NONE,  MORE,   0, "state", "Whether it is in swap.") \
	C(pfn,         "PFN",       ADDR, GAUGE,   NONE,  MAIN,   0, "pagemap bits 0-54", "Page frame number, of the first page of the run.") \
	C(contiguous,  "CONTIG",    BOOL, DERIVED, NONE,  HIDDEN, 0, "pfn of each page = that of the one before + 1", "Whether the run is one piece of physical memory.") \
	C(page_size,   "PAGESIZE",  U64,  DERIVED, BYTES, MAIN,   NEEDS_SIZE, "kpageflags: COMPOUND_HEAD, COMPOUND_TAIL", "Size of the page: the base size, or that of the huge page or folio that it is part of, however it is mapped.") \
	C(entry_size,  "ENTRY",     U64,  DERIVED, BYTES, HIDDEN, NEEDS_SIZE | NEEDS_ENTRY, "PAGEMAP_SCAN: PAGE_IS_HUGE", "What one entry of the page table maps: the base size, or the size of a huge page.") \
	C(flags,       "FLAGS",     STR,  GAUGE,   NONE,  MAIN,   NEEDS_FLAGS, "kpageflags", "Flags of the frames in words, those that all of the run have; of a huge page those of its head. The idle bit and those of the kernel's own part no run, unless kpageflags is asked for.") \
	C(kpageflags,  "KPAGEFLAGS", ADDR, GAUGE,  NONE,  HIDDEN, NEEDS_FLAGS | NEEDS_RAW, "kpageflags", "Flags of the frame as the kernel gives them.") \
	C(map_count,   "MAPS",      U64,  GAUGE,   COUNT, MAIN,   NEEDS_COUNT, "kpagecount", "How many page tables map it; of folios an average on kernels with CONFIG_NO_PAGE_MAPCOUNT.") \
	C(refcount,    "REFS",      U64,  GAUGE,   COUNT, HIDDEN, NEEDS_REFS, "struct page", "References to the frame: page tables, the page cache, and whoever else holds it. No file tells them.") \
	C(index,       "INDEX",     U64,  DERIVED, NONE,  HIDDEN, 0, "(maps: offset + address - start) / page size", "Which page of its file it is, from 0 on; of a run, the first. Absent for memory without a file.") \
	C(node,        "NODE",      U64,  GAUGE,   NONE,  MAIN,   NEEDS_NODE, "pfn in zoneinfo and memory blocks, or move_pages()", "NUMA node the page is on.") \
	C(zone,        "ZONE",      STR,  GAUGE,   NONE,  MAIN,   NEEDS_NODE, "pfn in zoneinfo: start_pfn, spanned", "Zone the page is in.") \
	C(exclusive,   "EXCL",      BOOL, GAUGE,   NONE,  MORE,   0, "pagemap bit 56", "Whether this process alone maps it.") \
	C(soft_dirty,  "SOFTDIRTY", BOOL, GAUGE,   NONE,  HIDDEN, NEEDS_SOFT, "pagemap bit 55", "Whether it was written to since clear_refs last cleared the mark.") \
	C(file,        "FILE",      BOOL, GAUGE,   NONE,  HIDDEN, 0, "pagemap bit 61", "Whether it belongs to a file, or to shared anonymous memory.") \
	C(uffd_wp,     "UFFDWP",    BOOL, GAUGE,   NONE,  HIDDEN, 0, "pagemap bit 57", "Whether userfaultfd guards it against writes.") \
	C(guard,       "GUARD",     BOOL, GAUGE,   NONE,  HIDDEN, 0, "pagemap bit 58", "Whether MADV_GUARD_INSTALL made it a guard page.") \
	C(swap_type,   "SWAPTYPE",  U64,  LABEL,   NONE,  HIDDEN, 0, "pagemap bits 0-4", "Which swap area, or which kind of special entry, holds it.") \
	C(swap_offset, "SWAPOFF",   U64,  LABEL,   NONE,  HIDDEN, 0, "pagemap bits 5-54", "Where in the swap area it is, in pages; of a run, the first.") \
	C(kind,        "KIND",      STR,  LABEL,   NONE,  HIDDEN, 0, "as in the table vmas", "Kind of the mapping.") \
	C(mapping,     "MAPPING",   STR,  LABEL,   NONE,  MAIN,   0, "maps: pathname", "Name of the mapping.")
/* clang-format on */

#define MML_COLUMN_IDS_OF PAGES
#include "../../core/columns.h"

extern const struct mml_collector mml_collector_pages;

/* Pages that are alike. A run of them becomes a row. */
struct page_run {
	uint64_t address, pages;
	uint64_t pm; /* the word of pagemap of the first page */
	uint64_t kf; /* flags, for a compound page those of its head; WORD_NONE: not known */
	uint64_t kc; /* map count, or WORD_NONE */
	uint64_t unit; /* the base pages of the compound page it is part of; 0: not known */
	int64_t node;  /* below 0: not known */
	const char *zone;
	enum mml_behind behind; /* of pages that are not there */
	bool contiguous;
	int huge; /* 1: a single entry maps all of the huge page; -1: not known */
};

/* What is needed while the pages of a process go into the table. */
struct pages {
	struct mml_take *take;
	const struct mml_query *query;
	struct mml_table *table;
	unsigned needs;
	struct mml_intern strings;
	struct mml_mm mm;
	uint64_t page_size;
	bool scan;      /* PAGEMAP_SCAN may be tried */
	bool pfns;      /* we see frame numbers, as far as one knows */
	bool soft_dirty; /* this kernel keeps soft-dirty bits */
	struct mml_words *pagemap, *flags, *counts, *nodes; /* NULL: not available */
	/* Flags met before and their words, because pages of a few kinds take turns. */
	struct {
		uint64_t flags;
		const char *words;
	} met[16];
	struct mml_frames frames;
	struct mml_frame_place place;
	uint64_t head, head_pages, head_flags; /* the compound page met last */
	/* The pages that were read together, from first on. */
	uint64_t first;
	size_t n;
	uint64_t *pm, *kf, *kc;
	int *on; /* the node of each, if frame numbers are hidden */
	/* The mapping, and the run of alike pages so far. */
	const char *kind, *mapping;
	uint64_t from, offset; /* where it begins, and where in its file that is */
	bool has_offset;
	bool shared; /* whether the mapping is, by mmap(MAP_SHARED) */
	struct mml_behind_file behind;
	struct page_run run;
};

/* Goes on to the mapping VMA, a row of the table vmas. */
void mml_pages_mapping(struct pages *p, const struct mml_row *vma);

/* The most pages that are read at once: as many as a huge page of 1 GiB has, the largest that is
 * common. So many are read only for such a page. The words of fewer pages stay in the processor's
 * cache. */
enum { PAGES_AT_ONCE = 1 << 18, PAGES_USUALLY = 1 << 16 };

/* Adds the pages from START to END, addresses in one mapping, to the table. Returns 0 or -errno. */
int mml_pages_range(struct pages *p, uint64_t start, uint64_t end);

/* Returns the word of the column `state` for the pages of RUN, which are of the current mapping. */
const char *mml_pages_state(const struct pages *p, const struct page_run *run);

/* Reads the flags and map counts of the current pages, and their nodes if frame numbers are hidden. */
void mml_pages_frames(struct pages *p);

/* Returns the size, in base pages, of the compound page that frame PFN with flags KF is in, or 0 if
 * it is not known. Sets RET_FLAGS to the flags of its head. */
uint64_t mml_pages_compound(struct pages *p, uint64_t pfn, uint64_t kf, uint64_t *ret_flags);

/* Returns the first address from START on, below END, that has a page, or END if there is none. If
 * the kernel does not tell, it returns START. */
uint64_t mml_pages_next(struct pages *p, uint64_t start, uint64_t end);

/* Returns whether a single entry of the page table maps the whole huge page at ADDRESS, or -1 if
 * that is not known. */
int mml_pages_entry(struct pages *p, uint64_t address, uint64_t size);

/* Returns whether this kernel keeps soft-dirty bits. */
bool mml_pages_soft_dirty(struct mml_take *take);

/* Open and close what the columns need of the process P->mm. The first returns 0, or -errno with
 * the reason in the table. */
int mml_pages_open(struct pages *p);
void mml_pages_close(struct pages *p);
