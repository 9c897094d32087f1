/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "lines.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static int append(struct mml_oom_logical *l, struct mml_arena *arena, struct mml_span text,
		  uint64_t line)
{
	if (l->nseg == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		struct mml_oom_seg *seg = mml_arena_alloc(arena, cap * sizeof(*seg));

		if (!seg)
			return -ENOMEM;
		if (l->nseg)
			memcpy(seg, l->seg, l->nseg * sizeof(*seg));
		l->seg = seg;
		l->cap = cap;
	}
	l->seg[l->nseg++] = (struct mml_oom_seg){ l->text.len, line };
	mml_buf_put(&l->text, text.p, mml_span_len(text));
	return l->text.error || (!l->text.data && mml_buf_reserve(&l->text, 1)) ? -ENOMEM : 0;
}

static void take_state(struct mml_oom_logical *l, const struct mml_oom_record *record)
{
	l->last_line = record->line;
	l->cut = record->cut;
	l->full = record->full;
	l->trailing = record->trailing;
	l->noise = false;
}

int mml_oom_logical_begin(struct mml_oom_logical *l, struct mml_arena *arena,
			  const struct mml_oom_record *record, enum mml_oom_line_kind kind)
{
	l->text.len = 0;
	l->nseg = 0;
	l->kind = kind;
	l->usec = record->usec;
	l->prefixed = record->prefixed;
	take_state(l, record);
	return append(l, arena, mml_span_trim(record->text), record->line);
}

uint64_t mml_oom_logical_line(const struct mml_oom_logical *l, const char *p)
{
	size_t at = (size_t)(p - l->text.data), i = l->nseg;

	while (i > 1 && l->seg[i - 1].at > at)
		i--;
	return i ? l->seg[i - 1].line : 0;
}

static struct mml_span last_token(struct mml_span text)
{
	struct mml_span tok = text;

	for (const char *p = text.p; p < text.end; p++)
		if (*p == ' ' || *p == '\t')
			tok.p = p + 1;
	return tok;
}

/* "free:15232kB", "free_pcp:0", "no": a token of a list of counters that nothing is missing of. */
static bool counter_whole(struct mml_span tok, bool units)
{
	const char *p = tok.p;
	bool ends;

	if (mml_span_eq(tok, "no") || mml_span_eq(tok, "yes") ||
	    mml_span_eq(tok, "all_unreclaimable?"))
		return true;
	while (p < tok.end && *p != ':')
		p++;
	if (p == tok.p || p == tok.end ||
	    mml_oom_item_find((struct mml_span){ tok.p, p }, &ends) < 0)
		return mml_span_eq(tok, "free") || tok.end[-1] == 'B';
	if (++p == tok.end)
		return false;
	while (p < tok.end && digit(*p))
		p++;
	return units ? tok.end - p == 2 && tok.end[-1] == 'B' : p == tok.end;
}

/* "3*4kB", "(UME)", "=", "15232kB": a token of a buddy list. */
static bool buddy_whole(struct mml_span tok)
{
	if (mml_span_eq(tok, "="))
		return true;
	if (*tok.p == '(')
		return tok.end[-1] == ')';
	return tok.end[-1] == 'B' || tok.end[-1] == ':';
}

/* What may stand in the rest of a line of counters: names, numbers, units. */
static bool counters(struct mml_span text)
{
	bool one = false;
	const char *p;

	for (p = text.p; p < text.end; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || digit(*p) || strchr("_:()? KB", *p);

		if (!*p || !plain)
			return false;
		one |= *p == 'B' && p > text.p && (p[-1] == 'k' || p[-1] == 'K');
	}
	return one || mml_span_eq(text, "no") || mml_span_eq(text, "yes") ||
	       mml_oom_find(text, "able? ") || mml_oom_find(text, "pages_scanned:") ||
	       mml_span_starts(text, "KB");
}

