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

/* "Report 1 of 3: lines 5 to 90, kernel 6.12.117, web-1" */
static const char *title_of(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	return text(s, mml_arena_printf(s->arena,
					"Report %u of %zu: lines %" PRIu64 " to %" PRIu64
					"%s%s%s%s",
					r->index, s->log->nreports + s->log->nkills, r->line_first,
					r->line_last, r->kernel ? ", kernel " : "",
					r->kernel ? mml_say_name(s, r->kernel) : "",
					r->host ? ", " : "",
					r->host ? mml_say_name(s, r->host) : ""));
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

	*ret = (struct mml_oom_page){ .title = title_of(&s) };
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

int mml_oom_explain_kill(struct mml_arena *arena, const struct mml_oom_log *log,
			 const struct mml_oom_kill *kill, const struct mml_oom_style *style,
			 struct mml_oom_page *ret)
{
	struct mml_say s = { .arena = arena, .log = log, .style = style };

	*ret = (struct mml_oom_page){
		.title = text(&s, mml_arena_printf(arena, "Report %u of %zu: line %" PRIu64,
						   kill->index, log->nreports + log->nkills,
						   kill->line)),
	};
	mml_say(&s, "Not the kernel, but a program that watches memory: \"%s\"",
		mml_say_name(&s, kill->message));
	mml_say_end(&s, kill->line, 0, 0);
	ret->text[MML_OOM_P_WHAT] = mml_arena_strndup(arena, s.out.data, s.out.len);
	s.error |= s.out.error || !ret->text[MML_OOM_P_WHAT];
	mml_buf_free(&s.out);
	return s.error ? -ENOMEM : 0;
}
