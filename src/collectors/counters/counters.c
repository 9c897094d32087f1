/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../memory/meminfo.h"
#include "../memory/vmstat.h"

static const struct mml_counter counters[] = {
#define LEVEL true
#define EVENTS false
#define COUNTER(name, unit, level, help) { name, unit, help, level },
#include "counters.def"
#undef COUNTER
};

/* Compares NAME with one name of the list. The result is below, at or above 0 in the list's order. */
static int order(struct mml_span name, const char *known)
{
	size_t len = mml_span_len(name), i = 0;

	while (i < len && name.p[i] == known[i])
		i++;
	if (i == len)
		return known[i] ? -1 : 0;
	return (unsigned char)name.p[i] - (unsigned char)known[i];
}

static const struct mml_counter *find(struct mml_span name)
{
	size_t low = 0, high = sizeof(counters) / sizeof(*counters);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int rc = order(name, counters[mid].name);

		if (!rc)
			return &counters[mid];
		if (rc < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* For a counter like "allocstall_dma32", the list has one entry that ends with a star in place of
 * the zone. */
static const struct mml_counter *find_of_zone(struct mml_span name)
{
	static const char *const zones[] = { "dma", "dma32", "normal", "high", "movable", "device" };
	const char *last = memrchr(name.p, '_', mml_span_len(name));
	char star[64];
	size_t len;

	if (!last)
		return NULL;
	len = (size_t)(last + 1 - name.p);
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones) && len < sizeof(star); i++) {
		if (!mml_span_eq((struct mml_span){ last + 1, name.end }, zones[i]))
			continue;
		memcpy(star, name.p, len);
		star[len] = '*';
		return find((struct mml_span){ star, star + len + 1 });
	}
	return NULL;
}

const struct mml_counter *mml_counter_find(struct mml_span name)
{
	const struct mml_counter *counter = find(name);

	return counter ? counter : find_of_zone(name);
}

bool mml_counter_level(struct mml_span name)
{
	const struct mml_counter *counter = mml_counter_find(name);

	if (counter)
		return counter->level;
	return mml_span_starts(name, "nr_") && !mml_span_starts(name, "nr_tlb_");
}

const char *mml_counter_unit(struct mml_span name)
{
	const struct mml_counter *counter = mml_counter_find(name);

	return counter ? counter->unit : NULL;
}

/* meminfo has the same in KiB, and a stack is of at least 4 KiB. Without it a counter shows the age of the
 * kernel that came with KiB, in 4.8. */
static bool stacks_in_kib(struct mml_take *take)
{
	struct mml_span vmstat, meminfo;
	uint64_t value, bytes;

	if (mml_take_file(take, NULL, "/proc/vmstat", &vmstat))
		return true;
	if (mml_vmstat_value(vmstat, "nr_kernel_stack", &value) && value &&
	    !mml_take_file(take, NULL, "/proc/meminfo", &meminfo) &&
	    mml_meminfo_bytes(meminfo, "KernelStack", &bytes))
		return bytes / 1024 < value + value / 2;
	return mml_vmstat_value(vmstat, "nr_zone_write_pending", &value);
}

const char *mml_counter_unit_here(struct mml_take *take, struct mml_span name)
{
	if (mml_span_eq(name, "nr_kernel_stack") && !stacks_in_kib(take))
		return "stacks";
	return mml_counter_unit(name);
}
