/* What disks and memory may do to a recorder and to a reader, at every call in turn: what was said
 * to be written is there, what was not is not, and nothing is wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>

#include "made.h"

/* What the next calls do, one letter each: '.' the real thing, 'I' EINTR, 'E' EIO, 'F' ENOSPC, 'Q'
 * EDQUOT, '1' at most one byte, 'h' half of it; behind the last one all is real. */
static const char *writes = "", *truncates = "", *syncs = "";
static size_t nwrites, nsyncs, nfsyncs;

/* With this set each fdatasync() waits for it to be cleared. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool slow, waiting;

/* The allocation that fails, counted down; below 0: none does. */
static long failing = -1;

ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

/* The errno of the next call, 0 for none, or -1 and -2 for less than all. */
static int fault(const char **plan)
{
	switch (**plan ? *(*plan)++ : '.') {
	case 'I':
		return EINTR;
	case 'E':
		return EIO;
	case 'F':
		return ENOSPC;
	case 'Q':
		return EDQUOT;
	case '1':
		return -1;
	case 'h':
		return -2;
	default:
		return 0;
	}
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	int f = fault(&writes);

	nwrites++;
	if (f > 0) {
		errno = f;
		return -1;
	}
	return __real_write(fd, buf, f == -1 && n ? 1 : f == -2 ? (n + 1) / 2 : n);
}

int __wrap_ftruncate(int fd, off_t len)
{
	int f = fault(&truncates);

	if (f > 0) {
		errno = f;
		return -1;
	}
	return __real_ftruncate(fd, len);
}

int __wrap_fdatasync(int fd)
{
	int f;

	pthread_mutex_lock(&lock);
	nsyncs++;
	waiting = true;
	pthread_cond_broadcast(&changed);
	while (slow)
		pthread_cond_wait(&changed, &lock);
	waiting = false;
	f = fault(&syncs);
	pthread_mutex_unlock(&lock);
	if (f > 0) {
		errno = f;
		return -1;
	}
	return __real_fdatasync(fd);
}

int __wrap_fsync(int fd)
{
	nfsyncs++;
	return __real_fsync(fd);
}

