/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../core/root-int.h"
#include "../core/trouble.h"
#include "host.h"
#include "inside.h"
#include "source.h"

struct tree {
	struct mml_place place;
	int dirfd;
	struct mml_host_text text;
};

static int tree_open(struct mml_place *place, const char *path, int flags)
{
	const struct tree *tree = (const struct tree *)place;
	int rc = mml_host_error(&tree->text, path);

	return rc ? rc : mml_inside_open(tree->dirfd, path, flags | (flags & O_PATH ? 0 : O_NONBLOCK), 0);
}

static struct mml_time tree_now(struct mml_place *place, struct mml_root *root)
{
	struct mml_time now = { 0 };

	if (place->live)
		return mml_live_now(place, root);
	mml_host_time(root, &now);
	return now;
}

static void tree_close(struct mml_place *place)
{
	struct tree *tree = (struct tree *)place;

	if (tree->dirfd >= 0)
		close(tree->dirfd);
	mml_host_free(&tree->text);
	free(tree);
}

static const struct mml_place_ops tree_ops = {
	.open = tree_open,
	.now = tree_now,
	.close = tree_close,
};

/* A tree whose /proc is procfs, such as the root of a container, is live and not captured. */
static bool is_live(const struct tree *tree)
{
	int fd = mml_inside_open(tree->dirfd, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs fs;
	bool live;

	if (fd < 0)
		return false;
	live = !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
	close(fd);
	return live;
}

static int attach(struct tree *tree, const char *dir)
{
	tree->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->dirfd < 0)
		return mml_root_opened(-errno);
	tree->place.live = is_live(tree);
	return 0;
}

static int tree_new(const char *dir, struct mml_root **ret)
{
	struct tree *tree = mml_calloc(1, sizeof(*tree));
	struct mml_root *root;
	int rc;

	if (!tree)
		return -ENOMEM;
	tree->place.ops = &tree_ops;
	tree->dirfd = -1;
	rc = attach(tree, dir);
	root = rc ? NULL : mml_root_new(&tree->place);
	if (!root) {
		tree_close(&tree->place);
		return rc ? rc : -ENOMEM;
	}
	rc = tree->place.live ? mml_host_live(&tree->place.host, &tree->text) :
				mml_host_tree(root, &tree->place.host, &tree->text);
	if (rc)
		mml_root_close(root);
	else
		*ret = root;
	return rc;
}

int mml_root_open(const char *dir, struct mml_root **ret)
{
	return dir ? tree_new(dir, ret) : mml_live_new(ret);
}
