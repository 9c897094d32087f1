/* screen SECS AT-MOST LABEL 'COMMAND A' 'COMMAND B' [KEYS-A]: both on terminals of 24 x 80 side by side,
 * for SECS; what A takes of the CPU time B takes. SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static pid_t start(char *command, int *ret_fd)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	pid_t pid = forkpty(ret_fd, NULL, NULL, &size);
	char *words[32];
	int n = 0;

	if (pid)
		return pid;
	for (char *w = strtok(command, " "); w && n < 31; w = strtok(NULL, " "))
		words[n++] = w;
	words[n] = NULL;
	setenv("TERM", "xterm-256color", 1);
	execvp(words[0], words);
	perror(words[0]);
	_exit(127);
}

static double stop(pid_t pid, int fd)
{
	struct rusage usage;
	int status;

	(void)!write(fd, "q", 1);
	usleep(300000);
	kill(pid, SIGTERM);
	if (wait4(pid, &status, 0, &usage) < 0)
		return -1;
	close(fd);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	static char output[65536];
	double seconds = argc > 5 ? strtod(argv[1], NULL) : 0, end, a, b;
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	size_t shown[2] = { 0, 0 };
	pid_t pids[2];
	bool keyed = argc < 7;

	if (seconds <= 0) {
		fprintf(stderr, "usage: screen SECS AT-MOST LABEL 'A' 'B' [KEYS-A]\n");
		return 2;
	}
	printf("%s\n    A: %s%s%s\n    B: %s\n", argv[3], argv[4], keyed ? "" : ", keys ",
	       keyed ? "" : argv[6], argv[5]);
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		pids[i] = start(argv[4 + i], &fds[i].fd);
	for (end = now() + seconds; now() < end;) {
		poll(fds, 2, 200);
		for (int i = 0; i < 2; i++)
			if (fds[i].revents & POLLIN) {
				ssize_t n = read(fds[i].fd, output, sizeof(output));

				shown[i] += n > 0 ? (size_t)n : 0;
			} else if (fds[i].revents) {
				fds[i].fd = -1 - fds[i].fd; /* it ended: poll leaves it alone */
			}
		if (!keyed && end - now() < seconds - 2) {
			(void)!write(fds[0].fd, argv[6], strlen(argv[6]));
			keyed = true;
		}
	}
	a = stop(pids[0], fds[0].fd);
	b = stop(pids[1], fds[1].fd);
	if (shown[0] < 1000 || shown[1] < 1000) {
		fprintf(stderr, "one of them showed nothing\n");
		return 1;
	}
	printf("    cpu %.2f s / %.2f s = %.2f in %.0f s (at most %s: %s)\n", a, b, a / b, seconds,
	       argv[2], a / b <= strtod(argv[2], NULL) ? "yes" : "NO");
	return 0;
}
