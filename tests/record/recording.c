/* Recordings as they are made and read: blocks, segments, gaps, time, a second recorder, one that
 * grows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/crc.h"
#include "../../src/record/folder.h"
#include "made.h"

static size_t count_files(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mml_buf names = { 0 };
	size_t n = 0;

	if (fd < 0 || mml_folder_list(fd, &names, &n))
		die(dir);
	close(fd);
	mml_buf_free(&names);
	return n;
}

static uint64_t sum_of_files(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mml_buf names = { 0 };
	struct stat st;
	uint64_t sum = 0;
	size_t n = 0;
	const char *p;

	if (fd < 0 || mml_folder_list(fd, &names, &n))
		die(dir);
	for (p = names.data; n--; p += strlen(p) + 1)
		sum += fstatat(fd, p, &st, 0) ? 0 : (uint64_t)st.st_size;
	close(fd);
	mml_buf_free(&names);
	return sum;
}

/* Every sample, in turn, backwards, and in no order. */
static void there_and_back(void)
{
	const char *dir = in_folder("plain");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_reader *r;
	struct seen seen;
	unsigned seed = 7;
	size_t wrong = 0;

	made_append_all(w, 0, 300);
	is_u64((uint64_t)mml_writer_close(w), 0);
	is_u64(count_files(dir), 1);
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 300);
	seen = read_all(r);
	is_u64(seen.right, 300);
	is_u64(seen.wrong + seen.damaged + seen.other, 0);
	for (int i = 0; i < 600; i++) {
		size_t pos = i < 300 ? (size_t)(299 - i) : (size_t)rand_r(&seed) % 300;
		struct mml_sample *sample;

		if (mml_reader_sample(r, pos, &sample)) {
			wrong++;
			continue;
		}
		wrong += !made_right(sample, pos);
		mml_sample_put(sample);
	}
	is_u64(wrong, 0);
	ok(mml_reader_sample(r, 300, &(struct mml_sample *){ NULL }) == -ERANGE);
	is_str(gaps_before(r, 0), "");
	is_str(gaps_before(r, 150), "");
	is_str(gaps_before(r, 300), "");
	is_str(gaps_before(r, 301), "ERANGE");
	is_str(mml_reader_notes(r), "");
	ok(mml_span_eq(mml_reader_fact(r, 5, "kernel"), "6.1.0-made"));
	ok(mml_span_eq(mml_reader_fact(r, 5, "page_size"), "4096"));
	is_u64(mml_span_len(mml_reader_fact(r, 5, "none")), 0);
	mml_reader_close(r);
}

/* Modes and places: nobody else can read it; the index and the end make it valid zstd, says zstd.
 */
