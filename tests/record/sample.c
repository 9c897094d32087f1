/* Samples: their order, what they answer, and what is shared between them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"

static struct mml_buf listed;

static int list_name(const char *name, void *ctx)
{
	mml_buf_puts(ctx, name);
	mml_buf_putc(ctx, ' ');
	return 0;
}

static const char *names_in(const struct mml_sample *sample, const char *dir)
{
	int rc;

	mml_buf_putc(&listed, ' ');
	listed.len = 0;
	listed.data[0] = '\0';
	rc = mml_sample_list(sample, dir, list_name, &listed);
	return rc ? strerrorname_np(-rc) : listed.data;
}

static const char *contents(const struct mml_sample *sample, const char *path, enum mml_asked asked)
{
	const char *text;
	size_t len;
	int rc = mml_sample_read(sample, path, asked, &text, &len);

	if (rc)
		return strerrorname_np(-rc);
	return strlen(text) == len ? text : "not terminated";
}

static void add_error(struct mml_builder *b, const char *path, enum mml_asked asked, int error)
{
	ok(!mml_builder_add(b, path, asked, error, NULL, 0));
}

static struct mml_sample *small_machine(void)
{
	struct mml_builder *b = builder_new(NULL);

	builder_add(b, "/proc/meminfo", "MemTotal: 1 kB\n");
	builder_add(b, "/proc/9/stat", "9 (a)\n");
	builder_add(b, "/proc/10/stat", "10 (b)\n");
	builder_add(b, "/proc/10-x/stat", "no process\n");
	add_error(b, "/proc/10/smaps_rollup", MML_ASKED_FILE, -EACCES);
	add_error(b, "/proc/11/smaps_rollup", MML_ASKED_FILE, -EACCES);
	add_error(b, "/proc/12/stat", MML_ASKED_FILE, -ENOENT);
	add_error(b, "/proc/12/statm", MML_ASKED_FILE, -ESRCH);
	add_error(b, "/proc", MML_ASKED_DIR, 0);
	add_error(b, "/proc/1", MML_ASKED_DIR, -EACCES);
	add_error(b, "/", MML_ASKED_DIR, 0);
	ok(!mml_builder_add(b, "/sys/a", MML_ASKED_LINK, 0, ":0001", 5));
	builder_add(b, "/sys/a", "through the link\n");
	ok(!mml_builder_add(b, "/sys", MML_ASKED_DIR, 0, "b\n.hidden\n\nc\n", 13));
	builder_add(b, "/empty", "");
	return builder_end(b);
}

static void answers(void)
{
	struct mml_sample *sample = small_machine();

	for (size_t i = 1; i < sample->count; i++)
		if (!ok(mml_entry_order(sample->entries[i - 1], sample->entries[i]) < 0))
			printf("# %s\n", sample->entries[i]->bytes);
	is_str(contents(sample, "/proc/meminfo", MML_ASKED_FILE), "MemTotal: 1 kB\n");
	is_str(contents(sample, "/proc/10/stat", MML_ASKED_FILE), "10 (b)\n");
	is_str(contents(sample, "/proc/10/smaps_rollup", MML_ASKED_FILE), "EACCES");
	is_str(contents(sample, "/proc/12/stat", MML_ASKED_FILE), "ENOENT");
	is_str(contents(sample, "/proc/13/stat", MML_ASKED_FILE), "ENODATA");
	is_str(contents(sample, "/proc/10", MML_ASKED_FILE), "ENODATA");
	is_str(contents(sample, "/proc/meminf", MML_ASKED_FILE), "ENODATA");
	is_str(contents(sample, "/empty", MML_ASKED_FILE), "");
	/* One path, asked in two ways. */
	is_str(contents(sample, "/sys/a", MML_ASKED_LINK), ":0001");
	is_str(contents(sample, "/sys/a", MML_ASKED_FILE), "through the link\n");
	is_str(contents(sample, "/sys/a", MML_ASKED_DIR), "ENODATA");
	/* 12 was gone when it was read; of 11 it is known that it was there. */
	is_str(names_in(sample, "/proc"), "1 10 10-x 11 9 meminfo ");
	is_str(names_in(sample, "/"), "empty proc sys ");
	is_str(names_in(sample, "/proc/1"), "EACCES");
	is_str(names_in(sample, "/proc/10"), "ENODATA");
	is_str(names_in(sample, "/sys"), "b c ");
	mml_sample_put(sample);
}