static bool buddies(struct mml_span text)
{
	for (const char *p = text.p; p < text.end; p++)
		if (!*p || !(digit(*p) || upper(*p) || strchr("*k()= ", *p)))
			return false;
	return mml_oom_find(text, "kB") || *text.p == '(' || *text.p == '=' ||
	       mml_span_eq(text, "B") || text.end[-1] == ')';
}

/* Numbers without leading zeros, which the dumps of code and registers have. */
static bool numbers(struct mml_span text)
{
	struct mml_span tok;

	while (mml_next_token(&text, &tok)) {
		uint64_t n;

		if (mml_parse_u64(tok, &n) || (*tok.p == '0' && mml_span_len(tok) > 1) ||
		    n > UINT32_MAX)
			return false;
	}
	return true;
}

static bool starts_any(struct mml_span text, const char *const *words)
{
	for (; *words; words++)
		if (mml_span_starts(text, *words))
			return true;
	return false;
}

/* A piece of "NAME invoked ...: gfp_mask=..., order=..." or of "NAME: page allocation failure:
 * ...". */
static bool header_piece(const struct mml_oom_logical *l, struct mml_span text)
{
	static const char *const oom[] = { "gfp_mask=",	     "order=",	 "nodemask=",
					   "oom_score_adj=", "oom_adj=", "oomkilladj=",
					   "oom_policy=",    NULL };
	static const char *const failure[] = { "page allocation failure",
					       "order:",
					       "mode:",
					       ", mode:",
					       ", nodemask=",
					       "nodemask=",
					       "(null)",
					       ",cpuset=",
					       "cpuset=",
					       ", order:",
					       "page order ",
					       "failed to ",
					       NULL };

	return starts_any(text, l->kind == MML_OOM_L_OOM ? oom : failure);
}

static bool kill_piece(struct mml_span text)
{
	static const char *const words[] = {
		"total-vm:",	  "anon-rss:", "file-rss:", "shmem-rss:",   "UID:", "pgtables:",
		"oom_score_adj:", "score ",    "now ",	    "or sacrifice", NULL
	};

	return starts_any(text, words);
}

/* A row of the task table that lacks its name still. */
static bool task_unfinished(struct mml_span text)
{
	struct mml_span tok = last_token(text);
	uint64_t n;

	return text.end[-1] == ']' || !mml_parse_u64(tok, &n) ||
	       (*tok.p == '-' && digit(tok.end[-1]));
}

/* Whether TEXT, on the line right behind what L has and without a mark of its own, can be its rest.
 */
static bool wrapped_rest(const struct mml_oom_logical *l, struct mml_span text)
{
	struct mml_span have = mml_oom_logical_text(l);
	bool one_word = !memchr(text.p, ' ', mml_span_len(text));

	switch (l->kind) {
	case MML_OOM_L_OOM:
		return header_piece(l, text) || (one_word && !mml_oom_find(have, "score_adj="));
	case MML_OOM_L_FAILURE:
	case MML_OOM_L_STALL:
	case MML_OOM_L_VMALLOC:
		return header_piece(l, text) || (one_word && !mml_oom_find(have, "mems_allowed="));
	case MML_OOM_L_OOMKILL:
		return one_word && !mml_oom_find(have, ",uid=");
	case MML_OOM_L_KILL:
	case MML_OOM_L_REAPED:
		return kill_piece(text);
	case MML_OOM_L_TASK_HEAD:
		return !mml_oom_find(have, " name");
	case MML_OOM_L_TASK:
		return task_unfinished(have);
	case MML_OOM_L_CPU:
		return !mml_oom_find(have, "#");
	case MML_OOM_L_HUGEPAGES:
		return mml_span_starts(text, "hugepages_");
	case MML_OOM_L_STATS:
		return mml_oom_find(text, ":") != NULL;
	case MML_OOM_L_USAGE:
		return mml_span_starts(text, "limit ") || mml_span_starts(text, "failcnt ");
	case MML_OOM_L_SUPPRESSED:
	case MML_OOM_L_RESERVE:
		return numbers(text);
	case MML_OOM_L_GLOBAL:
		return digit(*text.p) && l->text.len && digit(l->text.data[l->text.len - 1]);
	default:
		return false;
	}
}

