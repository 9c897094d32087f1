/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <string.h>

/* VmallocUsed tells of memory since 5.3. Up to 4.3 it was address space, device memory mapped by
 * drivers included, and could be larger than MemTotal; in between it was 0. KReclaimable exists
 * since 4.20 and rules out the old meaning. */
static bool vmalloc_counted(const struct mml_balance *b)
{
	int64_t used, v;

	return mml_balance_field(b, "VmallocUsed", &used) && used &&
	       mml_balance_field(b, "KReclaimable", &v);
}

/* Where thread stacks lie: in vmalloc memory if the kernel has CONFIG_VMAP_STACK, which is the
 * default on these machines. On others some kernels have it, and vmallocinfo shows which. They do
 * not lie there if VmallocUsed is less than all stacks take. */
static enum mml_balance_when stacks(const struct mml_balance *b)
{
	static const char *const machines[] = { "x86_64", "aarch64", "s390x", "riscv64" };
	const char *machine = b->take->host->machine;
	struct mml_span text;
	int64_t used, all, high;

	if (!mml_balance_field(b, "VmallocUsed", &used) ||
	    !mml_balance_field(b, "KernelStack", &all) || used < all)
		return MML_BALANCE_STACKS_OUTSIDE;
	for (size_t i = 0; machine && i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machine, machines[i]))
			return MML_BALANCE_STACKS_INSIDE;
	if (!mml_take_file(b->take, NULL, "/proc/vmallocinfo", &text) && mml_span_len(text))
		return mml_vmallocinfo_has_stacks(text) ? MML_BALANCE_STACKS_INSIDE
							: MML_BALANCE_STACKS_OUTSIDE;
	/* A tree may not say which machine it is of, and most are of those above. HighTotal exists
	 * on 32-bit machines only. */
	return machine || mml_balance_field(b, "HighTotal", &high) ? MML_BALANCE_STACKS_UNDECIDED
								   : MML_BALANCE_STACKS_INSIDE;
}

static bool zswap_outside(const struct mml_balance *b)
{
	struct mml_span text, pool;

	return !mml_take_file(b->take, NULL, "/sys/module/zswap/parameters/zpool", &text) &&
	       mml_next_line(&text, &pool) &&
	       (mml_span_eq(pool, "zbud") || mml_span_eq(pool, "z3fold"));
}

/* The balloons of Xen and Hyper-V take their pages out of MemTotal, and so does virtio's. VMware's
 * does not, nor does a virtio balloon (device type 5) that the guest may deflate on OOM (feature
 * bit 2). */
static bool balloon_inside(const struct mml_balance *b)
{
	static const char devices[] = "/sys/bus/virtio/devices";
	const char *const *names;
	struct mml_span text, line;

	if (mml_take_names(b->take, "/sys/module/vmw_balloon"))
		return true;
	names = mml_take_names(b->take, devices);
	for (; names && *names; names++)
		if (!mml_take_filef(b->take, &text, "%s/%s/device", devices, *names) &&
		    mml_next_line(&text, &line) && mml_span_eq(line, "0x0005") &&
		    !mml_take_filef(b->take, &text, "%s/%s/features", devices, *names) &&
		    mml_span_len(text) > 2 && text.p[2] == '1')
			return true;
	return false;
}

/* Whether the file pages to be written are told, and fit into the lists of file pages. */
static bool dirty_fits(const struct mml_balance *b)
{
	static const char *const fields[] = { "Active(file)", "Inactive(file)", "Dirty",
					      "Writeback" };
	int64_t v[4], unstable;

	for (size_t i = 0; i < 4; i++)
		if (!mml_balance_field(b, fields[i], &v[i]))
			return false;
	if (!mml_balance_field(b, "NFS_Unstable", &unstable))
		unstable = 0;
	return v[0] + v[1] >= v[2] + v[3] + unstable;
}

/*
 * Whether shared memory can be told from anonymous memory on their common lists. Shared memory that
 * is locked with SHM_LOCK counts in Shmem, but lies on the unevictable list. Then less is left for
 * anonymous memory than processes have mapped and not locked, which is AnonPages less Mlocked; a
 * 64th of memory is tolerated, for pages that are on their way to a list.
 */
static bool shmem_fits(const struct mml_balance *b)
{
	int64_t active, inactive, shmem, anon, locked;

	if (!mml_balance_field(b, "Active(anon)", &active) ||
	    !mml_balance_field(b, "Inactive(anon)", &inactive) ||
	    !mml_balance_field(b, "Shmem", &shmem) || shmem > active + inactive)
		return false;
	if (!mml_balance_field(b, "AnonPages", &anon))
		return true;
	if (!mml_balance_field(b, "Mlocked", &locked))
		locked = 0;
	return active + inactive - shmem + b->total / 64 >= anon - locked;
}

bool mml_balance_applies(const struct mml_balance *b, enum mml_balance_when when)
{
	int64_t v;

	switch (when) {
	case MML_BALANCE_ALWAYS:
		return true;
	case MML_BALANCE_DIRTY_FITS:
		return dirty_fits(b);
	case MML_BALANCE_DIRTY_EXCEEDS:
		return !dirty_fits(b);
	case MML_BALANCE_SHMEM_FITS:
		return shmem_fits(b);
	case MML_BALANCE_SHMEM_EXCEEDS:
		return !shmem_fits(b);
	case MML_BALANCE_UNSPLIT:
		return !mml_balance_field(b, "Active(anon)", &v);
	case MML_BALANCE_UNSPLIT_SLAB:
		return !mml_balance_field(b, "SReclaimable", &v);
	case MML_BALANCE_STACKS_INSIDE:
	case MML_BALANCE_STACKS_OUTSIDE:
	case MML_BALANCE_STACKS_UNDECIDED:
		return vmalloc_counted(b) && stacks(b) == when;
	case MML_BALANCE_VMALLOC_UNCOUNTED:
		return !vmalloc_counted(b);
	case MML_BALANCE_NO_HUGETLB:
	case MML_BALANCE_DEFAULT_POOL:
		return !mml_balance_field(b, "Hugetlb", &v) &&
		       (mml_balance_field(b, "hugepages:size", &v) ==
			(when == MML_BALANCE_NO_HUGETLB));
	case MML_BALANCE_ZSPAGES_UNTOLD:
		return !mml_balance_field(b, "nr_zspages", &v);
	case MML_BALANCE_ZSWAP_OUTSIDE:
		return mml_balance_field(b, "Zswap", &v) && v && zswap_outside(b);
	case MML_BALANCE_BALLOON_INSIDE:
		return mml_balance_field(b, "Balloon", &v) && v && balloon_inside(b);
	}
	return false;
}
