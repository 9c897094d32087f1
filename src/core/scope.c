/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scope.h"

#include <errno.h>
#include <string.h>

#include "parse.h"

const struct mml_param mml_params[MML_PARAMS] = {
#define PARAM(id, letter, name, arg, type, help) \
	[MML_PARAM_##id] = { letter, name, arg, MML_PARAM_IS_##type, help },
#define WORDS(id, arg, type, help) [MML_PARAM_##id] = { 0, NULL, arg, MML_PARAM_IS_##type, help },
#include "params.def"
#undef PARAM
};

void mml_param_usage(struct mml_buf *ret, const struct mml_param *param)
{
	if (param->letter)
		mml_buf_printf(ret, "-%c", param->letter);
	else if (param->name)
		mml_buf_printf(ret, "--%s", param->name);
	if (param->arg && param->name)
		mml_buf_putc(ret, ' ');
	if (param->arg)
		mml_buf_put(ret, param->arg, strcspn(param->arg, ",|"));
}

static int bad(struct mml_arena *arena, const char **ret_why, struct mml_span word, const char *what)
{
	*ret_why = mml_arena_printf(arena, "'%.*s' is not %s", (int)mml_span_len(word), word.p, what);
	return *ret_why ? -EINVAL : -ENOMEM;
}

/* Returns a copy of LIST with room for one more item of SIZE bytes at its end, or NULL when memory
 * ran out. */
static void *longer(struct mml_arena *arena, const void *list, size_t n, size_t size)
{
	void *more = mml_arena_alloc(arena, (n + 1) * size);

	if (more && n)
		memcpy(more, list, n * size);
	return more;
}

static int add_pids(struct mml_arg *arg, const char *words, struct mml_arena *arena,
		    const char **ret_why)
{
	struct mml_span rest = mml_span_str(words), word;

	while (mml_next_field(&rest, ',', &word)) {
		uint64_t pid;
		pid_t *pids;

		if (mml_parse_u64(mml_span_trim(word), &pid) || !pid || pid > INT32_MAX)
			return bad(arena, ret_why, word, "a process id");
		pids = longer(arena, arg->pids, arg->n, sizeof(*pids));
		if (!pids)
			return -ENOMEM;
		pids[arg->n++] = (pid_t)pid;
		arg->pids = pids;
	}
	return 0;
}

static struct mml_span without_0x(struct mml_span word)
{
	word.p += mml_span_starts(word, "0x") || mml_span_starts(word, "0X") ? 2 : 0;
	return word;
}

static int add_address(struct mml_arg *arg, const char *word, struct mml_arena *arena,
		       const char **ret_why)
{
	uint64_t *addresses, address;

	if (mml_parse_hex(without_0x(mml_span_str(word)), &address))
		return bad(arena, ret_why, mml_span_str(word),
			   "an address (hexadecimal, as 0x7f12a000)");
	addresses = longer(arena, arg->addresses, arg->n, sizeof(*addresses));
	if (!addresses)
		return -ENOMEM;
	addresses[arg->n++] = address;
	arg->addresses = addresses;
	return 0;
}

static int set_range(struct mml_arg *arg, const char *word, struct mml_arena *arena,
		     const char **ret_why)
{
	struct mml_span rest = mml_span_str(word), first;
	char sign = strchr(word, '+') ? '+' : '-';

	mml_next_field(&rest, sign, &first);
	rest = without_0x(rest);
	if (*word && !mml_parse_hex(without_0x(first), &arg->start)) {
		if (rest.p == rest.end && !strchr(word, sign)) {
			arg->end = arg->start + 1;
			return 0;
		}
		if (!mml_parse_hex(rest, &arg->end)) {
			if (sign == '+')
				arg->end += arg->start;
			if (arg->end > arg->start)
				return 0;
		}
	}
	return bad(arena, ret_why, mml_span_str(word), "START-END in hexadecimal");
}

int mml_scope_set(struct mml_scope *scope, enum mml_param_id id, const char *word,
		  struct mml_arena *arena, const char **ret_why)
{
	struct mml_arg *arg = &scope->args[id];
	int rc = 0;

	arg->text = word ? mml_arena_strndup(arena, word, strlen(word)) : "";
	if (!arg->text)
		return -ENOMEM;
	switch (mml_params[id].type) {
	case MML_PARAM_IS_FLAG:
	case MML_PARAM_IS_TEXT:
	case MML_PARAM_IS_FILE:
		break;
	case MML_PARAM_IS_PIDS:
		rc = add_pids(arg, arg->text, arena, ret_why);
		break;
	case MML_PARAM_IS_RANGE:
		rc = set_range(arg, arg->text, arena, ret_why);
		break;
	case MML_PARAM_IS_ADDRESSES:
		rc = add_address(arg, arg->text, arena, ret_why);
		break;
	}
	arg->given = !rc;
	return rc;
}

void mml_scope_set_pid(struct mml_scope *scope, const pid_t *pid)
{
	scope->args[MML_PARAM_PIDS] = (struct mml_arg){ .given = true, .pids = pid, .n = 1 };
}

void mml_scope_set_range(struct mml_scope *scope, uint64_t start, uint64_t end)
{
	scope->args[MML_PARAM_RANGE] = (struct mml_arg){ .given = true, .start = start, .end = end };
}

/* Replaces *LIST, which has N items of SIZE bytes, with a copy. Returns 0 or -ENOMEM. */
static int copy_list(const void **list, size_t n, size_t size, struct mml_arena *arena)
{
	void *copy = *list && n ? mml_arena_alloc(arena, n * size) : NULL;

	if (!*list || !n)
		return 0;
	if (!copy)
		return -ENOMEM;
	memcpy(copy, *list, n * size);
	*list = copy;
	return 0;
}

static int copy_text(const char **text, struct mml_arena *arena)
{
	if (!*text)
		return 0;
	*text = mml_arena_strndup(arena, *text, strlen(*text));
	return *text ? 0 : -ENOMEM;
}

int mml_scope_copy(struct mml_scope *ret, const struct mml_scope *from, struct mml_arena *arena)
{
	int rc;

	*ret = *from;
	rc = copy_text(&ret->by, arena);
	for (size_t i = 0; i < MML_PARAMS && !rc; i++) {
		struct mml_arg *arg = &ret->args[i];
		const void *pids = arg->pids, *addresses = arg->addresses, *data = arg->data;

		rc = copy_text(&arg->text, arena);
		if (!rc)
			rc = copy_list(&pids, arg->n, sizeof(*arg->pids), arena);
		if (!rc)
			rc = copy_list(&addresses, arg->n, sizeof(*arg->addresses), arena);
		if (!rc)
			rc = copy_list(&data, arg->size, 1, arena);
		arg->pids = pids;
		arg->addresses = addresses;
		arg->data = data;
	}
	return rc;
}

bool mml_scope_wants(const struct mml_scope *scope, pid_t pid)
{
	const struct mml_arg *asked = mml_scope_pids(scope);

	for (size_t i = 0; i < asked->n; i++)
		if (asked->pids[i] == pid)
			return true;
	return !asked->n;
}
