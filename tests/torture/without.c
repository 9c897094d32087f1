/* Runs a program in which system calls fail, as in a sandbox or on an older kernel:
 * without CALL:ERROR[,CALL:ERROR...] PROGRAM [ARGUMENT...]. Exits 77 if that cannot be done here. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	long number;
} calls[] = {
	{ "bpf", SYS_bpf },		       { "openat2", SYS_openat2 },
	{ "timerfd_create", SYS_timerfd_create }, { "signalfd4", SYS_signalfd4 },
	{ "uname", SYS_uname },		       { "getdents64", SYS_getdents64 },
	{ "process_vm_readv", SYS_process_vm_readv }, { "perf_event_open", SYS_perf_event_open },
	{ "move_pages", SYS_move_pages },      { "clone3", SYS_clone3 },
	{ "capget", SYS_capget },	       { "sched_getaffinity", SYS_sched_getaffinity },
	{ "eventfd2", SYS_eventfd2 },	       { "epoll_create1", SYS_epoll_create1 },
	{ "statfs", SYS_statfs },	       { "fstatfs", SYS_fstatfs },
	{ "readlinkat", SYS_readlinkat },      { "pread64", SYS_pread64 },
	{ "ioctl", SYS_ioctl },		       { "rt_sigprocmask", SYS_rt_sigprocmask },
	{ "sysinfo", SYS_sysinfo },	       { "poll",
#ifdef SYS_poll
						 SYS_poll
#else
						 SYS_ppoll
#endif
	},
};

static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "EPERM", EPERM },   { "ENOSYS", ENOSYS }, { "EACCES", EACCES }, { "EIO", EIO },
	{ "ENOMEM", ENOMEM }, { "EMFILE", EMFILE }, { "ENFILE", ENFILE }, { "EINVAL", EINVAL },
	{ "EAGAIN", EAGAIN },
};

static long number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	fprintf(stderr, "without: no call %s\n", name);
	exit(2);
}

static int error_of(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].error;
	fprintf(stderr, "without: no error %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	struct sock_filter code[64] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { 1, code };
	char *rest, *word;

	if (argc < 3)
		return 2;
	for (word = strtok_r(argv[1], ",", &rest); word && program.len < 60;
	     word = strtok_r(NULL, ",", &rest)) {
		char *colon = strchr(word, ':');

		if (!colon)
			return 2;
		*colon = '\0';
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (__u32)number_of(word), 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K,
			SECCOMP_RET_ERRNO | ((__u32)error_of(colon + 1) & SECCOMP_RET_DATA));
	}
	code[program.len++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		fprintf(stderr, "without: seccomp: %s\n", strerror(errno));
		return 77;
	}
	execv(argv[2], argv + 2);
	fprintf(stderr, "without: %s: %s\n", argv[2], strerror(errno));
	return 2;
}
