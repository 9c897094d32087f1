/* The task table, and the lines that say who was killed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "build.h"

/* The reaper comes right behind a kill: a line of it that is further away is no part of the report.
 */
enum { REAPER_NEAR = 64 };

static int column_of(struct mml_span name)
{
	static const struct {
		const char *name;
		signed char column;
	} names[] = {
		{ "uid", MML_OOM_UID },
		{ "tgid", MML_OOM_TGID },
		{ "total_vm", MML_OOM_TOTAL_VM },
		{ "rss", MML_OOM_RSS },
		{ "rss_anon", MML_OOM_RSS_ANON },
		{ "rss_file", MML_OOM_RSS_FILE },
		{ "rss_shmem", MML_OOM_RSS_SHMEM },
		{ "nr_ptes", MML_OOM_NR_PTES },
		{ "nr_pmds", MML_OOM_NR_PMDS },
		{ "pgtables_bytes", MML_OOM_PGTABLES },
		{ "swapents", MML_OOM_SWAPENTS },
		{ "oom_score_adj", MML_OOM_ADJ },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(name, names[i].name))
			return names[i].column;
	return -1;
}

/* [ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name: which columns
 * there are depends on the version and on what a distribution carried back, so the head is what
 * counts. */
int mml_oom_parse_task_head(struct mml_oom_build *b, struct mml_oom_stream *s,
			    struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), tok;

	(void)b;
	s->columns = 0;
	rest.p = memchr(rest.p, ']', mml_span_len(rest));
	if (!r || !rest.p)
		return 0;
	rest.p++;
	while (mml_next_token(&rest, &tok) && s->columns < MML_OOM_MAX_TASK_COLUMNS) {
		if (mml_span_eq(tok, "name")) {
			r->task_table = true;
			return 0;
		}
		s->column[s->columns++] = (signed char)column_of(tok);
	}
	s->columns = 0; /* the names of columns were cut: what stands under them cannot be told */
	return 0;
}

static bool parse_columns(const struct mml_oom_stream *s, struct mml_span *rest,
			  struct mml_oom_task *ret)
{
	for (unsigned i = 0; i < s->columns; i++) {
		struct mml_span tok;
		int64_t n;

		/* A number that ends the row may go on: the name behind it is missing as well. */
		if (!mml_next_token(rest, &tok) || tok.end == rest->end || mml_parse_i64(tok, &n))
			return false;
		if (s->column[i] < 0)
			continue;
		if (n < 0 && s->column[i] != MML_OOM_ADJ)
			return false;
		ret->n[s->column[i]] = (uint64_t)n;
		ret->has |= 1u << s->column[i];
	}
	return true;
}

/* [    168]     0   168    25847     9256     9120        0       136   114688        0 0 worker */
int mml_oom_parse_task(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), pid;
	struct mml_oom_task task = { .line = l->seg->line }, *ret;
	const char *end = memchr(rest.p, ']', mml_span_len(rest));

	if (!r || !end || !s->columns)
		return 0;
	pid = mml_span_trim((struct mml_span){ rest.p + 1, end });
	rest.p = end + 1;
	if (mml_parse_u64(pid, &task.n[MML_OOM_PID]) || !parse_columns(s, &rest, &task))
		return 0;
	task.has |= 1u << MML_OOM_PID;
	rest = mml_span_trim(rest);
	/* A name whose end is missing is another's. */
	if (rest.p == rest.end || l->cut)
		return 0;
	ret = mml_arena_alloc(b->arena, sizeof(*ret));
	if (!ret)
		return -ENOMEM;
	task.name = mml_oom_text(b, rest);
	*ret = task;
	*r->last_task = ret;
	r->last_task = &ret->next;
	r->ntasks++;
	r->complete |= MML_OOM_TASKS;
	return task.name ? 0 : -ENOMEM;
}

struct mml_oom_kill *mml_oom_kill_new(struct mml_oom_build *b, struct mml_oom_report *report,
				      uint64_t line)
{
	struct mml_oom_kill *k = mml_arena_alloc(b->arena, sizeof(*k));

	if (!k)
		return NULL;
	k->line = line;
	k->time.usec = -1;
	k->report = report;
	if (report) {
		*report->last_kill = k;
		report->last_kill = &k->next;
		report->newest = k;
		b->recent[b->kills++ % (sizeof(b->recent) / sizeof(*b->recent))] = k;
	} else {
		k->kind = MML_OOM_KILL_USERSPACE;
		*b->last_kill = k;
		b->last_kill = &k->next;
	}
	return k;
}

struct mml_oom_kill *mml_oom_kill_find(const struct mml_oom_build *b, uint64_t pid,
				       struct mml_span comm)
{
	size_t most = sizeof(b->recent) / sizeof(*b->recent), n = b->kills < most ? b->kills : most;

	for (size_t i = 1; i <= n; i++) {
		struct mml_oom_kill *k = b->recent[(b->kills - i) % most];

		if (mml_oom_has(k->pid) && k->pid.n == pid &&
		    (comm.p == comm.end || (k->comm && mml_span_eq(comm, k->comm))))
			return k;
	}
	return NULL;
}

