/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "build.h"

/* Streams that are kept: one a printer, and the printers of a large machine are many. */
enum { MOST_STREAMS = 64, NEAR = 100, DUPLICATE_USEC = 5000000 };

static int parse(struct mml_oom_build *b, struct mml_oom_stream *s)
{
	static int (*const parsers[])(struct mml_oom_build *, struct mml_oom_stream *,
				      struct mml_oom_report *, const struct mml_oom_logical *) = {
		[MML_OOM_L_OOM] = mml_oom_parse_oom,
		[MML_OOM_L_FAILURE] = mml_oom_parse_failure,
		[MML_OOM_L_STALL] = mml_oom_parse_failure,
		[MML_OOM_L_VMALLOC] = mml_oom_parse_vmalloc,
		[MML_OOM_L_CPU] = mml_oom_parse_cpu,
		[MML_OOM_L_CPUSET] = mml_oom_parse_cpuset,
		[MML_OOM_L_OOMKILL] = mml_oom_parse_oomkill,
		[MML_OOM_L_GLOBAL] = mml_oom_parse_global,
		[MML_OOM_L_NODE] = mml_oom_parse_node,
		[MML_OOM_L_ZONE] = mml_oom_parse_zone,
		[MML_OOM_L_RESERVE] = mml_oom_parse_reserve,
		[MML_OOM_L_BUDDY] = mml_oom_parse_buddy,
		[MML_OOM_L_HUGEPAGES] = mml_oom_parse_hugepages,
		[MML_OOM_L_SINGLE] = mml_oom_parse_single,
		[MML_OOM_L_SWAP] = mml_oom_parse_swap,
		[MML_OOM_L_SLAB] = mml_oom_parse_slab,
		[MML_OOM_L_TAG] = mml_oom_parse_tag,
		[MML_OOM_L_TASK_HEAD] = mml_oom_parse_task_head,
		[MML_OOM_L_TASK] = mml_oom_parse_task,
		[MML_OOM_L_KILL] = mml_oom_parse_kill,
		[MML_OOM_L_REAPED] = mml_oom_parse_reaped,
		[MML_OOM_L_USERSPACE] = mml_oom_parse_userspace,
		[MML_OOM_L_TASK_IN] = mml_oom_parse_task_in,
		[MML_OOM_L_USAGE] = mml_oom_parse_usage,
		[MML_OOM_L_STATS] = mml_oom_parse_stats,
		[MML_OOM_L_STAT] = mml_oom_parse_stat,
		[MML_OOM_L_PANIC] = mml_oom_parse_panic,
		[MML_OOM_L_KNOWN] = NULL,
	};
	enum mml_oom_line_kind kind = s->cur.kind;
	struct mml_oom_report *r = s->report;
	int rc = 0;

	s->cur.kind = MML_OOM_L_NONE;
	if (!kind)
		return 0;
	if (r && s->cur.last_line > r->line_last)
		r->line_last = s->cur.last_line;
	if (kind < sizeof(parsers) / sizeof(*parsers) && parsers[kind])
		rc = parsers[kind](b, s, r, &s->cur);
	if (r && s->cur.cut && !rc) {
		r->cut_lines++;
		rc = mml_oom_note_line(b, r, s->cur.last_line, MML_OOM_LINE_CUT, 0);
	}
	return rc;
}

int mml_oom_flush(struct mml_oom_build *b)
{
	int rc = 0;

	for (struct mml_oom_stream *s = b->streams; s; s = s->next) {
		if (!rc)
			rc = parse(b, s);
		mml_buf_free(&s->cur.text);
	}
	b->streams = b->prev = NULL;
	b->nstreams = 0;
	return rc;
}

/* Room for one more: the stream that was not used for longest goes. */
static int drop_oldest(struct mml_oom_build *b)
{
	struct mml_oom_stream **oldest = &b->streams, *gone;
	int rc;

	for (struct mml_oom_stream **at = &b->streams; *at; at = &(*at)->next)
		if ((*at)->used < (*oldest)->used)
			oldest = at;
	gone = *oldest;
	rc = parse(b, gone);
	mml_buf_free(&gone->cur.text);
	*oldest = gone->next;
	b->nstreams--;
	if (b->prev == gone)
		b->prev = NULL;
	return rc;
}

static bool same_host(const char *have, struct mml_span host)
{
	return have ? mml_span_eq(host, have) : !host.p;
}

