/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader-int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/module.h"
#include "../core/trouble.h"
#include "folder.h"
#include "varint.h"

static struct segment *find_name(const struct mml_reader *r, const char *name)
{
	for (size_t i = 0; i < r->nsegments; i++)
		if (!strcmp(r->segments[i]->name, name))
			return r->segments[i];
	return NULL;
}

static bool have_id(const struct mml_reader *r, uint64_t id)
{
	for (size_t i = 0; id && i < r->nsegments; i++)
		if (r->segments[i]->id == id)
			return true;
	return false;
}

static void note_newer(struct mml_reader *r, const struct segment *s)
{
	const struct mml_index *ix = &s->index;
	struct mml_span text = mml_buf_span(&ix->text);
	struct mml_span by = mml_fact(text, "mmlens");

	mml_buf_printf(&r->notes, "%s is of format %llu; this mmlens reads up to %d", s->name,
		       (unsigned long long)ix->format, MML_RECORDING_FORMAT);
	if (by.p < by.end)
		mml_buf_printf(&r->notes, " (get mmlens >= %.*s)", (int)mml_span_len(by), by.p);
	mml_buf_putc(&r->notes, '\n');
}

static void note(struct mml_reader *r, const struct segment *s, int rc)
{
	if (rc == -EPROTONOSUPPORT)
		note_newer(r, s);
	else if (rc == -EBADMSG || rc == -EINVAL)
		mml_buf_printf(&r->notes, "%s: not a recording of mmlens\n", s->name);
	else
		mml_buf_printf(&r->notes, "%s: %s\n", s->name, strerror(-rc));
}

