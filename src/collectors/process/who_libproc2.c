/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../core/module.h"

#include <errno.h>
#include <libproc2/pids.h>

/* The library takes no more at a time. */
enum { BATCH = 200 };

enum { ITEM_PID, ITEM_START, ITEM_USER, ITEM_ARGV, ITEM_CGROUPS, ITEMS };

static enum pids_item items[ITEMS] = {
	[ITEM_PID] = PIDS_ID_PID,          [ITEM_START] = PIDS_TICS_BEGAN,
	[ITEM_USER] = PIDS_ID_EUSER,       [ITEM_ARGV] = PIDS_CMDLINE_V,
	[ITEM_CGROUPS] = PIDS_CGROUP_V,
};

static int who_open(void **ret)
{
	struct pids_info *info = NULL;
	int rc = procps_pids_new(&info, items, ITEMS);

	*ret = info;
	return rc < 0 ? rc : 0;
}

static int who_ask(void *who, const pid_t *pids, size_t n,
		   void (*tell)(const struct mml_who *who, void *ctx), void *ctx)
{
	unsigned batch[BATCH];

	for (size_t done = 0; done < n;) {
		struct pids_fetch *fetch;
		int count = 0;

		while (count < BATCH && done < n)
			batch[count++] = (unsigned)pids[done++];
		fetch = procps_pids_select(who, batch, count, PIDS_SELECT_PID);
		if (!fetch)
			return errno ? -errno : -EIO;
		for (int i = 0; i < fetch->counts->total; i++) {
			const struct pids_result *head = fetch->stacks[i]->head;

			tell(&(struct mml_who){
				     .pid = head[ITEM_PID].result.s_int,
				     .start_ticks = head[ITEM_START].result.ull_int,
				     .user = head[ITEM_USER].result.str,
				     .argv = (const char *const *)head[ITEM_ARGV].result.strv,
				     .cgroups =
					     (const char *const *)head[ITEM_CGROUPS].result.strv,
			     },
			     ctx);
		}
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
