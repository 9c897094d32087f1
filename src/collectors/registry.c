/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registry.h"

#include <string.h>

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

const char *mml_collector_nearest(const char *name)
{
	size_t n = 0;

	while (mml_collectors[n])
		n++;
	return mml_nearest(name, strlen(name), collector_name, n, NULL);
}
