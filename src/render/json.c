/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "render.h"

/* Everything is appended to one buffer, whose error is kept. A document that lacks anything because
 * memory ran out is never written. */
struct json {
	struct mml_buf *out;
	/* If false, only ASCII is written: on a terminal of eight bits, a byte in the middle of a
	 * character may be a control. */
	bool utf8;
};

static void put_unicode(struct mml_buf *out, uint32_t c)
{
	if (c > 0xffff)
		mml_buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
	else
		mml_buf_printf(out, "\\u%04x", c);
}

/* Appends a character that cannot stand for itself in a string. */
static bool put_special(struct mml_buf *out, uint32_t c)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = c && c < 0x80 ? strchr(special, (int)c) : NULL;

	if (at) {
		mml_buf_putc(out, '\\');
		mml_buf_putc(out, letters[at - special]);
	}
	return at;
}

/* Appends S, which is valid UTF-8. Characters that would steer a terminal are written by their
 * numbers. */
static void put_characters(const struct json *json, const char *s, size_t len)
{
	while (len) {
		uint32_t c = 0;
		size_t n = mml_utf8_next(s, len, &c);

		n = n ? n : 1;
		if (!put_special(json->out, c)) {
			if (mml_utf8_harmful(c) || (c > 0x7f && !json->utf8))
				put_unicode(json->out, c);
			else
				mml_buf_put(json->out, s, n);
		}
		s += n;
		len -= n;
	}
}

static void put_string(const struct json *json, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (!s) {
		mml_buf_puts(json->out, "null");
		return;
	}
	mml_buf_putc(json->out, '"');
	if (mml_text_plain(s, len) && !memchr(s, '"', len)) {
		mml_buf_put(json->out, s, len);
	} else {
		struct mml_buf text = { 0 };

		mml_escape_json(&text, s, len);
		put_characters(json, text.data ? text.data : "", text.len);
		if (text.error)
			json->out->error = text.error;
		mml_buf_free(&text);
	}
	mml_buf_putc(json->out, '"');
}

static void put_key(const struct json *json, const char *key)
{
	put_string(json, key);
	mml_buf_putc(json->out, ':');
}

static void put_double(const struct json *json, double v)
{
	if (isfinite(v))
		mml_buf_printf(json->out, "%.3f", v);
	else
		mml_buf_puts(json->out, "null");
}

static void put_value(const struct json *json, const struct mml_column *col, union mml_value v)
{
	char num[MML_NUMBER_MAX];

	switch (col->type) {
	case MML_STR:
	case MML_WORD:
		put_string(json, mml_value_str(col, v));
		return;
	case MML_U64:
		if (col->unit == MML_NSEC)
			mml_buf_printf(json->out, "%" PRIu64 ".%09u", v.u64 / 1000000000,
				       (unsigned)(v.u64 % 1000000000));
		else
			mml_buf_put(json->out, num, mml_format_u64(num, v.u64));
		return;
	case MML_I64:
		mml_buf_printf(json->out, "%" PRId64, v.i64);
		return;
	case MML_F64:
		put_double(json, v.f64);
		return;
	case MML_ADDR:
		mml_buf_printf(json->out, "\"0x%" PRIx64 "\"", v.u64);
		return;
	case MML_BOOL:
		mml_buf_puts(json->out, v.b ? "true" : "false");
	}
}

/* A lower bound is not a value: the cell is null, and NAME_at_least behind it has the bound. */
static void put_cell(const struct json *json, const struct mml_column *col, unsigned id,
		     const struct mml_row *row)
{
	bool has = mml_has(row, id), bound = has && mml_at_least(row, id);

	put_key(json, col->name);
	if (has && !bound)
		put_value(json, col, row->cell[id]);
	else
		mml_buf_puts(json->out, "null");
	if (!bound)
		return;
	mml_buf_printf(json->out, ",\"%s_at_least\":", col->name);
	put_value(json, col, row->cell[id]);
}

static void put_row(const struct json *json, const struct mml_select *sel,
		    const struct mml_row *row)
{
	mml_buf_putc(json->out, '{');
	for (size_t c = 0; c < sel->ncolumns; c++) {
		unsigned id = sel->columns[c];

		mml_buf_puts(json->out, c ? "," : "");
		put_cell(json, &sel->schema->columns[id], id, row);
	}
	mml_buf_putc(json->out, '}');
}

static void put_host(const struct json *json, const struct mml_host *host)
{
	char num[MML_NUMBER_MAX];

	mml_buf_puts(json->out, "{\"kernel\":");
	put_string(json, host->kernel);
	mml_buf_puts(json->out, ",\"machine\":");
	put_string(json, host->machine);
	mml_buf_puts(json->out, ",\"page_size\":");
	if (host->page_size_known)
		mml_buf_put(json->out, num, mml_format_u64(num, host->page_size));
	else
		mml_buf_puts(json->out, "null");
	mml_buf_puts(json->out, ",\"nodes\":");
	if (host->nodes)
		mml_buf_put(json->out, num, mml_format_u64(num, host->nodes));
	else
		mml_buf_puts(json->out, "null");
	mml_buf_puts(json->out, host->incomplete ? ",\"incomplete\":true}" : "}");
}

