/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"
#include "../../core/trouble.h"

enum { REGION_SIZE = 1 << MML_FAULT_REGION_SHIFT };

/* Takes permissions, offset, device and inode off LINE, and notes what a major fault there may wait for: a
 * page of the file, or one in swap. File systems without a device may be in memory. */
static void read_origin(struct mml_span *line, struct mml_fault_mapping *ret)
{
	struct mml_span perms = { 0 }, word, device = { 0 };

	mml_next_token(line, &perms);
	mml_next_token(line, &word);
	mml_next_token(line, &device);
	mml_next_token(line, &word);
	ret->of_file = !mml_span_eq(device, "00:00");
	ret->swaps = !ret->of_file || mml_span_starts(device, "00:") ||
		     (mml_span_len(perms) == 4 && perms.p[1] == 'w' && perms.p[3] == 'p');
}

/*
 * 7f0b61a00000-7f0b65a00000 rw-p 00000000 00:00 0                          [anon: x]
 *
 * The name is the rest of the line behind five fields. It may have blanks in it.
 */
static bool next_mapping(struct mml_span *maps, struct mml_fault_mapping *ret)
{
	struct mml_span line, word, start;

	while (mml_next_line(maps, &line)) {
		if (!mml_next_token(&line, &word) || !mml_next_field(&word, '-', &start) ||
		    mml_parse_hex(start, &ret->start) || mml_parse_hex(word, &ret->end) ||
		    ret->end <= ret->start)
			continue;
		read_origin(&line, ret);
		ret->name = mml_span_trim(line);
		ret->mapped = true;
		return true;
	}
	return false;
}

/* Slot 0 is for faults in no mapping. Mappings come in the order of their addresses, but a file can
 * be edited. */
static int read_maps(struct mml_span maps, struct mml_fault_mapping **ret, size_t *ret_count)
{
	struct mml_fault_mapping *list = NULL, next = { 0 };
	size_t n = 0, room = 0;

	do {
		if (n == room) {
			struct mml_fault_mapping *more;

			room = room ? room * 2 : 64;
			more = mml_realloc(list, room, sizeof(*list));
			if (!more) {
				free(list);
				return -ENOMEM;
			}
			list = more;
		}
		if (n > 1 && next.start < list[n - 1].end)
			continue;
		list[n++] = next;
		next = (struct mml_fault_mapping){ 0 };
	} while (next_mapping(&maps, &next));
	*ret = list;
	*ret_count = n;
	return 0;
}

