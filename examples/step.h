/* Stops between the steps of an example, so that one can look: Enter goes on. SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Says what was done, and how many page faults the process has had. */
static inline void step(const char *what)
{
	struct rusage usage;
	int c;

	getrusage(RUSAGE_SELF, &usage);
	printf("%d: %s; %ld minor faults\n", (int)getpid(), what, usage.ru_minflt);
	fflush(stdout);
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

/* Ends the program if OK is false. */
static inline void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}
