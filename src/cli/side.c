/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "side.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../core/trouble.h"
#include "../record/folder.h"
#include "../source/source.h"
#include "moment.h"

static bool is_there(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

/* A directory that has files of a recording is one. So is a file, or it is nothing. */
static bool is_recording(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return errno == ENOTDIR;
	while (!found && (entry = readdir(dir)))
		found = mml_name_is_recording(entry->d_name);
	closedir(dir);
	return found;
}

static int open_live(struct mml_root **ret)
{
	int rc = mml_root_open(NULL, ret);

	if (!rc) {
		mml_root_count_nodes(*ret);
		rc = mml_root_identify(*ret);
		if (rc)
			mml_root_close(*ret);
	}
	if (rc)
		mml_error("diff: now: %s", mml_trouble_words(rc));
	return rc ? MML_FAILED : MML_OK;
}

static int open_recording(const char *path, const char *at, struct mml_root **ret)
{
	struct mml_plan plan = { .replay = path, .at = at };
	struct mml_replay *replay;

	return mml_moment_open(&plan, ret, &replay);
}

static int open_tree(const char *path, struct mml_root **ret)
{
	int rc = mml_root_open(path, ret);

	if (rc == -EBADMSG)
		mml_error("diff: %s: its mmlens/host cannot be read", path);
	else if (rc)
		mml_error("diff: %s: %s", path, mml_trouble_words(rc));
	return rc ? MML_FAILED : MML_OK;
}

int mml_side_open(const char *word, struct mml_root **ret)
{
	const char *at = strrchr(word, '@');
	struct mml_buf path = { 0 };
	int status;

	if (!strcmp(word, "now"))
		return open_live(ret);
	/* A name may have an @ in it. */
	if (is_there(word) || !at)
		return is_recording(word) ? open_recording(word, NULL, ret) : open_tree(word, ret);
	mml_buf_put(&path, word, (size_t)(at - word));
	mml_buf_puts(&path, "");
	if (path.error || !path.len || !is_there(path.data)) {
		status = open_tree(word, ret);
	} else if (!is_recording(path.data)) {
		mml_error("diff: %s: a captured tree is of one moment, which needs no time", path.data);
		status = MML_USAGE;
	} else {
		status = open_recording(path.data, at + 1, ret);
	}
	mml_buf_free(&path);
	return status;
}
