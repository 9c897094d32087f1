/* Says in words what a control group is for, as far as its path tells: a unit, a container, a pod. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/arena.h"
#include "../../core/parse.h"

/* What a group is. The words are those of the column `kind`. */
#define MML_CGROUP_KINDS(K) \
	K(ROOT, "root") K(SLICE, "slice") K(SERVICE, "service") K(SCOPE, "scope") K(UNIT, "unit") \
	K(USER, "user") K(SESSION, "session") K(APP, "app") K(PODS, "pods") K(POD, "pod") \
	K(CONTAINER, "container") K(MONITOR, "monitor") K(VM, "vm") K(GROUP, "group")

enum mml_cgroup_kind {
#define K(id, word) MML_CGROUP_IS_##id,
	MML_CGROUP_KINDS(K)
#undef K
};

/* The word for a kind, such as "slice". */
const char *mml_cgroup_kind_word(enum mml_cgroup_kind kind);

/* What is known of a group. Whatever it lies in is known of it, too. NULL stands for nothing. */
struct mml_cgroup_name {
	enum mml_cgroup_kind kind;
	const char *name;      /* of the group itself, in plain words */
	const char *unit;      /* the innermost systemd unit, or if there is none, the innermost slice */
	const char *container; /* the innermost container: its name, or the first 12 digits of its id */
	const char *id;        /* the 64 digits of that container */
	const char *runtime;   /* what runs it */
	const char *pod;       /* the pod: Kubernetes' uid, or the first 12 digits of podman's id */
	const char *qos;       /* the class of service of that pod */
	struct mml_span part;  /* the last part of the path, which must live as long as this does */
	bool unit_is_slice;
	bool of_user;          /* it is in the care of a user's own systemd */
};

/* The name of the group at the root of the hierarchy. */
struct mml_cgroup_name mml_cgroup_name_root(void);

/* Names the group PART in the group PARENT. The strings are in ARENA; where memory ran out, they are
 * NULL. RET may be PARENT. */
void mml_cgroup_name_child(struct mml_arena *arena, const struct mml_cgroup_name *parent,
			   struct mml_span part, struct mml_cgroup_name *ret);

/* Names the group with the whole path PATH, such as "/system.slice/ssh.service". */
void mml_cgroup_name_path(struct mml_arena *arena, struct mml_span path,
			  struct mml_cgroup_name *ret);
