/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"
#include "swapping.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../core/parse.h"
#include "../core/root-int.h"

#include <swapping.skel.h>

MML_BPF_SKELETON(swapping)

/* The calls that take memory away from a process; which numbers they have depends on the machine. */
static const long releasing[MML_SWAPPING_CALLS] = {
	SYS_munmap, SYS_madvise, SYS_mremap, SYS_brk, SYS_execve,
#ifdef SYS_mmap
	SYS_mmap,
#else
	-1,
#endif
	-1, -1,
};

static void prepare_swapping(struct mml_bpf_session *session)
{
	struct swapping *own = session->skeleton;
	int cpus = libbpf_num_possible_cpus();

	own->rodata->nr_cpus = cpus > 0 ? (__u32)cpus : 1;
	for (int i = 0; i < MML_SWAPPING_CALLS; i++)
		own->rodata->releasing[i] = releasing[i];
}

/* What the kernel has counted since boot: pages read from swap, and written to it. */
static int read_vmstat(uint64_t *ret_in, uint64_t *ret_out)
{
	int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	struct mml_span text, line, name;
	struct mml_buf bytes = { 0 };
	int rc;

	if (fd < 0)
		return -errno;
	rc = mml_root_read_all(fd, false, &bytes);
	close(fd);
	text = (struct mml_span){ bytes.data, bytes.data + bytes.len };
	*ret_in = *ret_out = 0;
	while (!rc && mml_next_line(&text, &line)) {
		if (!mml_next_token(&line, &name))
			continue;
		if (mml_span_eq(name, "pswpin"))
			rc = mml_next_u64(&line, ret_in);
		else if (mml_span_eq(name, "pswpout"))
			rc = mml_next_u64(&line, ret_out);
	}
	mml_buf_free(&bytes);
	return rc;
}

/* The programs run, and remember what processes have in swap, before all others are asked for that.
 * What changes between these is therefore not lost. */
static int attach_all(struct mml_bpf_session *session)
{
	struct swapping *own = session->skeleton;
	struct mml_buf none = { 0 };
	uint64_t in = 0, out = 0;
	int rc = attach_swapping(session);

	if (!rc)
		rc = mml_bpf_read_iterator(own->links.swapping_dump, &none);
	mml_buf_free(&none);
	if (!rc)
		rc = read_vmstat(&in, &out);
	own->bss->vmstat_in = in;
	own->bss->vmstat_out = out;
	own->bss->armed = !rc;
	return rc;
}

/* The machine's own row comes first, as one of the living. */
static int read_swapping(struct mml_bpf_session *session, struct mml_trace_head *head,
			 struct mml_buf *ret)
{
	struct swapping *own = session->skeleton;
	struct mml_swapping_row machine = { .owner.comm = "vmstat" };
	uint64_t in, out;
	int rc = read_vmstat(&in, &out);

	if (rc)
		return rc;
	machine.counts.in = in - own->bss->vmstat_in;
	machine.counts.out = out - own->bss->vmstat_out;
	mml_buf_put(ret, (const char *)&machine, sizeof(machine));
	head->dropped = own->bss->dropped + mml_bpf_missed(own->obj);
	rc = mml_bpf_read_threads(own->links.swapping_dump, own->maps.dead, sizeof(machine), head,
				  ret);
	head->living++;
	return rc;
}

const struct mml_bpf_source mml_bpf_swapping = {
	.kind = MML_TRACE_SWAPPING,
	.open = open_swapping,
	.load = load_swapping,
	.attach = attach_all,
	.destroy = destroy_swapping,
	.prepare = prepare_swapping,
	.read = read_swapping,
	.task_storage = true,
};
