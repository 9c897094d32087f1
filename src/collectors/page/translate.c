/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <string.h>

#include "../vma/vmas.h"
#include "layout.h"

enum { NEEDS_ALL = NEEDS_FLAGS | NEEDS_SIZE | NEEDS_COUNT | NEEDS_NODE | NEEDS_ENTRY | NEEDS_STATE };

/* clang-format off */
#define TRANSLATE_COLUMNS(C, R) \
	C(pid,         "PID",      U64,  KEY,     NONE,  MORE,   0, "the command line", "The process.") \
	C(address,     "ADDRESS",  ADDR, KEY,     NONE,  FIRST,  0, "the command line", "The address.") \
	C(region,      "REGION",   STR,  DERIVED, NONE,  MAIN,   0, "Documentation/arch/x86/x86_64/mm.rst", "Where in the address space it lies; what is randomized at boot is named by where it lies without that.") \
	C(canonical,   "CANONICAL", BOOL, DERIVED, NONE, HIDDEN, 0, "highest translated bit = all bits above it", "Whether the processor translates such addresses at all.") \
	C(levels,      "LEVELS",   U64,  GAUGE,   NONE,  HIDDEN, 0, "cpuinfo: la57; on 32 bits meminfo: DirectMap4M, DirectMap2M", "Levels of page tables this machine uses: 4 or 5; on 32 bits 2 or, with PAE, 3.") \
	C(pgd,         "PGD",      U64,  DERIVED, NONE,  MAIN,   0, "address bits 39-47, with five levels 48-56; on 32 bits 22-31, with PAE 30-31", "Index into the top table; on 32 bits without PAE the directory.") \
	C(p4d,         "P4D",      U64,  DERIVED, NONE,  HIDDEN, 0, "address bits 39-47 with five levels", "Index into the fourth level's table, where there are five.") \
	C(pud,         "PUD",      U64,  DERIVED, NONE,  MAIN,   0, "address bits 30-38", "Index into the third level's table; absent on 32 bits, where it is the top one or there is none.") \
	C(pmd,         "PMD",      U64,  DERIVED, NONE,  MAIN,   0, "address bits 21-29", "Index into the second level's table; absent where there are two levels.") \
	C(pte,         "PTE",      U64,  DERIVED, NONE,  MAIN,   0, "address bits 12-20, with two levels 12-21", "Index into the lowest table; absent where the walk ends above it.") \
	C(page_offset, "OFFSET",   ADDR, DERIVED, NONE,  HIDDEN, 0, "address modulo entry_size", "Where in what the last entry maps.") \
	C(state,       "STATE",    STR,  DERIVED, NONE,  MAIN,   0, "as in the table pages", "As in the table pages; or unmapped, kernel, non-canonical.") \
	C(level,       "ENDS",     STR,  DERIVED, NONE,  MAIN,   0, "PAGEMAP_SCAN: PAGE_IS_HUGE, and kpageflags", "Where the walk ends: PTE 4K, PMD 2M, PUD 1G.") \
	C(entry_size,  "ENTRY",    U64,  DERIVED, BYTES, HIDDEN, 0, "PAGEMAP_SCAN: PAGE_IS_HUGE, and kpageflags", "What the last entry maps.") \
	C(pfn,         "PFN",      ADDR, GAUGE,   NONE,  MAIN,   0, "pagemap bits 0-54", "Page frame number.") \
	C(physical,    "PHYSICAL", ADDR, DERIVED, NONE,  FIRST,  0, "pfn * page size + address modulo page size", "Physical address, on a guest that of the guest.") \
	C(page_size,   "PAGESIZE", U64,  DERIVED, BYTES, HIDDEN, 0, "kpageflags: COMPOUND_HEAD, COMPOUND_TAIL", "Size of the page or folio, however it is mapped.") \
	C(flags,       "FLAGS",    STR,  GAUGE,   NONE,  MAIN,   0, "kpageflags", "Flags of the frame.") \
	C(map_count,   "MAPS",     U64,  GAUGE,   COUNT, MAIN,   0, "kpagecount", "How many page tables map it.") \
	C(node,        "NODE",     U64,  GAUGE,   NONE,  MAIN,   0, "pfn in zoneinfo and memory blocks, or move_pages()", "NUMA node.") \
	C(zone,        "ZONE",     STR,  GAUGE,   NONE,  MAIN,   0, "pfn in zoneinfo: start_pfn, spanned", "Zone.") \
	C(exclusive,   "EXCL",     BOOL, GAUGE,   NONE,  HIDDEN, 0, "pagemap bit 56", "Whether this process alone maps it.") \
	C(refs,        "REFS",     U64,  DERIVED, COUNT, MAIN,   0, "levels walked", "Memory references of the walk, with nothing cached.") \
	C(nested_refs, "NESTED",   U64,  DERIVED, COUNT, MAIN,   0, "(refs + 1) * (host levels + 1) - 1, the host with 4 levels and 4K pages", "References of the nested walk on this guest, with nothing cached: each guest reference, and the last address, takes a walk of the host's tables.") \
	C(swap_type,   "SWAPTYPE", U64,  LABEL,   NONE,  HIDDEN, 0, "pagemap bits 0-4", "Which swap area holds it.") \
	C(swap_offset, "SWAPOFF",  U64,  LABEL,   NONE,  HIDDEN, 0, "pagemap bits 5-54", "Where in the swap area it is, in pages.") \
	C(start,       "START",    ADDR, LABEL,   NONE,  HIDDEN, 0, "maps: address", "First address of the mapping.") \
	C(end,         "END",      ADDR, LABEL,   NONE,  HIDDEN, 0, "maps: address", "First address behind the mapping.") \
	C(perms,       "PERM",     STR,  LABEL,   NONE,  MAIN,   0, "maps: perms", "What the mapping permits.") \
	C(kind,        "KIND",     STR,  LABEL,   NONE,  MORE,   0, "as in the table vmas", "Kind of the mapping.") \
	C(mapping,     "MAPPING",  STR,  LABEL,   NONE,  MORE,   0, "maps: pathname", "Name of the mapping.") \
	C(step,        "STEP",     U64,  KEY,     NONE,  HIDDEN, 0, "mmlens", "With --by step: the number of the step in the walk.") \
	C(table,       "TABLE",    STR,  LABEL,   NONE,  HIDDEN, 0, "levels", "With --by step: the table that is looked into, from the top; page is where the walk ends, and host a walk of the hypervisor's tables, for the place of the next.") \
	C(bits,        "BITS",     STR,  LABEL,   NONE,  HIDDEN, 0, "levels", "With --by step: the bits of the address that are the index.") \
	C(index,       "INDEX",    U64,  DERIVED, NONE,  HIDDEN, 0, "address", "With --by step: the index into that table.") \
	C(covers,      "COVERS",   U64,  DERIVED, BYTES, HIDDEN, 0, "levels", "With --by step: the addresses that one entry of the table stands for.") \
	C(entry,       "BITSSET", STR,  DERIVED, NONE,  HIDDEN, 0, "pagemap, PAGEMAP_SCAN, perms of the mapping", "With --by step: what is known of the entry.") \
	C(untold,      "NOTTOLD", STR,  DERIVED, NONE,  HIDDEN, 0, "mmlens", "With --by step: the bits of the entry that the kernel tells nobody.") \
	C(total,       "REFSSOFAR", U64, DERIVED, COUNT, HIDDEN, 0, "refs, nested_refs", "With --by step: memory references so far, with nothing cached.") \
	C(result,      "RESULT",   STR,  DERIVED, NONE,  MAIN,   0, "all of the above", "What came of it, in words.")
