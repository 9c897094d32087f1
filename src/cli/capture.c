/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../core/sampler.h"
#include "../core/trouble.h"
#include "plan.h"
#include "../source/source.h"

static const char *words(int rc)
{
	switch (rc) {
	case -ENOTEMPTY:
		return "not empty; capture makes a new tree";
	case -ENOTUNIQ:
		return "belongs to another user, who could put files or links there; capture makes a new tree";
	case -EKEYREJECTED:
		return "others may write to it, and could put files or links there; capture makes a new tree";
	default:
		return mml_trouble_words(rc);
	}
}

static int failed(const char *dir, int rc)
{
	mml_error("%s: %s", dir, words(rc));
	return MML_FAILED;
}

/* What was seen live is saved as mmlens/dump.json. It is for those who have no mmlens at hand, and
 * can be compared with what --root makes of the tree. */
static int save_dump(struct mml_plan *plan, struct mml_root *root, const struct mml_snapshot *snap)
{
	struct mml_buf out = { 0 };
	int rc = mml_root_tee_time(root, &snap->time);

	if (!rc)
		rc = mml_render(&out, plan->selects, snap, &plan->format);
	if (!rc)
		rc = mml_root_save(root, "/mmlens/dump.json", out.data, out.len);
	mml_buf_free(&out);
	return rc;
}

int mml_run_capture(struct mml_plan *plan, struct mml_root *root)
{
	struct mml_query queries[MML_MAX_TABLES];
	const char *dir = plan->args[0];
	struct mml_sampler *sampler;
	struct mml_snapshot *snap;
	int rc = mml_root_identify(root);

	if (!rc)
		rc = mml_root_tee(root, dir);

	if (rc)
		return failed(dir, rc);
	sampler = mml_sampler_new(root);
	for (size_t i = 0; i < plan->ntables; i++)
		queries[i] = mml_plan_query(plan, plan->tables[i], &plan->selects[i]);
	rc = sampler ? mml_sampler_take(sampler, queries, plan->ntables, &snap) : -ENOMEM;
	if (!rc) {
		rc = save_dump(plan, root, snap);
		mml_snapshot_put(snap);
	}
	mml_sampler_free(sampler);
	if (!rc)
		rc = mml_root_tee_end(root);
	return rc ? failed(dir, rc) : MML_OK;
}
