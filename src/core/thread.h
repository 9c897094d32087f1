/* Makes threads. This is the only place where that is done. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <pthread.h>

/*
 * Begins WORK(ARG) in a thread. It takes no signals, so that these interrupt whoever waits for
 * them, and has a small stack, because the stack counts in what mmlens shows of itself. Returns 0
 * or -errno. Nobody may depend on a thread: if there can be none, the caller does the work, and
 * that is not an error to report.
 */
int mml_thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg);

/* Does WORK(A) and WORK(B), at the same time if there can be a thread. */
void mml_both(void *(*work)(void *arg), void *a, void *b);
