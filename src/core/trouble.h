/* Counts how often memory or descriptors ran out, whoever met it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* Notes that ERR (-ENOMEM, -EMFILE or -ENFILE) was met, and returns ERR. Any thread may call it. */
int mml_trouble(int err);

/* Returns how often it was met in this process so far. What was read while the number grew is not
 * whole. */
unsigned mml_troubles(void);

/* The same as malloc(), calloc(), reallocarray() and strdup(), but a failure is noted. */
void *mml_malloc(size_t size);
void *mml_calloc(size_t n, size_t size);
void *mml_realloc(void *p, size_t n, size_t size);
char *mml_strdup(const char *s);
char *mml_strndup(const char *s, size_t n);

/* Returns a formatted string of its own, or NULL, and notes that, when memory ran out. */
char *mml_strf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The last error noted, or 0; and words for what fails because of it. The words need no memory. */
int mml_trouble_last(void);
const char *mml_trouble_words(int err);
