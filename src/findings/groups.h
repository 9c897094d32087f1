/* What is remembered of control groups from look to look. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"
#include "trail.h"

/* The numbers of a group that the rules look at: a name here, and the column of table cgroups. */
#define MML_GROUP_NUMBERS(X)                     \
	X(CURRENT, "current")                    \
	X(LIMIT, "limit")                        \
	X(LEAST, "effective_limit")              \
	X(HIGH, "high")                          \
	X(RECLAIMABLE, "reclaimable")            \
	X(SWAP, "swap")                          \
	X(SWAP_LIMIT, "swap_limit")              \
	X(DYING, "dying")                        \
	X(AT_MAX, "max_local")                   \
	X(AT_HIGH, "high_local")                 \
	X(OOMS, "oom_local")                     \
	X(KILLS, "oom_kills_local")

enum mml_group_number {
#define X(id, column) MML_GROUP_##id,
	MML_GROUP_NUMBERS(X)
#undef X
	MML_GROUP_NUMBERS_N,
};

struct mml_group {
	char *path, *name;
	bool limited; /* it, or a group it is in, has a limit */
	uint64_t id;
	unsigned depth;
	uint64_t value[MML_GROUP_NUMBERS_N];
	unsigned has;          /* as bits */
	double some, full;     /* per cent of time that its tasks waited; NAN: not known */
	/* By how much the counters grew between the last two looks; below 0: not known. */
	double change[MML_GROUP_NUMBERS_N];
	/* The same of the look before, if it may have seen a kill that the machine's counter, which is
	 * read before the groups are, tells of only now. */
	double early[MML_GROUP_NUMBERS_N];
	uint64_t killed_ns;    /* the look that saw a process of it killed last; 0: none did, */
	uint64_t killed;       /* and how many were killed within an hour of one another */
};

/* Groups that were removed and still hold memory. */
struct mml_dying {
	size_t n;
	uint64_t bytes;       /* of all; what is in a group that lies in another one counts in both */
	uint64_t most;        /* of the largest, */
	char *name, *was_in;  /* which is that; was_in may be NULL */
};

/* As of the last look at them. */
struct mml_groups {
	struct mml_group *list; /* parents first */
	size_t n;
	uint64_t look_ns;  /* 0: never */
	uint64_t since_ns; /* the look before, or 0 */
	uint64_t cost_ns;
	bool told;         /* at that look the machine's counter of kills had risen */
	struct mml_dying dying;
	struct mml_trail trail; /* what of each group with a limit cannot be reclaimed */
};

/* Whether it is time to look at the groups again, for a hundredth of the time at most. KILLED says that a
 * process was killed since the last look: then it is at once. */
bool mml_groups_due(const struct mml_groups *groups, uint64_t now_ns, bool killed);

/* Looks at them; if ONCE, at what one look alone can say something of. KILLED as above. Returns 0 or
 * -ENOMEM. */
int mml_groups_look(struct mml_groups *groups, struct mml_take *take, bool once, bool killed,
		    uint64_t now_ns);
void mml_groups_free(struct mml_groups *groups);

static inline bool mml_group_has(const struct mml_group *g, enum mml_group_number number)
{
	return g->has >> number & 1;
}

/* Returns the group with that path, or NULL. */
const struct mml_group *mml_groups_find(const struct mml_groups *groups, const char *path);

/* Whether group INNER lies below group OUTER. */
bool mml_group_is_below(const struct mml_group *inner, const struct mml_group *outer);

/* Whether G is followed in the trail, and what of it cannot be reclaimed: if it has a limit, or a group
 * it is in, and is not small beside it. */
bool mml_group_is_followed(const struct mml_group *g, uint64_t *ret_held);

/* What of G cannot be reclaimed; false if it is not known. */
bool mml_group_held(const struct mml_group *g, uint64_t *ret);
