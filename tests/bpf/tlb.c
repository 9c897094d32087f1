/* Known numbers of TLB flushes: one thread changes mappings while another one runs on the other CPU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

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
	struct mml_tlb_sum *sums = NULL;
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
	/* Taking the right to write away flushes one page; giving it back does so on some kernels.
	 * Where somebody else (reclaim, compaction) changes the page tables in the same instant, it is
	 * everything that is flushed. */
	ok(local.sizes[0] + local.full >= FLUSHES && local.sizes[0] <= 2 * FLUSHES + SLACK);
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
		remote = reason_of(&head, &sum, "remote shootdown");
	} while ((sent.flushes < FLUSHES / 20 || !remote.flushes) && ++attempts < 30);
	local = reason_of(&head, &sum, "local mm shootdown");
	ok(local.full < SLACK);
	/* 4 to 7 pages at once; but none where the CPU was switched to the process as it flushed.
	 */
	ok(about(local.sizes[2] + local.full + SLACK / 4, FLUSHES));
	ok(local.pages + 5 * (SLACK / 4) >= 5 * (FLUSHES - local.full));
	/* However often a flush is seen, it is one. */
	ok(about(local.flushes - sum.counts.halves[MML_TLB_LOCAL_MM_SHOOTDOWN] + sent.flushes +
			 SLACK / 4,
		 FLUSHES));
	if (attempts == 30) {
		tap_skip("the second CPU never had time for the second thread");
		return;
	}
	ok(sent.flushes <= FLUSHES + SLACK);
	/* Those that came while it was off its CPU are somebody else's. */
	ok(remote.flushes > 0 && remote.flushes <= FLUSHES + SLACK);
}

enum { ROUNDS = 2000 };

/* Two processes on one CPU hand a byte to and fro. */
static void play(int in, int out)
{
	char byte = 'x';

	for (int i = 0; i < ROUNDS; i++)
		if (write(out, &byte, 1) != 1 || read(in, &byte, 1) != 1)
			_exit(1);
}

static pid_t player(int in, int out, int cpu)
{
	pid_t pid = fork();
	cpu_set_t set;

	if (pid)
		return pid;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	play(in, out);
	_exit(0);
}

static bool has_pcid(void)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[8192];
	bool has = false;

	while (f && !has && fgets(line, sizeof(line), f))
		has = strstr(line, " pcid ");
	if (f)
		fclose(f);
	return has;
}

/* Whoever ran when the CPU went from one to the other: one of them, the idle thread, or somebody else who
 * came between. */
static void switches(void)
{
	struct mml_bpf_session *session = start(MML_TRACE_TLB, false, NULL);
	uint64_t empty = 0, all = 0;
	struct mml_tlb_sum *sums = NULL;
	struct mml_trace_head head;
	struct mml_buf bytes = { 0 };
	int to[2], fro[2];
	pid_t pids[2];
	size_t n;

	if (!session || pipe(to) || pipe(fro))
		return;
	pids[0] = player(to[0], fro[1], sched_getcpu());
	pids[1] = player(fro[0], to[1], sched_getcpu());
	for (int i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	if (ok(!mml_module_bpf.read(session, &bytes) && !mml_trace_tlb(bytes.data, bytes.len, &head, &sums, &n))) {
		for (size_t i = 0; i < n; i++) {
			empty += sums[i].counts.reasons[MML_TLB_TASK_SWITCH].empty;
			all += sums[i].counts.reasons[MML_TLB_TASK_SWITCH].empty +
			       sums[i].counts.reasons[MML_TLB_TASK_SWITCH].flushes;
		}
		free(sums);
	}
	mml_buf_free(&bytes);
	mml_module_bpf.stop(session);
	ok(all >= ROUNDS);
	if (has_pcid())
		ok(empty > 0);
	else
		tap_skip("no PCID");
	for (int i = 0; i < 2; i++) {
		close(to[i]);
		close(fro[i]);
	}
}

int main(void)
{
	if (can_look_on(MML_TRACE_TLB)) {
		flushes();
		switches();
	}
	return tap_done();
}
