/* Memory and descriptors that run out: the one place that knows, whoever met it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* Note that ERR (-ENOMEM, -EMFILE, -ENFILE) was met; safe from any thread. Returns ERR. */
int mml_trouble(int err);

/* How often it was met so far in this process: what is read while it grows is not whole. */
unsigned mml_troubles(void);

/* As malloc(), calloc() and reallocarray(), and trouble is noted when they fail. */
void *mml_malloc(size_t size);
void *mml_calloc(size_t n, size_t size);
void *mml_realloc(void *p, size_t n, size_t size);
char *mml_strdup(const char *s);

/* The last one met, or 0; and why what was being done failed, in words that need no memory. */
int mml_trouble_last(void);
const char *mml_trouble_words(int err);
