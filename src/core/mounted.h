/* How the kernel's own file systems are mounted, and what they hide from this process therefore. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "root.h"

enum { MML_HIDEPID_OFF, MML_HIDEPID_NOACCESS, MML_HIDEPID_INVISIBLE, MML_HIDEPID_PTRACEABLE = 4 };

struct mml_mounted {
	bool proc;       /* there is a procfs at /proc */
	bool sys;        /* there is a sysfs at /sys */
	bool subset_pid; /* procfs shows processes only (mounted subset=pid, Linux 5.8) */
	unsigned hidepid; /* what procfs does with other users' processes; off if not for us */
};

/* Parses TEXT, a /proc/PID/mountinfo, for what is mounted at /proc: the last one counts. RET_GID is
 * the group that may see all processes. Returns false if there is no procfs among the mounts. */
bool mml_mounted_parse(struct mml_span text, struct mml_mounted *ret, uint64_t *ret_gid);

/* Looks at the live system. In a tree nothing is hidden, and in a recording what was hidden then,
 * other than by hidepid. */
void mml_mounted_read(struct mml_root *root, struct mml_mounted *ret);

/* Returns why PATH is not there, in words, and sets RET_NEEDS to what it would take if it is due to
 * how something is mounted, or was not recorded. The words are "not on this kernel" or "not in this
 * tree" otherwise. */
const char *mml_missing_words(struct mml_root *root, const char *path, const char **ret_needs);
