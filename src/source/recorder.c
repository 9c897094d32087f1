/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/place.h"

struct mml_recorder {
	struct mml_builder *builder; /* NULL: what is read is of no sample */
	int error;
	bool args;
	pthread_mutex_t lock;
};

/* /proc/123/cmdline */
static bool is_command_line(const char *path)
{
	const char *name;

	if (strncmp(path, "/proc/", 6) != 0)
		return false;
	name = path + 6 + strspn(path + 6, "0123456789");
	return name > path + 6 && !strcmp(name, "/cmdline");
}

/* A path that cannot be kept is left out, and so is what would be too large; all else that goes wrong
 * is a failure of the sample. */
static void keep(struct mml_recorder *r, const char *path, enum mml_asked asked, int error,
		 const void *data, size_t len)
{
	int rc = 0;

	pthread_mutex_lock(&r->lock);
	if (r->builder && !r->error && (r->args || !is_command_line(path)))
		rc = mml_builder_add(r->builder, path, asked, error, data, len);
	if (rc == -EFBIG && !error)
		rc = mml_builder_add(r->builder, path, asked, -EFBIG, NULL, 0);
	if (rc == -ENOMEM)
		r->error = rc;
	pthread_mutex_unlock(&r->lock);
}

static void recorder_file(void *sink, const char *path, const void *data, size_t len)
{
	keep(sink, path, MML_ASKED_FILE, 0, data, len);
}

static void recorder_append(void *sink, const char *path, const void *data, size_t len)
{
	struct mml_recorder *r = sink;

	pthread_mutex_lock(&r->lock);
	if (r->builder && !r->error && mml_builder_append(r->builder, path, data, len) == -ENOMEM)
		r->error = -ENOMEM;
	pthread_mutex_unlock(&r->lock);
}

static void recorder_dir(void *sink, const char *path, const struct mml_buf *names)
{
	keep(sink, path, MML_ASKED_DIR, 0, names ? names->data : NULL, names ? names->len : 0);
}

static void recorder_link(void *sink, const char *path, const char *target)
{
	keep(sink, path, MML_ASKED_LINK, 0, target, strlen(target));
}

static void recorder_error(void *sink, const char *path, enum mml_asked asked, int err)
{
	keep(sink, path, asked, err, NULL, 0);
}

static void recorder_again(void *sink, const char *path)
{
	struct mml_recorder *r = sink;

	pthread_mutex_lock(&r->lock);
	if (r->builder && !r->error && mml_builder_carry(r->builder, path) == -ENOMEM)
		r->error = -ENOMEM;
	pthread_mutex_unlock(&r->lock);
}

static int recorder_failed(void *sink)
{
	struct mml_recorder *r = sink;
	int rc;

	pthread_mutex_lock(&r->lock);
	rc = r->error;
	pthread_mutex_unlock(&r->lock);
	return rc;
}

static void recorder_close(void *sink)
{
	struct mml_recorder *r = sink;

	mml_builder_free(r->builder);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static const struct mml_sink_ops recorder_ops = {
	.file = recorder_file,
	.append = recorder_append,
	.dir = recorder_dir,
	.link = recorder_link,
	.error = recorder_error,
	.again = recorder_again,
	.failed = recorder_failed,
	.close = recorder_close,
};

int mml_root_record(struct mml_root *root, bool args, struct mml_recorder **ret)
{
	struct mml_recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->args = args;
	pthread_mutex_init(&r->lock, NULL);
	mml_root_set_sink(root, &recorder_ops, r);
	*ret = r;
	return 0;
}

int mml_recorder_begin(struct mml_recorder *r, struct mml_sample *former)
{
	mml_builder_free(r->builder);
	r->error = 0;
	r->builder = mml_builder_new(former);
	return r->builder ? 0 : -ENOMEM;
}

int mml_recorder_end(struct mml_recorder *r, struct mml_sample **ret)
{
	struct mml_builder *builder = r->builder;
	int rc = builder ? r->error : -EINVAL;

	r->builder = NULL;
	if (!rc)
		return mml_builder_end(builder, ret);
	mml_builder_free(builder);
	return rc;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The clock that stands still in suspend is behind the other one by the same time now as then. */
struct mml_instant mml_recorder_instant(const struct mml_time *time)
{
	uint64_t boot = clock_ns(CLOCK_BOOTTIME), mono = clock_ns(CLOCK_MONOTONIC);
	uint64_t slept = boot > mono ? boot - mono : 0, ms = 1000000;

	/* Between the two looks a little time passes. */
	slept = (slept + ms / 2) / ms * ms;
	return (struct mml_instant){
		.boot_ns = time->mono_ns,
		.real_ns = (int64_t)time->wall.tv_sec * 1000000000 + time->wall.tv_nsec,
		.mono_ns = time->mono_ns > slept ? time->mono_ns - slept : 0,
	};
}