static void put_time(const struct json *json, const struct timespec *wall)
{
	struct mml_buf text = { 0 };

	if (mml_put_time(&text, wall) && !text.error)
		mml_buf_printf(json->out, "\"%s\"", text.data);
	else
		mml_buf_puts(json->out, "null");
	json->out->error = text.error ? text.error : json->out->error;
	mml_buf_free(&text);
}

static void put_moment(const struct json *json, const struct mml_snapshot *snap)
{
	mml_buf_puts(json->out, "{\"time\":");
	put_time(json, &snap->time.wall);
	mml_buf_puts(json->out, ",\"host\":");
	put_host(json, &snap->host);
	mml_buf_putc(json->out, '}');
}

static const char *newline(const struct mml_render *r)
{
	return r->format->one_line ? "" : "\n";
}

static struct json json_of(const struct mml_render *r)
{
	return (struct json){ r->out, r->format->style.utf8 };
}

static int json_begin(struct mml_render *r)
{
	struct json json = json_of(r);

	mml_buf_puts(r->out, "{\"mmlens\":");
	put_string(&json, PACKAGE_VERSION);
	mml_buf_puts(r->out, ",\"schema\":1,\"time\":");
	put_time(&json, &r->snap->time.wall);
	mml_buf_puts(r->out, ",\"interval\":");
	if (r->snap->interval_ns)
		put_double(&json, (double)r->snap->interval_ns / 1e9);
	else
		mml_buf_puts(r->out, "null");
	mml_buf_puts(r->out, ",\"host\":");
	put_host(&json, &r->snap->host);
	if (r->format->base) {
		mml_buf_puts(r->out, ",\"diff\":{\"a\":");
		put_moment(&json, r->format->base);
		mml_buf_puts(r->out, ",\"b\":");
		put_moment(&json, r->snap);
		mml_buf_putc(r->out, '}');
	}
	mml_buf_printf(r->out, ",%s\"tables\":{", newline(r));
	return r->out->error;
}

static int json_table(struct mml_render *r, const struct mml_select *sel,
		      const struct mml_table *table)
{
	struct json json = json_of(r);
	const struct mml_row **rows;
	long n = mml_select_rows(sel, table, &rows);

	if (n < 0)
		return (int)n;
	mml_buf_printf(r->out, "%s%s", r->ndone ? "," : "", newline(r));
	put_key(&json, table->schema->name);
	mml_buf_putc(r->out, '[');
	for (long i = 0; i < n && !r->out->error; i++) {
		mml_buf_printf(r->out, "%s%s", i ? "," : "", newline(r));
		put_row(&json, sel, rows[i]);
	}
	mml_buf_printf(r->out, "%s]", n ? newline(r) : "");
	free(rows);
	return r->out->error;
}

static void put_absence(const struct json *json, const char *table, const char *column,
			const struct mml_absence *absence, size_t *n)
{
	mml_buf_printf(json->out, "%s\"%s%s%s\":{\"reason\":", (*n)++ ? "," : "", table,
		       column ? "." : "", column ? column : "");
	put_string(json, absence->reason);
	mml_buf_puts(json->out, ",\"needs\":");
	put_string(json, absence->needs);
	mml_buf_putc(json->out, '}');
}

/* Appends why tables, and columns that are shown, are absent. */
static void put_absences(const struct json *json, const struct mml_render *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->snap->ntables; i++) {
		const struct mml_table *table = r->snap->tables[i];
		const struct mml_select *sel = &r->sels[i];

		if (table->error)
			put_absence(json, table->schema->name, NULL, &table->absence, &n);
		for (size_t c = 0; c < sel->ncolumns && table->columns; c++)
			if (table->columns[sel->columns[c]].reason)
				put_absence(json, table->schema->name,
					    table->schema->columns[sel->columns[c]].name,
					    &table->columns[sel->columns[c]], &n);
	}
}

static void put_notes(const struct json *json, const struct mml_render *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->snap->ntables; i++) {
		const struct mml_table *table = r->snap->tables[i];

		if (!table->note)
			continue;
		mml_buf_puts(r->out, n++ ? "," : "");
		put_key(json, table->schema->name);
		put_string(json, table->note);
	}
}

static int json_end(struct mml_render *r)
{
	struct json json = json_of(r);

	mml_buf_printf(r->out, "%s},%s\"unavailable\":{", newline(r), newline(r));
	put_absences(&json, r);
	mml_buf_puts(r->out, "},\"notes\":{");
	put_notes(&json, r);
	mml_buf_puts(r->out, "}}\n");
	return r->out->error;
}

const struct mml_renderer mml_renderer_json = {
	.name = "json",
	.exact = true,
	.document = true,
	.begin = json_begin,
	.table = json_table,
	.end = json_end,
};
