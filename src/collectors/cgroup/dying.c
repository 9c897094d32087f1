/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dying.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "../events/observe.h"
#include "../events/trace.h"
#include "cgroup.h"

/* clang-format off */
#define DYING_COLUMNS(C, R) \
	C(id,     "ID",     U64, KEY,     NONE,  FIRST,  0, "kernfs_node.id", "The number the kernel knows it by: the inode that its directory had.") \
	C(name,   "NAME",   STR, LABEL,   NONE,  FIRST,  0, "kernfs_node.name", "The last part of the path it had.") \
	C(pages,  "PAGES",  U64, GAUGE,   COUNT, MORE,   0, "mem_cgroup.memory.usage", "Pages still charged to it, and to those in it.") \
	C(bytes,  "BYTES",  U64, DERIVED, BYTES, FIRST,  0, "pages * page size", "The same in bytes.") \
	R(growth, "GROWTH", I64, GROWTH,  BYTES, MAIN,   bytes, "Change since the previous sample: it goes as the kernel reclaims.") \
	C(kernel, "KERNEL", U64, GAUGE,   BYTES, MAIN,   0, "mem_cgroup.kmem.usage", "Of that, the kernel's own objects, such as dentries and inodes (since Linux 6.11 where the kernel has version 1).") \
	C(swap,   "SWAP",   U64, GAUGE,   BYTES, MAIN,   0, "mem_cgroup.swap.usage, v1 memsw.usage - memory.usage", "What of it is in swap.") \
	C(why,    "HELDBY", STR, DERIVED, NONE,  MAIN,   0, "bytes, kernel, swap", "What keeps it: kernel objects, pages (page cache, shared memory), swap, references (nothing is charged, and somebody still points to it).") \
	C(was_in, "WASIN",  STR, LABEL,   NONE,  LAST,   0, "the nearest group that was not removed", "The path of the group it was in. Its memory counts there, too.")
/* clang-format on */

#define MML_TABLE_OF DYING
#include "../../core/columns.h"

static const char saved[] = "/mmlens/dying";

struct state {
	const struct mml_module_bpf *bpf;
	struct mml_bpf_session *session;
	struct mml_buf bytes;
};

static void *dying_keep(struct mml_root *root)
{
	(void)root;
	return mml_calloc(1, sizeof(struct state));
}

static void stop(struct state *state)
{
	if (state->session)
		state->bpf->stop(state->session);
	mml_buf_free(&state->bytes);
	state->session = NULL;
}

static void dying_release(void *state)
{
	stop(state);
	free(state);
}

int mml_dying_parse(struct mml_arena *arena, const void *bytes, size_t length, struct mml_dying_row **ret,
		    size_t *ret_count, uint64_t *ret_dropped)
{
	struct mml_trace_head head;
	int rc = mml_trace_check(bytes, length, MML_TRACE_DYING, &head);

	if (rc)
		return rc;
	if (head.length % sizeof(**ret))
		return -EBADMSG;
	*ret = mml_arena_alloc(arena, head.length + 1);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, (const char *)bytes + sizeof(head), head.length);
	*ret_count = head.length / sizeof(**ret);
	*ret_dropped = head.dropped;
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i].name[MML_DYING_NAME - 1] = '\0';
	return 0;
}

static int start(struct mml_take *take, struct state *state, struct mml_table *table)
{
	struct mml_bpf_options options = { 0 };
	struct mml_bpf_failure failure;
	struct mml_absence why;
	int rc;

	(void)take;
	if (state->session)
		return 0;
	state->bpf = mml_module("bpf", &why);
	if (!state->bpf)
		return mml_table_fail(table, -ENOSYS, why.needs, "%s", why.reason);
	rc = state->bpf->start(MML_TRACE_DYING, &options, &failure, &state->session);
	if (!rc)
		return 0;
	return mml_table_fail(table, rc, *failure.needs ? mml_arena_strndup(table->arena, failure.needs,
									    strlen(failure.needs)) : NULL,
			      "%s", failure.reason);
}

/* Walks them once a snapshot: findings look at them, too. */
static int read_live(struct mml_take *take, struct state *state, struct mml_table *table, struct mml_span *ret)
{
	enum { TRIES = 5 };
	void **memo = mml_take_memo(take, saved);
	struct mml_span *kept;
	char *copy;
	int rc;

	if (!memo)
		return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	if (*memo) {
		*ret = *(struct mml_span *)*memo;
		return 0;
	}
	rc = start(take, state, table);
	if (rc)
		return rc;
	rc = -EAGAIN;
	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		state->bytes.len = 0;
		rc = state->bpf->read(state->session, &state->bytes);
	}
	if (rc)
		return mml_table_fail(table, rc, NULL, "the kernel's lists of control groups could not be walked");
	mml_root_save(take->root, saved, state->bytes.data, state->bytes.len);
	kept = mml_arena_alloc(take->arena, sizeof(*kept));
	copy = mml_arena_strndup(take->arena, state->bytes.data, state->bytes.len);
	if (!kept || !copy)
		return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	*kept = *ret = (struct mml_span){ copy, copy + state->bytes.len };
	*memo = kept;
	return 0;
}

/* How many groups were removed, where nothing tells which. */
static void say_count(struct mml_take *take, struct mml_table *table, const struct mml_cgroups *groups)
{
	static const char *const names[] = { "nr_dying_subsys_memory", "nr_dying_descendants" };
	struct mml_span text, line, name;
	uint64_t n;

	if (!groups->n || mml_take_filef(take, &text, "%s/cgroup.stat", groups->fs.dir))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct mml_span rest = text;

		while (mml_next_line(&rest, &line))
			if (mml_next_field(&line, ' ', &name) && mml_span_eq(name, names[i]) &&
			    !mml_parse_u64(line, &n)) {
				mml_table_note(table, "cgroup.stat counts %" PRIu64 " of them", n);
				return;
			}
	}
}

