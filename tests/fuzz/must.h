/* What targets share: what must be so, and bytes with nothing behind them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/core/parse.h"

#define MUST(what)                                                              \
	do {                                                                    \
		if (!(what)) {                                                  \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                \
		}                                                               \
	} while (0)

/* The parser alone, on bytes with nothing behind them, where reading on is caught. */
static inline struct mml_span exact(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	return (struct mml_span){ copy, copy + size };
}
