/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"

static const uint64_t default_ns = 1000000000;

void *mml_observer_new(struct mml_root *root)
{
	(void)root;
	return mml_calloc(1, sizeof(struct mml_observer));
}

/* A session exists only if the module was found, so that a later call gives the same module. */
static const struct mml_module_bpf *module_bpf(struct mml_absence *ret_why)
{
	return mml_module("bpf", ret_why);
}

static void observer_stop(struct mml_observer *observer)
{
	struct mml_absence why;
	const struct mml_module_bpf *bpf = observer->session ? module_bpf(&why) : NULL;

	if (bpf)
		bpf->stop(observer->session);
	observer->session = NULL;
	free(observer->pids);
	observer->pids = NULL;
	observer->npids = 0;
}

void mml_observer_clear(struct mml_observer *observer)
{
	observer_stop(observer);
	mml_buf_free(&observer->maps);
}

void mml_observer_free(void *observer)
{
	mml_observer_clear(observer);
	free(observer);
}

int mml_observe_probe(struct mml_root *root, enum mml_trace_kind kind, const char *path,
		      struct mml_absence *ret)
{
	/* The words are valid until this thread asks again. */
	static _Thread_local struct mml_bpf_failure failure;
	const struct mml_module_bpf *bpf;
	int rc;

	*ret = (struct mml_absence){ NULL, NULL };
	if (!mml_root_live(root)) {
		int fd = mml_root_openfd(root, path);

		if (fd < 0) {
			*ret = (struct mml_absence){ "not in this tree", "a capture made with BPF" };
			return fd;
		}
		close(fd);
		return 0;
	}
	bpf = module_bpf(ret);
	if (!bpf)
		return -ENOTSUP;
	rc = bpf->probe(kind, &failure);
	*ret = (struct mml_absence){ rc ? failure.reason : NULL,
				     rc && failure.needs[0] ? failure.needs : NULL };
	return rc;
}

/* Waits until TIME, or until FD is readable. */
static void wait_until(uint64_t time, int fd)
{
	struct pollfd cancel = { .fd = fd, .events = POLLIN };
	uint64_t now;

	while ((now = mml_now_ns()) < time) {
		struct timespec left = { (time_t)((time - now) / 1000000000),
					 (long)((time - now) % 1000000000) };

		if (ppoll(&cancel, 1, &left, NULL) > 0)
			return;
	}
}

static bool same_question(const struct mml_observer *observer, const struct mml_arg *asked,
			  enum mml_trace_kind kind)
{
	return observer->session && observer->kind == kind && observer->npids == asked->n &&
	       (!asked->n || !memcmp(observer->pids, asked->pids, asked->n * sizeof(*asked->pids)));
}

/* Fails TABLE with a copy of the words, which may be gone after this call. */
static int fail(struct mml_table *table, int rc, const char *needs, const char *reason)
{
	if (!table)
		return rc;
	if (needs && *needs)
		needs = mml_arena_strndup(table->arena, needs, strlen(needs));
	else
		needs = NULL;
	return mml_table_fail(table, rc, needs, "%s", reason);
}

int mml_observe_begin(const struct mml_query *query, struct mml_observer *observer,
		      enum mml_trace_kind kind, struct mml_table *table, bool *ret_started)
{
	const struct mml_arg *asked = mml_scope_pids(&query->scope);
	struct mml_bpf_options options = { .pids = asked->pids, .npids = asked->n };
	struct mml_bpf_failure failure;
	const struct mml_module_bpf *bpf;
	struct mml_absence why;
	int rc;

	*ret_started = false;
	if (same_question(observer, asked, kind))
		return 0;
	observer_stop(observer);
	bpf = module_bpf(&why);
	if (!bpf)
		return fail(table, -ENOTSUP, why.needs, why.reason);
	if (asked->n) {
		observer->pids = mml_malloc(asked->n * sizeof(*asked->pids));
		if (!observer->pids)
			return fail(table, -ENOMEM, NULL, "out of memory");
		memcpy(observer->pids, asked->pids, asked->n * sizeof(*asked->pids));
	}
	observer->npids = asked->n;
	observer->kind = kind;
	rc = bpf->start(kind, &options, &failure, &observer->session);
	if (rc)
		return fail(table, rc, failure.needs, failure.reason);
	observer->seen_ns = mml_now_ns();
	*ret_started = true;
	return 0;
}

