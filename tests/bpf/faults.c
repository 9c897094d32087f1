/* Known numbers of page faults, of all kinds of processes, against what the programs count. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/stat.h>
#include <sys/syscall.h>

#include "work.h"

/* The sum for PID, all zero when there is none. */
static struct mml_fault_sum faults_of(struct mml_bpf_session *session, pid_t pid,
				      struct mml_trace_head *ret_head)
{
	struct mml_fault_sum *sums, ret = { 0 };
	struct mml_buf bytes = { 0 };
	size_t n;

	if (!mml_module_bpf.read(session, &bytes) &&
	    !mml_trace_faults(bytes.data, bytes.len, ret_head, &sums, &n)) {
		for (size_t i = 0; i < n; i++)
			if (sums[i].owner.pid == pid)
				ret = sums[i];
		free(sums);
	}
	mml_buf_free(&bytes);
	return ret;
}

/* What a workload does while it is looked on, still running and then ended. */
static bool look_on(void (*work)(void), const char *name, bool ended, bool soft,
		    struct mml_fault_sum *ret)
{
	struct mml_bpf_session *session = start(MML_TRACE_FAULTS, soft, NULL);
	struct mml_trace_head head = { 0 };
	struct mml_fault_sum sum;
	struct worker w;

	if (!session)
		return false;
	w = worker_start(work, name);
	worker_work(&w);
	if (ended)
		worker_end(&w);
	sum = faults_of(session, w.pid, &head);
	if (!ended)
		worker_end(&w);
	mml_module_bpf.stop(session);
	ok(hardly_any(head.dropped));
	ok(sum.owner.pid == w.pid && sum.owner.dead == ended);
	is_str(sum.owner.comm, name);
	ok(!(head.flags & MML_TRACE_SOFT_EVENTS) == !soft);
	*ret = sum;
	return true;
}

static void touch_fresh(void)
{
	touch(map(PAGES * PAGE), PAGES * PAGE);
}

static void fresh_pages(bool ended)
{
	struct mml_fault_sum sum;

	if (!look_on(touch_fresh, "mml-fresh", ended, false, &sum))
		return;
	ok(about(sum.counts.user, PAGES));
	ok(about(sum.counts.write, PAGES));
	ok(about(sum.counts.minor, PAGES));
	ok(sum.counts.protection < SLACK && sum.counts.instruction < SLACK);
}

/* The kernel maps what surrounds a page of a file, by windows of 64 KiB: one fault for each. */
static void read_file(void)
{
	enum { WINDOW = 64 << 10, WINDOWS = 1000 };
	char name[] = "/tmp/mml-events-XXXXXX";
	static char block[WINDOW];
	volatile char *p;
	int fd = mkstemp(name);

	unlink(name);
	for (int i = 0; i < WINDOWS; i++)
		if (write(fd, block, WINDOW) != WINDOW)
			_exit(1);
	p = mmap(NULL, (size_t)WINDOW * WINDOWS, PROT_READ, MAP_PRIVATE, fd, 0);
	madvise((void *)p, (size_t)WINDOW * WINDOWS, MADV_NOHUGEPAGE);
	for (int i = 0; i < WINDOWS; i++)
		(void)p[(size_t)i * WINDOW];
}

static void file_pages(void)
{
	struct mml_fault_sum sum;

	if (!look_on(read_file, "mml-file", false, false, &sum))
		return;
	/* Filesystems with large folios may map more at once, never less. */
	ok(sum.counts.user - sum.counts.write > 10 && sum.counts.user <= 1000 + SLACK);
	ok(sum.counts.write < SLACK);
}

static char *shared_with_child;

static void write_shared(void)
{
	touch(shared_with_child, PAGES * PAGE);
}

static void copy_on_write(void)
{
	struct mml_fault_sum sum;
	bool looked;

	shared_with_child = map(PAGES * PAGE);
	touch(shared_with_child, PAGES * PAGE);
	looked = look_on(write_shared, "mml-cow", true, false, &sum);
	munmap(shared_with_child, PAGES * PAGE);
	if (!looked)
		return;
	ok(about(sum.counts.protection, PAGES));
	ok(about(sum.counts.write, PAGES));
}

