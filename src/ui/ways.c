/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ways.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"

#define SECOND UINT64_C(1000000000)

enum { FINE = 61, COARSE = 61, COARSE_S = 10, FIRST_SLOTS = 256 };

struct mml_way {
	struct mml_way *next; /* of the same slot */
	uint64_t born_ns, seen_ns;
	float first, now, marked;
	bool fresh; /* came after the first sample */
	/* By the second, and by ten seconds, of the samples' clock; NAN where it was not seen. */
	float fine[FINE], coarse[COARSE];
	size_t len;
	char key[];
};

struct mml_ways {
	uint64_t begun_ns, time_ns, marked_ns; /* the first sample, the last one, the one that was marked */
	struct mml_way **slots;
	size_t nslots, n;
};

struct mml_ways *mml_ways_new(void)
{
	struct mml_ways *ways = mml_calloc(1, sizeof(*ways));

	if (!ways)
		return NULL;
	ways->nslots = FIRST_SLOTS;
	ways->slots = mml_calloc(ways->nslots, sizeof(*ways->slots));
	if (ways->slots)
		return ways;
	free(ways);
	return NULL;
}

/* Drop the things that were not seen at SEEN_NS; 0: all. */
static void drop(struct mml_ways *ways, uint64_t seen_ns)
{
	for (size_t i = 0; i < ways->nslots; i++) {
		struct mml_way **at = &ways->slots[i];

		while (*at) {
			struct mml_way *thing = *at;

			if (seen_ns && thing->seen_ns == seen_ns) {
				at = &thing->next;
				continue;
			}
			*at = thing->next;
			free(thing);
			ways->n--;
		}
	}
}

void mml_ways_free(struct mml_ways *ways)
{
	if (!ways)
		return;
	drop(ways, 0);
	free(ways->slots);
	free(ways);
}

/* FNV-1a */
static size_t slot_of(const struct mml_ways *ways, const void *key, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const unsigned char *)key)[i]) * UINT64_C(0x100000001b3);
	return hash & (ways->nslots - 1);
}

static struct mml_way *find(const struct mml_ways *ways, const void *key, size_t len)
{
	struct mml_way *thing = ways->slots[slot_of(ways, key, len)];

	while (thing && (thing->len != len || memcmp(thing->key, key, len)))
		thing = thing->next;
	return thing;
}

const struct mml_way *mml_ways_find(const struct mml_ways *ways, const void *key, size_t len)
{
	const struct mml_way *thing = find(ways, key, len);

	return thing && thing->seen_ns == ways->time_ns ? thing : NULL;
}

void mml_ways_begin(struct mml_ways *ways, uint64_t time_ns)
{
	if (ways->begun_ns && time_ns <= ways->time_ns) {
		drop(ways, 0);
		ways->begun_ns = ways->time_ns = ways->marked_ns = 0;
	}
	ways->time_ns = time_ns;
	if (!ways->begun_ns)
		ways->begun_ns = time_ns;
}

