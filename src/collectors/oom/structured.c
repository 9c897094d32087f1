/* Logs whose records have named fields: JSON of dmesg and of the journal, the journal's export
 * format. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "reader.h"

struct fields {
	struct mml_span host, tag, when;
	int64_t usec;
	uint32_t caller;
	bool has_message;
	uint64_t line;
};

static void count_lines(struct mml_oom_reader *reader, const char *to)
{
	while (reader->p < to) {
		const char *nl = memchr(reader->p, '\n', (size_t)(to - reader->p));

		reader->line += nl != NULL;
		reader->p = nl ? nl + 1 : to;
	}
}

static void put_utf8(struct mml_buf *out, unsigned c)
{
	if (c < 0x80) {
		mml_buf_putc(out, (char)c);
	} else if (c < 0x800) {
		mml_buf_putc(out, (char)(0xc0 | c >> 6));
		mml_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		mml_buf_putc(out, (char)(0xe0 | c >> 12));
		mml_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		mml_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static int hex4(const char *p)
{
	int c = 0;

	for (int i = 0; i < 4; i++) {
		char d = p[i];
		int v = d >= '0' && d <= '9'   ? d - '0'
			: d >= 'a' && d <= 'f' ? d - 'a' + 10
			: d >= 'A' && d <= 'F' ? d - 'A' + 10
					       : -1;

		if (v < 0)
			return -1;
		c = c << 4 | v;
	}
	return c;
}

/* The escape behind the backslash at P; behind it. */
static const char *unescape(struct mml_buf *out, const char *p, const char *end)
{
	static const char from[] = "nrtbf", to[] = { '\n', ' ', '\t', ' ', ' ' };
	const char *at;
	int c;

	if (p >= end)
		return end;
	at = strchr(from, *p);
	if (*p && at) {
		mml_buf_putc(out, to[at - from]);
	} else if (*p == 'u' && end - p >= 5 && (c = hex4(p + 1)) >= 0) {
		/* Controls come from colours: what follows them in brackets is not text either. */
		if (c >= ' ' || c == '\n' || c == '\t')
			put_utf8(out, (unsigned)c);
		return p + 5;
	} else {
		mml_buf_putc(out, *p);
	}
	return p + 1;
}

/* The string at P, which is behind its opening quote: its raw span; behind its closing quote, or
 * NULL. */
static const char *string_end(const char *p, const char *end, struct mml_span *ret)
{
	ret->p = p;
	while (p < end && *p != '"')
		p += *p == '\\' && end - p > 1 ? 2 : 1;
	ret->end = p;
	return p < end ? p + 1 : NULL;
}

/* Seconds with six places, or microseconds. */
static void set_usec(struct mml_span value, int64_t *ret)
{
	struct mml_span sec;
	uint64_t n, part = 0;

	value = mml_span_trim(value);
	mml_next_field(&value, memchr(value.p, ',', mml_span_len(value)) ? ',' : '.', &sec);
	if (mml_parse_u64(sec, &n) || n > INT64_MAX / 2000000)
		return;
	if (mml_span_len(value) == 6 && !mml_parse_u64(value, &part))
		*ret = (int64_t)(n * 1000000 + part);
	else if (!mml_span_len(value))
		*ret = (int64_t)n;
}

static void set_caller(struct mml_span value, uint32_t *ret)
{
	uint64_t n;
	char kind = mml_span_len(value) > 1 ? *value.p++ : 0;

	if ((kind == 'T' || kind == 'C') && !mml_parse_u64(value, &n) && n < UINT32_MAX / 2 - 2)
		*ret = (uint32_t)n * 2 + (kind == 'C') + 2;
}

/* dmesg: msg, time (seconds; with a decimal comma in some languages), caller. Journal: MESSAGE and
 * others. */
static void set_field(struct fields *f, struct mml_span key, struct mml_span value)
{
	if (mml_span_eq(key, "time"))
		set_usec(value, &f->usec);
	else if (mml_span_eq(key, "_SOURCE_MONOTONIC_TIMESTAMP") ||
		 mml_span_eq(key, "__MONOTONIC_TIMESTAMP"))
		f->usec = f->usec < 0 ? (set_usec(value, &f->usec), f->usec) : f->usec;
	else if (mml_span_eq(key, "__REALTIME_TIMESTAMP") ||
		 mml_span_eq(key, "_SOURCE_REALTIME_TIMESTAMP"))
		f->when = f->when.p ? f->when : value;
	else if (mml_span_eq(key, "caller"))
		set_caller(value, &f->caller);
	else if (mml_span_eq(key, "_HOSTNAME"))
		f->host = value;
	else if (mml_span_eq(key, "SYSLOG_IDENTIFIER"))
		f->tag = value;
}

static void record_of(struct mml_oom_reader *reader, const struct fields *f, enum mml_oom_form form,
		      struct mml_oom_record *ret)
{
	struct mml_span text = { reader->scratch.data, reader->scratch.data + reader->scratch.len };
	struct mml_oom_record inner;

