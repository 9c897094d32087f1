/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"
#include "../core/thread.h"
#include "../core/unit.h"
#include "../core/trouble.h"
#include "travel.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct mml_feed {
	struct mml_root *root;
	struct mml_sampler *sampler;
	int wake_fd, cancel_fd;
	bool started;
	pthread_t thread;
	size_t most;	      /* the largest snapshot, in bytes, since memory was last given back */
	pthread_mutex_t lock; /* for everything below */
	pthread_cond_t asked;
	bool quit;
	struct mml_arena *question; /* owns wants */
	struct mml_wants *wants;    /* not NULL while a question waits or is being answered */
	uint64_t begun_ns;
	struct mml_line line;	    /* what is asked; n 0: the root's own moment */
	struct mml_snapshot *done;
	struct mml_line done_line;
	struct mml_snapshot **before; /* the snapshots of the line before done */
	size_t nbefore;
	uint64_t done_begun_ns;
	int error; /* why the last one could not be made, until somebody asks */
};

struct mml_feed *mml_feed_new(struct mml_root *root, int wake_fd)
{
	struct mml_feed *feed = mml_calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->root = root;
	feed->sampler = mml_sampler_new(root);
	feed->wake_fd = wake_fd;
	feed->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&feed->lock, NULL);
	pthread_cond_init(&feed->asked, NULL);
	if (feed->sampler && feed->cancel_fd >= 0)
		return feed;
	mml_feed_free(feed);
	return NULL;
}

/* When a snapshot is much smaller than an earlier one, memory that was kept for rows that are gone
 * (such as names of processes) has left holes in the heap. malloc would keep them for good. */
static void give_back(struct mml_feed *feed, const struct mml_snapshot *snap)
{
	size_t size = mml_arena_size(snap->arena);

	if (size < feed->most / 2) {
		malloc_trim(0);
		feed->most = size;
	}
	feed->most = size > feed->most ? size : feed->most;
}

static void put_before(struct mml_feed *feed)
{
	for (size_t i = 0; i < feed->nbefore; i++)
		mml_snapshot_put(feed->before[i]);
	free(feed->before);
	feed->before = NULL;
	feed->nbefore = 0;
}

/* The snapshots of a line as they come. */
struct kept {
	struct mml_snapshot *snaps[MML_LINE_MAX];
	size_t n, bytes;
};

static void keep(struct kept *kept, struct mml_snapshot *snap, size_t most)
{
	kept->snaps[kept->n++] = snap;
	kept->bytes += mml_arena_size(snap->arena);
	/* The last one is always kept. */
	while (kept->n > 1 && kept->bytes > most) {
		kept->bytes -= mml_arena_size(kept->snaps[0]->arena);
		mml_snapshot_put(kept->snaps[0]);
		memmove(kept->snaps, kept->snaps + 1, --kept->n * sizeof(*kept->snaps));
	}
}

/* Goes to one sample of the line, and takes its snapshot unless it is only looked at. */
static int visit(struct mml_feed *feed, size_t i, struct kept *kept)
{
	const struct mml_line *line = &feed->line;
	struct mml_snapshot *snap = NULL;
	int rc;

	pthread_mutex_lock(&line->travel->root);
	rc = mml_root_seek(feed->root, line->seq[i]);
	if (!rc) {
		mml_travel_saw(line->travel, feed->root, line->seq[i]);
		if (i < line->n - line->looks)
			rc = mml_sampler_take(feed->sampler, feed->wants->query, feed->wants->n,
					      &snap);
	}
	pthread_mutex_unlock(&line->travel->root);
	if (!snap)
		return rc;
	mml_travel_found(line->travel, snap, line->seq[i]);
	keep(kept, snap, line->most);
	return rc;
}

