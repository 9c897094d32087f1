/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/place.h"

/* When files that may stand are read. */
struct standing {
	uint64_t every_ns; /* 0: for each sample */
	uint64_t read_ns;  /* when they were read last */
	bool due;          /* they are read now */
};

struct mml_recorder {
	struct mml_builder *builder; /* NULL: what is read is of no sample */
	struct mml_sample *former;   /* that it began with, */
	const struct mml_sample *last; /* and the one that was made last, to tell whether it is that */
	struct standing standing[MML_STANDS];
	int error;
	bool args;
	pthread_mutex_t lock;
};

static const char groups[] = "/sys/fs/cgroup/", slab[] = "/sys/kernel/slab/";

/* What of a cache's directory does not change while the machine runs, unless somebody changes it. */
static bool is_layout(const char *name)
{
	static const char *const names[] = { "align",	       "object_size", "hwcache_align", "cpu_partial",
					     "min_partial",    "sanity_checks", "red_zone",    "poison",
					     "store_user",     "trace",	      "sheaf_capacity", "skip_kfence" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Of what kind PATH is, or MML_STANDS. */
static enum mml_stand stand_of(const char *path, enum mml_asked asked)
{
	const char *name;

	if (!strncmp(path, groups, sizeof(groups) - 1))
		return MML_STAND_GROUPS;
	if (strncmp(path, slab, sizeof(slab) - 1) != 0)
		return MML_STANDS;
	name = strchr(path + sizeof(slab) - 1, '/');
	return asked == MML_ASKED_LINK || (name && is_layout(name + 1)) ? MML_STAND_SLAB : MML_STANDS;
}

static bool recorder_stands(void *sink, const char *path, enum mml_asked asked, struct mml_buf *buf,
			    int *ret_rc)
{
	const struct mml_recorder *r = sink;
	enum mml_stand what = stand_of(path, asked);
	const char *text;
	size_t len;
	int rc;

	if (what == MML_STANDS || !r->former || r->standing[what].due)
		return false;
	rc = mml_sample_read(r->former, path, asked, &text, &len);
	if (rc == -ENODATA)
		return false;
	if (!rc)
		rc = mml_buf_reserve(buf, len + 1);
	if (!rc) {
		mml_buf_put(buf, text, len);
		buf->data[buf->len] = '\0'; /* of an empty one, too */
	}
	*ret_rc = rc;
	return true;
}

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
	mml_sample_put(r->former);
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
	.stands = recorder_stands,
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

void mml_recorder_stand(struct mml_recorder *r, enum mml_stand what, uint64_t ns)
{
	r->standing[what].every_ns = ns;
}

bool mml_recorder_reads(const struct mml_recorder *r, enum mml_stand what)
{
	return r->standing[what].due;
}

int mml_recorder_begin(struct mml_recorder *r, struct mml_sample *former, uint64_t now_ns)
{
	mml_builder_free(r->builder);
	mml_sample_put(r->former);
	r->former = mml_sample_get(former);
	for (size_t i = 0; i < MML_STANDS; i++) {
		struct standing *s = &r->standing[i];

		/* What a sample read that could not be written was not read. */
		s->due = !s->every_ns || !former || former != r->last || now_ns - s->read_ns >= s->every_ns;
		if (s->due)
			s->read_ns = now_ns;
	}
	r->error = 0;
	r->builder = mml_builder_new(former);
	return r->builder ? 0 : -ENOMEM;
}

/* Who looks at control groups that were not read says from when they are. */
static int save_standing(struct mml_recorder *r)
{
	const struct standing *s = &r->standing[MML_STAND_GROUPS];
	char text[64];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", s->read_ns);

	return s->due ? 0 :
			mml_builder_add(r->builder, MML_GROUPS_READ, MML_ASKED_FILE, 0, text,
					(size_t)len);
}

int mml_recorder_end(struct mml_recorder *r, struct mml_sample **ret)
{
	struct mml_builder *builder = r->builder;
	int rc = builder ? r->error : -EINVAL;

	if (!rc)
		rc = save_standing(r);
	r->builder = NULL;
	if (!rc)
		rc = mml_builder_end(builder, ret);
	else
		mml_builder_free(builder);
	r->last = rc ? NULL : *ret;
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