/* clang-format on */

#define MML_TABLE_OF TRANSLATE
#include "../../core/columns.h"

/* Host tables are taken to have four levels, and to map pages of 4K. */
enum { HOST_LEVELS = 4 };

struct translate {
	struct pages p;
	struct mml_table *out;
	const struct mml_table *vmas;
	bool has_pages; /* pagemap is open */
	struct mml_x86 x86;
	bool has_x86;
	bool by_step; /* a row for each step of the walk */
};

static void set_walk(const struct translate *t, struct mml_row *row, uint64_t address)
{
	unsigned levels = t->x86.levels;

	if (levels >= 4)
		mml_set_str(row, TRANSLATE_region, mml_x86_region(levels, address));
	mml_set_bool(row, TRANSLATE_canonical, mml_x86_canonical(levels, address));
	mml_set_u64(row, TRANSLATE_levels, levels);
	mml_set_u64(row, TRANSLATE_pgd, mml_x86_index(levels, levels, address));
	if (levels == 5)
		mml_set_u64(row, TRANSLATE_p4d, mml_x86_index(levels, 4, address));
	if (levels > 3)
		mml_set_u64(row, TRANSLATE_pud, mml_x86_index(levels, 3, address));
	if (levels > 2)
		mml_set_u64(row, TRANSLATE_pmd, mml_x86_index(levels, 2, address));
	mml_set_u64(row, TRANSLATE_pte, mml_x86_index(levels, 1, address));
}

