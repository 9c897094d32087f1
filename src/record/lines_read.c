/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines-int.h"

#include <errno.h>
#include <string.h>

#include "../core/unit.h"

static int put(struct line_out *out, const char *s, size_t len)
{
	if (len > (size_t)(out->end - out->p))
		return -EBADMSG;
	memcpy(out->p, s, len);
	out->p += len;
	return 0;
}

static int put_many(struct line_out *out, char c, size_t n)
{
	if (n > (size_t)(out->end - out->p))
		return -EBADMSG;
	memset(out->p, c, n);
	out->p += n;
	return 0;
}

/* Copy LINE up to its next run of digits, or all of it. */
static int copy_text(struct mml_span *line, struct line_out *out)
{
	const char *p = line->p;

	while (line->p < line->end && !line_digit(*line->p))
		line->p++;
	return put(out, p, (size_t)(line->p - p));
}

/* Copy the next N runs of digits, with the text before each. */
static int copy_numbers(struct mml_span *line, uint64_t n, struct line_out *out)
{
	while (n--) {
		const char *p = line->p;

		while (line->p < line->end && !line_digit(*line->p))
			line->p++;
		if (line->p == line->end)
			return -EBADMSG;
		while (line->p < line->end && line_digit(*line->p))
			line->p++;
		if (put(out, p, (size_t)(line->p - p)))
			return -EBADMSG;
	}
	return 0;
}

/* The blanks just before the end of what was written, but for one, which keeps columns apart. */
static size_t blanks_to_spare(const struct line_out *out)
{
	size_t n = 0;

	while (out->p - n > out->begin && out->p[-1 - (ptrdiff_t)n] == ' ')
		n++;
	return n ? n - 1 : 0;
}

/* Write V where a number of OLD digits was. */
static int put_number(struct line_out *out, uint64_t v, size_t old, unsigned how)
{
	char digits[MML_NUMBER_MAX];
	size_t len = mml_format_u64(digits, v), spare;
	int rc = 0;

	if (how == LINE_COLUMNS && len > old) {
		spare = blanks_to_spare(out);
		out->p -= spare < len - old ? spare : len - old;
	} else if (how != LINE_NUMBERS && len < old) {
		rc = put_many(out, how == LINE_ZEROS ? '0' : ' ', old - len);
	}
	return rc ? rc : put(out, digits, len);
}

int mml_line_apply(struct mml_span base, unsigned how, uint64_t n, struct mml_telling *in,
		   struct line_out *out)
{
	while (n--) {
		uint64_t gap, difference, v;
		size_t len;

		if (!mml_varint_next(&in->ops, &gap) ||
		    !mml_varint_next(&in->numbers, &difference) || copy_numbers(&base, gap, out) ||
		    copy_text(&base, out))
			return -EBADMSG;
		len = line_number(&base, &v);
		if (!len || len > DIGITS_MAX ||
		    put_number(out, v + mml_unzigzag(difference), len, how))
			return -EBADMSG;
	}
	return put(out, base.p, mml_span_len(base));
}

/* The next N lines of BASE. */
static int next_lines(struct mml_span *base, uint64_t n, struct mml_span *ret)
{
	ret->p = base->p;
	while (n--) {
		if (base->p == base->end)
			return -EBADMSG;
		line_next(base);
	}
	ret->end = base->p;
	return 0;
}

static int put_literal(struct mml_telling *in, uint64_t n, struct line_out *out)
{
	if (n > mml_span_len(in->ops) || put(out, in->ops.p, n))
		return -EBADMSG;
	in->ops.p += n;
	return 0;
}

static int line_step(struct mml_span *base, struct mml_telling *in, struct line_out *out)
{
	struct mml_span lines = { 0 }, here;
	uint64_t op, n;

	if (!mml_varint_next(&in->ops, &op))
		return -EBADMSG;
	n = op >> LINE_BITS;
	op &= (1 << LINE_BITS) - 1;
	if (op != LINE_INSERT && next_lines(base, op <= LINE_SKIP ? n : 1, &lines))
		return -EBADMSG;
	here = (struct mml_span){ lines.p, lines.end };
	switch (op) {
	case LINE_SAME:
		return put(out, here.p, mml_span_len(here));
	case LINE_SKIP:
		return 0;
	case LINE_INSERT:
	case LINE_REPLACE:
		return put_literal(in, n, out);
	case LINE_NUMBERS:
	case LINE_COLUMNS:
	case LINE_ZEROS:
		return mml_line_apply(here, (unsigned)op, n, in, out);
	default:
		return -EBADMSG;
	}
}

int mml_lines_decode(struct mml_span base, struct mml_telling *in, char *ret, size_t len)
{
	struct line_out out = { ret, ret, ret + len };
	int rc = 0;

	while (!rc && out.p < out.end)
		rc = line_step(&base, in, &out);
	return rc;
}
