/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	REFRESH = 10,  /* every so many samples, nothing is taken for unchanged */
	PATIENCE = 20, /* what costs more than the budget may take this fraction of the time */
};

static struct mml_span text_of(const struct mml_reader *w)
{
	return (struct mml_span){ w->buf.data, w->buf.data + w->buf.len };
}

/* Reads the file NAME of the process. Returns whether there is something to parse. A process that
 * ended meanwhile is gone. In a tree, the file may not have been captured. */
static bool read_part(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir,
		      const char *name, bool once, unsigned need)
{
	int rc;

	if (p->gone)
		return false;
	w->buf.len = 0;
	rc = mml_dir_read(dir, name, once, &w->buf);
	if (rc == -ESRCH || (rc == -ENOENT && !w->scan->tree))
		p->gone = true;
	mml_process_lacks(p, rc, name, need);
	return !rc;
}

/* Whether a file that is there could not be read. */
static bool failed(const struct mml_process *p, unsigned need)
{
	return p->refused & need || p->error;
}

static void mark_bad(struct mml_process *p, int rc, const char *name)
{
	if (rc && !p->error) {
		p->error = -EBADMSG;
		p->bad = name;
	}
}

const char *mml_process_state_word(struct mml_arena *arena, char state)
{
	static const char words[] = "R\0S\0D\0Z\0T\0t\0I\0X\0P\0W\0K\0x";

	for (size_t i = 0; i < sizeof(words); i += 2)
		if (words[i] == state)
			return words + i;
	return mml_arena_strndup(arena, &state, 1);
}

uint64_t mml_process_start(const struct mml_scan *scan, const struct mml_pid_stat *stat)
{
	const struct mml_host *host = scan->take->host;
	uint64_t ns;

	return host->clock_ticks && !__builtin_mul_overflow(stat->start,
							    1000000000 / host->clock_ticks, &ns) ?
		       ns :
		       0;
}

static void fill_stat(struct mml_reader *w, struct mml_process *p, const struct mml_pid_stat *stat)
{
	struct mml_row *row = p->row;

	p->kthread = stat->flags & MML_PF_KTHREAD;
	p->has_mm = stat->vsize != 0;
	p->resident = stat->rss;
	p->started = mml_process_start(w->scan, stat);
	if (p->started || !stat->start)
		mml_set_u64(row, PROCESSES_started, p->started);
	mml_set_u64(row, PROCESSES_ppid, stat->ppid);
	mml_set_str(row, PROCESSES_comm,
		    mml_arena_strndup(w->arena, stat->comm.p, mml_span_len(stat->comm)));
	mml_set_str(row, PROCESSES_state, mml_process_state_word(w->arena, stat->state));
	mml_set_bool(row, PROCESSES_kthread, p->kthread);
	mml_set_u64(row, PROCESSES_threads, stat->threads);
	mml_set_u64(row, PROCESSES_min_faults, stat->min_faults);
	mml_set_u64(row, PROCESSES_maj_faults, stat->maj_faults);
	mml_set_str(row, PROCESSES_tty, mml_tty_name(w->arena, stat->tty));
	if (p->has_mm)
		mml_set_u64(row, PROCESSES_vsize, stat->vsize);
	else
		mml_unset(row, PROCESSES_vsize);
	p->same = p->memory && p->memory->started == p->started;
}

static void set_pages(struct mml_reader *w, struct mml_row *row, unsigned col, uint64_t pages)
{
	uint64_t bytes;

	if (!__builtin_mul_overflow(pages, w->scan->take->host->page_size, &bytes))
		mml_set_u64(row, col, bytes);
}

/* What only pretends to be Linux may have a statm of zeros. Then stat has the resident memory. */
static void fill_statm(struct mml_reader *w, struct mml_row *row, const struct mml_pid_statm *statm,
		       const struct mml_pid_stat *stat)
{
	if (!statm->size && stat && stat->vsize) {
		set_pages(w, row, PROCESSES_rss, stat->rss);
		return;
	}
	set_pages(w, row, PROCESSES_rss, statm->resident);
	if (statm->shared <= statm->resident)
		set_pages(w, row, PROCESSES_rss_anon, statm->resident - statm->shared);
}

