/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines-int.h"

#include <errno.h>
#include <string.h>

/* How far to look for where a line of the text goes on in the base, and how many looks that may
 * take for each line of the text, on average: texts that have nothing in common must not take long.
 */
enum { FAR = 32, LOOKS = 4, LOOKS_AT_FIRST = 1024 };

struct writer {
	struct mml_text_room *room;
	struct mml_told *out;
	uint64_t same; /* lines not told yet */
	size_t looks;  /* that are left */
};

void mml_told_free(struct mml_told *told)
{
	mml_buf_free(&told->ops);
	mml_buf_free(&told->numbers);
}

void mml_text_room_free(struct mml_text_room *room)
{
	mml_told_free(&room->sample);
	mml_told_free(&room->line);
	mml_buf_free(&room->made);
}

static void put_op(struct mml_told *out, unsigned op, uint64_t n)
{
	mml_varint_put(&out->ops, n << LINE_BITS | op);
}

static void flush_same(struct writer *w)
{
	if (w->same)
		put_op(w->out, LINE_SAME, w->same);
	w->same = 0;
}

static bool same(struct mml_span a, struct mml_span b)
{
	return mml_span_len(a) == mml_span_len(b) && !memcmp(a.p, b.p, mml_span_len(a));
}

static void skip_blanks(struct mml_span *s)
{
	while (s->p < s->end && *s->p == ' ')
		s->p++;
}

static bool at(struct mml_span s, bool digit)
{
	return s.p < s.end && (digit ? line_digit(*s.p) : *s.p == ' ');
}

/* Pass the text that BASE and LINE share, up to a number in both or to the end of both. There may
 * be more blanks before the number in one of them. */
static bool pass_text(struct mml_span *base, struct mml_span *line)
{
	while (base->p < base->end && line->p < line->end && *base->p == *line->p &&
	       !line_digit(*base->p)) {
		base->p++;
		line->p++;
	}
	if ((at(*base, false) && at(*line, true)) || (at(*base, true) && at(*line, false))) {
		skip_blanks(base);
		skip_blanks(line);
	}
	if (base->p == base->end || line->p == line->end)
		return base->p == base->end && line->p == line->end;
	return line_digit(*base->p) && line_digit(*line->p);
}

/* The numbers in which LINE differs from BASE, to RET, when all else is alike but for blanks. */
static bool find_pairs(struct mml_span base, struct mml_span line, struct mml_told *ret,
		       uint64_t *ret_n)
{
	uint64_t gap = 0, n = 0, a, b;

	ret->ops.len = ret->numbers.len = 0;
	while (pass_text(&base, &line)) {
		const char *base_p = base.p, *line_p = line.p;
		size_t base_len, line_len;

		if (base.p == base.end) {
			*ret_n = n;
			return n > 0;
		}
		base_len = line_number(&base, &a);
		line_len = line_number(&line, &b);
		if (base_len == line_len && !memcmp(base_p, line_p, base_len)) {
			gap++;
			continue;
		}
		if (base_len > DIGITS_MAX || line_len > DIGITS_MAX)
			return false;
		mml_varint_put(&ret->ops, gap);
		mml_varint_put(&ret->numbers, mml_zigzag(b - a));
		gap = 0;
		n++;
	}
	return false;
}

/* Tell LINE by its numbers, if what a reader makes of that is LINE to the byte. */
static bool put_numbers(struct writer *w, struct mml_span base, struct mml_span line)
{
	size_t len = mml_span_len(line);
	struct mml_told *told = &w->room->line;
	struct mml_buf *made = &w->room->made;
	uint64_t n;

	if (!find_pairs(base, line, told, &n) || mml_buf_reserve(made, len))
		return false;
	for (unsigned how = LINE_NUMBERS; how <= LINE_ZEROS; how++) {
		struct line_out out = { made->data, made->data, made->data + len };
		struct mml_telling in = {
			mml_buf_span(&told->ops),
			mml_buf_span(&told->numbers),
		};

		if (mml_line_apply(base, how, n, &in, &out) || out.p != out.end ||
		    memcmp(made->data, line.p, len) != 0)
			continue;
		put_op(w->out, how, n);
		mml_buf_put(&w->out->ops, told->ops.data, told->ops.len);
		mml_buf_put(&w->out->numbers, told->numbers.data, told->numbers.len);
		return true;
	}
	return false;
}

static bool alike(struct writer *w, struct mml_span base, struct mml_span line)
{
	uint64_t n;

	return same(base, line) || find_pairs(base, line, &w->room->line, &n);
}

/* How many lines of BASE are to be left out until one is like LINE; 0: not known. */
static uint64_t look_ahead(struct writer *w, struct mml_span base, struct mml_span line)
{
	for (uint64_t n = 1; n <= FAR && w->looks; n++) {
		struct mml_span here;

		w->looks--;
		line_next(&base);
		if (base.p == base.end)
			return 0;
		here = base;
		if (alike(w, line_next(&here), line))
			return n;
	}
	return 0;
}

/* LINE is like no line of BASE, which is at HERE: it took the place of HERE if what follows both
 * goes on alike. Otherwise it is new, and BASE stays where it is. */
static void put_literal(struct writer *w, struct mml_span *base, struct mml_span text,
			struct mml_span line)
{
	struct mml_span after = *base;
	bool replaces;

	line_next(&after);
	replaces = alike(w, line_next(&(struct mml_span){ after.p, after.end }), line_next(&text));
	put_op(w->out, replaces ? LINE_REPLACE : LINE_INSERT, mml_span_len(line));
	mml_buf_put(&w->out->ops, line.p, mml_span_len(line));
	if (replaces)
		*base = after;
}

/* Tell the next line of TEXT, which is not what BASE has next; false when lines of BASE were
 * skipped and it is still to be told. */
static bool put_changed(struct writer *w, struct mml_span *base, struct mml_span *text)
{
	struct mml_span rest = *text, line = line_next(&rest), after = *base;
	struct mml_span here = line_next(&after);
	struct mml_span peek_text = rest, peek_base = after;
	uint64_t skip;

	if (same(line_next(&peek_text), here)) {
		put_op(w->out, LINE_INSERT, mml_span_len(line));
		mml_buf_put(&w->out->ops, line.p, mml_span_len(line));
		*text = rest;
		return true;
	}
	skip = same(line_next(&peek_base), line);
	if (!skip && put_numbers(w, here, line)) {
		*base = after;
		*text = rest;
		return true;
	}
	if (!skip)
		skip = look_ahead(w, *base, line);
	if (skip) {
		put_op(w->out, LINE_SKIP, skip);
		while (skip--)
			line_next(base);
		return false;
	}
	put_literal(w, base, rest, line);
	*text = rest;
	return true;
}

int mml_lines_encode(struct mml_text_room *room, struct mml_span base, struct mml_span text,
		     struct mml_told *out)
{
	struct writer w = { .room = room, .out = out, .looks = LOOKS_AT_FIRST };

	while (text.p < text.end && base.p < base.end) {
		struct mml_span rest = text, after = base;

		if (same(line_next(&rest), line_next(&after))) {
			w.same++;
			text = rest;
			base = after;
			continue;
		}
		flush_same(&w);
		if (put_changed(&w, &base, &text))
			w.looks += LOOKS;
	}
	flush_same(&w);
	if (text.p < text.end) {
		put_op(out, LINE_INSERT, mml_span_len(text));
		mml_buf_put(&out->ops, text.p, mml_span_len(text));
	}
	if (room->line.ops.error || room->line.numbers.error || room->made.error)
		return -ENOMEM;
	return out->ops.error ? out->ops.error : out->numbers.error;
}