/* Returns the first mapping, from index 1 on, that ends behind ADDRESS, or n if there is none. */
static size_t first_behind(const struct mml_fault_mapping *list, size_t n, uint64_t address)
{
	size_t low = 1, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Returns whether an entry is not of exceptions, but of the same faults when they were resolved. */
static bool is_resolved(const struct mml_trace_head *head, uint32_t fault_class)
{
	return head->flags & MML_TRACE_RESOLVED && fault_class & (MML_FAULT_MINOR | MML_FAULT_MAJOR);
}

static void add_class(struct mml_fault_counts *counts, uint32_t fault_class, bool resolved, uint64_t n)
{
	if (fault_class & MML_FAULT_MINOR)
		counts->minor += n;
	if (fault_class & MML_FAULT_MAJOR)
		counts->major += n;
	if (resolved)
		return;
	if (fault_class & MML_FAULT_USER)
		counts->user += n;
	else
		counts->kernel += n;
	if (fault_class & MML_FAULT_WRITE)
		counts->write += n;
	if (fault_class & MML_FAULT_INSTRUCTION)
		counts->instruction += n;
	if (fault_class & MML_FAULT_PROTECTION)
		counts->protection += n;
}

/* Keeps the region of MAPPING that had most faults, all classes together. */
static void heat(struct mml_fault_mapping *mapping, uint64_t region, uint64_t faults)
{
	if (faults <= mapping->hottest_faults)
		return;
	mapping->hottest_faults = faults;
	mapping->hottest = region;
}

/* How many faults in one region each mapping that touches it had. Slot 0 is for those in no
 * mapping. */
struct shares {
	size_t first, count; /* mappings first .. first + count - 1 */
	uint64_t got[1 + MML_FAULT_REGION_PAGES], sum[1 + MML_FAULT_REGION_PAGES];
};

/*
 * Gives the faults of each page to the mapping that the page lies in. The region's total may be
 * more than the sum of its pages: a page's count stops at 65535, and two threads that hit one page
 * at once may count as one. The difference goes to the mapping that had most.
 */
static void share_entry(const struct mml_fault_region_entry *entry, const struct mml_trace_head *head,
			struct mml_fault_mapping *list, struct shares *shares)
{
	bool resolved = is_resolved(head, entry->key.fault_class);
	uint64_t page_size = head->page_size;
	uint64_t base = entry->key.region << MML_FAULT_REGION_SHIFT, seen = 0;
	size_t pages = REGION_SIZE / page_size, at = 0, most = 0;

	memset(shares->got, 0, (1 + shares->count) * sizeof(*shares->got));
	for (size_t i = 0; i < pages && i < MML_FAULT_REGION_PAGES; i++) {
		uint64_t address = base + i * page_size;
		size_t slot;

		if (!entry->region.pages[i])
			continue;
		while (at < shares->count && list[shares->first + at].end <= address)
			at++;
		slot = at < shares->count && list[shares->first + at].start <= address ? at + 1 : 0;
		shares->got[slot] += entry->region.pages[i];
		seen += entry->region.pages[i];
	}
	for (size_t i = 1; i <= shares->count; i++)
		if (shares->got[i] > shares->got[most])
			most = i;
	/* If no page was counted, all faults go to the first mapping, which is often the only one. */
	if (!seen && shares->count)
		most = 1;
	if (entry->region.total > seen)
		shares->got[most] += entry->region.total - seen;
	for (size_t i = 0; i <= shares->count; i++) {
		add_class(&list[i ? shares->first + i - 1 : 0].counts, entry->key.fault_class, resolved,
			  shares->got[i]);
		shares->sum[i] += resolved ? 0 : shares->got[i];
	}
}

static void end_region(uint64_t region, struct mml_fault_mapping *list, struct shares *shares)
{
	for (size_t i = 0; i <= shares->count; i++) {
		struct mml_fault_mapping *mapping = &list[i ? shares->first + i - 1 : 0];
		uint64_t base = region << MML_FAULT_REGION_SHIFT;

		heat(mapping, base > mapping->start ? base : mapping->start, shares->sum[i]);
	}
}

static void begin_region(uint64_t region, const struct mml_fault_mapping *list, size_t n,
			 struct shares *shares)
{
	uint64_t base = region << MML_FAULT_REGION_SHIFT;

	*shares = (struct shares){ .first = first_behind(list, n, base) };
	while (shares->first + shares->count < n && shares->count < MML_FAULT_REGION_PAGES &&
	       list[shares->first + shares->count].start < base + REGION_SIZE)
		shares->count++;
}

/* An entry of the process, to be sorted by region. */
struct entry_place {
	uint64_t region, index;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry_place *left = a, *right = b;

	if (left->region != right->region)
		return left->region < right->region ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

static int sort_entries(const char *entries, uint64_t count, pid_t pid, struct entry_place **ret,
			size_t *ret_count)
{
	struct entry_place *places = mml_malloc(count ? count * sizeof(*places) : 1);
	struct mml_fault_region_key key;
	size_t n = 0;

	if (!places)
		return -ENOMEM;
	for (uint64_t i = 0; i < count; i++) {
		memcpy(&key, entries + i * sizeof(struct mml_fault_region_entry), sizeof(key));
		if (key.tgid == (uint32_t)pid && key.region >> (64 - MML_FAULT_REGION_SHIFT) == 0)
			places[n++] = (struct entry_place){ key.region, i };
	}
	qsort(places, n, sizeof(*places), compare_entries);
	*ret = places;
	*ret_count = n;
	return 0;
}

/* Drops the mappings without faults. */
static size_t keep_hit(struct mml_fault_mapping *list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i].counts.user || list[i].counts.kernel || list[i].counts.minor ||
		    list[i].counts.major)
			list[kept++] = list[i];
	return kept;
}

static void share_entries(const char *entries, const struct entry_place *places, size_t count,
			  const struct mml_trace_head *head, struct mml_fault_mapping *list, size_t n)
{
	struct mml_fault_region_entry entry;
	struct shares shares = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!i || places[i].region != places[i - 1].region)
			begin_region(places[i].region, list, n, &shares);
		memcpy(&entry, entries + places[i].index * sizeof(entry), sizeof(entry));
		share_entry(&entry, head, list, &shares);
		if (i + 1 == count || places[i].region != places[i + 1].region)
			end_region(places[i].region, list, &shares);
	}
}

int mml_trace_regions(const void *bytes, size_t length, pid_t pid, struct mml_span maps,
		      struct mml_trace_head *ret_head, struct mml_fault_mapping **ret,
		      size_t *ret_count)
{
	const char *entries = (const char *)bytes + sizeof(*ret_head);
	struct mml_fault_mapping *list;
	struct entry_place *places;
	size_t count, n;
	int rc;

	rc = mml_trace_check(bytes, length, MML_TRACE_REGIONS, ret_head);
	if (rc == -EBADMSG)
		rc = mml_trace_check(bytes, length, MML_TRACE_CODE, ret_head);
	if (rc)
		return rc;
	if (ret_head->length % sizeof(struct mml_fault_region_entry) ||
	    ret_head->living != ret_head->length / sizeof(struct mml_fault_region_entry) ||
	    ret_head->page_size < 4096 || ret_head->page_size > REGION_SIZE)
		return -EBADMSG;
	rc = sort_entries(entries, ret_head->living, pid, &places, &count);
	if (rc)
		return rc;
	rc = read_maps(maps, &list, &n);
	if (!rc) {
		share_entries(entries, places, count, ret_head, list, n);
		*ret = list;
		*ret_count = keep_hit(list, n);
	}
	free(places);
	return rc;
}