/* Returns the level of the entry that maps SIZE at once, or 4 if there is none. */
static unsigned level_of(const struct translate *t, uint64_t size)
{
	for (unsigned level = 1; level <= 3 && t->has_x86; level++)
		if (size == UINT64_C(1) << mml_x86_shift(t->x86.levels, level))
			return level;
	return 4;
}

/* Sets which level the walk ended on, which follows from the size that its last entry maps. */
static void set_end(const struct translate *t, struct mml_row *row, uint64_t address, uint64_t size)
{
	static const char *const names[] = { "PTE 4K", "PMD 2M", "PUD 1G" };
	uint64_t refs, above = level_of(t, size) - 1;

	mml_set_u64(row, TRANSLATE_entry_size, size);
	mml_set_u64(row, TRANSLATE_page_offset, address % size);
	if (!t->has_x86 || above > 2 || above >= t->x86.levels)
		return;
	mml_set_str(row, TRANSLATE_level, t->x86.levels == 2 && above ? "PGD 4M" : names[above]);
	if (above > 0)
		mml_unset(row, TRANSLATE_pte);
	if (above > 1)
		mml_unset(row, TRANSLATE_pmd);
	refs = t->x86.levels - above;
	mml_set_u64(row, TRANSLATE_refs, refs);
	if (t->x86.guest)
		mml_set_u64(row, TRANSLATE_nested_refs, (refs + 1) * (HOST_LEVELS + 1) - 1);
}

static void copy(struct mml_row *to, unsigned col, const struct mml_row *from, unsigned of)
{
	if (mml_has(from, of))
		mml_set(to, col, from->cell[of]);
}

static void set_page(struct translate *t, struct mml_row *row, const struct mml_row *page,
		     uint64_t address)
{
	uint64_t size = t->p.page_size, base = address / size * size;

	copy(row, TRANSLATE_state, page, PAGES_state);
	copy(row, TRANSLATE_pfn, page, PAGES_pfn);
	copy(row, TRANSLATE_page_size, page, PAGES_page_size);
	copy(row, TRANSLATE_flags, page, PAGES_flags);
	copy(row, TRANSLATE_map_count, page, PAGES_map_count);
	copy(row, TRANSLATE_node, page, PAGES_node);
	copy(row, TRANSLATE_zone, page, PAGES_zone);
	copy(row, TRANSLATE_exclusive, page, PAGES_exclusive);
	copy(row, TRANSLATE_swap_type, page, PAGES_swap_type);
	copy(row, TRANSLATE_swap_offset, page, PAGES_swap_offset);
	if (mml_has(page, PAGES_pfn))
		mml_set_u64(row, TRANSLATE_physical,
			    page->cell[PAGES_pfn].u64 * size + address % size);
	if (!page->cell[PAGES_present].b)
		return;
	if (mml_has(page, PAGES_entry_size))
		set_end(t, row, address, page->cell[PAGES_entry_size].u64);
	else if (!mml_has(page, PAGES_page_size) && !mml_pages_entry(&t->p, base, size))
		set_end(t, row, address, size); /* there is no frame number, but the page is not huge */
}

