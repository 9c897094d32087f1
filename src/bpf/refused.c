/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../core/root.h"
#include "../core/trouble.h"

/* The descriptors that maps, programs, links and BTF of one source take, and some more. */
enum { DESCRIPTORS = 32 };

/* A question about a descriptor that is none is answered EBADF, if bpf() can be called at all. */
static int ask_bpf(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)-1;
	return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) ? -errno : 0;
}

/* none integrity [confidentiality] */
static bool is_locked_down(void)
{
	char text[128];
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "[confidentiality]");
}

/* Before 5.11, BPF maps counted as locked memory of the user. */
static bool memory_is_limited(void)
{
	struct mml_host host = { 0 };
	struct utsname name;
	struct rlimit limit;

	if (uname(&name) || getrlimit(RLIMIT_MEMLOCK, &limit))
		return false;
	host.kernel = name.release;
	return limit.rlim_cur != RLIM_INFINITY && !mml_host_since(&host, 5, 11);
}

/* Returns -EMFILE or -ENFILE if there is no room for the descriptors of a source, or 0. */
static int descriptors_ran_out(void)
{
	int fds[DESCRIPTORS], n = 0, rc = 0;

	while (n < DESCRIPTORS && !rc) {
		int fd = open("/", O_PATH | O_CLOEXEC);

		if (fd >= 0)
			fds[n++] = fd;
		else
			rc = errno == EMFILE || errno == ENFILE ? -errno : -EIO;
	}
	while (n)
		close(fds[--n]);
	return rc == -EIO ? 0 : rc;
}

void mml_bpf_obstacles(struct mml_bpf_obstacles *ret)
{
	*ret = (struct mml_bpf_obstacles){
		.asked = ask_bpf(),
		.ran_out = descriptors_ran_out(),
		.locked_down = is_locked_down(),
		.memory_limited = memory_is_limited(),
	};
}

static bool refused(const struct mml_bpf_obstacles *in_way, const char *log,
		    struct mml_bpf_failure *ret)
{
	if (in_way->asked == -EPERM || in_way->asked == -EACCES) {
		mml_bpf_fail(ret, 0, "a sandbox (seccomp) refuses the call bpf()");
		mml_bpf_needs(ret, "to run outside of it, or a profile that allows bpf()");
	} else if (in_way->locked_down) {
		mml_bpf_fail(ret, 0, "the kernel is locked down: programs may not read its memory");
		mml_bpf_needs(ret, "a kernel whose lockdown is not \"confidentiality\"");
	} else if (in_way->memory_limited || strstr(log, "ulimit -l")) {
		mml_bpf_fail(ret, 0, "the limit of locked memory (ulimit -l) has no room for BPF maps");
		mml_bpf_needs(ret, "a higher RLIMIT_MEMLOCK, or Linux 5.11 or newer");
	} else {
		return false;
	}
	return true;
}

bool mml_bpf_explain_refusal(int err, const char *log, const struct mml_bpf_obstacles *in_way,
			     struct mml_bpf_failure *ret)
{
	/* libbpf makes other errors of it on the way. */
	if (in_way->ran_out) {
		mml_bpf_fail(ret, 0, "%s", mml_trouble_words(in_way->ran_out));
		return true;
	}
	if (err == -ENOMEM) {
		mml_bpf_fail(ret, 0, "out of memory");
		return true;
	}
	if (in_way->asked == -ENOSYS) {
		mml_bpf_fail(ret, 0, "the call bpf() is not there");
		mml_bpf_needs(ret, "a kernel built with CONFIG_BPF_SYSCALL, and no sandbox");
		return true;
	}
	return (err == -EPERM || err == -EACCES) && refused(in_way, log, ret);
}
