/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../core/parse.h"
#include "../core/trouble.h"

struct mml_entry *mml_entry_new(const char *path, size_t path_len, enum mml_asked asked, int error,
				size_t len)
{
	struct mml_entry *entry = mml_malloc(sizeof(*entry) + path_len + len + 2);

	if (!entry)
		return NULL;
	*entry = (struct mml_entry){ .refs = 1,
				     .path_len = (uint32_t)path_len,
				     .len = (uint32_t)len,
				     .error = (int16_t)error,
				     .asked = (uint8_t)asked };
	memcpy(entry->bytes, path, path_len);
	entry->bytes[path_len] = '\0';
	entry->bytes[path_len + 1 + len] = '\0';
	return entry;
}

struct mml_entry *mml_entry_get(struct mml_entry *entry)
{
	__atomic_fetch_add(&entry->refs, 1, __ATOMIC_RELAXED);
	return entry;
}

void mml_entry_put(struct mml_entry *entry)
{
	if (entry && __atomic_fetch_sub(&entry->refs, 1, __ATOMIC_ACQ_REL) == 1)
		free(entry);
}

bool mml_entry_same(const struct mml_entry *a, const struct mml_entry *b)
{
	return a == b || (a->path_len == b->path_len && a->len == b->len && a->error == b->error &&
			  a->asked == b->asked &&
			  !memcmp(a->bytes, b->bytes, (size_t)a->path_len + 1 + a->len));
}

/* A slash before all other bytes, so that nothing comes between a directory and its content. */
static int byte_rank(char c)
{
	return c == '/' ? 0 : 1 + (unsigned char)c;
}

int mml_path_order(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len, i = 0;

	while (i + 8 <= n && mml_load8(a + i) == mml_load8(b + i))
		i += 8;
	while (i < n && a[i] == b[i])
		i++;
	if (i < n)
		return byte_rank(a[i]) - byte_rank(b[i]);
	return (a_len > b_len) - (a_len < b_len);
}

int mml_entry_order(const struct mml_entry *a, const struct mml_entry *b)
{
	int order = mml_path_order(a->bytes, a->path_len, b->bytes, b->path_len);

	return order ? order : a->asked - b->asked;
}

bool mml_path_good(const char *path, size_t len)
{
	struct mml_span rest = { path, path + len }, part;

	if (!len || *path != '/' || len >= MML_PATH_MAX || memchr(path, '\0', len))
		return false;
	if (len == 1)
		return true;
	rest.p++;
	while (mml_next_field(&rest, '/', &part))
		if (part.p == part.end || mml_span_eq(part, ".") || mml_span_eq(part, ".."))
			return false;
	return path[len - 1] != '/';
}

struct mml_sample *mml_sample_get(struct mml_sample *sample)
{
	if (sample)
		__atomic_fetch_add(&sample->refs, 1, __ATOMIC_RELAXED);
	return sample;
}

void mml_sample_put(struct mml_sample *sample)
{
	if (!sample || __atomic_fetch_sub(&sample->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	for (size_t i = 0; i < sample->count; i++)
		mml_entry_put(sample->entries[i]);
	free(sample);
}

/* The first entry from FROM on that is not before the path. */
static size_t lower_bound(const struct mml_sample *sample, size_t from, const char *path,
			  size_t len, int asked)
{
	size_t end = sample->count;

	while (from < end) {
		size_t mid = from + (end - from) / 2;
		const struct mml_entry *entry = sample->entries[mid];
		int order = mml_path_order(entry->bytes, entry->path_len, path, len);

		if (order < 0 || (!order && entry->asked < asked))
			from = mid + 1;
		else
			end = mid;
	}
	return from;
}

const struct mml_entry *mml_sample_find(const struct mml_sample *sample, const char *path,
					enum mml_asked asked)
{
	size_t len = strlen(path), i = lower_bound(sample, 0, path, len, (int)asked);
	const struct mml_entry *entry = i < sample->count ? sample->entries[i] : NULL;

	if (!entry || entry->asked != asked || entry->path_len != len ||
	    memcmp(entry->bytes, path, len) != 0)
		return NULL;
	return entry;
}

int mml_sample_read(const struct mml_sample *sample, const char *path, enum mml_asked asked,
		    const char **ret, size_t *ret_len)
{
	const struct mml_entry *entry = mml_sample_find(sample, path, asked);

	if (!entry)
		return -ENODATA;
	if (entry->error)
		return entry->error;
	*ret = mml_entry_text(entry);
	*ret_len = entry->len;
	return 0;
}

static int each_name(struct mml_span name, int (*each)(const char *name, void *ctx), void *ctx)
{
	char copy[NAME_MAX + 1];
	size_t len = mml_span_len(name);

	if (!len || len > NAME_MAX || *name.p == '.')
		return 0;
	memcpy(copy, name.p, len);
	copy[len] = '\0';
	return each(copy, ctx);
}

/* That a path is not there, or not any more, was an answer too. */
static bool entry_exists(const struct mml_entry *entry)
{
	return entry->error != -ENOENT && entry->error != -ESRCH && entry->error != -ENOTDIR;
}

static bool entry_below(const struct mml_entry *entry, const char *dir, size_t len)
{
	return entry->path_len > len && entry->bytes[len] == '/' && !memcmp(entry->bytes, dir, len);
}

/* The names of which something below DIR, LEN bytes, tells; the root is a DIR of no bytes. */
static int list_below(const struct mml_sample *sample, const char *dir, size_t len,
		      int (*each)(const char *name, void *ctx), void *ctx)
{
	struct mml_span told = { dir, dir };
	int rc = 0;

	for (size_t i = lower_bound(sample, 0, dir, len, MML_ASKED_KINDS); !rc && i < sample->count;
	     i++) {
		const struct mml_entry *entry = sample->entries[i];
		struct mml_span rest, name;

		if (!entry_below(entry, dir, len))
			break;
		rest = (struct mml_span){ entry->bytes + len + 1, entry->bytes + entry->path_len };
		mml_next_field(&rest, '/', &name);
		if (!entry_exists(entry) || (mml_span_len(name) == mml_span_len(told) &&
					     !memcmp(name.p, told.p, mml_span_len(name))))
			continue;
		told = name;
		rc = each_name(name, each, ctx);
	}
	return rc;
}

int mml_sample_list(const struct mml_sample *sample, const char *path,
		    int (*each)(const char *name, void *ctx), void *ctx)
{
	const struct mml_entry *entry = mml_sample_find(sample, path, MML_ASKED_DIR);
	struct mml_span names, name;
	int rc = 0;

	if (!entry)
		return -ENODATA;
	if (entry->error)
		return entry->error;
	if (!entry->len)
		return list_below(sample, path, entry->path_len == 1 ? 0 : entry->path_len, each,
				  ctx);
	names = (struct mml_span){ mml_entry_text(entry), mml_entry_text(entry) + entry->len };
	while (!rc && mml_next_field(&names, '\n', &name))
		rc = each_name(name, each, ctx);
	return rc;
}