/* Returns what an access does if no page is mapped at an address of VMA. PAGE is its row in the
 * table of pages. */
static const char *absent_result(const struct mml_row *vma, const struct mml_row *page)
{
	static const char *const anonymous[] = { "anon", "heap", "stack", "reserve" };
	const char *kind = vma->cell[VMAS_kind].str;
	const char *behind = mml_has(page, PAGES_behind) ? page->cell[PAGES_behind].str : NULL;
	bool shmem = !strcmp(kind, "shmem");

	if (behind && !strcmp(behind, mml_behind_words[MML_BEHIND_PAST_END]))
		return "past the end of the file: an access is a bus error";
	if (!strncmp(vma->cell[VMAS_perms].str, "---", 3))
		return "mapped without access, and no page";
	for (size_t i = 0; i < sizeof(anonymous) / sizeof(*anonymous); i++)
		if (!strcmp(kind, anonymous[i]))
			return "mapped, but no page yet: the first access faults one in";
	if (shmem || !strcmp(kind, "secretmem") || !strcmp(kind, "hugetlb"))
		return behind ? "mapped, but no page yet: the first access faults one in"
			      : "not mapped by this process yet; whether there is a page is not "
				"known";
	if (!strcmp(kind, "text") || !strcmp(kind, "data") || !strcmp(kind, "file"))
		return behind ? "not in memory: the first access reads it from the file"
			      : "not mapped by this process yet; whether it is in the page cache "
				"is not known";
	return "no page that /proc tells of: frames of a device, or of the kernel's";
}

static const char *result_of(const struct translate *t, const struct mml_row *row,
			     const struct mml_row *vma, const struct mml_row *page)
{
	const char *state = mml_has(row, TRANSLATE_state) ? row->cell[TRANSLATE_state].str : "";
	const char *why;

	if (t->has_x86 && !row->cell[TRANSLATE_canonical].b)
		return "not an address: the processor faults on it without looking at any table";
	if (t->has_x86 && row->cell[TRANSLATE_address].u64 >> 63 && !vma)
		return "an address of the kernel's: /proc tells nothing about its page tables";
	why = mml_mm_why_empty(&t->p.mm);
	if (why)
		return why;
	if (!vma)
		return "nothing is mapped there: an access is a segmentation fault";
	if (!strcmp(state, "absent"))
		return absent_result(vma, page);
	if (!strcmp(state, "cached"))
		return "in the page cache, but not mapped by this process: the first access maps "
		       "it";
	if (!strcmp(state, "swapped"))
		return "in swap: an access faults it in";
	if (!strcmp(state, "special"))
		return "neither in memory nor in swap: in the hands of migration, poisoned, in a "
		       "device's "
		       "memory, or marked by userfaultfd";
	if (!strcmp(state, "guard"))
		return "a guard page: an access is a segmentation fault";
	if (!*state)
		return "mapped by the kernel itself, outside the process's own tables";
	return mml_has(row, TRANSLATE_pfn) ? "in memory" :
					     "in memory; frame numbers are hidden from this user";
}

static const struct mml_row *find_vma(const struct mml_table *vmas, uint64_t address)
{
	for (size_t i = 0; vmas && i < vmas->nrows; i++) {
		const struct mml_row *row = mml_table_row(vmas, i);

		if (address >= row->cell[VMAS_start].u64 && address < row->cell[VMAS_end].u64)
			return row;
	}
	return NULL;
}

/* Returns the state of an address outside all mappings. */
static const char *state_outside(const struct translate *t, const struct mml_row *row)
{
	if (t->has_x86 && !row->cell[TRANSLATE_canonical].b)
		return "non-canonical";
	return t->has_x86 && row->cell[TRANSLATE_address].u64 >> 63 ? "kernel" : "unmapped";
}