static void files(void)
{
	struct stat st;
	int fd = open(in_folder("plain"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mml_buf names = { 0 };
	uint32_t expect;
	size_t n;
	char command[600];

	ok(!mml_folder_list(fd, &names, &n) && n == 1);
	ok(!fstat(fd, &st) && (st.st_mode & 07777) == 0700);
	ok(!fstatat(fd, names.data, &st, 0) && (st.st_mode & 07777) == 0600);
	ok(mml_segment_named(names.data, &expect));
	ok(!strncmp(names.data, "20261125T181156.000Z-", 21));
	if (system("zstd --version >/dev/null 2>&1")) {
		tap_skip("no zstd program");
	} else {
		snprintf(command, sizeof(command), "zstd -qt '%s/%s'", in_folder("plain"),
			 names.data);
		ok(!system(command));
	}
	close(fd);
	mml_buf_free(&names);
	ok(!mml_segment_named("20261125T181156.000Z-0123abcd.mm", &expect));
	ok(!mml_segment_named("20261125T181156.000Z-0123abcg.mml", &expect));
	ok(!mml_segment_named("2026112xT181156.000Z-0123abcd.mml", &expect));
	ok(mml_segment_named("20261125T181156.000Z-0123abcd.mml", &expect) && expect == 0x0123abcd);
}

/* One file, which is there from the beginning and is not ended by anything. */
static void single_file(void)
{
	struct mml_writer_options options = { .segment_ns = 60 * (uint64_t)SECOND_NS,
					      .segment_bytes = 1000 };
	const char *path = in_folder("one.mml");
	struct mml_writer *w = made_writer(path, &options);
	struct mml_buf why = { 0 };
	struct mml_reader *r;

	ok(!access(path, F_OK));
	ok(mml_writer_open(path, &options, &why, &(struct mml_writer *){ NULL }) == -EEXIST);
	made_append_all(w, 0, 100);
	mml_writer_rotate(w);
	made_append_all(w, 100, 130);
	ok(!mml_writer_close(w));
	r = made_reader(path);
	is_u64(mml_reader_count(r), 130);
	is_u64(read_all(r).right, 130);
	is_u64(mml_reader_segments(r), 1);
	mml_reader_close(r);
	/* Nothing was recorded, so nothing is left. */
	w = made_writer(in_folder("none.mml"), NULL);
	ok(!mml_writer_close(w));
	ok(access(in_folder("none.mml"), F_OK) && errno == ENOENT);
	mml_buf_free(&why);
}

/* Segments end by time and size, when told, and when the clock is set; names need not be in order.
 */
static void segments(void)
{
	struct mml_writer_options options = { .segment_ns = 200 * (uint64_t)SECOND_NS };
	const char *dir = in_folder("segments");
	struct mml_writer *w = made_writer(dir, &options);
	struct mml_reader *r;
	struct mml_segment_info info;

	made_append_all(w, 0, 100);
	is_u64(count_files(dir), 5);
	mml_writer_rotate(w);
	made_append_all(w, 100, 101);
	is_u64(count_files(dir), 6);
	ok(!mml_writer_close(w));
	options = (struct mml_writer_options){ .segment_bytes = 3000 };
	w = made_writer(dir, &options);
	made_append_all(w, 101, 200);
	ok(!mml_writer_close(w));
	ok(count_files(dir) > 10);
	r = made_reader(dir);
	is_u64(read_all(r).right, 200);
	for (size_t i = 0; i < mml_reader_segments(r); i++) {
		mml_reader_segment(r, i, &info);
		if (!info.ended || !info.count || info.bytes > 3000 + 3000)
			tap_ok(false, "segment %zu: %zu samples, %" PRIu64 " bytes", i, info.count,
			       info.bytes);
	}
	/* Another run of the recorder, ten seconds later on the same boot. */
	is_str(gaps_before(r, 100), "");
	is_str(gaps_before(r, 101), "nothing was recorded for 10.0s; ");
	mml_reader_close(r);
}

static int append_at(struct mml_writer *w, uint64_t n, const struct mml_instant *time,
		     uint64_t missed)
{
	struct mml_sample *sample = made_sample(n, mml_writer_former(w));
	int rc = mml_writer_append(w, sample, time, missed);

	mml_sample_put(sample);
	return rc;
}

/* What the clocks do between samples. */
static void clocks(void)
{
	const char *dir = in_folder("clocks");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_instant t = made_time(0);
	struct mml_reader *r;
	struct mml_stop stop;
	size_t pos, other;

	ok(!append_at(w, 0, &t, 0));
	ok(append_at(w, 1, &t, 0) == -EINVAL); /* time does not stand still */
	t.boot_ns += 10 * (uint64_t)SECOND_NS;
	t.mono_ns += 10 * (uint64_t)SECOND_NS;
	t.real_ns += 10 * SECOND_NS + 900000000; /* put right a little: no gap */
	ok(!append_at(w, 1, &t, 0));
	is_u64(count_files(dir), 1);
	t.boot_ns += 7400 * (uint64_t)SECOND_NS; /* suspended for two hours and three minutes */
	t.mono_ns += 20 * (uint64_t)SECOND_NS;
	t.real_ns += 7400 * SECOND_NS;
	ok(!append_at(w, 2, &t, 1));
	t.boot_ns += 10 * (uint64_t)SECOND_NS;
	t.mono_ns += 10 * (uint64_t)SECOND_NS;
	t.real_ns += 10 * SECOND_NS - 3600 * SECOND_NS; /* set back an hour */
	ok(!append_at(w, 3, &t, 0));
	for (uint64_t n = 4; n < 10; n++) {
		t.boot_ns += 10 * (uint64_t)SECOND_NS;
		t.mono_ns += 10 * (uint64_t)SECOND_NS;
		t.real_ns += 10 * SECOND_NS;
		ok(!append_at(w, n, &t, 0));
	}
	ok(!mml_writer_close(w));
	/* The hour's end, and the clock. */
	is_u64(count_files(dir), 3);
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 10);
	for (size_t i = 0; i < 10; i++)
		ok(!mml_reader_stop(r, i, &stop) && stop.seq == i);
	is_str(gaps_before(r, 1), "1 sample could not be written: Invalid argument; ");
	is_str(gaps_before(r, 2),
	       "the machine was suspended for 2h03m; 1 sample missed: the recorder "
	       "was late; ");
	is_str(gaps_before(r, 3), "the clock was set back by 1h00m; ");
	is_str(gaps_before(r, 4), "");
	/* An hour before the clock was set: nothing was recorded then, but the clock came by again.
	 */
	ok(!mml_reader_find(r, t.real_ns, &pos, &other));
	is_u64(pos, 9);
	ok(!mml_reader_find(r, t.real_ns - 1, &pos, &other));
	is_u64(pos, 8);
	mml_reader_close(r);
}

static void find(void)
{
	const char *dir = in_folder("segments");
	struct mml_reader *r = made_reader(dir);
	size_t pos, other, wrong = 0;

	for (uint64_t n = 0; n < 200; n++) {
		int64_t at = made_time(n).real_ns;

		wrong += mml_reader_find(r, at, &pos, &other) || pos != n || other != SIZE_MAX;
		wrong += n && (mml_reader_find(r, at - 1, &pos, &other) || pos != n - 1);
		wrong += n < 199 && (mml_reader_find(r, at + SECOND_NS, &pos, &other) || pos != n);
		wrong += mml_reader_find_seq(r, n, &pos) || pos != n;
	}
	is_u64(wrong, 0);
	ok(mml_reader_find(r, made_time(0).real_ns - 1, &pos, &other) == -ERANGE && pos == 0);
	ok(mml_reader_find(r, made_time(199).real_ns + 1, &pos, &other) == -ERANGE && pos == 199);
	ok(mml_reader_find(r, INT64_MIN, &pos, &other) == -ERANGE);
	ok(mml_reader_find(r, INT64_MAX, &pos, &other) == -ERANGE);
	ok(!mml_reader_find_seq(r, 200, &pos) && pos == 200);
	mml_reader_close(r);
}

/* The same hour twice, in two segments. */
static void twice(void)
{
	const char *dir = in_folder("twice");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_instant t;
	struct mml_reader *r;
	size_t pos, other;

	for (uint64_t n = 0; n < 40; n++) {
		t = made_time(n);
		t.real_ns -= n >= 20 ? 200 * SECOND_NS : 0;
		ok(!append_at(w, n, &t, 0));
	}
	ok(!mml_writer_close(w));
	r = made_reader(dir);
	ok(!mml_reader_find(r, made_time(10).real_ns, &pos, &other));
	is_u64(pos, 30);
	is_u64(other, 10);
	mml_reader_close(r);
}

/* Another recorder, another user's directory, one that others may write to, none at all. */
static void who_records(void)
{
	struct mml_writer_options options = { .facts = made_facts };
	const char *dir = in_folder("locked");
	struct mml_writer *w = made_writer(dir, NULL), *second;
	struct mml_buf why = { 0 }, want = { 0 };

	ok(mml_writer_open(dir, &options, &why, &second) == -EWOULDBLOCK);
	mml_buf_printf(&want, "%s: process %ld records there", dir, (long)getpid());
	is_str(why.data, want.data);
	mml_writer_close(w);
	ok(!mml_writer_open(dir, &options, &why, &second));
	mml_writer_close(second);
	chmod(dir, 0770);
	why.len = 0;
	ok(mml_writer_open(dir, &options, &why, &second) == -EPERM);
	ok(strstr(why.data, "others may write to it") != NULL);
	chmod(dir, 0700);
	if (geteuid()) {
		why.len = 0;
		ok(mml_writer_open("/proc", &options, &why, &second) < 0);
		ok(strstr(why.data, "belongs to another user") != NULL);
	} else if (!chown(dir, 1, 1)) {
		why.len = 0;
		ok(mml_writer_open(dir, &options, &why, &second) == -EPERM);
		ok(strstr(why.data, "belongs to another user") != NULL);
	}
	ok(mml_writer_open(in_folder("no/such/dir"), &options, &why, &second) == -ENOENT);
	ok(mml_writer_open(in_folder("no/such.mml"), &options, &why, &second) == -ENOENT);
	options.facts = "no facts";
	ok(mml_writer_open(in_folder("facts"), &options, &why, &second) == -EINVAL);
	options.facts = "id=1\n";
	ok(mml_writer_open(in_folder("facts"), &options, &why, &second) == -EINVAL);
	mml_buf_free(&why);
	mml_buf_free(&want);
}

/* What is no recording. */
static void foreign(void)
{
	struct mml_buf why = { 0 };
	struct mml_reader *r;

	write_whole(in_folder("text.mml"), "no recording at all\n", 20);
	ok(mml_reader_open(in_folder("text.mml"), &why, &r) == -EBADMSG);
	ok(strstr(why.data, "text.mml: not a recording of mmlens") != NULL);
	why.len = 0;
	mkdir(in_folder("empty"), 0700);
	ok(mml_reader_open(in_folder("empty"), &why, &r) == -EBADMSG);
	ok(strstr(why.data, "empty: not a recording of mmlens") != NULL);
	why.len = 0;
	write_whole(in_folder("empty/x.mml"), "", 0);
	ok(mml_reader_open(in_folder("empty"), &why, &r) == -ENODATA);
	why.len = 0;
	mkfifo(in_folder("fifo.mml"), 0600);
	ok(mml_reader_open(in_folder("fifo.mml"), &why, &r) == -EBADMSG);
	ok(mml_reader_open("/dev/null", &why, &r) == -EBADMSG);
	ok(mml_reader_open(in_folder("none"), &why, &r) == -ENOENT);
	mml_buf_free(&why);
}

/* A reader sees what is written meanwhile, across segments, and keeps what it has open. */
static void follow(void)
{
	struct mml_writer_options options = { .segment_ns = 100 * (uint64_t)SECOND_NS };
	const char *dir = in_folder("follow");
	struct mml_writer *w = made_writer(dir, &options);
	struct mml_reader *r;
	struct mml_sample *sample;
	struct mml_segment_info info;
	char path[600];
	size_t gone, wrong = 0;

	made_append_all(w, 0, 1);
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 1);
	ok(!mml_reader_refresh(r, &gone));
	for (uint64_t n = 1; n < 55; n++) {
		made_append_all(w, n, n + 1);
		wrong += mml_reader_refresh(r, &gone) != 1 || gone ||
			 mml_reader_count(r) != n + 1 || mml_reader_sample(r, n, &sample);
		wrong += !made_right(sample, n);
		mml_sample_put(sample);
		wrong += mml_reader_refresh(r, &gone) != 0;
	}
	is_u64(wrong, 0);
	made_append_all(w, 55, 100);
	ok(mml_reader_refresh(r, &gone) == 1);
	is_u64(read_all(r).right, 100);
	/* The oldest goes while it is open: it can still be read, until it is not needed any more.
	 */
	ok(!mml_reader_sample(r, 3, &sample));
	mml_sample_put(sample);
	mml_reader_segment(r, 0, &info);
	snprintf(path, sizeof(path), "%s/%s", dir, info.name);
	ok(!unlink(path));
	ok(!mml_reader_refresh(r, &gone) && !gone);
	ok(!mml_reader_sample(r, 4, &sample));
	mml_sample_put(sample);
	is_u64(read_all(r).right, 100);
	ok(!mml_reader_refresh(r, &gone));
	is_u64(gone, 10);
	is_u64(mml_reader_count(r), 90);
	is_u64(read_all(r).right, 90);
	ok(!mml_writer_close(w));
	ok(mml_reader_refresh(r, &gone) >= 0);
	is_u64(mml_reader_count(r), 90);
	mml_reader_close(r);
}

