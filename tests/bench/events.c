/*
 * What the BPF programs cost: the kernel's own accounting of our fault program and of bpftrace's
 * one-liner in the same run, loading, and reading every process's counters against ps. `events storm
 * SECONDS` does nothing but look on at a storm, and fails when anything was lost. `events reclaim FILE` reads
 * the file over and over, with and without being watched.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "../../src/bpf/bpf.h"
#include "../bpf/sums.h"

extern const struct mml_module_bpf mml_module_bpf;
extern char **environ;

enum { PROCESSES = 3000, CROWD = 9500, RUNS = 11 };

static pid_t sleepers[CROWD];

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* What this process took of the CPUs, which does not depend on who else runs. */
static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare_doubles(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

static struct mml_bpf_session *start(enum mml_trace_kind kind, const pid_t *pid, bool soft)
{
	struct mml_bpf_options options = { .pids = pid, .npids = !!pid, .soft_events = soft };
	struct mml_bpf_session *session = NULL;
	struct mml_bpf_failure failure;

	if (mml_module_bpf.start(kind, &options, &failure, &session))
		printf("events: SKIP %s; needs %s\n", failure.reason, failure.needs);
	return session;
}

/* A process that faults as fast as it can until it is killed. */
static pid_t start_storm(void)
{
	size_t size = 64 << 20;
	pid_t pid = fork();
	char *p;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(p, size, MADV_NOHUGEPAGE);
	for (;;) {
		for (size_t i = 0; i < size; i += 4096)
			p[i] = 1;
		madvise(p, size, MADV_DONTNEED);
	}
}

/* Processes that fault a few times, which fork makes them do, and then sleep. */
static void start_sleepers(int n)
{
	for (int i = 0; i < n; i++) {
		sleepers[i] = fork();
		if (!sleepers[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
	}
}

static void end(pid_t pid)
{
	if (pid > 0 && !kill(pid, SIGKILL))
		waitpid(pid, NULL, 0);
}

static void end_sleepers(int n)
{
	for (int i = 0; i < n; i++)
		end(sleepers[i]);
}

struct cost {
	uint64_t runs, ns;
};

/* All programs called NAME, of TYPE; the newest by far the most used. */
static struct cost cost_of(const char *name, uint32_t type)
{
	struct cost cost = { 0, 0 };
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { 0 };
		uint32_t length = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && info.type == type &&
		    !strncmp(info.name, name, sizeof(info.name) - 1) && info.run_cnt > cost.runs)
			cost = (struct cost){ info.run_cnt, info.run_time_ns };
		if (fd >= 0)
			close(fd);
	}
	return cost;
}

static double ns_each(struct cost cost)
{
	return cost.runs ? (double)cost.ns / (double)cost.runs : 0;
}

/* bpftrace wants tracefs, which is mounted where only it sees it. */
static pid_t start_bpftrace(void)
{
	pid_t pid = fork();
	int fd;

	if (pid) {
		sleep(3);
		return waitpid(pid, NULL, WNOHANG) ? 0 : pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open("/dev/null", O_WRONLY);
	dup2(fd, 1);
	dup2(fd, 2);
	if (!unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	}
	execlp("bpftrace", "bpftrace", "-e",
	       "tracepoint:exceptions:page_fault_user { @[pid] = count(); }", NULL);
	_exit(127);
}

/* The cost an event of the program called NAME has, while a storm blows for SECONDS. */
static double look_on(enum mml_trace_kind kind, bool watch_it, bool soft, const char *name,
		      uint32_t type, unsigned seconds, struct cost *ret_other)
{
	pid_t storm = start_storm(), self = getpid();
	struct mml_bpf_session *session =
		start(kind, kind != MML_TRACE_REGIONS ? NULL : watch_it ? &storm : &self, soft);
	double ns = 0;

	if (session) {
		sleep(seconds);
		ns = ns_each(cost_of(name, type));
		if (ret_other)
			*ret_other = cost_of("page_fault_user", BPF_PROG_TYPE_TRACEPOINT);
	}
	mml_module_bpf.stop(session);
	end(storm);
	return ns;
}

static void event_costs(void)
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	struct cost other = { 0, 0 };
	pid_t bpftrace;
	double ours;

	if (stats < 0) {
		printf("events: SKIP the kernel does not account for BPF programs\n");
		return;
	}
	bpftrace = start_bpftrace();
	ours = look_on(MML_TRACE_FAULTS, false, false, "faults_user", BPF_PROG_TYPE_TRACING, 4,
		       &other);
	printf("faults: %.1f ns an event", ours);
	if (bpftrace && other.runs)
		printf(", %.2f of bpftrace's %.1f ns", ours / ns_each(other), ns_each(other));
	printf("\n");
	if (bpftrace)
		end(bpftrace);
	printf("faults --by vma: %.1f ns an event of the watched process",
	       look_on(MML_TRACE_REGIONS, true, false, "faults_address_user",
		       BPF_PROG_TYPE_TRACING, 3, NULL));
	printf(", %.1f ns of another one's\n",
	       look_on(MML_TRACE_REGIONS, false, false, "faults_address_user",
		       BPF_PROG_TYPE_TRACING, 3, NULL));
	printf("swapping: %.1f ns an event of a load that only faults (rss_stat)\n",
	       look_on(MML_TRACE_SWAPPING, false, false, "swapping_rss", BPF_PROG_TYPE_TRACING, 3,
		       NULL));
	printf("lru: %.1f ns an insertion\n",
	       look_on(MML_TRACE_LRU, false, false, "lru_insertion", BPF_PROG_TYPE_TRACING, 3, NULL));
	printf("faults by software events: %.1f ns an event, without perf's own\n",
	       look_on(MML_TRACE_FAULTS, false, true, "faults_soft_minor_user",
		       BPF_PROG_TYPE_PERF_EVENT, 3, NULL));
	close(stats);
}

static void load_times(void)
{
	static const struct {
		enum mml_trace_kind kind;
		const char *name;
	} kinds[] = { { MML_TRACE_TASKS, "task iterator" },
		      { MML_TRACE_FAULTS, "faults" },
		      { MML_TRACE_TLB, "tlb" } };
	double times[RUNS], cpu[RUNS];

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		for (int i = 0; i < RUNS; i++) {
			double begun = now_ms(), cpu_begun = cpu_ms();
			struct mml_bpf_session *session = start(kinds[k].kind, NULL, false);

			if (!session)
				return;
			times[i] = now_ms() - begun;
			cpu[i] = cpu_ms() - cpu_begun;
			mml_module_bpf.stop(session);
		}
		printf("%s: loaded and attached in %.1f ms, %.1f ms of them on a CPU\n",
		       kinds[k].name, median(times, RUNS), median(cpu, RUNS));
	}
}