static void read_zeroes(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *p = map(PAGES * PAGE);

	if (read(fd, p, PAGES * PAGE) != PAGES * PAGE)
		_exit(1);
}

static void kernel_faults(void)
{
	struct mml_fault_sum sum;

	if (!look_on(read_zeroes, "mml-kernel", true, false, &sum))
		return;
	ok(about(sum.counts.kernel, PAGES));
	ok(sum.counts.user < SLACK);
}

static void *touch_in_thread(void *arg)
{
	touch(arg, PAGES / 4 * PAGE);
	return NULL;
}

static void touch_in_threads(void)
{
	pthread_t threads[4];
	struct stat task;
	char *p = map(PAGES * PAGE);

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, touch_in_thread, p + i * (PAGES / 4) * PAGE);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	/* Joined is not yet ended: a directory has a link for each subdirectory. */
	while (!stat("/proc/self/task", &task) && task.st_nlink > 3)
		usleep(1000);
}

static volatile int touched;

static void *touch_and_stay(void *arg)
{
	touch(arg, PAGES / 2 * PAGE);
	touched = 1;
	for (;;)
		pause();
	return NULL;
}

static void touch_in_lasting_thread(void)
{
	pthread_t thread;
	char *p = map(PAGES * PAGE);

	pthread_create(&thread, NULL, touch_and_stay, p);
	touch(p + PAGES / 2 * PAGE, PAGES / 2 * PAGE);
	while (!touched)
		usleep(1000);
}

/* Threads that ended, that last, and that end together with the process are one row's. */
static void threads(void)
{
	static const struct {
		void (*work)(void);
		const char *name;
	} kinds[] = { { touch_in_threads, "mml-threads" },
		      { touch_in_lasting_thread, "mml-lasting" } };
	struct mml_fault_sum sum;

	for (int i = 0; i < 4; i++) {
		bool ended = i % 2;

		if (!look_on(kinds[i / 2].work, kinds[i / 2].name, ended, false, &sum))
			return;
		ok(about(sum.counts.user, PAGES));
		ok(about(sum.counts.minor, PAGES));
	}
}

static void exec(void)
{
	struct mml_bpf_session *session = start(MML_TRACE_FAULTS, false, NULL);
	struct mml_trace_head head = { 0 };
	struct mml_fault_sum sum;
	pid_t pid;

	if (!session)
		return;
	pid = fork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	sum = faults_of(session, pid, &head);
	mml_module_bpf.stop(session);
	is_str(sum.owner.comm, "true");
	ok(sum.counts.instruction > 0 && sum.counts.instruction < SLACK);
	ok(sum.counts.user > 0 && sum.owner.dead);
}

static void populate(void)
{
	const size_t size = 5000 * PAGE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(p, size, MADV_NOHUGEPAGE);
	/* The sanitizers' mlock() does nothing and says that it did. */
	syscall(SYS_mlock, p, size);
}

static int ready[2], again[2];

/* Whatever takes an exception has taken it the first time. */
static void populate_again(void)
{
	char byte;

	populate();
	(void)!write(ready[1], "x", 1);
	(void)!read(again[0], &byte, 1);
	populate();
}

/* A process faults on 5,000 pages without an exception: one that was there before, and one that is
 * new. */
static void without_exceptions(bool before)
{
	struct worker w = { -1, -1, -1 };
	struct mml_trace_head head = { 0 };
	struct mml_bpf_session *session = NULL;
	struct mml_fault_sum sum;
	char byte;

	if (pipe(ready) || pipe(again))
		return;
	if (!before)
		session = start(MML_TRACE_FAULTS, false, NULL);
	w = worker_start(populate_again, "mml-populate");
	(void)!write(w.go, "x", 1);
	(void)!read(ready[0], &byte, 1);
	if (before)
		session = start(MML_TRACE_FAULTS, false, NULL);
	(void)!write(again[1], "x", 1);
	(void)!read(w.done, &byte, 1);
	if (session) {
		sum = faults_of(session, w.pid, &head);
		ok(about(sum.counts.minor, before ? 5000 : 10000));
		ok(sum.counts.user < SLACK);
		mml_module_bpf.stop(session);
	}
	worker_end(&w);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(again[i]);
	}
}