/* /proc/cgroups counts those that were removed with the others. */
static void say_rest(struct mml_take *take, struct mml_table *table, const struct mml_cgroups *groups)
{
	struct mml_span text, line, name, hierarchy, count;
	uint64_t n;

	if (groups->fs.version != 1 || !groups->fs.whole || mml_take_file(take, NULL, "/proc/cgroups", &text))
		return;
	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &name) && mml_span_eq(name, "memory") &&
		    mml_next_token(&line, &hierarchy) && mml_next_token(&line, &count) &&
		    !mml_parse_u64(count, &n) && n > groups->n)
			mml_table_note(table, "/proc/cgroups counts %" PRIu64 " more groups than there are "
				       "directories", n - groups->n);
}

static const char *why(struct mml_arena *arena, const struct mml_dying_row *d, uint64_t swap)
{
	const char *words = "";
	const struct {
		bool holds;
		const char *word;
	} kinds[] = {
		{ d->known & MML_DYING_KERNEL && d->kernel, "kernel objects" },
		{ d->pages > (d->known & MML_DYING_KERNEL ? d->kernel : 0),
		  d->known & MML_DYING_KERNEL ? "pages" : "pages or kernel objects" },
		{ swap > 0, "swap" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && words; i++)
		if (kinds[i].holds)
			words = mml_arena_printf(arena, "%s%s%s", words, *words ? ", " : "", kinds[i].word);
	return words && !*words ? "references" : words;
}

static const char *path_of(const struct mml_cgroups *groups, uint64_t id)
{
	for (size_t i = 0; i < groups->n && id; i++)
		if (groups->at[i]->id == id)
			return groups->at[i]->path;
	return NULL;
}

static int add(struct mml_take *take, struct mml_table *table, const struct mml_cgroups *groups,
	       const struct mml_dying_row *d)
{
	struct mml_row *row = mml_table_add(table);
	uint64_t page = take->host->page_size, swap = d->swap;

	if (!row)
		return -ENOMEM;
	if (groups->fs.version == 1)
		swap = swap > d->pages ? swap - d->pages : 0;
	mml_set_u64(row, DYING_id, d->id);
	mml_set_str(row, DYING_name, mml_arena_strndup(table->arena, d->name, strlen(d->name)));
	mml_set_u64(row, DYING_pages, d->pages);
	if (d->pages < UINT64_MAX / page)
		mml_set_u64(row, DYING_bytes, d->pages * page);
	if (d->known & MML_DYING_KERNEL && d->kernel < UINT64_MAX / page)
		mml_set_u64(row, DYING_kernel, d->kernel * page);
	if (d->known & MML_DYING_SWAP && swap < UINT64_MAX / page)
		mml_set_u64(row, DYING_swap, swap * page);
	mml_set_str(row, DYING_why, why(table->arena, d, d->known & MML_DYING_SWAP ? swap : 0));
	mml_set_str(row, DYING_was_in, path_of(groups, d->home));
	return 0;
}

static int fill(struct mml_take *take, struct mml_table *table, const struct mml_cgroups *groups,
		struct mml_span bytes)
{
	struct mml_dying_row *rows;
	uint64_t dropped;
	size_t n;
	int rc = mml_dying_parse(table->arena, bytes.p, mml_span_len(bytes), &rows, &n, &dropped);

	if (rc == -ENOMEM)
		return mml_table_fail(table, rc, NULL, "out of memory");
	if (rc)
		return mml_table_fail(table, rc, NULL, "%s: not what mmlens saves", saved);
	for (size_t i = 0; i < n; i++)
		if (add(take, table, groups, &rows[i]))
			return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	if (!n)
		mml_table_note(table, "no control group that was removed holds anything; from Linux 7.2 on its pages "
			       "are handed to the group it was in");
	if (dropped)
		mml_table_note(table, "%" PRIu64 " more are not shown", dropped);
	return 0;
}

static int dying_collect(struct mml_take *take, const struct mml_query *query, struct mml_table *ret)
{
	struct state once = { 0 }, *state = query->reading.state ? query->reading.state : &once;
	struct mml_cgroups groups = { 0 };
	struct mml_table *scratch = mml_table_new(take->arena, ret->schema);
	struct mml_span bytes;
	int rc;

	if (!scratch)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	/* Without a mount there are no names of the groups around, and the rest is still told. */
	if (mml_cgroups_list(take, scratch, NULL, 0, &groups) == -ENOMEM)
		return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
	rc = mml_root_live(take->root) ? read_live(take, state, ret, &bytes) :
					 mml_observe_saved(take, saved, ret, &bytes);
	if (rc) {
		if (mml_root_live(take->root))
			mml_observe_save_why(take->root, saved, &ret->absence);
		say_count(take, ret, &groups);
		say_rest(take, ret, &groups);
	} else {
		rc = fill(take, ret, &groups, bytes);
	}
	stop(&once);
	return rc;
}

static int probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_observe_probe(root, MML_TRACE_DYING, saved, ret);
}

static const struct mml_source sources[] = {
	{ "BPF: iter/task", NULL, NULL, probe },
	{ "/proc/cgroups", NULL, "a kernel with CONFIG_CGROUPS", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_dying_cgroups = {
	.schema = { .name = "dying_cgroups",
		    .help = "A control group that was removed and still holds memory.",
		    MML_COLUMNS(DYING),
		    .sort = "-bytes,id" },
	.sources = sources,
	.collect = dying_collect,
	.keep = dying_keep,
	.release = dying_release,
};
