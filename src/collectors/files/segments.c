/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segments.h"

#include <errno.h>

/* <linux/shm.h>; the file has the mode in octal digits. */
enum { SHM_DEST = 01000, SHM_HUGETLB = 04000 };

static int parse_octal(struct mml_span s, uint64_t *ret)
{
	*ret = 0;
	if (!mml_span_len(s) || mml_span_len(s) > 8)
		return -EINVAL;
	for (; s.p < s.end; s.p++) {
		if (*s.p < '0' || *s.p > '7')
			return -EINVAL;
		*ret = *ret * 8 + (uint64_t)(*s.p - '0');
	}
	return 0;
}

static int next_i64(struct mml_span *line, int64_t *ret)
{
	struct mml_span tok;

	return mml_next_token(line, &tok) ? mml_parse_i64(tok, ret) : -ENODATA;
}

/*
 *        key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap
 *          0      32768  1600               1646592  2200  2200      2     0     0     0     0 1700000000 1700000000 1700000000               1646592                     0
 */
static int parse(struct mml_span line, struct mml_segment *ret)
{
	uint64_t number[11];
	struct mml_span perms;
	uint64_t mode;
	int64_t time[3];

	if (next_i64(&line, &ret->key) || next_i64(&line, &ret->id) || !mml_next_token(&line, &perms) ||
	    parse_octal(perms, &mode))
		return -EBADMSG;
	for (size_t i = 0; i < 8; i++)
		if (mml_next_u64(&line, &number[i]))
			return -EBADMSG;
	for (size_t i = 0; i < 3; i++)
		if (next_i64(&line, &time[i]))
			return -EBADMSG;
	if (mml_next_u64(&line, &ret->rss) || mml_next_u64(&line, &ret->swap))
		return -EBADMSG;
	ret->size = number[0];
	ret->creator = number[1];
	ret->attached = number[3];
	ret->uid = number[4];
	ret->detached_s = time[1] > 0 ? (uint64_t)time[1] : 0;
	ret->huge = mode & SHM_HUGETLB;
	ret->removed = mode & SHM_DEST;
	return 0;
}

int mml_segment_next(struct mml_span *text, struct mml_segment *ret)
{
	struct mml_span line, rest, word;

	while (mml_next_line(text, &line)) {
		rest = line;
		if (!mml_next_token(&rest, &word) || mml_span_eq(word, "key"))
			continue;
		return parse(line, ret) ? -EBADMSG : 1;
	}
	return 0;
}
