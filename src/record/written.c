/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../core/unit.h"
#include "../core/trouble.h"
#include "index.h"
#include "varint.h"
#include "writer-int.h"

int mml_written_reserve(struct mml_writer *w)
{
	size_t room = w->room ? w->room * 2 : 16;
	struct written *list;

	if (w->nwritten < w->room)
		return 0;
	list = mml_realloc(w->written, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	w->written = list;
	w->room = room;
	return 0;
}

void mml_written_add(struct mml_writer *w, const struct written *written)
{
	size_t at = w->nwritten;

	while (at && w->written[at - 1].first > written->first)
		at--;
	memmove(w->written + at + 1, w->written + at, (w->nwritten - at) * sizeof(*w->written));
	w->written[at] = *written;
	w->nwritten++;
}

/* What is known of the segment FD; one that cannot be read is older than all others. RET_NEXT: the
 * number behind its last sample. */
static int look_into(struct mml_writer *w, int fd, uint32_t expect, struct written *ret,
		     uint64_t *ret_next)
{
	struct mml_index ix = { 0 };
	struct stat st;
	int rc = mml_index_load(&ix, fd, w->module, w->pack, expect);

	*ret = (struct written){ 0 };
	*ret_next = 0;
	if (!rc || rc == -EBADMSG || rc == -EPROTONOSUPPORT)
		rc = fstat(fd, &st) ? -errno : 0;
	if (!rc) {
		ret->bytes = (uint64_t)st.st_size;
		ret->last.real_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		ret->first = ix.first == UINT64_MAX ? 0 : ix.first;
	}
	if (!rc && ix.n) {
		struct mml_span boot = mml_fact(mml_buf_span(&ix.text), "boot_id");

		ret->first = ix.marks[0].head.seq;
		ret->last = ix.marks[ix.n - 1].head.time;
		ret->this_boot = boot.p < boot.end &&
				 mml_span_len(boot) == mml_span_len(w->boot_id) &&
				 !memcmp(boot.p, w->boot_id.p, mml_span_len(boot));
		*ret_next = ix.marks[ix.n - 1].head.seq + 1;
	}
	mml_index_free(&ix);
	return rc;
}

/* Only what is named as the recorder names its segments is ever taken away. */
static int load_one(struct mml_writer *w, const char *name)
{
	struct written found;
	uint32_t expect;
	uint64_t next;
	int rc, fd;

	if (!mml_segment_named(name, &expect))
		return 0;
	fd = mml_segment_open(w->dirfd, name);
	if (fd < 0)
		return fd == -EINVAL || fd == -ENOENT ? 0 : fd;
	rc = look_into(w, fd, expect, &found, &next);
	close(fd);
	if (rc)
		return rc;
	/* Made, and its recorder was killed before anything was in it. */
	if (!found.bytes) {
		unlinkat(w->dirfd, name, 0);
		return 0;
	}
	found.name = mml_strdup(name);
	if (!found.name || mml_written_reserve(w)) {
		free(found.name);
		return -ENOMEM;
	}
	mml_written_add(w, &found);
	w->state.kept += found.bytes;
	if (next > w->state.seq)
		w->state.seq = next;
	return 0;
}

int mml_written_load(struct mml_writer *w)
{
	struct mml_buf names = { 0 };
	const char *p;
	size_t n;
	int rc = mml_folder_list(w->dirfd, &names, &n);

	for (p = names.data; !rc && n--; p += strlen(p) + 1)
		rc = load_one(w, p);
	mml_buf_free(&names);
	return rc;
}

bool mml_written_drop_oldest(struct mml_writer *w)
{
	struct written oldest;

	if (!w->nwritten)
		return false;
	oldest = w->written[0];
	/* One that somebody else took away is as good as gone; another reason would stay the same.
	 */
	if (unlinkat(w->dirfd, oldest.name, 0) && errno != ENOENT)
		return false;
	w->nwritten--;
	memmove(w->written, w->written + 1, w->nwritten * sizeof(*w->written));
	w->state.kept -= oldest.bytes;
	w->state.unlinked++;
	free(oldest.name);
	return true;
}

static uint64_t age_of(const struct written *written, const struct mml_instant *now)
{
	/* The wall clock may be set to anything; within a boot there is a better one. */
	if (written->this_boot)
		return now->boot_ns > written->last.boot_ns ? now->boot_ns - written->last.boot_ns
							    : 0;
	return now->real_ns > written->last.real_ns
		       ? (uint64_t)(now->real_ns - written->last.real_ns)
		       : 0;
}

static void disk_of(const struct mml_writer *w, struct mml_disk *ret)
{
	const struct mml_keep *keep = &w->options.keep;
	struct statvfs fs;

	/* A file system that does not tell stops no recording. */
	*ret = (struct mml_disk){ UINT64_MAX / 2, 0 };
	if ((keep->free_bytes || keep->free_percent) && !fstatvfs(w->dirfd, &fs))
		*ret = (struct mml_disk){ (uint64_t)fs.f_bavail * fs.f_frsize,
					  (uint64_t)fs.f_blocks * fs.f_frsize };
}

int mml_written_make_room(struct mml_writer *w, uint64_t more, const struct mml_instant *now)
{
	struct mml_kept *kept;
	struct mml_disk disk;
	bool fits;
	size_t go;

	if (w->single)
		return 0;
	kept = mml_calloc(w->nwritten ? w->nwritten : 1, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < w->nwritten; i++)
		kept[i] = (struct mml_kept){ w->written[i].bytes, age_of(&w->written[i], now) };
	disk_of(w, &disk);
	go = mml_keep_excess(&w->options.keep, kept, w->nwritten, w->end, more, &disk, &fits);
	free(kept);
	while (go--)
		if (!mml_written_drop_oldest(w))
			return -ENOSPC;
	return fits ? 0 : -ENOSPC;
}

bool mml_writer_has_room(const struct mml_writer *w, struct mml_buf *why)
{
	enum { SAMPLE = 64 << 10 }; /* a key of a small machine */
	const struct mml_keep *keep = &w->options.keep;
	char free[MML_NUMBER_MAX], all[MML_NUMBER_MAX], least[MML_NUMBER_MAX];
	struct mml_disk disk;
	struct mml_kept kept = { .bytes = w->state.kept - w->end };
	bool fits;

	if (w->single)
		return true;
	disk_of(w, &disk);
	mml_keep_excess(keep, &kept, 1, w->end, SAMPLE, &disk, &fits);
	if (fits)
		return true;
	if (keep->bytes && keep->bytes < SAMPLE) {
		mml_buf_puts(why, "--keep-size is less than a sample may take");
		return false;
	}
	mml_format_size(free, (double)disk.free, MML_AUTO, 4096);
	mml_format_size(all, (double)disk.all, MML_AUTO, 4096);
	if (keep->free_percent)
		snprintf(least, sizeof(least), "%u%%", keep->free_percent);
	else
		mml_format_size(least, (double)keep->free_bytes, MML_AUTO, 4096);
	mml_buf_printf(why, "nothing can be recorded: of %s on this disk %s are free, and "
			    "--keep-free %s leaves no room",
		       all, free, least);
	return false;
}

bool mml_writer_is_file(const struct mml_writer *w)
{
	return w->single;
}