static int segment_room(struct mml_reader *r)
{
	size_t room = r->room ? r->room * 2 : 16;
	struct segment **list;

	if (r->nsegments < r->room)
		return 0;
	list = mml_realloc(r->segments, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	r->segments = list;
	r->room = room;
	return 0;
}

/* Add the segment NAME, FD when it is open already: 0, or -errno, which is noted. */
static int segment_add(struct mml_reader *r, const char *name, int fd)
{
	struct segment *s = segment_room(r) ? NULL : mml_calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	if (!s) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	s->fd = fd;
	s->name = mml_strdup(name);
	if (!mml_segment_named(name, &s->expect))
		s->expect = 0;
	if (s->name)
		rc = mml_segment_read(r, s);
	if (!rc)
		rc = mml_segment_sum_up(s);
	if (rc && rc != -ENOMEM)
		note(r, s, rc);
	if (rc || have_id(r, s->id)) {
		mml_segment_free(s);
		return rc;
	}
	if (fd < 0)
		mml_segment_unuse(s);
	r->segments[r->nsegments++] = s;
	return 0;
}

/* Add all segments of the directory that are not there yet: 0 or -errno, the last one when none
 * could be read. RET_NAMES: all there are now. */
static int add_all(struct mml_reader *r, struct mml_buf *ret_names, size_t *ret_n)
{
	int rc = mml_folder_list(r->dirfd, ret_names, ret_n), last = 0;
	const char *p = ret_names->data;

	if (rc)
		return rc;
	for (size_t i = 0; i < *ret_n; i++, p += strlen(p) + 1) {
		rc = find_name(r, p) ? 0 : segment_add(r, p, -1);
		if (rc == -ENOMEM)
			return rc;
		/* It went meanwhile: the recorder keeps within its limits. */
		last = rc && rc != -ENOENT ? rc : last;
	}
	return r->nsegments ? 0 : last;
}

/* Open those that may grow, as far as they are now. */
static int open_last(struct mml_reader *r)
{
	int rc = 0;

	mml_segments_arrange(r);
	for (size_t i = r->nsegments > 2 ? r->nsegments - 2 : 0; !rc && i < r->nsegments; i++) {
		if (r->segments[i]->ended)
			continue;
		rc = mml_segment_use(r, r->segments[i]);
		if (!rc)
			rc = mml_segment_sum_up(r->segments[i]);
		if (rc == -ENOENT || rc == -EBADMSG)
			rc = 0; /* it is gone, or another one by now: reading it will say so */
	}
	mml_segments_arrange(r);
	return rc;
}

static int open_directory(struct mml_reader *r)
{
	struct mml_buf names = { 0 };
	size_t n;
	int rc = add_all(r, &names, &n);

	mml_buf_free(&names);
	if (!rc)
		rc = open_last(r);
	return rc ? rc : r->nsegments ? 0 : -EBADMSG;
}

static int open_path(struct mml_reader *r, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc;
	struct stat st;

	if (fd < 0)
		return errno == ENXIO ? -EBADMSG : -errno;
	if (fstat(fd, &st)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	if (S_ISDIR(st.st_mode)) {
		r->dirfd = fd;
		return open_directory(r);
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return -EBADMSG;
	}
	r->single = true;
	rc = segment_add(r, path, fd);
	if (!rc)
		mml_segments_arrange(r);
	return rc;
}

static void say_why(const struct mml_reader *r, const char *path, int rc, struct mml_buf *why)
{
	if (rc == -ENODATA)
		mml_buf_printf(why, "%s: there is no sample in it", path);
	else if (r->notes.len)
		mml_buf_put(why, r->notes.data, r->notes.len - 1);
	else if (rc == -EBADMSG)
		mml_buf_printf(why, "%s: not a recording of mmlens", path);
	else
		mml_buf_printf(why, "%s: %s", path, strerror(-rc));
}

int mml_reader_open(const char *path, struct mml_buf *why, struct mml_reader **ret)
{
	struct mml_reader *r = mml_calloc(1, sizeof(*r));
	struct mml_absence absence;
	int rc;

	if (!r)
		return -ENOMEM;
	r->dirfd = r->watch = -1;
	r->module = mml_module("record", &absence);
	if (!r->module) {
		mml_buf_printf(why, "%s: %s", path, absence.reason);
		free(r);
		return -ENOSYS;
	}
	rc = r->module->open(&r->pack);
	if (!rc)
		rc = open_path(r, path);
	if (!rc && !r->count)
		rc = -ENODATA;
	if (rc) {
		say_why(r, path, rc, why);
		mml_reader_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void mml_reader_close(struct mml_reader *r)
{
	if (!r)
		return;
	mml_cache_drop(r);
	free(r->cached);
	for (size_t i = 0; i < r->nsegments; i++)
		mml_segment_free(r->segments[i]);
	free(r->segments);
	if (r->pack)
		r->module->close(r->pack);
	if (r->watch >= 0)
		close(r->watch);
	if (r->dirfd >= 0)
		close(r->dirfd);
	mml_buf_free(&r->notes);
	mml_buf_free(&r->raw);
	free(r);
}

const char *mml_reader_notes(const struct mml_reader *r)
{
	return r->notes.data ? r->notes.data : "";
}

size_t mml_reader_count(const struct mml_reader *r)
{
	return r->count;
}

/* Closing such a descriptor takes the kernel milliseconds: who does not follow has none. */
int mml_reader_fd(struct mml_reader *r)
{
	int fd = r->single && r->nsegments ? r->segments[0]->fd : r->dirfd;
	char path[64];

	if (r->watch >= 0)
		return r->watch;
	r->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (r->watch < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (inotify_add_watch(r->watch, path, IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_TO) <
	    0) {
		close(r->watch);
		r->watch = -1;
	}
	return r->watch;
}

/* Is NAME among the N names at P? */
static bool is_listed(const char *p, size_t n, const char *name)
{
	while (n--) {
		if (!strcmp(p, name))
			return true;
		p += strlen(p) + 1;
	}
	return false;
}

/* Leave out segments that are gone, but for those that are open: these can still be read. */
static void leave_out(struct mml_reader *r, const struct mml_buf *names, size_t n, size_t *ret_gone)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->nsegments; i++) {
		struct segment *s = r->segments[i];

		if (s->fd >= 0 || is_listed(names->data, n, s->name)) {
			r->segments[kept++] = s;
		} else {
			*ret_gone += s->count;
			mml_segment_free(s);
		}
	}
	r->nsegments = kept;
}

/* What was added to segments that are open. */
static int grow(struct mml_reader *r, bool *ret_more)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->nsegments; i++) {
		struct segment *s = r->segments[i];
		size_t before = s->count;

		if (s->ended || s->fd < 0)
			continue;
		rc = mml_index_more(&s->index, s->fd);
		if (!rc)
			rc = mml_segment_sum_up(s);
		*ret_more |= s->count != before;
	}
	return rc;
}

/* The segments that came, and those that went. */
static int refresh_directory(struct mml_reader *r, bool *ret_more, size_t *ret_gone)
{
	struct mml_buf names = { 0 };
	size_t before = r->nsegments, n;
	int rc;

	r->notes.len = 0;
	if (r->notes.data)
		r->notes.data[0] = '\0';
	rc = add_all(r, &names, &n);
	*ret_more |= r->nsegments > before;
	/* The one that was the last may have grown before the next one was begun. */
	if (!rc && *ret_more)
		rc = grow(r, ret_more);
	if (!rc)
		leave_out(r, &names, n, ret_gone);
	mml_buf_free(&names);
	return rc ? rc : open_last(r);
}

int mml_reader_refresh(struct mml_reader *r, size_t *ret_gone)
{
	bool more = false;
	char events[4096];
	int rc;

	*ret_gone = 0;
	while (r->watch >= 0 && read(r->watch, events, sizeof(events)) > 0)
		;
	rc = grow(r, &more);
	if (!rc && !r->single)
		rc = refresh_directory(r, &more, ret_gone);
	mml_segments_arrange(r);
	return rc ? rc : more;
}

size_t mml_reader_segments(const struct mml_reader *r)
{
	return r->nsegments;
}

void mml_reader_segment(const struct mml_reader *r, size_t i, struct mml_segment_info *ret)
{
	const struct segment *s = r->segments[i];

	*ret = (struct mml_segment_info){
		.name = s->name,
		.first = s->pos,
		.count = s->count,
		.begin = s->begin,
		.end = s->last,
		.bytes = s->size,
		.facts = mml_buf_span(&s->facts),
		.ended = s->ended,
	};
}
