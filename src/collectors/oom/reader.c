/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "lines.h"

/* How many lines before a word that is searched for are looked at again: what the text was preceded
 * by. */
enum { LOOK_BACK = 10, LOOK_AHEAD = 300, LEAST_WRAP = 60 };

static bool starts_json(struct mml_span text)
{
	struct mml_span s = text;

	while (s.p < s.end && (*s.p == ' ' || *s.p == '\t' || *s.p == '\n' || *s.p == '\r'))
		s.p++;
	if (s.p >= s.end || *s.p++ != '{')
		return false;
	while (s.p < s.end && (*s.p == ' ' || *s.p == '\t' || *s.p == '\n' || *s.p == '\r'))
		s.p++;
	return s.p < s.end && *s.p == '"';
}

int mml_oom_reader_init(struct mml_oom_reader *reader, struct mml_arena *arena,
			struct mml_span text)
{
	*reader = (struct mml_oom_reader){ .arena = arena, .all = text, .p = text.p, .line = 1 };
	if (mml_span_starts(text, "__CURSOR=") || mml_span_starts(text, "__REALTIME_TIMESTAMP="))
		reader->form = MML_OOM_EXPORT;
	else if (starts_json(text))
		reader->form = MML_OOM_JSON;
	return mml_oom_scan_new(arena, &reader->scan);
}

uint64_t mml_oom_reader_lines(const struct mml_oom_reader *reader)
{
	bool structured = reader->form == MML_OOM_JSON || reader->form == MML_OOM_EXPORT;
	bool unended = mml_span_len(reader->all) && reader->all.end[-1] != '\n';

	return reader->line - 1 + (structured && unended);
}

void mml_oom_reader_free(struct mml_oom_reader *reader)
{
	mml_buf_free(&reader->scratch);
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Behind an escape sequence of a terminal that begins at P. */
static const char *behind_escape(const char *p, const char *end)
{
	p++;
	if (p < end && *p == '[') {
		p++;
		while (p < end && (*p < 0x40 || *p > 0x7e))
			p++;
	}
	return p < end ? p + 1 : end;
}

/* Characters that are to be looked at: controls, and what stands for some. */
static bool plain(struct mml_span s, bool quoted_printable)
{
	static const bool looked_at[256] = {
		[0 ... '\t' - 1] = true,
		['\t' + 1 ... ' ' - 1] = true,
		[0x7f] = true,
		['\\'] = true,
		['#'] = true,
	};
	bool any = false;

	for (const char *p = s.p; p < s.end; p++)
		any |= looked_at[(unsigned char)*p];
	return !any && !(quoted_printable && memchr(s.p, '=', mml_span_len(s)));
}

/* S with controls taken out and escapes undone: \xHH of /dev/kmsg, where \x0a begins a new line,
 * #012 of rsyslog, =3D of quoted-printable. */
static void clean(struct mml_buf *out, struct mml_span s, bool quoted_printable)
{
	for (const char *p = s.p; p < s.end;) {
		int a = s.end - p >= 4 && p[0] == '\\' && p[1] == 'x' ? hex(p[2]) : -1;
		int b = a >= 0 ? hex(p[3]) : -1;

		if (*p == '\033') {
			p = behind_escape(p, s.end);
		} else if (b >= 0) {
			mml_buf_putc(out, (char)(a << 4 | b));
			p += 4;
		} else if (s.end - p >= 4 && !memcmp(p, "#012", 4)) {
			mml_buf_putc(out, '\n');
			p += 4;
		} else if (quoted_printable && *p == '=' && s.end - p >= 3 && hex(p[1]) >= 0 &&
			   hex(p[2]) >= 0) {
			mml_buf_putc(out, (char)(hex(p[1]) << 4 | hex(p[2])));
			p += 3;
		} else if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f) {
			p++;
		} else {
			mml_buf_putc(out, *p++);
		}
	}
}

/* The next line of the input; WHOLE: with its end. Quoted-printable lines that end with = go on. */
static bool next_line(struct mml_oom_reader *reader, struct mml_span *ret, bool *whole)
{
	struct mml_span rest = { reader->p, reader->all.end };

	if (!mml_next_line(&rest, ret))
		return false;
	*whole = ret->end < reader->all.end;
	reader->p = rest.p;
	reader->line++;
	return true;
}

