/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../core/module.h"
#include "../core/sampler.h"
#include "../core/trouble.h"
#include "../ui/tui.h"
#include "moment.h"
#include "plan.h"
#include "../source/source.h"

/* Says on stderr what went wrong with the output, which ends the run. If the reader is gone, it says
 * nothing and returns MML_OK. */
static int written(int rc, bool *ret_gone)
{
	*ret_gone = rc;
	if (!rc || rc == -EPIPE)
		return MML_OK;
	if (rc == -ENOMEM)
		mml_error("%s", mml_trouble_words(rc));
	else
		mml_error("stdout: %s", strerror(-rc));
	return MML_FAILED;
}

int mml_write_out(struct mml_buf *out, bool *ret_gone)
{
	return written(mml_buf_flush(out, STDOUT_FILENO), ret_gone);
}

struct mml_query mml_plan_query(const struct mml_plan *plan, const struct mml_collector *table,
				const struct mml_select *sel)
{
	return (struct mml_query){
		.collector = table,
		.scope = plan->scope,
		.reading = {
			.needs = sel ? mml_select_needs(sel) : 0,
			.once = !plan->delay_ns && !plan->count,
			.observe_ns = plan->delay_ns,
			.cancel_fd = -1,
		},
	};
}

/* Returns whether LINE was said before in this run; a watch does not repeat it with each sample. */
static bool said_before(struct mml_plan *plan, const struct mml_buf *line)
{
	const char *end = plan->said.data + plan->said.len;

	for (const char *p = plan->said.data; p && p < end; p += strlen(p) + 1)
		if (!strcmp(p, line->data))
			return true;
	mml_buf_put(&plan->said, line->data, line->len + 1);
	return false;
}

/* Says "TABLE.COLUMNS: WHAT; needs NEEDS" once, without what is NULL. */
static void say_once(struct mml_plan *plan, const char *table, const char *columns, const char *what,
		     const char *needs)
{
	struct mml_buf line = { 0 };

	mml_buf_printf(&line, "%s%s%s: %s%s%s", table, columns ? "." : "", columns ? columns : "", what,
		       needs ? "; needs " : "", needs ? needs : "");
	if (line.error)
		mml_error("%s%s%s: %s%s%s", table, columns ? "." : "", columns ? columns : "", what,
			  needs ? "; needs " : "", needs ? needs : "");
	else if (!said_before(plan, &line))
		mml_error("%s", line.data);
	mml_buf_free(&line);
}

/* Says why single columns are absent. Columns with the same reason share a line. */
static void say_columns(struct mml_plan *plan, const struct mml_table *table,
			const struct mml_select *sel)
{
	for (size_t c = 0; c < sel->ncolumns && table->columns; c++) {
		const struct mml_absence *why = &table->columns[sel->columns[c]];
		struct mml_buf names = { 0 };
		bool said = false;

		for (size_t k = 0; k < sel->ncolumns && why->reason; k++) {
			if (table->columns[sel->columns[k]].reason != why->reason)
				continue;
			said |= k < c;
			mml_buf_printf(&names, "%s%s", names.len ? ", " : "",
				       table->schema->columns[sel->columns[k]].name);
		}
		if (why->reason && !said)
			say_once(plan, table->schema->name,
				 names.error ? table->schema->columns[sel->columns[c]].name : names.data,
				 why->reason, why->needs);
		mml_buf_free(&names);
	}
}

int mml_say_absences(struct mml_plan *plan, const struct mml_select *selects,
		     const struct mml_snapshot *snap)
{
	int status = MML_OK;

	for (size_t i = 0; i < snap->ntables; i++) {
		const struct mml_table *table = snap->tables[i];

		if (table->error) {
			status = MML_FAILED;
			say_once(plan, table->schema->name, NULL, table->absence.reason,
				 table->absence.needs);
		}
		if (plan->quiet)
			continue;
		say_columns(plan, table, &selects[i]);
		/* If there are no rows, the reason is all there is to say. */
		if (table->note && (!table->error || table->nrows))
			say_once(plan, table->schema->name, NULL, table->note, NULL);
	}
	return status;
}

static int write_piece(struct mml_buf *out)
{
	return mml_buf_flush(out, STDOUT_FILENO);
}

/* Prints a sample. Samples that are not documents have a blank line between them, or are one table
 * with one heading. Returns 0 or
 * -errno. */