/* Whether TEXT is a piece of what L began that was printed, or has come, apart from it. */
static bool piece(const struct mml_oom_logical *l, struct mml_span text)
{
	struct mml_span have = mml_oom_logical_text(l);

	switch (l->kind) {
	case MML_OOM_L_OOM:
	case MML_OOM_L_FAILURE:
	case MML_OOM_L_STALL:
	case MML_OOM_L_VMALLOC:
		return header_piece(l, text);
	case MML_OOM_L_CPUSET:
		return !mml_oom_find(have, "mems_allowed=") &&
		       (mml_span_starts(text, "mems_allowed=") ||
			(*text.p == '/' && have.end[-1] == '=') ||
			(have.end[-1] == '=' && !memchr(text.p, ' ', mml_span_len(text)) &&
			 !digit(*text.p)));
	case MML_OOM_L_RESERVE:
		return numbers(text) && mml_span_len(text) < 40;
	case MML_OOM_L_BUDDY:
		return buddies(text) && !mml_oom_find(have, "= ");
	default:
		return false;
	}
}

/* The name of a column of the task table. */
static bool column_whole(struct mml_span tok)
{
	static const char *const names[] = { "]",	  "pid",     "uid",	 "tgid",
					     "total_vm",  "rss",     "rss_anon", "rss_file",
					     "rss_shmem", "nr_ptes", "nr_pmds",	 "pgtables_bytes",
					     "swapents",  "cpu",     "oom_adj",	 "oom_score_adj" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_eq(tok, names[i]))
			return true;
	return false;
}

/* Whether the text so far ends within a word, so that the rest follows without a blank. */
static bool broken_word(const struct mml_oom_logical *l, struct mml_span text)
{
	struct mml_span tok = last_token(mml_oom_logical_text(l));
	bool digits = tok.p < tok.end && digit(tok.end[-1]) && digit(*text.p);

	if (l->trailing || tok.p == tok.end)
		return false;
	if (l->full)
		return true;
	switch (l->kind) {
	case MML_OOM_L_NODE:
	case MML_OOM_L_ZONE:
		return !counter_whole(tok, true);
	case MML_OOM_L_GLOBAL:
		return true;
	case MML_OOM_L_BUDDY:
		return !buddy_whole(tok);
	case MML_OOM_L_TASK:
		return !digit(tok.end[-1]);
	case MML_OOM_L_TASK_HEAD:
		return !column_whole(tok);
	case MML_OOM_L_RESERVE:
	case MML_OOM_L_SUPPRESSED:
		return false;
	case MML_OOM_L_OOMKILL:
	case MML_OOM_L_STATS:
		return true;
	case MML_OOM_L_OOM:
	case MML_OOM_L_FAILURE:
	case MML_OOM_L_STALL:
	case MML_OOM_L_VMALLOC:
		return !header_piece(l, text) || tok.end[-1] == '=' || tok.end[-1] == ')' ||
		       *text.p == ',';
	default:
		return digits;
	}
}

static bool joins(const struct mml_oom_logical *l, const struct mml_oom_record *record,
		  struct mml_span text, bool stream_prefixed)
{
	bool next = record->line == l->last_line + 1 && !l->noise;
	bool wrapped = !record->prefixed && (stream_prefixed || !l->prefixed);

	if (piece(l, text))
		return true;
	if (wrapped && next && (l->full || wrapped_rest(l, text)))
		return true;
	if (l->kind == MML_OOM_L_ZONE || l->kind == MML_OOM_L_NODE)
		return (wrapped && counters(text)) ||
		       (next && mml_span_starts(text, "all_unreclaimable?"));
	return l->kind == MML_OOM_L_BUDDY && wrapped && next && buddies(text) && l->text.len &&
	       l->text.data[l->text.len - 1] != 'B';
}

