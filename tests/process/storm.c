/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes come and go, and their numbers are used again at once, while the table is read: no row
 * is made of two of them. Each has a name that tells how much shared memory it has mapped. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../src/collectors/process/process.h"
#include "../../src/core/sampler.h"
#include "../../src/source/source.h"
#include "../tap.h"

enum { ALIVE = 24, MOST_PAGES = 64, SECONDS = 3 };

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void live_shortly(unsigned seed)
{
	long page = sysconf(_SC_PAGESIZE);
	int pages = rand_r(&seed) % MOST_PAGES + 1;
	char name[16], *p = mmap(NULL, (size_t)(pages * page), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	for (int i = 0; i < pages; i++)
		p[i * page] = 1;
	snprintf(name, sizeof(name), "storm %d", pages);
	prctl(PR_SET_NAME, name);
	usleep(rand_r(&seed) % 20000);
	_exit(0);
}

/* Fork and wait until told to stop; how often goes to the pipe. In a pid namespace of its own it
 * has the kernel begin anew with the numbers each time, so that those of the dead are taken at
 * once. */
static void storm(int out, int numbers)
{
	uint64_t forks = 0;
	int alive = 0;
	double end = now() + SECONDS;

	while (now() < end) {
		pid_t pid;

		if (numbers >= 0)
			(void)!pwrite(numbers, "1000", 4, 0);
		pid = fork();
		if (!pid)
			live_shortly((unsigned)forks);
		if (pid > 0) {
			forks++;
			alive++;
		}
		while (alive && waitpid(-1, NULL, alive < ALIVE ? WNOHANG : 0) > 0)
			alive--;
	}
	while (wait(NULL) > 0)
		;
	(void)!write(out, &forks, sizeof(forks));
	_exit(0);
}

static unsigned checked, mixed;

static void check_rows(const struct mml_table *table)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *comm = mml_has(row, PROCESSES_comm) ? row->cell[PROCESSES_comm].str : "";
		uint64_t want;
		bool good = true;

		if (strncmp(comm, "storm ", 6) || !mml_has(row, PROCESSES_vsize))
			continue;
		want = strtoull(comm + 6, NULL, 10) * page;
		if (mml_has(row, PROCESSES_rss_shmem) && row->cell[PROCESSES_rss_shmem].u64 != want)
			good = false;
		if (mml_has(row, PROCESSES_pss_shmem) && row->cell[PROCESSES_pss_shmem].u64 != want)
			good = false;
		checked += mml_has(row, PROCESSES_rss_shmem);
		mixed += !good;
		if (!good)
			printf("# pid %" PRIu64 " %s: status says %" PRIu64 ", smaps_rollup %" PRIu64
			       "\n",
			       row->cell[PROCESSES_pid].u64, comm, row->cell[PROCESSES_rss_shmem].u64,
			       row->cell[PROCESSES_pss_shmem].u64);
	}
}

/* In a pid namespace with a procfs of its own; false: not allowed here. */
static bool own_numbers(int *ret)
{
	pid_t pid;
	int status = 99;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		return false;
	pid = fork();
	if (pid) {
		waitpid(pid, &status, 0);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		exit(99);
	*ret = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	return true;
}

/* The leak checker cannot attach to a process that made a namespace of process ids for its children;
 * tests/process/table looks for leaks of the same collector. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int main(void)
{
	const unsigned many = NEEDS_STATUS | NEEDS_ROLLUP | NEEDS_OOM | NEEDS_WHO;
	struct mml_query query = { .collector = &mml_collector_processes, .reading.cancel_fd = -1 };
	struct mml_sampler *sampler;
	struct mml_root *root = NULL;
	uint64_t forks = 0;
	int ends[2], numbers = -1, samples = 0, errors = 0;
	double end;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!own_numbers(&numbers) || numbers < 0)
		printf("# without a pid namespace numbers are not used again\n");
	if (pipe(ends) || mml_root_open(NULL, &root))
		return 99;
	sampler = mml_sampler_new(root);
	if (!fork())
		storm(ends[1], numbers);
	end = now() + SECONDS - 0.2;
	while (now() < end) {
		struct mml_snapshot *snap;

		/* With few files one of them is the anchor, with many the directory is held. */
		query.reading.needs = samples % 2 ? NEEDS_STATUS : many;
		if (mml_sampler_take(sampler, &query, 1, &snap)) {
			errors++;
			break;
		}
		errors += snap->tables[0]->error != 0;
		check_rows(snap->tables[0]);
		mml_snapshot_put(snap);
		samples++;
	}
	(void)!read(ends[0], &forks, sizeof(forks));
	printf("# %" PRIu64 " processes a second, %d samples, %u rows compared\n", forks / SECONDS,
	       samples, checked);
	is_i64(errors, 0);
	ok(forks > 0 && checked > 0);
	is_u64(mixed, 0);
	mml_sampler_free(sampler);
	mml_root_close(root);
	while (wait(NULL) > 0)
		;
	return tap_done();
}