static struct mml_oom_stream *find_stream(const struct mml_oom_build *b,
					  const struct mml_oom_record *record)
{
	for (struct mml_oom_stream *s = b->streams; s; s = s->next)
		if (s->quote == record->quote && s->form == record->form &&
		    s->caller == record->caller && same_host(s->host, record->host))
			return s;
	return NULL;
}

static int new_stream(struct mml_oom_build *b, const struct mml_oom_record *record,
		      struct mml_oom_stream **ret)
{
	struct mml_oom_stream *s;

	if (b->nstreams >= MOST_STREAMS && drop_oldest(b))
		return -ENOMEM;
	s = mml_arena_alloc(b->arena, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->quote = record->quote;
	s->form = record->form;
	s->caller = record->caller;
	s->prefixed = record->prefixed;
	if (record->host.p) {
		s->host = mml_oom_text(b, record->host);
		if (!s->host)
			return -ENOMEM;
	}
	s->next = b->streams;
	b->streams = s;
	b->nstreams++;
	*ret = s;
	return 0;
}

static int open_report(struct mml_oom_build *b, struct mml_oom_stream *s,
		       const struct mml_oom_record *record, enum mml_oom_line_kind kind)
{
	int what = mml_oom_line_opens(kind);
	struct mml_oom_report *r;

	/* A kill of a process that was killed before belongs to the report of that: the parser
	 * finds it. */
	if (what < 0) {
		s->report = NULL;
		return 0;
	}
	r = mml_oom_report_new(b, (enum mml_oom_kind)what, record->line);
	if (!r)
		return -ENOMEM;
	r->time.usec = record->usec;
	r->by_hand = kind == MML_OOM_L_SHOW || kind == MML_OOM_L_BY_HAND;
	if (record->when.p && !(r->time.text = mml_oom_text(b, record->when)))
		return -ENOMEM;
	r->host = s->host;
	if (r->kind != MML_OOM_KIND_KILL_ONLY && r->kind != MML_OOM_KIND_PANIC)
		r->suppressed = s->suppressed;
	s->suppressed = (struct mml_oom_value){ 0, 0 };
	s->report = s->open = r;
	s->stage = MML_OOM_AT_HEADER;
	s->zone = NULL;
	s->cgroup = NULL;
	s->columns = 0;
	if (s->kernel && record->line - s->kernel_line < NEAR)
		r->kernel = s->kernel;
	return 0;
}

/* The line of a kill that was told before, as those of a group are; its report. */
static struct mml_oom_report *told_before(const struct mml_oom_build *b,
					  const struct mml_oom_record *record)
{
	struct mml_span pid, name, text = mml_span_trim(record->text);
	const struct mml_oom_kill *kill;
	uint64_t n;

	if (!mml_oom_pid_name(text, "Killed process ", &pid, &name) || mml_parse_u64(pid, &n))
		return NULL;
	kill = mml_oom_kill_find(b, n, name);
	if (!kill || !kill->report)
		return NULL;
	if (record->usec >= 0 && kill->time.usec >= 0 &&
	    record->usec - kill->time.usec > DUPLICATE_USEC)
		return NULL;
	return kill->report;
}

/* A line of counters that goes on without the blank that the kernel begins such lines with: a
 * wrapped one. */
static bool wrapped_counters(const struct mml_oom_stream *s, const struct mml_oom_record *record,
			     enum mml_oom_line_kind kind)
{
	return kind == MML_OOM_L_GLOBAL && s->cur.kind == MML_OOM_L_GLOBAL && !record->prefixed &&
	       record->line == s->cur.last_line + 1 && *record->text.p != ' ';
}

/* The line of a report's part that is nothing but a mark. */
static int mark(struct mml_oom_build *b, struct mml_oom_stream *s,
		const struct mml_oom_record *record, enum mml_oom_line_kind kind)
{
	struct mml_oom_report *r = s->report;

	if (kind == MML_OOM_L_SHOW || kind == MML_OOM_L_BY_HAND)
		return mml_oom_note_line(b, r, record->line, MML_OOM_LINE_SYSRQ, 0);
	if (kind == MML_OOM_L_SLUB)
		return mml_oom_note_line(b, r, record->line, MML_OOM_LINE_SLUB, 0);
	if (!r)
		return 0;
	if (kind == MML_OOM_L_GROUP)
		r->group_line = record->line;
	if (kind == MML_OOM_L_NO_KILLABLE)
		r->no_killable_line = record->line;
	if (kind == MML_OOM_L_COMPACTION)
		r->compaction_off = true;
	if (kind == MML_OOM_L_SLABS)
		r->complete |= MML_OOM_SLABS;
	return 0;
}

static int suppressed(struct mml_oom_build *b, struct mml_oom_stream *s,
		      const struct mml_oom_record *record)
{
	struct mml_span text = mml_span_trim(record->text), n;
	uint64_t value;

	if (!mml_oom_between(text, ": ", " callbacks", &n) || mml_parse_u64(n, &value))
		return 0;
	if (mml_span_starts(text, "warn_alloc:") ||
	    mml_span_starts(text, "__alloc_pages_nodemask:") ||
	    mml_span_starts(text, "warn_alloc_failed:"))
		s->suppressed = (struct mml_oom_value){ value, record->line };
	else if (!mml_oom_find(text, "oom") && !mml_oom_find(text, "alloc"))
		return 0;
	b->log->suppressed += value;
	return mml_oom_note_line(b, NULL, record->line, MML_OOM_LINE_SUPPRESSED, value);
}

/* Lines that give a kill its time. */
static bool timed(enum mml_oom_line_kind kind)
{
	return kind == MML_OOM_L_KILL || kind == MML_OOM_L_OOMKILL || kind == MML_OOM_L_REAPED ||
	       kind == MML_OOM_L_USERSPACE || kind == MML_OOM_L_PANIC;
}

/* The report RECORD belongs to, opened if need be, and its text as the line in hand. */
static int begin(struct mml_oom_build *b, struct mml_oom_stream *s,
		 const struct mml_oom_record *record, enum mml_oom_line_kind kind)
{
	int rc;

	if (wrapped_counters(s, record, kind))
		return mml_oom_logical_add(&s->cur, b->arena, record);
	rc = parse(b, s);
	if (rc)
		return rc;
	if (kind == MML_OOM_L_NODE_PREFIX) {
		struct mml_span n = mml_span_trim(record->text), word;
		uint64_t node;

		mml_next_token(&n, &word);
		s->has_node = !mml_parse_u64(mml_span_trim(n), &node) && node < MML_OOM_MAX_NODES;
		s->node = s->has_node ? (unsigned)node : 0;
		return 0;
	}
	s->section = mml_oom_line_section(kind);
	s->report = s->open;
	if (!mml_oom_line_belongs(s, kind)) {
		s->report = kind == MML_OOM_L_KILL ? told_before(b, record) : NULL;
		if (!s->report && open_report(b, s, record, kind))
			return -ENOMEM;
	}
	if (kind == MML_OOM_L_KILL || kind == MML_OOM_L_REAPED || kind == MML_OOM_L_USERSPACE)
		s->section = MML_OOM_S_NONE;
	if (s->report) {
		s->report->complete |= mml_oom_line_part(kind);
		s->report->lines++;
		s->report->lost_records += record->lost;
		if (record->line > s->report->line_last)
			s->report->line_last = record->line;
		s->stage = mml_oom_line_stage(kind, s->stage);
	}
	rc = mark(b, s, record, kind);
	if (rc)
		return rc;
	s->cur.when = NULL;
	if (record->when.p && timed(kind) && !(s->cur.when = mml_oom_text(b, record->when)))
		return -ENOMEM;
	return mml_oom_logical_begin(&s->cur, b->arena, record, kind);
}

/* "swapper/3: " of a record printed in pieces: the name of who failed. */
static int keep_name(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_span text,
		     uint64_t line)
{
	if (mml_span_len(text) < 2 || mml_span_len(text) > 17 || text.end[-1] != ':')
		return 0;
	s->comm = mml_oom_text(b, (struct mml_span){ text.p, text.end - 1 });
	s->comm_line = line;
	return s->comm ? 0 : -ENOMEM;
}

static void note_arch(struct mml_oom_report *r, struct mml_span text)
{
	static const struct {
		const char *begins, *arch;
	} signs[] = {
		{ "RIP:", "x86_64" },  { "RAX:", "x86_64" }, { "EIP:", "i386" },
		{ "EAX:", "i386" },    { "x29:", "arm64" },  { "pstate:", "arm64" },
		{ "GPR", "powerpc" },  { "NIP", "powerpc" }, { "Exception stack(", "arm" },
		{ "Stack :", "mips" },
	};

	for (size_t i = 0; !r->arch && i < sizeof(signs) / sizeof(*signs); i++)
		if (mml_span_starts(text, signs[i].begins))
			r->arch = signs[i].arch;
}

/* What is no beginning of a line of ours: the rest of one, a frame, or something else. */
static int other(struct mml_oom_build *b, struct mml_oom_stream *s,
		 const struct mml_oom_record *record, struct mml_span text,
		 enum mml_oom_line_kind kind)
{
	struct mml_oom_report *r = s->open;
	int rc;

