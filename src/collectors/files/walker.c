/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"

void *mml_walker_new(enum mml_trace_kind kind)
{
	struct mml_walker *walker = mml_calloc(1, sizeof(*walker));

	if (walker)
		walker->kind = kind;
	return walker;
}

void mml_walker_clear(struct mml_walker *walker)
{
	if (walker->session)
		walker->bpf->stop(walker->session);
	mml_buf_free(&walker->bytes);
	walker->session = NULL;
}

void mml_walker_free(void *walker)
{
	mml_walker_clear(walker);
	free(walker);
}

void mml_walker_choose(struct mml_walker *walker, enum mml_trace_kind kind)
{
	if (walker->kind != kind)
		mml_walker_clear(walker);
	walker->kind = kind;
}

static int start(struct mml_walker *walker, struct mml_table *table)
{
	struct mml_bpf_options options = { 0 };
	struct mml_bpf_failure failure;
	struct mml_absence why;
	const char *needs;
	int rc;

	if (walker->session)
		return 0;
	walker->bpf = mml_module("bpf", &why);
	if (!walker->bpf)
		return mml_table_fail(table, -ENOSYS, why.needs, "%s", why.reason);
	rc = walker->bpf->start(walker->kind, &options, &failure, &walker->session);
	if (!rc)
		return 0;
	needs = *failure.needs ? mml_arena_strndup(table->arena, failure.needs, strlen(failure.needs)) : NULL;
	return mml_table_fail(table, rc, needs, "%s", failure.reason);
}

int mml_walker_read(struct mml_walker *walker, struct mml_take *take, const char *path, struct mml_table *table,
		    struct mml_span *ret)
{
	enum { TRIES = 5 };
	int rc = start(walker, table);

	if (rc)
		return rc;
	rc = -EAGAIN;
	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		walker->bytes.len = 0;
		rc = walker->bpf->read(walker->session, &walker->bytes);
	}
	if (rc)
		return mml_table_fail(table, rc, NULL, "the kernel's list of file systems could not be walked: %s",
				      strerror(-rc));
	mml_root_save(take->root, path, walker->bytes.data, walker->bytes.len);
	*ret = (struct mml_span){ walker->bytes.data, walker->bytes.data + walker->bytes.len };
	return 0;
}
