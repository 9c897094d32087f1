/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"
#include "../../core/thread.h"
#include "../../core/trouble.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

enum {
	MOST_THREADS = 32,      /* with more of them, they wait for the kernel's own locks */
	THREAD_PROCESSES = 48,  /* fewer processes are read before another thread has begun */
	STEP = 8,               /* processes that a thread takes at a time */
};

/* The threads that read. The first is the caller, which begins when all processes are listed, while
 * the others begin with those that are. Each has an arena of its own, which the table's arena
 * absorbs. */
struct mml_crew {
	struct mml_reader readers[MOST_THREADS];
	pthread_t threads[MOST_THREADS];
	size_t n, most;
	cpu_set_t cpus; /* those that may be used */
	int cpu;        /* the one that the first thread is on */
	pthread_mutex_t lock;
	pthread_cond_t more;
	size_t next;   /* atomic: the first process that nobody has taken yet */
	size_t listed; /* atomic: how many are listed */
	bool all;      /* all are listed */
};

/* Waits until the STEP processes from I on are listed. Returns their end, which is at most I if
 * there are none. */
static size_t wait_for(struct mml_crew *crew, size_t i)
{
	size_t end = i + STEP, listed;

	if (__atomic_load_n(&crew->listed, __ATOMIC_ACQUIRE) >= end)
		return end;
	pthread_mutex_lock(&crew->lock);
	while (crew->listed < end && !crew->all)
		pthread_cond_wait(&crew->more, &crew->lock);
	listed = crew->listed;
	pthread_mutex_unlock(&crew->lock);
	return listed < end ? listed : end;
}

static void work(struct mml_reader *reader)
{
	struct mml_scan *scan = reader->scan;
	struct mml_crew *crew = scan->crew;

	for (;;) {
		size_t i = __atomic_fetch_add(&crew->next, STEP, __ATOMIC_RELAXED);
		size_t end = wait_for(crew, i);

		if (i >= end)
			break;
		for (; i < end; i++)
			mml_process_read(reader, &scan->processes[scan->order ? scan->order[i] : i]);
	}
	if (reader->buf.error)
		__atomic_store_n(&scan->error, reader->buf.error, __ATOMIC_RELAXED);
	mml_buf_free(&reader->buf);
	free(reader->nodes);
	mml_node_counter_free(reader->counter);
}

/*
 * Moves the thread to a CPU of its own, the one with number NTH of those that may be used. The
 * kernel may put a new thread on the CPU of the one that made it, and then they share that for as
 * long as 10 ms. Afterwards the thread may run anywhere.
 */
static void move_away(const struct mml_crew *crew, size_t nth)
{
	cpu_set_t one;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &crew->cpus) || cpu == crew->cpu || --nth)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (!sched_setaffinity(0, sizeof(one), &one))
			sched_setaffinity(0, sizeof(crew->cpus), &crew->cpus);
		return;
	}
}

/* A thread with its own table of descriptors opens and closes files without waiting for the others.
 * If it may not have one, it shares theirs. */
static void *work_apart(void *arg)
{
	struct mml_reader *reader = arg;

	move_away(reader->scan->crew, (size_t)(reader - reader->scan->crew->readers));
	unshare(CLONE_FILES);
	work(reader);
	return NULL;
}

int mml_process_scan_begin(struct mml_scan *scan)
{
	struct mml_crew *crew = mml_calloc(1, sizeof(*crew));

	if (!crew)
		return -ENOMEM;
	scan->crew = crew;
	crew->readers[0] = (struct mml_reader){ .scan = scan, .arena = scan->take->arena };
	crew->n = crew->most = 1;
	crew->cpu = sched_getcpu();
	if (!sched_getaffinity(0, sizeof(crew->cpus), &crew->cpus))
		crew->most = (size_t)CPU_COUNT(&crew->cpus);
	if (crew->most > MOST_THREADS)
		crew->most = MOST_THREADS;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->more, NULL);
	return 0;
}

static bool add_thread(struct mml_scan *scan)
{
	struct mml_crew *crew = scan->crew;
	struct mml_reader *reader = &crew->readers[crew->n];

	*reader = (struct mml_reader){ .scan = scan, .arena = mml_arena_new() };
	if (!reader->arena)
		return false;
	if (mml_thread_start(&crew->threads[crew->n], work_apart, reader)) {
		mml_arena_free(reader->arena);
		return false;
	}
	crew->n++;
	return true;
}

void mml_process_scan_listed(struct mml_scan *scan, bool all)
{
	struct mml_crew *crew = scan->crew;

	pthread_mutex_lock(&crew->lock);
	__atomic_store_n(&crew->listed, scan->n, __ATOMIC_RELEASE);
	crew->all = all;
	pthread_cond_broadcast(&crew->more);
	pthread_mutex_unlock(&crew->lock);
	while (crew->n < crew->most && scan->n / THREAD_PROCESSES >= crew->n)
		if (!add_thread(scan))
			crew->most = crew->n;
}

static int end(struct mml_scan *scan)
{
	struct mml_crew *crew = scan->crew;

	for (size_t i = 1; i < crew->n; i++) {
		pthread_join(crew->threads[i], NULL);
		mml_arena_absorb(scan->take->arena, crew->readers[i].arena);
	}
	pthread_cond_destroy(&crew->more);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
	scan->crew = NULL;
	return scan->error;
}

int mml_process_scan_end(struct mml_scan *scan)
{
	mml_process_scan_listed(scan, true);
	work(&scan->crew->readers[0]);
	return end(scan);
}

void mml_process_scan_drop(struct mml_scan *scan)
{
	__atomic_store_n(&scan->crew->next, SIZE_MAX / 2, __ATOMIC_RELAXED);
	mml_process_scan_listed(scan, true);
	end(scan);
	scan->error = 0;
	scan->spent_ns = 0;
}