static int print(const struct mml_plan *plan, const struct mml_snapshot *snap, bool first)
{
	struct mml_format format = plan->format;
	struct mml_buf out = { 0 };
	int rc;

	format.style.page_size = snap->host.page_size;
	format.write = write_piece;
	if (!first && format.renderer->single)
		format.noheadings = true;
	else if (!first && !format.renderer->document)
		mml_buf_putc(&out, '\n');
	rc = mml_render(&out, plan->selects, snap, &format);
	if (!rc)
		rc = mml_buf_flush(&out, STDOUT_FILENO);
	mml_buf_free(&out);
	return rc;
}

/* Waits for the next sample. SIGINT and SIGTERM end the wait or an observation, and what there is
 * gets printed. */
struct waiter {
	int signal_fd, timer_fd;
};

/* Returns an exit status. */
static int waiter_open(struct waiter *w, uint64_t period_ns)
{
	struct itimerspec when = {
		.it_value = { (time_t)(period_ns / 1000000000), (long)(period_ns % 1000000000) },
	};
	sigset_t set;

	when.it_interval = when.it_value;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (w->signal_fd >= 0 && w->timer_fd >= 0 && !timerfd_settime(w->timer_fd, 0, &when, NULL))
		return MML_OK;
	mml_error("cannot wait for a sample: %s: %s",
		  w->signal_fd < 0 ? "signalfd()" : "timerfd_create()", mml_trouble_words(-errno));
	return MML_FAILED;
}

/* Returns true when the time has come, and false if the user wants to stop. */
static bool waiter_wait(struct waiter *w)
{
	struct pollfd fds[] = { { .fd = w->signal_fd, .events = POLLIN },
				{ .fd = w->timer_fd, .events = POLLIN } };
	uint64_t times;

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	if (fds[0].revents)
		return false;
	return read(w->timer_fd, &times, sizeof(times)) > 0;
}