/* A whole process, its output thrown away; 0 where it fails. */
static double time_command(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	double begun = now_ms();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		return 0;
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status ? 0 : now_ms() - begun;
}

static double time_ps(void)
{
	char *const argv[] = { (char *)"ps", (char *)"-eo", (char *)"pid,rss,min_flt,maj_flt,comm",
			       NULL };

	return time_command(argv);
}

static double time_mmlens(void)
{
	const char *dir = getenv("top_builddir");
	char path[4096];
	char *const argv[] = { path, (char *)"processes", (char *)"-o",
			       (char *)"pid,rss,min_faults,maj_faults,comm", NULL };

	snprintf(path, sizeof(path), "%s/mmlens", dir ? dir : ".");
	return time_command(argv);
}

/* The reading, and the making of plain counters, in turn with ps. */
static void iterator(void)
{
	struct mml_bpf_session *session = start(MML_TRACE_TASKS, NULL, false);
	double ps[RUNS], ours[RUNS], ratios[RUNS], table[RUNS], table_ratios[RUNS];
	size_t n = 0;

	if (!session)
		return;
	start_sleepers(PROCESSES);
	for (int i = 0; i < RUNS; i++) {
		struct mml_task_counters *tasks;
		struct mml_buf bytes = { 0 };
		double begun = now_ms();

		if (mml_module_bpf.read(session, &bytes) ||
		    mml_trace_tasks(bytes.data, bytes.len, &tasks, &n))
			break;
		ours[i] = now_ms() - begun;
		free(tasks);
		mml_buf_free(&bytes);
		ps[i] = time_ps();
		ratios[i] = ps[i] / ours[i];
		table[i] = time_mmlens();
		table_ratios[i] = table[i] > 0 ? ps[i] / table[i] : 0;
	}
	printf("task iterator: %zu processes read in %.2f ms", n, median(ours, RUNS));
	if (median(ps, RUNS) > 0)
		printf(", ps takes %.0f ms, %.0f times that", median(ps, RUNS),
		       median(ratios, RUNS));
	printf("\nprocesses: the same columns as a whole process in %.0f ms, ps takes %.1f times that\n",
	       median(table, RUNS), median(table_ratios, RUNS));
	end_sleepers(PROCESSES);
	mml_module_bpf.stop(session);
}

