/* Recordings made by tests. What sample N says follows from N alone, and it says which one it is:
 * so whatever is read back can be told to be right or wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>

#include "../../src/record/reader.h"
#include "../../src/record/writer.h"
#include "help.h"

static const int64_t SECOND_NS = 1000000000;

/* Sample N is begun ten seconds after the one before it. */
enum { STEP_S = 10 };
static const int64_t MADE_BEGIN_S = 1795630306; /* 2026-11-25 18:11:46 UTC */

static inline struct mml_instant made_time(uint64_t n)
{
	uint64_t ns = (n + 1) * STEP_S * (uint64_t)SECOND_NS + n * 1234567 % 1000000;

	return (struct mml_instant){ .boot_ns = ns + 77 * (uint64_t)SECOND_NS,
				     .real_ns = MADE_BEGIN_S * SECOND_NS + (int64_t)ns,
				     .mono_ns = ns };
}

/* What sample N says. FORMER: what it may share entries with, or NULL. */
static inline struct mml_sample *made_sample(uint64_t n, struct mml_sample *former)
{
	struct mml_builder *b = builder_new(former);
	struct mml_buf text = { 0 };
	char path[64];

	mml_buf_printf(&text, "%" PRIu64 "\n", n);
	builder_add(b, "/n", text.data);
	text.len = 0;
	mml_buf_printf(&text,
		       "MemTotal:       16384000 kB\nMemFree:  %14" PRIu64 " kB\nDirty: %8" PRIu64
		       " kB\n",
		       8000000 - n * 977 % 100000, n * 31 % 5000);
	builder_add(b, "/proc/meminfo", text.data);
	text.len = 0;
	for (uint64_t i = 0; i < 40; i++)
		mml_buf_printf(&text, "counter_%" PRIu64 " %" PRIu64 "\n", i,
			       i * 1000 + n * (i % 7));
	builder_add(b, "/proc/vmstat", text.data);
	mml_builder_add(b, "/proc/pagetypeinfo", MML_ASKED_FILE, n % 50 < 40 ? -EACCES : -ENOENT,
			NULL, 0);
	mml_builder_add(b, "/proc", MML_ASKED_DIR, 0, NULL, 0);
	for (uint64_t pid = 100; pid < 108; pid++) {
		if ((pid + n / 3) % 5 == 0) /* it is not there for a while */
			continue;
		snprintf(path, sizeof(path), "/proc/%" PRIu64 "/statm", pid);
		text.len = 0;
		mml_buf_printf(&text, "%" PRIu64 " %" PRIu64 " 30 1 0 60 0\n", pid * 10 + n % 17,
			       n);
		builder_add(b, path, text.data);
	}
	mml_buf_free(&text);
	return builder_end(b);
}

/* Is SAMPLE what sample N says, to the byte? */
static inline bool made_right(const struct mml_sample *sample, uint64_t n)
{
	struct mml_sample *want = made_sample(n, NULL);
	bool right = !sample_differs(sample, want);

	mml_sample_put(want);
	return right;
}

/* Which one SAMPLE says it is; UINT64_MAX: it does not. */
static inline uint64_t made_number(const struct mml_sample *sample)
{
	const char *text;
	uint64_t n;
	size_t len;

	if (mml_sample_read(sample, "/n", MML_ASKED_FILE, &text, &len) || !len ||
	    mml_parse_u64((struct mml_span){ text, text + len - 1 }, &n))
		return UINT64_MAX;
	return n;
}

static const char made_facts[] =
	"mmlens=0.1\nboot_id=11111111-2222-3333-4444-555555555555\npage_size=4096\n"
	"kernel=6.1.0-made\n";

static inline struct mml_writer *made_writer(const char *path,
					     const struct mml_writer_options *options)
{
	struct mml_writer_options o = options ? *options : (struct mml_writer_options){ 0 };
	struct mml_buf why = { 0 };
	struct mml_writer *w;

	if (!o.facts)
		o.facts = made_facts;
	if (mml_writer_open(path, &o, &why, &w)) {
		printf("# %s\n", why.data);
		die(path);
	}
	mml_buf_free(&why);
	return w;
}

/* Append sample N at its time: what mml_writer_append() says. */
static inline int made_append(struct mml_writer *w, uint64_t n, uint64_t missed)
{
	struct mml_sample *sample = made_sample(n, mml_writer_former(w));
	struct mml_instant time = made_time(n);
	int rc = mml_writer_append(w, sample, &time, missed);

	mml_sample_put(sample);
	return rc;
}

/* Append samples FROM to before TO, which must work. */
static inline void made_append_all(struct mml_writer *w, uint64_t from, uint64_t to)
{
	for (; from < to; from++) {
		int rc = made_append(w, from, 0);

		if (rc) {
			errno = -rc;
			die("append");
		}
	}
}

static inline struct mml_reader *made_reader(const char *path)
{
	struct mml_buf why = { 0 };
	struct mml_reader *r;

	if (mml_reader_open(path, &why, &r)) {
		printf("# %s\n", why.data);
		r = NULL;
	}
	mml_buf_free(&why);
	return r;
}

static inline int gap_to_buf(const struct mml_gap *gap, void *ctx)
{
	mml_gap_say(ctx, gap);
	mml_buf_puts(ctx, "; ");
	return 0;
}

/* All gaps before sample POS in words, good until the next call. */
static inline const char *gaps_before(struct mml_reader *r, size_t pos)
{
	static struct mml_buf text;
	int rc;

	mml_buf_putc(&text, ' ');
	text.len = 0;
	text.data[0] = '\0';
	rc = mml_reader_gaps(r, pos, gap_to_buf, &text);
	return rc ? strerrorname_np(-rc) : text.data;
}

struct seen {
	size_t right, wrong, damaged, other;
	uint64_t last;
};

/* Read all that R has. Wrong is what says it is one that it is not, or has another one's time. */
static inline struct seen read_all(struct mml_reader *r)
{
	struct seen seen = { 0 };

	for (size_t pos = 0; pos < mml_reader_count(r); pos++) {
		struct mml_sample *sample;
		struct mml_stop stop;
		struct mml_instant time;
		uint64_t n;
		int rc = mml_reader_sample(r, pos, &sample);

		if (rc) {
			seen.damaged += rc == -EBADMSG;
			seen.other += rc != -EBADMSG;
			continue;
		}
		n = made_number(sample);
		time = made_time(n);
		if (n != UINT64_MAX && made_right(sample, n) && !mml_reader_stop(r, pos, &stop) &&
		    !memcmp(&stop.time, &time, sizeof(time)) && (!seen.right || n > seen.last)) {
			seen.right++;
			seen.last = n;
		} else {
			seen.wrong++;
		}
		mml_sample_put(sample);
	}
	return seen;
}

/* A folder for the test's files, emptied and removed by folder_remove(). */
static char folder[64];

static inline void folder_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%.40s/mmlens-rec-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		die(folder);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void folder_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* NAME in the test's folder, good until the eighth call after. */
static inline const char *in_folder(const char *name)
{
	static char paths[8][512];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline void write_whole(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || (len && pwrite(fd, data, len, 0) != (ssize_t)len) || close(fd))
		die(path);
}
