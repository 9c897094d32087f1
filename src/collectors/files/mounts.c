/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mounts.h"

#include <errno.h>
#include <string.h>

#include "../../core/text.h"

/* Returns what of PATH is below the directory DIR, or NULL if it is not in it. */
static const char *below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (!strcmp(dir, "/"))
		return path;
	if (strncmp(dir, path, n) || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}

static bool parse_number(struct mml_span s, uint32_t *ret)
{
	uint64_t n;

	if (mml_parse_u64(s, &n) || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static char *next_path(struct mml_arena *arena, struct mml_span *line, int *rc)
{
	struct mml_span tok;
	char *path;

	if (!mml_next_token(line, &tok) || *tok.p != '/')
		return NULL;
	path = mml_unescape(arena, tok);
	*rc = path ? *rc : -ENOMEM;
	return path;
}

/* 36 35 0:31 / /dev/shm rw,nosuid master:1 - tmpfs tmpfs rw,huge=always */
static bool parse_line(struct mml_arena *arena, struct mml_span line, struct mml_mount_point *ret, int *rc)
{
	struct mml_span tok, major;
	const char *dash;

	for (int i = 0; i < 3; i++)
		if (!mml_next_token(&line, &tok))
			return false;
	if (!mml_next_field(&tok, ':', &major) || !parse_number(major, &ret->major) ||
	    !parse_number(tok, &ret->minor))
		return false;
	ret->root = next_path(arena, &line, rc);
	ret->point = ret->root ? next_path(arena, &line, rc) : NULL;
	dash = ret->point ? memmem(line.p, mml_span_len(line), " - ", 3) : NULL;
	if (!dash)
		return false;
	line.p = dash + 3;
	if (!mml_next_token(&line, &tok))
		return false;
	ret->type = mml_arena_strndup(arena, tok.p, mml_span_len(tok));
	ret->hidden = false;
	*rc = ret->type ? *rc : -ENOMEM;
	return ret->type;
}

/* What is mounted later at a place, or above it, hides what is there. */
static void hide(struct mml_mount_points *list)
{
	const struct mml_mount_point *last = &list->at[list->n - 1];

	for (size_t i = 0; i + 1 < list->n; i++)
		if (below(last->point, list->at[i].point) && strcmp(last->point, "/"))
			list->at[i].hidden = true;
}

int mml_mount_points_parse(struct mml_arena *arena, struct mml_span text, struct mml_mount_points *ret)
{
	struct mml_span line, rest = text;
	size_t lines = 0;
	int rc = 0;

	while (mml_next_line(&rest, &line))
		lines++;
	ret->n = 0;
	ret->at = mml_arena_alloc(arena, (lines + 1) * sizeof(*ret->at));
	if (!ret->at)
		return -ENOMEM;
	while (!rc && mml_next_line(&text, &line))
		if (parse_line(arena, line, &ret->at[ret->n], &rc)) {
			ret->n++;
			hide(ret);
		}
	return rc;
}

const struct mml_mount_point *mml_mount_points_find(const struct mml_mount_points *list, uint32_t major, uint32_t minor,
					   const char *path, const char **ret_below)
{
	const struct mml_mount_point *best = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct mml_mount_point *m = &list->at[i];
		const char *under = m->major == major && m->minor == minor ? below(m->root, path) : NULL;

		if (!under || (best && (strlen(m->root) > strlen(best->root) ||
					(strlen(m->root) == strlen(best->root) && m->hidden >= best->hidden))))
			continue;
		best = m;
		*ret_below = under;
	}
	return best;
}