/* More slots when things share them; with what there is otherwise. */
static void grow(struct mml_ways *ways)
{
	struct mml_ways bigger = *ways;

	bigger.nslots *= 4;
	bigger.slots = mml_calloc(bigger.nslots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return;
	for (size_t i = 0; i < ways->nslots; i++)
		while (ways->slots[i]) {
			struct mml_way *thing = ways->slots[i];
			size_t slot = slot_of(&bigger, thing->key, thing->len);

			ways->slots[i] = thing->next;
			thing->next = bigger.slots[slot];
			bigger.slots[slot] = thing;
		}
	free(ways->slots);
	*ways = bigger;
}

static struct mml_way *make(struct mml_ways *ways, const void *key, size_t len)
{
	struct mml_way *thing = mml_malloc(sizeof(*thing) + len);
	size_t slot;

	if (!thing)
		return NULL;
	*thing = (struct mml_way){ .born_ns = ways->time_ns, .len = len,
					   .fresh = ways->time_ns != ways->begun_ns };
	for (size_t i = 0; i < FINE; i++)
		thing->fine[i] = thing->coarse[i] = NAN;
	memcpy(thing->key, key, len);
	if (++ways->n > 2 * ways->nslots)
		grow(ways);
	slot = slot_of(ways, key, len);
	thing->next = ways->slots[slot];
	ways->slots[slot] = thing;
	return thing;
}

/* A bin each PERIOD seconds: what passed without a sample is not known. */
static void put(float *bins, size_t n, uint64_t period, uint64_t before_ns, uint64_t now_ns, float value)
{
	uint64_t from = before_ns / SECOND / period, to = now_ns / SECOND / period;

	if (!before_ns || to - from > n)
		from = to > n ? to - n : 0;
	for (uint64_t at = from + 1; at < to; at++)
		bins[at % n] = NAN;
	bins[to % n] = value;
}

int mml_ways_add(struct mml_ways *ways, const void *key, size_t len, double value)
{
	struct mml_way *thing = find(ways, key, len);

	if (!thing) {
		thing = make(ways, key, len);
		if (!thing)
			return -ENOMEM;
		thing->first = (float)value;
	}
	put(thing->fine, FINE, 1, thing->seen_ns, ways->time_ns, (float)value);
	put(thing->coarse, COARSE, COARSE_S, thing->seen_ns, ways->time_ns, (float)value);
	thing->now = (float)value;
	thing->seen_ns = ways->time_ns;
	return 0;
}

void mml_ways_end(struct mml_ways *ways)
{
	drop(ways, ways->time_ns);
}

/* The newest value of BINS, a PERIOD each, that is AGE seconds old or older; NAN: there is none. */
static float newest(const struct mml_ways *ways, const float *bins, size_t n, uint64_t period, uint64_t age)
{
	uint64_t now = ways->time_ns / SECOND / period;

	for (uint64_t back = (age + period - 1) / period; back < n && back <= now; back++)
		if (!isnan(bins[(now - back) % n]))
			return bins[(now - back) % n];
	return NAN;
}

static float value_at(const struct mml_ways *ways, const struct mml_way *thing, uint64_t age)
{
	float value = newest(ways, thing->fine, FINE, 1, age);

	return isnan(value) ? newest(ways, thing->coarse, COARSE, COARSE_S, age) : value;
}

uint64_t mml_ways_age(const struct mml_ways *ways, const struct mml_way *thing)
{
	return (ways->time_ns - thing->born_ns) / SECOND;
}

void mml_ways_mark(struct mml_ways *ways)
{
	ways->marked_ns = ways->time_ns;
	for (size_t i = 0; i < ways->nslots; i++)
		for (struct mml_way *t = ways->slots[i]; t; t = t->next)
			t->marked = t->now;
}

double mml_ways_change(const struct mml_ways *ways, const struct mml_way *thing,
			uint64_t seconds, bool *ret_new)
{
	uint64_t age = (ways->time_ns - thing->born_ns) / SECOND;
	float then = thing->first;

	*ret_new = false;
	if (!seconds && !ways->marked_ns)
		return (double)NAN;
	if (seconds ? age < seconds && thing->fresh : thing->born_ns > ways->marked_ns) {
		*ret_new = true;
		return (double)thing->now;
	}
	if (!seconds)
		then = thing->marked;
	else if (age >= seconds)
		then = value_at(ways, thing, seconds);
	return isnan(then) ? (double)NAN : (double)thing->now - (double)then;
}

double mml_ways_slope(const struct mml_ways *ways, const struct mml_way *thing,
		       uint64_t seconds)
{
	uint64_t now = ways->time_ns / SECOND;
	double n = 0, x1 = 0, y1 = 0, xx = 0, xy = 0, yy = 0, sxx, sxy, syy, slope, rest, span = 0;

	for (uint64_t age = 0; age <= seconds && age < FINE && age <= now; age++) {
		double x = -(double)age, y = (double)thing->fine[(now - age) % FINE];

		if (isnan(y))
			continue;
		/* From the newest value on, so that small changes of large numbers are not lost. */
		y -= (double)thing->now;
		n++;
		x1 += x;
		y1 += y;
		xx += x * x;
		xy += x * y;
		yy += y * y;
		span = (double)age;
	}
	if (n < 4 || span < 5)
		return (double)NAN;
	sxx = xx - x1 * x1 / n;
	sxy = xy - x1 * y1 / n;
	syy = yy - y1 * y1 / n;
	slope = sxy / sxx;
	rest = syy - slope * sxy;
	if (rest > 0 && fabs(slope) < 3 * sqrt(rest / (n - 2) / sxx))
		return (double)NAN;
	return slope * 60;
}

double mml_ways_steady(const struct mml_ways *ways, const struct mml_way *thing)
{
	return mml_ways_age(ways, thing) < MML_WAYS_STEADY_S ? (double)NAN : mml_ways_slope(ways, thing, 60);
}

void mml_ways_cells(const struct mml_ways *ways, const struct mml_way *thing, int cols,
		     double *ret)
{
	uint64_t now = ways->time_ns / SECOND / COARSE_S;

	for (int c = 0; c < cols; c++) {
		uint64_t first = (uint64_t)(cols - c) * (COARSE - 1) / (uint64_t)cols;
		uint64_t end = (uint64_t)(cols - c - 1) * (COARSE - 1) / (uint64_t)cols;
		double sum = 0;
		unsigned n = 0;

		for (uint64_t back = end; (back < first || back == end) && back <= now; back++) {
			double v = (double)thing->coarse[(now - back) % COARSE];

			if (isnan(v))
				continue;
			sum += v;
			n++;
		}
		ret[c] = n ? sum / n : (double)NAN;
	}
}
