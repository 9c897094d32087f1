/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "sample.h"

/* One whose path the sample before does not have; of two the one that came later counts. */
struct fresh {
	struct mml_entry *entry;
	size_t turn;
};

struct mml_builder {
	struct mml_sample *former;
	struct mml_entry **slots; /* for each entry of the former: its answer now, or NULL */
	size_t near;              /* where the last path was: the next one is not far */
	struct fresh *fresh;
	size_t nfresh, room;
	size_t count;
	uint64_t bytes;
};

struct mml_builder *mml_builder_new(struct mml_sample *former)
{
	struct mml_builder *b = mml_calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->slots = mml_calloc(former && former->count ? former->count : 1, sizeof(struct mml_entry *));
	if (!b->slots) {
		free(b);
		return NULL;
	}
	b->former = mml_sample_get(former);
	return b;
}

void mml_builder_free(struct mml_builder *b)
{
	if (!b)
		return;
	for (size_t i = 0; b->former && i < b->former->count; i++)
		mml_entry_put(b->slots[i]);
	for (size_t i = 0; i < b->nfresh; i++)
		mml_entry_put(b->fresh[i].entry);
	mml_sample_put(b->former);
	free(b->slots);
	free(b->fresh);
	free(b);
}

struct key {
	const char *path;
	size_t len;
	enum mml_asked asked;
};

static int key_order(const struct key *key, const struct mml_entry *entry)
{
	int order = mml_path_order(key->path, key->len, entry->bytes, entry->path_len);

	return order ? order : (int)key->asked - entry->asked;
}

/* Where in the former sample KEY is: away from the last one in steps that double, then by halves.
 */
static bool former_find(struct mml_builder *b, const struct key *key, size_t *ret)
{
	size_t count = b->former ? b->former->count : 0, low = b->near, high = low, step = 1;

	if (!count)
		return false;
	if (low >= count)
		low = high = count - 1;
	/* Now low is not behind the key, or 0; high is behind it, or the end. */
	while (low && key_order(key, b->former->entries[low]) < 0) {
		high = low;
		low = low > step ? low - step : 0;
		step *= 2;
	}
	if (high == low)
		high = low + 1;
	for (step = 1; high < count && key_order(key, b->former->entries[high]) >= 0; step *= 2) {
		low = high;
		high = count - high > step ? high + step : count;
	}
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (key_order(key, b->former->entries[mid]) >= 0)
			low = mid;
		else
			high = mid;
	}
	b->near = *ret = low;
	return !key_order(key, b->former->entries[low]);
}

