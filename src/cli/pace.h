/* Wakes who does something at regular times, and when a signal comes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

struct mml_pace {
	int signal_fd, timer_fd;
};

enum mml_pace_why {
	MML_PACE_TIME,   /* it is time */
	MML_PACE_IDLE,   /* it is not, but MOST_NS are over */
	MML_PACE_ROTATE, /* SIGHUP */
	MML_PACE_STOP,   /* SIGTERM or SIGINT */
};

/* From now on these signals only wake who waits. Returns 0 or -errno. */
int mml_pace_start(struct mml_pace *pace, uint64_t period_ns);
void mml_pace_end(struct mml_pace *pace);

/* Waits until the next of the times that are PERIOD apart, for MOST_NS at most (0: as long as it
 * takes). RET_MISSED: how many of them have gone by unheard, without the time of a suspend. */
enum mml_pace_why mml_pace_wait(struct mml_pace *pace, uint64_t most_ns, uint64_t *ret_missed);
