/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "mounted.h"
#include "snapshot.h"

/* Returns whether PATH fits PATTERN, in which PID and N stand for any number. */
static bool path_fits(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		size_t skip = !strncmp(pattern, "PID", 3) ? 3 : *pattern == 'N' ? 1 : 0;

		if (skip && *path >= '0' && *path <= '9') {
			pattern += skip;
			path += strspn(path, "0123456789");
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

static const struct mml_source *source_of(const struct mml_source *sources, const char *path)
{
	for (; sources && sources->path; sources++)
		if (path_fits(sources->path, path))
			return sources;
	return NULL;
}

bool mml_source_is_private(const struct mml_source *sources, const char *path)
{
	const struct mml_source *source = source_of(sources, path);

	return (!strncmp(path, "/proc/", 6) && path[6] >= '0' && path[6] <= '9') ||
	       (source && source->needs);
}

struct mml_absence mml_absence_of(struct mml_arena *arena, struct mml_root *root,
				  const struct mml_source *sources, const char *path, int err)
{
	const struct mml_source *source = source_of(sources, path);
	struct mml_absence why = { NULL, NULL };
	const char *words;

	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		why.needs = source ? source->missing : NULL;
		words = mml_missing_words(root, path, &why.needs);
		break;
	case EACCES:
	case EPERM:
		words = "permission denied";
		if (source)
			why.needs = source->needs;
		break;
	case EFBIG:
		words = "too large to be a file of the kernel's";
		break;
	case ETIMEDOUT:
		words = "nothing came within 10 s";
		break;
	case EISDIR:
	case ENXIO:
		words = "not a file";
		break;
	case ELOOP:
		words = "a link that leads nowhere";
		break;
	case EIO:
		words = "read error";
		break;
	default:
		words = strerror(-err);
	}
	why.reason = mml_arena_printf(arena, "%s: %s", path, words);
	if (!why.reason)
		why.reason = words;
	return why;
}

int mml_table_missing(struct mml_take *take, struct mml_table *table, const char *path,
		      const char *needs)
{
	const char *words = mml_missing_words(take->root, path, &needs);

	return mml_table_fail(table, -ENOENT, needs, "%s: %s", path, words);
}