/* Where the last sample of the segment at PATH begins. */
static uint64_t last_offset(const char *path)
{
	struct mml_index ix = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t offset;

	if (fd < 0 || mml_index_load(&ix, fd, NULL, NULL, 0) || !ix.n)
		die(path);
	offset = ix.marks[ix.n - 1].offset;
	mml_index_free(&ix);
	close(fd);
	return offset;
}

/* A write that a full disk cut short is taken back, and what comes next is something else: a reader
 * that saw some of the first is not led astray. */
static void taken_back(void)
{
	const char *dir = in_folder("back");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_writer_state state;
	struct mml_buf before = { 0 }, bytes = { 0 }, other = { 0 };
	struct mml_reader *r;
	char path[600];
	uint64_t sample;
	size_t gone, wrong = 0;

	made_append_all(w, 0, 5);
	mml_writer_state(w, &state);
	snprintf(path, sizeof(path), "%s/%s", dir, state.segment);
	read_whole(path, &before);
	ok(!made_append(w, 5, 12)); /* behind a gap */
	read_whole(path, &bytes);
	sample = last_offset(path);
	ok(sample > before.len);
	mml_buf_put(&other, before.data, before.len); /* without the gap */
	mml_buf_put(&other, bytes.data + sample, bytes.len - sample);
	for (size_t len = before.len; len < bytes.len; len++) {
		write_whole(path, bytes.data, len);
		r = made_reader(dir);
		write_whole(path, before.data, before.len);
		wrong += mml_reader_refresh(r, &gone) != 0 || mml_reader_count(r) != 5;
		write_whole(path, other.data, other.len);
		wrong += mml_reader_refresh(r, &gone) != 1 || read_all(r).right != 6;
		wrong += strcmp(gaps_before(r, 5), "") != 0;
		mml_reader_close(r);
	}
	is_u64(wrong, 0);
	mml_writer_close(w);
	mml_buf_free(&before);
	mml_buf_free(&bytes);
	mml_buf_free(&other);
}

