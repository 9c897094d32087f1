/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "who.h"

#include <errno.h>
#include <libproc2/pids.h>

/* The library takes no more pids at a time. */
enum { BATCH = 200 };

enum { ITEM_PID, ITEM_START, ITEM_UID, ITEM_USER, ITEM_CGROUPS, ITEMS };

/* What is asked for decides which files the library reads. */
static void choose(unsigned what, enum pids_item *items)
{
	items[ITEM_PID] = PIDS_ID_PID;
	items[ITEM_START] = PIDS_TICS_BEGAN;
	items[ITEM_UID] = what & MML_WHO_USER ? PIDS_ID_EUID : PIDS_noop;
	items[ITEM_USER] = what & MML_WHO_USER ? PIDS_ID_EUSER : PIDS_noop;
	items[ITEM_CGROUPS] = what & MML_WHO_CGROUPS ? PIDS_CGROUP_V : PIDS_noop;
}

static int who_open(void **ret)
{
	enum pids_item items[ITEMS];
	struct pids_info *info = NULL;
	int rc;

	choose(0, items);
	rc = procps_pids_new(&info, items, ITEMS);
	*ret = info;
	return rc < 0 ? rc : 0;
}

static void tell_one(const struct pids_result *head, unsigned what,
		     void (*tell)(const struct mml_who *who, void *ctx), void *ctx)
{
	struct mml_who who = {
		.pid = head[ITEM_PID].result.s_int,
		.start_ticks = head[ITEM_START].result.ull_int,
	};

	if (what & MML_WHO_USER) {
		who.uid = head[ITEM_UID].result.u_int;
		who.user = head[ITEM_USER].result.str;
	}
	if (what & MML_WHO_CGROUPS)
		who.cgroups = (const char *const *)head[ITEM_CGROUPS].result.strv;
	tell(&who, ctx);
}

static int who_ask(void *who, unsigned what, const pid_t *pids, size_t n,
		   void (*tell)(const struct mml_who *who, void *ctx), void *ctx)
{
	enum pids_item items[ITEMS];
	unsigned batch[BATCH];
	int rc;

	choose(what, items);
	rc = procps_pids_reset(who, items, ITEMS);
	if (rc < 0)
		return rc;
	for (size_t done = 0; done < n;) {
		struct pids_fetch *fetch;
		int count = 0;

		while (count < BATCH && done < n)
			batch[count++] = (unsigned)pids[done++];
		fetch = procps_pids_select(who, batch, count, PIDS_SELECT_PID);
		if (!fetch)
			return errno ? -errno : -EIO;
		for (int i = 0; i < fetch->counts->total; i++)
			tell_one(fetch->stacks[i]->head, what, tell, ctx);
	}
	return 0;
}

static void who_close(void *who)
{
	struct pids_info *info = who;

	procps_pids_unref(&info);
}

extern const struct mml_module_who mml_module_who;
const struct mml_module_who mml_module_who = {
	.open = who_open,
	.ask = who_ask,
	.close = who_close,
};
