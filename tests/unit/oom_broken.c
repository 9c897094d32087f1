/* The kernel logs in $MMLENS_OOM cut, changed and mixed: no number is made of what is none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oom_logs.h"
#include "oom_prose.h"

static int order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of TEXT, sorted. */
static char **sorted(char *text, size_t *ret_n)
{
	size_t n = 0, cap = 64;
	char **ret = malloc(cap * sizeof(*ret)), *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (n == cap)
			ret = realloc(ret, (cap *= 2) * sizeof(*ret));
		ret[n++] = line;
	}
	qsort(ret, n, sizeof(*ret), order);
	*ret_n = n;
	return ret;
}

/* Whatever a cut log gives was in the whole one: no number is half of one. */
static void check_cuts(const struct text *t)
{
	unsigned flags = MML_OOM_KEEP_REPEATS;
	char *whole = dumped(t->data, t->len, flags, true, true);
	size_t n, bad = 0, cuts = 0;
	char **lines = sorted(whole, &n);

	for (size_t at = 1; at < t->len; at += 997, cuts++) {
		char *part = dumped(t->data, at, flags, true, true), *rest = part, *line;

		while ((line = strsep(&rest, "\n"))) {
			if (bsearch(&line, lines, n, sizeof(*lines), order))
				continue;
			bad++;
			printf("# %s cut at %zu: %s\n", t->name, at, line);
		}
		free(part);
	}
	tap_ok(!bad, "%s: %zu cuts give no number that is not in it", t->name, cuts);
	free(lines);
	free(whole);
}

/* The end of a line as every terminal or mail program might cut it: the last characters of every
 * line. */
static void check_line_cuts(const struct text *t)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_span rest = { t->data, t->data + t->len }, line;
	size_t n = 0;

	while (mml_next_line(&rest, &line))
		for (size_t cut = 1; cut < 40 && cut < mml_span_len(line); cut += 7) {
			/* Up to within this line, from a little before it. */
			const char *begin = line.p - t->data > 4000 ? line.p - 4000 : t->data;

			read_flags(arena, begin, (size_t)(line.end - (ptrdiff_t)cut - begin), 0);
			n++;
			if (n % 64 == 0) {
				mml_arena_free(arena);
				arena = mml_arena_new();
			}
		}
	tap_ok(true, "%s: %zu cuts within lines", t->name, n);
	mml_arena_free(arena);
}

static void prose_of(const char *data, size_t len)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, data, len, 0);
	struct mml_oom_style style = { .verbose = true };
	struct mml_buf out = { 0 };

	put_prose(&out, arena, log, &style);
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] != '\n' && (out.data[i] < ' ' || out.data[i] > '~'))
			abort();
	mml_buf_free(&out);
	mml_arena_free(arena);
}

/* Bytes changed at random, the same ones each time. */
static void check_flips(const struct text *t)
{
	unsigned seed = 20260101;
	char *copy = malloc(t->len + 1);

	for (int round = 0; round < 60; round++) {
		memcpy(copy, t->data, t->len);
		for (int k = rand_r(&seed) % 40; k >= 0; k--) {
			size_t at = (size_t)rand_r(&seed) % t->len;

			copy[at] = rand_r(&seed) % 2 ? (char)rand_r(&seed)
						     : copy[(size_t)rand_r(&seed) % t->len];
		}
		prose_of(copy, t->len);
	}
	tap_ok(true, "%s: 60 rounds of changed bytes", t->name);
	free(copy);
}

/* Line by line of two logs in turn. */
static void check_mixtures(void)
{
	for (size_t i = 0; i < nlogs; i++) {
		const struct text *a = &logs[i], *b = &logs[(i * 7 + 3) % nlogs];
		struct mml_span ra = { a->data, a->data + a->len },
				rb = { b->data, b->data + b->len }, line;
		struct mml_buf out = { 0 };

		while (ra.p < ra.end || rb.p < rb.end)
			for (int k = 0; k < 2; k++)
				if (mml_next_line(k ? &rb : &ra, &line)) {
					mml_buf_put(&out, line.p, mml_span_len(line));
					mml_buf_putc(&out, '\n');
				}
		prose_of(out.data, out.len);
		mml_buf_free(&out);
	}
	tap_ok(true, "two logs, line by line in turn");
}

/* The fast reject passes by nothing, with a lot of other lines around. */
static void check_reject(const struct text *t)
{
	struct mml_buf out = { 0 };
	char *close, *skipped;
	bool text = *t->data != '{';

	for (int i = 0; i < 400 && text; i++)
		mml_buf_printf(
			&out,
			"[%5d.%06d] usb 1-1: new high-speed USB device number %d using xhci_hcd\n",
			i / 10, i, i);
	mml_buf_put(&out, t->data, t->len);
	close = dumped(out.data, out.len, MML_OOM_NO_SKIP, true, false);
	skipped = dumped(out.data, out.len, 0, true, false);
	tap_ok(!strcmp(close, skipped), "%s: as much is found when other lines are passed over",
	       t->name);
	free(close);
	free(skipped);
	mml_buf_free(&out);
}

int main(void)
{
	if (!load_logs())
		return tap_done();
	for (size_t i = 0; i < nlogs; i++) {
		check_cuts(&logs[i]);
		check_line_cuts(&logs[i]);
		check_flips(&logs[i]);
		check_reject(&logs[i]);
	}
	check_mixtures();
	return tap_done();
}
