/* What the kernel tells of all control groups at once, which saves reading most of their files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../bpf/bpf.h"
#include "../../bpf/groups.h"
#include "cgroup.h"

/* The programs, which are kept from sample to sample. */
struct mml_cgroup_iterator {
	const struct mml_module_bpf *bpf;
	struct mml_bpf_session *session; /* NULL: not loaded */
	struct mml_buf bytes;
	size_t samples;
	size_t from;  /* so many groups are worth it; 0: as measured */
	bool refused; /* it cannot be had here */
};

struct mml_cgroup_iterator *mml_cgroup_iterator_of(struct mml_cgroup_state *state);
void mml_cgroup_iterator_close(struct mml_cgroup_iterator *it);

/* Tells `sources` whether it can be had here. Returns 0, or -errno with the reason. */
int mml_cgroup_iterator_probe(struct mml_root *root, struct mml_absence *ret);

/*
 * Gives each group what the kernel tells of it, if that is allowed here and pays; a group that came
 * meanwhile, or that the memory controller is not enabled for, gets nothing. Of the root there is nothing,
 * either: its files are not those of other groups. Returns 0 or -ENOMEM.
 */
int mml_cgroups_iterate(struct mml_cgroup_iterator *it, const struct mml_cgroups *groups,
			const struct mml_cgroup_plan *plan);

/* The number of what FILE says of KEY, or -1 if the kernel does not tell that. */
int mml_cgroup_value_of(const struct mml_cgroup_file *file, const struct mml_cgroup_key *key);

/* Sets the cells of G that FILE, of which all is told, would set. VALUE has the numbers of its keys, or -1
 * for a line that it does not have. */
void mml_cgroup_tell(const struct mml_cgroup *g, const struct mml_cgroup_file *file, const int *value);