static void paths(void)
{
	static const char *const bad[] = { "",          "proc",       "/proc/",
					   "//proc",    "/proc//x",   "/.",
					   "/..",       "/proc/..",   "/proc/../etc",
					   "/proc/./x", "/a/..b/../c" };
	static const char *const good[] = {
		"/", "/proc", "/a/..b", "/a/...", "/a/.b", "/\001\377"
	};
	char longest[MML_PATH_MAX + 1];
	struct mml_builder *b = builder_new(NULL);

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(mml_builder_add(b, bad[i], MML_ASKED_FILE, 0, "", 0) == -EINVAL,
		       "refused: '%s'", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(!mml_builder_add(b, good[i], MML_ASKED_FILE, 0, "", 0), "kept: '%zu'", i);
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[MML_PATH_MAX] = '\0';
	ok(mml_builder_add(b, longest, MML_ASKED_FILE, 0, "", 0) == -EINVAL);
	longest[MML_PATH_MAX - 1] = '\0';
	ok(!mml_builder_add(b, longest, MML_ASKED_FILE, 0, "", 0));
	ok(!mml_path_good("/a\0b", 4));
	ok(mml_builder_add(b, "/x", MML_ASKED_FILE, 5, NULL, 0) == -EINVAL);
	ok(mml_builder_add(b, "/x", MML_ASKED_FILE, -EIO, "text", 4) == -EINVAL);
	ok(mml_builder_add(b, "/x", MML_ASKED_FILE, 0, "", (size_t)MML_TEXT_MAX + 1) == -EFBIG);
	ok(mml_builder_append(b, "/x", "more", 4) == -EINVAL);
	mml_builder_free(b);
}

static void order(void)
{
	static const char *const sorted[] = { "/",   "/a",    "/a/b", "/a/b/c", "/a/b-c", "/a/bb",
					      "/a-", "/a-/x", "/a.b", "/aa",    "/b",     "/\377" };
	size_t n = sizeof(sorted) / sizeof(*sorted);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int got = mml_path_order(sorted[i], strlen(sorted[i]), sorted[j],
						 strlen(sorted[j]));

			if ((got > 0) - (got < 0) != (i > j) - (i < j))
				tap_ok(false, "order of %s and %s", sorted[i], sorted[j]);
		}
	ok(mml_path_order("/a", 2, "/a/b", 4) < 0);
}

/* Answers come in any order; what is as it was is the same entry. */
static void sharing(void)
{
	struct mml_sample *first = small_machine(), *second;
	struct mml_builder *b = builder_new(first);
	size_t shared = 0;

	builder_add(b, "/sys/new", "1\n");
	builder_add(b, "/proc/meminfo", "MemTotal: 2 kB\n");
	builder_add(b, "/proc/9/stat", "9 (a)\n");
	builder_add(b, "/proc/9/stat", "9 (changed)\n");
	builder_add(b, "/proc/9/stat", "9 (a)\n"); /* the last answer counts */
	builder_add(b, "/a/new", "older\n");
	builder_add(b, "/a/new", "newer\n");
	builder_add(b, "/empty", "");
	second = builder_end(b);
	is_u64(second->count, 5);
	for (size_t i = 0; i < second->count; i++)
		for (size_t j = 0; j < first->count; j++)
			shared += second->entries[i] == first->entries[j];
	is_u64(shared, 2);
	is_str(contents(second, "/a/new", MML_ASKED_FILE), "newer\n");
	is_str(contents(second, "/proc/9/stat", MML_ASKED_FILE), "9 (a)\n");
	is_str(contents(second, "/proc/meminfo", MML_ASKED_FILE), "MemTotal: 2 kB\n");
	is_str(contents(first, "/proc/meminfo", MML_ASKED_FILE), "MemTotal: 1 kB\n");
	mml_sample_put(first);
	/* What is shared outlives the sample it was made for. */
	is_str(contents(second, "/proc/9/stat", MML_ASKED_FILE), "9 (a)\n");
	mml_sample_put(second);
}

static uint64_t sum_of_sizes(const struct mml_sample *sample)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < sample->count; i++)
		sum += mml_entry_size(sample->entries[i]);
	return sum;
}