static long resident_kb(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

struct seen {
	uint64_t faults, dropped, sleepers;
};

static bool see(struct mml_bpf_session *session, const pid_t storms[2], struct seen *ret)
{
	struct mml_trace_head head = { 0 };
	struct mml_buf bytes = { 0 };
	struct mml_fault_sum *sums;
	size_t n;
	bool good = !mml_module_bpf.read(session, &bytes) &&
		    !mml_trace_faults(bytes.data, bytes.len, &head, &sums, &n);

	*ret = (struct seen){ .dropped = head.dropped };
	for (size_t i = 0; good && i < n; i++) {
		if (sums[i].owner.pid == storms[0] || sums[i].owner.pid == storms[1])
			ret->faults += sums[i].counts.user;
		ret->sleepers += !sums[i].owner.dead && !strcmp(sums[i].owner.comm, "mml-sleeper");
	}
	if (good)
		free(sums);
	mml_buf_free(&bytes);
	return good;
}

/* A storm for SECONDS among a crowd, looked on as the screen does: read every second. The first
 * readings are for the memory that is then used again and again. */
static int endurance(unsigned seconds)
{
	struct mml_bpf_session *session = start(MML_TRACE_FAULTS, NULL, false);
	pid_t storms[2] = { start_storm(), start_storm() };
	struct seen seen = { 0 };
	uint64_t lost = 0;
	long early = 0, grown;

	if (!session)
		return 0;
	prctl(PR_SET_NAME, "mml-sleeper");
	start_sleepers(CROWD);
	prctl(PR_SET_NAME, "events");
	for (unsigned i = 0; i < seconds; i++) {
		sleep(1);
		if (!see(session, storms, &seen))
			lost = CROWD;
		else if (CROWD - seen.sleepers > lost)
			lost = CROWD - seen.sleepers;
		early = i == 2 ? resident_kb() : early;
	}
	grown = resident_kb() - early;
	printf("a storm of %u s among %d processes: %" PRIu64 " faults a second, %" PRIu64
	       " dropped, %" PRIu64 " processes lost, the reader grew by %ld KiB\n",
	       seconds, CROWD, seen.faults / seconds, seen.dropped, lost, grown);
	mml_module_bpf.stop(session);
	end(storms[0]);
	end(storms[1]);
	end_sleepers(CROWD);
	return lost || seen.dropped || grown > 1024;
}

/* How many MiB a process reads in a group that has room for a quarter of the file, while KIND is watched, or
 * MML_TRACE_TASKS: while nothing is. The group is made by events.sh. */
static double reclaim_storm(enum mml_trace_kind kind, const char *file)
{
	struct mml_bpf_session *session =
		kind == MML_TRACE_TASKS ? NULL : start(kind, NULL, false);
	static char part[1 << 20];
	double begun = now_ms();
	uint64_t read_bytes = 0;
	ssize_t n;
	int fd;

	while (now_ms() - begun < 1000) {
		fd = open(file, O_RDONLY);
		if (fd < 0)
			break;
		while ((n = read(fd, part, sizeof(part))) > 0)
			read_bytes += (uint64_t)n;
		close(fd);
	}
	begun = now_ms() - begun;
	mml_module_bpf.stop(session);
	return (double)read_bytes / 1048576 / begun * 1e3;
}

/* In turn, so that what else the machine does meets both. */
static int reclaim_costs(const char *file)
{
	static const struct {
		enum mml_trace_kind kind;
		const char *name;
	} kinds[] = { { MML_TRACE_RECLAIM, "reclaim" },
		      { MML_TRACE_SWAPPING, "swapping" },
		      { MML_TRACE_LRU, "lru" } };

	int fd = open(file, O_RDONLY);

	/* Whoever wrote it has its pages; they are to be ours, and more than the limit. */
	if (fd < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		return 1;
	close(fd);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		double ratios[RUNS], speed[RUNS];

		for (int i = 0; i < RUNS; i++) {
			double with = reclaim_storm(kinds[k].kind, file);

			speed[i] = reclaim_storm(MML_TRACE_TASKS, file);
			ratios[i] = speed[i] > 0 ? with / speed[i] : 0;
		}
		printf("a reclaim storm of %.0f MiB/s, watched by %s: %.3f of that\n",
		       median(speed, RUNS), kinds[k].name, median(ratios, RUNS));
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool storm = argc > 2 && !strcmp(argv[1], "storm");
	unsigned seconds = storm ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
	struct mml_bpf_failure failure;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mml_module_bpf.probe(MML_TRACE_FAULTS, &failure)) {
		printf("events: SKIP %s; needs %s\n", failure.reason, failure.needs);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "reclaim"))
		return reclaim_costs(argv[2]);
	if (!storm) {
		event_costs();
		load_times();
		iterator();
	}
	return endurance(seconds > 3 ? seconds : 4);
}