/* A step of the walk is a row that has all that the whole of it has. */
static struct mml_row *add_step(struct translate *t, const struct mml_row *whole, uint64_t *step,
				const char *table)
{
	struct mml_row *row = *step ? mml_table_add(t->out) : (struct mml_row *)whole;

	if (!row)
		return NULL;
	if (row != whole)
		for (unsigned col = 0; col < TRANSLATE_step; col++)
			copy(row, col, whole, col);
	copy(row, TRANSLATE_result, whole, TRANSLATE_result);
	mml_set_u64(row, TRANSLATE_step, ++*step);
	mml_set_str(row, TRANSLATE_table, table);
	return row;
}

static struct mml_row *add_host_walk(struct translate *t, const struct mml_row *whole, uint64_t *step,
				     bool ends, uint64_t *total)
{
	struct mml_row *row = add_step(t, whole, step, "host");

	*total += HOST_LEVELS;
	if (row && ends)
		mml_set_u64(row, TRANSLATE_total, *total);
	return row;
}

/* What is known of the entry of LEVEL. Tables above the last are made for every access alike; the last
 * entry has what the mapping permits, but for writing, which copy on write and others put off. */
static void set_entry(struct translate *t, struct mml_row *row, unsigned level, unsigned last)
{
	const char *perms = mml_has(row, TRANSLATE_perms) ? row->cell[TRANSLATE_perms].str : NULL;
	bool executable = perms && perms[2] == 'x', writable = perms && perms[1] == 'w';

	if (!last || !perms) {
		mml_set_str(row, TRANSLATE_untold, "whether this table and its entry are there");
		return;
	}
	if (level > last) {
		/* The four entries of the top table of PAE have nothing else. */
		mml_set_str(row, TRANSLATE_entry, level == 3 && t->x86.levels == 3 ? "present" : "present writable user");
		if (level == 3 && t->x86.levels == 3)
			return;
		mml_set_str(row, TRANSLATE_untold, "accessed");
		return;
	}
	mml_set_str(row, TRANSLATE_entry,
		    mml_arena_printf(t->out->arena, "present user%s%s", last > 1 ? " huge" : "",
				     executable || t->x86.levels == 2 ? "" : " no-execute"));
	mml_set_str(row, TRANSLATE_untold, writable ? "writable accessed dirty" : "accessed dirty");
}

/* Returns the level of the last entry, or 0 if the walk ends nowhere that is known. */
static unsigned last_level(const struct translate *t, const struct mml_row *row)
{
	return mml_has(row, TRANSLATE_level) ? level_of(t, row->cell[TRANSLATE_entry_size].u64) : 0;
}

static int add_levels(struct translate *t, struct mml_row *whole, uint64_t address)
{
	static const char *const names[] = { "PTE", "PMD", "PUD", "P4D", "PGD" };
	unsigned last = last_level(t, whole);
	uint64_t step = 0, total = 0;

	for (unsigned level = t->x86.levels; level >= (last ? last : 1); level--) {
		unsigned bit = mml_x86_shift(t->x86.levels, level), bits = mml_x86_bits(t->x86.levels, level);
		struct mml_row *row;

		if (t->x86.guest && !add_host_walk(t, whole, &step, last, &total))
			return -ENOMEM;
		row = add_step(t, whole, &step, names[level == t->x86.levels ? 4 : level - 1]);
		if (!row)
			return -ENOMEM;
		mml_set_str(row, TRANSLATE_bits,
			    mml_arena_printf(t->out->arena, "%u-%u", bit, bit + bits - 1));
		mml_set_u64(row, TRANSLATE_index, mml_x86_index(t->x86.levels, level, address));
		mml_set_u64(row, TRANSLATE_covers, UINT64_C(1) << bit);
		total++;
		if (last) /* it may end early */
			mml_set_u64(row, TRANSLATE_total, total);
		set_entry(t, row, level, last);
	}
	if (!last)
		return 0;
	if (t->x86.guest && !add_host_walk(t, whole, &step, last, &total))
		return -ENOMEM;
	whole = add_step(t, whole, &step, "page");
	if (whole)
		mml_set_u64(whole, TRANSLATE_total, total);
	return whole ? 0 : -ENOMEM;
}

