/*
 * Known numbers of page faults and TLB flushes against what the programs count. A workload may
 * have a few faults more than asked for, of its stack, its libc and what fork shared: SLACK.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/bpf/bpf.h"
#include "../../src/collectors/trace.h"
#include "../tap.h"

extern const struct mml_module_bpf mml_module_bpf;

#ifdef __SANITIZE_ADDRESS__
/* Its shadow, an eighth of the memory, is touched as well. */
enum { SLACK = 1500, SANITIZED = true };
#else
enum { SLACK = 400, SANITIZED = false };
#endif
enum { PAGES = 4000, PAGE = 4096, REGION = 2 << 20 };

/* A child that works when told to, says when it is done, and ends when told to. */
struct worker {
	pid_t pid;
	int go, done; /* pipes' ends of ours */
};

static struct worker worker_start(void (*work)(void), const char *name)
{
	struct worker w = { -1, -1, -1 };
	int go[2], done[2];
	char byte;

	if (pipe(go) || pipe(done))
		return w;
	w = (struct worker){ fork(), go[1], done[0] };
	if (!w.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		close(go[1]);
		close(done[0]);
		(void)!read(go[0], &byte, 1);
		work();
		(void)!write(done[1], "x", 1);
		(void)!read(go[0], &byte, 1);
		_exit(0);
	}
	close(go[0]);
	close(done[1]);
	return w;
}

static void worker_work(const struct worker *w)
{
	char byte;

	(void)!write(w->go, "x", 1);
	(void)!read(w->done, &byte, 1);
}

static void worker_end(struct worker *w)
{
	close(w->go);
	close(w->done);
	waitpid(w->pid, NULL, 0);
}

static struct mml_bpf_session *start(enum mml_trace_kind kind, bool soft, const pid_t *pid)
{
	struct mml_bpf_options options = { .pids = pid, .npids = !!pid, .soft_events = soft };
	struct mml_bpf_session *session = NULL;
	struct mml_bpf_failure failure;

	if (mml_module_bpf.start(kind, &options, &failure, &session))
		tap_skip("%s; needs %s", failure.reason, failure.needs);
	return session;
}

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = 1;
}

/* A thread's first fault is lost when it interrupts another one's on that CPU, which is rare; and
 * they are counted as dropped. */
static bool hardly_any(uint64_t dropped)
{
	if (dropped <= 5)
		return true;
	printf("# dropped: %" PRIu64 "\n", dropped);
	return false;
}

static bool about(uint64_t got, uint64_t want)
{
	if (got >= want && got <= want + SLACK)
		return true;
	printf("# got: %" PRIu64 ", expected %" PRIu64 " to %" PRIu64 "\n", got, want,
	       want + SLACK);
	return false;
}

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
static struct mml_fault_sum look_on(void (*work)(void), const char *name, bool ended, bool soft)
{
	struct mml_bpf_session *session = start(MML_TRACE_FAULTS, soft, NULL);
	struct mml_fault_sum sum = { 0 };
	struct mml_trace_head head = { 0 };
	struct worker w;

	if (!session)
		return sum;
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
	return sum;
}

static void touch_fresh(void)
{
	touch(map(PAGES * PAGE), PAGES * PAGE);
}

static void fresh_pages(bool ended)
{
	struct mml_fault_sum sum = look_on(touch_fresh, "mml-fresh", ended, false);

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
	struct mml_fault_sum sum = look_on(read_file, "mml-file", false, false);

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

	shared_with_child = map(PAGES * PAGE);
	touch(shared_with_child, PAGES * PAGE);
	sum = look_on(write_shared, "mml-cow", true, false);
	munmap(shared_with_child, PAGES * PAGE);
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
	struct mml_fault_sum sum = look_on(read_zeroes, "mml-kernel", true, false);

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
	char *p = map(PAGES * PAGE);

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, touch_in_thread, p + i * (PAGES / 4) * PAGE);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	usleep(20000); /* joined is not yet ended */
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
	struct mml_fault_sum sum;

	sum = look_on(touch_in_threads, "mml-threads", false, false);
	ok(about(sum.counts.user, PAGES));
	sum = look_on(touch_in_threads, "mml-threads", true, false);
	ok(about(sum.counts.user, PAGES));
	sum = look_on(touch_in_lasting_thread, "mml-lasting", false, false);
	ok(about(sum.counts.user, PAGES));
	sum = look_on(touch_in_lasting_thread, "mml-lasting", true, false);
	ok(about(sum.counts.user, PAGES));
	ok(about(sum.counts.minor, PAGES));
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

