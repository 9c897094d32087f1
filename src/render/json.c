/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "../core/module.h"
#include "render.h"

enum { FLAGS = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

/* json-c escapes the controls below a blank only; DEL, the second set and what reorders text would
 * steer a terminal all the same. They occur in strings alone, where \u stands for them. */
static void put_text(struct mml_buf *out, const char *s, size_t len, bool utf8)
{
	while (len) {
		size_t n = 0;
		uint32_t c = 0;

		while (n < len && (unsigned char)s[n] < 0x7f)
			n++;
		mml_buf_put(out, s, n);
		s += n;
		len -= n;
		if (!len)
			break;
		n = mml_utf8_next(s, len, &c);
		if (n && utf8 && !mml_utf8_harmful(c))
			mml_buf_put(out, s, n);
		else if (c > 0xffff)
			mml_buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
				       0xdc00 + (c & 0x3ff));
		else
			mml_buf_printf(out, "\\u%04x", n ? c : 0xfffd);
		s += n ? n : 1;
		len -= n ? n : 1;
	}
}

/* Append OBJECT and let go of it. */
static void put_object(struct mml_buf *out, struct json_object *object)
{
	size_t len;
	const char *text = json_object_to_json_string_length(object, FLAGS, &len);

	if (text)
		put_text(out, text, len, true);
	else
		out->error = -ENOMEM;
	json_object_put(object);
}

static struct json_object *string_object(const char *s)
{
	struct mml_buf text = { 0 };
	struct json_object *object;

	if (!s)
		return NULL;
	mml_escape_json(&text, s, strlen(s));
	object = json_object_new_string_len(text.data ? text.data : "", (int)text.len);
	mml_buf_free(&text);
	return object;
}

static struct json_object *double_object(double v, int decimals)
{
	char text[MML_NUMBER_MAX * 8];

	if (!isfinite(v))
		return NULL;
	snprintf(text, sizeof(text), "%.*f", decimals, v);
	return json_object_new_double_s(v, text);
}

static struct json_object *value_object(const struct mml_column *col, union mml_value v)
{
	char text[MML_NUMBER_MAX];

	switch (col->type) {
	case MML_STR:
	case MML_WORD:
		return string_object(mml_value_str(col, v));
	case MML_U64:
		if (col->unit != MML_NSEC)
			return json_object_new_uint64(v.u64);
		snprintf(text, sizeof(text), "%" PRIu64 ".%09u", v.u64 / 1000000000,
			 (unsigned)(v.u64 % 1000000000));
		return json_object_new_double_s((double)v.u64 / 1e9, text);
	case MML_I64:
		return json_object_new_int64(v.i64);
	case MML_F64:
		return double_object(v.f64, 3);
	case MML_ADDR:
		snprintf(text, sizeof(text), "0x%" PRIx64, v.u64);
		return json_object_new_string(text);
	case MML_BOOL:
		return json_object_new_boolean(v.b);
	}
	return NULL;
}

/* A lower bound is no value: the cell is null, and NAME_at_least beside it has the bound. */
static void add_bound(struct json_object *object, const struct mml_column *col,
		      union mml_value v)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_at_least", col->name);
	json_object_object_add(object, key, value_object(col, v));
}

static void put_row(struct mml_buf *out, const struct mml_select *sel, const struct mml_row *row)
{
	struct json_object *object = json_object_new_object();

	if (!object) {
		out->error = -ENOMEM;
		return;
	}
	for (size_t c = 0; c < sel->ncolumns; c++) {
		unsigned id = sel->columns[c];
		const struct mml_column *col = &sel->schema->columns[id];
		bool exact = mml_has(row, id) && !mml_at_least(row, id);

		json_object_object_add_ex(object, col->name,
					  exact ? value_object(col, row->cell[id]) : NULL,
					  JSON_C_OBJECT_ADD_KEY_IS_NEW |
						  JSON_C_OBJECT_ADD_CONSTANT_KEY);
		if (mml_has(row, id) && !exact)
			add_bound(object, col, row->cell[id]);
	}
	put_object(out, object);
}

