/* A sample: what was asked of the machine's files at one moment, and what each answered. Answers
 * that are what they were in the sample before are shared with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/place.h"

/* The bounds of what is held in memory, whoever made the recording. */
enum {
	MML_ENTRIES_MAX = 4 << 20,
	MML_PATH_MAX = 4096,      /* with its terminator */
	MML_ENTRY_COST = 64,      /* what keeping an entry takes, at most, beside path and text */
	MML_TEXT_MAX = 256 << 20, /* bytes of one answer */
	MML_SAMPLE_MAX = 1 << 30, /* bytes of all, with the paths and what keeping them takes */
};

/* A path, what was asked of it, and the answer. Never changed once it is in a sample. */
struct mml_entry {
	unsigned refs;
	uint32_t path_len, len;
	int16_t error; /* 0, or -errno: there is no text then */
	uint8_t asked; /* enum mml_asked */
	char bytes[];  /* the path, a NUL, the text, a NUL */
};

struct mml_sample {
	unsigned refs;
	size_t count;
	uint64_t bytes;              /* all entries, with what keeping them takes */
	struct mml_entry *entries[]; /* ascending: see mml_path_order() */
};

static inline const char *mml_entry_path(const struct mml_entry *entry)
{
	return entry->bytes;
}

static inline const char *mml_entry_text(const struct mml_entry *entry)
{
	return entry->bytes + entry->path_len + 1;
}

/* What an entry counts for in the bounds: a little more than it takes on any machine. */
static inline uint64_t mml_entry_size(const struct mml_entry *entry)
{
	return MML_ENTRY_COST + (uint64_t)entry->path_len + entry->len;
}

/* An entry with its text left to be filled in, and one reference; NULL when out of memory. */
struct mml_entry *mml_entry_new(const char *path, size_t path_len, enum mml_asked asked, int error,
				size_t len);
struct mml_entry *mml_entry_get(struct mml_entry *entry);
void mml_entry_put(struct mml_entry *entry);

/* Do both say the same of the same path? */
bool mml_entry_same(const struct mml_entry *a, const struct mml_entry *b);

/* The order of entries: by the components of their paths, bytes within one (so that a directory's
 * content lies behind it), then by what was asked. Below, at or above 0. */
int mml_path_order(const char *a, size_t a_len, const char *b, size_t b_len);
int mml_entry_order(const struct mml_entry *a, const struct mml_entry *b);

/* Is it absolute, with no empty component, no "." and no "..", no NUL and not too long? */
bool mml_path_good(const char *path, size_t len);

/* Shared between holders, in any thread: get adds one, put takes one away and frees with the last.
 */
struct mml_sample *mml_sample_get(struct mml_sample *sample);
void mml_sample_put(struct mml_sample *sample);

/* The answer of PATH, or NULL when it was not asked. */
const struct mml_entry *mml_sample_find(const struct mml_sample *sample, const char *path,
					enum mml_asked asked);

/* The text of file PATH, or the target of the link PATH, good as long as the sample: 0, the -errno
 * it gave when it was recorded, or -ENODATA: this was not recorded. */
int mml_sample_read(const struct mml_sample *sample, const char *path, enum mml_asked asked,
		    const char **ret, size_t *ret_len);

/*
 * Call EACH for the names in the directory PATH, without those that begin with a dot; what it
 * returns other than 0 ends it and is returned. Where the names were not recorded they are those of
 * which anything was found to be there. 0, the -errno it gave, or -ENODATA: this was not recorded.
 */
int mml_sample_list(const struct mml_sample *sample, const char *path,
		    int (*each)(const char *name, void *ctx), void *ctx);

/*
 * A sample in the making. What FORMER (or NULL), the sample before, has as well is shared with it.
 * Of one thread at a time. Paths that cannot be kept are -EINVAL, and what would be larger than the
 * bounds is -EFBIG; then the sample is as it was before. Asked again, the later answer counts.
 */
struct mml_builder;

struct mml_builder *mml_builder_new(struct mml_sample *former); /* NULL: out of memory */
void mml_builder_free(struct mml_builder *builder);

/* Keep the answer of PATH: the LEN bytes at DATA, or ERROR. 0 or -errno. */
int mml_builder_add(struct mml_builder *builder, const char *path, enum mml_asked asked, int error,
		    const void *data, size_t len);

/* Append to the file PATH, for what is streamed, behind a first part that was added: 0 or -errno.
 */
int mml_builder_append(struct mml_builder *builder, const char *path, const void *data, size_t len);

/* Keep what the sample before has of PATH, and of all that is below it, but for what was added already:
 * 0 or -errno. */
int mml_builder_carry(struct mml_builder *builder, const char *path);

/* The sample; the builder is gone. 0 or -ENOMEM. */
int mml_builder_end(struct mml_builder *builder, struct mml_sample **ret);