/* If a tree has no stat, status tells most of the same. */
static void fill_status(struct mml_reader *w, struct mml_process *p, bool have_stat)
{
	struct mml_row *row = p->row;
	struct mml_pid_status status;
	uint64_t vsize = row->cell[PROCESSES_vsize].u64;

	mark_bad(p, mml_fields_fill(&w->scan->status, text_of(w), row), "status");
	/* That of stat is the same, but for kernels that only pretend to be Linux. */
	if (have_stat && mml_has(row, PROCESSES_vsize))
		mml_set_u64(row, PROCESSES_vsize, vsize);
	if (mml_pid_status_parse(text_of(w), &status)) {
		mark_bad(p, -EBADMSG, "status");
		return;
	}
	if (status.has_euid)
		mml_set_u64(row, PROCESSES_uid, status.euid);
	w->allowed_known = w->scan->cpus &&
			   !mml_nodes_allowed(w->scan->cpus, text_of(w), &w->allowed);
	if (have_stat)
		return;
	p->has_mm = status.has_mm;
	p->escaped = memchr(status.name.p, '\\', mml_span_len(status.name));
	mml_set_str(row, PROCESSES_comm,
		    mml_arena_strndup(w->arena, status.name.p, mml_span_len(status.name)));
	mml_set_str(row, PROCESSES_state, mml_process_state_word(w->arena, status.state));
	if (status.has_ppid)
		mml_set_u64(row, PROCESSES_ppid, status.ppid);
	if (status.has_threads)
		mml_set_u64(row, PROCESSES_threads, status.threads);
}

static void sum_cells(struct mml_row *row, unsigned to, const unsigned *from, size_t n)
{
	uint64_t sum = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!mml_has(row, from[i]))
			continue;
		any = true;
		if (__builtin_add_overflow(sum, row->cell[from[i]].u64, &sum))
			return;
	}
	if (any)
		mml_set_u64(row, to, sum);
}

static void read_rollup(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir)
{
	static const unsigned uss[] = { PROCESSES_private_clean, PROCESSES_private_dirty };
	static const unsigned thp[] = { PROCESSES_thp_anon, PROCESSES_thp_shmem, PROCESSES_thp_file };
	const char *name = w->scan->no_rollup ? "smaps" : "smaps_rollup";
	bool got = read_part(w, p, dir, name, !w->scan->no_rollup, NEEDS_ROLLUP);

	/* A tree may have only one of the two files. */
	if (!got && w->scan->tree && !failed(p, NEEDS_ROLLUP))
		got = read_part(w, p, dir, name = "smaps", false, NEEDS_ROLLUP);
	if (!got)
		return;
	mark_bad(p, mml_fields_fill(&w->scan->rollup, text_of(w), p->row), name);
	sum_cells(p->row, PROCESSES_uss, uss, 2);
	sum_cells(p->row, PROCESSES_thp, thp, 3);
	p->reads |= NEEDS_ROLLUP;
}

static void read_nodes(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir)
{
	if (!w->nodes)
		w->nodes = mml_calloc(1, sizeof(*w->nodes));
	if (!w->nodes)
		return;
	mml_process_clear_nodes(w->nodes);
	if (!mml_process_by_frame(w, p) || !mml_process_sum_frames(w, dir)) {
		mml_process_clear_nodes(w->nodes);
		if (!read_part(w, p, dir, "numa_maps", false, NEEDS_NODES))
			return;
		mark_bad(p,
			 mml_numa_maps_sum(text_of(w), w->scan->take->host->page_size, w->nodes),
			 "numa_maps");
	}
	mml_process_fill_nodes(w, p->row);
	p->reads |= NEEDS_NODES;
}

/* Returns whether there is budget left for this process. A process that takes more than a whole
 * budget is read so rarely that it stays within its share of the time. */
static bool may_spend(const struct mml_scan *scan, const struct mml_process *p)
{
	const struct mml_process_memory *m = p->memory;

	if (!scan->budget_ns)
		return true;
	if (__atomic_load_n(&scan->spent_ns, __ATOMIC_RELAXED) >= scan->budget_ns)
		return false;
	if (!p->same || !m->read_ns || m->cost_ns <= scan->budget_ns)
		return true;
	return scan->now_ns - m->read_ns > m->cost_ns * PATIENCE;
}

static void save_again(struct mml_reader *w, const struct mml_process *p, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)p->pid, name);
	mml_root_save_again(w->scan->take->root, path);
}

/* Shows what the process was when it was last read. */
static void recall(struct mml_reader *w, struct mml_process *p)
{
	unsigned needs = w->scan->needs & NEEDS_COSTLY;

	if (!p->same || !p->memory->read_ns || (p->memory->reads & needs) != needs)
		return;
	mml_process_recall(p->memory, w->arena, p->row);
	mml_set_u64(p->row, PROCESSES_age, w->scan->now_ns - p->memory->read_ns);
	if (needs & NEEDS_ROLLUP)
		save_again(w, p, w->scan->no_rollup ? "smaps" : "smaps_rollup");
	if (needs & NEEDS_NODES)
		save_again(w, p, "numa_maps");
}

