/* What of a recording is kept: the choice, and the words for its limits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/keep.h"

#include <errno.h>

#include "../tap.h"

enum { N = 4 };

/* Four segments of 100 bytes, 40 to 10 seconds old; one of 50 bytes is written. */
static const struct mml_kept kept[N] = { { 100, 40 }, { 100, 30 }, { 100, 20 }, { 100, 10 } };

/* How many go for MORE bytes with LIMITS and FREE bytes of 1000; -1 where that is not enough. */
static int go(struct mml_keep limits, uint64_t more, uint64_t free)
{
	struct mml_disk disk = { free, 1000 };
	bool fits;
	size_t n = mml_keep_excess(&limits, kept, N, 50, more, &disk, &fits);

	return fits ? (int)n : -(int)n - 1;
}

static void choice(void)
{
	ok(go((struct mml_keep){ 0 }, 10, 1000) == 0);
	/* By age: just as old, and older. */
	ok(go((struct mml_keep){ .age_ns = 40 }, 10, 1000) == 0);
	ok(go((struct mml_keep){ .age_ns = 39 }, 10, 1000) == 1);
	ok(go((struct mml_keep){ .age_ns = 20 }, 10, 1000) == 2);
	ok(go((struct mml_keep){ .age_ns = 9 }, 10, 1000) == 4);
	/* By size: with the one that is written, and what is to be. */
	ok(go((struct mml_keep){ .bytes = 460 }, 10, 1000) == 0);
	ok(go((struct mml_keep){ .bytes = 459 }, 10, 1000) == 1);
	ok(go((struct mml_keep){ .bytes = 360 }, 10, 1000) == 1);
	ok(go((struct mml_keep){ .bytes = 60 }, 10, 1000) == 4);
	ok(go((struct mml_keep){ .bytes = 59 }, 10, 1000) == -5);
	/* By what is free: in bytes, and of all. */
	ok(go((struct mml_keep){ .free_bytes = 50 }, 10, 60) == 0);
	ok(go((struct mml_keep){ .free_bytes = 50 }, 10, 59) == 1);
	ok(go((struct mml_keep){ .free_percent = 5 }, 10, 60) == 0);
	ok(go((struct mml_keep){ .free_percent = 5 }, 10, 59) == 1);
	ok(go((struct mml_keep){ .free_percent = 50 }, 10, 110) == 4);
	ok(go((struct mml_keep){ .free_percent = 50 }, 10, 109) == -5);
	/* A disk that is full without limits: the write itself will say so. */
	ok(go((struct mml_keep){ 0 }, 10, 5) == 0);
	/* All of them together: the strictest. */
	ok(go((struct mml_keep){ .age_ns = 35, .bytes = 300, .free_bytes = 1 }, 10, 500) == 2);
	ok(go((struct mml_keep){ .age_ns = 15, .bytes = 300, .free_bytes = 1 }, 10, 500) == 3);
}

static void segment_sizes(void)
{
	is_u64(mml_keep_segment(&(struct mml_keep){ 0 }), 32 << 20);
	is_u64(mml_keep_segment(&(struct mml_keep){ .bytes = UINT64_C(1) << 30 }), 32 << 20);
	is_u64(mml_keep_segment(&(struct mml_keep){ .bytes = 80 << 20 }), 10 << 20);
	is_u64(mml_keep_segment(&(struct mml_keep){ .bytes = 1000 }), 64 << 10);
}

static uint64_t age(const char *s)
{
	uint64_t ns = 0;
	int rc = mml_keep_age(s, &ns);

	return rc ? (uint64_t)(int64_t)rc : ns;
}

static uint64_t size(const char *s)
{
	uint64_t bytes = 0;
	int rc = mml_keep_size(s, &bytes);

	return rc ? (uint64_t)(int64_t)rc : bytes;
}

#define FAILS(got, rc) is_i64((int64_t)(got), (rc))

static void words(void)
{
	struct mml_keep keep = { .free_bytes = 7, .free_percent = 7 };

	is_u64(age("7d"), UINT64_C(604800) * 1000000000);
	is_u64(age("2w"), UINT64_C(1209600) * 1000000000);
	is_u64(age("1d12h30m5s"), UINT64_C(131405) * 1000000000);
	is_u64(age("0"), 0);
	FAILS(age(""), -EINVAL);
	FAILS(age("7"), -EINVAL);
	FAILS(age("7x"), -EINVAL);
	FAILS(age("d"), -EINVAL);
	FAILS(age("30m2h"), -EINVAL);
	FAILS(age("7d "), -EINVAL);
	FAILS(age("-7d"), -EINVAL);
	FAILS(age("99999999999d"), -ERANGE);
	is_u64(size("0"), 0);
	is_u64(size("65536"), 65536);
	is_u64(size("500M"), 500 << 20);
	is_u64(size("1G"), 1 << 30);
	is_u64(size("2T"), UINT64_C(2) << 40);
	FAILS(size(""), -EINVAL);
	FAILS(size("1GB"), -EINVAL);
	FAILS(size("1g"), -EINVAL);
	FAILS(size("1.5G"), -EINVAL);
	FAILS(size("99999999999T"), -ERANGE);
	ok(!mml_keep_free("5%", &keep) && keep.free_percent == 5 && !keep.free_bytes);
	ok(!mml_keep_free("2G", &keep) && !keep.free_percent &&
	   keep.free_bytes == UINT64_C(2) << 30);
	ok(!mml_keep_free("0", &keep) && !keep.free_percent && !keep.free_bytes);
	ok(mml_keep_free("100%", &keep) == -ERANGE);
	ok(mml_keep_free("%", &keep) == -EINVAL);
	ok(mml_keep_free("5%%", &keep) == -EINVAL);
}

int main(void)
{
	choice();
	segment_sizes();
	words();
	return tap_done();
}
