/* Threads that help: the only place where one is made. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <pthread.h>

/*
 * Begin WORK(ARG) in a thread that takes no signals, so that they interrupt whoever waits for them,
 * and whose stack is no larger than it takes, since it counts in what mmlens shows of itself.
 * Returns 0 or -errno. Nobody depends on a thread: where there is none, the caller does the work,
 * and that is no trouble to be told.
 */
int mml_thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg);

/* WORK(A) and WORK(B), at the same time where a thread can be had. */
void mml_both(void *(*work)(void *arg), void *a, void *b);
