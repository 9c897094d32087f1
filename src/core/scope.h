/* What the user asked the tables about: the arguments that collectors take, and the grouping. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "buf.h"

enum mml_param_id {
#define PARAM(id, ...) MML_PARAM_##id,
#define WORDS(id, ...) MML_PARAM_##id,
#include "params.def"
#undef PARAM
	MML_PARAMS,
};

/* One of the parameters a collector takes, as a bit. */
#define MML_TAKES(id) (UINT64_C(1) << MML_PARAM_##id)

enum mml_param_type {
	MML_PARAM_IS_FLAG,      /* given or not */
	MML_PARAM_IS_TEXT,
	MML_PARAM_IS_FILE,      /* the name of a file of the user's; who sets it reads the file */
	MML_PARAM_IS_PIDS,      /* such as "1,2"; several options add up */
	MML_PARAM_IS_RANGE,     /* START-END, START+LENGTH or one address, hexadecimal */
	MML_PARAM_IS_ADDRESSES, /* hexadecimal, one in each word; they add up */
};

struct mml_param {
	char letter; /* the letter of the short option, or 0 */
	const char *name; /* the name of the long option; NULL: the values are words behind a command */
	const char *arg;  /* what its value is called; NULL: it is a flag */
	enum mml_param_type type;
	const char *help;
};

/* All parameters, by their ids. */
extern const struct mml_param mml_params[MML_PARAMS];

struct mml_arg {
	bool given;
	const char *text; /* as it was given last */
	const pid_t *pids;
	const uint64_t *addresses;
	size_t n;            /* of pids or addresses */
	uint64_t start, end; /* of a range */
	const char *data;    /* what the file has; NULL: it was not read */
	size_t size;
};

/* Appends how a parameter is given to RET, such as "-p PID" or "--vma NAME". */
void mml_param_usage(struct mml_buf *ret, const struct mml_param *param);

/* What this points to lives in the arena it was set in, or with the caller that set it. */
struct mml_scope {
	struct mml_arg args[MML_PARAMS];
	const char *by; /* the grouping that was asked for, or NULL */
};

/*
 * Sets parameter ID of SCOPE from WORD, which is NULL for a flag, in ARENA. Returns 0, -ENOMEM, or
 * -EINVAL. In the last case RET_WHY says what is wrong with the word, in words that go behind the
 * parameter's name.
 */
int mml_scope_set(struct mml_scope *scope, enum mml_param_id id, const char *word,
		  struct mml_arena *arena, const char **ret_why);

/* Limit the scope to the process *PID, which must outlive SCOPE, or to the addresses from START to
 * END. */
void mml_scope_set_pid(struct mml_scope *scope, const pid_t *pid);
void mml_scope_set_range(struct mml_scope *scope, uint64_t start, uint64_t end);

/* Makes a copy of FROM in ARENA that points to nothing outside it. Returns 0 or -ENOMEM. */
int mml_scope_copy(struct mml_scope *ret, const struct mml_scope *from, struct mml_arena *arena);

/* Returns whether the user asked about the process PID. If no process was named, all of them were
 * asked about. */
bool mml_scope_wants(const struct mml_scope *scope, pid_t pid);

static inline const struct mml_arg *mml_scope_pids(const struct mml_scope *scope)
{
	return &scope->args[MML_PARAM_PIDS];
}
