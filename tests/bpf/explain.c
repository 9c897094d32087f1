/* libbpf's messages made into one reason. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "../../src/bpf/loader.h"
#include "../tap.h"

extern const struct mml_module_bpf mml_module_bpf;

static struct mml_bpf_failure explain(int err, const char *log)
{
	struct mml_bpf_failure failure = { "left", "left" };

	mml_module_bpf.explain(err, log, NULL, &failure);
	return failure;
}

static const char *in_way(int err, const char *log, struct mml_bpf_obstacles obstacles)
{
	static struct mml_bpf_failure failure;

	mml_module_bpf.explain(err, log, &obstacles, &failure);
	return failure.reason;
}

static void obstacles(void)
{
	static const char no_map[] = "libbpf: BPF map 'x' is referenced but wasn't created\n";
	static const char limit[] = "libbpf: permission error while running as root; try raising "
				    "'ulimit -l'? current value: 64.0 KiB\n";
	struct mml_bpf_obstacles here;

	is_str(in_way(-EINVAL, no_map, (struct mml_bpf_obstacles){ .asked = -EBADF, .ran_out = -EMFILE }),
	       "too many open files: the limit of this process (ulimit -n) is reached");
	is_str(in_way(-EPERM, "", (struct mml_bpf_obstacles){ .asked = -EPERM }),
	       "a sandbox (seccomp) refuses the call bpf()");
	is_str(in_way(-ENOSYS, "", (struct mml_bpf_obstacles){ .asked = -ENOSYS }),
	       "the call bpf() is not there");
	is_str(in_way(-EPERM, "", (struct mml_bpf_obstacles){ .asked = -EBADF, .locked_down = true }),
	       "the kernel is locked down: programs may not read its memory");
	is_str(in_way(-EPERM, "", (struct mml_bpf_obstacles){ .asked = -EBADF, .memory_limited = true }),
	       "the limit of locked memory (ulimit -l) has no room for BPF maps");
	is_str(in_way(-EPERM, limit, (struct mml_bpf_obstacles){ .asked = -EBADF }),
	       "the limit of locked memory (ulimit -l) has no room for BPF maps");
	/* They explain a refusal, and nothing else. */
	is_str(in_way(-EINVAL, "", (struct mml_bpf_obstacles){ -EBADF, 0, true, true }),
	       "BPF programs cannot be loaded: Invalid argument");
	mml_bpf_obstacles(&here);
	ok(!here.ran_out);
}

int main(void)
{
	static const char refused[] =
		"libbpf: prog 'x': BPF program load failed: Permission denied\n"
		"libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n"
		"0: R1=ctx() R10=fp0\n"
		"R2 unbounded memory access\n"
		"processed 167 insns (limit 1000000)\n"
		"-- END PROG LOAD LOG --\n"
		"libbpf: failed to load object 'x'\n";
	struct mml_bpf_failure f;
	char longest[2000];

	f = explain(-ESRCH, "libbpf: failed to find kernel BTF type ID of 'tlb_flush': -3\n");
	is_str(f.reason, "kernel has no tracepoint tlb_flush with a BTF type");
	is_str(f.needs, "");
	f = explain(-EINVAL, "libbpf: kernel BTF is missing at '/sys/kernel/btf/vmlinux'\n");
	is_str(f.reason, "kernel has no BTF");
	ok(strstr(f.needs, "CONFIG_DEBUG_INFO_BTF") != NULL);
	is_str(explain(-EACCES, refused).reason,
	       "the kernel refused the program: R2 unbounded memory access");
	f = explain(-EPERM, "");
	ok(strstr(f.reason, "Operation not permitted") != NULL);
	ok(strstr(f.needs, "CAP_BPF and CAP_PERFMON") && strstr(f.needs, "security module"));
	f = explain(-ENOMEM, "something else\n");
	is_str(f.reason, "out of memory");
	is_str(f.needs, "");
	/* Half a log, and a line longer than there is room for. */
	is_str(explain(-EINVAL, "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\nR2").reason,
	       "BPF programs cannot be loaded: Invalid argument");
	is_str(explain(-EINVAL, "-- BEGIN PROG LOAD LOG --\n-- END PROG LOAD LOG --").reason,
	       "BPF programs cannot be loaded: Invalid argument");
	memset(longest, 'x', sizeof(longest));
	strcpy(longest, "-- BEGIN PROG LOAD LOG --\n");
	longest[26] = 'y';
	strcpy(longest + sizeof(longest) - 40, "\n-- END PROG LOAD LOG --");
	f = explain(-EINVAL, longest);
	is_u64(strlen(f.reason), sizeof(f.reason) - 1);
	obstacles();
	return tap_done();
}
