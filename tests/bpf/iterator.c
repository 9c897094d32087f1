/* The task iterator against /proc/PID/status and stat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/collectors/events/tasks.h"
#include "../tap.h"

static char *read_file(pid_t pid, const char *name)
{
	char path[64], *text = calloc(1, 16384);
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "r");
	if (file && text)
		text[fread(text, 1, 16383, file)] = '\0';
	if (file)
		fclose(file);
	return text;
}

/* The number behind KEY at the start of a line of status, in bytes; UINT64_MAX without one. */
static uint64_t status_kb(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at ? strtoull(at + strlen(key), NULL, 10) * 1024 : UINT64_MAX;
}

static uint64_t status_number(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

/* Field N of stat, from 3: those behind the last parenthesis. */
static uint64_t stat_field(const char *stat, int n)
{
	const char *at = strrchr(stat, ')');

	for (int i = 2; at && i < n; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : UINT64_MAX;
}

static volatile int idle;

static void *idle_thread(void *arg)
{
	volatile char *memory = arg;

	for (int i = 0; i < 50; i++)
		memory[i * 4096] = 1;
	idle = 1;
	for (;;)
		pause();
	return NULL;
}

static void *short_thread(void *arg)
{
	volatile char *memory = arg;

	for (int i = 0; i < 30; i++)
		memory[i * 4096] = 1;
	return NULL;
}

/* A process with memory of every kind, two threads and one that ended, which then keeps still. */
static void quiet(int ready)
{
	size_t size = 4 << 20;
	char *anon = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shmem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_t lasting, ended;

	prctl(PR_SET_NAME, "mml quiet (x) y");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(anon, 1, size / 2);
	memset(shmem, 1, size / 4);
	syscall(SYS_mlock, anon, 65536); /* mlock(3) does nothing under AddressSanitizer */
	pthread_create(&lasting, NULL, idle_thread, anon + size / 2);
	pthread_create(&ended, NULL, short_thread, anon + size / 2 + (1 << 20));
	pthread_join(ended, NULL);
	while (!idle)
		usleep(1000);
	(void)!write(ready, "x", 1);
	for (;;)
		pause();
}

static pid_t start_quiet(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid)
		quiet(ready[1]);
	if (pid > 0)
		(void)!read(ready[0], &byte, 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* What the kernel's files say of a process at one time. */
struct files {
	char *status, *stat, *comm, *adj;
};

static struct files files_of(pid_t pid)
{
	return (struct files){ read_file(pid, "status"), read_file(pid, "stat"),
			       read_file(pid, "comm"), read_file(pid, "oom_score_adj") };
}

static void files_free(struct files *files)
{
	free(files->status);
	free(files->stat);
	free(files->comm);
	free(files->adj);
}

/* The list, and PID's files that said the same before and after it was read: its threads, and what
 * the kernel does for it, may take a while to come to rest. */
static int read_at_rest(struct mml_tasks *tasks, pid_t pid, struct files *ret_files,
			struct mml_task_counters **ret, size_t *ret_count)
{
	for (int tries = 0;; tries++) {
		struct files before = files_of(pid);
		int rc = mml_tasks_read(tasks, ret, ret_count);
		bool same;

		*ret_files = files_of(pid);
		same = !strcmp(before.status, ret_files->status) &&
		       !strcmp(before.stat, ret_files->stat);
		files_free(&before);
		if (rc || same || tries == 600)
			return rc;
		files_free(ret_files);
		free(*ret);
		usleep(50000);
	}
}

static const struct mml_task_counters *find(const struct mml_task_counters *list, size_t n,
					    pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].pid == pid)
			return &list[i];
	return NULL;
}

/* From 6.2 to 6.11 the files themselves leave the CPUs' parts out; then they may lag behind. */
static bool files_are_exact(void)
{
	char *release = read_file(0, "../sys/kernel/osrelease");
	int major = 0, minor = 0;

	sscanf(release, "%d.%d", &major, &minor);
	free(release);
	return major < 6 || (major == 6 && (minor < 2 || minor > 14));
}

#define same_size(got, key)                                                             \
	do {                                                                            \
		uint64_t want_kb = status_kb(status, key), gap;                         \
		gap = (got) > want_kb ? (got) - want_kb : want_kb - (got);              \
		if (!tap_ok(gap <= tolerance, "%s agrees with status", (key) + 1))            \
			printf("#      got: %" PRIu64 "\n# expected: %" PRIu64 "\n",    \
			       (uint64_t)(got), want_kb);                               \
	} while (0)

static void compare_memory(const struct mml_task_counters *t, const char *status)
{
	/* A CPU's part is less than 64 pages, or twice the number of CPUs. */
	long cpus = sysconf(_SC_NPROCESSORS_CONF), batch = cpus * 2 > 32 ? cpus * 2 : 32;
	uint64_t tolerance = files_are_exact() ? 0 : (uint64_t)(batch * cpus) * 4096;

	same_size(t->rss_anon, "\nRssAnon:");
	same_size(t->rss_file, "\nRssFile:");
	same_size(t->rss_shmem, "\nRssShmem:");
	same_size(t->rss, "\nVmRSS:");
	same_size(t->rss_peak, "\nVmHWM:");
	tolerance = 0;
	same_size(t->swap, "\nVmSwap:");
	same_size(t->vsize, "\nVmSize:");
	same_size(t->vsize_peak, "\nVmPeak:");
	same_size(t->locked, "\nVmLck:");
	same_size(t->pinned, "\nVmPin:");
	same_size(t->data, "\nVmData:");
	same_size(t->stack, "\nVmStk:");
	same_size(t->text, "\nVmExe:");
	same_size(t->library, "\nVmLib:");
	same_size(t->page_tables, "\nVmPTE:");
	if (strstr(status, "\nHugetlbPages:"))
		same_size(t->hugetlb, "\nHugetlbPages:");
	ok(t->rss_anon >= 2 << 20 && t->rss_shmem >= 1 << 20 && t->locked == 65536);
}

static void compare(const struct mml_task_counters *t, const struct files *files)
{
	const char *status = files->status, *stat = files->stat;

	files->comm[strcspn(files->comm, "\n")] = '\0';
	compare_memory(t, status);
	is_u64(t->min_faults, stat_field(stat, 10));
	is_u64(t->maj_faults, stat_field(stat, 12));
	is_u64(t->start_ticks, stat_field(stat, 22));
	is_u64(t->threads, stat_field(stat, 20));
	is_u64((uint64_t)t->ppid, status_number(status, "\nPPid:"));
	is_u64(t->uid, status_number(status, "\nUid:"));
	is_i64(t->oom_score_adj, strtol(files->adj, NULL, 10));
	is_str(t->comm, files->comm);
	ok(t->state == strrchr(stat, ')')[2]);
	ok(t->has_mm && !t->kthread);
}

/* What the list says of everybody, against /proc: what is wrong, and how many kernel threads. */
static size_t wrong_in(const struct mml_task_counters *list, size_t n, size_t *ret_kthreads)
{
	size_t wrong = 0;

	*ret_kthreads = 0;
	for (size_t i = 0; i < n; i++) {
		char *stat = read_file(list[i].pid, "stat"), *status = read_file(list[i].pid, "status");
		const char *state = strrchr(stat, ')');

		if (state && status[0]) {
			/* Running and sleeping change as one looks; the others do not. */
			wrong += !strchr("RSDI", list[i].state) && list[i].state != state[2];
			wrong += list[i].has_mm != !!strstr(status, "\nVmRSS:") &&
				 list[i].state != 'Z' && state[2] != 'Z';
			*ret_kthreads += list[i].kthread;
		}
		free(stat);
		free(status);
	}
	return wrong;
}

/* A process may start or end between the two looks: one of many has to agree. */
static void compare_all(struct mml_tasks *tasks)
{
	size_t n, kthreads = 0, wrong = 1, unsorted = 0;
	struct mml_task_counters *list;
	char *comm;

	for (int tries = 0; wrong && tries < 100; tries++) {
		if (mml_tasks_read(tasks, &list, &n))
			break;
		wrong = wrong_in(list, n, &kthreads);
		for (size_t i = 1; i < n; i++)
			unsorted += list[i - 1].pid >= list[i].pid;
		free(list);
	}
	is_u64(unsorted, 0);
	is_u64(wrong, 0);
	/* In a container of its own there are none to be seen. */
	comm = read_file(2, "comm");
	ok(kthreads > 0 || strcmp(comm, "kthreadd\n"));
	free(comm);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_absence why;
	struct mml_tasks *tasks = mml_tasks_open(arena, &why);
	struct mml_task_counters *list;
	const struct mml_task_counters *t;
	struct files files;
	pid_t pid, zombie;
	size_t n;

	if (!tasks) {
		tap_skip("%s%s%s", why.reason, why.needs ? "; needs " : "",
			 why.needs ? why.needs : "");
		return tap_done();
	}
	pid = start_quiet();
	zombie = fork();
	if (!zombie)
		_exit(0);
	waitid(P_PID, (id_t)zombie, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	if (ok(!read_at_rest(tasks, pid, &files, &list, &n))) {
		t = find(list, n, pid);
		if (ok(t != NULL))
			compare(t, &files);
		t = find(list, n, zombie);
		ok(t && t->state == 'Z' && !t->has_mm);
		free(list);
		compare_all(tasks);
	}
	files_free(&files);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	waitpid(zombie, NULL, 0);
	ok(!mml_tasks_read(tasks, &list, &n) && !find(list, n, pid) && !find(list, n, zombie));
	free(list);
	mml_tasks_close(tasks);
	mml_arena_free(arena);
	return tap_done();
}