static int put_table(struct mml_buf *out, const struct mml_select *sel,
		     const struct mml_table *table, const char *newline)
{
	const struct mml_row **rows;
	long n = mml_select_rows(sel, table, &rows);

	if (n < 0)
		return (int)n;
	put_object(out, string_object(table->schema->name));
	mml_buf_puts(out, ":[");
	for (long i = 0; i < n; i++) {
		mml_buf_puts(out, i ? "," : "");
		mml_buf_puts(out, newline);
		put_row(out, sel, rows[i]);
	}
	mml_buf_puts(out, n ? newline : "");
	mml_buf_putc(out, ']');
	free(rows);
	return 0;
}

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *absence_object(const struct mml_absence *absence)
{
	struct json_object *object = json_object_new_object();

	add(object, "reason", string_object(absence->reason));
	add(object, "needs", string_object(absence->needs));
	return object;
}

static void add_absences(struct json_object *object, const struct mml_select *sel,
			 const struct mml_table *table)
{
	char key[128];

	if (table->error)
		add(object, table->schema->name, absence_object(&table->absence));
	for (size_t c = 0; c < sel->ncolumns && table->columns; c++) {
		if (!table->columns[sel->columns[c]].reason)
			continue;
		snprintf(key, sizeof(key), "%s.%s", table->schema->name,
			 table->schema->columns[sel->columns[c]].name);
		add(object, key, absence_object(&table->columns[sel->columns[c]]));
	}
}

static struct json_object *host_object(const struct mml_host *host)
{
	struct json_object *object = json_object_new_object();

	add(object, "kernel", string_object(host->kernel));
	add(object, "machine", string_object(host->machine));
	add(object, "page_size",
	    host->page_size_known ? json_object_new_uint64(host->page_size) : NULL);
	add(object, "nodes", host->nodes ? json_object_new_uint64(host->nodes) : NULL);
	return object;
}

static struct json_object *time_object(const struct timespec *wall)
{
	char text[64];
	struct tm tm;
	size_t len;

	if (!wall->tv_sec || !gmtime_r(&wall->tv_sec, &tm))
		return NULL;
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%03ldZ", wall->tv_nsec / 1000000);
	return json_object_new_string(text);
}

static void put_member(struct mml_buf *out, const char *key, struct json_object *value)
{
	put_object(out, json_object_new_string(key));
	mml_buf_putc(out, ':');
	put_object(out, value);
	mml_buf_putc(out, ',');
}

/* What was appended from START on in ASCII alone: on a terminal of eight bits the middle of an
 * UTF-8 character may be a control. */
static void make_ascii(struct mml_buf *out, size_t start)
{
	struct mml_buf text = { 0 };

	mml_buf_put(&text, out->data + start, out->len - start);
	out->len = start;
	put_text(out, text.data, text.len, false);
	if (text.error)
		out->error = text.error;
	mml_buf_free(&text);
}

static int json_render(struct mml_buf *out, const struct mml_select *sels,
		       const struct mml_snapshot *snap, const struct mml_format *format)
{
	const char *newline = format->one_line ? "" : "\n";
	size_t start = out->len;
	struct json_object *absent = json_object_new_object(), *notes = json_object_new_object();
	int rc = absent && notes ? 0 : -ENOMEM;

	mml_buf_putc(out, '{');
	put_member(out, "mmlens", json_object_new_string(PACKAGE_VERSION));
	put_member(out, "schema", json_object_new_int(1));
	put_member(out, "time", time_object(&snap->time.wall));
	put_member(out, "interval",
		   snap->interval_ns ? double_object((double)snap->interval_ns / 1e9, 3) : NULL);
	put_member(out, "host", host_object(&snap->host));
	mml_buf_puts(out, newline);
	mml_buf_puts(out, "\"tables\":{");
	for (size_t i = 0; i < snap->ntables && !rc; i++) {
		mml_buf_puts(out, i ? "," : "");
		mml_buf_puts(out, newline);
		rc = put_table(out, &sels[i], snap->tables[i], newline);
		add_absences(absent, &sels[i], snap->tables[i]);
		if (snap->tables[i]->note)
			add(notes, snap->tables[i]->schema->name,
			    string_object(snap->tables[i]->note));
	}
	mml_buf_puts(out, newline);
	mml_buf_puts(out, "},");
	mml_buf_puts(out, newline);
	put_member(out, "unavailable", absent);
	put_object(out, json_object_new_string("notes"));
	mml_buf_putc(out, ':');
	put_object(out, notes);
	mml_buf_puts(out, "}\n");
	if (!format->style.utf8 && !out->error)
		make_ascii(out, start);
	return rc ? rc : out->error;
}

extern const struct mml_module_json mml_module_json;
const struct mml_module_json mml_module_json = { .render = json_render };
