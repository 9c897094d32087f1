/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "caches.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct cache {
	const char *name, *holds;
} caches[] = {
#define CACHE(name, holds) { name, holds },
#include "caches.def"
#undef CACHE
};

/* Returns how many names stand before the first with a *. */
static size_t whole_names(void)
{
	size_t n = 0;

	while (n < sizeof(caches) / sizeof(*caches) && !strchr(caches[n].name, '*'))
		n++;
	return n;
}

static int compare(const void *name, const void *cache)
{
	return strcmp(name, ((const struct cache *)cache)->name);
}

/* PATTERN has its * at the beginning or at the end. */
static bool fits(const char *name, const char *pattern)
{
	size_t len = strlen(name), fixed = strlen(pattern) - 1;

	if (*pattern == '*')
		return len > fixed && !strcmp(name + len - fixed, pattern + 1);
	return len > fixed && !strncmp(name, pattern, fixed);
}

const char *mml_cache_holds(const char *name)
{
	const size_t n = whole_names();
	const struct cache *cache = bsearch(name, caches, n, sizeof(*caches), compare);

	if (cache)
		return cache->holds;
	for (size_t i = n; i < sizeof(caches) / sizeof(*caches); i++)
		if (fits(name, caches[i].name))
			return caches[i].holds;
	return NULL;
}
