/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "parse.h"
#include "select.h"
#include "trouble.h"
#include "unit.h"

/*
 * expr  := and { "or" and }
 * and   := not { "and" not }
 * not   := "not" not | "(" expr ")" | COLUMN OP VALUE
 * OP    := = == != < <= > >= ~ !~
 * VALUE := a word up to the next blank or bracket, or anything in '...' or "..."
 */
enum op { OP_AND, OP_OR, OP_NOT, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MATCH, OP_NO_MATCH };

enum { DEEPEST = 64 };

struct mml_filter {
	enum op op;
	struct mml_filter *left, *right;
	unsigned column;
	union mml_value value;
	char *text; /* the value, if the column is of text */
	regex_t regex;
};

struct parser {
	struct mml_select *sel;
	const char *expr, *p;
	int depth;
	int error;
};

void mml_filter_free(struct mml_filter *f)
{
	if (!f)
		return;
	mml_filter_free(f->left);
	mml_filter_free(f->right);
	if (f->op == OP_MATCH || f->op == OP_NO_MATCH)
		regfree(&f->regex);
	free(f->text);
	free(f);
}

static struct mml_filter *fail(struct parser *ps, const char *fmt, const char *what)
{
	if (!ps->error) {
		snprintf(ps->sel->error, sizeof(ps->sel->error), fmt, what);
		ps->sel->wrong = (size_t)(ps->p - ps->expr);
		ps->error = -EINVAL;
	}
	return NULL;
}

/* Sets the error: WHAT is missing before AT. Returns NULL. */
static struct mml_filter *missing(struct parser *ps, const char *what, const char *at)
{
	char why[128];

	snprintf(why, sizeof(why), "filter: %s is missing %s", what,
		 *at ? "before '%s'" : "at the end%s");
	return fail(ps, why, at);
}

static struct mml_filter *node(struct parser *ps, enum op op, struct mml_filter *left,
			       struct mml_filter *right)
{
	struct mml_filter *f = mml_calloc(1, sizeof(*f));

	if (!f) {
		mml_filter_free(left);
		mml_filter_free(right);
		ps->error = -ENOMEM;
		return NULL;
	}
	f->op = op;
	f->left = left;
	f->right = right;
	return f;
}

static void skip_blanks(struct parser *ps)
{
	ps->p += strspn(ps->p, " \t\n");
}

static bool word_is(struct parser *ps, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(ps);
	if (strncmp(ps->p, word, n) || !strchr(" \t\n(", ps->p[n]))
		return false;
	ps->p += n;
	return true;
}

static bool take_op(struct parser *ps, enum op *ret)
{
	static const struct {
		const char *sign;
		enum op op;
	} signs[] = { { "==", OP_EQ }, { "=", OP_EQ },  { "!=", OP_NE },      { "<=", OP_LE },
		      { ">=", OP_GE }, { "<", OP_LT },  { ">", OP_GT },       { "=~", OP_MATCH },
		      { "~", OP_MATCH }, { "!~", OP_NO_MATCH } };

	skip_blanks(ps);
	if (!strncmp(ps->p, "=~", 2)) {
		ps->p += 2;
		*ret = OP_MATCH;
		return true;
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t n = strlen(signs[i].sign);

		if (!strncmp(ps->p, signs[i].sign, n)) {
			ps->p += n;
			*ret = signs[i].op;
			return true;
		}
	}
	return false;
}

/* Returns the value without its quotes, or NULL with the error set. */
static char *take_value(struct parser *ps)
{
	const char *start;
	size_t len;
	char *text;

	skip_blanks(ps);
	start = ps->p;
	if (*start == '\'' || *start == '"') {
		const char *end = strchr(++start, ps->p[0]);

		if (!end) {
			fail(ps, "filter: the quote before '%s' is not closed", start);
			return NULL;
		}
		len = (size_t)(end - start);
		ps->p = end + 1;
	} else {
		len = strcspn(start, " \t\n()");
		if (!len) {
			missing(ps, "a value", start);
			return NULL;
		}
		ps->p += len;
	}
	text = mml_strndup(start, len);
	if (!text)
		ps->error = mml_trouble(-ENOMEM);
	return text;
}

