/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampled.h"

#include <errno.h>

static int sampled_text(const struct mml_sample *sample, const char *path, enum mml_asked asked,
			struct mml_buf *buf)
{
	const char *text;
	size_t len;
	int rc = mml_sample_read(sample, path, asked, &text, &len);

	if (rc)
		return rc == -ENODATA ? -ENOENT : rc;
	if (mml_buf_reserve(buf, len))
		return -ENOMEM;
	mml_buf_put(buf, text, len);
	buf->data[buf->len] = '\0';
	return 0;
}

int mml_sampled_read(const struct mml_sample *sample, const char *path, struct mml_buf *buf)
{
	return sampled_text(sample, path, MML_ASKED_FILE, buf);
}

int mml_sampled_readlink(const struct mml_sample *sample, const char *path, struct mml_buf *buf)
{
	return sampled_text(sample, path, MML_ASKED_LINK, buf);
}

int mml_sampled_walk(const struct mml_sample *sample, const char *path,
		     int (*each)(const char *name, void *ctx), void *ctx)
{
	int rc = mml_sample_list(sample, path, each, ctx);

	return rc == -ENODATA ? -ENOENT : rc;
}

bool mml_sampled_asked(const struct mml_sample *sample, const char *path)
{
	for (int asked = 0; asked < MML_ASKED_KINDS; asked++) {
		const struct mml_entry *entry =
			mml_sample_find(sample, path, (enum mml_asked)asked);

		if (entry && entry->error != -ENODATA)
			return true;
	}
	return false;
}

struct mml_time mml_sampled_time(const struct mml_instant *instant)
{
	int64_t second = 1000000000, ns = instant->real_ns % second;

	if (ns < 0)
		ns += second;
	return (struct mml_time){
		.mono_ns = instant->boot_ns,
		.wall = { (time_t)((instant->real_ns - ns) / second), (long)ns },
	};
}
