/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "travel.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/look.h"
#include "../core/parse.h"
#include "../core/trouble.h"
#include "../record/when.h"
#include "changed.h"

enum { SEEN = sizeof(((struct mml_travel *)0)->seen) / sizeof(((struct mml_travel *)0)->seen[0]) };

static const int speeds[] = { -600, -60, -10, -5, -2, -1, 1, 2, 5, 10, 60, 600 };

enum { SPEEDS = sizeof(speeds) / sizeof(*speeds), NORMAL = 6 };

struct mml_travel *mml_travel_new(const char *path, uint64_t seq)
{
	struct mml_travel *t = mml_calloc(1, sizeof(*t));
	struct mml_buf why = { 0 };
	int rc = t ? mml_reader_open(path, &why, &t->reader) : -ENOMEM;

	mml_buf_free(&why);
	if (!rc)
		rc = mml_reader_find_seq(t->reader, seq, &t->pos);
	if (rc) {
		if (t)
			mml_reader_close(t->reader);
		free(t);
		return NULL;
	}
	if (t->pos >= mml_reader_count(t->reader))
		t->pos = mml_reader_count(t->reader) - 1;
	t->mark = UINT64_MAX;
	t->speed = NORMAL;
	for (size_t i = 0; i < SEEN; i++)
		t->seen[i].seq = UINT64_MAX;
	pthread_mutex_init(&t->root, NULL);
	pthread_mutex_init(&t->seen_lock, NULL);
	return t;
}

void mml_travel_free(struct mml_travel *t)
{
	if (!t)
		return;
	mml_reader_close(t->reader);
	pthread_mutex_destroy(&t->root);
	pthread_mutex_destroy(&t->seen_lock);
	free(t);
}

size_t mml_travel_count(const struct mml_travel *t)
{
	return mml_reader_count(t->reader);
}

uint64_t mml_travel_seq(const struct mml_travel *t, size_t pos)
{
	struct mml_stop stop;

	return mml_reader_stop(t->reader, pos, &stop) ? UINT64_MAX : stop.seq;
}

bool mml_travel_time(const struct mml_travel *t, size_t pos, struct mml_instant *ret)
{
	struct mml_stop stop;

	if (mml_reader_stop(t->reader, pos, &stop))
		return false;
	*ret = stop.time;
	return true;
}

bool mml_travel_same_boot(const struct mml_travel *t, size_t a, size_t b)
{
	struct mml_stop from, to;
	char boot[64];
	struct mml_span fact;
	size_t len;

	if (mml_reader_stop(t->reader, a, &from) || mml_reader_stop(t->reader, b, &to))
		return false;
	if (from.segment == to.segment)
		return true;
	fact = mml_reader_fact(t->reader, a, "boot_id");
	len = mml_span_len(fact) < sizeof(boot) ? mml_span_len(fact) : sizeof(boot);
	memcpy(boot, fact.p, len);
	fact = mml_reader_fact(t->reader, b, "boot_id");
	return len && mml_span_len(fact) == len && !memcmp(fact.p, boot, len);
}

static bool move_to(struct mml_travel *t, size_t pos)
{
	bool moved = pos != t->pos;

	t->pos = pos;
	t->owed_ns = 0;
	return moved;
}

bool mml_travel_step(struct mml_travel *t, long by)
{
	size_t last = mml_travel_count(t) - 1;
	size_t back = by < 0 ? (size_t)-by : 0, on = by > 0 ? (size_t)by : 0;

	return move_to(t, back > t->pos ? 0 : on > last - t->pos ? last : t->pos - back + on);
}

/* By how much the wall clock of POS is later than that of the cursor. */
static int64_t later(const struct mml_travel *t, size_t pos)
{
	struct mml_instant here, there;

	if (!mml_travel_time(t, t->pos, &here) || !mml_travel_time(t, pos, &there))
		return 0;
	return there.real_ns - here.real_ns;
}

bool mml_travel_leap(struct mml_travel *t, int64_t seconds)
{
	int64_t ns = seconds * 1000000000;
	size_t pos = t->pos, last = mml_travel_count(t) - 1;

	if (ns < 0)
		while (pos && (pos == t->pos || later(t, pos) > ns))
			pos--;
	else
		while (pos < last && (pos == t->pos || later(t, pos) < ns))
			pos++;
	return move_to(t, pos);
}

