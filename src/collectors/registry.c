/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registry.h"

#include <string.h>
#include <strings.h>

#define MML_TABLE(name) &mml_collector_##name,
const struct mml_collector *const mml_collectors[] = {
#include "registry.def"
	NULL
};

const struct mml_collector *mml_collector_find(const char *name)
{
	for (size_t i = 0; mml_collectors[i]; i++)
		if (!strcmp(mml_collectors[i]->schema.name, name))
			return mml_collectors[i];
	return NULL;
}

static const char *collector_name(size_t i, const void *ctx)
{
	(void)ctx;
	return mml_collectors[i]->schema.name;
}

const char *mml_collector_meant(const char *name)
{
	static const struct {
		const char *word, *table;
	} words[] = {
		{ "numa", "nodes" },	   { "numastat", "nodes" },	 { "node", "nodes" },
		{ "memory", "balance" },   { "mem", "balance" },	 { "ps", "processes" },
		{ "procs", "processes" },  { "smem", "processes" },	 { "pmap", "vmas" },
		{ "maps", "vmas" },	   { "mappings", "vmas" },	 { "slabtop", "slab" },
		{ "slabinfo", "slab" },	   { "zoneinfo", "zones" },	 { "watermarks", "zones" },
		{ "buddyinfo", "buddy" },  { "pagetypeinfo", "pagetypes" }, { "pressure", "psi" },
		{ "cgroup", "cgroups" },   { "swap", "swaps" },		 { "swapon", "swaps" },
		{ "hugetlbpages", "hugepages" }, { "sysctl", "settings" }, { "pagemap", "pages" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(words[i].word, name) && mml_collector_find(words[i].table))
			return words[i].table;
	return NULL;
}

const char *mml_collector_nearest(const char *name)
{
	const char *meant = mml_collector_meant(name);
	size_t n = 0;

	if (meant)
		return meant;
	while (mml_collectors[n])
		n++;
	return mml_nearest(name, strlen(name), collector_name, n, NULL);
}
