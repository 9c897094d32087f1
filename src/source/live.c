/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "../core/place.h"
#include "../core/trouble.h"
#include "host.h"
#include "source.h"

struct live {
	struct mml_place place;
	struct mml_host_text text;
};

static int live_open(struct mml_place *place, const char *path, int flags)
{
	int fd;

	(void)place;
	do
		fd = open(path, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

struct mml_time mml_live_now(struct mml_place *place, struct mml_root *root)
{
	struct mml_time now = { 0 };
	struct timespec mono;

	(void)place;
	(void)root;
	clock_gettime(CLOCK_BOOTTIME, &mono);
	clock_gettime(CLOCK_REALTIME, &now.wall);
	now.mono_ns = (uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec;
	return now;
}

static void live_close(struct mml_place *place)
{
	struct live *live = (struct live *)place;

	mml_host_free(&live->text);
	free(live);
}

static const struct mml_place_ops live_ops = {
	.open = live_open,
	.now = mml_live_now,
	.close = live_close,
};

int mml_live_new(struct mml_root **ret)
{
	struct live *live = mml_calloc(1, sizeof(*live));
	int rc;

	if (!live)
		return -ENOMEM;
	live->place = (struct mml_place){ .ops = &live_ops, .live = true, .system = true };
	rc = mml_host_live(&live->place.host, &live->text);
	if (!rc) {
		*ret = mml_root_new(&live->place);
		rc = *ret ? 0 : -ENOMEM;
	}
	if (rc)
		live_close(&live->place);
	return rc;
}
