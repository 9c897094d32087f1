/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/trouble.h"
#include "varint.h"
#include "writer-int.h"

/* What helps against a full disk: the oldest segment goes, if what is kept has a limit at all. */
static bool give_way(struct mml_writer *w, int rc)
{
	const struct mml_keep *keep = &w->options.keep;

	return (rc == -ENOSPC || rc == -EDQUOT) &&
	       (keep->bytes || keep->free_bytes || keep->free_percent) &&
	       mml_written_drop_oldest(w);
}

/* The header of a segment that begins with the next sample. */
static int new_header(struct mml_writer *w)
{
	struct mml_span facts = mml_buf_span(&w->facts);

	if (getrandom(&w->id, sizeof(w->id), 0) != sizeof(w->id))
		return -errno;
	w->id |= !w->id;
	w->first = w->state.seq;
	w->end = 0;
	w->nmarks = 0;
	w->no_index = false;
	w->header.len = 0;
	return mml_header_put(&w->header, w->id, w->first, facts);
}

static int make_file(struct mml_writer *w, const char *name)
{
	int rc, fd = openat(w->dirfd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	rc = mml_syncer_watch(w->syncer, fd, w->dirfd);
	if (rc) {
		unlinkat(w->dirfd, name, 0);
		close(fd);
	}
	return rc ? rc : fd;
}

/* Make the file of a new segment. */
static int new_file(struct mml_writer *w, const struct mml_instant *time)
{
	char name[MML_SEGMENT_NAME];
	int fd;

	mml_segment_name(name, time->real_ns, w->id);
	w->name = mml_strdup(name);
	if (!w->name || mml_written_reserve(w)) {
		fd = -ENOMEM;
	} else {
		fd = make_file(w, name);
		if (give_way(w, fd))
			fd = make_file(w, name);
	}
	if (fd >= 0) {
		w->fd = fd;
		return 0;
	}
	free(w->name);
	w->name = NULL;
	return fd;
}

/* There is no segment any more. */
static void forget(struct mml_writer *w)
{
	mml_syncer_finish(w->syncer);
	w->fd = -1;
	w->end = 0;
	w->name = NULL;
	w->sync_failed = false;
}

/* Nothing more goes into the segment. */
static void let_go(struct mml_writer *w)
{
	struct written written = { .name = w->name,
				   .bytes = w->end,
				   .first = w->first,
				   .last = w->last,
				   .this_boot = true };

	/* Without a sample in it nobody would miss it. */
	if (w->end && !w->single) {
		mml_written_add(w, &written);
	} else {
		if (!w->end)
			unlinkat(w->dirfd, w->name, 0);
		free(w->name);
	}
	forget(w);
}

/* Append w->out to the segment: 0, or -errno and the segment is as it was, or let go. */
static int put_out(struct mml_writer *w)
{
	size_t done = 0;
	int rc = 0;

	while (!rc && done < w->out.len) {
		ssize_t n = write(w->fd, w->out.data + done, w->out.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			rc = n ? -errno : -EIO;
	}
	if (!rc) {
		w->end += done;
		w->state.bytes += done;
		w->state.kept += done;
		return 0;
	}
	/* A sample that is there in part is taken back. Where that fails too, or the disk does,
	 * nothing is ever written behind it. */
	if (done && !ftruncate(w->fd, (off_t)w->end))
		done = 0;
	w->end += done;
	w->state.kept += done;
	if (done || rc == -EIO)
		let_go(w);
	return rc;
}

/* End the segment, with an index when there is room for one. */
static void end_segment(struct mml_writer *w)
{
	if (w->fd < 0)
		return;
	if (w->end && !w->no_index && !mml_writer_compose_end(w) &&
	    !mml_written_make_room(w, w->out.len, &w->last))
		put_out(w);
	if (w->fd >= 0)
		let_go(w);
}

/* Somebody took the file away: what goes into it now is lost. */
static bool file_is_gone(const struct mml_writer *w)
{
	struct stat st;

	return fstat(w->fd, &st) || !st.st_nlink;
}

static bool segment_is_over(const struct mml_writer *w, const struct mml_instant *time)
{
	return time->boot_ns - w->begun.boot_ns >= w->options.segment_ns ||
	       w->end >= w->options.segment_bytes || mml_instant_was_set(&w->last, time) ||
	       w->sync_failed;
}

/* End the segment when it is time, or when there is no sense in going on with it. */
static void look_after_segment(struct mml_writer *w, const struct mml_instant *time)
{
	int rc = mml_syncer_error(w->syncer);

	if (rc) {
		w->state.sync_error = rc;
		w->sync_failed = true;
	}
	if (w->fd < 0 || w->single)
		return;
	if (file_is_gone(w)) {
		w->state.kept -= w->end;
		free(w->name);
		forget(w);
	} else if (segment_is_over(w, time)) {
		end_segment(w);
	}
}

/* Have a segment for a sample begun at TIME. */
static int have_segment(struct mml_writer *w, const struct mml_instant *time)
{
	int rc;

	look_after_segment(w, time);
	if (w->fd >= 0 && w->end)
		return 0;
	if (w->single && w->fd < 0)
		return w->state.error ? w->state.error : -EIO;
	rc = new_header(w);
	if (rc)
		return rc;
	w->begun = *time;
	return w->fd >= 0 ? 0 : new_file(w, time);
}

static bool key_is_due(const struct mml_writer *w, const struct mml_instant *time)
{
	return !w->end || !w->former || w->since_key + 1 >= w->options.key_samples ||
	       time->boot_ns - w->key_boot_ns >= w->options.key_ns;
}

/* Write the sample, within the limits. */
static int append_once(struct mml_writer *w, const struct mml_sample *sample,
		       const struct mml_instant *time, uint64_t missed)
{
	bool key;
	int rc = have_segment(w, time);

	if (rc)
		return rc;
	key = key_is_due(w, time);
	rc = mml_writer_compose(w, sample, time, missed, key);
	if (!rc)
		rc = mml_written_make_room(w, w->out.len, time);
	if (rc)
		return rc;
	rc = put_out(w);
	if (w->fd >= 0 && give_way(w, rc))
		rc = put_out(w);
	if (rc)
		return rc;
	w->nmarks += w->fresh;
	w->since_key = key ? 0 : w->since_key + 1;
	if (key)
		w->key_boot_ns = time->boot_ns;
	return 0;
}

static int try_append(struct mml_writer *w, const struct mml_sample *sample,
		      const struct mml_instant *time, uint64_t missed)
{
	uint64_t most = w->options.keep.bytes;
	int rc;

	if (w->last.boot_ns && time->boot_ns <= w->last.boot_ns)
		return -EINVAL;
	rc = append_once(w, sample, time, missed);
	/* When the segment itself is in the way, it goes too, for the sample that is newer. */
	if (rc == -ENOSPC && most && w->end && w->end + w->out.len > most) {
		end_segment(w);
		rc = append_once(w, sample, time, missed);
	}
	/* No empty file is left behind. */
	if (rc && w->fd >= 0 && !w->end && !w->single)
		let_go(w);
	return rc;
}

int mml_writer_append(struct mml_writer *w, struct mml_sample *sample,
		      const struct mml_instant *time, uint64_t missed)
{
	int rc = try_append(w, sample, time, missed);

	if (rc) {
		w->state.error = rc;
		w->state.dropped++;
		w->state.dropped_now++;
		return rc;
	}
	w->state.error = 0;
	w->state.dropped_now = 0;
	w->state.samples++;
	w->state.seq++;
	w->last = *time;
	mml_sample_put(w->former);
	w->former = mml_sample_get(sample);
	return 0;
}

void mml_writer_rotate(struct mml_writer *w)
{
	if (!w->single)
		end_segment(w);
}

struct mml_sample *mml_writer_former(const struct mml_writer *w)
{
	return w->former;
}

void mml_writer_state(const struct mml_writer *w, struct mml_writer_state *ret)
{
	*ret = w->state;
	ret->segment = w->fd >= 0 ? w->name : NULL;
}

int mml_writer_close(struct mml_writer *w)
{
	int rc;

	if (!w)
		return 0;
	end_segment(w);
	rc = mml_syncer_stop(w->syncer);
	if (w->lock >= 0)
		close(w->lock);
	if (w->dirfd >= 0)
		close(w->dirfd);
	if (w->pack)
		w->module->close(w->pack);
	for (size_t i = 0; i < w->nwritten; i++)
		free(w->written[i].name);
	free(w->written);
	free(w->marks);
	mml_sample_put(w->former);
	mml_text_room_free(&w->text_room);
	mml_buf_free(&w->facts);
	mml_buf_free(&w->header);
	mml_buf_free(&w->raw);
	mml_buf_free(&w->body);
	mml_buf_free(&w->out);
	free(w);
	return rc;
}
