/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct mml_say *s, bool blank, const char *fmt, va_list ap)
{
	char *text = mml_arena_vprintf(s->arena, fmt, ap);

	if (!text) {
		s->error = true;
		return;
	}
	if (blank && s->out.len)
		mml_buf_putc(&s->out, ' ');
	mml_buf_puts(&s->out, text);
}

void mml_say(struct mml_say *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(s, true, fmt, ap);
	va_end(ap);
}

void mml_say_on(struct mml_say *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(s, false, fmt, ap);
	va_end(ap);
}

void mml_say_end(struct mml_say *s, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t lines[3] = { a, b, c };
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++) {
		bool seen = !lines[i];

		for (unsigned k = 0; k < n; k++)
			seen |= lines[k] == lines[i];
		if (!seen)
			lines[n++] = lines[i];
	}
	for (unsigned i = 0; i < n; i++)
		mml_say_on(s, "%s%" PRIu64, i ? ", " : n > 1 ? " [lines " : " [line ", lines[i]);
	mml_say_on(s, "%s.", n ? "]" : "");
}

static const char *text(struct mml_say *s, const char *made)
{
	s->error |= !made;
	return made ? made : "";
}

const char *mml_say_size(struct mml_say *s, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned unit = 0;
	uint64_t scale = 1024;

	if (bytes < 1024 && bytes)
		return text(s, mml_arena_printf(s->arena, "%" PRIu64 " bytes", bytes));
	/* What would be printed as 1024.0 is one of the next unit. */
	while (unit < 5 && bytes / scale >= (unit ? 1023 : 1024) &&
	       (double)bytes / (double)scale >= 1023.95) {
		scale *= 1024;
		unit++;
	}
	if (!unit)
		return text(s, mml_arena_printf(s->arena, "%" PRIu64 " KiB", bytes / 1024));
	if (unit > 1 && bytes / scale < 10)
		return text(s, mml_arena_printf(s->arena, "%.2f %s", (double)bytes / (double)scale,
						units[unit]));
	return text(s, mml_arena_printf(s->arena, "%.1f %s", (double)bytes / (double)scale,
					units[unit]));
}

const char *mml_say_name(struct mml_say *s, const char *name)
{
	struct mml_buf out = { 0 };
	const char *ret;

	if (!name)
		return "?";
	if (s->style->escape)
		s->style->escape(&out, name, strlen(name), s->style->utf8);
	else
		for (const char *p = name; *p; p++)
			mml_buf_putc(&out, *p >= ' ' && *p <= '~' ? *p : '?');
	ret = out.error ? NULL : mml_arena_strndup(s->arena, out.data ? out.data : "", out.len);
	mml_buf_free(&out);
	return text(s, ret);
}

const char *mml_say_task(struct mml_say *s, const char *comm, struct mml_oom_value pid)
{
	const char *name = comm ? mml_say_name(s, comm) : "a process";

	if (!mml_oom_has(pid))
		return name;
	return text(s, mml_arena_printf(s->arena, "%s[%" PRIu64 "]", name, pid.n));
}

const char *mml_say_share(struct mml_say *s, uint64_t part, uint64_t whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;

	return text(s, mml_arena_printf(s->arena, percent < 9.95 ? "%.1f %%" : "%.0f %%", percent));
}

const char *mml_say_time(struct mml_say *s, const struct mml_oom_time *time)
{
	if (time->text)
		return mml_say_name(s, time->text);
	if (time->usec < 0)
		return NULL;
	return text(s, mml_arena_printf(s->arena, "%" PRId64 ".%03" PRId64 " s after boot",
					time->usec / 1000000, time->usec / 1000 % 1000));
}

const char *mml_say_zone(struct mml_say *s, const struct mml_oom_zone *zone)
{
	bool several = zone->node != 0;

	for (const struct mml_oom_zone *z = s->r->zones; z; z = z->next)
		several |= z->node != zone->node;
	if (!several)
		return mml_oom_zone_name(zone->type);
	return text(s, mml_arena_printf(s->arena, "Node %u %s", zone->node,
					mml_oom_zone_name(zone->type)));
}

const char *mml_oom_label(enum mml_oom_paragraph paragraph)
{
	static const char *const labels[] = {
		[MML_OOM_P_WHAT] = "What happened", [MML_OOM_P_LIMIT] = "Which limit",
		[MML_OOM_P_FREE] = "Why no memory", [MML_OOM_P_HELD] = "What held it",
		[MML_OOM_P_SWAP] = "Swap",	    [MML_OOM_P_VICTIM] = "Who and why",
		[MML_OOM_P_DO] = "What to do",	    [MML_OOM_P_UNKNOWN] = "Not known",
	};

	return labels[paragraph];
}