int mml_observe_end(struct mml_take *take, const struct mml_query *query,
		    struct mml_observer *observer, const char *path, struct mml_table *table,
		    struct mml_span *ret)
{
	struct mml_absence why;
	const struct mml_module_bpf *bpf = module_bpf(&why);
	uint64_t look_ns = default_ns;
	struct mml_buf bytes = { 0 };
	char *copy = NULL;
	int rc;

	if (!bpf)
		return fail(table, -ENOTSUP, why.needs, why.reason);
	if (query->reading.observe_ns)
		look_ns = query->reading.observe_ns;
	wait_until(observer->seen_ns + look_ns, query->reading.cancel_fd);
	rc = bpf->read(observer->session, &bytes);
	observer->seen_ns = mml_now_ns();
	if (!rc) {
		mml_root_save(take->root, path, bytes.data, bytes.len);
		copy = mml_arena_strndup(take->arena, bytes.data, bytes.len);
		rc = copy ? 0 : -ENOMEM;
	}
	if (!rc)
		*ret = (struct mml_span){ copy, copy + bytes.len };
	mml_buf_free(&bytes);
	return rc ? mml_table_fail(table, rc, NULL, "reading the counts: %s", strerror(-rc)) : 0;
}

void mml_observe_save_why(struct mml_root *root, const char *path, const struct mml_absence *why)
{
	struct mml_buf name = { 0 }, text = { 0 };

	if (!mml_root_saves(root) || !why->reason)
		return;
	mml_buf_printf(&name, "%s.why", path);
	mml_buf_printf(&text, "%s\n%s\n", why->reason, why->needs ? why->needs : "");
	if (!name.error && !text.error)
		mml_root_save(root, name.data, text.data, text.len);
	mml_buf_free(&name);
	mml_buf_free(&text);
}

static const char *copy_line(struct mml_take *take, struct mml_span *text)
{
	struct mml_span line;

	if (!mml_next_line(text, &line) || !mml_span_len(line))
		return NULL;
	return mml_arena_strndup(take->arena, line.p, mml_span_len(line));
}

bool mml_observe_saved_why(struct mml_take *take, const char *path, struct mml_absence *ret)
{
	struct mml_span text;

	if (mml_take_filef(take, &text, "%s.why", path))
		return false;
	ret->reason = copy_line(take, &text);
	ret->needs = copy_line(take, &text);
	return ret->reason;
}

int mml_observe_saved(struct mml_take *take, const char *path, struct mml_table *table,
		      struct mml_span *ret)
{
	int rc = mml_take_file(take, NULL, path, ret);
	struct mml_absence why;

	if (rc == -ENOENT && mml_observe_saved_why(take, path, &why))
		return mml_table_fail(table, -ENOTSUP, why.needs, "%s", why.reason);
	if (rc == -ENOENT && mml_root_missing(take->root, path) == MML_MISSING_UNASKED)
		return mml_table_fail(table, rc, "a recording of it: name the table behind record",
				      "not recorded");
	if (rc == -ENOENT)
		return mml_table_fail(table, rc, "a capture made where BPF programs may be loaded",
				      "not in this tree");
	return rc ? mml_table_fail(table, rc, NULL, "%s: %s", path, strerror(-rc)) : 0;
}

int mml_observe(struct mml_take *take, const struct mml_query *query, enum mml_trace_kind kind,
		const char *path, struct mml_table *table, struct mml_span *ret)
{
	struct mml_observer once = { 0 };
	struct mml_observer *observer = query->reading.state ? query->reading.state : &once;
	bool started;
	int rc;

	if (!mml_root_live(take->root))
		return mml_observe_saved(take, path, table, ret);
	rc = mml_observe_begin(query, observer, kind, table, &started);
	if (!rc)
		rc = mml_observe_end(take, query, observer, path, table, ret);
	mml_observer_clear(&once);
	if (rc)
		mml_observe_save_why(take->root, path, &table->absence);
	return rc;
}

int mml_observe_bad(struct mml_table *table, const char *path, int rc)
{
	if (rc == -ENOTSUP)
		return mml_table_fail(table, rc, "a version of mmlens and a machine like its own",
				      "%s: written by another version, or in another byte order",
				      path);
	return mml_table_fail(table, rc, NULL, "%s: %s", path,
			      rc == -EBADMSG ? "not what mmlens saves" : strerror(-rc));
}

void mml_observe_note(struct mml_table *table, const struct mml_trace_head *head,
		      const char *events)
{
	if (head->dropped)
		mml_table_note(table, "dropped %" PRIu64 " %s that found no room to be counted",
			       (uint64_t)head->dropped, events);
}
