/* The recording in format 1 that lies here: it must be read for ever, to the byte. "make DIRECTORY"
 * makes such a recording, of the format that is written now; "list DIRECTORY" prints what is in
 * one, as decode.py does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/delta-int.h"
#include "made.h"

enum { SAMPLES = 30, SEGMENT = 20, WORDS = 40 };

static void addf(struct mml_builder *b, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void addf(struct mml_builder *b, const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	builder_add(b, path, text);
}

/* Files whose lines come, go and change in each of the ways that there are. */
static void add_lines(struct mml_builder *b, unsigned n)
{
	struct mml_buf text = { 0 };

	addf(b, "/proc/plain", "a %u b %u\nc %u\nlast %u", n, 100 + n % 3, 7U, n / 2);
	addf(b, "/proc/columns", "MemFree:     %8u kB\nDirty:       %8u kB\n", 90 + n,
	     1100 - 10 * n);
	addf(b, "/proc/zeros", "avg10=%u.%02u avg60=0.%02u total=%u\n", n % 2, 95 - 3 * n, 3 * n,
	     n * n);
	addf(b, "/proc/digits", "%s%s\n", n % 2 ? "1844674407370955161" : "99999999999999999",
	     n % 4 > 1 ? "4" : "5");
	addf(b, "/proc/state", "Name: x\nState: %s\nPid: 5\n",
	     n % 3 ? "S (sleeping)" : "R (running)");
	for (unsigned i = 0; i < 12; i++)
		if (i != n % 12)
			mml_buf_printf(&text, "cache-%c %6u %6u\n", 'a' + i, i * 100 + n / 4, i);
	builder_add(b, "/proc/slabinfo", text.data);
	mml_buf_free(&text);
}

/* Records of three words, some of which come, go and change. */
static void add_words(struct mml_builder *b, unsigned n)
{
	char bytes[WORDS * 24 + 3] = { 0 };
	size_t len = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		if (i == n || (n % 5 == 0 && i == 35))
			continue;
		bytes[len] = (char)(1 + i);
		bytes[len + 8] = (char)(200 - i);
		bytes[len + 16] = (char)(i % 5 ? 5 : n);
		len += 24;
	}
	len += n % 4;
	if (mml_builder_add(b, "/mmlens/tasks", MML_ASKED_FILE, 0, bytes, len))
		die("tasks");
}