	if (kind == MML_OOM_L_NONE || !record->prefixed) {
		rc = mml_oom_logical_join(&s->cur, b->arena, record, s->prefixed);
		if (rc > 0)
			b->idle = 0;
		if (rc)
			return rc < 0 ? rc : 0;
	}
	if (kind == MML_OOM_L_NONE) {
		if (r && record->prefixed && s->stage < MML_OOM_AT_VERDICT)
			r->unknown_lines++;
		return keep_name(b, s, text, record->line);
	}
	s->cur.noise = true;
	if (!r || s->stage >= MML_OOM_AT_VERDICT)
		return 0;
	if (kind == MML_OOM_L_REGISTERS) {
		note_arch(r, text);
		return 0;
	}
	if (kind != MML_OOM_L_FRAME || record->cut || s->stage != MML_OOM_AT_HEADER ||
	    r->kind == MML_OOM_KIND_KILL_ONLY)
		return 0;
	return mml_oom_parse_frame(b, r, text, record->line);
}

/* The stream RECORD is of. A line without a mark of its own goes on with the record before it. */
static struct mml_oom_stream *stream_of(const struct mml_oom_build *b,
					const struct mml_oom_record *record)
{
	if (!record->prefixed && b->any_prefixed && b->prev)
		return b->prev;
	return find_stream(b, record);
}

int mml_oom_feed(struct mml_oom_build *b, const struct mml_oom_record *record)
{
	struct mml_oom_stream *s = stream_of(b, record);
	struct mml_span text = mml_span_trim(record->text);
	enum mml_oom_line_kind kind;
	int rc;

	b->idle++;
	b->any_prefixed |= record->prefixed;
	kind = mml_oom_classify(b->scan, text, s ? s->section : MML_OOM_S_NONE, record->tag);
	if (record->lost) {
		b->log->lost_records += record->lost;
		rc = mml_oom_note_line(b, s ? s->open : NULL, record->line, MML_OOM_LINE_LOST,
				       record->lost);
		if (rc)
			return rc;
	}
	/* A row needs the head of its table. */
	if (kind == MML_OOM_L_TASK && (!s || !(s->columns || s->cur.kind == MML_OOM_L_TASK_HEAD)))
		kind = MML_OOM_L_NONE;
	/* Where the input begins within a line, what the line begins with may be the rest of a
	 * number or name. */
	if (record->line == 1 && !record->prefixed &&
	    (kind == MML_OOM_L_SINGLE || kind == MML_OOM_L_GLOBAL))
		kind = MML_OOM_L_KNOWN;
	if (!s && (mml_oom_line_ours(kind) ||
		   (kind == MML_OOM_L_NONE && mml_span_len(text) < 18 && record->prefixed))) {
		rc = new_stream(b, record, &s);
		if (rc)
			return rc;
	}
	if (record->prefixed)
		b->prev = s;
	if (!s)
		return 0;
	s->used = record->line;
	if (kind == MML_OOM_L_SUPPRESSED)
		return suppressed(b, s, record);
	if (kind == MML_OOM_L_VMSPACE)
		s->space_line = record->line;
	if (kind == MML_OOM_L_CORRUPT) {
		if (s->open && !s->open->corrupt_line)
			s->open->corrupt_line = record->line;
		return mml_oom_note_line(b, s->open, record->line, MML_OOM_LINE_CORRUPT, 0);
	}
	if (!mml_oom_line_ours(kind) && kind != MML_OOM_L_KNOWN && kind != MML_OOM_L_PERCPU)
		return other(b, s, record, text, kind);
	b->idle = 0;
	rc = begin(b, s, record, kind);
	/* These are in order with those of other streams. */
	return !rc && kind == MML_OOM_L_USERSPACE ? parse(b, s) : rc;
}
