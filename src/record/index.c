/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/trouble.h"
#include "delta.h"
#include "varint.h"

void mml_index_free(struct mml_index *ix)
{
	mml_buf_free(&ix->text);
	free(ix->marks);
	free(ix->gaps);
	free(ix->holes);
	*ix = (struct mml_index){ 0 };
}

/* LIST of N elements of SIZE bytes with room for one more; NULL when out of memory, and LIST is as
 * it was. */
static void *grown(void *list, size_t *room, size_t n, size_t size)
{
	size_t more = *room ? *room * 2 : 16;

	if (n < *room)
		return list;
	list = mml_realloc(list, more, size);
	if (list)
		*room = more;
	return list;
}

static int mark_add(struct mml_index *ix, const struct mml_stamp *mark)
{
	struct mml_stamp *marks = grown(ix->marks, &ix->room, ix->n, sizeof(*marks));

	if (!marks)
		return -ENOMEM;
	ix->marks = marks;
	ix->marks[ix->n++] = *mark;
	return 0;
}

static int gap_add(struct mml_index *ix, const struct mml_stamp *mark)
{
	struct mml_noted *gaps = grown(ix->gaps, &ix->gaps_room, ix->ngaps, sizeof(*gaps));

	if (!gaps)
		return -ENOMEM;
	ix->gaps = gaps;
	ix->gaps[ix->ngaps++] = (struct mml_noted){ ix->n, *mark };
	return 0;
}

int mml_index_hole(struct mml_index *ix, uint64_t offset, uint64_t bytes, enum mml_hole_why why)
{
	struct mml_hole *holes;

	/* Until a key comes all is one hole. */
	if (ix->lost_track && ix->nholes) {
		struct mml_hole *last = &ix->holes[ix->nholes - 1];

		last->bytes += bytes;
		return 0;
	}
	holes = grown(ix->holes, &ix->holes_room, ix->nholes, sizeof(*holes));
	if (!holes)
		return -ENOMEM;
	ix->holes = holes;
	ix->holes[ix->nholes++] = (struct mml_hole){ ix->n, offset, bytes, 0, why };
	ix->lost_track = true;
	return 0;
}

/* Can a sample with HEAD be read, given those before it? */
static bool follows(const struct mml_index *ix, const struct mml_head *head)
{
	if (ix->any && (head->seq <= ix->last_seq || head->time.boot_ns <= ix->last_boot_ns))
		return false;
	if (head->kind == MML_FRAME_KEY)
		return !ix->any || ix->lost_track || head->seq == ix->last_seq + 1;
	return ix->any && !ix->lost_track && head->seq == ix->last_seq + 1 &&
	       ix->since_key < MML_BLOCK_MAX;
}

static int accept_sample(struct mml_index *ix, const struct mml_stamp *mark)
{
	bool found = ix->lost_track && mark->head.kind == MML_FRAME_KEY;

	ix->since_key = mark->head.kind == MML_FRAME_KEY ? 0 : ix->since_key + 1;
	if (found && ix->nholes && ix->any)
		ix->holes[ix->nholes - 1].lost = mark->head.seq - ix->last_seq - 1;
	else if (found && ix->nholes && ix->first <= mark->head.seq)
		ix->holes[ix->nholes - 1].lost = mark->head.seq - ix->first;
	ix->lost_track = false;
	ix->any = true;
	ix->last_seq = mark->head.seq;
	ix->last_boot_ns = mark->head.time.boot_ns;
	return mark_add(ix, mark);
}

int mml_index_accept(struct mml_index *ix, const struct mml_stamp *mark)
{
	const struct mml_head *head = &mark->head;
	int rc = 0;

	if (mml_head_unknown(head))
		return mml_index_hole(ix, mark->offset, 0, MML_HOLE_NEWER);
	if (head->kind == MML_FRAME_GAP && !ix->lost_track)
		return gap_add(ix, mark);
	if (!mml_head_is_sample(head))
		return 0;
	/* A key that skips some: what was between them was cut out without a trace. */
	if (!follows(ix, head) || head->raw > MML_DELTA_MAX)
		rc = mml_index_hole(ix, mark->offset, 0, MML_HOLE_DAMAGED);
	if (rc || !follows(ix, head) || head->raw > MML_DELTA_MAX)
		return rc;
	return accept_sample(ix, mark);
}

int mml_index_header(struct mml_index *ix, const struct mml_header *header)
{
	ix->format = header->format;
	ix->id = header->id;
	ix->first = header->first;
	ix->text.len = 0;
	mml_buf_put(&ix->text, header->text.p, mml_span_len(header->text));
	return ix->text.error;
}

ssize_t mml_read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)buf + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Heads are compared as they are in memory. */
_Static_assert(sizeof(struct mml_head) == 56, "no padding in a head");

