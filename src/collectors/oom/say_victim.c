/* Who was killed and why that one, and who was nearest to be next. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "say.h"

static const struct mml_oom_task *row(const struct mml_oom_report *r, uint64_t pid)
{
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
		if (t->n[MML_OOM_PID] == pid)
			return t;
	return NULL;
}

static void say_task(struct mml_say *s, const struct mml_oom_task *t)
{
	mml_say(s, "%s[%" PRIu64 "]", mml_say_name(s, t->name), t->n[MML_OOM_PID]);
}

/* "9284 points of 12288: 36.2 MiB in memory, 0 in swap, page tables 112 KiB, adj 0" */
static void say_points(struct mml_say *s, const struct mml_oom_task *t)
{
	const struct mml_oom_report *r = s->r;
	int64_t adj = (int64_t)t->n[MML_OOM_ADJ];

	if (t->has_points)
		mml_say(s, "%s%" PRId64 " points", t->points_least ? "about " : "", t->points);
	if (t->has_points && r->has_totalpages && r->totalpages < UINT64_C(1) << 50)
		mml_say(s, "of %s%" PRIu64, r->totalpages_least ? "at least " : "", r->totalpages);
	mml_say_on(s, "%s%s in memory", t->has_points ? ": " : " ",
		   mml_say_size(s, mml_say_bytes(s, t->n[MML_OOM_RSS])));
	if (t->n[MML_OOM_SWAPENTS])
		mml_say_on(s, ", %s in swap",
			   mml_say_size(s, mml_say_bytes(s, t->n[MML_OOM_SWAPENTS])));
	if (adj)
		mml_say_on(s, ", adj %" PRId64, adj);
}

static void say_arithmetic(struct mml_say *s, const struct mml_oom_task *t)
{
	const struct mml_oom_report *r = s->r;
	uint64_t tables = t->has >> MML_OOM_PGTABLES & 1
				  ? t->n[MML_OOM_PGTABLES] / r->page_size.n
				  : t->n[MML_OOM_NR_PTES] + t->n[MML_OOM_NR_PMDS];

	if (!s->style->verbose || !t->has_points)
		return;
	mml_say(s, "That is rss %" PRIu64 " + swap %" PRIu64 " + page tables %" PRIu64,
		t->n[MML_OOM_RSS], t->n[MML_OOM_SWAPENTS], tables);
	if (t->n[MML_OOM_ADJ])
		mml_say(s, "+ adj %" PRId64 " * (%" PRIu64 " / 1000)", (int64_t)t->n[MML_OOM_ADJ],
			r->totalpages);
	mml_say_on(s, " = %" PRId64 " pages", t->points);
	mml_say_end(s, t->line, 0, 0);
}

/* The score the kernel printed, before 5.3, against ours. */
static void say_score(struct mml_say *s)
{
	const struct mml_oom_kill *k = s->r->victim;

	if (!mml_oom_has(k->score))
		return;
	if (s->r->old_score) {
		mml_say(s,
			"The kernel's score of %" PRIu64
			" is by the rules before 2.6.36 (total-vm, time, nice): not per mille",
			k->score.n);
	} else if (!s->r->has_score) {
		uint64_t anon, file = 0;

		mml_say(s, "The kernel's score: %" PRIu64 " of 1000", k->score.n);
		mml_oom_kb(k->file_rss, &file);
		if (k->score.n && k->score.n <= 1000 && mml_oom_kb(k->anon_rss, &anon) &&
		    anon < UINT64_MAX / 4000 && file < anon)
			mml_say_on(s,
				   ", which makes about %s of RAM and swap (or of the limit), if "
				   "it had nothing in swap",
				   mml_say_size(s, (anon + file) / k->score.n * 1000));
	} else if (s->r->score == k->score.n || (!s->r->score && k->score.n == 1)) {
		mml_say(s, "The score of 1000: printed %" PRIu64 ", computed %" PRIu64, k->score.n,
			s->r->score);
	} else {
		mml_say(s,
			"The score of 1000: printed %" PRIu64 ", computed %" PRIu64
			"; what the kernel takes off for CAP_SYS_ADMIN, or swap that is not in the "
			"log, may be the difference",
			k->score.n, s->r->score);
	}
	mml_say_end(s, k->score.line, 0, 0);
	if (mml_oom_has(k->chosen_pid) && mml_oom_has(k->pid) && k->chosen_pid.n != k->pid.n) {
		mml_say(s, "%s was chosen; its child was killed in its place (kernels before 4.20)",
			mml_say_task(s, k->chosen_comm, k->chosen_pid));
		mml_say_end(s, k->score.line, k->line, 0);
	}
}

static void say_why(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const struct mml_oom_task *t = r->victim_task, *e = r->expected;

	if (!t) {
		if (r->ntasks && mml_oom_has(r->victim->pid)) {
			mml_say(s, "%s is not in the task table",
				mml_say_task(s, r->victim->comm, r->victim->pid));
			mml_say_end(s, r->victim->line, 0, 0);
		}
		return;
	}
	say_task(s, t);
	mml_say(s, "had");
	say_points(s, t);
	if (e == t)
		mml_say_on(s, ": the most of all that could be killed");
	mml_say_end(s, t->line, r->victim->line, 0);
	say_arithmetic(s, t);
	if (!e || e == t || !t->has_points || strstr(r->victim->message, "allocating_task"))
		return;
	mml_say(s, "By the table it would have been");
	say_task(s, e);
	mml_say(s, "with");
	say_points(s, e);
	mml_say_on(s, "; why not is not in the log");
	mml_say_end(s, e->line, 0, 0);
}

