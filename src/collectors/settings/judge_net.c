/* What limits on files and sockets come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "settings.h"

enum { FILES_MUCH = 90 };

/* 999 0 2466170: allocated, unused since 2.6, the limit */
MML_JUDGE(files)
{
	struct mml_span text;
	uint64_t open;

	if (mml_take_file(f->take, NULL, "/proc/sys/fs/file-nr", &text) ||
	    mml_next_u64(&text, &open))
		return;
	mml_setting_now(f, ret, "%" PRIu64 " open", open);
	if (!v->is_number || !v->number)
		return;
	if (open >= v->number / 100 * FILES_MUCH)
		mml_setting_say(f, ret, MML_SETTING_WARNING,
				"%.0f %% of the limit: opening files is about to fail",
				(double)open * 100 / (double)v->number);
	else
		mml_setting_say(f, ret, MML_SETTING_FINE, "%.0f %% of the limit",
				(double)open * 100 / (double)v->number);
}

/* TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 1 */
static bool socket_pages(const struct mml_setting_facts *f, const char *protocol, uint64_t *ret)
{
	struct mml_span text, line, word;

	if (mml_take_file(f->take, NULL, "/proc/net/sockstat", &text))
		return false;
	while (mml_next_line(&text, &line)) {
		if (!mml_next_token(&line, &word) || !mml_span_eq(word, protocol))
			continue;
		while (mml_next_token(&line, &word))
			if (mml_span_eq(word, "mem"))
				return !mml_next_u64(&line, ret);
	}
	return false;
}

/* "287898 383867 575796" */
static void sockets(struct mml_setting_facts *f, const struct mml_setting_value *v,
		    const char *protocol, struct mml_setting_judgement *ret)
{
	struct mml_span text = mml_span_str(v->text);
	uint64_t pages, limit[3];

	if (!socket_pages(f, protocol, &pages))
		return;
	for (int i = 0; i < 3; i++)
		if (mml_next_u64(&text, &limit[i]) || !limit[i])
			return;
	if (limit[2] > UINT64_MAX / f->page_size || pages > UINT64_MAX / f->page_size)
		return;
	mml_setting_now(f, ret, "%s of %s", mml_setting_size(f, pages * f->page_size),
			mml_setting_size(f, limit[2] * f->page_size));
	if (pages >= limit[2])
		mml_setting_say(f, ret, MML_SETTING_WARNING, "at its limit: data is dropped");
	else if (pages >= limit[1])
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"above the second number: all sockets save memory");
	else
		mml_setting_say(f, ret, MML_SETTING_FINE, "%.0f %% of the limit",
				(double)pages * 100 / (double)limit[2]);
}

MML_JUDGE(tcp)
{
	sockets(f, v, "TCP:", ret);
}

MML_JUDGE(udp)
{
	sockets(f, v, "UDP:", ret);
}
