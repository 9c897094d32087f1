/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes.h"

#include <errno.h>
#include <string.h>

#include "../events/trace.h"

/* What is left of the bytes. */
struct rest {
	struct mml_arena *arena;
	const char *p;
	size_t length;
};

/* Takes COUNT things of SIZE bytes off as a copy, which is aligned and has a NUL behind it. */
static int cut(struct rest *rest, uint64_t count, size_t size, const void **ret)
{
	char *copy;

	if (count > rest->length / size)
		return -EBADMSG;
	copy = mml_arena_alloc(rest->arena, count * size + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, rest->p, count * size);
	rest->p += count * size;
	rest->length -= count * size;
	*ret = copy;
	return 0;
}

static int check(const struct mml_files_bytes *b)
{
	/* The end of the names is one of a name. */
	if (!b->total.names || b->names[b->total.names - 1])
		return -EBADMSG;
	for (size_t i = 0; i < b->nrows; i++)
		if (b->rows[i].fs >= b->nsystems || b->rows[i].kind >= MML_FILES_KINDS ||
		    b->rows[i].name >= b->total.names)
			return -EBADMSG;
	for (size_t i = 0; i < b->nholders; i++)
		if (b->holders[i].row >= b->nrows ||
		    !memchr(b->holders[i].comm, '\0', sizeof(b->holders[i].comm)))
			return -EBADMSG;
	for (size_t i = 0; i < b->nsystems; i++)
		if (!memchr(b->systems[i].type, '\0', sizeof(b->systems[i].type)))
			return -EBADMSG;
	return 0;
}

int mml_files_parse(struct mml_arena *arena, enum mml_trace_kind kind, const void *bytes, size_t length,
		    struct mml_files_bytes *ret)
{
	struct rest rest = { .arena = arena };
	struct mml_trace_head head;
	const void *total, *systems = NULL, *rows = NULL, *names = NULL, *holders = NULL;
	int rc = mml_trace_check(bytes, length, kind, &head);

	if (rc)
		return rc;
	if (!head.page_size)
		return -EBADMSG;
	rest.p = (const char *)bytes + sizeof(head);
	rest.length = head.length;
	rc = cut(&rest, 1, sizeof(ret->total), &total);
	if (!rc)
		rc = cut(&rest, head.living, sizeof(*ret->systems), &systems);
	if (!rc)
		rc = cut(&rest, head.dead, sizeof(*ret->rows), &rows);
	if (rc)
		return rc;
	memcpy(&ret->total, total, sizeof(ret->total));
	rc = cut(&rest, ret->total.names, 1, &names);
	if (!rc)
		rc = cut(&rest, ret->total.holders, sizeof(*ret->holders), &holders);
	if (rc)
		return rc;
	ret->systems = systems;
	ret->nsystems = head.living;
	ret->rows = rows;
	ret->nrows = head.dead;
	ret->names = names;
	ret->holders = holders;
	ret->nholders = ret->total.holders;
	ret->held = kind == MML_TRACE_FILES_HELD;
	ret->page_size = head.page_size;
	return check(ret);
}