static struct mml_filter *compile_match(struct parser *ps, struct mml_filter *f, enum op op)
{
	char why[128];
	int rc = regcomp(&f->regex, f->text, REG_EXTENDED | REG_NOSUB);

	if (rc) {
		if (rc == REG_ESPACE)
			ps->error = mml_trouble(-ENOMEM);
		regerror(rc, &f->regex, why, sizeof(why));
		fail(ps, "filter: regular expression: %s", why);
		mml_filter_free(f);
		return NULL;
	}
	f->op = op;
	return f;
}

/* A word that the column does not have is an error, because such a filter would fit no row and say
 * nothing. */
static void take_word(struct parser *ps, const struct mml_column *col, struct mml_filter *f)
{
	size_t len = strlen(f->text);
	int word = mml_word_find(col, f->text, len);
	const char *near = word < 0 ? mml_word_nearest(col, f->text, len) : NULL;
	struct mml_buf why = { 0 };

	if (word >= 0) {
		f->value.u64 = (uint64_t)word;
		return;
	}
	mml_buf_printf(&why, "filter: '%%s' is no value of column '%s'; ", col->name);
	if (near)
		mml_buf_printf(&why, "did you mean '%s'?", near);
	else
		mml_buf_puts(&why, "there are: ");
	for (size_t i = 0; !near && col->words[i]; i++)
		mml_buf_printf(&why, "%s%s", i ? ", " : "", col->words[i]);
	if (why.error)
		ps->error = why.error;
	else
		fail(ps, why.data, f->text);
	mml_buf_free(&why);
}

static struct mml_filter *comparison(struct parser *ps)
{
	const struct mml_column *col;
	struct mml_filter *f;
	char why[96];
	size_t len;
	enum op op;
	int id;

	skip_blanks(ps);
	/* The last two are in headings. */
	len = strspn(ps->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/%");
	if (!len)
		return missing(ps, "a column", ps->p);
	id = mml_schema_find(ps->sel->schema, ps->p, len);
	if (id < 0) {
		ps->sel->wrong = (size_t)(ps->p - ps->expr);
		ps->error = mml_select_no_column(ps->sel, ps->p, len);
		return NULL;
	}
	ps->p += len;
	if (!take_op(ps, &op))
		return missing(ps, "an operator (= != < <= > >= ~)", ps->p);
	col = &ps->sel->schema->columns[id];
	f = node(ps, OP_EQ, NULL, NULL);
	if (!f)
		return NULL;
	f->column = (unsigned)id;
	f->text = take_value(ps);
	if (!f->text) {
		mml_filter_free(f);
		return NULL;
	}
	if (op == OP_MATCH || op == OP_NO_MATCH) {
		if (mml_column_is_text(col))
			return compile_match(ps, f, op);
		fail(ps, "filter: ~ is for text, and '%s' is not text", col->name);
	} else if (col->type == MML_WORD) {
		take_word(ps, col, f);
	} else if (col->type != MML_STR &&
		   mml_parse_value(col, f->text, strlen(f->text), &f->value)) {
		snprintf(why, sizeof(why), "filter: '%%s' is not a value for column '%s'%s",
			 col->name,
			 col->type == MML_BOOL      ? " (yes or no)" :
			 col->unit == MML_BYTES     ? " (a size: 4096, 64K, 1.5G)" :
						      "");
		fail(ps, why, f->text);
	}
	if (ps->error) {
		mml_filter_free(f);
		return NULL;
	}
	f->op = op;
	return f;
}

static struct mml_filter *parse_or(struct parser *ps);

static struct mml_filter *parse_not(struct parser *ps)
{
	struct mml_filter *f;

	if (++ps->depth > DEEPEST)
		return fail(ps, "filter: too deeply nested%s", "");
	if (word_is(ps, "not")) {
		f = parse_not(ps);
		f = f ? node(ps, OP_NOT, f, NULL) : NULL;
	} else if (skip_blanks(ps), *ps->p == '(') {
		ps->p++;
		f = parse_or(ps);
		skip_blanks(ps);
		if (f && *ps->p != ')') {
			mml_filter_free(f);
			return fail(ps, "filter: ')' is missing%s", "");
		}
		ps->p += f != NULL;
	} else {
		f = comparison(ps);
	}
	ps->depth--;
	return f;
}

static struct mml_filter *parse_and(struct parser *ps)
{
	struct mml_filter *f = parse_not(ps), *more;

