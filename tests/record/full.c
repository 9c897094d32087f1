/* A disk that is really full: a small one of the test's own, in a mount namespace of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "made.h"

enum { DISK = 1 << 20, BALLAST = 500 << 10, NOISE = 20 << 10 };

static char disk[512];

/* Mount a small disk: false where that is not allowed. */
static bool mount_disk(void)
{
	snprintf(disk, sizeof(disk), "%s", in_folder("disk"));
	mkdir(disk, 0700);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	return !mount("none", disk, "tmpfs", 0, "size=1m,mode=0700");
}

static const char *on_disk(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "disk/%s", name);
	return in_folder(path);
}

/* Sample N, with what cannot be packed. */
static int append(struct mml_writer *w, uint64_t n)
{
	static char noise[NOISE];
	struct mml_sample *made = made_sample(n, NULL), *sample;
	struct mml_builder *b = builder_new(mml_writer_former(w));
	struct mml_instant time = made_time(n);
	unsigned seed = (unsigned)n;
	int rc;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)rand_r(&seed);
	for (size_t i = 0; i < made->count; i++) {
		const struct mml_entry *e = made->entries[i];

		if (mml_builder_add(b, e->bytes, e->asked, e->error, mml_entry_text(e), e->len))
			die(e->bytes);
	}
	if (mml_builder_add(b, "/noise", MML_ASKED_FILE, 0, noise, sizeof(noise)))
		die("noise");
	mml_sample_put(made);
	sample = builder_end(b);
	rc = mml_writer_append(w, sample, &time, 0);
	mml_sample_put(sample);
	return rc;
}

static size_t read_numbers(const char *dir, uint64_t *ret, size_t most)
{
	struct mml_reader *r = made_reader(dir);
	size_t n = 0;

	for (size_t pos = 0; r && pos < mml_reader_count(r) && n < most; pos++) {
		struct mml_sample *sample;

		if (mml_reader_sample(r, pos, &sample))
			continue;
		ret[n++] = made_number(sample);
		mml_sample_put(sample);
	}
	mml_reader_close(r);
	return n;
}

/* Without limits: what does not fit is dropped, until there is room again. */
static void until_room(void)
{
	static char ballast[BALLAST];
	uint64_t numbers[200], n = 0;
	const char *dir = on_disk("plain");
	struct mml_writer *w;
	size_t whole, dropped = 0, again = 0, have;

	write_whole(on_disk("ballast"), ballast, sizeof(ballast));
	w = made_writer(dir, NULL);
	for (; n < 200 && !append(w, n); n++)
		;
	whole = n;
	ok(whole > 5 && whole < 60);
	for (; n < whole + 10; n++)
		dropped += append(w, n) == -ENOSPC;
	ok(dropped >= 9); /* a small one may have found room */
	have = read_numbers(dir, numbers, 200);
	is_u64(have, whole + 10 - dropped);
	ok(!unlink(on_disk("ballast")));
	for (; n < whole + 20; n++)
		again += !append(w, n);
	is_u64(again, 10);
	mml_writer_close(w);
	have = read_numbers(dir, numbers, 200);
	is_u64(have, whole + 10 - dropped + 10);
	is_u64(numbers[have - 1], n - 1);
	folder_remove(dir);
}

/* A part of the disk is to stay free: it does, after each write, and the newest samples are there.
 */
static void stays_free(void)
{
	struct mml_writer_options options = { .keep.free_percent = 20, .segment_bytes = 60 << 10 };
	const char *dir = on_disk("free");
	struct mml_writer *w = made_writer(dir, &options);
	uint64_t numbers[200], least = UINT64_MAX;
	size_t have, bad = 0;

	for (uint64_t n = 0; n < 150; n++) {
		struct statvfs fs;
		uint64_t free_bytes;

		bad += append(w, n) != 0;
		if (statvfs(disk, &fs))
			die(disk);
		free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		least = free_bytes < least ? free_bytes : least;
	}
	is_u64(bad, 0);
	/* A file takes whole pages here, so that a write may take one more than its bytes. */
	ok(least >= (uint64_t)DISK / 5 - 2 * 4096);
	ok(least < (uint64_t)DISK / 2); /* and more is not taken away than has to be */
	mml_writer_close(w);
	have = read_numbers(dir, numbers, 200);
	ok(have > 20);
	is_u64(numbers[have - 1], 149);
	folder_remove(dir);
}

int main(void)
{
	folder_make();
	if (mount_disk()) {
		until_room();
		stays_free();
		umount(disk);
	} else {
		tap_skip("mounting a disk of its own takes CAP_SYS_ADMIN");
	}
	folder_remove(folder);
	return tap_done();
}
