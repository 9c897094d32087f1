/* What the tests of the event programs share: workers that fault or flush known numbers of times. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

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
#include "../tap.h"
#include "sums.h"

extern const struct mml_module_bpf mml_module_bpf;

/* A workload may have a few faults more than asked for, of its stack, its libc and what fork shared. */
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

static inline struct worker worker_start(void (*work)(void), const char *name)
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

static inline void worker_work(const struct worker *w)
{
	char byte;

	(void)!write(w->go, "x", 1);
	(void)!read(w->done, &byte, 1);
}

static inline void worker_end(struct worker *w)
{
	close(w->go);
	close(w->done);
	waitpid(w->pid, NULL, 0);
}

/* With 4 KiB pages and the right to look on; without, it says so. */
static inline bool can_look_on(enum mml_trace_kind kind)
{
	struct mml_bpf_failure failure;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sysconf(_SC_PAGESIZE) != PAGE) {
		tap_skip("the workloads count pages of 4 KiB");
		return false;
	}
	if (mml_module_bpf.probe(kind, &failure)) {
		tap_skip("%s; needs %s", failure.reason, failure.needs);
		return false;
	}
	return true;
}

static inline struct mml_bpf_session *start(enum mml_trace_kind kind, bool soft, const pid_t *pid)
{
	struct mml_bpf_options options = { .pids = pid, .npids = !!pid, .soft_events = soft };
	struct mml_bpf_session *session = NULL;
	struct mml_bpf_failure failure;

	if (mml_module_bpf.start(kind, &options, &failure, &session))
		tap_skip("%s; needs %s", failure.reason, failure.needs);
	return session;
}

static inline char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static inline void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = 1;
}

/* A thread's first fault is lost when it interrupts another one's on that CPU, which is rare; and
 * they are counted as dropped. */
static inline bool hardly_any(uint64_t dropped)
{
	if (dropped)
		printf("# dropped: %" PRIu64 "\n", dropped);
	return dropped <= 5;
}

static inline bool about(uint64_t got, uint64_t want)
{
	if (got >= want && got <= want + SLACK)
		return true;
	printf("# got: %" PRIu64 ", expected %" PRIu64 " to %" PRIu64 "\n", got, want,
	       want + SLACK);
	return false;
}