bool mml_oom_pid_name(struct mml_span text, const char *before, struct mml_span *ret_pid,
		      struct mml_span *ret_name)
{
	static const char *const behind[] = { ") total-vm:", ") score ", "), now ", ") sharing",
					      ")." };
	struct mml_span s, n;
	const char *open, *close = NULL;

	if (!mml_oom_between(text, before, NULL, &s))
		return false;
	n = s;
	while (n.p < s.end && *n.p >= '0' && *n.p <= '9')
		n.p++;
	*ret_pid = (struct mml_span){ s.p, n.p };
	*ret_name = (struct mml_span){ s.end, s.end };
	if (n.p == s.p || n.p == s.end)
		return false;
	s.p = n.p;
	open = memchr(s.p, '(', mml_span_len(s));
	if (!open)
		return true;
	s.p = open + 1;
	for (size_t i = 0; i < sizeof(behind) / sizeof(*behind) && !close; i++)
		close = mml_oom_find(s, behind[i]);
	if (!close)
		close = s.end > s.p && s.end[-1] == ')' ? s.end - 1 : NULL;
	if (close)
		*ret_name = (struct mml_span){ s.p, close };
	return true;
}

static int keep_name(struct mml_oom_build *b, struct mml_span name, const char **ret)
{
	if (name.p == name.end)
		return 0;
	*ret = mml_oom_text(b, name);
	return *ret ? 0 : -ENOMEM;
}

static void set_pid(const struct mml_oom_logical *l, struct mml_span pid, struct mml_oom_value *ret)
{
	if (!mml_parse_u64(pid, &ret->n))
		ret->line = mml_oom_logical_line(l, pid.p);
}

/* Out of memory: Kill process 6576 (mysqld) score 651 or sacrifice child; 2.6.18: score 48523 and
 * children. */
static int parse_chosen(struct mml_oom_build *b, struct mml_oom_report *r,
			const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), pid, name;
	struct mml_oom_kill *k;

	if (!mml_oom_pid_name(text, "Kill process ", &pid, &name))
		return 0;
	k = mml_oom_kill_new(b, r, l->seg->line);
	if (!k)
		return -ENOMEM;
	set_pid(l, pid, &k->chosen_pid);
	k->score = mml_oom_number_after(l, text, ") score ", " ");
	k->time = (struct mml_oom_time){ l->usec, l->when };
	if (mml_span_starts(text, "Memory cgroup") && r->kind == MML_OOM_KIND_OOM)
		r->kind = MML_OOM_KIND_MEMCG_OOM;
	return keep_name(b, name, &k->chosen_comm);
}

/* The kill that the line is of: the one that was announced, or a new one. */
static struct mml_oom_kill *kill_of(struct mml_oom_build *b, struct mml_oom_report *r,
				    uint64_t line)
{
	struct mml_oom_kill *last = r->newest;

	if (last && !mml_oom_has(last->pid) && mml_oom_has(last->chosen_pid)) {
		last->line = line;
		return last;
	}
	return mml_oom_kill_new(b, r, line);
}

static void set_sizes(const struct mml_oom_logical *l, struct mml_oom_kill *k)
{
	struct mml_span text = mml_oom_logical_text(l), s, n;

	k->total_vm = mml_oom_number_after(l, text, "total-vm:", "kB");
	k->anon_rss = mml_oom_number_after(l, text, "anon-rss:", "kB");
	k->file_rss = mml_oom_number_after(l, text, "file-rss:", "kB");
	k->shmem_rss = mml_oom_number_after(l, text, "shmem-rss:", "kB");
	k->pgtables = mml_oom_number_after(l, text, "pgtables:", "kB");
	k->uid = mml_oom_number_after(l, text, "UID:", " ");
	if (!mml_oom_has(k->uid))
		k->uid = mml_oom_number_after(l, text, ", UID ", ",");
	if (!mml_oom_between(text, "oom_score_adj:", NULL, &s))
		return;
	n = s;
	n.p += n.p < s.end && *n.p == '-';
	while (n.p < s.end && *n.p >= '0' && *n.p <= '9')
		n.p++;
	if (n.p < s.end || !(l->cut || l->full))
		k->has_adj = !mml_parse_i64((struct mml_span){ s.p, n.p }, &k->adj);
}

/* "Out of memory", "Memory cgroup out of memory", "Out of memory (oom_kill_allocating_task)". */
static int set_message(struct mml_oom_build *b, struct mml_span text, struct mml_oom_kill *k)
{
	struct mml_span message = text;
	const char *end = mml_oom_find(text, "Killed process ");

	message.end = end ? end : text.p;
	while (message.end > message.p && (message.end[-1] == ' ' || message.end[-1] == ':'))
		message.end--;
	k->message = mml_oom_text(b, message);
	return k->message ? 0 : -ENOMEM;
}

/*
 * Out of memory: Killed process 216 (eater) total-vm:3072988kB, anon-rss:525824kB, file-rss:0kB,
 * shmem-rss:544kB, UID:0 pgtables:1200kB oom_score_adj:0 since 5.3 Killed process 24894, UID 55120,
 * (big_mm) total-vm:2301932kB, ...                            el6 Out of memory: Killed process
 * 23392 (seamonkey-bin).                                         2.6.18
 */
