/* Files that are not read for each sample stand as they were: what is shown of them is of the moment they were read,
 * and so are their rates. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "../../src/collectors/registry.h"
#include "../../src/core/look.h"
#include "../../src/core/sampler.h"
#include "../../src/core/select.h"
#include "../../src/source/recorder.h"
#include "../../src/source/replay.h"
#include "../../src/source/source.h"
#include "made.h"

/* Groups are read each third time, and layouts of slab caches each fourth. */
enum { SAMPLES = 14, GROUPS_EACH = 3, SLAB_EACH = 4 };

static const char tree[] = "tree";

static void put_file(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put_file(const char *path, const char *fmt, ...)
{
	char name[512], text[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(name, sizeof(name), "%s/%s", in_folder(tree), path);
	for (char *slash = name + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		if (mkdir(name, 0700) && errno != EEXIST)
			die(name);
	}
	write_whole(name, text, (size_t)len);
}

/* What the machine is at sample N: all numbers follow from it. */
static void change(uint64_t n)
{
	put_file("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
	put_file("proc/self/cgroup", "0::/\n");
	put_file("proc/meminfo", "MemTotal: 1000000 kB\nMemFree: %" PRIu64 " kB\n", n);
	put_file("sys/fs/cgroup/a.slice/memory.current", "%" PRIu64 "\n", (n + 1) << 20);
	put_file("sys/fs/cgroup/a.slice/memory.stat",
		 "anon 4096\nfile 8192\nworkingset_refault_anon 0\nworkingset_refault_file %" PRIu64 "\n",
		 n * 50);
	put_file("sys/kernel/slab/a/min_partial", "%" PRIu64 "\n", n);
	put_file("sys/kernel/slab/a/partial", "%" PRIu64 "\n", n);
}

static void must_read(struct mml_root *root, const char *path)
{
	struct mml_buf buf = { 0 };

	if (mml_root_read(root, path, &buf))
		die(path);
	mml_buf_free(&buf);
}

static struct mml_query query_of(const struct mml_collector *collector)
{
	return (struct mml_query){ .collector = collector, .reading = { .needs = ~0u, .cancel_fd = -1 } };
}

/* Record to PATH, where the sample LOST cannot be written. */
static void record(const char *path, uint64_t lost)
{
	struct mml_writer *w = made_writer(path, NULL);
	struct mml_query query = query_of(&mml_collector_cgroups);
	struct mml_recorder *recorder;
	struct mml_root *root;

	change(0);
	if (mml_root_open(in_folder(tree), &root) || mml_root_record(root, true, &recorder))
		die("root");
	mml_recorder_stand(recorder, MML_STAND_GROUPS, GROUPS_EACH * STEP_S * (uint64_t)SECOND_NS);
	mml_recorder_stand(recorder, MML_STAND_SLAB, SLAB_EACH * STEP_S * (uint64_t)SECOND_NS);
	for (uint64_t n = 0; n < SAMPLES; n++) {
		struct mml_instant time = made_time(n);
		struct mml_sample *sample;
		struct mml_snapshot *snap;

		change(n);
		time.boot_ns = (n + 1) * STEP_S * (uint64_t)SECOND_NS;
		if (mml_recorder_begin(recorder, mml_writer_former(w), time.boot_ns) ||
		    mml_snapshot_take(root, &query, 1, &snap))
			die("sample");
		must_read(root, "/proc/meminfo");
		must_read(root, "/sys/kernel/slab/a/min_partial");
		must_read(root, "/sys/kernel/slab/a/partial");
		mml_snapshot_put(snap);
		if (mml_recorder_end(recorder, &sample) ||
		    (n != lost && mml_writer_append(w, sample, &time, 0)))
			die("append");
		mml_sample_put(sample);
	}
	mml_writer_close(w);
	mml_root_close(root);
}

static uint64_t number_in(const struct mml_sample *sample, const char *path)
{
	const char *text;
	uint64_t n;
	size_t len;

	if (mml_sample_read(sample, path, MML_ASKED_FILE, &text, &len) || !len ||
	    mml_parse_u64((struct mml_span){ text, text + len - 1 }, &n))
		return UINT64_MAX;
	return n;
}

/* What of sample N, at POS, is of the moments it should be of. */
static void check_files(struct mml_reader *r, size_t pos, uint64_t n)
{
	struct mml_sample *sample;

	if (mml_reader_sample(r, pos, &sample))
		die("read");
	is_u64(number_in(sample, "/sys/fs/cgroup/a.slice/memory.current"),
	       (n / GROUPS_EACH * GROUPS_EACH + 1) << 20);
	is_u64(number_in(sample, MML_GROUPS_READ),
	       n % GROUPS_EACH ? (n / GROUPS_EACH * GROUPS_EACH + 1) * STEP_S * (uint64_t)SECOND_NS : UINT64_MAX);
	is_u64(number_in(sample, "/sys/kernel/slab/a/min_partial"), n / SLAB_EACH * SLAB_EACH);
	is_u64(number_in(sample, "/sys/kernel/slab/a/partial"), n);
	mml_sample_put(sample);
}

/* The rate is there when files were read anew, and is that of the time between the readings. */
static void check_rate(const struct mml_snapshot *snap, uint64_t n)
{
	const struct mml_table *t = snap->tables[0];
	const struct mml_row *row = mml_look_row(t, "path", "/a.slice", NULL, NULL);
	double rate = row ? mml_look_num(t, row, "refault_file_rate") : NAN;

	if (n % GROUPS_EACH || !n)
		tap_ok(row && isnan(rate), "%" PRIu64 ": nothing was read anew, and there is no rate", n);
	else
		tap_ok(rate == 5, "%" PRIu64 ": a rate of %g", n, rate);
	tap_ok((n % GROUPS_EACH > 0) == (t->note && strstr(t->note, "control groups are as they were")),
	       "%" PRIu64 ": %s", n, t->note ? t->note : "no note");
}

static void there_and_back(void)
{
	const char *path = in_folder("standing");
	struct mml_query query = query_of(&mml_collector_cgroups);
	struct mml_sampler *sampler;
	struct mml_replay *replay;
	struct mml_buf why = { 0 };
	struct mml_root *root;

	record(path, UINT64_MAX);
	path = in_folder("standing");
	if (mml_replay_open(path, &why, &root, &replay))
		die("replay");
	sampler = mml_sampler_new(root);
	is_u64(mml_reader_count(mml_replay_reader(replay)), SAMPLES);
	for (uint64_t n = 0; n < SAMPLES; n++) {
		struct mml_snapshot *snap;

		check_files(mml_replay_reader(replay), n, n);
		if (mml_replay_go(replay, n) || mml_sampler_take(sampler, &query, 1, &snap))
			die("go");
		check_rate(snap, n);
		mml_snapshot_put(snap);
	}
	mml_sampler_free(sampler);
	mml_root_close(root);
}

/* The sample in which they were read could not be written: they are read for the next one. */
static void lost(void)
{
	const char *path = in_folder("lost");
	struct mml_sample *sample;
	struct mml_reader *r;

	record(path, GROUPS_EACH);
	r = made_reader(in_folder("lost"));
	is_u64(mml_reader_count(r), SAMPLES - 1);
	if (mml_reader_sample(r, GROUPS_EACH, &sample))
		die("read");
	is_u64(number_in(sample, "/sys/fs/cgroup/a.slice/memory.current"), (GROUPS_EACH + 2) << 20);
	is_u64(number_in(sample, MML_GROUPS_READ), UINT64_MAX);
	mml_sample_put(sample);
	mml_reader_close(r);
}

int main(void)
{
	folder_make();
	there_and_back();
	lost();
	folder_remove(folder);
	return tap_done();
}
