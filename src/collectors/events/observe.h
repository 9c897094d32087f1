/* Looking on for a while: where the bytes of an event table come from, live or from a tree. */
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
	struct mml_buf maps; /* for its owner: what it must know from before the events */
	uint64_t seen_ns;    /* when the programs were started or last read */
};

void *mml_observer_new(struct mml_root *root);
void mml_observer_free(void *observer);
void mml_observer_clear(struct mml_observer *observer); /* of one that is not from new() */

/* Whether KIND can be had on this machine; for `sources`: 0, or -errno with the reason. */
int mml_observe_probe(struct mml_root *root, enum mml_trace_kind kind, const char *path,
		      struct mml_absence *ret);

/*
 * The bytes of KIND, in the snapshot's arena: live, the programs are started if they are not
 * running, query->reading.observe_ns (0: a second) from their start or their last reading is waited for,
 * or query->reading.cancel_fd, and the bytes are saved by the tee as PATH; in a captured tree they are
 * read from PATH. 0, or -errno with TABLE's failure set.
 */
int mml_observe(struct mml_take *take, const struct mml_query *query, enum mml_trace_kind kind,
		const char *path, struct mml_table *table, struct mml_span *ret);

/* The same in two steps, the first as a collector's `begin` (TABLE NULL: failures are for the next
 * attempt to tell), or for those who have to look at something when the counting has begun. */
int mml_observe_begin(const struct mml_query *query, struct mml_observer *observer,
		      enum mml_trace_kind kind, struct mml_table *table, bool *ret_started);
int mml_observe_end(struct mml_take *take, const struct mml_query *query,
		    struct mml_observer *observer, const char *path, struct mml_table *table,
		    struct mml_span *ret);

/* The bytes saved in a captured tree as PATH. */
int mml_observe_saved(struct mml_take *take, const char *path, struct mml_table *table,
		      struct mml_span *ret);

/* Set TABLE's failure from what made of the bytes of PATH: RC of mml_trace_*(). Returns RC. */
int mml_observe_bad(struct mml_table *table, const char *path, int rc);

/* What must be said beside the rows: events that found no room. */
void mml_observe_note(struct mml_table *table, const struct mml_trace_head *head,
		      const char *events);