static int add_address(struct translate *t, uint64_t address)
{
	struct mml_row *row = mml_table_add(t->out);
	const struct mml_row *vma = find_vma(t->vmas, address);
	uint64_t size = t->p.page_size, base = address / size * size;
	const struct mml_row *page = NULL;
	size_t before = t->p.table->nrows;
	int rc = 0;

	if (!row)
		return -ENOMEM;
	mml_set_u64(row, TRANSLATE_pid, (uint64_t)t->p.mm.pid);
	mml_set_u64(row, TRANSLATE_address, address);
	if (t->has_x86)
		set_walk(t, row, address);
	if (vma) {
		copy(row, TRANSLATE_start, vma, VMAS_start);
		copy(row, TRANSLATE_end, vma, VMAS_end);
		copy(row, TRANSLATE_perms, vma, VMAS_perms);
		copy(row, TRANSLATE_kind, vma, VMAS_kind);
		copy(row, TRANSLATE_mapping, vma, VMAS_name);
		mml_pages_mapping(&t->p, vma);
		if (t->has_pages && base < UINT64_MAX - size)
			rc = mml_pages_range(&t->p, base, base + size);
	}
	if (rc)
		return rc;
	if (t->p.table->nrows > before)
		page = mml_table_row(t->p.table, before);
	if (page)
		set_page(t, row, page, address);
	else
		mml_set_str(row, TRANSLATE_state, vma ? NULL : state_outside(t, row));
	mml_set_str(row, TRANSLATE_result, result_of(t, row, vma, page));
	/* The tables of the kernel's own part are not walked, and no others begin there. */
	if (t->by_step && t->has_x86 && row->cell[TRANSLATE_canonical].b && !(address >> 63))
		return add_levels(t, row, address);
	return 0;
}

/* A 32-bit kernel has two levels or, with PAE, three, whatever its processor could do. */
static struct mml_absence read_levels32(struct translate *t, struct mml_take *take)
{
	struct mml_span text;
	int rc = mml_take_file(take, NULL, "/proc/meminfo", &text);

	if (rc)
		return mml_absence_of(take->arena, take->root, NULL, "/proc/meminfo", rc);
	t->x86.levels = mml_x86_levels32(text);
	if (t->x86.levels)
		return (struct mml_absence){ NULL, NULL };
	return (struct mml_absence){ "no DirectMap4M or DirectMap2M in /proc/meminfo tells the levels", NULL };
}

static void read_cpu(struct translate *t, struct mml_take *take)
{
	static const char needs[] = "an x86 machine";
	static const unsigned of_x86[] = { TRANSLATE_region, TRANSLATE_canonical, TRANSLATE_levels,
					   TRANSLATE_pgd,    TRANSLATE_pud,	  TRANSLATE_pmd,
					   TRANSLATE_pte,    TRANSLATE_level,	  TRANSLATE_refs };
	const char *machine = take->host->machine;
	struct mml_absence why = { NULL, needs };
	struct mml_span text;
	int rc;

	if (!machine || !mml_x86_machine(machine)) {
		why.reason = mml_arena_printf(take->arena, "the layout of %s is not known to mmlens",
					      machine ? machine : "this machine");
	} else {
		rc = mml_take_file(take, NULL, "/proc/cpuinfo", &text);
		if (!rc)
			rc = mml_x86_parse(text, &t->x86);
		if (rc)
			why = mml_absence_of(take->arena, take->root, NULL, "/proc/cpuinfo", rc);
		else if (strcmp(machine, "x86_64"))
			why = read_levels32(t, take);
		t->has_x86 = !why.reason;
	}
	for (size_t i = 0; !t->has_x86 && i < sizeof(of_x86) / sizeof(*of_x86); i++)
		mml_table_why(t->out, of_x86[i], why.reason, why.needs);
	if (!t->has_x86 || !t->x86.guest)
		mml_table_why(t->out, TRANSLATE_nested_refs,
			      t->has_x86 ? "this machine is not a guest" : why.reason,
			      t->has_x86 ? NULL : why.needs);
}

