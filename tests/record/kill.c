/* A recorder is killed at 500 moments, of which many are in the middle of writing: every sample
 * that was written is there and right, and the next recorder goes on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/mman.h>

#include "made.h"

enum { KILLS = 500, RUNS = 5, NOISE = 256 << 10 };

/* How many samples were written, by all recorders so far; told by the one that was killed. */
static volatile uint64_t *written;

/* In each other run a sample is large, and cannot be packed: the kernel takes its time to write it.
 */
static bool is_large(uint64_t n)
{
	return n / 1000000 % 2;
}

static void put_noise(struct mml_builder *b, uint64_t n)
{
	static uint64_t noise[NOISE / 8];
	uint64_t x = n + 88172645463325252;

	for (size_t i = 0; i < NOISE / 8; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		noise[i] = x;
	}
	if (mml_builder_add(b, "/noise", MML_ASKED_FILE, 0, noise, sizeof(noise)))
		die("noise");
}

/* What sample N says, the large ones with noise. */
static struct mml_sample *numbered(uint64_t n, struct mml_sample *former)
{
	struct mml_sample *made = made_sample(n, NULL), *sample;
	struct mml_builder *b = builder_new(former);

	for (size_t i = 0; i < made->count; i++) {
		const struct mml_entry *e = made->entries[i];

		if (mml_builder_add(b, e->bytes, e->asked, e->error, mml_entry_text(e), e->len))
			die(e->bytes);
	}
	mml_sample_put(made);
	if (is_large(n))
		put_noise(b, n);
	sample = builder_end(b);
	return sample;
}

/* Record until the end comes. */
static void record(const char *dir, uint64_t n)
{
	struct mml_writer_options options = { .segment_bytes = 3 << 20, .key_samples = 16 };
	struct mml_writer *w = made_writer(dir, &options);

	for (;; n++) {
		struct mml_sample *sample = numbered(n, mml_writer_former(w));
		struct mml_instant time = made_time(n);

		if (mml_writer_append(w, sample, &time, 0))
			_exit(1);
		*written = n + 1;
		mml_sample_put(sample);
	}
}

/* Start a recorder that goes on at N, and kill it. */
static void run(const char *dir, uint64_t n, unsigned *seed)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		record(dir, n);
		_exit(1);
	}
	if (pid < 0)
		die("fork");
	while (*written == n)
		usleep(100);
	usleep((useconds_t)rand_r(seed) % 6000);
	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		die("kill");
}

/* The samples FROM to before TO of each run are at DIR, and not more than one of each behind them.
 */
static bool check(const char *dir, const uint64_t *from, const uint64_t *to, size_t runs)
{
	struct mml_reader *r = made_reader(dir);
	size_t pos = 0;
	bool good = r;

	for (size_t i = 0; good && i < runs; i++) {
		for (uint64_t n = from[i]; good && n <= to[i]; n++) {
			struct mml_sample *sample = NULL, *want;
			int rc = mml_reader_sample(r, pos, &sample);

			/* The one behind the last may have been written just before the end. */
			if (n == to[i] && (rc || made_number(sample) != n)) {
				mml_sample_put(sample);
				break;
			}
			want = numbered(n, NULL);
			good = !rc && !sample_differs(sample, want);
			mml_sample_put(want);
			mml_sample_put(sample);
			pos++;
		}
	}
	good &= pos == mml_reader_count(r);
	mml_reader_close(r);
	return good;
}

int main(void)
{
	unsigned seed = 20260101;
	bool good = true;
	int kills = 0;
	size_t early = 0;

	alarm(1200); /* a hang is a failure */
	written = mmap(NULL, sizeof(*written), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (written == MAP_FAILED)
		die("mmap");
	folder_make();
	for (uint64_t begin = 1000000; good && kills < KILLS; begin += 1000000) {
		const char *dir = in_folder("killed");
		uint64_t from[RUNS], to[RUNS];
		struct mml_reader *r;

		for (size_t i = 0; good && i < RUNS; i++, kills++) {
			/* One that was written but not told of is not written again. */
			from[i] = i ? to[i - 1] + 10 : begin;
			*written = from[i];
			run(dir, from[i], &seed);
			to[i] = *written;
			good = check(dir, from, to, i + 1) ||
			       tap_ok(false, "kill %d: %" PRIu64 " to %" PRIu64, kills, from[i],
				      to[i]);
			r = made_reader(dir);
			early += strstr(gaps_before(r, mml_reader_count(r)), "ends early") != NULL;
			mml_reader_close(r);
		}
		folder_remove(dir);
	}
	tap_ok(good, "%d recorders were killed, %zu of them in the middle of a sample", kills,
	       early);
	folder_remove(folder);
	return tap_done();
}