int mml_mark_read(const struct mml_stamp *mark, int fd, const struct mml_module_record *module,
		  void *pack, struct mml_buf *ret)
{
	size_t len = MML_HEAD_SIZE + (size_t)mark->head.len;
	struct mml_buf body = { 0 };
	struct mml_head head;
	struct stat st;
	ssize_t n;
	int rc;

	if (mark->head.raw > MML_DELTA_MAX)
		return -EBADMSG;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_size < 0 || mark->offset + len > (uint64_t)st.st_size)
		return -EBADMSG;
	if (mml_buf_reserve(&body, len))
		return -ENOMEM;
	n = mml_read_at(fd, body.data, len, mark->offset);
	if (n < 0)
		rc = (int)n;
	else if ((size_t)n < len || !mml_head_get(body.data, mark->head.id, &head) ||
		 memcmp(&head, &mark->head, sizeof(head)) != 0)
		rc = -EBADMSG;
	else
		rc = module->unpack(pack, body.data + MML_HEAD_SIZE, mark->head.len, mark->head.raw,
				    ret);
	mml_buf_free(&body);
	return rc;
}

/* Take all marks of the index at OFFSET: 0, or -errno and none was taken. */
static int take_index(struct mml_index *ix, int fd, uint64_t offset,
		      const struct mml_module_record *module, void *pack)
{
	struct mml_stamp at = { .offset = offset }, *marks = NULL;
	struct mml_buf body = { 0 };
	char head[MML_HEAD_SIZE];
	size_t n = 0;
	int rc;

	if (mml_read_at(fd, head, sizeof(head), offset) != sizeof(head) ||
	    !mml_head_get(head, ix->id, &at.head) || at.head.kind != MML_FRAME_INDEX ||
	    mml_head_unknown(&at.head))
		return -EBADMSG;
	rc = mml_mark_read(&at, fd, module, pack, &body);
	if (!rc)
		rc = mml_index_get(mml_buf_span(&body), ix->id, offset, &marks, &n);
	mml_buf_free(&body);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		rc = mml_index_accept(ix, &marks[i]);
	free(marks);
	return rc;
}

/* By the index that the segment ends with. 1: there is one; 0: there is none; or -errno. */
static int load_end(struct mml_index *ix, int fd, const struct mml_module_record *module,
		    void *pack)
{
	char end[MML_END_SIZE];
	uint64_t offset;
	int rc;

	if (ix->size < MML_END_SIZE ||
	    mml_read_at(fd, end, sizeof(end), ix->size - sizeof(end)) != sizeof(end) ||
	    !mml_end_get(end, ix->id, &offset) || offset > ix->size)
		return 0;
	rc = take_index(ix, fd, offset, module, pack);
	if (rc)
		return rc == -EBADMSG ? 0 : rc;
	ix->ended = true;
	ix->end = ix->size;
	return 1;
}

/* The header at the beginning of the file. 1: it is there; 0: not yet, or it is damaged; or -errno.
 */
static int load_header(struct mml_index *ix, int fd)
{
	struct mml_header header;
	struct mml_buf bytes = { 0 };
	ssize_t n;
	int rc;

	if (mml_buf_reserve(&bytes, MML_FRAME_HEAD + MML_HEADER_MAX))
		return -ENOMEM;
	n = mml_read_at(fd, bytes.data, MML_FRAME_HEAD + MML_HEADER_MAX, 0);
	rc = n < 0 ? (int)n : 0;
	if (!rc)
		rc = mml_header_get((struct mml_span){ bytes.data, bytes.data + n }, &header);
	if (!rc)
		rc = mml_index_header(ix, &header);
	if (!rc) {
		ix->end = header.size;
		rc = ix->format > MML_RECORDING_FORMAT ? -EPROTONOSUPPORT : 1;
	}
	mml_buf_free(&bytes);
	return rc == -EBADMSG || rc == -EAGAIN ? 0 : rc;
}

static int file_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*ret = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

int mml_index_load(struct mml_index *ix, int fd, const struct mml_module_record *module, void *pack,
		   uint32_t expect)
{
	int rc = file_size(fd, &ix->size);

	if (!rc)
		rc = load_header(ix, fd);
	if (rc < 0)
		return rc;
	if (rc && module)
		rc = load_end(ix, fd, module, pack);
	else
		rc = 0;
	if (rc)
		return rc < 0 ? rc : 0;
	return mml_scan(ix, fd, expect);
}

int mml_index_more(struct mml_index *ix, int fd)
{
	uint64_t size;
	int rc = file_size(fd, &size);

	if (rc || ix->ended || size == ix->size)
		return rc;
	ix->size = size;
	if (!ix->id) {
		rc = load_header(ix, fd);
		if (rc < 0)
			return rc;
	}
	return mml_scan(ix, fd, 0);
}