static int fresh_room(struct mml_builder *b)
{
	size_t room = b->room ? b->room * 2 : 256;
	struct fresh *fresh;

	if (b->nfresh < b->room)
		return 0;
	fresh = mml_realloc(b->fresh, room, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	b->fresh = fresh;
	b->room = room;
	return 0;
}

/* Would it still be within the bounds with MORE bytes, for one more entry or for one it has? */
static bool fits(const struct mml_builder *b, uint64_t more, bool another)
{
	return b->count + another <= MML_ENTRIES_MAX && b->bytes + more <= MML_SAMPLE_MAX;
}

static int slot_set(struct mml_builder *b, size_t slot, struct mml_entry *entry)
{
	struct mml_entry *old = b->slots[slot];
	uint64_t old_size = old ? mml_entry_size(old) : 0, size = mml_entry_size(entry);

	if (size > old_size && !fits(b, size - old_size, !old))
		return -EFBIG;
	b->slots[slot] = entry;
	b->bytes += size - old_size;
	b->count += !old;
	mml_entry_put(old);
	return 0;
}

static int fresh_add(struct mml_builder *b, struct mml_entry *entry)
{
	int rc = fits(b, mml_entry_size(entry), true) ? fresh_room(b) : -EFBIG;

	if (rc)
		return rc;
	b->fresh[b->nfresh] = (struct fresh){ entry, b->nfresh };
	b->nfresh++;
	b->count++;
	b->bytes += mml_entry_size(entry);
	return 0;
}

static bool answers_same(const struct mml_entry *entry, int error, const void *data, size_t len)
{
	return entry->error == error && entry->len == len &&
	       (!len || !memcmp(mml_entry_text(entry), data, len));
}

int mml_builder_add(struct mml_builder *b, const char *path, enum mml_asked asked, int error,
		    const void *data, size_t len)
{
	struct key key = { path, strlen(path), asked };
	struct mml_entry *entry;
	bool known;
	size_t slot;
	int rc;

	if (error > 0 || error < -4095 || (error && len))
		return -EINVAL;
	if (len > MML_TEXT_MAX)
		return -EFBIG;
	known = former_find(b, &key, &slot);
	if (!known && !mml_path_good(path, key.len))
		return -EINVAL;
	if (known && answers_same(b->former->entries[slot], error, data, len)) {
		entry = mml_entry_get(b->former->entries[slot]);
	} else {
		entry = mml_entry_new(path, key.len, asked, error, len);
		if (!entry)
			return -ENOMEM;
		if (len)
			memcpy(entry->bytes + key.len + 1, data, len);
	}
	rc = known ? slot_set(b, slot, entry) : fresh_add(b, entry);
	if (rc)
		mml_entry_put(entry);
	return rc;
}

/* Where the builder keeps the answer of the file PATH, or NULL. */
static struct mml_entry **kept(struct mml_builder *b, const char *path)
{
	struct key key = { path, strlen(path), MML_ASKED_FILE };
	size_t i;

	if (former_find(b, &key, &i))
		return b->slots[i] ? &b->slots[i] : NULL;
	for (i = b->nfresh; i-- > 0;)
		if (!key_order(&key, b->fresh[i].entry))
			return &b->fresh[i].entry;
	return NULL;
}

int mml_builder_append(struct mml_builder *b, const char *path, const void *data, size_t len)
{
	struct mml_entry **at = kept(b, path), *entry;
	size_t whole;

	if (!at || (*at)->error)
		return -EINVAL;
	whole = (*at)->len + len;
	if (len > MML_TEXT_MAX || whole > MML_TEXT_MAX || !fits(b, len, false))
		return -EFBIG;
	if (__atomic_load_n(&(*at)->refs, __ATOMIC_ACQUIRE) > 1) {
		entry = mml_entry_new((*at)->bytes, (*at)->path_len, MML_ASKED_FILE, 0, whole);
		if (!entry)
			return -ENOMEM;
		memcpy(entry->bytes + entry->path_len + 1, mml_entry_text(*at), (*at)->len);
		mml_entry_put(*at);
	} else {
		entry = mml_realloc(*at, sizeof(*entry) + (*at)->path_len + whole + 2, 1);
		if (!entry)
			return -ENOMEM;
	}
	memcpy(entry->bytes + entry->path_len + 1 + whole - len, data, len);
	entry->bytes[entry->path_len + 1 + whole] = '\0';
	entry->len = (uint32_t)whole;
	b->bytes += len;
	*at = entry;
	return 0;
}

int mml_builder_carry(struct mml_builder *b, const char *path)
{
	size_t len = strlen(path), i;
	struct key key = { path, len, MML_ASKED_FILE };
	int rc = 0;

	if (!b->former || !b->former->count)
		return 0;
	if (!former_find(b, &key, &i) && key_order(&key, b->former->entries[i]) > 0)
		i++;
	for (; !rc && i < b->former->count; i++) {
		struct mml_entry *entry = b->former->entries[i];

		if (entry->path_len < len || memcmp(entry->bytes, path, len) != 0 ||
		    (entry->path_len > len && entry->bytes[len] != '/'))
			break;
		/* It was asked again. */
		if (b->slots[i])
			continue;
		rc = slot_set(b, i, mml_entry_get(entry));
		if (rc)
			mml_entry_put(entry);
	}
	return rc;
}

static int fresh_order(const void *a, const void *b)
{
	const struct fresh *x = a, *y = b;
	int order = mml_entry_order(x->entry, y->entry);

	return order ? order : (x->turn > y->turn) - (x->turn < y->turn);
}

/* Sort them, and of those with the same path leave the last. */
static void fresh_sort(struct mml_builder *b)
{
	size_t n = 0;

	if (b->nfresh)
		qsort(b->fresh, b->nfresh, sizeof(*b->fresh), fresh_order);
	for (size_t i = 0; i < b->nfresh; i++) {
		if (n && !mml_entry_order(b->fresh[n - 1].entry, b->fresh[i].entry)) {
			b->bytes -= mml_entry_size(b->fresh[--n].entry);
			b->count--;
			mml_entry_put(b->fresh[n].entry);
		}
		b->fresh[n++] = b->fresh[i];
	}
	b->nfresh = n;
}

/* The answer in slot I; one that was put together piece by piece may be the former after all. */
static struct mml_entry *slot_take(struct mml_builder *b, size_t i)
{
	struct mml_entry *entry = b->slots[i], *former = b->former->entries[i];

	b->slots[i] = NULL;
	if (entry && entry != former && mml_entry_same(entry, former)) {
		mml_entry_put(entry);
		return mml_entry_get(former);
	}
	return entry;
}

int mml_builder_end(struct mml_builder *b, struct mml_sample **ret)
{
	size_t slots = b->former ? b->former->count : 0, fresh = 0;
	struct mml_sample *sample;

	fresh_sort(b);
	sample = mml_malloc(sizeof(*sample) + b->count * sizeof(*sample->entries));
	if (!sample) {
		mml_builder_free(b);
		return -ENOMEM;
	}
	*sample = (struct mml_sample){ .refs = 1, .bytes = b->bytes };
	for (size_t i = 0; i < slots; i++) {
		struct mml_entry *entry = slot_take(b, i);

		for (; entry && fresh < b->nfresh &&
		       mml_entry_order(b->fresh[fresh].entry, entry) < 0;
		     fresh++)
			sample->entries[sample->count++] = b->fresh[fresh].entry;
		if (entry)
			sample->entries[sample->count++] = entry;
	}
	while (fresh < b->nfresh)
		sample->entries[sample->count++] = b->fresh[fresh++].entry;
	b->nfresh = 0;
	mml_builder_free(b);
	*ret = sample;
	return 0;
}
