/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trouble.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What runs out does so for the whole process. This is the only state that all of it shares. */
static atomic_uint count;
static atomic_int last;

int mml_trouble(int err)
{
	atomic_store_explicit(&last, err, memory_order_relaxed);
	atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
	return err;
}

unsigned mml_troubles(void)
{
	return atomic_load_explicit(&count, memory_order_relaxed);
}

static void *noted(void *p)
{
	if (!p)
		mml_trouble(-ENOMEM);
	return p;
}

void *mml_malloc(size_t size)
{
	return noted(malloc(size ? size : 1));
}

void *mml_calloc(size_t n, size_t size)
{
	return noted(calloc(n ? n : 1, size));
}

void *mml_realloc(void *p, size_t n, size_t size)
{
	return noted(reallocarray(p, n ? n : 1, size));
}

char *mml_strdup(const char *s)
{
	return noted(strdup(s));
}

char *mml_strndup(const char *s, size_t n)
{
	return noted(strndup(s, n));
}

char *mml_strf(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int rc;

	va_start(ap, fmt);
	rc = vasprintf(&text, fmt, ap);
	va_end(ap);
	return noted(rc < 0 ? NULL : text);
}

int mml_trouble_last(void)
{
	return atomic_load_explicit(&last, memory_order_relaxed);
}

const char *mml_trouble_words(int err)
{
	switch (-err) {
	case ENOMEM:
		return "out of memory";
	case EMFILE:
		return "too many open files: the limit of this process (ulimit -n) is reached";
	case ENFILE:
		return "too many open files: the limit of this machine (fs.file-max) is reached";
	default:
		return strerror(-err);
	}
}
