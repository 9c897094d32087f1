/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/parse.h"

#include <errno.h>

#include "../tap.h"

static int u64(const char *s, uint64_t *ret)
{
	*ret = 77;
	return mml_parse_u64(mml_span_str(s), ret);
}

static void numbers(void)
{
	uint64_t v;
	int64_t i;

	ok(!u64("0", &v) && v == 0);
	ok(!u64("18446744073709551615", &v) && v == UINT64_MAX);
	ok(u64("18446744073709551616", &v) == -ERANGE);
	ok(u64("", &v) == -EINVAL);
	ok(u64("-1", &v) == -EINVAL);
	ok(u64("+1", &v) == -EINVAL);
	ok(u64(" 1", &v) == -EINVAL);
	ok(u64("1 ", &v) == -EINVAL);
	ok(u64("12x", &v) == -EINVAL && v == 77);
	ok(!mml_parse_i64(mml_span_str("-9223372036854775808"), &i) && i == INT64_MIN);
	ok(mml_parse_i64(mml_span_str("-9223372036854775809"), &i) == -ERANGE);
	ok(mml_parse_i64(mml_span_str("9223372036854775808"), &i) == -ERANGE);
	ok(!mml_parse_hex(mml_span_str("7fffFFFFffffffff"), &v) && v == INT64_MAX);
	ok(mml_parse_hex(mml_span_str("10000000000000000"), &v) == -ERANGE);
	ok(mml_parse_hex(mml_span_str("0x1"), &v) == -EINVAL);
	ok(mml_parse_hex(mml_span_str(""), &v) == -EINVAL);
}

/* Numbers of every length, behind every padding, with every distance to the end of the text and every
 * kind of character behind them: as the plain parser of one token has them. */
static void padded(void)
{
	static const char ends[] = " \t\n/:x0\xff";
	unsigned wrong = 0;

	for (int digits = 0; digits <= 20; digits++)
		for (int before = 0; before <= 20; before++)
			for (int after = 0; after <= 20; after++)
				for (size_t e = 0; e < sizeof(ends); e++) {
					char s[80];
					struct mml_span line = { s, s }, same, tok;
					uint64_t got = 77, want = 77;
					int rc, expected = -ENODATA;

					memset(s, ' ', (size_t)before);
					if (before && e == 1)
						s[before - 1] = '\t';
					memcpy(s + before, "92837465019283746501", (size_t)digits);
					memset(s + before + digits, ends[e], (size_t)after);
					line.end = s + before + digits + after;
					same = line;
					if (mml_next_token(&same, &tok))
						expected = mml_parse_u64(tok, &want);
					rc = mml_next_u64(&line, &got);
					wrong += rc != expected || got != want || line.p != same.p;
				}
	is_u64(wrong, 0);
}

static void lines(void)
{
	struct mml_span text = mml_span_str("one two\r\n\nlast"), line, tok;

	ok(mml_next_line(&text, &line) && mml_span_eq(line, "one two"));
	ok(mml_next_token(&line, &tok) && mml_span_eq(tok, "one"));
	ok(mml_next_token(&line, &tok) && mml_span_eq(tok, "two"));
	ok(!mml_next_token(&line, &tok));
	ok(mml_next_line(&text, &line) && !mml_span_len(line));
	ok(mml_next_line(&text, &line) && mml_span_eq(line, "last"));
	line.p = "left over";
	ok(!mml_next_line(&text, &line) && line.p == line.end);
	tok.p = "left over";
	ok(!mml_next_field(&text, ',', &tok) && tok.p == tok.end);
}

static void count(unsigned n, void *ctx)
{
	*(uint64_t *)ctx = *(uint64_t *)ctx * 100 + n;
}

static int list(const char *s, uint64_t *ret)
{
	*ret = 0;
	return mml_parse_list(mml_span_str(s), count, ret);
}

static void lists(void)
{
	uint64_t v;

	ok(!list("1-3,8,10-11", &v));
	is_u64(v, 10203081011);
	ok(!list("", &v) && v == 0);
	ok(list("3-1", &v) == -EINVAL);
	ok(list("5-", &v) == -EINVAL);
	ok(list("1,,2", &v) == -EINVAL);
	ok(list("0-99999999", &v) == -EINVAL);
	ok(list("a", &v) == -EINVAL);
}

int main(void)
{
	numbers();
	padded();
	lines();
	lists();
	return tap_done();
}
