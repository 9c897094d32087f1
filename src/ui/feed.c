/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"
#include "../core/thread.h"
#include "../core/unit.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct mml_feed {
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
	struct mml_snapshot *done;
	uint64_t done_begun_ns;
	int error; /* why the last one could not be made, until somebody asks */
};

struct mml_feed *mml_feed_new(struct mml_root *root, int wake_fd)
{
	struct mml_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
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

/* Takes the snapshot. It replaces an earlier one that nobody has fetched. */
static void answer(struct mml_feed *feed)
{
	struct mml_snapshot *snap = NULL;
	uint64_t begun = mml_now_ns(), one = 1;
	int rc = mml_sampler_take(feed->sampler, feed->wants->query, feed->wants->n, &snap);

	/* There is no snapshot either if an observation was cancelled before it began. */
	if (snap)
		give_back(feed, snap);
	pthread_mutex_lock(&feed->lock);
	if (snap) {
		mml_snapshot_put(feed->done);
		feed->done = snap;
		feed->done_begun_ns = begun;
	} else {
		feed->error = rc;
	}
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
	mml_arena_free(feed->question);
	mml_sampler_free(feed->sampler);
	if (feed->cancel_fd >= 0)
		close(feed->cancel_fd);
	pthread_cond_destroy(&feed->asked);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
	return true;
}
