/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/module.h"
#include "../core/trouble.h"
#include "lock.h"
#include "varint.h"
#include "writer-int.h"

/* A sample is told without the one before it after so many of them, or after ten minutes; a segment
 * ends after an hour. */
enum { KEY_SAMPLES = 64 };
static const uint64_t KEY_NS = UINT64_C(600) * 1000000000, SEGMENT_NS = UINT64_C(3600) * 1000000000;

static int fail(struct mml_buf *why, const char *path, const char *words, int rc)
{
	mml_buf_printf(why, "%s: %s", path, words ? words : strerror(-rc));
	return rc;
}

/* Who else may write to the directory may make the recorder write elsewhere, or show what never
 * was. */
static int check_directory(int dirfd, const char *path, struct mml_buf *why)
{
	struct stat st;

	if (fstat(dirfd, &st))
		return fail(why, path, NULL, -errno);
	if (st.st_uid != geteuid())
		return fail(why, path, "it belongs to another user", -EPERM);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail(why, path, "others may write to it", -EPERM);
	return 0;
}

static int open_directory(struct mml_writer *w, const char *path, struct mml_buf *why)
{
	struct mml_buf who = { 0 };
	int rc;

	if (mkdir(path, 0700) && errno != EEXIST)
		return fail(why, path, NULL, -errno);
	w->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd < 0)
		return fail(why, path, NULL, -errno);
	rc = check_directory(w->dirfd, path, why);
	if (rc)
		return rc;
	w->lock = mml_lock_take(w->dirfd, &who);
	if (w->lock < 0)
		fail(why, path, who.data, w->lock);
	mml_buf_free(&who);
	if (w->lock < 0)
		return w->lock;
	rc = mml_written_load(w);
	return rc ? fail(why, path, NULL, rc) : 0;
}

/* A recording that is one file: it is made now, so that what is wrong is known at once. */
static int open_file(struct mml_writer *w, const char *path, struct mml_buf *why)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? mml_strndup(path, (size_t)(slash - path) + 1) : mml_strdup("."), *name;
	int rc;

	name = mml_strdup(slash ? slash + 1 : path);
	if (!dir || !name) {
		free(dir);
		free(name);
		return fail(why, path, NULL, -ENOMEM);
	}
	w->single = true;
	w->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd >= 0)
		w->fd = openat(w->dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
			       0600);
	rc = w->fd < 0 ? -errno : mml_syncer_watch(w->syncer, w->fd, w->dirfd);
	free(dir);
	if (rc && w->fd >= 0) {
		unlinkat(w->dirfd, name, 0);
		close(w->fd);
		w->fd = -1;
	}
	if (rc) {
		free(name);
		return fail(why, path, rc == -EEXIST ? "it is there already" : NULL, rc);
	}
	w->name = name;
	return 0;
}

static void set_options(struct mml_writer *w, const struct mml_writer_options *options)
{
	struct mml_writer_options *o = &w->options;

	*o = *options;
	o->facts = NULL;
	if (!o->key_samples)
		o->key_samples = KEY_SAMPLES;
	if (o->key_samples > MML_BLOCK_MAX)
		o->key_samples = MML_BLOCK_MAX;
	if (!o->key_ns)
		o->key_ns = KEY_NS;
	if (!o->segment_ns)
		o->segment_ns = SEGMENT_NS;
	if (!o->segment_bytes)
		o->segment_bytes = mml_keep_segment(&o->keep);
}

/* The facts of the header, behind the number of this run of the recorder. */
static int set_facts(struct mml_writer *w, const char *facts)
{
	struct mml_span text;
	uint64_t run;

	if (getrandom(&run, sizeof(run), 0) != sizeof(run))
		return -errno;
	mml_buf_printf(&w->facts, "run=%016llx\n", (unsigned long long)run);
	mml_buf_puts(&w->facts, facts ? facts : "");
	if (w->facts.error)
		return w->facts.error;
	text = mml_buf_span(&w->facts);
	w->boot_id = mml_fact(text, "boot_id");
	/* What cannot be a header is known before the first sample. */
	return mml_header_put(&w->header, 1, 0, text);
}

/* Is PATH to be one file? By its name, unless it is a directory. */
static bool is_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	return mml_name_is_recording(slash ? slash + 1 : path) &&
	       (stat(path, &st) || !S_ISDIR(st.st_mode));
}

static int open_any(struct mml_writer *w, const char *path,
		    const struct mml_writer_options *options, struct mml_buf *why)
{
	struct mml_absence absence;
	int rc;

	w->module = mml_module("record", &absence);
	if (!w->module)
		return fail(why, path, absence.reason, -ENOSYS);
	set_options(w, options);
	rc = set_facts(w, options->facts);
	if (!rc)
		rc = w->module->open(&w->pack);
	if (!rc)
		rc = mml_syncer_start(options->sync_ns, &w->syncer);
	if (rc)
		return fail(why, path, NULL, rc);
	return is_file(path) ? open_file(w, path, why) : open_directory(w, path, why);
}

int mml_writer_open(const char *path, const struct mml_writer_options *options, struct mml_buf *why,
		    struct mml_writer **ret)
{
	struct mml_writer *w = mml_calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	w->fd = w->dirfd = w->lock = -1;
	rc = open_any(w, path, options, why);
	if (rc) {
		mml_writer_close(w);
		return rc;
	}
	*ret = w;
	return 0;
}
