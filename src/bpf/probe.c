/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/trouble.h"

int mml_bpf_fail(struct mml_bpf_failure *ret, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ret->reason, sizeof(ret->reason), format, args);
	va_end(args);
	ret->needs[0] = '\0';
	return err;
}

void mml_bpf_needs(struct mml_bpf_failure *ret, const char *text)
{
	snprintf(ret->needs, sizeof(ret->needs), "%s", text);
}

/*
 * The programs count by the process ids of the first PID namespace, whose inode never changes
 * (PROC_PID_INIT_INO). In another namespace the ids would be wrong.
 */
static bool in_first_pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) || status.st_ino == 0xeffffffcu;
}

int mml_bpf_probe_machine(struct mml_bpf_failure *ret)
{
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		if (errno != ENOENT)
			return mml_bpf_fail(ret, -errno, "/sys/kernel/btf/vmlinux: %s",
					    errno == EACCES ? "permission denied" : strerror(errno));
		mml_bpf_fail(ret, -ENOTSUP, "kernel has no BTF");
		mml_bpf_needs(ret, "a kernel built with CONFIG_DEBUG_INFO_BTF");
		return -ENOTSUP;
	}
	if (!mml_bpf_allowed()) {
		mml_bpf_fail(ret, -EPERM, "not allowed to load BPF programs");
		mml_bpf_needs(ret, "CAP_BPF and CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN)");
		return -EPERM;
	}
	if (!in_first_pid_namespace()) {
		mml_bpf_fail(ret, -ENOTSUP, "runs in a PID namespace of its own");
		mml_bpf_needs(ret, "the host's PID namespace");
		return -ENOTSUP;
	}
	return 0;
}

/* A tracepoint has a type in the kernel's BTF. */
static bool has_tracepoint(const struct btf *btf, const char *name)
{
	char type[128];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

/* Returns whether the kernel knows maps in which each task has its own storage. */
static bool has_task_storage(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "bpf_map_type", BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
	const struct btf_enum *values = type ? btf_enum(type) : NULL;
	int n = type ? btf_vlen(type) : 0;

	for (int i = 0; i < n; i++) {
		const char *name = btf__name_by_offset(btf, values[i].name_off);

		if (name && !strcmp(name, "BPF_MAP_TYPE_TASK_STORAGE"))
			return true;
	}
	/* Where the list is not told, loading the program shows it. */
	return !n;
}

int mml_bpf_probe_kernel(const struct mml_bpf_source *source, const char *tracepoint,
			 struct mml_bpf_failure *ret)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int rc = 0;

	if (!btf && (errno == ENOMEM || errno == EMFILE || errno == ENFILE)) {
		rc = mml_trouble(-errno);
		return mml_bpf_fail(ret, rc, "%s", mml_trouble_words(rc));
	}
	if (!btf)
		return 0;
	if (source->task_storage && !has_task_storage(btf)) {
		rc = mml_bpf_fail(ret, -ENOTSUP,
				  "this kernel has no task storage for BPF programs");
		mml_bpf_needs(ret, "Linux 5.11 or newer");
	} else if (source->function &&
		   btf__find_by_name_kind(btf, source->function, BTF_KIND_FUNC) < 0) {
		rc = mml_bpf_fail(ret, -ENOTSUP, "this kernel has no function %s for BPF programs",
				  source->function);
		mml_bpf_needs(ret, "Linux 7.2 or newer");
	} else if (tracepoint && !source->soft_fallback && !has_tracepoint(btf, tracepoint)) {
		rc = mml_bpf_fail(ret, -ENOTSUP, "no tracepoint %s on this kernel or architecture",
				  tracepoint);
	}
	btf__free(btf);
	return rc;
}

/* The kernel's own BTF has the arguments in the type of a function, behind one that is none of
 * them. */
unsigned mml_bpf_arguments(const struct btf *btf, const char *name)
{
	const struct btf_type *type;
	char full[128];
	int id;

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, full, BTF_KIND_TYPEDEF);
	type = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
	if (type)
		type = btf__type_by_id(btf, type->type);
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) && btf_vlen(type) ? btf_vlen(type) - 1u : 0;
}