static int scratch_line(struct mml_oom_reader *reader, struct mml_span *line, bool *whole)
{
	struct mml_span part = *line;

	reader->scratch.len = 0;
	while (reader->quoted_printable && *whole && part.end > part.p && part.end[-1] == '=') {
		part.end--;
		clean(&reader->scratch, part, true);
		if (!next_line(reader, &part, whole))
			break;
	}
	clean(&reader->scratch, part, reader->quoted_printable);
	*line = (struct mml_span){ reader->scratch.data,
				   reader->scratch.data + reader->scratch.len };
	return reader->scratch.error;
}

/* Cut RECORD at the first newline in it; what is behind it is given out next. */
static void first_line(struct mml_oom_reader *reader, struct mml_oom_record *record)
{
	const char *nl = mml_span_len(record->text)
				 ? memchr(record->text.p, '\n', mml_span_len(record->text))
				 : NULL;

	if (!nl)
		return;
	reader->last = *record;
	reader->more = (struct mml_span){ nl + 1, record->text.end };
	record->text.end = nl;
	record->cut = false;
}

static int next_more(struct mml_oom_reader *reader, struct mml_oom_record *ret)
{
	struct mml_span line;

	*ret = reader->last;
	ret->lost = 0;
	if (!mml_next_field(&reader->more, '\n', &line))
		reader->more.p = NULL;
	ret->cut = reader->last.cut && reader->more.p == reader->more.end;
	ret->text = line;
	while (ret->text.end > ret->text.p &&
	       (ret->text.end[-1] == ' ' || ret->text.end[-1] == '\r'))
		ret->text.end--;
	if (reader->more.p == reader->more.end)
		reader->more.p = NULL;
	return 1;
}

/* Sequence numbers are without gaps: what is missing was overwritten or was not kept. */
static void count_lost(struct mml_oom_reader *reader, struct mml_oom_record *record)
{
	uint64_t sequence = record->lost;

	record->lost = 0;
	if (record->form != MML_OOM_KMSG)
		return;
	if (reader->has_sequence && sequence > reader->sequence + 1)
		record->lost = sequence - reader->sequence - 1;
	reader->sequence = sequence;
	reader->has_sequence = true;
}

int mml_oom_reader_next(struct mml_oom_reader *reader, struct mml_oom_record *ret)
{
	uint64_t line = reader->line;
	struct mml_span text;
	bool whole, cleaned;
	size_t len;
	int rc;

	if (reader->more.p)
		return next_more(reader, ret);
	if (reader->form == MML_OOM_JSON || reader->form == MML_OOM_EXPORT) {
		rc = reader->form == MML_OOM_JSON ? mml_oom_json_next(reader, ret)
						  : mml_oom_export_next(reader, ret);
		if (rc > 0)
			first_line(reader, ret);
		return rc;
	}
	if (!next_line(reader, &text, &whole))
		return 0;
	len = mml_span_len(text);
	cleaned = !plain(text, reader->quoted_printable);
	if (cleaned && scratch_line(reader, &text, &whole))
		return -ENOMEM;
	mml_oom_envelope(text, ret);
	ret->line = line;
	/* Blanks at the end tell that the last word is whole. */
	ret->cut |= !whole && !ret->trailing;
	ret->full =
		reader->wrap && len == reader->wrap && !ret->trailing && !reader->quoted_printable;
	count_lost(reader, ret);
	if (cleaned)
		first_line(reader, ret);
	return 1;
}

/* Back from P to the beginning of its line, and BACK lines more, but not before BEGIN. */
static const char *lines_back(const char *p, const char *begin, unsigned back)
{
	for (;;) {
		while (p > begin && p[-1] != '\n')
			p--;
		if (p == begin || !back--)
			return p;
		p--;
	}
}

/* Whether the line at AT, where a word of reports stands, is none of theirs for all that. Of a line
 * that is to be cleaned first it is not known. */