/* What the table of pages could not read is absent here for the same reason. */
static void copy_reasons(const struct translate *t)
{
	static const unsigned from[][2] = {
		{ PAGES_pfn, TRANSLATE_pfn },	    { PAGES_pfn, TRANSLATE_physical },
		{ PAGES_flags, TRANSLATE_flags },   { PAGES_map_count, TRANSLATE_map_count },
		{ PAGES_node, TRANSLATE_node },	    { PAGES_zone, TRANSLATE_zone },
		{ PAGES_page_size, TRANSLATE_page_size },
	};
	const struct mml_absence *why = t->p.table->columns;

	for (size_t i = 0; why && i < sizeof(from) / sizeof(*from); i++)
		if (why[from[i][0]].reason)
			mml_table_why(t->out, from[i][1], why[from[i][0]].reason,
				      why[from[i][0]].needs);
}

static int translate_process(struct translate *t, const struct mml_query *query, pid_t pid)
{
	const struct mml_arg *asked = &query->scope.args[MML_PARAM_ADDRESSES];
	struct mml_table *vmas;
	int rc = mml_mm_take(t->p.take, t->out, pid, &t->p.mm);

	if (rc)
		return rc;
	rc = mml_vmas_list(t->p.take, &t->p.mm, t->out, &vmas);
	if (rc)
		return rc;
	t->vmas = vmas;
	rc = vmas->nrows ? mml_pages_open(&t->p) : 0;
	if (rc)
		mml_table_fail(t->out, rc, t->p.table->absence.needs, "%s",
			       t->p.table->absence.reason ? t->p.table->absence.reason :
							    strerror(-rc));
	t->has_pages = t->p.pagemap;
	for (size_t i = 0; i < asked->n && !rc; i++)
		rc = add_address(t, asked->addresses[i]);
	copy_reasons(t);
	mml_pages_close(&t->p);
	return rc ? mml_table_fail(t->out, rc, NULL, "process %d: %s", (int)pid, strerror(-rc)) : 0;
}

static int translate_collect(struct mml_take *take, const struct mml_query *query,
			     struct mml_table *ret)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	struct translate t = { .out = ret,
			       .by_step = query->scope.by && !strcmp(query->scope.by, "step") };

	t.p = (struct pages){ .take = take,
			      .query = query,
			      .needs = NEEDS_ALL,
			      .page_size = mml_take_page_size(take, ret),
			      .pfns = true };
	t.p.strings.arena = take->arena;
	t.p.table = mml_table_new(take->arena, &mml_collector_pages.schema);
	if (!t.p.table)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	/* If no address was given, as in a capture, only what every address needs is read. */
	read_cpu(&t, take);
	for (size_t i = 0; i < asked->n && query->scope.args[MML_PARAM_ADDRESSES].n; i++)
		translate_process(&t, query, asked->pids[i]);
	return ret->error;
}

static const struct mml_grouping groupings[] = {
	{ "step", "address,step,table,bits,index,covers,entry,untold,total,pfn,result", "" },
	{ NULL, NULL, NULL },
};

static const struct mml_source sources[] = {
	{ "/proc/cpuinfo", NULL, NULL, NULL },
	{ "/proc/meminfo", NULL, NULL, NULL },
	{ "/proc/PID/maps", "the same user, or CAP_SYS_PTRACE", NULL, NULL },
	{ "/proc/PID/pagemap", "the same user, or CAP_SYS_PTRACE; frame numbers: CAP_SYS_ADMIN",
	  "a kernel with CONFIG_PROC_PAGE_MONITOR", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_translate = {
	.schema = { .name = "translate",
		    .apart = "*",
		    .help = "An address of a process, and the walk from it to memory (mmlens translate PID ADDRESS...).",
		    MML_COLUMNS(TRANSLATE) },
	.sources = sources,
	.takes = MML_TAKES(PIDS) | MML_TAKES(ADDRESSES),
	.requires = MML_TAKES(PIDS),
	.groupings = groupings,
	.collect = translate_collect,
};
