/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keep.h"

#include <errno.h>
#include <string.h>

#include "../core/parse.h"

/* A segment ends at 32 MiB, or at an eighth of what may be kept. */
enum { SEGMENT_MAX = 32 << 20, SEGMENT_LEAST = 64 << 10, SEGMENTS_LEAST = 8 };

const struct mml_keep mml_keep_usual = {
	.age_ns = UINT64_C(7) * 86400 * 1000000000,
	.bytes = UINT64_C(1) << 30,
	.free_percent = 5,
};

/* Do the limits of space hold with BYTES of recording, MORE of it new, and GIVEN of it taken away?
 */
static bool space_holds(const struct mml_keep *keep, const struct mml_disk *disk, uint64_t bytes,
			uint64_t more, uint64_t given)
{
	uint64_t least =
		keep->free_percent ? disk->all / 100 * keep->free_percent : keep->free_bytes;

	if (keep->bytes && bytes + more - given > keep->bytes)
		return false;
	return !least || disk->free + given >= least + more;
}

size_t mml_keep_excess(const struct mml_keep *keep, const struct mml_kept *kept, size_t n,
		       uint64_t current, uint64_t more, const struct mml_disk *disk, bool *ret_fits)
{
	uint64_t bytes = current, given = 0;
	size_t go = 0;

	for (size_t i = 0; i < n; i++)
		bytes += kept[i].bytes;
	for (; go < n; given += kept[go++].bytes)
		if ((!keep->age_ns || kept[go].age_ns <= keep->age_ns) &&
		    space_holds(keep, disk, bytes, more, given))
			break;
	*ret_fits = space_holds(keep, disk, bytes, more, given);
	return go;
}

uint64_t mml_keep_segment(const struct mml_keep *keep)
{
	uint64_t most = SEGMENT_MAX;

	if (keep->bytes && keep->bytes / SEGMENTS_LEAST < most)
		most = keep->bytes / SEGMENTS_LEAST;
	return most > SEGMENT_LEAST ? most : SEGMENT_LEAST;
}

/* Cut digits off the front of S. */
static int next_number(struct mml_span *s, uint64_t *ret)
{
	struct mml_span digits = { s->p, s->p };

	while (digits.end < s->end && *digits.end >= '0' && *digits.end <= '9')
		digits.end++;
	s->p = digits.end;
	return mml_parse_u64(digits, ret);
}

static uint64_t unit_of(char c)
{
	static const struct {
		char name;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].name == c)
			return units[i].seconds;
	return 0;
}

int mml_keep_age(const char *s, uint64_t *ret_ns)
{
	struct mml_span rest = mml_span_str(s);
	uint64_t sum = 0, n, unit, before = UINT64_MAX;

	if (!strcmp(s, "0"))
		return *ret_ns = 0, 0;
	do {
		int rc = next_number(&rest, &n);

		if (rc)
			return rc;
		unit = rest.p < rest.end ? unit_of(*rest.p++) * 1000000000 : 0;
		if (!unit || unit >= before)
			return -EINVAL;
		before = unit;
		if (__builtin_mul_overflow(n, unit, &n) || __builtin_add_overflow(sum, n, &sum))
			return -ERANGE;
	} while (rest.p < rest.end);
	*ret_ns = sum;
	return 0;
}

int mml_keep_size(const char *s, uint64_t *ret_bytes)
{
	static const char units[] = "KMGT";
	struct mml_span rest = mml_span_str(s);
	const char *unit;
	uint64_t n;
	int rc = next_number(&rest, &n);

	if (rc)
		return rc;
	if (rest.p < rest.end) {
		unit = strchr(units, *rest.p++);
		if (!unit || rest.p != rest.end)
			return -EINVAL;
		if (__builtin_mul_overflow(n, UINT64_C(1024) << 10 * (unit - units), &n))
			return -ERANGE;
	}
	*ret_bytes = n;
	return 0;
}

int mml_keep_free(const char *s, struct mml_keep *ret)
{
	struct mml_span rest = mml_span_str(s);
	uint64_t n;
	int rc = next_number(&rest, &n);

	ret->free_bytes = 0;
	ret->free_percent = 0;
	if (rc)
		return rc;
	if (!mml_span_eq(rest, "%"))
		return mml_keep_size(s, &ret->free_bytes);
	if (n > 99)
		return -ERANGE;
	ret->free_percent = (unsigned)n;
	return 0;
}
