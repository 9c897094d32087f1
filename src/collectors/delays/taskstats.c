/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "taskstats.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../core/trouble.h"

struct mml_taskstats {
	int fd;
	uint16_t family;
	uint32_t seq;
	char buf[8192];
};

/* Where struct taskstats has a count, with the sum in nanoseconds behind it. Fields are only ever
 * added at the end, but for version 15. */
static const size_t offsets[MML_DELAYS] = {
	[MML_DELAY_SWAPIN] = 48,   [MML_DELAY_RECLAIM] = 312, [MML_DELAY_THRASHING] = 328,
	[MML_DELAY_COMPACT] = 352, [MML_DELAY_COPY] = 400,
};

int mml_taskstats_parse(const void *data, size_t len, struct mml_delay_sum ret[MML_DELAYS])
{
	uint16_t version;

	memset(ret, 0, MML_DELAYS * sizeof(*ret));
	if (len < offsets[MML_DELAY_SWAPIN] + 2 * sizeof(uint64_t))
		return -EBADMSG;
	memcpy(&version, data, sizeof(version));
	if (version == MML_TASKSTATS_ODD)
		return -EPROTO;
	for (size_t i = 0; i < MML_DELAYS; i++) {
		if (offsets[i] + 2 * sizeof(uint64_t) > len)
			continue;
		memcpy(&ret[i].count, (const char *)data + offsets[i], sizeof(uint64_t));
		memcpy(&ret[i].ns, (const char *)data + offsets[i] + sizeof(uint64_t),
		       sizeof(uint64_t));
		ret[i].known = true;
	}
	return 0;
}

/* Finds attribute TYPE in the LEN bytes at DATA. */
static bool find(const char *data, size_t len, uint16_t type, const char **ret, size_t *ret_len)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr attr;
		size_t step;

		memcpy(&attr, data, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || attr.nla_len > len)
			return false;
		if ((attr.nla_type & NLA_TYPE_MASK) == type) {
			*ret = data + NLA_HDRLEN;
			*ret_len = attr.nla_len - NLA_HDRLEN;
			return true;
		}
		step = NLA_ALIGN(attr.nla_len);
		if (step > len)
			return false;
		data += step;
		len -= step;
	}
	return false;
}

/* The attributes of the answer at DATA; or the error that it is. */
static int attributes(const void *data, size_t len, const char **ret, size_t *ret_len)
{
	struct nlmsghdr head;
	int32_t error;

	if (len < NLMSG_HDRLEN + sizeof(error))
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	if (head.nlmsg_len > len || head.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -EBADMSG;
	if (head.nlmsg_type == NLMSG_ERROR) {
		memcpy(&error, (const char *)data + NLMSG_HDRLEN, sizeof(error));
		return error < 0 && error > -4096 ? error : -EBADMSG;
	}
	*ret = (const char *)data + NLMSG_HDRLEN + GENL_HDRLEN;
	*ret_len = head.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return 0;
}

int mml_taskstats_answer(const void *data, size_t len, const void **ret, size_t *ret_len)
{
	const char *attrs = NULL, *stats;
	size_t n = 0;
	int rc = attributes(data, len, &attrs, &n);

	if (rc)
		return rc;
	if (!find(attrs, n, TASKSTATS_TYPE_AGGR_TGID, &attrs, &n) ||
	    !find(attrs, n, TASKSTATS_TYPE_STATS, &stats, &n))
		return -EBADMSG;
	*ret = stats;
	*ret_len = n;
	return 0;
}

/* Sends a question with one attribute, and reads the answer into the buffer. Returns its length. */
static ssize_t ask(struct mml_taskstats *ts, uint16_t type, uint8_t command, uint16_t attribute,
		   const void *value, size_t len)
{
	struct {
		struct nlmsghdr head;
		struct genlmsghdr genl;
		char attrs[64];
	} m = { .head = { .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST,
			  .nlmsg_seq = ++ts->seq },
		.genl = { .cmd = command, .version = 1 } };
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = attribute };
	struct nlmsghdr head;
	ssize_t n;

	memcpy(m.attrs, &attr, sizeof(attr));
	memcpy(m.attrs + NLA_HDRLEN, value, len);
	m.head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + GENL_HDRLEN + NLA_ALIGN(attr.nla_len));
	if (send(ts->fd, &m, m.head.nlmsg_len, 0) < 0)
		return -errno;
	do { /* an answer to an earlier question may have come late */
		n = recv(ts->fd, ts->buf, sizeof(ts->buf), 0);
		if (n < 0)
			return -errno;
		if (n < (ssize_t)sizeof(head))
			return -EBADMSG;
		memcpy(&head, ts->buf, sizeof(head));
	} while (head.nlmsg_seq != ts->seq);
	return n;
}

static int find_family(struct mml_taskstats *ts)
{
	static const char name[] = TASKSTATS_GENL_NAME;
	const char *attrs = NULL;
	size_t len = 0;
	ssize_t n = ask(ts, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name,
			sizeof(name));
	int rc = n < 0 ? (int)n : attributes(ts->buf, (size_t)n, &attrs, &len);

	if (rc)
		return rc;
	if (!find(attrs, len, CTRL_ATTR_FAMILY_ID, &attrs, &len) || len < sizeof(ts->family))
		return -EBADMSG;
	memcpy(&ts->family, attrs, sizeof(ts->family));
	return 0;
}

int mml_taskstats_open(struct mml_taskstats **ret)
{
	struct mml_taskstats *ts = mml_calloc(1, sizeof(*ts));
	struct timeval limit = { .tv_sec = 2 };
	int rc;

	if (!ts)
		return -ENOMEM;
	ts->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (ts->fd < 0)
		rc = -errno;
	else if (setsockopt(ts->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		rc = -errno;
	else
		rc = find_family(ts);
	if (rc)
		mml_taskstats_close(ts);
	else
		*ret = ts;
	return rc;
}

void mml_taskstats_close(struct mml_taskstats *ts)
{
	if (ts && ts->fd >= 0)
		close(ts->fd);
	free(ts);
}

int mml_taskstats_get(struct mml_taskstats *ts, pid_t pid, struct mml_delay_sum ret[MML_DELAYS])
{
	uint32_t tgid = (uint32_t)pid;
	const void *stats = NULL;
	size_t len = 0;
	ssize_t n = ask(ts, ts->family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_TGID, &tgid,
			sizeof(tgid));
	int rc = n < 0 ? (int)n : mml_taskstats_answer(ts->buf, (size_t)n, &stats, &len);

	return rc ? rc : mml_taskstats_parse(stats, len, ret);
}