static bool is_cancelled(const struct mml_feed *feed)
{
	struct pollfd fd = { .fd = feed->cancel_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/* Returns 0, or why there is no snapshot of the sample that is to be shown. */
static int answer_line(struct mml_feed *feed, struct kept *kept)
{
	size_t shown = feed->line.n - feed->line.looks - 1;
	int rc = 0;

	if (!feed->line.goes_on)
		mml_sampler_reset(feed->sampler);
	for (size_t i = 0; i < feed->line.n; i++) {
		int one = visit(feed, i, kept);

		/* What is damaged on the way is passed over. */
		if (i == shown)
			rc = one;
		/* The first answer is worth more than being early for the next question. */
		if (i > 1 && i <= shown && is_cancelled(feed))
			rc = -ECANCELED;
		if (rc || (i > 1 && is_cancelled(feed)))
			break;
	}
	/* A line that was left half way ends nowhere. */
	while (rc && kept->n)
		mml_snapshot_put(kept->snaps[--kept->n]);
	return rc;
}

/* Puts what was taken where it is fetched. */
static void hand_over(struct mml_feed *feed, struct kept *kept, uint64_t begun)
{
	mml_snapshot_put(feed->done);
	put_before(feed);
	feed->done = kept->snaps[--kept->n];
	feed->done_begun_ns = begun;
	feed->done_line = feed->line;
	feed->before = kept->n ? mml_calloc(kept->n, sizeof(*feed->before)) : NULL;
	for (size_t i = 0; i < kept->n; i++) {
		if (feed->before)
			feed->before[feed->nbefore++] = kept->snaps[i];
		else
			mml_snapshot_put(kept->snaps[i]);
	}
	kept->n = 0;
}

/* Takes the snapshot. It replaces an earlier one that nobody has fetched. */
static void answer(struct mml_feed *feed)
{
	struct kept kept = { .n = 0 };
	uint64_t begun = mml_now_ns(), one = 1;
	int rc = 0;

	/* There is no snapshot either if an observation was cancelled before it began. */
	if (feed->line.n)
		rc = answer_line(feed, &kept);
	else if (!(rc = mml_sampler_take(feed->sampler, feed->wants->query, feed->wants->n,
					 &kept.snaps[0])))
		kept.n = 1;
	if (kept.n)
		give_back(feed, kept.snaps[kept.n - 1]);
	pthread_mutex_lock(&feed->lock);
	if (kept.n)
		hand_over(feed, &kept, begun);
	else
		feed->error = rc;
	mml_arena_free(feed->question);
	feed->question = NULL;
	feed->wants = NULL;
	pthread_mutex_unlock(&feed->lock);
	if (feed->wake_fd >= 0)
		(void)!write(feed->wake_fd, &one, sizeof(one));
}

static void *run(void *arg)
{
	struct mml_feed *feed = arg;

	for (;;) {
		pthread_mutex_lock(&feed->lock);
		while (!feed->wants && !feed->quit)
			pthread_cond_wait(&feed->asked, &feed->lock);
		if (feed->quit)
			break;
		pthread_mutex_unlock(&feed->lock);
		answer(feed);
	}
	pthread_mutex_unlock(&feed->lock);
	return NULL;
}

/* Copies what a query points to, because the view may change its own while the query is answered. */
static int copy_query(struct mml_feed *feed, struct mml_query *query)
{
	struct mml_reading *reading = &query->reading;
	pid_t *first = mml_arena_alloc(feed->question, (reading->nfirst + 1) * sizeof(*first));

	if (!first)
		return -ENOMEM;
	if (reading->nfirst)
		memcpy(first, reading->first, reading->nfirst * sizeof(*first));
	reading->first = first;
	reading->cancel_fd = feed->cancel_fd;
	return mml_scope_copy(&query->scope, &query->scope, feed->question);
}

static int copy(struct mml_feed *feed, const struct mml_wants *wants, struct mml_wants **ret)
{
	int rc = 0;

	feed->question = mml_arena_new();
	*ret = feed->question ? mml_arena_alloc(feed->question, sizeof(**ret)) : NULL;
	if (!*ret)
		return -ENOMEM;
	**ret = *wants;
	for (size_t i = 0; i < wants->n && !rc; i++)
		rc = copy_query(feed, &(*ret)->query[i]);
	return rc;
}

int mml_feed_ask(struct mml_feed *feed, const struct mml_wants *wants)
{
	static const struct mml_line none;

	return mml_feed_ask_line(feed, wants, &none);
}

size_t mml_feed_line(struct mml_feed *feed, struct mml_snapshot ***ret, struct mml_line *ret_line)
{
	size_t n;

	pthread_mutex_lock(&feed->lock);
	n = feed->nbefore;
	*ret = feed->before;
	*ret_line = feed->done_line;
	feed->before = NULL;
	feed->nbefore = 0;
	pthread_mutex_unlock(&feed->lock);
	return n;
}

int mml_feed_ask_line(struct mml_feed *feed, const struct mml_wants *wants,
		      const struct mml_line *line)
{
	struct mml_wants *own;
	uint64_t stale;
	int rc;

	pthread_mutex_lock(&feed->lock);
	rc = feed->wants ? -EBUSY : 0;
	pthread_mutex_unlock(&feed->lock);
	if (!rc && feed->wake_fd >= 0 && !feed->started) {
		rc = mml_thread_start(&feed->thread, run, feed);
		feed->started = !rc;
	}
	if (rc)
		return rc;
	rc = copy(feed, wants, &own);
	if (rc) {
		mml_arena_free(feed->question);
		feed->question = NULL;
		return rc;
	}
	(void)!read(feed->cancel_fd, &stale, sizeof(stale));
	pthread_mutex_lock(&feed->lock);
	feed->wants = own;
	feed->line = *line;
	feed->begun_ns = mml_now_ns();
	pthread_cond_signal(&feed->asked);
	pthread_mutex_unlock(&feed->lock);
	if (feed->wake_fd < 0)
		answer(feed);
	return 0;
}

struct mml_snapshot *mml_feed_take(struct mml_feed *feed, uint64_t *ret_begun_ns)
{
	struct mml_snapshot *snap;

	pthread_mutex_lock(&feed->lock);
	snap = feed->done;
	*ret_begun_ns = feed->done_begun_ns;
	feed->done = NULL;
	pthread_mutex_unlock(&feed->lock);
	return snap;
}

int mml_feed_error(struct mml_feed *feed)
{
	int rc;

	pthread_mutex_lock(&feed->lock);
	rc = feed->error;
	feed->error = 0;
	pthread_mutex_unlock(&feed->lock);
	return rc;
}

uint64_t mml_feed_busy(struct mml_feed *feed)
{
	uint64_t begun;

	pthread_mutex_lock(&feed->lock);
	begun = feed->wants ? feed->begun_ns : 0;
	pthread_mutex_unlock(&feed->lock);
	return begun;
}

void mml_feed_cancel(struct mml_feed *feed)
{
	uint64_t one = 1;

	(void)!write(feed->cancel_fd, &one, sizeof(one));
}

bool mml_feed_rest(struct mml_feed *feed)
{
	bool idle;

	/* Whoever asks next waits for the lock. */
	pthread_mutex_lock(&feed->lock);
	idle = !feed->wants;
	if (idle)
		mml_sampler_reset(feed->sampler);
	pthread_mutex_unlock(&feed->lock);
	return idle;
}

bool mml_feed_free(struct mml_feed *feed)
{
	if (!feed)
		return true;
	if (feed->started) {
		pthread_mutex_lock(&feed->lock);
		feed->quit = true;
		pthread_cond_signal(&feed->asked);
		pthread_mutex_unlock(&feed->lock);
		mml_feed_cancel(feed);
		if (pthread_tryjoin_np(feed->thread, NULL))
			return false;
	}
	mml_snapshot_put(feed->done);
	put_before(feed);
	mml_arena_free(feed->question);
	mml_sampler_free(feed->sampler);
	if (feed->cancel_fd >= 0)
		close(feed->cancel_fd);
	pthread_cond_destroy(&feed->asked);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
	return true;
}