/* The file that is written to is taken away: what comes next goes to another one. */
static void taken_away(void)
{
	const char *dir = in_folder("away");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_writer_state state;
	struct mml_reader *r;
	char path[600];

	made_append_all(w, 0, 10);
	mml_writer_state(w, &state);
	snprintf(path, sizeof(path), "%s/%s", dir, state.segment);
	ok(!unlink(path));
	made_append_all(w, 10, 20);
	mml_writer_state(w, &state);
	is_u64(state.kept, sum_of_files(dir));
	ok(!mml_writer_close(w));
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 10);
	is_u64(read_all(r).last, 19);
	mml_reader_close(r);
}

/* Numbers go on from run to run, also behind a recorder that was killed. */
static void goes_on(void)
{
	const char *dir = in_folder("on");
	struct mml_writer *w;
	struct mml_reader *r;
	struct mml_stop stop;
	int status;
	pid_t pid = fork();

	if (!pid) {
		w = made_writer(dir, NULL);
		made_append_all(w, 0, 30);
		_exit(0); /* no index, no end */
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	write_whole(in_folder("on/20200101T000000.000Z-00000000.mml"), "", 0);
	write_whole(in_folder("on/foreign.mml"), "", 0);
	w = made_writer(dir, NULL);
	made_append_all(w, 30, 60);
	ok(!mml_writer_close(w));
	ok(access(in_folder("on/20200101T000000.000Z-00000000.mml"), F_OK) != 0);
	ok(!access(in_folder("on/foreign.mml"), F_OK));
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 60);
	is_u64(read_all(r).right, 60);
	ok(!mml_reader_stop(r, 59, &stop) && stop.seq == 59);
	is_str(gaps_before(r, 30), "nothing was recorded for 10.0s; ");
	mml_reader_close(r);
}

