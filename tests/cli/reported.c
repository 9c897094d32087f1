/* Makes a case that people reported about programs like this one, says "ready PID" and waits until its
 * input ends:
 *	reported thp disabled|advised|split|plain   32 MiB of touched anonymous memory
 *	reported name NAME                          a process of that name
 *	reported lag                                two threads that touch 120 KiB each on CPUs of their own
 *	reported free                               64 MiB given back by MADV_FREE
 *	reported pin                                48 MiB pinned by io_uring
 *	reported heap                               moves its break by 12288 for each byte it is given, and
 *	                                            says "at ADDRESS"
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static char *anonymous(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* SPLIT: pieces of less than 1 MiB, parted by pages that may not be written to. */
static int thp(const char *how)
{
	const size_t size = 32 * MIB, huge = 2 * MIB, page = (size_t)sysconf(_SC_PAGESIZE);
	char *p, *at;

	if (!strcmp(how, "disabled") && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return 1;
	p = anonymous(size + huge);
	if (!p)
		return 1;
	at = (char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));
	/* Nothing but the aligned part stays. */
	if ((at > p && munmap(p, (size_t)(at - p))) ||
	    (p + huge > at && munmap(at + size, (size_t)(p + huge - at))))
		return 1;
	p = at;
	if (!strcmp(how, "advised") && madvise(p, size, MADV_HUGEPAGE))
		return 1;
	memset(p, 1, size);
	for (size_t i = 0; i < size && !strcmp(how, "split"); i += MIB)
		if (mprotect(p + i, page, PROT_READ))
			return 1;
	return 0;
}

static void *touch_a_little(void *cpu)
{
	const size_t size = 120 << 10;
	cpu_set_t set;
	char *p;

	CPU_ZERO(&set);
	CPU_SET((uintptr_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	p = anonymous(size);
	if (p)
		memset(p, 1, size);
	return p;
}

static pthread_barrier_t touched;

static void *touch_and_stay(void *cpu)
{
	touch_a_little(cpu);
	pthread_barrier_wait(&touched);
	for (;;)
		pause();
	return NULL;
}

static int lag(void)
{
	pthread_t thread;

	pthread_barrier_init(&touched, NULL, 3);
	for (uintptr_t i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, touch_and_stay, (void *)i))
			return 1;
	pthread_barrier_wait(&touched);
	return 0;
}

static int give_back(void)
{
	char *p = anonymous(64 * MIB);

	if (!p)
		return 1;
	memset(p, 1, 64 * MIB);
	return madvise(p, 64 * MIB, MADV_FREE) != 0;
}

static int pin(void)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	struct iovec memory = { anonymous(48 * MIB), 48 * MIB };

	if (fd < 0 || !memory.iov_base)
		return 1;
	memset(memory.iov_base, 1, memory.iov_len);
	return syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &memory, 1) != 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char byte;
	int rc = 2;

	prctl(PR_SET_PDEATHSIG, 9);
	if (argc == 3 && !strcmp(what, "thp"))
		rc = thp(argv[2]);
	else if (argc == 3 && !strcmp(what, "name"))
		rc = prctl(PR_SET_NAME, argv[2]) != 0;
	else if (!strcmp(what, "lag"))
		rc = lag();
	else if (!strcmp(what, "free"))
		rc = give_back();
	else if (!strcmp(what, "pin"))
		rc = pin();
	else if (!strcmp(what, "heap"))
		rc = 0;
	if (rc)
		return rc;
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
		if (strcmp(what, "heap") || sbrk(12288) == (void *)-1)
			continue;
		printf("at %#jx\n", (uintmax_t)(uintptr_t)sbrk(0));
		fflush(stdout);
	}
	return 0;
}
