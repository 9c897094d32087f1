/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../core/say.h"
#include "../core/trouble.h"
#include "app.h"
#include "feed.h"
#include "screen.h"

struct loop {
	struct mml_app *app;
	struct mml_canvas canvas;
	bool utf8, leave;
	int epoll_fd, signal_fd, timer_fd, wake_fd;
	int killed_by; /* the signal that ended the loop, or 0 */
	int error;     /* or else the -errno that did, or 0 */
	sigset_t signals, before;
	/* for the program's own cost */
	int statm_fd;
	uint64_t cost_ns, cpu_ns;
};

static const int watched[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT };

static int watch(struct loop *l, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_fds(struct loop *l)
{
	int rc = 0;

	sigemptyset(&l->signals);
	for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++)
		sigaddset(&l->signals, watched[i]);
	sigprocmask(SIG_BLOCK, &l->signals, &l->before);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	rc = l->epoll_fd < 0 ? -errno : 0;
	l->signal_fd = signalfd(-1, &l->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	rc = !rc && l->signal_fd < 0 ? -errno : rc;
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	rc = !rc && l->timer_fd < 0 ? -errno : rc;
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = !rc && l->wake_fd < 0 ? -errno : rc;
	l->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	rc = rc ? rc : watch(l, l->signal_fd);
	rc = rc ? rc : watch(l, l->timer_fd);
	return rc ? rc : watch(l, l->wake_fd);
}

static void close_fds(struct loop *l)
{
	int fds[] = { l->epoll_fd, l->signal_fd, l->timer_fd, l->wake_fd, l->statm_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	sigprocmask(SIG_SETMASK, &l->before, NULL);
}

static uint64_t own_rss(const struct loop *l)
{
	char text[128];
	ssize_t n = l->statm_fd < 0 ? -1 : pread(l->statm_fd, text, sizeof(text) - 1, 0);
	struct mml_span span = { text, text + (n > 0 ? n : 0) };
	uint64_t size, pages;

	/* /proc/self/statm: "1234 567 ...", the whole size and the resident one, in pages */
	if (n <= 0 || mml_next_u64(&span, &size) || mml_next_u64(&span, &pages))
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t timeval_ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * 1000000000 + (uint64_t)tv->tv_usec * 1000;
}

/* A measurement is over at least a second, so that there is time to read the number. */
static void measure(struct loop *l, uint64_t now)
{
	struct mml_cost cost = { .cpu = -1 };
	struct rusage usage;
	uint64_t cpu;

	if (l->cost_ns && now < l->cost_ns + 1000000000)
		return;
	getrusage(RUSAGE_SELF, &usage);
	cpu = timeval_ns(&usage.ru_utime) + timeval_ns(&usage.ru_stime);
	if (l->cost_ns)
		cost.cpu = 100 * (double)(cpu - l->cpu_ns) / (double)(now - l->cost_ns);
	cost.rss = own_rss(l);
	l->cost_ns = now;
	l->cpu_ns = cpu;
	mml_app_cost(l->app, &cost);
}

static void set_timer(struct loop *l, uint64_t when)
{
	struct itimerspec spec = {
		.it_value = { (time_t)(when / 1000000000), (long)(when % 1000000000) },
	};

	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void resize(struct loop *l)
{
	int rows, cols;

	mml_screen_size(&rows, &cols);
	mml_screen_resize(rows, cols);
	mml_canvas_free(&l->canvas);
	l->error = mml_canvas_init(&l->canvas, rows, cols, l->utf8);
	l->leave |= l->error != 0;
	l->canvas.shades = mml_screen_shades();
}

/* On Ctrl-Z the terminal belongs to the shell until the user says fg. */
static void stop(struct loop *l)
{
	mml_screen_close();
	kill(getpid(), SIGSTOP);
	mml_screen_again();
	resize(l);
}

static void on_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch ((int)info.ssi_signo) {
		case SIGWINCH:
			resize(l);
			break;
		case SIGTSTP:
			stop(l);
			break;
		case SIGCONT:
			break;
		case SIGINT:
			l->leave = true;
			break;
		default:
			l->killed_by = (int)info.ssi_signo;
			l->leave = true;
		}
	}
}

/* IDLE: nothing more came for a while. */
static void take_keys(struct loop *l, bool idle)
{
	struct mml_input in = { 0 };

	while (!l->leave && (in.key = mml_screen_key(idle, &in.mouse, &in.paste))) {
		if (in.key == ('z' & 0x1f))
			stop(l);
		else
			l->leave = !mml_app_input(l->app, &in);
	}
}

static void on_keys(struct loop *l)
{
	/* Staying when the other end is closed would be a busy loop. */
	if (mml_screen_read())
		l->leave = true;
	take_keys(l, false);
}

static void drain(int fd)
{
	uint64_t n;

	(void)!read(fd, &n, sizeof(n));
}

static void wait_and_serve(struct loop *l)
{
	enum { IDLE_MS = 50 }; /* what belongs to one key has come by then */
	struct epoll_event events[4];
	int n = epoll_wait(l->epoll_fd, events, 4, mml_screen_waits() ? IDLE_MS : -1);

	if (!n)
		take_keys(l, true);

	for (int i = 0; i < n; i++) {
		if (events[i].data.fd == STDIN_FILENO) {
			on_keys(l);
		} else if (events[i].data.fd == l->signal_fd) {
			on_signals(l);
		} else {
			drain(events[i].data.fd);
		}
	}
	if (n < 0 && errno != EINTR) {
		l->error = -errno;
		l->leave = true;
	}
}

static void show(struct loop *l)
{
	int y, x;

	if (mml_app_redraw(l->app))
		mml_screen_forget();
	mml_app_draw(l->app, &l->canvas, &y, &x);
	mml_screen_show(&l->canvas, y, x);
}

static void run(struct loop *l)
{
	resize(l);
	while (!l->leave) {
		uint64_t now = mml_now_ns();

		set_timer(l, mml_app_tick(l->app, now));
		measure(l, now);
		show(l);
		wait_and_serve(l);
	}
}

static void read_rc(struct mml_rc *rc, struct mml_buf *complaints)
{
	unsigned troubles = mml_troubles();
	char *path = mml_rc_path();

	*rc = (struct mml_rc){ 0 };
	if (path)
		mml_rc_read(rc, path, complaints);
	/* What was not read must not be written over. */
	if (!rc->error && mml_troubles() != troubles)
		rc->error = mml_trouble_last();
	free(path);
}

static int start(struct loop *l, struct mml_root *root, const struct mml_tui_args *args,
		 const struct mml_views *views)
{
	const char *view = args->view ? args->view : views->list[0].name;
	struct mml_buf complaints = { 0 };
	enum mml_theme theme = args->theme;
	struct mml_rc rc;
	char why[256];
	int status = MML_OK;

	read_rc(&rc, &complaints);
	theme = theme ? theme : rc.theme;
	l->app = mml_app_new(root, args, views, &rc, l->wake_fd);
	if (!l->app) {
		mml_error("out of memory");
		status = MML_FAILED;
	} else if (!mml_app_open(l->app, view, why, sizeof(why))) {
		mml_error("%s", why);
		status = MML_USAGE;
	} else if (mml_screen_open(args->colour, theme, l->utf8, why, sizeof(why))) {
		mml_error("%s", why);
		status = MML_FAILED;
	} else if (watch(l, STDIN_FILENO)) {
		mml_screen_close();
		mml_error("stdin: %s", strerror(errno));
		status = MML_FAILED;
	}
	if (!status && complaints.len && !complaints.error)
		mml_app_say(l->app, complaints.data);
	mml_buf_free(&complaints);
	return status;
}

/* The font of the Linux console has no braille and few blocks, whatever the locale says. */
static bool speaks_utf8(const struct mml_tui_args *args)
{
	const char *term = getenv("TERM");

	return args->style.utf8 && !(term && !strcmp(term, "linux"));
}

int mml_loop_run(struct mml_root *root, const struct mml_tui_args *args,
		 const struct mml_views *views)
{
	struct loop l = { .utf8 = speaks_utf8(args), .statm_fd = -1 };
	int status, killed_by, rc;

	/* All threads use one arena, because theirs would grow beside the main one and never
	 * shrink. */
	mallopt(M_ARENA_MAX, 1);
	rc = open_fds(&l);
	if (rc) {
		mml_error("the screen cannot wait for keys: %s", mml_trouble_words(rc));
		status = MML_FAILED;
	} else {
		status = start(&l, root, args, views);
		if (!status)
			run(&l);
	}
	mml_screen_close();
	if (!status && l.error) {
		mml_error("the screen: %s", mml_trouble_words(l.error));
		status = MML_FAILED;
	}
	mml_canvas_free(&l.canvas);
	killed_by = l.killed_by;
	/* A read that hangs cannot be waited for, and what it uses cannot be freed. */
	if (l.app && !mml_app_free(l.app) && !killed_by)
		_exit(status);
	if (killed_by) {
		signal(killed_by, SIG_DFL);
		sigprocmask(SIG_SETMASK, &l.before, NULL);
		raise(killed_by);
	}
	close_fds(&l);
	return status;
}