int mml_oom_parse_kill(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), pid, name;
	const struct mml_oom_kill *before;
	struct mml_oom_kill *k;

	(void)s;
	if (!r)
		return 0;
	if (!mml_oom_find(text, "Killed process "))
		return parse_chosen(b, r, l);
	if (!mml_oom_pid_name(text, "Killed process ", &pid, &name))
		return 0;
	k = kill_of(b, r, l->seg->line);
	if (!k)
		return -ENOMEM;
	k->time = (struct mml_oom_time){ l->usec, l->when };
	if (keep_name(b, name, &k->comm) || set_message(b, text, k))
		return -ENOMEM;
	if (mml_parse_u64(pid, &k->pid.n))
		return 0;
	/* A group's kill names the first victim again among the others. */
	before = mml_oom_kill_find(b, k->pid.n, (struct mml_span){ NULL, NULL });
	k->duplicate = (before && before != k && before->report == r) ||
		       (r->kills != k && mml_oom_has(r->kills->pid) && r->kills->pid.n == k->pid.n);
	set_pid(l, pid, &k->pid);
	set_sizes(l, k);
	if (r->kind == MML_OOM_KIND_SHOW_MEM)
		r->kind = MML_OOM_KIND_OOM;
	if (mml_span_starts(text, "Memory cgroup") && r->kind == MML_OOM_KIND_OOM)
		r->kind = MML_OOM_KIND_MEMCG_OOM;
	return 0;
}

/* oom_reaper: reaped process 216 (eater), now anon-rss:4kB, file-rss:0kB, shmem-rss:0kB
 * oom_reaper: unable to reap pid:123 (x) */
int mml_oom_parse_reaped(struct mml_oom_build *b, struct mml_oom_stream *s,
			 struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), pid, name;
	bool reaped = mml_oom_pid_name(text, "reaped process ", &pid, &name);
	struct mml_oom_kill *k;
	uint64_t n;

	if (!reaped && !mml_oom_pid_name(text, "unable to reap pid:", &pid, &name))
		return 0;
	if (mml_parse_u64(pid, &n))
		return 0;
	k = mml_oom_kill_find(b, n, (struct mml_span){ NULL, NULL });
	r = r ? r : s->open;
	/* Someone whose kill is not in the log. */
	if (!k && r && r->kind != MML_OOM_KIND_ALLOC_FAILURE && r->kind != MML_OOM_KIND_SHOW_MEM) {
		k = mml_oom_kill_new(b, r, l->seg->line);
		if (!k || keep_name(b, name, &k->comm))
			return -ENOMEM;
		set_pid(l, pid, &k->pid);
		k->time = (struct mml_oom_time){ l->usec, l->when };
	}
	if (!k)
		return 0;
	if (reaped)
		k->reaped_line = l->seg->line;
	else
		k->unreaped_line = l->seg->line;
	k->left_anon = mml_oom_number_after(l, text, "anon-rss:", "kB");
	if (k->report->line_last < l->seg->line &&
	    l->seg->line - k->report->line_last < REAPER_NEAR)
		k->report->line_last = l->seg->line;
	return 0;
}

/* What user space killed, which is none of the kernel's doing:
 * lowmemorykiller: Killing 'x' (123), adj 1000,
 * lmkd: Kill 'x' (123), uid 10057, oom_score_adj 900 to free 48216kB
 * systemd-oomd: Killed /user.slice/x due to memory pressure ...
 * earlyoom: sending SIGTERM to process 123 uid 1000 "x": badness 900, VmRSS 3000 MiB */
int mml_oom_parse_userspace(struct mml_oom_build *b, struct mml_oom_stream *s,
			    struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), part;
	struct mml_oom_kill *k = mml_oom_kill_new(b, NULL, l->seg->line);

	(void)s;
	(void)r;
	if (!k)
		return -ENOMEM;
	k->time = (struct mml_oom_time){ l->usec, l->when };
	k->message = mml_oom_text(b, text);
	if (!k->message)
		return -ENOMEM;
	k->pid = mml_oom_number_after(l, text, "to process ", " ");
	if (!mml_oom_has(k->pid))
		k->pid = mml_oom_number_after(l, text, "' (", ")");
	if (mml_oom_between(text, "Kill '", "'", &part) ||
	    mml_oom_between(text, "Killing '", "'", &part) ||
	    (mml_oom_has(k->pid) && mml_oom_between(text, "\"", "\"", &part)) ||
	    mml_oom_between(text, "Killed ", " due to ", &part))
		return keep_name(b, part, &k->comm);
	return 0;
}

/* Kernel panic - not syncing: System is deadlocked on memory */
int mml_oom_parse_panic(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
			const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), why;

	(void)s;
	if (!r || r->panic_line)
		return 0;
	r->panic_line = l->seg->line;
	if (!mml_oom_between(text, "not syncing: ", NULL, &why))
		return 0;
	r->panic = mml_oom_text(b, why);
	return r->panic ? 0 : -ENOMEM;
}