static bool false_alarm(const struct mml_oom_reader *reader, const char *at)
{
	const char *begin = lines_back(at, reader->p, 0);
	struct mml_span rest = { begin, reader->all.end }, line;
	struct mml_oom_record record;
	enum mml_oom_line_kind kind;

	if (!mml_next_line(&rest, &line) || line.p == line.end || line.end[-1] == '=' ||
	    !plain(line, false))
		return false;
	mml_oom_envelope(line, &record);
	kind = mml_oom_classify(reader->scan, mml_span_trim(record.text), MML_OOM_S_NONE,
				record.tag);
	return kind == MML_OOM_L_NONE || kind == MML_OOM_L_FRAME || kind == MML_OOM_L_REGISTERS;
}

static const char *next_alarm(const struct mml_oom_reader *reader)
{
	struct mml_span rest = { reader->p, reader->all.end };

	for (;;) {
		const char *at = mml_oom_scan_next(reader->scan, rest), *end;

		if (at == rest.end || !false_alarm(reader, at))
			return at;
		end = memchr(at, '\n', (size_t)(rest.end - at));
		if (!end)
			return rest.end;
		rest.p = end;
	}
}

void mml_oom_reader_skip(struct mml_oom_reader *reader)
{
	const char *at;

	if (reader->more.p || reader->form == MML_OOM_JSON || reader->form == MML_OOM_EXPORT)
		return;
	at = next_alarm(reader);
	at = lines_back(at, reader->p, at == reader->all.end ? 0 : LOOK_BACK);
	while (reader->p < at) {
		const char *nl = memchr(reader->p, '\n', (size_t)(at - reader->p));

		reader->p = nl ? nl + 1 : at;
		reader->line++;
	}
	reader->has_sequence = false;
}

/* The lines ahead: how long the longest are, how many of them begin differently, and how long those
 * are that another follows which has nothing before its text, as the rest of a broken line has. */
struct measure {
	size_t longest;
	char begins[3][12];
	unsigned distinct, broken, shorter;
	size_t length[LOOK_AHEAD];
};

static void measure_line(struct measure *m, size_t len, const struct mml_oom_record *record)
{
	char begin[12] = { 0 };

	if (len < m->longest || len < LEAST_WRAP)
		return;
	if (len > m->longest)
		m->distinct = 0;
	m->longest = len;
	memcpy(begin, record->text.p,
	       mml_span_len(record->text) < 12 ? mml_span_len(record->text) : 12);
	for (unsigned k = 0; k < m->distinct; k++)
		if (!memcmp(m->begins[k], begin, 12))
			return;
	if (m->distinct < 3)
		memcpy(m->begins[m->distinct++], begin, 12);
}

static bool seems_quoted_printable(const struct mml_oom_reader *reader)
{
	size_t len = (size_t)(reader->all.end - reader->p);

	len = len > 1 << 16 ? 1 << 16 : len;
	return memmem(reader->p, len, "gfp_mask=3D", 11) ||
	       memmem(reader->p, len, "nodemask=3D", 11);
}

/*
 * A terminal cuts or breaks lines at one length; a mail program breaks them at blanks, before one.
 * Of lines without anything before the text it cannot be told which are the rest of others: they
 * are taken as they are.
 */
void mml_oom_reader_measure(struct mml_oom_reader *reader)
{
	struct mml_span rest = { reader->p, reader->all.end }, line;
	struct measure m = { 0 };
	size_t last = 0;
	bool prefixed = false;

	for (unsigned i = 0; i < LOOK_AHEAD && mml_next_line(&rest, &line); i++) {
		struct mml_oom_record record;

		mml_oom_envelope(line, &record);
		measure_line(&m, mml_span_len(line), &record);
		prefixed |= record.prefixed;
		if (!record.prefixed && mml_span_len(line) && *line.p != ' ' && last)
			m.length[m.broken++] = last;
		last = mml_span_len(line);
	}
	for (unsigned i = 0; i < m.broken; i++)
		m.shorter += m.length[i] < m.longest;
	reader->wrap = prefixed && m.distinct == 3 && m.shorter * 4 <= m.broken ? m.longest : 0;
	reader->quoted_printable = seems_quoted_printable(reader);
}
