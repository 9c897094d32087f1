/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mm_kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "observe.h"
#include "trace.h"

static const char path[] = "/mmlens/mm";

struct state {
	const struct mml_module_bpf *bpf;
	struct mml_bpf_session *session;
	struct mml_buf bytes;
};

void *mml_mm_kernel_keep(struct mml_root *root)
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

void mml_mm_kernel_release(void *state)
{
	stop(state);
	free(state);
}

int mml_trace_mm(struct mml_arena *arena, const void *bytes, size_t length, struct mml_mm_row **ret,
		 size_t *ret_count)
{
	struct mml_trace_head head;
	int rc = mml_trace_check(bytes, length, MML_TRACE_MM, &head);

	if (rc)
		return rc;
	if (head.length % sizeof(**ret))
		return -EBADMSG;
	*ret = mml_arena_alloc(arena, head.length + 1);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, (const char *)bytes + sizeof(head), head.length);
	*ret_count = head.length / sizeof(**ret);
	return 0;
}

static const char *own(struct mml_arena *arena, const char *text)
{
	return text && *text ? mml_arena_strndup(arena, text, strlen(text)) : NULL;
}

/* Loads the program unless it is loaded. */
static bool start(struct mml_take *take, struct state *state, struct mml_absence *ret_why)
{
	struct mml_bpf_options options = { 0 };
	struct mml_bpf_failure failure;

	if (state->session)
		return true;
	state->bpf = mml_module("bpf", ret_why);
	if (!state->bpf)
		return false;
	if (!state->bpf->start(MML_TRACE_MM, &options, &failure, &state->session))
		return true;
	*ret_why = (struct mml_absence){ own(take->arena, failure.reason), own(take->arena, failure.needs) };
	return false;
}

static bool read_live(struct mml_take *take, struct state *state, struct mml_span *ret,
		      struct mml_absence *ret_why)
{
	int rc;

	if (!start(take, state, ret_why))
		return false;
	state->bytes.len = 0;
	rc = state->bpf->read(state->session, &state->bytes);
	if (rc) {
		*ret_why = (struct mml_absence){ "the task iterator could not be read", NULL };
		return false;
	}
	mml_root_save(take->root, path, state->bytes.data, state->bytes.len);
	*ret = (struct mml_span){ state->bytes.data, state->bytes.data + state->bytes.len };
	return true;
}

size_t mml_mm_kernel_read(struct mml_take *take, void *kept, struct mml_mm_row **ret,
			  struct mml_absence *ret_why)
{
	struct state once = { 0 }, *state = kept ? kept : &once;
	struct mml_span bytes;
	size_t n = 0;
	bool got;

	*ret_why = (struct mml_absence){ "the task iterator tells of no process", NULL };
	if (mml_root_live(take->root)) {
		got = read_live(take, state, &bytes, ret_why);
		if (!got)
			mml_observe_save_why(take->root, path, ret_why);
	} else {
		*ret_why = (struct mml_absence){ "not in this tree", "a capture of mm made with BPF" };
		got = mml_take_there(take, take->table, path) && !mml_take_file(take, NULL, path, &bytes);
		if (!got)
			mml_observe_saved_why(take, path, ret_why);
	}
	if (got && mml_trace_mm(take->arena, bytes.p, mml_span_len(bytes), ret, &n))
		*ret_why = (struct mml_absence){ "/mmlens/mm: not what mmlens saves", NULL };
	stop(&once);
	return n;
}

int mml_mm_kernel_probe(struct mml_root *root, struct mml_absence *ret)
{
	return mml_observe_probe(root, MML_TRACE_MM, path, ret);
}