int mml_oom_explain(struct mml_arena *arena, const struct mml_oom_log *log,
		    const struct mml_oom_report *report, const struct mml_oom_style *style,
		    struct mml_oom_page *ret)
{
	static void (*const paragraphs[])(struct mml_say *) = {
		[MML_OOM_P_WHAT] = mml_say_what, [MML_OOM_P_LIMIT] = mml_say_limit,
		[MML_OOM_P_FREE] = mml_say_free, [MML_OOM_P_HELD] = mml_say_held,
		[MML_OOM_P_SWAP] = mml_say_swap, [MML_OOM_P_VICTIM] = mml_say_victim,
		[MML_OOM_P_DO] = mml_say_do,	 [MML_OOM_P_UNKNOWN] = mml_say_unknown,
	};
	struct mml_say s = { .arena = arena, .log = log, .r = report, .style = style };

	*ret = (struct mml_oom_page){ 0 };
	for (unsigned i = 0; i < MML_OOM_PARAGRAPHS; i++) {
		s.out.len = 0;
		paragraphs[i](&s);
		if (s.out.len && !(ret->text[i] = mml_arena_strndup(arena, s.out.data, s.out.len)))
			s.error = true;
	}
	s.error |= s.out.error != 0;
	mml_buf_free(&s.out);
	return s.error ? -ENOMEM : 0;
}

/* Bytes of a character and none of what follows it: continuation bytes of UTF-8 take no column. */
static size_t columns(struct mml_span word)
{
	size_t n = 0;

	for (const char *p = word.p; p < word.end; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	return n;
}

enum { LABEL = 15 };

static void write_paragraph(struct mml_buf *out, const char *label, const char *text,
			    unsigned width)
{
	struct mml_span rest = mml_span_str(text), word;
	size_t at = LABEL;

	mml_buf_puts(out, label);
	mml_buf_pad(out, ' ', LABEL - strlen(label));
	for (bool first = true; mml_next_token(&rest, &word); first = false) {
		size_t len = columns(word);

		if (!first && width && at + 1 + len > width) {
			mml_buf_putc(out, '\n');
			mml_buf_pad(out, ' ', LABEL);
			at = LABEL;
		} else if (!first) {
			mml_buf_putc(out, ' ');
			at++;
		}
		mml_buf_put(out, word.p, mml_span_len(word));
		at += len;
	}
	mml_buf_putc(out, '\n');
}

void mml_oom_page_write(struct mml_buf *out, const struct mml_oom_page *page, unsigned width)
{
	for (unsigned i = 0; i < MML_OOM_PARAGRAPHS; i++)
		if (page->text[i])
			write_paragraph(out, mml_oom_label((enum mml_oom_paragraph)i),
					page->text[i], width);
}

/* Kills by daemons, which are not the kernel's and are often taken for its. */
static void write_userspace(struct mml_buf *out, struct mml_say *s)
{
	for (const struct mml_oom_kill *k = s->log->kills; k; k = k->next)
		mml_buf_printf(out, "Not the kernel [line %" PRIu64 "]: %s\n", k->line,
			       mml_say_name(s, k->message));
}

static void write_heading(struct mml_buf *out, struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	mml_buf_printf(out, "%sReport %u of %zu: lines %" PRIu64 " to %" PRIu64,
		       r->index > 1 ? "\n" : "", r->index, s->log->nreports, r->line_first,
		       r->line_last);
	if (r->kernel)
		mml_buf_printf(out, ", kernel %s", mml_say_name(s, r->kernel));
	if (r->host)
		mml_buf_printf(out, ", %s", mml_say_name(s, r->host));
	mml_buf_putc(out, '\n');
}

int mml_oom_prose(struct mml_buf *out, struct mml_arena *arena, const struct mml_oom_log *log,
		  const struct mml_oom_style *style)
{
	struct mml_say s = { .arena = arena, .log = log, .style = style };
	struct mml_oom_page page;

	if (!log->reports && !log->kills)
		mml_buf_puts(out, "No out-of-memory kill, allocation failure or memory dump was "
				  "found in this log.\n");
	for (s.r = log->reports; s.r; s.r = s.r->next) {
		write_heading(out, &s);
		if (mml_oom_explain(arena, log, s.r, style, &page))
			return -ENOMEM;
		mml_oom_page_write(out, &page, style->width);
	}
	write_userspace(out, &s);
	if (log->lost_records)
		mml_buf_printf(out, "%" PRIu64 " records of the kernel's log are missing.\n",
			       log->lost_records);
	return s.error || out->error ? -ENOMEM : 0;
}
