/* From a BPF object in memory to programs that run, or one clear reason why not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf.h"

/* One per line of sources.def: what differs between them. `skeleton` is bpftool's struct of the object's name. */
struct mml_bpf_source {
	enum mml_trace_kind kind;
	void *(*open)(void);
	int (*load)(void *skeleton);
	int (*attach)(struct mml_bpf_session *session);
	void (*destroy)(void *skeleton);
	/* Before loading: which programs, which constants. Or NULL. */
	void (*prepare)(struct mml_bpf_session *session);
	/* Appends rows to `ret`, and says in `head` how many. */
	int (*read)(struct mml_bpf_session *session, struct mml_trace_head *head,
		    struct mml_buf *ret);
	bool soft_fallback; /* without the tracepoint, options.soft_events do */
};

struct mml_bpf_session {
	const struct mml_bpf_source *source;
	struct mml_bpf_options options; /* pids are the caller's, until start returns */
	void *skeleton;
	struct bpf_link **links; /* those the skeleton does not hold */
	size_t nlinks;
	uint64_t started_ns;
	uint32_t flags; /* enum mml_trace_flag */
	uint32_t reads;
	char names[MML_TRACE_NAMES][MML_TRACE_NAME_LEN];
};

/* The functions open, load, attach and destroy of object NAME, from its skeleton: open_NAME() ... */
#define MML_BPF_SKELETON(name)                                                              \
	static void *open_##name(void)                                                      \
	{                                                                                   \
		return name##__open();                                                      \
	}                                                                                   \
	static int load_##name(void *skeleton)                                              \
	{                                                                                   \
		return name##__load(skeleton);                                              \
	}                                                                                   \
	__attribute__((unused)) static int attach_##name(struct mml_bpf_session *session)   \
	{                                                                                   \
		return name##__attach(session->skeleton);                                   \
	}                                                                                   \
	static void destroy_##name(void *skeleton)                                          \
	{                                                                                   \
		name##__destroy(skeleton);                                                  \
	}

/* For the sources. */
int mml_bpf_keep_link(struct mml_bpf_session *session, struct bpf_link *link);
/* Everything an iterator writes, appended. */
int mml_bpf_read_iterator(const struct bpf_link *link, struct mml_buf *ret);
/* All of a hash map: each value, after its key where `keys`; `drain` empties the map. */
int mml_bpf_read_hash(const struct bpf_map *map, bool drain, bool keys, struct mml_buf *ret,
		      uint64_t *ret_count);
/* What threads.bpf.h counts: the living's rows from the iterator, then the dead's, who are forgotten. */
int mml_bpf_read_threads(const struct bpf_link *dump, const struct bpf_map *dead, size_t row_size,
			 struct mml_trace_head *head, struct mml_buf *ret);
/* Runs of the programs that the kernel skipped because one was running already. */
uint64_t mml_bpf_missed(const struct bpf_object *object);
