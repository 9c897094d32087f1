/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"
#include "../../core/trouble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A capture keeps MAGIC and then a record for every read: two words with the index and the number
 * of words, and the words. They are in the byte order of the machine, which MAGIC tells.
 */
#define MAGIC UINT64_C(0x6d6d6c2d776f7264) /* "mml-word" */

enum { KEEP_AT_ONCE = 1 << 20 };

struct record {
	uint64_t index, n;
	const uint64_t *words;
};

struct mml_words {
	struct mml_root *root;
	const char *keep;
	int fd;
	struct mml_buf pending; /* to be saved in the capture */
	bool begun;
	struct mml_buf kept; /* read from a capture */
	struct record *records;
	size_t nrecords;
};

static int record_order(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static void swap_words(uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = __builtin_bswap64(words[i]);
}

/* A capture may have been cut short. The records that are whole count. */
static int kept_parse(struct mml_words *w)
{
	uint64_t *words = (uint64_t *)(void *)w->kept.data;
	size_t n = w->kept.len / 8, count = 0;

	if (!n || (words[0] != MAGIC && words[0] != __builtin_bswap64(MAGIC)))
		return -EBADMSG;
	if (words[0] != MAGIC)
		swap_words(words, n);
	for (size_t at = 1; at + 2 <= n && words[at + 1] <= n - at - 2; at += 2 + words[at + 1])
		count++;
	w->records = mml_calloc(count + 1, sizeof(*w->records));
	if (!w->records)
		return -ENOMEM;
	for (size_t at = 1; w->nrecords < count; at += 2 + words[at + 1])
		w->records[w->nrecords++] =
			(struct record){ words[at], words[at + 1], words + at + 2 };
	qsort(w->records, count, sizeof(*w->records), record_order);
	return 0;
}

int mml_words_open(struct mml_root *root, const char *path, const char *keep,
		   struct mml_words **ret)
{
	struct mml_words *w = mml_calloc(1, sizeof(*w));
	int rc = -ENOENT;

	if (!w)
		return -ENOMEM;
	w->root = root;
	w->keep = keep;
	w->fd = -1;
	if (!mml_root_live(root)) {
		rc = keep ? mml_root_read(root, keep, &w->kept) : -ENOENT;
		if (!rc)
			rc = kept_parse(w);
	}
	if (rc == -ENOENT && path) {
		w->fd = mml_root_openfd(root, path);
		rc = w->fd < 0 ? w->fd : 0;
		if (rc)
			mml_root_save_error(root, path, rc);
	} else if (rc == -ENOENT && mml_root_live(root)) {
		rc = 0;
	}
	if (rc) {
		mml_words_close(w);
		return rc;
	}
	*ret = w;
	return 0;
}

static void keep_pending(struct mml_words *w)
{
	if (w->pending.len && !w->pending.error)
		mml_root_save_part(w->root, w->keep, w->pending.data, w->pending.len, !w->begun);
	w->begun |= w->pending.len > 0;
	w->pending.len = 0;
}

void mml_words_put(struct mml_words *w, uint64_t index, size_t n, const uint64_t *buf)
{
	const uint64_t magic = MAGIC, head[2] = { index, n };

	if (!mml_root_saves(w->root) || !w->keep)
		return;
	if (!w->begun && !w->pending.len)
		mml_buf_put(&w->pending, (const char *)&magic, sizeof(magic));
	if (!n)
		return;
	mml_buf_put(&w->pending, (const char *)head, sizeof(head));
	mml_buf_put(&w->pending, (const char *)buf, n * 8);
	if (w->pending.len > KEEP_AT_ONCE)
		keep_pending(w);
}

void mml_words_close(struct mml_words *w)
{
	if (!w)
		return;
	keep_pending(w);
	if (w->fd >= 0)
		close(w->fd);
	mml_buf_free(&w->pending);
	mml_buf_free(&w->kept);
	free(w->records);
	free(w);
}

/* Returns the last record that has INDEX in it and begins at or before it, or NULL. */
static const struct record *record_at(const struct mml_words *w, uint64_t index)
{
	size_t low = 0, high = w->nrecords;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->records[mid].index <= index)
			low = mid + 1;
		else
			high = mid;
	}
	/* Records may overlap if processes share frames. The first one found in which INDEX lies is
	 * used, and the search ends after 64 records. */
	for (size_t back = 0; low && back < 64; low--, back++)
		if (index - w->records[low - 1].index < w->records[low - 1].n)
			return &w->records[low - 1];
	return NULL;
}

static ssize_t read_kept(const struct mml_words *w, uint64_t index, size_t n, uint64_t *buf)
{
	size_t done = 0;

	while (done < n) {
		const struct record *r = record_at(w, index + done);
		uint64_t from, count;

		if (!r)
			break;
		from = index + done - r->index;
		count = r->n - from < n - done ? r->n - from : n - done;
		memcpy(buf + done, r->words + from, count * 8);
		done += count;
	}
	return (ssize_t)done;
}

ssize_t mml_words_read(struct mml_words *w, uint64_t index, size_t n, uint64_t *buf)
{
	size_t done = 0;

	if (w->records)
		return read_kept(w, index, n, buf);
	if (index + n > INT64_MAX / 8)
		return 0;
	while (done < n) {
		ssize_t got = pread(w->fd, buf + done, (n - done) * 8, (off_t)((index + done) * 8));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got < 8)
			break;
		done += (size_t)got / 8;
	}
	mml_words_put(w, index, done, buf);
	return (ssize_t)done;
}

uint64_t mml_words_next(const struct mml_words *w, uint64_t index)
{
	uint64_t next = UINT64_MAX;

	if (record_at(w, index))
		return index;
	for (size_t i = 0; i < w->nrecords && next == UINT64_MAX; i++)
		if (w->records[i].index >= index && w->records[i].n)
			next = w->records[i].index;
	return next;
}

int mml_words_fd(const struct mml_words *w)
{
	return mml_root_live(w->root) ? w->fd : -1;
}