const char *mml_travel_go(struct mml_travel *t, const char *word)
{
	struct mml_instant first, last;
	struct timespec now;
	struct mml_when when = { .recorded = true };
	int64_t ns, other_ns;
	size_t pos, other;
	const char *why;
	int rc;

	if (!mml_travel_time(t, 0, &first) ||
	    !mml_travel_time(t, mml_travel_count(t) - 1, &last))
		return "the recording is gone";
	clock_gettime(CLOCK_REALTIME, &now);
	when.now = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	when.begin = first.real_ns;
	when.end = last.real_ns;
	if (mml_when_parse(word, &when, &ns, &other_ns, &why))
		return why;
	rc = mml_reader_find(t->reader, ns, &pos, &other);
	if (rc == -ERANGE)
		return "nothing was recorded then";
	if (rc)
		return strerror(-rc);
	move_to(t, pos);
	return NULL;
}

void mml_travel_play(struct mml_travel *t, uint64_t now_ns)
{
	t->playing = !t->playing;
	t->played_ns = now_ns;
	t->owed_ns = 0;
}

void mml_travel_faster(struct mml_travel *t, int by)
{
	t->speed += by;
	t->speed = t->speed < 0 ? 0 : t->speed >= SPEEDS ? SPEEDS - 1 : t->speed;
	t->owed_ns = 0;
}

/* Moves on while the time that is owed covers the next sample. A gap is not waited for. */
static void play(struct mml_travel *t, uint64_t now_ns)
{
	const double longest = 60e9;
	int speed = speeds[t->speed], way = speed < 0 ? -1 : 1;

	t->owed_ns += (double)(now_ns - t->played_ns) * (speed * way);
	t->played_ns = now_ns;
	for (;;) {
		size_t next = t->pos + (size_t)(long)way;
		double owed = t->owed_ns, apart;

		if (next >= mml_travel_count(t)) {
			/* At the end of a recording that grows it waits for more. */
			t->playing &= way > 0;
			t->owed_ns = 0;
			return;
		}
		apart = fabs((double)later(t, next));
		if (apart > longest || !mml_travel_same_boot(t, t->pos, next))
			apart = 1e9;
		if (owed < apart)
			return;
		move_to(t, next);
		t->owed_ns = owed - apart;
	}
}

/* Numbers of positions change when old files go. */
static void refresh(struct mml_travel *t)
{
	size_t gone = 0;

	if (mml_reader_refresh(t->reader, &gone) < 0)
		return;
	t->pos = t->pos > gone ? t->pos - gone : 0;
	t->gone += gone;
}

uint64_t mml_travel_tick(struct mml_travel *t, uint64_t now_ns)
{
	enum { FRAME_NS = 50000000, LOOK_NS = 1000000000 };

	if (t->pos + 1 >= mml_travel_count(t))
		refresh(t);
	if (t->playing)
		play(t, now_ns);
	return now_ns + (t->playing ? FRAME_NS : LOOK_NS);
}

/* some avg10=0.12 avg60=0.05 avg300=0.01 total=12345 */
static float stalled(struct mml_root *root)
{
	struct mml_buf text = { 0 };
	float ret = NAN;

	if (!mml_root_read(root, "/proc/pressure/memory", &text)) {
		const char *at = strstr(text.data, "some avg10=");
		uint64_t whole, part;
		struct mml_span rest, word;

		if (at) {
			rest = mml_span_str(at + strlen("some avg10="));
			if (mml_next_field(&rest, '.', &word) && !mml_parse_u64(word, &whole) &&
			    mml_next_token(&rest, &word) && !mml_parse_u64(word, &part))
				ret = (float)whole + (float)part / 100;
		}
	}
	mml_buf_free(&text);
	return ret;
}

void mml_travel_saw(struct mml_travel *t, struct mml_root *root, uint64_t seq)
{
	bool known;

	pthread_mutex_lock(&t->seen_lock);
	known = t->seen[seq % SEEN].seq == seq;
	pthread_mutex_unlock(&t->seen_lock);
	if (!known) {
		float v = stalled(root);

		pthread_mutex_lock(&t->seen_lock);
		t->seen[seq % SEEN].seq = seq;
		t->seen[seq % SEEN].stalled = v;
		t->seen[seq % SEEN].worst = -1;
		pthread_mutex_unlock(&t->seen_lock);
	}
}

void mml_travel_found(struct mml_travel *t, const struct mml_snapshot *snap, uint64_t seq)
{
	const struct mml_table *found = mml_found_in(snap);
	int worst = -1;

	for (size_t i = 0; found && i < found->nrows; i++) {
		int one = mml_look_word(found, mml_table_row(found, i), "severity");

		worst = one > worst ? one : worst;
	}
	/* A look that knows less of what was before finds less. */
	pthread_mutex_lock(&t->seen_lock);
	if (t->seen[seq % SEEN].seq == seq && worst > t->seen[seq % SEEN].worst)
		t->seen[seq % SEEN].worst = worst;
	pthread_mutex_unlock(&t->seen_lock);
}
