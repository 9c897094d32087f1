/* Makes running programs from a BPF object in memory, or says why that cannot be done. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf.h"

/* The line of a source in sources.def: how it differs from others. `skeleton` is the struct that
 * bpftool makes for the object. */
struct mml_bpf_source {
	enum mml_trace_kind kind;
	void *(*open)(void);
	int (*load)(void *skeleton);
	int (*attach)(struct mml_bpf_session *session);
	void (*destroy)(void *skeleton);
	/* Chooses programs and sets constants before loading; or NULL. */
	void (*prepare)(struct mml_bpf_session *session);
	/* Appends rows to `ret`, and sets their numbers in `head`. */
	int (*read)(struct mml_bpf_session *session, struct mml_trace_head *head,
		    struct mml_buf *ret);
	const char *function; /* that the kernel must have for programs to call; or NULL */
	bool soft_fallback; /* if there is no tracepoint, options.soft_events are used */
	bool task_storage;  /* the counts lie there, as in threads.bpf.h */
};

struct mml_bpf_session {
	const struct mml_bpf_source *source;
	struct mml_bpf_options options; /* pids and group are the caller's, and valid until start() returns */
	void *skeleton;
	struct bpf_link **links; /* links that the skeleton does not hold */
	size_t nlinks;
	uint64_t started_ns;
	uint32_t flags; /* enum mml_trace_flag */
	uint32_t reads;
	void *before;	/* what the source read when the session began; freed with it */
	char names[MML_TRACE_NAMES][MML_TRACE_NAME_LEN];
};

/* Defines open_NAME(), load_NAME(), attach_NAME() and destroy_NAME() from the skeleton of object
 * NAME. */
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

/* Keeps LINK until the session ends. LINK may be NULL if errno is set. Returns 0 or -errno. */
int mml_bpf_keep_link(struct mml_bpf_session *session, struct bpf_link *link);
/* Appends everything that an iterator writes. Returns 0 or -errno. */
int mml_bpf_read_iterator(const struct bpf_link *link, struct mml_buf *ret);
/* Appends each value of a hash map, with its key in front if KEYS. DRAIN empties the map. Sets
 * RET_COUNT to how many there were. Returns 0 or -errno. */
int mml_bpf_read_hash(const struct bpf_map *map, bool drain, bool keys, struct mml_buf *ret,
		      uint64_t *ret_count);
/* Appends what threads.bpf.h counts: the rows of the living, from the iterator, and then those of
 * the dead, who are forgotten. Returns 0 or -errno. */
int mml_bpf_read_threads(const struct bpf_link *dump, const struct bpf_map *dead, size_t row_size,
			 struct mml_trace_head *head, struct mml_buf *ret);
/* Returns how often the kernel skipped a program because it was running already. */
uint64_t mml_bpf_missed(const struct bpf_object *object);

/* Returns how many arguments tracepoint NAME has in the kernel of BTF; 0: there is none of that
 * name. */
unsigned mml_bpf_arguments(const struct btf *btf, const char *name);

/* Sets the reason, and that nothing would help. Returns ERR. */
int mml_bpf_fail(struct mml_bpf_failure *ret, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds what it would take. */
void mml_bpf_needs(struct mml_bpf_failure *ret, const char *text);

/* Returns 0 if this process may run programs here, or -errno with the reason. */
int mml_bpf_probe_machine(struct mml_bpf_failure *ret);
/* Returns 0 if the kernel has what SOURCE needs and TRACEPOINT, which may be NULL, or -errno with
 * the reason. */
int mml_bpf_probe_kernel(const struct mml_bpf_source *source, const char *tracepoint,
			 struct mml_bpf_failure *ret);

/* What may stand in the way beside rights. */
struct mml_bpf_obstacles {
	int asked;           /* what bpf() answers to a question that needs no rights: -EBADF is well */
	int ran_out;         /* -EMFILE or -ENFILE: there is no room for the descriptors; or 0 */
	bool locked_down;    /* programs may not read the kernel's memory */
	bool memory_limited; /* maps count as locked memory, and that has a limit */
};

void mml_bpf_obstacles(struct mml_bpf_obstacles *ret);
/* Says why loading gave ERR, if that is something of these. Returns false if it is not. */
bool mml_bpf_explain_refusal(int err, const char *log, const struct mml_bpf_obstacles *in_way,
			     struct mml_bpf_failure *ret);
