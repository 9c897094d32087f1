/* crowd N COMMAND...: run COMMAND among N sleeping processes. SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	char sleep_name[] = "sleep", hour[] = "3600", *sleeper[] = { sleep_name, hour, NULL };
	long n = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	pid_t *pids = calloc((size_t)n + 1, sizeof(*pids)), pid;
	int status = 0, rc = 0;

	if (n < 1 || !pids)
		return 2;
	for (long i = 0; i < n && !rc; i++)
		rc = posix_spawnp(&pids[i], sleeper[0], NULL, NULL, sleeper, environ);
	sleep(1); /* until they all sleep */
	if (rc || posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ) ||
	    waitpid(pid, &status, 0) < 0)
		perror(argv[2]);
	for (long i = 0; i < n; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	free(pids);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