/* As where there are no tracepoints: no error codes, but minor and major by event. */
static void soft_events(void)
{
	struct mml_fault_sum sum = look_on(touch_fresh, "mml-soft", true, true);

	ok(about(sum.counts.minor, PAGES));
	ok(about(sum.counts.user, PAGES));
	is_u64(sum.counts.user + sum.counts.kernel, sum.counts.minor + sum.counts.major);
	is_u64(sum.counts.write, 0);
	sum = look_on(read_zeroes, "mml-soft", false, true);
	ok(about(sum.counts.kernel, PAGES));
}

/* Thousands that come and go: not one is lost. */
static void many_processes(int many)
{
	struct mml_bpf_session *session = start(MML_TRACE_FAULTS, false, NULL);
	struct mml_trace_head head = { 0 };
	struct mml_buf bytes = { 0 };
	struct mml_fault_sum *sums;
	size_t n = 0, found = 0, ended = 0;
	pid_t last = 0;
	char name[16];

	if (!session)
		return;
	/* A name that nobody else's processes have. */
	snprintf(name, sizeof(name), "mml-%d", (int)getpid());
	prctl(PR_SET_NAME, name);
	for (int i = 0; i < many; i++) {
		pid_t pid = fork();

		/* Its first write to the stack is a fault, whatever else it does. */
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		last = pid;
	}
	if (ok(!mml_module_bpf.read(session, &bytes) &&
	       !mml_trace_faults(bytes.data, bytes.len, &head, &sums, &n))) {
		for (size_t i = 0; i < n; i++) {
			ended += sums[i].owner.dead && !strcmp(sums[i].owner.comm, name);
			found += sums[i].owner.pid == last;
		}
		free(sums);
	}
	is_u64(ended, (uint64_t)many);
	is_u64(found, 1);
	ok(hardly_any(head.dropped));
	mml_buf_free(&bytes);
	mml_module_bpf.stop(session);
}

/* Two mappings that meet inside 2 MiB. */
static char *neighbours;
enum { FIRST = 700, SECOND = 900 };

static void touch_neighbours(void)
{
	touch(neighbours, (FIRST + SECOND) * PAGE);
	touch(map(PAGE), PAGE);
}

static int regions_of(struct mml_bpf_session *session, pid_t pid, struct mml_trace_head *head,
		      struct mml_buf *maps, struct mml_fault_mapping **ret, size_t *ret_count)
{
	struct mml_buf bytes = { 0 };
	char path[64];
	int rc, fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY);
	while (!mml_buf_reserve(maps, 65536) && (n = read(fd, maps->data + maps->len, 65536)) > 0)
		maps->len += (size_t)n;
	close(fd);
	rc = mml_module_bpf.read(session, &bytes);
	if (!rc)
		rc = mml_trace_regions(bytes.data, bytes.len, pid,
				       (struct mml_span){ maps->data, maps->data + maps->len },
				       head, ret, ret_count);
	mml_buf_free(&bytes);
	return rc;
}

