/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "build.h"

const char *mml_oom_text(struct mml_oom_build *b, struct mml_span s)
{
	return mml_intern(&b->names, s);
}

int mml_oom_note_line(struct mml_oom_build *b, struct mml_oom_report *report, uint64_t line,
		      enum mml_oom_line_class class, uint64_t n)
{
	struct mml_oom_line *l = mml_arena_alloc(b->arena, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct mml_oom_line){ .line = line, .class = class, .report = report, .n = n };
	*b->last_line = l;
	b->last_line = &l->next;
	return 0;
}

struct mml_oom_report *mml_oom_report_new(struct mml_oom_build *b, enum mml_oom_kind kind,
					  uint64_t line)
{
	struct mml_oom_report *r = mml_arena_alloc(b->arena, sizeof(*r));

	if (!r)
		return NULL;
	r->kind = kind;
	r->line_first = r->line_last = line;
	r->time.usec = -1;
	r->balance.holder = -1;
	r->last_node = &r->nodes;
	r->last_zone = &r->zones;
	r->last_hugepages = &r->hugepages;
	r->last_slab = &r->slabs;
	r->last_tag = &r->tags;
	r->last_task = &r->tasks;
	r->last_cgroup = &r->cgroups;
	r->last_kill = &r->kills;
	r->last_frame = &r->frames;
	*b->last_report = r;
	b->last_report = &r->next;
	r->index = (unsigned)++b->log->nreports;
	return r;
}

/* Lines that belong to nothing are looked at closely for so long behind one that does. */
enum { IDLE = 200 };

static int read_all(struct mml_oom_build *b, struct mml_oom_reader *reader, unsigned flags)
{
	struct mml_oom_record record;
	int rc;

	b->idle = IDLE;
	for (;;) {
		if (b->idle >= IDLE) {
			if (!(flags & MML_OOM_NO_SKIP))
				mml_oom_reader_skip(reader);
			mml_oom_reader_measure(reader);
			b->idle = 0;
		}
		rc = mml_oom_reader_next(reader, &record);
		if (rc <= 0)
			return rc;
		rc = mml_oom_feed(b, &record);
		if (rc)
			return rc;
	}
}

int mml_oom_read(struct mml_arena *arena, struct mml_span text, unsigned flags,
		 struct mml_oom_log **ret)
{
	struct mml_oom_build b = { .arena = arena, .names = { .arena = arena } };
	struct mml_oom_reader reader;
	int rc;

	b.log = mml_arena_alloc(arena, sizeof(*b.log));
	if (!b.log)
		return -ENOMEM;
	b.last_report = &b.log->reports;
	b.last_line = &b.log->lines;
	b.last_kill = &b.log->kills;
	rc = mml_oom_reader_init(&reader, arena, text);
	b.scan = reader.scan;
	if (!rc)
		rc = read_all(&b, &reader, flags);
	if (rc)
		goto out;
	rc = mml_oom_flush(&b);
	if (rc)
		goto out;
	b.log->input_lines = mml_oom_reader_lines(&reader);
	rc = mml_oom_conclude(arena, b.log, flags);
	*ret = b.log;
out:
	if (rc)
		mml_oom_flush(&b);
	mml_oom_reader_free(&reader);
	return rc;
}
