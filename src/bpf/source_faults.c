/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "faults.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <faults.skel.h>

MML_BPF_SKELETON(faults)

static __u32 log2_of_page_size(void)
{
	return (__u32)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
}

/* The name of a program tells when it is needed: by address or not, and for software events or not. */
static bool is_wanted(const char *program, bool by_mapping, bool soft_events)
{
	if (!strcmp(program, "faults_exit") || !strcmp(program, "faults_dump"))
		return !by_mapping;
	if (!strcmp(program, "faults_base"))
		return !by_mapping && !soft_events;
	if (!!strstr(program, "_address") != by_mapping)
		return false;
	/* By mapping, the software events tell minor and major beside the exceptions. */
	return !!strstr(program, "_soft") == soft_events || (by_mapping && !soft_events);
}

static void prepare_faults(struct mml_bpf_session *session)
{
	const struct mml_bpf_options *options = &session->options;
	bool by_mapping = session->source->kind != MML_TRACE_FAULTS;
	struct faults *faults = session->skeleton;
	struct bpf_program *program;
	size_t i;

	bpf_object__for_each_program(program, faults->obj)
		bpf_program__set_autoload(program, is_wanted(bpf_program__name(program),
							     by_mapping,
							     options->soft_events));
	/* Counting by mapping takes no storage of threads, which kernels before 5.11 do not have.
	 */
	if (by_mapping)
		bpf_map__set_autocreate(faults->maps.living, false);
	faults->rodata->soft_events = options->soft_events;
	faults->rodata->by_code = session->source->kind == MML_TRACE_CODE;
	faults->rodata->page_shift = log2_of_page_size();
	for (i = 0; by_mapping && i < options->npids && i < MML_FAULT_WATCH_MAX; i++)
		faults->rodata->watch[i] = (__u32)options->pids[i];
	faults->rodata->watch_count = (__u32)i;
	session->flags = options->soft_events ? MML_TRACE_SOFT_EVENTS : 0;
}

static int attach_event(struct mml_bpf_session *session, struct bpf_program *program, int cpu)
{
	const char *name = bpf_program__name(program);
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = strstr(name, "_major") ? PERF_COUNT_SW_PAGE_FAULTS_MAJ :
						   PERF_COUNT_SW_PAGE_FAULTS_MIN,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_ADDR,
		.exclude_kernel = !!strstr(name, "_user"),
		.exclude_user = !!strstr(name, "_kernel"),
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;

	/* The CPU is possible, but is not there. */
	if (fd < 0)
		return errno == ENODEV ? 0 : -errno;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return mml_bpf_keep_link(session, link);
}

static int attach_events(struct mml_bpf_session *session)
{
	struct faults *faults = session->skeleton;
	int cpus = libbpf_num_possible_cpus(), cpu, rc;
	struct bpf_program *program;

	if (cpus < 0)
		return cpus;
	bpf_object__for_each_program(program, faults->obj) {
		if (!bpf_program__autoload(program) || !strstr(bpf_program__name(program), "_soft"))
			continue;
		for (cpu = 0; cpu < cpus; cpu++) {
			rc = attach_event(session, program, cpu);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* Notes what the counters of all threads are as the watch begins. */
static int take_bases(struct faults *faults)
{
	struct mml_buf none = { 0 };
	struct timespec now;
	int rc;

	clock_gettime(CLOCK_BOOTTIME, &now);
	faults->bss->watched_since = (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
	rc = mml_bpf_read_iterator(faults->links.faults_base, &none);
	mml_buf_free(&none);
	return rc;
}

/* Without these the exceptions are still counted. */
static void try_events(struct mml_bpf_session *session)
{
	size_t before = session->nlinks;

	if (!attach_events(session)) {
		session->flags |= MML_TRACE_RESOLVED;
		return;
	}
	while (session->nlinks > before)
		bpf_link__destroy(session->links[--session->nlinks]);
}

static int attach_all(struct mml_bpf_session *session)
{
	struct faults *faults = session->skeleton;
	int rc = attach_faults(session);

	if (!rc && session->options.soft_events)
		rc = attach_events(session);
	else if (!rc && session->source->kind != MML_TRACE_FAULTS)
		try_events(session);
	if (!rc && faults->links.faults_base)
		rc = take_bases(faults);
	return rc;
}

static int read_faults(struct mml_bpf_session *session, struct mml_trace_head *head,
		       struct mml_buf *ret)
{
	struct faults *faults = session->skeleton;

	head->dropped = faults->bss->dropped + mml_bpf_missed(faults->obj);
	return mml_bpf_read_threads(faults->links.faults_dump, faults->maps.dead,
				    sizeof(struct mml_fault_row), head, ret);
}

static int read_regions(struct mml_bpf_session *session, struct mml_trace_head *head,
			struct mml_buf *ret)
{
	struct faults *faults = session->skeleton;

	head->dropped = faults->bss->dropped + mml_bpf_missed(faults->obj);
	return mml_bpf_read_hash(faults->maps.regions, false, true, ret,
				 (uint64_t *)&head->living);
}

const struct mml_bpf_source mml_bpf_faults = {
	.kind = MML_TRACE_FAULTS,
	.open = open_faults,
	.load = load_faults,
	.attach = attach_all,
	.destroy = destroy_faults,
	.prepare = prepare_faults,
	.read = read_faults,
	.soft_fallback = true,
	.task_storage = true,
};

const struct mml_bpf_source mml_bpf_regions = {
	.kind = MML_TRACE_REGIONS,
	.open = open_faults,
	.load = load_faults,
	.attach = attach_all,
	.destroy = destroy_faults,
	.prepare = prepare_faults,
	.read = read_regions,
	.soft_fallback = true,
};

const struct mml_bpf_source mml_bpf_code = {
	.kind = MML_TRACE_CODE,
	.open = open_faults,
	.load = load_faults,
	.attach = attach_all,
	.destroy = destroy_faults,
	.prepare = prepare_faults,
	.read = read_regions,
	.soft_fallback = true,
};