static void add_processes(struct mml_builder *b, unsigned n)
{
	static const int errors[] = { -EACCES, -ENOENT, -ENOSYS, -EOPNOTSUPP };
	char path[64];

	for (unsigned pid = 8; pid < 12; pid++) {
		if ((pid + n) % 6 == 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/stat", pid);
		addf(b, path, "%u (p%u) S %u %u -1 %u\n", pid, pid, n * pid, pid % 2, n / 3);
		snprintf(path, sizeof(path), "/proc/%u/smaps_rollup", pid);
		if (mml_builder_add(b, path, MML_ASKED_FILE, errors[(n / 5 + pid) % 4], NULL, 0))
			die(path);
	}
	if (mml_builder_add(b, "/proc", MML_ASKED_DIR, 0, NULL, 0) ||
	    mml_builder_add(b, "/sys/names", MML_ASKED_DIR, 0, "one\ntwo\n", 8) ||
	    mml_builder_add(b, "/sys/link", MML_ASKED_LINK, 0, n % 7 ? ":0001" : ":0002", 5))
		die("/proc");
}

static struct mml_sample *content(unsigned n, struct mml_sample *former)
{
	struct mml_builder *b = builder_new(former);

	addf(b, "/n", "%u\n", n);
	builder_add(b, "/empty", n % 8 ? "" : "now\n");
	add_lines(b, n);
	add_words(b, n);
	add_processes(b, n);
	return builder_end(b);
}

/* The machine is suspended before sample 5, and its clock is set before sample 10. */
static struct mml_instant time_of(unsigned n)
{
	struct mml_instant t = made_time(n);

	t.mono_ns -= n >= 5 ? 7 * (uint64_t)SECOND_NS : 0;
	t.real_ns -= n >= 10 ? 3600 * SECOND_NS : 0;
	return t;
}

static void write_run(const char *dir, unsigned from, unsigned to, bool ended)
{
	struct mml_writer_options options = { .key_samples = 8 };
	struct mml_writer *w = made_writer(dir, &options);

	for (unsigned n = from; n < to; n++) {
		struct mml_sample *sample = content(n, mml_writer_former(w));
		struct mml_instant time = time_of(n);

		if (mml_writer_append(w, sample, &time, n == 15 ? 3 : 0))
			die(dir);
		mml_sample_put(sample);
	}
	if (ended)
		mml_writer_close(w);
}

/* The last segment is one of a recorder that was killed. */
static int write_all(const char *dir)
{
	if (!access(dir, F_OK)) {
		fprintf(stderr, "%s is there already\n", dir);
		return 1;
	}
	write_run(dir, 0, SEGMENT, true);
	write_run(dir, SEGMENT, SAMPLES, false);
	return 0;
}

static void check(struct mml_reader *r)
{
	for (unsigned n = 0; n < SAMPLES; n++) {
		struct mml_sample *sample, *want = content(n, NULL);
		struct mml_instant time = time_of(n);
		struct mml_stop stop;
		const char *differs;

		if (!ok(!mml_reader_sample(r, n, &sample) && !mml_reader_stop(r, n, &stop)))
			continue;
		differs = sample_differs(sample, want);
		tap_ok(!differs, "sample %u %s", n, differs ? differs : "");
		ok(stop.seq == n && !memcmp(&stop.time, &time, sizeof(time)));
		mml_sample_put(sample);
		mml_sample_put(want);
	}
	is_str(gaps_before(r, 4), "");
	is_str(gaps_before(r, 5), "the machine was suspended for 7.0s; ");
	is_str(gaps_before(r, 10), "the clock was set back by 1h00m; ");
	is_str(gaps_before(r, 15), "3 samples missed: the recorder was late; ");
	is_str(gaps_before(r, 20), "nothing was recorded for 10.0s; ");
	is_str(gaps_before(r, SAMPLES), "");
	ok(mml_span_eq(mml_reader_fact(r, 0, "kernel"), "6.1.0-made"));
	ok(mml_span_eq(mml_reader_fact(r, 29, "page_size"), "4096"));
}

static void list(struct mml_reader *r, size_t pos)
{
	struct mml_sample *sample;
	struct mml_stop stop;

	if (mml_reader_sample(r, pos, &sample) || mml_reader_stop(r, pos, &stop))
		die("sample");
	printf("sample %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 "\n", stop.seq,
	       stop.time.boot_ns, stop.time.real_ns, stop.time.mono_ns);
	for (size_t i = 0; i < sample->count; i++) {
		const struct mml_entry *e = sample->entries[i];

		printf("  %s %d %u ", e->bytes, e->asked,
		       e->error ? mml_error_number(e->error) : 0);
		for (uint32_t k = 0; k < e->len; k++)
			printf("%02x", (unsigned char)mml_entry_text(e)[k]);
		putchar('\n');
	}
	mml_sample_put(sample);
}

static int list_all(const char *dir)
{
	struct mml_reader *r = made_reader(dir);

	for (size_t pos = 0; r && pos < mml_reader_count(r); pos++)
		list(r, pos);
	mml_reader_close(r);
	return !r;
}

int main(int argc, char **argv)
{
	const char *src = getenv("top_srcdir");
	struct mml_segment_info info;
	struct mml_reader *r;
	char dir[PATH_MAX];

	if (argc == 3)
		return !strcmp(argv[1], "make") ? write_all(argv[2]) : list_all(argv[2]);
	snprintf(dir, sizeof(dir), "%s/tests/record/format-1", src ? src : ".");
	r = made_reader(dir);
	if (!ok(r && mml_reader_count(r) == SAMPLES && mml_reader_segments(r) == 3))
		return tap_done();
	check(r);
	mml_reader_segment(r, 0, &info);
	ok(info.ended);
	mml_reader_segment(r, 2, &info);
	ok(!info.ended);
	is_str(mml_reader_notes(r), "");
	mml_reader_close(r);
	return tap_done();
}