static bool fails(void)
{
	return failing >= 0 && failing-- == 0;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

enum { SAMPLES = 24 };

/* Keys each 5 samples, segments of 8. */
static const struct mml_writer_options few = { .facts = made_facts,
					       .key_samples = 5,
					       .segment_ns = UINT64_C(80) * 1000000000 };

/* How many regular files of a size there are in DIR, and whether one is empty. */
static bool no_empty_file(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, NULL);
	bool good = true;

	for (int i = 0; i < n; i++) {
		char path[700];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (strstr(names[i]->d_name, ".mml") && !stat(path, &st) && !st.st_size)
			good = false;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return good;
}

/* Are the samples marked WRITTEN at DIR, all right, and no others? */
static bool just_these(const char *dir, const bool *written, size_t n, const char *what)
{
	size_t want = 0, have = 0;
	struct mml_reader *r;
	bool good;

	for (size_t i = 0; i < n; i++)
		want += written[i];
	if (!want)
		return true;
	r = made_reader(dir);
	good = r;
	for (size_t pos = 0; r && pos < mml_reader_count(r); pos++) {
		struct mml_sample *sample;
		uint64_t number;

		if (mml_reader_sample(r, pos, &sample)) {
			good = false;
			continue;
		}
		number = made_number(sample);
		good &= number < n && written[number] && made_right(sample, number);
		have++;
		mml_sample_put(sample);
	}
	mml_reader_close(r);
	return (good && have == want) ||
	       tap_ok(false, "%s: %zu samples, not %zu", what, have, want);
}

static uint64_t sum_of_files(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, NULL);
	uint64_t sum = 0;

	for (int i = 0; i < n; i++) {
		char path[700];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (strstr(names[i]->d_name, ".mml") && !stat(path, &st))
			sum += (uint64_t)st.st_size;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return sum;
}

/* SAMPLES samples to a new DIR with the faults as they are set: which ones were written. */
static bool record(const char *dir, const struct mml_writer_options *options, bool *written)
{
	struct mml_writer *w = made_writer(dir, options);
	struct mml_writer_state state;
	size_t count = 0;
	bool good;

	for (uint64_t n = 0; n < SAMPLES; n++) {
		written[n] = !made_append(w, n, 0);
		count += written[n];
	}
	mml_writer_state(w, &state);
	good = state.samples == count && state.dropped == SAMPLES - count &&
	       state.kept == sum_of_files(dir);
	mml_writer_close(w);
	writes = truncates = "";
	return good ||
	       tap_ok(false, "%zu written in %" PRIu64 " bytes, said to be %" PRIu64 " in %" PRIu64,
		      count, sum_of_files(dir), state.samples, state.kept);
}

/* FAULTS at the Nth write. RET_COUNT: how many writes there were. */
static bool fault_at(size_t n, const char *faults, const char *truncating, bool *written,
		     size_t *ret_count)
{
	const char *dir = in_folder("faults");
	char plan[256], what[300];
	bool good;

	memset(plan, '.', n);
	snprintf(plan + n, sizeof(plan) - n, "%s", faults);
	snprintf(what, sizeof(what), "%s at write %zu", faults, n);
	writes = plan;
	truncates = truncating;
	nwrites = 0;
	good = record(dir, &few, written);
	*ret_count = nwrites;
	good = just_these(dir, written, SAMPLES, what) && good;
	good &= no_empty_file(dir) || tap_ok(false, "%s: an empty file", what);
	folder_remove(dir);
	return good;
}

static size_t count_false(const bool *written)
{
	size_t n = 0;

	for (size_t i = 0; i < SAMPLES; i++)
		n += !written[i];
	return n;
}

/* One fault at each write in turn, those of indexes too. */
static void each_write(const char *faults, const char *truncating, size_t most_lost)
{
	bool written[SAMPLES], good = true;
	size_t n = 0, count = 1, lost = 0;

	for (; good && n < count; n++) {
		good = fault_at(n, faults, truncating, written, &count);
		lost = count_false(written) > lost ? count_false(written) : lost;
	}
	tap_ok(good && n > SAMPLES, "'%s' at each of %zu writes, truncating '%s'", faults, n,
	       truncating);
	is_u64(lost, most_lost);
}

/* Full for a while: each sample is tried once, what was lost is told, and then it goes on. */
static void full(void)
{
	const char *dir = in_folder("full");
	struct mml_writer *w = made_writer(dir, NULL);
	struct mml_writer_state state;
	struct mml_reader *r;

	made_append_all(w, 0, 3);
	writes = "FFFFhFQ";
	nwrites = 0;
	for (uint64_t n = 3; n < 9; n++)
		ok(made_append(w, n, 0) == (n == 8 ? -EDQUOT : -ENOSPC));
	is_u64(nwrites, 7);
	mml_writer_state(w, &state);
	is_u64(state.dropped, 6);
	is_u64(state.dropped_now, 6);
	is_i64(state.error, -EDQUOT);
	made_append_all(w, 9, 12);
	mml_writer_state(w, &state);
	is_u64(state.dropped, 6);
	is_u64(state.dropped_now, 0);
	is_i64(state.error, 0);
	mml_writer_close(w);
	r = made_reader(dir);
	is_u64(read_all(r).right, 6);
	is_str(gaps_before(r, 3), "6 samples could not be written: Disk quota exceeded; ");
	is_str(gaps_before(r, 4), "");
	mml_reader_close(r);
}

/* Full from the beginning, in a directory and in a file. */
static void full_at_first(void)
{
	const char *dir = in_folder("first"), *file = in_folder("first.mml");
	struct mml_writer *w = made_writer(dir, &few);
	struct mml_reader *r;

	writes = "FhF";
	ok(made_append(w, 0, 0) == -ENOSPC);
	ok(no_empty_file(dir));
	ok(made_append(w, 1, 0) == -ENOSPC);
	ok(no_empty_file(dir));
	made_append_all(w, 2, 4);
	mml_writer_close(w);
	r = made_reader(dir);
	is_u64(read_all(r).right, 2);
	is_str(gaps_before(r, 0), "2 samples could not be written: No space left on device; ");
	mml_reader_close(r);
	w = made_writer(file, &few);
	writes = "FhF";
	ok(made_append(w, 0, 0) == -ENOSPC);
	ok(made_append(w, 1, 0) == -ENOSPC);
	made_append_all(w, 2, 4);
	mml_writer_close(w);
	r = made_reader(file);
	is_u64(read_all(r).right, 2);
	mml_reader_close(r);
}

/* Where there is a limit to what is kept, the oldest gives way to the newest. */
static void gives_way(void)
{
	struct mml_writer_options options = few;
	const char *dir = in_folder("way");
	struct mml_writer *w;
	struct mml_writer_state state;
	struct mml_reader *r;

	options.keep.bytes = 1 << 30;
	w = made_writer(dir, &options);
	made_append_all(w, 0, 20);
	writes = "F";
	ok(!made_append(w, 20, 0));
	mml_writer_state(w, &state);
	is_u64(state.unlinked, 1);
	is_u64(state.dropped, 0);
	mml_writer_close(w);
	r = made_reader(dir);
	is_u64(mml_reader_count(r), 13);
	is_u64(read_all(r).last, 20);
	mml_reader_close(r);
}

/* The disk takes its time: samples are written meanwhile, and all is waited for at the end. */
static void slow_disk(void)
{
	struct mml_writer_options options = few;
	const char *dir = in_folder("slow");
	struct mml_writer *w;
	struct mml_reader *r;

	options.sync_ns = 1000000; /* a millisecond */
	w = made_writer(dir, &options);
	pthread_mutex_lock(&lock);
	slow = true;
	pthread_mutex_unlock(&lock);
	made_append_all(w, 0, 1);
	pthread_mutex_lock(&lock);
	while (!waiting)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	/* From here on the thread stands still; two segments end. */
	made_append_all(w, 1, 20);
	r = made_reader(dir);
	is_u64(read_all(r).right, 20);
	mml_reader_close(r);
	pthread_mutex_lock(&lock);
	ok(waiting);
	slow = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	nfsyncs = 0;
	ok(!mml_writer_close(w));
	r = made_reader(dir);
	is_u64(read_all(r).right, 20);
	mml_reader_close(r);
}

/* Each segment and its directory reach the disk, or nothing does when nothing is to. */
static void synced(void)
{
	struct mml_writer_options options = few;
	const char *dir = in_folder("synced");
	struct mml_writer *w;

	nsyncs = nfsyncs = 0;
	options.sync_ns = 3600 * (uint64_t)SECOND_NS;
	w = made_writer(dir, &options);
	made_append_all(w, 0, SAMPLES);
	ok(!mml_writer_close(w));
	is_u64(nsyncs, 3);
	is_u64(nfsyncs, 3);
	nsyncs = nfsyncs = 0;
	options.sync_ns = 0;
	w = made_writer(in_folder("unsynced"), &options);
	made_append_all(w, 0, SAMPLES);
	ok(!mml_writer_close(w));
	is_u64(nsyncs, 0);
	is_u64(nfsyncs, 0);
}

/* What could not be brought to the disk is told, and what comes next does not rest on it. */
static void sync_fails(void)
{
	struct mml_writer_options options = few;
	const char *dir = in_folder("sync");
	struct mml_writer_state state;
	struct mml_writer *w;
	struct mml_reader *r;
	uint64_t n = 0;

	options.sync_ns = 1000000;
	options.segment_ns = 0;
	w = made_writer(dir, &options);
	syncs = "E";
	do {
		made_append_all(w, n, n + 1);
		n++;
		mml_writer_state(w, &state);
		usleep(1000);
	} while (!state.sync_error);
	is_i64(state.sync_error, -EIO);
	r = made_reader(dir);
	is_u64(mml_reader_segments(r), 2);
	is_u64(read_all(r).right, n);
	mml_reader_close(r);
	ok(!mml_writer_close(w));
	/* At the very end it is what closing says. */
	options.sync_ns = 3600 * (uint64_t)SECOND_NS;
	w = made_writer(in_folder("sync-end"), &options);
	made_append_all(w, 0, 2);
	syncs = "E";
	ok(mml_writer_close(w) == -EIO);
}

/* One allocation fails, each in turn: of a recorder ... */
static void no_memory_to_write(void)
{
	const char *dir = in_folder("memory");
	bool good = true, failed = true;
	long n = 0;

	for (; good && failed; n++) {
		struct mml_writer_options options = few;
		bool written[SAMPLES] = { false };
		struct mml_buf why = { 0 };
		struct mml_writer *w = NULL;
		int rc;

		failing = n;
		rc = mml_writer_open(dir, &options, &why, &w);
		for (uint64_t i = 0; !rc && i < SAMPLES; i++) {
			struct mml_instant time = made_time(i);
			struct mml_sample *sample;
			long left = failing;

			/* The sample itself is the test's. */
			failing = -1;
			sample = made_sample(i, mml_writer_former(w));
			failing = left;
			rc = mml_writer_append(w, sample, &time, 0);
			written[i] = !rc;
			good &= !rc || rc == -ENOMEM || tap_ok(false, "%d", rc);
			rc = 0;
			left = failing;
			failing = -1;
			mml_sample_put(sample);
			failing = left;
		}
		good &= !rc || rc == -ENOMEM || tap_ok(false, "open: %d", rc);
		if (!rc)
			mml_writer_close(w);
		failed = failing < 0;
		failing = -1;
		if (!rc)
			good &= just_these(dir, written, SAMPLES, "memory") && no_empty_file(dir);
		mml_buf_free(&why);
		folder_remove(dir);
	}
	tap_ok(good, "each of %ld allocations of a recorder failed", n - 1);
}

/* ... and of a reader. */
static void no_memory_to_read(void)
{
	const char *dir = in_folder("memory");
	struct mml_writer *w = made_writer(dir, &few);
	bool good = true, failed = true;
	long n = 0;

	made_append_all(w, 0, SAMPLES);
	mml_writer_close(w);
	for (; good && failed; n++) {
		struct mml_buf why = { 0 };
		struct mml_reader *r;
		size_t gone;
		int rc;

		failing = n;
		rc = mml_reader_open(dir, &why, &r);
		good &= !rc || rc == -ENOMEM || tap_ok(false, "open: %d", rc);
		for (size_t pos = 0; !rc && pos < mml_reader_count(r); pos++) {
			struct mml_sample *sample;
			int read = mml_reader_sample(r, pos, &sample);
			long left = failing;

			failing = -1;
			good &= read ? read == -ENOMEM : made_right(sample, pos);
			if (!read)
				mml_sample_put(sample);
			failing = left;
		}
		if (!rc) {
			int refreshed = mml_reader_refresh(r, &gone);

			good &= !refreshed || refreshed == -ENOMEM;
			good &= mml_reader_count(r) == SAMPLES || refreshed == -ENOMEM;
			mml_reader_close(r);
		}
		failed = failing < 0;
		failing = -1;
		mml_buf_free(&why);
	}
	tap_ok(good, "each of %ld allocations of a reader failed", n - 1);
	folder_remove(dir);
}

int main(void)
{
	alarm(600); /* a hang is a failure */
	folder_make();
	each_write("I", "", 0);
	each_write("1", "", 0);
	each_write("hI1", "", 0);
	each_write("F", "", 1);
	each_write("Q", "", 1);
	each_write("E", "", 1);
	each_write("1F", "", 1);
	each_write("hE", "", 1);
	each_write("FFF", "", 3);
	/* What is there in part cannot be taken back: nothing is written behind it. */
	each_write("hF", "E", 1);
	each_write("1E", "E", 1);
	full();
	full_at_first();
	gives_way();
	slow_disk();
	synced();
	sync_fails();
	no_memory_to_write();
	no_memory_to_read();
	folder_remove(folder);
	return tap_done();
}