/* The sum of all files stays below the limit, after each write; the oldest goes first. */
static void kept_by_size(void)
{
	struct mml_writer_options options = { .keep.bytes = 40000, .segment_bytes = 4000 };
	const char *dir = in_folder("size");
	struct mml_writer *w = made_writer(dir, &options);
	struct mml_writer_state state;
	struct mml_reader *r;
	uint64_t most = 0;

	for (uint64_t n = 0; n < 600; n++) {
		uint64_t sum;

		made_append_all(w, n, n + 1);
		sum = sum_of_files(dir);
		most = sum > most ? sum : most;
		mml_writer_state(w, &state);
		if (sum != state.kept)
			tap_ok(false, "%" PRIu64 ": %" PRIu64 " bytes, not %" PRIu64, n, sum,
			       state.kept);
	}
	ok(most <= 40000 && most > 30000);
	ok(state.unlinked > 5);
	ok(!mml_writer_close(w));
	ok(sum_of_files(dir) <= 40000);
	r = made_reader(dir);
	ok(read_all(r).right == mml_reader_count(r));
	is_u64(read_all(r).last, 599);
	mml_reader_close(r);
	/* Less than a segment may be kept: then there is less than a segment. */
	options = (struct mml_writer_options){ .keep.bytes = 3500, .segment_bytes = 1 << 20 };
	w = made_writer(dir, &options);
	for (uint64_t n = 600; n < 640; n++) {
		made_append_all(w, n, n + 1);
		if (sum_of_files(dir) > 3500)
			tap_ok(false, "%" PRIu64 ": %" PRIu64 " bytes", n, sum_of_files(dir));
	}
	ok(!mml_writer_close(w));
	/* Less than a sample: nothing is written, and nothing is left. */
	options = (struct mml_writer_options){ .keep.bytes = 100 };
	w = made_writer(dir, &options);
	ok(made_append(w, 640, 0) == -ENOSPC);
	is_u64(sum_of_files(dir), 0);
	ok(!mml_writer_close(w));
}