/* A large file comes piece by piece. */
static void pieces(void)
{
	struct mml_builder *b = builder_new(NULL);
	struct mml_sample *first, *second;

	builder_add(b, "/x", "one\n");
	builder_add(b, "/y", "y\n");
	ok(!mml_builder_append(b, "/x", "two\n", 4));
	ok(!mml_builder_append(b, "/x", "three\n", 6));
	first = builder_end(b);
	is_str(contents(first, "/x", MML_ASKED_FILE), "one\ntwo\nthree\n");
	b = builder_new(first);
	builder_add(b, "/x", "one\n");
	ok(!mml_builder_append(b, "/x", "two\nthree\n", 10));
	builder_add(b, "/y", "y\n"); /* shared, then appended to: the first sample keeps its own */
	ok(!mml_builder_append(b, "/y", "more\n", 5));
	ok(mml_builder_append(b, "/y", "", (size_t)MML_TEXT_MAX - 6) == -EFBIG);
	second = builder_end(b);
	ok(first->entries[0] == second->entries[0]);
	is_str(contents(first, "/y", MML_ASKED_FILE), "y\n");
	is_str(contents(second, "/y", MML_ASKED_FILE), "y\nmore\n");
	is_u64(first->bytes, sum_of_sizes(first));
	is_u64(second->bytes, sum_of_sizes(second));
	mml_sample_put(first);
	mml_sample_put(second);
}

static void carried(void)
{
	struct mml_builder *b = builder_new(NULL);
	struct mml_sample *first, *second;

	ok(!mml_builder_carry(b, "/none"));
	builder_add(b, "/s", "s");
	builder_add(b, "/s/a", "a");
	builder_add(b, "/s/a/b", "ab");
	builder_add(b, "/s/c", "c");
	builder_add(b, "/s-", "not below");
	builder_add(b, "/t", "t");
	first = builder_end(b);
	b = builder_new(first);
	builder_add(b, "/s/c", "newer");
	ok(!mml_builder_carry(b, "/s/a"));
	ok(!mml_builder_carry(b, "/s/z"));
	ok(!mml_builder_carry(b, "/"));
	second = builder_end(b);
	is_u64(second->count, 3);
	is_str(contents(second, "/s/a/b", MML_ASKED_FILE), "ab");
	is_str(contents(second, "/s/c", MML_ASKED_FILE), "newer");
	mml_sample_put(second);
	b = builder_new(first);
	ok(!mml_builder_carry(b, "/s"));
	second = builder_end(b);
	is_u64(second->count, 4);
	is_u64(second->bytes, sum_of_sizes(second));
	mml_sample_put(first);
	mml_sample_put(second);
}

/* Paths in any order, in samples of any size, against looking through all of them. */
static void any_order(void)
{
	unsigned seed = 20260101;
	struct mml_sample *former = NULL;

	for (int round = 0; round < 300; round++) {
		struct mml_builder *b = builder_new(former);
		unsigned want[64] = { 0 };
		struct mml_sample *sample;
		size_t count = 0, wrong = 0;
		char path[32], text[32];

		for (int n = rand_r(&seed) % 120; n > 0; n--) {
			unsigned i = (unsigned)rand_r(&seed) % 64;

			want[i] = 1 + (unsigned)rand_r(&seed) % 3;
			snprintf(path, sizeof(path), "/proc/%u/stat", i * i);
			snprintf(text, sizeof(text), "%u", want[i]);
			builder_add(b, path, text);
		}
		sample = builder_end(b);
		for (unsigned i = 0; i < 64; i++) {
			snprintf(path, sizeof(path), "/proc/%u/stat", i * i);
			snprintf(text, sizeof(text), "%u", want[i]);
			count += want[i] > 0;
			wrong += strcmp(contents(sample, path, MML_ASKED_FILE),
					want[i] ? text : "ENODATA") != 0;
		}
		if (wrong || sample->count != count || sample->bytes != sum_of_sizes(sample))
			tap_ok(false, "round %d: %zu wrong, %zu of %zu", round, wrong,
			       sample->count, count);
		mml_sample_put(former);
		former = sample;
	}
	mml_sample_put(former);
	ok(true);
}

int main(void)
{
	answers();
	paths();
	order();
	sharing();
	pieces();
	carried();
	any_order();
	mml_buf_free(&listed);
	return tap_done();
}