int mml_oom_logical_join(struct mml_oom_logical *l, struct mml_arena *arena,
			 const struct mml_oom_record *record, bool stream_prefixed)
{
	struct mml_span text = mml_span_trim(record->text);
	const char *begin = record->text.p;

	if (!l->kind || !l->text.len || text.p == text.end)
		return 0;
	if (!joins(l, record, text, stream_prefixed)) {
		l->noise = true;
		return 0;
	}
	if (text.p > begin || !broken_word(l, text))
		mml_buf_putc(&l->text, ' ');
	/* A piece of a word that came later than the next line is none. */
	take_state(l, record);
	return append(l, arena, text, record->line) ? -ENOMEM : 1;
}

int mml_oom_logical_add(struct mml_oom_logical *l, struct mml_arena *arena,
			const struct mml_oom_record *record)
{
	mml_buf_putc(&l->text, ' ');
	take_state(l, record);
	return append(l, arena, mml_span_trim(record->text), record->line);
}

static bool key_char(char c)
{
	return (c >= 'a' && c <= 'z') || upper(c) || digit(c) || c == '_' || c == '(' || c == ')';
}

/* A number at P with its unit; behind both, or NULL if it is not whole. */
static const char *whole_number(const struct mml_oom_logical *l, const char *p, const char *end,
				struct mml_oom_field *ret)
{
	struct mml_span n = { p, p };

	while (p < end && digit(*p))
		p++;
	n.end = p;
	if (mml_parse_u64(n, &ret->n))
		return NULL;
	ret->unit = MML_OOM_PAGES;
	ret->line = mml_oom_logical_line(l, n.p);
	if (p < end && (*p == 'k' || *p == 'K')) {
		ret->unit = MML_OOM_KB;
		p++;
		/* The unit says that the number is whole, even where the line was cut within it. */
		if (p < end && *p == 'B')
			p++;
	}
	ret->last = p == end;
	if (p < end && *p != ' ' && *p != ',' && *p != '\t')
		return NULL;
	return ret->last && ret->unit == MML_OOM_PAGES && (l->cut || l->full) ? NULL : p;
}

bool mml_oom_next_field(const struct mml_oom_logical *l, struct mml_span *rest,
			struct mml_oom_field *ret)
{
	const char *p = rest->p, *end = rest->end;

	while (p < end) {
		const char *next, *key = p;

		while (p < end && key_char(*p))
			p++;
		if (p == key || p >= end || *p != ':') {
			while (p < end && *p != ' ' && *p != ',')
				p++;
			while (p < end && (*p == ' ' || *p == ','))
				p++;
			continue;
		}
		ret->key = (struct mml_span){ key, p++ };
		if (p < end && *p == ' ')
			p++;
		if (p >= end || !digit(*p))
			continue;
		next = whole_number(l, p, end, ret);
		if (next) {
			rest->p = next;
			return true;
		}
		while (p < end && *p != ' ')
			p++;
	}
	rest->p = end;
	return false;
}

struct mml_oom_value mml_oom_number_after(const struct mml_oom_logical *l, struct mml_span text,
					  const char *before, const char *unit)
{
	struct mml_oom_value ret = { 0, 0 };
	struct mml_span s, n;

	if (!mml_oom_between(text, before, NULL, &s))
		return ret;
	n = s;
	while (n.p < s.end && digit(*n.p))
		n.p++;
	n = (struct mml_span){ s.p, n.p };
	s.p = n.end;
	if (unit ? !mml_span_starts(s, unit) : s.p == s.end && (l->cut || l->full))
		return ret;
	if (!mml_parse_u64(n, &ret.n))
		ret.line = mml_oom_logical_line(l, n.p);
	return ret;
}
