/* The kernel logs in $MMLENS_OOM (../shared/oom), read whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tap.h"
#include "oom_dump.h"

struct text {
	char name[256];
	char *data;
	size_t len;
};

static struct text logs[200], index_md;
static size_t nlogs;

static bool load(const char *dir, const char *name, struct text *ret)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->data = malloc(1 << 20);
	ret->len = fread(ret->data, 1, (1 << 20) - 1, f);
	ret->data[ret->len] = '\0';
	fclose(f);
	return true;
}

__attribute__((unused)) static struct mml_oom_log *
read_flags(struct mml_arena *arena, const char *data, size_t len, unsigned flags)
{
	struct mml_oom_log *log = NULL;
	/* Exactly as long as it is, so that a sanitizer sees what is read beyond. */
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	if (mml_oom_read(arena, (struct mml_span){ copy, copy + len }, flags, &log))
		abort();
	free(copy);
	return log;
}

__attribute__((unused)) static const struct text *find_log(const char *number)
{
	for (size_t i = 0; i < nlogs; i++)
		if (!strncmp(logs[i].name, number, strlen(number)))
			return &logs[i];
	return NULL;
}

__attribute__((unused)) static char *dumped(const char *data, size_t len, unsigned flags,
					    bool lines, bool raw)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, data, len, flags);
	struct mml_buf out = { 0 };

	mml_buf_puts(&out, "");
	mml_buf_reserve(&out, 1);
	out.data[0] = '\0';
	dump_log(&out, log, lines, raw);
	mml_arena_free(arena);
	return out.data;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->name, ((const struct text *)b)->name);
}

/* Whether there are any; otherwise the test is over, and says why. */
static bool load_logs(void)
{
	const char *dir = getenv("MMLENS_OOM"), *src = getenv("top_srcdir");
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/../shared/oom", src ? src : ".");
	d = opendir(dir ? dir : path);
	if (!d || !load(dir ? dir : path, "INDEX.md", &index_md)) {
		tap_skip("no kernel logs in %s: set MMLENS_OOM", dir ? dir : path);
		return false;
	}
	while ((entry = readdir(d)) && nlogs < sizeof(logs) / sizeof(*logs))
		if (strlen(entry->d_name) > 4 &&
		    !strcmp(entry->d_name + strlen(entry->d_name) - 4, ".log") &&
		    load(dir ? dir : path, entry->d_name, &logs[nlogs]))
			nlogs++;
	closedir(d);
	qsort(logs, nlogs, sizeof(*logs), by_name);
	return true;
}