/* What a process faulted on before the watch is not counted, whether it goes on or not. */
static void from_before(bool ended)
{
	struct worker w = worker_start(touch_fresh, "mml-before");
	struct mml_trace_head head = { 0 };
	struct mml_bpf_session *session;
	struct mml_fault_sum sum;

	worker_work(&w);
	session = start(MML_TRACE_FAULTS, false, NULL);
	if (ended)
		worker_end(&w);
	if (session) {
		sum = faults_of(session, w.pid, &head);
		ok(sum.counts.minor < SLACK && sum.counts.user < SLACK);
		mml_module_bpf.stop(session);
	}
	if (!ended)
		worker_end(&w);
}

/* As where there are no tracepoints: no error codes, but minor and major by event. */
static void soft_events(void)
{
	struct mml_fault_sum sum;

	if (!look_on(touch_fresh, "mml-soft", true, true, &sum))
		return;
	ok(about(sum.counts.minor, PAGES));
	ok(about(sum.counts.user, PAGES));
	is_u64(sum.counts.user + sum.counts.kernel, sum.counts.minor + sum.counts.major);
	is_u64(sum.counts.write, 0);
	if (look_on(read_zeroes, "mml-soft", false, true, &sum))
		ok(about(sum.counts.kernel, PAGES));
}

/* How many children called NAME ended, the LAST one among them or not; false: no telling. */
static bool ended_in(struct mml_bpf_session *session, const char *name, pid_t last,
		     struct mml_trace_head *ret_head, uint64_t *ret_ended, bool *ret_last)
{
	struct mml_buf bytes = { 0 };
	struct mml_fault_sum *sums = NULL;
	bool good;
	size_t n;

	*ret_ended = *ret_last = 0;
	good = !mml_module_bpf.read(session, &bytes) &&
	       !mml_trace_faults(bytes.data, bytes.len, ret_head, &sums, &n);
	for (size_t i = 0; good && i < n; i++) {
		if (!sums[i].owner.dead || strcmp(sums[i].owner.comm, name))
			continue;
		++*ret_ended;
		*ret_last |= sums[i].owner.pid == last;
	}
	if (good)
		free(sums);
	mml_buf_free(&bytes);
	return good;
}

/* Thousands that come and go: not one is lost. */
static void many_processes(int many)
{
	struct mml_trace_head head = { 0 };
	uint64_t ended = 0;
	bool last = false;
	char name[16];
	pid_t pid = 0;

	/* A name that nobody else's processes have. */
	snprintf(name, sizeof(name), "mml-%d", (int)getpid());
	prctl(PR_SET_NAME, name);
	/* Other people's processes die too: when they have filled the map, it is no test of ours. */
	for (int tries = 0; tries < 10 && (!tries || head.dead >= MML_FAULT_DEAD_MAX); tries++) {
		struct mml_bpf_session *session = start(MML_TRACE_FAULTS, false, NULL);

		if (!session)
			return;
		for (int i = 0; i < many; i++) {
			pid = fork();
			/* Its first write to the stack is a fault, whatever else it does. */
			if (!pid)
				_exit(0);
			waitpid(pid, NULL, 0);
		}
		if (!ended_in(session, name, pid, &head, &ended, &last))
			tap_ok(false, "the session can be read");
		mml_module_bpf.stop(session);
	}
	is_u64(ended, (uint64_t)many);
	ok(last);
	ok(hardly_any(head.dropped));
}

/* faults few: for emulated machines, where a fork takes ten milliseconds, as with a sanitizer. */
int main(int argc, char **argv)
{
	bool few = SANITIZED || (argc > 1 && !strcmp(argv[1], "few"));

	if (!can_look_on(MML_TRACE_FAULTS))
		return tap_done();
	fresh_pages(false);
	fresh_pages(true);
	file_pages();
	copy_on_write();
	kernel_faults();
	threads();
	exec();
	without_exceptions(true);
	without_exceptions(false);
	from_before(false);
	from_before(true);
	soft_events();
	many_processes(few ? 100 : 9500);
	return tap_done();
}
