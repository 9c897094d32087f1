/*
 * A week of samples each ten seconds, by a clock that is handed in: the disk is full to the limit and no further, the
 * memory that the recorder takes after a day is what it takes after seven, and what is kept is right.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <malloc.h>

#include "../../src/record/folder.h"

#include "made.h"

enum { DAY = 8640, DAYS = 7 };

static const uint64_t limit = 2 << 20;

/* Bytes of all that is there, as the disk has them. */
static uint64_t bytes_of(const char *dir)
{
	DIR *d = opendir(dir);
	uint64_t sum = 0;
	struct stat st;

	if (!d)
		die(dir);
	for (struct dirent *entry; (entry = readdir(d));)
		if (mml_name_is_recording(entry->d_name) && !fstatat(dirfd(d), entry->d_name, &st, 0))
			sum += (uint64_t)st.st_size;
	closedir(d);
	return sum;
}

/* Bytes that were allocated and not freed. */
static size_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

struct day {
	uint64_t most, least; /* bytes on the disk at the end of each hour */
	size_t memory;        /* at the end of the day */
};

static void record_day(struct mml_writer *w, const char *dir, uint64_t day, struct day *ret)
{
	*ret = (struct day){ .least = UINT64_MAX };
	for (uint64_t n = day * DAY; n < (day + 1) * DAY; n++) {
		made_append_all(w, n, n + 1);
		if (n % 360 == 359) {
			uint64_t bytes = bytes_of(dir);

			ret->most = bytes > ret->most ? bytes : ret->most;
			ret->least = bytes < ret->least ? bytes : ret->least;
		}
	}
	ret->memory = in_use();
	printf("# day %" PRIu64 ": %" PRIu64 " to %" PRIu64 " bytes on the disk, %zu in use\n", day + 1,
	       ret->least, ret->most, ret->memory);
}

int main(void)
{
	struct mml_writer_options options = { .keep = { .bytes = limit } };
	struct mml_writer_state state;
	struct day days[DAYS];
	struct mml_writer *w;
	struct mml_reader *r;
	struct seen seen;
	const char *dir;
	uint64_t most = 0, least = UINT64_MAX;
	size_t memory[2] = { SIZE_MAX, 0 };

	alarm(1200); /* a hang is a failure */
	folder_make();
	dir = in_folder("week");
	w = made_writer(dir, &options);
	for (uint64_t day = 0; day < DAYS; day++) {
		record_day(w, dir, day, &days[day]);
		/* The first days fill the disk. */
		if (day < 3)
			continue;
		most = days[day].most > most ? days[day].most : most;
		least = days[day].least < least ? days[day].least : least;
		memory[0] = days[day].memory < memory[0] ? days[day].memory : memory[0];
		memory[1] = days[day].memory > memory[1] ? days[day].memory : memory[1];
	}
	mml_writer_state(w, &state);
	is_u64(state.samples, DAYS * DAY);
	is_u64(state.dropped, 0);
	tap_ok(most <= limit, "%" PRIu64 " bytes on the disk are at most %" PRIu64, most, limit);
	tap_ok(least >= limit / 8 * 7, "%" PRIu64 " bytes on the disk are not much less", least);
	/* What is kept of each file and of its samples depends on where in an hour a day ends. */
	tap_ok(memory[1] - memory[0] <= memory[0] / 4, "memory in use is flat: %zu to %zu bytes", memory[0],
	       memory[1]);
	ok(!mml_writer_close(w));
	r = made_reader(dir);
	seen = read_all(r);
	is_u64(seen.right, mml_reader_count(r));
	is_u64(seen.wrong + seen.damaged + seen.other, 0);
	is_u64(seen.last, DAYS * DAY - 1);
	mml_reader_close(r);
	folder_remove(folder);
	return tap_done();
}
