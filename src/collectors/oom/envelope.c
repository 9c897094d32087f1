/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The run of digits at S, at least LEAST of them. */
static bool take_digits(struct mml_span *s, unsigned least, struct mml_span *ret)
{
	ret->p = s->p;
	while (s->p < s->end && digit(*s->p))
		s->p++;
	ret->end = s->p;
	return mml_span_len(*ret) >= least;
}

static bool take(struct mml_span *s, char c)
{
	if (s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static void take_blanks(struct mml_span *s)
{
	while (s->p < s->end && blank(*s->p))
		s->p++;
}

/* "<4>", of dmesg -r and of a serial console with its level. */
static bool strip_level(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, n;

	if (!take(&s, '<') || !take_digits(&s, 1, &n) || mml_span_len(n) > 3 || !take(&s, '>'))
		return false;
	ret->form = MML_OOM_PRINTK;
	*text = s;
	return true;
}

/* "[T5241]" or "[    C1]": CONFIG_PRINTK_CALLER. */
static void strip_caller(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, n;
	uint64_t id;
	char kind;

	if (!take(&s, '['))
		return;
	take_blanks(&s);
	kind = s.p < s.end ? *s.p++ : 0;
	if ((kind != 'T' && kind != 'C') || !take_digits(&s, 1, &n) || !take(&s, ']') ||
	    mml_parse_u64(n, &id) || id > UINT32_MAX / 2 - 2)
		return;
	ret->caller = (uint32_t)id * 2 + (kind == 'C') + 2;
	take(&s, ' ');
	*text = s;
}

/* "[   12.345678] ", with the seconds since the line before as "<    0.000011>" (dmesg -d), and the
 * caller. */
static bool strip_printk(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, sec, frac;
	uint64_t whole, part;
	bool since;

	if (!take(&s, '['))
		return false;
	take_blanks(&s);
	since = take(&s, '+'); /* dmesg -e: seconds since the line before, which is no time */
	if (!take_digits(&s, 1, &sec) || !take(&s, '.') || !take_digits(&s, 3, &frac))
		return false;
	take_blanks(&s);
	if (take(&s, '<')) {
		const char *end = memchr(s.p, '>', mml_span_len(s));

		if (!end)
			return false;
		s.p = end + 1;
	}
	if (!take(&s, ']'))
		return false;
	ret->form = MML_OOM_PRINTK;
	if (mml_span_len(frac) > 6)
		frac.end = frac.p + 6;
	if (!since && !mml_parse_u64(sec, &whole) && !mml_parse_u64(frac, &part) &&
	    whole < INT64_MAX / 2000000) {
		for (size_t i = mml_span_len(frac); i < 6; i++)
			part *= 10;
		ret->usec = (int64_t)(whole * 1000000 + part);
	}
	take(&s, ' ');
	strip_caller(&s, ret);
	*text = s;
	return true;
}

static bool clock_time(struct mml_span s)
{
	struct mml_span n;

	return take_digits(&s, 2, &n) && take(&s, ':') && take_digits(&s, 2, &n) && take(&s, ':') &&
	       take_digits(&s, 2, &n);
}

/* "[Mon Mar 25 23:35:17 2019] ", in whatever language; "[Nov25 22:41] ". */
static bool strip_bracketed_date(struct mml_span *text, struct mml_oom_record *ret)
{
	const char *end = text->p < text->end && *text->p == '['
				  ? memchr(text->p, ']', mml_span_len(*text))
				  : NULL;
	struct mml_span s, tok, last = { NULL, NULL };
	bool clock = false;
	unsigned n = 0;

	if (!end || end - text->p > 64 || end - text->p < 11)
		return false;
	s = (struct mml_span){ text->p + 1, end };
	while (mml_next_token(&s, &tok)) {
		clock |= clock_time(tok);
		last = tok;
		n++;
	}
	s = last;
	if (!((n >= 4 && clock && take_digits(&s, 4, &tok) && s.p == s.end) ||
	      (n == 2 && letter(text->p[1]) && mml_span_len(last) == 5 && last.p[2] == ':')))
		return false;
	ret->when = (struct mml_span){ text->p + 1, end };
	ret->form = MML_OOM_DATED;
	text->p = end + 1;
	take(text, ' ');
	return true;
}

/* "2026-11-25T22:41:40,125107+00:00 ", "2026-11-25 22:41:40.125 UTC ", a weekday before it or not.
 */
static bool strip_iso(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, n;
	const char *begin;

	if (s.end - s.p > 4 && letter(s.p[0]) && letter(s.p[1]) && letter(s.p[2]) && s.p[3] == ' ')
		s.p += 4;
	begin = s.p;
	if (!take_digits(&s, 4, &n) || mml_span_len(n) != 4 || !take(&s, '-') ||
	    !take_digits(&s, 2, &n) || !take(&s, '-') || !take_digits(&s, 2, &n) ||
	    !(take(&s, 'T') || take(&s, ' ')) || !clock_time(s))
		return false;
	while (s.p < s.end && !blank(*s.p))
		s.p++;
	ret->when = (struct mml_span){ begin, s.p };
	ret->form = MML_OOM_DATED;
	take(&s, ' ');
	if (mml_span_starts(s, "UTC ") || mml_span_starts(s, "CET ") || mml_span_starts(s, "CEST "))
		s.p = (const char *)memchr(s.p, ' ', mml_span_len(s)) + 1;
	*text = s;
	return true;
}

/* "Mar 25 23:35:17 ", "Sun Nov 24 14:17:25 2019 ". */
static bool strip_syslog_date(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, tok[3], n;
	unsigned names = 0;

	while (names < 2 && s.end - s.p > 4 && letter(s.p[0]) && letter(s.p[1]) && letter(s.p[2]) &&
	       s.p[3] == ' ') {
		s.p += 4;
		names++;
	}
	if (!names || !mml_next_token(&s, &tok[0]) || !mml_next_token(&s, &tok[1]) ||
	    !clock_time(tok[1]))
		return false;
	n = tok[0];
	if (!take_digits(&n, 1, &tok[2]) || n.p != n.end || mml_span_len(tok[0]) > 2)
		return false;
	ret->when = (struct mml_span){ text->p, s.p };
	ret->form = MML_OOM_DATED;
	n = s;
	take_blanks(&n);
	if (take_digits(&n, 4, &tok[2]) && mml_span_len(tok[2]) == 4 && n.p < n.end &&
	    blank(*n.p)) {
		ret->when.end = n.p;
		s = n;
	}
	take(&s, ' ');
	*text = s;
	return true;
}

static bool known_daemon(struct mml_span tag)
{
	static const char *const names[] = { "kernel", "earlyoom", "systemd-oomd", "lmkd", "oomd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(tag, names[i]))
			return true;
	return false;
}

/* "TAG[123]: " at S: the tag without its number. */
static bool take_tag(struct mml_span *s, struct mml_span *ret)
{
	struct mml_span tok, pid;
	const char *bracket;

	if (!mml_next_token(s, &tok) || mml_span_len(tok) < 2 || tok.end[-1] != ':')
		return false;
	tok.end--;
	bracket = memchr(tok.p, '[', mml_span_len(tok));
	*ret = (struct mml_span){ tok.p, bracket ? bracket : tok.end };
	take(s, ' ');
	if (!bracket)
		return known_daemon(*ret);
	tok.p = bracket + 1;
	return bracket > ret->p && take_digits(&tok, 1, &pid) && tok.end - tok.p == 1 &&
	       *tok.p == ']';
}

/* "host kernel: ", "kernel: ", "kern.warn kernel: "; the "kernel: : " of el6. */
static bool strip_host(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, host = { NULL, NULL }, tag;

	if (!take_tag(&s, &tag)) {
		s = *text;
		if (!mml_next_token(&s, &host) || host.end[-1] == ':' || !take_tag(&s, &tag))
			return false;
	}
	ret->host = host;
	ret->tag = tag;
	ret->form = MML_OOM_DATED;
	if (mml_span_starts(s, ": "))
		s.p += 2;
	*text = s;
	return true;
}

/* "kern  :warn  : " of dmesg -x. */
static bool strip_facility(struct mml_span *text, struct mml_oom_record *ret)
{
	static const char *const names[] = { "kern", "user", "mail", "daemon", "auth",	   "syslog",
					     "lpr",  "news", "uucp", "cron",   "authpriv", "ftp" };
	struct mml_span s = *text, name = { s.p, s.p };

	while (s.p < s.end && letter(*s.p))
		s.p++;
	name.end = s.p;
	take_blanks(&s);
	if (!take(&s, ':') || s.p >= s.end || !letter(*s.p))
		return false;
	while (s.p < s.end && letter(*s.p))
		s.p++;
	take_blanks(&s);
	if (!take(&s, ':') || !take(&s, ' '))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(name, names[i])) {
			ret->form = MML_OOM_PRINTK;
			*text = s;
			return true;
		}
	return false;
}

/* "6,1234,567890,-,caller=T12;text": a record of /dev/kmsg. The sequence number goes to LOST. */
static bool strip_kmsg(struct mml_span *text, struct mml_oom_record *ret)
{
	struct mml_span s = *text, n[3], rest, field;
	uint64_t usec, id;
	const char *end;

	for (unsigned i = 0; i < 3; i++)
		if (!take_digits(&s, 1, &n[i]) || !take(&s, ','))
			return false;
	end = memchr(s.p, ';', mml_span_len(s));
	if (!end || mml_parse_u64(n[2], &usec) || mml_parse_u64(n[1], &ret->lost) ||
	    usec > INT64_MAX)
		return false;
	rest = (struct mml_span){ s.p, end };
	while (mml_next_field(&rest, ',', &field))
		if (mml_span_starts(field, "caller=") && mml_span_len(field) > 8) {
			struct mml_span number = { field.p + 8, field.end };

			if (!mml_parse_u64(number, &id) && id < UINT32_MAX / 2 - 2)
				ret->caller = (uint32_t)id * 2 + (field.p[7] == 'C') + 2;
		}
	ret->usec = (int64_t)usec;
	ret->form = MML_OOM_KMSG;
	text->p = end + 1;
	return true;
}

/* Marks of a mail's quotes; blanks only before something that is known to stand before the kernel's
 * text. */
static void strip_quotes(struct mml_span *text, struct mml_oom_record *ret)
{
	while (text->p < text->end && *text->p == '>' && ret->quote < 100) {
		text->p++;
		ret->quote++;
		if (text->p < text->end && *text->p == ' ')
			text->p++;
	}
}

static bool strip_one(struct mml_span *text, struct mml_oom_record *ret)
{
	bool dated = ret->when.p || ret->usec >= 0;
	char c = text->p < text->end ? *text->p : 0;

	if (c == '<')
		return strip_level(text, ret);
	if (c == '[')
		return strip_printk(text, ret) || strip_bracketed_date(text, ret);
	if ((letter(c) && (strip_syslog_date(text, ret) || strip_iso(text, ret))) ||
	    (digit(c) && strip_iso(text, ret)))
		return true;
	if (dated)
		return !ret->tag.p && strip_host(text, ret);
	return letter(c) ? strip_facility(text, ret)
			 : digit(c) && !ret->prefixed && strip_kmsg(text, ret);
}

void mml_oom_envelope(struct mml_span text, struct mml_oom_record *ret)
{
	struct mml_span s = text;

	*ret = (struct mml_oom_record){ .usec = -1 };
	strip_quotes(&s, ret);
	text = s;
	take_blanks(&s);
	for (unsigned i = 0; i < 8 && strip_one(&s, ret); i++) {
		ret->prefixed = true;
		text = s;
	}
	/* Without anything before it the text begins with its own blanks. */
	ret->text = text;
	while (ret->text.end > ret->text.p && blank(ret->text.end[-1])) {
		ret->text.end--;
		ret->trailing = true;
	}
	/* A pager's mark where it cut a line; "</TASK>" is the kernel's own. */
	if (mml_span_len(ret->text) > 40 && ret->text.end[-1] == '>' &&
	    !memchr(ret->text.p, '<', mml_span_len(ret->text))) {
		ret->text.end--;
		ret->cut = true;
	}
}
