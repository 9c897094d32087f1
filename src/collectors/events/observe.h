/* Observes for a while. This is where an event table's bytes come from, live or from a tree. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../bpf/bpf.h"
#include "../../core/snapshot.h"

/* What an event table keeps from sample to sample: the programs that count. */
struct mml_observer {
	struct mml_bpf_session *session; /* NULL: none is running */
	enum mml_trace_kind kind;
	pid_t *pids;
	size_t npids;
	struct mml_buf maps; /* for the table's own use: what it must know from before the events */
	uint64_t seen_ns;    /* when the programs were started or last read */
};

void *mml_observer_new(struct mml_root *root);
void mml_observer_free(void *observer);
void mml_observer_clear(struct mml_observer *observer); /* for one that new() did not make */

/* Tells `sources` whether KIND can be had on this machine. Returns 0, or -errno with the reason. */
int mml_observe_probe(struct mml_root *root, enum mml_trace_kind kind, const char *path,
		      struct mml_absence *ret);

/*
 * Gets the bytes of KIND in the snapshot's arena. On a live system, it starts the programs if they
 * are not running. Then it waits until query->reading.observe_ns (0: one second) have passed since
 * they were started or last read, or until query->reading.cancel_fd is readable, and saves the
 * bytes as PATH in a capture. In a captured tree it reads them from PATH. Returns 0, or -errno with
 * TABLE failed.
 */
int mml_observe(struct mml_take *take, const struct mml_query *query, enum mml_trace_kind kind,
		const char *path, struct mml_table *table, struct mml_span *ret);

/* The same in two steps. The first is for a collector's `begin`, or if something must be looked at
 * once counting has begun. If its TABLE is NULL, an error is not told: the next attempt will meet
 * it, too. */
int mml_observe_begin(const struct mml_query *query, struct mml_observer *observer,
		      enum mml_trace_kind kind, struct mml_table *table, bool *ret_started);
int mml_observe_end(struct mml_take *take, const struct mml_query *query,
		    struct mml_observer *observer, const char *path, struct mml_table *table,
		    struct mml_span *ret);

/* Reads the bytes that a captured tree has saved as PATH. */
/* The first saves beside PATH why nothing could be observed. The second finds that again, and returns
 * false if nothing was saved. */
void mml_observe_save_why(struct mml_root *root, const char *path, const struct mml_absence *why);
bool mml_observe_saved_why(struct mml_take *take, const char *path, struct mml_absence *ret);

int mml_observe_saved(struct mml_take *take, const char *path, struct mml_table *table,
		      struct mml_span *ret);

/* Fails TABLE because an mml_trace function refused the bytes of PATH with RC. Returns RC. */
int mml_observe_bad(struct mml_table *table, const char *path, int rc);

/* Adds a note on events that were dropped, if there were any. */
void mml_observe_note(struct mml_table *table, const struct mml_trace_head *head,
		      const char *events);
