/* Runs two commands in turn, A B A B ..., and prints what A takes of what B takes: the median of
 * the ratios pair by pair, since the speed of a shared machine drifts and the ratio does not.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct figures {
	double wall, cpu; /* seconds */
	long rss;         /* KiB */
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Words between blanks; no shell stands between the clock and the command. */
static char **split(char *command)
{
	static char *words[2][64];
	static int which;
	char **ret = words[which++ % 2];
	int n = 0;

	for (char *w = strtok(command, " "); w && n < 63; w = strtok(NULL, " "))
		ret[n++] = w;
	ret[n] = NULL;
	return ret;
}

static struct figures run(char **argv, int out)
{
	posix_spawn_file_actions_t actions;
	struct timespec a, b;
	struct rusage usage;
	int status;
	pid_t pid;

	if (ftruncate(out, 0) || lseek(out, 0, SEEK_SET))
		die("output");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		die(argv[0]);
	if (wait4(pid, &status, 0, &usage) < 0)
		die("wait4");
	clock_gettime(CLOCK_MONOTONIC, &b);
	posix_spawn_file_actions_destroy(&actions);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "%s failed\n", argv[0]);
		exit(1);
	}
	return (struct figures){
		.wall = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9,
		.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
		.rss = usage.ru_maxrss,
	};
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), order);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	double wall[2][1000], cpu[2][1000], ratio[1000], cpu_ratio[1000];
	char name[] = "/tmp/mmlens-bench.XXXXXX";
	char **commands[2];
	long rss = 0;
	int out, runs;

	if (argc != 6 || (runs = atoi(argv[1])) < 1 || runs > 1000) {
		fprintf(stderr, "usage: ratio RUNS AT-MOST LABEL 'COMMAND A' 'COMMAND B'\n");
		return 2;
	}
	printf("%s\n    A: %s\n    B: %s\n", argv[3], argv[4], argv[5]);
	fflush(stdout);
	commands[0] = split(argv[4]);
	commands[1] = split(argv[5]);
	out = mkstemp(name);
	if (out < 0)
		die(name);
	unlink(name);
	for (int i = -1; i < runs; i++) { /* the first pair only warms up */
		struct figures a = run(commands[0], out), b = run(commands[1], out);

		if (i < 0)
			continue;
		wall[0][i] = a.wall;
		wall[1][i] = b.wall;
		cpu[0][i] = a.cpu;
		cpu[1][i] = b.cpu;
		ratio[i] = a.wall / b.wall;
		cpu_ratio[i] = b.cpu > 0 ? a.cpu / b.cpu : 0;
		rss = a.rss > rss ? a.rss : rss;
	}
	double r = median(ratio, runs);

	printf("    wall %.3f ms / %.3f ms = %.2f (at most %s: %s); cpu %.3f / %.3f = %.2f; "
	       "A's peak RSS %.1f MiB; %d pairs\n",
	       median(wall[0], runs) * 1e3, median(wall[1], runs) * 1e3, r, argv[2],
	       r <= atof(argv[2]) ? "yes" : "NO", median(cpu[0], runs) * 1e3,
	       median(cpu[1], runs) * 1e3, median(cpu_ratio, runs), (double)rss / 1024, runs);
	return 0;
}