	while (f && word_is(ps, "and")) {
		more = parse_not(ps);
		if (!more) {
			mml_filter_free(f);
			return NULL;
		}
		f = node(ps, OP_AND, f, more);
	}
	return f;
}

static struct mml_filter *parse_or(struct parser *ps)
{
	struct mml_filter *f = parse_and(ps), *more;

	while (f && word_is(ps, "or")) {
		more = parse_and(ps);
		if (!more) {
			mml_filter_free(f);
			return NULL;
		}
		f = node(ps, OP_OR, f, more);
	}
	return f;
}

struct mml_filter *mml_filter_parse(struct mml_select *sel, const char *expr, int *ret_error)
{
	struct parser ps = { .sel = sel, .expr = expr, .p = expr };
	struct mml_filter *f = parse_or(&ps);

	skip_blanks(&ps);
	if (f && *ps.p) {
		fail(&ps, "filter: 'and' or 'or' is missing before '%s'", ps.p);
		mml_filter_free(f);
		f = NULL;
	}
	*ret_error = ps.error;
	return f;
}

struct mml_filter *mml_filter_and(struct mml_filter *a, struct mml_filter *b)
{
	struct mml_filter *f;

	if (!a || !b)
		return a ? a : b;
	f = mml_calloc(1, sizeof(*f));
	if (f)
		*f = (struct mml_filter){ .op = OP_AND, .left = a, .right = b };
	return f;
}

static int compare(const struct mml_filter *f, const struct mml_column *col,
		   const struct mml_row *row)
{
	const union mml_value *v = &row->cell[f->column];

	switch (col->type) {
	case MML_STR:
		return strcmp(v->str, f->text);
	case MML_U64:
	case MML_ADDR:
	case MML_WORD:
		return v->u64 < f->value.u64 ? -1 : v->u64 > f->value.u64;
	case MML_I64:
		return v->i64 < f->value.i64 ? -1 : v->i64 > f->value.i64;
	case MML_F64:
		return v->f64 < f->value.f64 ? -1 : v->f64 > f->value.f64;
	case MML_BOOL:
		return v->b - f->value.b;
	}
	return 0;
}

bool mml_filter_fits(const struct mml_filter *f, const struct mml_schema *schema,
		     const struct mml_row *row)
{
	if (!f)
		return true;
	switch (f->op) {
	case OP_AND:
		return mml_filter_fits(f->left, schema, row) &&
		       mml_filter_fits(f->right, schema, row);
	case OP_OR:
		return mml_filter_fits(f->left, schema, row) ||
		       mml_filter_fits(f->right, schema, row);
	case OP_NOT:
		return !mml_filter_fits(f->left, schema, row);
	default:
		break;
	}
	if (!mml_has(row, f->column))
		return false;
	if (f->op == OP_MATCH || f->op == OP_NO_MATCH)
		return !regexec(&f->regex,
				mml_value_str(&schema->columns[f->column], row->cell[f->column]), 0,
				NULL, 0) == (f->op == OP_MATCH);
	switch (f->op) {
	case OP_EQ:
		return compare(f, &schema->columns[f->column], row) == 0;
	case OP_NE:
		return compare(f, &schema->columns[f->column], row) != 0;
	case OP_LT:
		return compare(f, &schema->columns[f->column], row) < 0;
	case OP_LE:
		return compare(f, &schema->columns[f->column], row) <= 0;
	case OP_GT:
		return compare(f, &schema->columns[f->column], row) > 0;
	default:
		return compare(f, &schema->columns[f->column], row) >= 0;
	}
}

unsigned mml_filter_needs(const struct mml_filter *f, const struct mml_schema *schema)
{
	if (!f)
		return 0;
	if (f->op == OP_AND || f->op == OP_OR || f->op == OP_NOT)
		return mml_filter_needs(f->left, schema) | mml_filter_needs(f->right, schema);
	return schema->columns[f->column].needs |
	       (schema->columns[f->column].of >= 0 ?
			schema->columns[schema->columns[f->column].of].needs :
			0);
}
