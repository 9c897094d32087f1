/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../core/thread.h"
#include "../core/trouble.h"

/* A descriptor that is brought to the disk and closed then. */
struct job {
	struct job *next;
	int fd;
	bool directory;
};

struct mml_syncer {
	uint64_t every_ns;
	struct job *now; /* what is written to: its time has not come yet; or NULL */
	struct job *first, **last;
	bool stop;
	int error;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static int sync_fd(int fd, bool directory)
{
	int rc;

	do
		rc = directory ? fsync(fd) : fdatasync(fd);
	while (rc && errno == EINTR);
	/* There are file systems on which directories cannot be synced. */
	return rc && !(directory && errno == EINVAL) ? -errno : 0;
}

/* Do something without the lock, and keep the error it met. */
static void unlocked(struct mml_syncer *s, int fd, bool directory, bool done_with)
{
	int rc;

	pthread_mutex_unlock(&s->lock);
	rc = sync_fd(fd, directory);
	if (done_with && close(fd) && !rc && errno != EINTR)
		rc = -errno;
	pthread_mutex_lock(&s->lock);
	if (rc)
		s->error = rc;
}

static void in(uint64_t ns, struct timespec *ret)
{
	clock_gettime(CLOCK_MONOTONIC, ret);
	ret->tv_sec += (time_t)(ns / 1000000000);
	ret->tv_nsec += (long)(ns % 1000000000);
	if (ret->tv_nsec >= 1000000000) {
		ret->tv_nsec -= 1000000000;
		ret->tv_sec++;
	}
}

static void *work(void *arg)
{
	struct mml_syncer *s = arg;
	struct timespec next;

	in(s->every_ns, &next);
	pthread_mutex_lock(&s->lock);
	while (!s->stop || s->first) {
		struct job *job = s->first;

		if (job) {
			s->first = job->next;
			if (!s->first)
				s->last = &s->first;
			unlocked(s, job->fd, job->directory, true);
			free(job);
		} else if (pthread_cond_timedwait(&s->changed, &s->lock, &next) == ETIMEDOUT) {
			/* Only this thread closes what was written to, so it stays open. */
			if (s->now)
				unlocked(s, s->now->fd, false, false);
			in(s->every_ns, &next);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int mml_syncer_start(uint64_t every_ns, struct mml_syncer **ret)
{
	struct mml_syncer *s = mml_calloc(1, sizeof(*s));
	pthread_condattr_t attr;
	int rc;

	if (!s)
		return -ENOMEM;
	s->every_ns = every_ns;
	s->last = &s->first;
	*ret = s;
	if (!every_ns)
		return 0;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	rc = mml_thread_start(&s->thread, work, s);
	if (rc) {
		pthread_cond_destroy(&s->changed);
		pthread_mutex_destroy(&s->lock);
		free(s);
	}
	return rc;
}

static struct job *job_new(int fd, bool directory)
{
	struct job *job = mml_malloc(sizeof(*job));

	if (job)
		*job = (struct job){ .fd = fd, .directory = directory };
	return job;
}

static void queue(struct mml_syncer *s, struct job *job)
{
	*s->last = job;
	s->last = &job->next;
	pthread_cond_signal(&s->changed);
}

int mml_syncer_watch(struct mml_syncer *s, int fd, int dirfd)
{
	struct job *now = job_new(fd, false), *made = NULL;
	int copy = -1, rc = -ENOMEM;

	if (now && s->every_ns && dirfd >= 0) {
		copy = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
		rc = copy < 0 ? -errno : -ENOMEM;
		made = copy < 0 ? NULL : job_new(copy, true);
	}
	if (!now || (!made && s->every_ns && dirfd >= 0)) {
		free(now);
		if (copy >= 0)
			close(copy);
		return rc;
	}
	if (!s->every_ns) {
		s->now = now;
		return 0;
	}
	pthread_mutex_lock(&s->lock);
	s->now = now;
	if (made)
		queue(s, made);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

void mml_syncer_finish(struct mml_syncer *s)
{
	if (!s->every_ns) {
		close(s->now->fd);
		free(s->now);
		s->now = NULL;
		return;
	}
	pthread_mutex_lock(&s->lock);
	queue(s, s->now);
	s->now = NULL;
	pthread_mutex_unlock(&s->lock);
}

int mml_syncer_error(struct mml_syncer *s)
{
	int rc;

	if (!s->every_ns)
		return 0;
	pthread_mutex_lock(&s->lock);
	rc = s->error;
	s->error = 0;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int mml_syncer_stop(struct mml_syncer *s)
{
	int rc = 0;

	if (!s)
		return 0;
	if (s->every_ns) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
		rc = s->error;
		pthread_cond_destroy(&s->changed);
		pthread_mutex_destroy(&s->lock);
	}
	free(s);
	return rc;
}
