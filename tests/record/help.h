/* Samples made by tests: from trees, and of made-up files whose numbers go on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/record/delta.h"
#include "../tap.h"

static inline void die(const char *what)
{
	perror(what);
	exit(99);
}

static inline struct mml_builder *builder_new(struct mml_sample *former)
{
	struct mml_builder *b = mml_builder_new(former);

	if (!b)
		die("memory");
	return b;
}

static inline void builder_add(struct mml_builder *b, const char *path, const char *text)
{
	if (mml_builder_add(b, path, MML_ASKED_FILE, 0, text, strlen(text)))
		die(path);
}

static inline struct mml_sample *builder_end(struct mml_builder *b)
{
	struct mml_sample *sample;

	if (mml_builder_end(b, &sample))
		die("memory");
	return sample;
}

/* The first entry in which A and B differ, or NULL. */
static inline const char *sample_differs(const struct mml_sample *a, const struct mml_sample *b)
{
	size_t most = a->count > b->count ? a->count : b->count;

	for (size_t i = 0; i < most; i++) {
		if (i == a->count || i == b->count)
			return "their number";
		if (!mml_entry_same(a->entries[i], b->entries[i]))
			return a->entries[i]->bytes;
	}
	return a->bytes == b->bytes ? NULL : "their size";
}

static inline void read_whole(const char *path, struct mml_buf *ret)
{
	FILE *f = fopen(path, "r");
	size_t n;

	ret->len = 0;
	if (!f)
		die(path);
	do {
		if (mml_buf_reserve(ret, 64 << 10))
			die("memory");
		n = fread(ret->data + ret->len, 1, 64 << 10, f);
		ret->len += n;
	} while (n);
	fclose(f);
}

/* All of the tree at DIR, the first SKIP bytes of which are not part of the paths. */
static inline void builder_add_tree(struct mml_builder *b, const char *dir, size_t skip)
{
	struct mml_buf text = { 0 };
	struct dirent **names;
	char path[PATH_MAX];
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct stat st;
		ssize_t len;

		if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path) ||
		    !strcmp(name, ".") || !strcmp(name, "..") || lstat(path, &st)) {
			free(names[i]);
			continue;
		}
		free(names[i]);
		if (S_ISDIR(st.st_mode)) {
			mml_builder_add(b, path + skip, MML_ASKED_DIR, 0, NULL, 0);
			builder_add_tree(b, path, skip);
		} else if (S_ISLNK(st.st_mode)) {
			char target[PATH_MAX];

			len = readlink(path, target, sizeof(target));
			mml_builder_add(b, path + skip, MML_ASKED_LINK, 0, target,
					len > 0 ? (size_t)len : 0);
		} else if (S_ISREG(st.st_mode)) {
			read_whole(path, &text);
			mml_builder_add(b, path + skip, MML_ASKED_FILE, 0, text.data, text.len);
		}
	}
	if (n >= 0)
		free(names);
	mml_buf_free(&text);
}