/* By age: as long as the boot lasts by its own clock, whatever the wall clock says. */
static void kept_by_age(void)
{
	struct mml_writer_options options = { .keep.age_ns = 1000 * (uint64_t)SECOND_NS,
					      .segment_ns = 100 * (uint64_t)SECOND_NS };
	const char *dir = in_folder("age");
	struct mml_writer *w = made_writer(dir, &options);
	struct mml_reader *r;
	struct mml_instant t;

	made_append_all(w, 0, 300);
	r = made_reader(dir);
	ok(mml_reader_count(r) >= 100 && mml_reader_count(r) <= 111);
	mml_reader_close(r);
	/* A clock that is wrong by a year takes nothing away. */
	t = made_time(300);
	t.real_ns += 365 * 86400 * SECOND_NS;
	ok(!append_at(w, 300, &t, 0));
	r = made_reader(dir);
	ok(mml_reader_count(r) >= 100);
	mml_reader_close(r);
	ok(!mml_writer_close(w));
	/* Of another boot only the wall clock tells. */
	options.facts = "boot_id=66666666-7777-8888-9999-000000000000\n";
	w = made_writer(dir, &options);
	t = made_time(0);
	t.real_ns = made_time(300).real_ns + 500 * SECOND_NS;
	ok(!append_at(w, 301, &t, 0));
	r = made_reader(dir);
	/* The one with the wrong clock is from the future, and so not old. */
	ok(mml_reader_count(r) >= 50 && mml_reader_count(r) <= 62);
	ok(!strncmp(gaps_before(r, mml_reader_count(r) - 1), "the machine was started again; ",
		    31));
	mml_reader_close(r);
	ok(!mml_writer_close(w));
}

/* A newer mmlens recorded there too: its segments are told of, the others are read. */
static void newer(void)
{
	const char *dir = in_folder("newer");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_buf bytes = { 0 }, file = { 0 }, why = { 0 };
	char head[8] = { 0x5d, 0x2a, 0x4d, 0x18 };
	struct mml_reader *r;

	made_append_all(w, 0, 5);
	ok(!mml_writer_close(w));
	mml_buf_puts(&bytes, "mmlens recording 2\nid=00000000000000ff\nfirst=5\nmmlens=0.9\n");
	mml_buf_printf(&bytes, "crc32c=%08x\n", mml_crc32c(0, bytes.data, bytes.len));
	head[4] = (char)bytes.len;
	mml_buf_put(&file, head, sizeof(head));
	mml_buf_put(&file, bytes.data, bytes.len);
	write_whole(in_folder("newer/later.mml"), file.data, file.len);
	write_whole(in_folder("later.mml"), file.data, file.len);
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 5);
	is_str(mml_reader_notes(r),
	       "later.mml is of format 2; this mmlens reads up to 1 (get mmlens >= "
	       "0.9)\n");
	mml_reader_close(r);
	ok(mml_reader_open(in_folder("later.mml"), &why, &r) == -EPROTONOSUPPORT);
	ok(strstr(why.data, "is of format 2") != NULL);
	mml_buf_free(&bytes);
	mml_buf_free(&file);
	mml_buf_free(&why);
}

int main(void)
{
	folder_make();
	there_and_back();
	files();
	single_file();
	segments();
	clocks();
	find();
	twice();
	who_records();
	foreign();
	follow();
	taken_back();
	taken_away();
	goes_on();
	kept_by_size();
	kept_by_age();
	newer();
	folder_remove(folder);
	return tap_done();
}