/* What the kill gives back: not what is shared, and not what the kernel holds for the process. */
static void say_freed(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	const struct mml_oom_kill *k = r->victim;
	uint64_t anon,
		total = 0,
		swap = r->victim_task ? mml_say_bytes(s, r->victim_task->n[MML_OOM_SWAPENTS]) : 0;

	if (!mml_oom_kb(k->anon_rss, &anon))
		return;
	mml_say(s, "Its end gives back about %s", mml_say_size(s, anon));
	if (swap)
		mml_say_on(s, " and %s of swap", mml_say_size(s, swap));
	if (mml_oom_kb(k->shmem_rss, &total) && total > anon / 4 && total >= 16 << 20)
		mml_say_on(s, "; the %s of shared memory it had stay, if files or others hold them",
			   mml_say_size(s, total));
	mml_say_end(s, k->anon_rss.line, 0, 0);
	if (r->scope && anon < mml_say_bytes(s, r->scope) / 1000) {
		mml_say(s,
			"That is next to nothing: the kill does not free what holds the memory%s",
			r->reason2 == MML_OOM_WHY_SLAB || r->reason2 == MML_OOM_WHY_PAGETABLES
				? ", but for what the kernel holds for the process itself "
				  "(mappings, page tables), which goes with it"
				: "");
		mml_say_end(s, 0, 0, 0);
	}
	if (k->unreaped_line) {
		mml_say(s, "Its memory could not be taken away at once");
		mml_say_end(s, k->unreaped_line, 0, 0);
	} else if (k->reaped_line) {
		mml_say(s, "Its memory was taken away at once");
		mml_say_end(s, k->reaped_line, 0, 0);
	}
}

static void say_others(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	unsigned n = 0, reaped = 0;
	uint64_t line = 0;

	for (const struct mml_oom_kill *k = r->kills; k; k = k->next) {
		const struct mml_oom_task *t = mml_oom_has(k->pid) ? row(r, k->pid.n) : NULL;

		if (!k->message && mml_oom_has(k->pid)) {
			reaped++;
			line = line ? line : k->line;
		}
		if (k == r->victim || k->duplicate || !k->message || n++ >= 8)
			continue;
		mml_say(s, "%s %s with it", mml_say_task(s, k->comm, k->pid), "went");
		if (t && t->n[MML_OOM_ADJ])
			mml_say_on(s, " (adj %" PRId64 ")", (int64_t)t->n[MML_OOM_ADJ]);
		mml_say_end(s, k->line, 0, 0);
	}
	if (reaped) {
		mml_say(s,
			"%u more were killed whose lines are not in the log: the reaper names them",
			reaped);
		mml_say_end(s, line, 0, 0);
	}
}

static void say_exempt(struct mml_say *s)
{
	const struct mml_oom_task *largest = NULL;
	unsigned n = 0;

	for (const struct mml_oom_task *t = s->r->tasks; t; t = t->next)
		if (t->state == MML_OOM_TASK_EXEMPT) {
			n++;
			if (!largest || t->n[MML_OOM_RSS] > largest->n[MML_OOM_RSS])
				largest = t;
		}
	if (!largest)
		return;
	mml_say(s, "%u exempt (adj -1000 or init), the largest", n);
	say_task(s, largest);
	mml_say(s, "with %s", mml_say_size(s, mml_say_bytes(s, largest->n[MML_OOM_RSS])));
	mml_say_end(s, largest->line, 0, 0);
}

static bool scored(const struct mml_oom_report *r)
{
	for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
		if (t->has_points || t->state == MML_OOM_TASK_EXEMPT)
			return true;
	return false;
}

static void say_next(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (!r->ntasks || r->old_score)
		return;
	if (!scored(r)) {
		mml_say(s, "Who would be next cannot be computed from this table");
		mml_say_end(s, r->tasks->line, 0, 0);
	} else if (!r->next_task) {
		mml_say(s, "Nobody else in the table could be killed next");
		mml_say_end(s, 0, 0, 0);
	} else {
		mml_say(s, r->victim ? "Next would be" : "Nearest to be killed is");
		say_task(s, r->next_task);
		mml_say(s, "with");
		say_points(s, r->next_task);
		mml_say_end(s, r->next_task->line, 0, 0);
	}
	say_exempt(s);
}

/* Many processes of one name, of which each alone looks harmless. */
static void say_many(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (!r->many_name || !r->scope || r->many_pages < r->scope / 4)
		return;
	mml_say(s, "%u tasks called %s have %s together, shared pages counted for each", r->many,
		mml_say_name(s, r->many_name), mml_say_size(s, mml_say_bytes(s, r->many_pages)));
	mml_say_end(s, r->tasks->line, 0, 0);
}

void mml_say_victim(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->victim) {
		say_why(s);
		say_score(s);
		say_freed(s);
		say_others(s);
	} else if (mml_oom_has(r->oomkill_pid)) {
		mml_say(s, "%s was chosen; that it was killed is not in the log",
			mml_say_task(s, r->oomkill_comm, r->oomkill_pid));
		mml_say_end(s, r->oomkill_pid.line, 0, 0);
	}
	if (r->kind == MML_OOM_KIND_SHOW_MEM || r->kind == MML_OOM_KIND_ALLOC_FAILURE)
		return;
	say_next(s);
	say_many(s);
}