/* Returns whether the user wants to stop, which may have been said while a table was observing. */
static bool waiter_cancelled(const struct waiter *w)
{
	struct pollfd fd = { .fd = w->signal_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static bool observes(const struct mml_plan *plan)
{
	for (size_t i = 0; i < plan->ntables; i++)
		if (!(plan->tables[i]->observes))
			return false;
	return true;
}

/* Takes a sample. Returns an exit status. */
static int take(struct mml_plan *plan, struct mml_sampler *sampler, const struct mml_query *queries,
		struct mml_snapshot **ret)
{
	int rc = mml_sampler_take(sampler, queries, plan->ntables, ret);

	if (rc)
		mml_error("%s", mml_trouble_words(rc));
	return rc ? MML_FAILED : MML_OK;
}

/* Who asks for an explanation wants to know that there is nothing to explain. */
static int say_none(void)
{
	mml_error("oom: no out-of-memory kill, failed allocation or memory dump is in this log");
	return MML_FAILED;
}

int mml_print_sample(struct mml_plan *plan, struct mml_sampler *sampler,
		     const struct mml_query *queries, bool first, bool *ret_gone)
{
	struct mml_snapshot *snap;
	int status = take(plan, sampler, queries, &snap), rc;

	if (status)
		return status;
	status = written(print(plan, snap, first), ret_gone);
	if (!*ret_gone && plan->command != MML_DUMP) {
		rc = mml_say_absences(plan, plan->selects, snap);
		status = status ? status : rc;
		if (plan->command == MML_OOM && !status && !snap->tables[0]->nrows)
			status = say_none();
	}
	mml_snapshot_put(snap);
	return status;
}

/*
 * Without -d and -c, one sample is printed. With either of them, a first sample is taken and not
 * printed, because rates need two, and then COUNT samples are. Tables that observe wait by
 * themselves, and need no first sample.
 */
int mml_run_tables(struct mml_plan *plan, struct mml_root *root)
{
	struct mml_query *queries = mml_calloc(plan->ntables + 1, sizeof(*queries));
	struct mml_sampler *sampler = mml_sampler_new(root);
	struct waiter w = { -1, -1 };
	bool wait = plan->delay_ns || plan->count, gone = false, more = true;
	uint64_t delay = plan->delay_ns ? plan->delay_ns : 1000000000;
	uint64_t count = plan->count ? plan->count : 1;
	struct mml_snapshot *snap;
	int status = MML_OK, rc;

	if (!sampler || !queries) {
		mml_error("%s", mml_trouble_words(-ENOMEM));
		status = MML_FAILED;
	} else if (wait || observes(plan)) {
		status = waiter_open(&w, delay);
	}
	if (status)
		goto out;
	for (size_t i = 0; i < plan->ntables; i++) {
		queries[i] = mml_plan_query(plan, plan->tables[i], &plan->selects[i]);
		queries[i].reading.cancel_fd = w.signal_fd;
	}
	if (wait && !observes(plan)) {
		status = take(plan, sampler, queries, &snap);
		if (!status)
			mml_snapshot_put(snap);
		more = !status && waiter_wait(&w);
	}
	for (uint64_t n = 0; n < count && !gone; n++) {
		rc = mml_print_sample(plan, sampler, queries, !n, &gone);
		status = rc ? rc : status;
		if (!more || n + 1 == count || waiter_cancelled(&w))
			break;
		if (!observes(plan))
			more = waiter_wait(&w);
		if (!more)
			break;
	}
out:
	if (w.signal_fd >= 0)
		close(w.signal_fd);
	if (w.timer_fd >= 0)
		close(w.timer_fd);
	mml_sampler_free(sampler);
	free(queries);
	return status;
}

static int run_screen(struct mml_plan *plan, struct mml_root *root, struct mml_replay *replay)
{
	struct mml_stop stop = { .seq = 0 };
	struct mml_absence why;
	const struct mml_module_tui *tui = mml_module("tui", &why);

	if (!tui) {
		mml_error("no screen: %s", why.reason);
		return MML_FAILED;
	}
	if (replay)
		mml_reader_stop(mml_replay_reader(replay), mml_replay_pos(replay), &stop);
	return tui->run(root, &(struct mml_tui_args){
		.root = plan->root,
				      .replay = plan->replay,
				      .seq = stop.seq,
				      .view = plan->nargs ? plan->args[0] : NULL,
				      .select = plan->selected ? &plan->selects[0] : NULL,
				      .filter = plan->filter,
				      .scope = &plan->scope,
				      .delay_ns = plan->delay_ns,
				      .style = plan->format.style,
				      .colour = plan->format.colour,
				      .theme = plan->theme,
			      });
}

static int open_root(const char *dir, struct mml_root **ret)
{
	int rc = mml_root_open(dir, ret);

	if (!rc)
		return MML_OK;
	if (rc == -ENOMEM)
		mml_error("%s", mml_trouble_words(rc));
	else if (rc == -EBADMSG)
		mml_error("--root: the files in %s/mmlens cannot be read, or do not tell the page size",
			  dir);
	else if (rc == -EIO)
		mml_error("--root: %s: read error in a file that may tell the page size", dir);
	else if (dir)
		mml_error("--root: %s: %s", dir, mml_trouble_words(rc));
	else
		mml_error("what machine this is: uname(): %s", mml_trouble_words(rc));
	return MML_FAILED;
}

/* Returns whether the tree is a capture that failed, and what it lacks is not known. */
static bool incomplete(const struct mml_plan *plan, const struct mml_root *root)
{
	if (!mml_root_host(root)->incomplete || plan->command == MML_TOP)
		return false;
	mml_error("--root: %s: the capture was not finished, so that files are missing", plan->root);
	return true;
}

int mml_plan_run(struct mml_plan *plan)
{
	struct mml_replay *replay = NULL;
	struct mml_root *root = NULL;
	int status;

	if (plan->command == MML_SHOW_HELP)
		return mml_help(plan);
	if (plan->command == MML_SHOW_VERSION)
		return mml_version();
	if (plan->command == MML_DIFF)
		return mml_run_diff(plan);
	if (plan->replay)
		status = mml_moment_open(plan, &root, &replay);
	else
		status = open_root(plan->root, &root);
	if (status)
		return status;
	if (plan->format.renderer->document)
		mml_root_count_nodes(root);
	/* A bare `mmlens` on a terminal opens the screen, or prints the balance if there is no
	 * screen. */
	if (!plan->given && isatty(STDOUT_FILENO) && plan->format.renderer == mml_renderers[0]) {
		struct mml_absence why = { "stdin is not a terminal", NULL };

		if (isatty(STDIN_FILENO) && mml_module("tui", &why))
			plan->command = MML_TOP;
		else
			mml_error("this is the balance, and not the screen: %s", why.reason);
	}
	switch (plan->command) {
	case MML_TOP:
		status = run_screen(plan, root, replay);
		break;
	case MML_CAPTURE:
		status = mml_run_capture(plan, root);
		break;
	case MML_RECORD:
		status = replay ? mml_run_cut(plan, root, replay) : mml_run_record(plan, root);
		break;
	default:
		status = replay ? mml_run_replay(plan, root, replay) : mml_run_tables(plan, root);
	}
	if (!status && incomplete(plan, root))
		status = MML_FAILED;
	mml_root_close(root);
	return status;
}
