/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int mml_pace_start(struct mml_pace *pace, uint64_t period_ns)
{
	struct itimerspec when = {
		.it_value = { (time_t)(period_ns / 1000000000), (long)(period_ns % 1000000000) },
	};
	sigset_t set;

	when.it_interval = when.it_value;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pace->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	/* This clock stands still while the machine is suspended. */
	pace->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (pace->signal_fd < 0 || pace->timer_fd < 0 ||
	    timerfd_settime(pace->timer_fd, 0, &when, NULL))
		return -errno;
	return 0;
}

void mml_pace_end(struct mml_pace *pace)
{
	if (pace->signal_fd >= 0)
		close(pace->signal_fd);
	if (pace->timer_fd >= 0)
		close(pace->timer_fd);
}

static enum mml_pace_why heard(const struct mml_pace *pace)
{
	struct signalfd_siginfo info;

	if (read(pace->signal_fd, &info, sizeof(info)) == sizeof(info) &&
	    info.ssi_signo == SIGHUP)
		return MML_PACE_ROTATE;
	return MML_PACE_STOP;
}

enum mml_pace_why mml_pace_wait(struct mml_pace *pace, uint64_t most_ns, uint64_t *ret_missed)
{
	struct timespec most = { (time_t)(most_ns / 1000000000), (long)(most_ns % 1000000000) };
	uint64_t times;

	*ret_missed = 0;
	for (;;) {
		struct pollfd fds[] = { { .fd = pace->signal_fd, .events = POLLIN },
					{ .fd = pace->timer_fd, .events = POLLIN } };
		int n = ppoll(fds, 2, most_ns ? &most : NULL, NULL);

		if (n < 0 && errno != EINTR)
			return MML_PACE_STOP;
		if (!n)
			return MML_PACE_IDLE;
		if (n > 0 && fds[0].revents)
			return heard(pace);
		if (n > 0 && read(pace->timer_fd, &times, sizeof(times)) == sizeof(times)) {
			*ret_missed = times - 1;
			return MML_PACE_TIME;
		}
	}
}