static void mappings(bool soft)
{
	struct mml_fault_mapping *list = NULL;
	struct mml_trace_head head = { 0 };
	struct mml_bpf_session *session;
	struct mml_buf maps = { 0 };
	struct worker w;
	size_t n = 0;
	char *around;
	uint64_t at;

	/* Other mappings may not touch them, or the kernel makes one of them. */
	around = mmap(NULL, (FIRST + SECOND + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	neighbours = around + PAGE;
	mprotect(neighbours, (FIRST + SECOND) * PAGE, PROT_READ | PROT_WRITE);
	madvise(neighbours, (FIRST + SECOND) * PAGE, MADV_NOHUGEPAGE);
	/* What sets them apart for the kernel is that one is left out of core dumps. */
	madvise(neighbours + FIRST * PAGE, SECOND * PAGE, MADV_DONTDUMP);
	at = (uint64_t)(uintptr_t)neighbours;
	w = worker_start(touch_neighbours, "mml-vma");
	session = start(MML_TRACE_REGIONS, soft, &w.pid);
	if (!session) {
		worker_end(&w);
		return;
	}
	touch(map(PAGES * PAGE), PAGES * PAGE); /* of a process that is not watched */
	worker_work(&w);
	ok(!regions_of(session, w.pid, &head, &maps, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const struct mml_fault_mapping *m = &list[i];

		if (m->start == at) {
			is_u64(m->end, at + FIRST * PAGE);
			is_u64(m->counts.user, FIRST);
			is_u64(soft ? m->counts.minor : m->counts.write, FIRST);
			ok(m->hottest >= m->start && m->hottest < m->end &&
			   m->hottest_faults >= FIRST / 2 && m->hottest_faults <= FIRST);
			at = 0;
		} else if (m->start == (uint64_t)(uintptr_t)neighbours + FIRST * PAGE) {
			is_u64(m->counts.user, SECOND);
			is_u64(m->end, m->start + SECOND * PAGE);
		}
	}
	is_u64(at, 0);
	ok(hardly_any(head.dropped));
	free(list);
	mml_buf_free(&maps);
	mml_module_bpf.stop(session);
	worker_end(&w);
	munmap(around, (FIRST + SECOND + 2) * PAGE);
}

/* More regions than the map has room for: those that found none are told. */
static void touch_too_many(void)
{
	char *p = map((size_t)(MML_FAULT_REGIONS_MAX + 1000) * REGION);

	for (size_t i = 0; i < MML_FAULT_REGIONS_MAX + 1000; i++)
		p[i * REGION] = 1;
}

static void full_map(void)
{
	struct mml_fault_mapping *list = NULL;
	struct mml_bpf_session *session;
	struct mml_trace_head head = { 0 };
	struct mml_buf maps = { 0 };
	uint64_t counted = 0;
	struct worker w;
	size_t n = 0;

	w = worker_start(touch_too_many, "mml-many");
	session = start(MML_TRACE_REGIONS, false, &w.pid);
	if (!session) {
		worker_end(&w);
		return;
	}
	worker_work(&w);
	ok(!regions_of(session, w.pid, &head, &maps, &list, &n));
	for (size_t i = 0; i < n; i++)
		counted += list[i].counts.user + list[i].counts.kernel;
	ok(head.dropped >= 1000 && head.dropped <= 1000 + SLACK);
	ok(about(counted + head.dropped, MML_FAULT_REGIONS_MAX + 1000));
	free(list);
	mml_buf_free(&maps);
	mml_module_bpf.stop(session);
	worker_end(&w);
}

/* TLB flushes: one thread changes mappings while another one runs on the other CPU. */
enum { FLUSHES = 3000 };

/* No bool: gcc's UBSan reads a volatile one once and for all. */
static volatile int stop_spinning;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *spin(void *arg)
{
	(void)arg;
	pin(1);
	while (!stop_spinning)
		;
	return NULL;
}

static void flush_with_munmap(void)
{
	pthread_t thread;

	pin(0);
	pthread_create(&thread, NULL, spin, NULL);
	usleep(10000);
	for (int i = 0; i < FLUSHES; i++) {
		char *p = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		touch(p, 5 * PAGE);
		munmap(p, 5 * PAGE);
	}
	stop_spinning = 1;
	pthread_join(thread, NULL);
}

static void flush_with_mprotect(void)
{
	char *p = map(PAGE);

	for (int i = 0; i < FLUSHES; i++) {
		mprotect(p, PAGE, PROT_READ | PROT_WRITE);
		p[0] = 1;
		mprotect(p, PAGE, PROT_READ);
	}
}

/* The counts of reason NAME, all zero when the kernel has no such. */
static struct mml_tlb_reason reason_of(const struct mml_trace_head *head,
				       const struct mml_tlb_sum *sum, const char *name)
{
	for (int i = 0; i < MML_TLB_REASONS; i++)
		if (!strcmp(head->names[i], name))
			return sum->counts.reasons[i];
	tap_ok(false, "no reason is called %s", name);
	return (struct mml_tlb_reason){ 0 };
}

static bool flushes_of(void (*work)(void), const char *name, struct mml_trace_head *head,
		       struct mml_tlb_sum *ret)
{
	struct mml_bpf_session *session = start(MML_TRACE_TLB, false, NULL);
	struct mml_buf bytes = { 0 };
	struct mml_tlb_sum *sums;
	struct worker w;
	size_t n;

	if (!session)
		return false;
	w = worker_start(work, name);
	worker_work(&w);
	worker_end(&w);
	*ret = (struct mml_tlb_sum){ 0 };
	if (ok(!mml_module_bpf.read(session, &bytes) &&
	       !mml_trace_tlb(bytes.data, bytes.len, head, &sums, &n))) {
		for (size_t i = 0; i < n; i++)
			if (sums[i].owner.pid == w.pid)
				*ret = sums[i];
		free(sums);
	}
	mml_buf_free(&bytes);
	mml_module_bpf.stop(session);
	ok(hardly_any(head->dropped));
	is_str(ret->owner.comm, name);
	return ret->owner.dead;
}

static void flushes(void)
{
	struct mml_tlb_reason local, remote, sent;
	struct mml_trace_head head;
	struct mml_tlb_sum sum;
	int attempts = 0;

	if (!flushes_of(flush_with_mprotect, "mml-mprotect", &head, &sum))
		return;
	local = reason_of(&head, &sum, "local mm shootdown");
	/* Taking the right to write away flushes one page; giving it back does so on some kernels. */
	ok(local.sizes[0] >= FLUSHES && local.sizes[0] <= 2 * FLUSHES + SLACK);
	ok(local.flushes - local.sizes[0] < SLACK);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		tap_skip("one CPU: nobody to shoot down");
		return;
	}
	/* On a busy machine the other thread may not have run at all while mappings changed. */
	do {
		if (!flushes_of(flush_with_munmap, "mml-munmap", &head, &sum))
			return;
		sent = reason_of(&head, &sum, "remote send ipi");
	} while (sent.flushes < FLUSHES / 20 && ++attempts < 30);
	local = reason_of(&head, &sum, "local mm shootdown");
	remote = reason_of(&head, &sum, "remote shootdown");
	ok(about(local.sizes[2], FLUSHES)); /* 4 to 7 pages at once */
	ok(local.pages >= 5 * FLUSHES);
	if (attempts == 30) {
		tap_skip("the second CPU never had time for the second thread");
		return;
	}
	ok(sent.flushes <= FLUSHES + SLACK);
	/* Those that came while it was off its CPU are somebody else's. */
	ok(remote.flushes > 0 && remote.flushes <= FLUSHES + SLACK);
}

/* events few: for emulated machines, where a fork takes ten milliseconds, as with a sanitizer. */
int main(int argc, char **argv)
{
	bool few = SANITIZED || (argc > 1 && !strcmp(argv[1], "few"));
	struct mml_bpf_failure failure;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sysconf(_SC_PAGESIZE) != PAGE) {
		tap_skip("the workloads count pages of 4 KiB");
		return tap_done();
	}
	if (mml_module_bpf.probe(MML_TRACE_FAULTS, &failure)) {
		tap_skip("%s; needs %s", failure.reason, failure.needs);
		return tap_done();
	}
	fresh_pages(false);
	fresh_pages(true);
	file_pages();
	copy_on_write();
	kernel_faults();
	threads();
	exec();
	soft_events();
	many_processes(few ? 100 : 9500);
	mappings(false);
	mappings(true);
	if (!few)
		full_map();
	flushes();
	return tap_done();
}
