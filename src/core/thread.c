/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thread.h"

#include <signal.h>
#include <stdbool.h>

enum { STACK = 512 << 10 };

int mml_thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int error = pthread_attr_init(&attr);

	if (error)
		return -error;
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(ret, &attr, work, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -error;
}

void mml_both(void *(*work)(void *arg), void *a, void *b)
{
	pthread_t thread;
	bool apart = !mml_thread_start(&thread, work, b);

	work(a);
	if (apart)
		pthread_join(thread, NULL);
	else
		work(b);
}
