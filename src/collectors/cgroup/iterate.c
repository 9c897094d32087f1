/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iterate.h"

#include <errno.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "../events/observe.h"
#include "../events/trace.h"

/*
 * To load the programs takes as long as to read the files of some hundred groups. What they do not tell,
 * such as pressure, is read from the files, and so is everything if they cannot be loaded.
 */
enum {
	AT_ONCE = 1000, /* groups from which on it pays for a single sample */
	IN_TIME = 100,  /* the same if there will be many samples */
	MANY = 3,       /* after this many samples there will be more */
	SPARE = 256,    /* groups that may come while it is kept */
};

static const struct {
	const char *file, *line;
} told[] = {
#define TOLD(name, file, line, ...) { file, line },
	MML_GROUP_VALUES(TOLD, TOLD, TOLD, TOLD, TOLD, TOLD)
#undef TOLD
};

int mml_cgroup_value_of(const struct mml_cgroup_file *file, const struct mml_cgroup_key *key)
{
	for (int i = 0; i < MML_GROUP_NVALUES; i++)
		if (mml_span_eq(file->name, told[i].file) && mml_span_eq(key->name, told[i].line))
			return i;
	return -1;
}

void mml_cgroup_tell(const struct mml_cgroup *g, const struct mml_cgroup_file *file, const int *value)
{
	for (size_t k = 0; k < file->nkeys; k++)
		if (value[k] >= 0 && g->told->value[value[k]] != MML_GROUP_NONE)
			mml_cgroup_set(&file->keys[k], g->told->value[value[k]], g->row);
}

int mml_cgroup_iterator_probe(struct mml_root *root, struct mml_absence *ret)
{
	if (!mml_root_live(root)) {
		*ret = (struct mml_absence){ "only on the live system", NULL };
		return -ENOTSUP;
	}
	return mml_observe_probe(root, MML_TRACE_GROUPS, "", ret);
}

static bool tells_any(const struct mml_cgroup_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		for (size_t k = 0; k < plan->files[i].nkeys; k++)
			if (mml_cgroup_value_of(&plan->files[i], &plan->files[i].keys[k]) >= 0)
				return true;
	return false;
}

static bool pays(const struct mml_cgroup_iterator *it, const struct mml_cgroups *groups,
		 const struct mml_cgroup_plan *plan)
{
	size_t from = it->from ? it->from : it->samples > MANY ? IN_TIME : AT_ONCE;

	return !it->refused && groups->fs.version == 2 && mml_root_direct(groups->take->root) &&
	       (it->session || (groups->n >= from && mml_bpf_allowed())) && tells_any(plan);
}

void mml_cgroup_iterator_close(struct mml_cgroup_iterator *it)
{
	if (it->session)
		it->bpf->stop(it->session);
	it->session = NULL;
	mml_buf_free(&it->bytes);
}

/* Returns 0 or -errno. Whatever stands in the way will do so the next time, too. */
static int start(struct mml_cgroup_iterator *it, const struct mml_cgroups *groups)
{
	struct mml_bpf_options options = { .group = groups->fs.dir,
					   .rows = (unsigned)(groups->n * 2 + SPARE) };
	struct mml_bpf_failure failure;
	struct mml_absence why;
	int rc;

	it->bpf = mml_module("bpf", &why);
	rc = it->bpf ? it->bpf->start(MML_TRACE_GROUPS, &options, &failure, &it->session) : -ENOSYS;
	it->refused = rc != 0;
	return rc;
}

static int read_rows(struct mml_cgroup_iterator *it, struct mml_trace_head *ret_head,
		     const struct mml_group_row **ret)
{
	int rc;

	it->bytes.len = 0;
	rc = it->bpf->read(it->session, &it->bytes);
	if (!rc)
		rc = mml_trace_check(it->bytes.data, it->bytes.len, MML_TRACE_GROUPS, ret_head);
	if (!rc)
		*ret = (const void *)(it->bytes.data + sizeof(*ret_head));
	return rc;
}

/* The inodes of directories are spread well enough. */
static size_t slot_of(const struct mml_group_row *const *slots, size_t mask, uint64_t id)
{
	size_t at = (size_t)id & mask;

	while (slots[at] && slots[at]->id != id)
		at = (at + 1) & mask;
	return at;
}

static int join(const struct mml_cgroups *groups, const struct mml_group_row *rows, size_t n)
{
	const struct mml_group_row **slots;
	size_t size = 64;

	while (size < n * 2)
		size *= 2;
	slots = mml_arena_alloc(groups->take->arena, size * sizeof(const struct mml_group_row *));
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		slots[slot_of(slots, size - 1, rows[i].id)] = &rows[i];
	for (size_t i = 0; i < groups->n; i++) {
		struct mml_cgroup *g = groups->at[i];

		if (g->id && (g->parent || !groups->fs.whole))
			g->told = slots[slot_of(slots, size - 1, g->id)];
	}
	return 0;
}

int mml_cgroups_iterate(struct mml_cgroup_iterator *it, const struct mml_cgroups *groups,
			const struct mml_cgroup_plan *plan)
{
	const struct mml_group_row *rows;
	struct mml_trace_head head;
	int rc = 0;

	it->samples++;
	if (!pays(it, groups, plan))
		return 0;
	if (!it->session)
		rc = start(it, groups);
	if (!rc)
		rc = read_rows(it, &head, &rows);
	if (!rc)
		rc = join(groups, rows, head.length / sizeof(*rows));
	/* There are more groups than there is room for: the next time there will be more. */
	if (rc || head.dropped)
		if (it->session) {
			it->bpf->stop(it->session);
			it->session = NULL;
		}
	return rc == -ENOMEM ? rc : 0;
}