	/* Some write the kernel's time into the message as well. */
	mml_oom_envelope(text, &inner);
	*ret = (struct mml_oom_record){ .text = text,
					.line = f->line,
					.usec = f->usec,
					.when = f->when,
					.host = f->host,
					.tag = f->tag,
					.caller = f->caller,
					.form = form,
					.prefixed = true };
	if (inner.form == MML_OOM_PRINTK && inner.usec >= 0) {
		ret->text = inner.text;
		ret->usec = inner.usec;
		ret->caller = inner.caller;
	}
	while (mml_span_len(ret->text) && (ret->text.end[-1] == ' ' || ret->text.end[-1] == '\t')) {
		ret->text.end--;
		ret->trailing = true;
	}
}

static void put_message(struct mml_oom_reader *reader, struct mml_span raw)
{
	for (const char *p = raw.p; p < raw.end;)
		if (*p == '\\')
			p = unescape(&reader->scratch, p + 1, raw.end);
		else
			mml_buf_putc(&reader->scratch, *p++);
}

/* A scalar that is no string: to the comma, brace or blank behind it. */
static const char *bare_end(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != '{' && *p != '[' &&
	       *p != '\n' && *p != '"')
		p++;
	return p;
}

static bool json_message(struct mml_span key)
{
	return mml_span_eq(key, "msg") || mml_span_eq(key, "MESSAGE");
}

/* One step: a string, a scalar or a mark. KEY is the last string in front of a colon. */
static const char *json_step(struct mml_oom_reader *reader, const char *p, struct mml_span *key,
			     struct fields *f)
{
	const char *end = reader->all.end;
	struct mml_span value;

	if (*p == '"') {
		const char *next = string_end(p + 1, end, &value), *q = next;

		if (!next)
			return end;
		while (q < end && (*q == ' ' || *q == '\t'))
			q++;
		if (!key->p && q < end && *q == ':') {
			*key = value;
			return q + 1;
		}
		if (key->p && json_message(*key)) {
			count_lines(reader, p);
			f->line = reader->line;
			reader->scratch.len = 0;
			put_message(reader, value);
			f->has_message = true;
		} else if (key->p) {
			set_field(f, *key, value);
		}
		key->p = NULL;
		return next;
	}
	if (key->p && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\r' && *p != '{' &&
	    *p != '[') {
		value = (struct mml_span){ p, bare_end(p, end) };
		if (value.end == p)
			return p + 1;
		/* "time": 2832,125107 where the locale has a comma for a point. */
		if (end - value.end > 1 && *value.end == ',' && value.end[1] >= '0' &&
		    value.end[1] <= '9')
			value.end = bare_end(value.end + 1, end);
		set_field(f, *key, value);
		key->p = NULL;
		return value.end;
	}
	return p + 1;
}

int mml_oom_json_next(struct mml_oom_reader *reader, struct mml_oom_record *ret)
{
	const char *p = reader->p, *end = reader->all.end;
	struct mml_span key = { NULL, NULL };
	struct fields f = { .usec = -1 };

	while (p < end) {
		if (*p == '{') {
			f = (struct fields){ .usec = -1 };
			key.p = NULL;
			p++;
		} else if (*p == '}' && f.has_message) {
			count_lines(reader, p + 1);
			reader->p = p + 1;
			if (reader->scratch.error)
				return -ENOMEM;
			record_of(reader, &f, MML_OOM_JSON, ret);
			return 1;
		} else {
			p = json_step(reader, p, &key, &f);
		}
	}
	count_lines(reader, end);
	return 0;
}

/* "KEY=value", or "KEY", eight bytes with the length, the value: then it may have any byte in it.
 */
static bool export_field(struct mml_oom_reader *reader, struct mml_span *key,
			 struct mml_span *value)
{
	const char *end = reader->all.end, *nl = memchr(reader->p, '\n', (size_t)(end - reader->p));
	const char *stop = nl ? nl : end,
		   *equal = memchr(reader->p, '=', (size_t)(stop - reader->p));
	uint64_t len = 0;

	*key = (struct mml_span){ reader->p, equal ? equal : stop };
	*value = (struct mml_span){ equal ? equal + 1 : stop, stop };
	if (!equal && stop > reader->p && nl && end - nl > 8) {
		for (int i = 7; i >= 0; i--)
			len = len << 8 | (unsigned char)nl[1 + i];
		if (len <= (uint64_t)(end - nl - 9)) {
			*value = (struct mml_span){ nl + 9, nl + 9 + len };
			stop = value->end;
		}
	}
	count_lines(reader, stop < end ? stop + 1 : end);
	return mml_span_len(*key) != 0;
}

int mml_oom_export_next(struct mml_oom_reader *reader, struct mml_oom_record *ret)
{
	struct fields f = { .usec = -1 };
	struct mml_span key, value;

	while (reader->p < reader->all.end) {
		uint64_t line = reader->line;

		if (!export_field(reader, &key, &value)) {
			if (f.has_message)
				break;
			f = (struct fields){ .usec = -1 };
		} else if (mml_span_eq(key, "MESSAGE")) {
			reader->scratch.len = 0;
			mml_buf_put(&reader->scratch, value.p, mml_span_len(value));
			/* An entry whose end is missing may lack the end of its text as well. */
			f.has_message = value.end < reader->all.end;
			f.line = line;
		} else {
			set_field(&f, key, value);
		}
	}
	if (!f.has_message)
		return 0;
	if (reader->scratch.error ||
	    (!reader->scratch.data && mml_buf_reserve(&reader->scratch, 1)))
		return -ENOMEM;
	record_of(reader, &f, MML_OOM_EXPORT, ret);
	return 1;
}