static void read_costly(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir)
{
	unsigned needs = w->scan->needs & NEEDS_COSTLY;
	uint64_t begun = mml_now_ns();

	if (needs & NEEDS_ROLLUP)
		read_rollup(w, p, dir);
	if (needs & NEEDS_NODES)
		read_nodes(w, p, dir);
	p->read_ns = w->scan->now_ns;
	p->cost_ns = mml_now_ns() - begun;
	__atomic_fetch_add(&w->scan->spent_ns, p->cost_ns, __ATOMIC_RELAXED);
	if (p->reads)
		mml_set_u64(p->row, PROCESSES_age, 0);
}

static void read_number(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir,
			const char *name, unsigned col)
{
	struct mml_span text, line;
	int64_t v;

	if (!read_part(w, p, dir, name, true, NEEDS_OOM))
		return;
	text = text_of(w);
	if (!mml_next_line(&text, &line) || mml_parse_i64(line, &v)) {
		mark_bad(p, -EBADMSG, name);
		return;
	}
	mml_set_i64(p->row, col, v);
}

static uint64_t hash(struct mml_span text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; text.p < text.end; text.p++)
		h = (h ^ (unsigned char)*text.p) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

static bool read_stat(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir,
		      struct mml_pid_stat *ret)
{
	if (!read_part(w, p, dir, "stat", true, NEEDS_STAT))
		return false;
	if (mml_pid_stat_parse(text_of(w), ret))
		mark_bad(p, -EBADMSG, "stat");
	else
		fill_stat(w, p, ret);
	p->stat_hash = w->scan->budget_ns ? hash(text_of(w)) : 0;
	return true;
}

static void read_rest(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir,
		      const struct mml_pid_stat *stat, bool have_stat)
{
	unsigned needs = w->scan->needs;
	struct mml_pid_statm statm;
	bool have_status = false;

	if (needs & NEEDS_STATUS || !have_stat) {
		have_status = read_part(w, p, dir, "status", true, NEEDS_STATUS);
		if (have_status)
			fill_status(w, p, have_stat);
	}
	/* A status without VmRSS is of a process that has ended, which has no resident memory. What a
	 * status said that cannot be read is not what other files say: their counters may lag. */
	if (p->has_mm && needs & (NEEDS_RSS | NEEDS_STATUS) && !have_status && !failed(p, NEEDS_STATUS)) {
		if (read_part(w, p, dir, "statm", true, NEEDS_RSS)) {
			if (mml_pid_statm_parse(text_of(w), &statm))
				mark_bad(p, -EBADMSG, "statm");
			else
				fill_statm(w, p->row, &statm, have_stat ? stat : NULL);
		} else if (have_stat && !p->gone && !failed(p, NEEDS_RSS)) {
			set_pages(w, p->row, PROCESSES_rss, stat->rss);
		}
	}
	if (needs & NEEDS_OOM) {
		read_number(w, p, dir, "oom_score", PROCESSES_oom_score);
		read_number(w, p, dir, "oom_score_adj", PROCESSES_oom_score_adj);
	}
	if (!have_stat && !have_status && !failed(p, NEEDS_STATUS))
		p->gone = true; /* nothing of this directory was captured */
	if (w->scan->lean && p->escaped)
		read_stat(w, p, dir, &(struct mml_pid_stat){ 0 });
	if (p->has_mm && needs & NEEDS_COSTLY && !p->gone) {
		if (may_spend(w->scan, p))
			read_costly(w, p, dir);
		else
			recall(w, p);
	}
	if (w->scan->identify && !p->gone)
		mml_process_identify(w->scan, w->arena, dir, &w->buf, p);
}

/* Returns the file that is read last and may be read by everyone, or NULL if other files than the
 * usual ones are read. */
static const char *anchor_of(const struct mml_scan *scan, const struct mml_process *p)
{
	const unsigned usual = NEEDS_RSS | NEEDS_STATUS | NEEDS_USER | NEEDS_COMMAND;
	const unsigned more = scan->needs & ~(unsigned)(NEEDS_STAT | NEEDS_TOTAL | NEEDS_DIRTY);

	if (scan->identify || !more || more & ~usual)
		return NULL;
	if (!mml_process_knows_command(scan, p))
		return "cmdline";
	if (scan->needs & NEEDS_COMMAND) /* whether it is, one sees when stat was read */
		return NULL;
	return scan->needs & NEEDS_STATUS ? "status" : "statm";
}

