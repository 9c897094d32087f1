/*
 * Where a CPU's copy of a per-CPU variable of the kernel is.
 *
 * The kernel's table of these places has a symbol only if the kernel keeps symbols of data. They are
 * therefore computed from the address of a per-CPU map and those of the copies that the kernel hands out.
 * This takes 5.19; what the programs read has been kept for each CPU since 6.2.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "kernel.h"
#include "tasks.h"

const volatile __u32 nr_cpus = 1;

/* How far a CPU's copy is from the variable's own address. */
static __u64 cpu_offset[MML_TASK_CPUS];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ruler SEC(".maps");

/* Once a pointer has been through memory, the verifier takes it for a number, which may be computed
 * with. */
static volatile __u64 as_number;

/* Fills cpu_offset. Called from an iterator, before anything looks at what is kept for each CPU. */
static __always_inline void find_cpu_offsets(void)
{
	__u64 base = 0;
	__u32 cpu, zero = 0;

	as_number = (__u64)&ruler;
	bpf_probe_read_kernel(&base, sizeof(base),
			      (void *)(as_number + bpf_core_field_offset(struct bpf_array, pptrs)));
	for (cpu = 0; cpu < MML_TASK_CPUS && cpu < nr_cpus; cpu++) {
		__u64 *copy = bpf_map_lookup_percpu_elem(&ruler, &zero, cpu);

		as_number = (__u64)copy;
		cpu_offset[cpu] = as_number - base;
	}
}