static void read_costly_only(struct mml_reader *w, struct mml_process *p)
{
	unsigned costly = w->scan->needs & NEEDS_COSTLY;
	struct mml_root *root = w->scan->take->root;
	struct mml_dir dir;
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d", (int)p->pid);
	if (costly == NEEDS_ROLLUP && !w->scan->no_rollup)
		rc = mml_dir_open_anchor(root, path, "smaps_rollup", &dir);
	else if (costly == NEEDS_NODES)
		rc = mml_dir_open_anchor(root, path, mml_process_by_frame(w, p) ? "pagemap" : "numa_maps",
					 &dir);
	else
		rc = mml_dir_open(root, path, &dir);
	if (rc == -EACCES || rc == -EPERM)
		p->refused |= costly;
	else if (rc)
		p->gone = true;
	else
		read_costly(w, p, &dir);
	if (!rc)
		mml_dir_close(&dir);
}

/* The iterator has told all but what is costly. Once all are read, the iterator is asked once more
 * whether the process is still the same. */
static void read_task(struct mml_reader *w, struct mml_process *p)
{
	mml_process_fill_task(w->scan, w->arena, p);
	if (p->has_mm)
		mml_process_read_command_alone(w, p);
	if (!p->has_mm || !(w->scan->needs & NEEDS_COSTLY))
		return;
	if (may_spend(w->scan, p))
		read_costly_only(w, p);
	else
		recall(w, p);
}

/* The iterator, which is being loaded, will tell the rest, and also which processes are gone. It
 * must be asked because a kernel thread has nothing to be read either. */
static void read_early(struct mml_reader *w, struct mml_process *p)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	p->early_ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	if (w->scan->needs & NEEDS_COSTLY)
		read_costly_only(w, p);
	p->gone = false;
	mml_process_read_command_alone(w, p);
}

/*
 * On the screen, samples follow each other. If the stat of a process is exactly the same as before,
 * the process has not run since, and has neither mapped nor touched anything. Its levels are then
 * taken for the same, except in every tenth sample, because others can take pages away from it.
 */
static bool may_be_still(const struct mml_scan *scan, const struct mml_process *p)
{
	const unsigned known = NEEDS_RSS | NEEDS_STATUS, levels = scan->needs & known;

	if (!scan->budget_ns || !p->memory || !p->memory->stat_hash || scan->identify || !levels ||
	    (p->memory->level_reads & levels) != levels)
		return false;
	if (scan->needs & ~(known | NEEDS_TOTAL | NEEDS_DIRTY | NEEDS_STAT | NEEDS_COSTLY | NEEDS_WHO | NEEDS_FILE))
		return false;
	if (scan->needs & NEEDS_COSTLY &&
	    __atomic_load_n(&scan->spent_ns, __ATOMIC_RELAXED) < scan->budget_ns)
		return false;
	return (scan->sample + (uint64_t)p->pid) % REFRESH;
}

static bool read_still(struct mml_reader *w, struct mml_process *p, const char *path)
{
	struct mml_pid_stat stat;
	struct mml_dir dir;

	if (!may_be_still(w->scan, p) ||
	    mml_dir_open_anchor(w->scan->take->root, path, "stat", &dir))
		return false;
	if (read_part(w, p, &dir, "stat", true, NEEDS_STAT) &&
	    !mml_pid_stat_parse(text_of(w), &stat) &&
	    hash(text_of(w)) == p->memory->stat_hash) {
		fill_stat(w, p, &stat);
		p->still = p->same;
	}
	if (p->still)
		mml_process_read_command(w, p, &dir);
	mml_dir_close(&dir);
	if (!p->still)
		return false;
	mml_process_recall_levels(p->memory, p->row);
	if (p->has_mm && w->scan->needs & NEEDS_COSTLY)
		recall(w, p);
	return true;
}

void mml_process_read(struct mml_reader *w, struct mml_process *p)
{
	const char *anchor = anchor_of(w->scan, p);
	struct mml_pid_stat stat = { 0 };
	struct mml_dir dir;
	char path[32];
	bool have_stat;
	int rc;

	w->allowed_known = false;
	if (p->task) {
		read_task(w, p);
		return;
	}
	if (__atomic_load_n(&w->scan->by_tasks, __ATOMIC_RELAXED)) {
		read_early(w, p);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d", (int)p->pid);
	if (read_still(w, p, path) || p->gone)
		return;
	rc = anchor ? mml_dir_open_anchor(w->scan->take->root, path, anchor, &dir) :
		      mml_dir_open(w->scan->take->root, path, &dir);
	if (rc == -EACCES || rc == -EPERM) {
		p->refused |= NEEDS_STAT;
		return;
	}
	if (rc) {
		p->gone = true;
		return;
	}
	have_stat = !w->scan->lean && read_stat(w, p, &dir, &stat);
	if (!p->gone && !(p->refused & NEEDS_STAT) && !p->error &&
	    (w->scan->needs || w->scan->tree))
		read_rest(w, p, &dir, &stat, have_stat);
	if (!(p->refused & NEEDS_STAT))
		mml_process_read_command(w, p, &dir);
	mml_dir_close(&dir);
}
