/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "procfs.h"

#include <errno.h>
#include <string.h>

/* The fields behind the comm in stat, with their numbers in proc(5). */
enum {
	STAT_STATE = 3,
	STAT_PPID = 4,
	STAT_TTY = 7,
	STAT_FLAGS = 9,
	STAT_MINFLT = 10,
	STAT_MAJFLT = 12,
	STAT_THREADS = 20,
	STAT_START = 22,
	STAT_VSIZE = 23,
	STAT_RSS = 24,
	STAT_START_CODE = 26,
	STAT_END_CODE = 27,
	STAT_START_STACK = 28,
	STAT_START_DATA = 45,
	STAT_END_DATA = 46,
	STAT_START_BRK = 47,
	STAT_ARG_START = 48,
	STAT_ARG_END = 49,
	STAT_ENV_START = 50,
	STAT_ENV_END = 51,
};

static uint64_t *stat_number(struct mml_pid_stat *stat, unsigned field)
{
	switch (field) {
	case STAT_PPID:
		return &stat->ppid;
	case STAT_FLAGS:
		return &stat->flags;
	case STAT_MINFLT:
		return &stat->min_faults;
	case STAT_MAJFLT:
		return &stat->maj_faults;
	case STAT_THREADS:
		return &stat->threads;
	case STAT_START:
		return &stat->start;
	case STAT_VSIZE:
		return &stat->vsize;
	case STAT_RSS:
		return &stat->rss;
	case STAT_START_CODE:
		return &stat->start_code;
	case STAT_END_CODE:
		return &stat->end_code;
	case STAT_START_STACK:
		return &stat->start_stack;
	case STAT_START_DATA:
		return &stat->start_data;
	case STAT_END_DATA:
		return &stat->end_data;
	case STAT_START_BRK:
		return &stat->start_brk;
	case STAT_ARG_START:
		return &stat->arg_start;
	case STAT_ARG_END:
		return &stat->arg_end;
	case STAT_ENV_START:
		return &stat->env_start;
	case STAT_ENV_END:
		return &stat->env_end;
	default:
		return NULL;
	}
}

/*
 * 1 (systemd) S 0 1 1 0 -1 4194560 2010568 368954853 2864 64223 8226 16406 1100073 485351 20 0 1 0
 * 24 178257920 2635 18446744073709551615 ...
 *
 * A process chooses its comm, which may contain parentheses, blanks and newlines. Nothing behind the comm
 * has a parenthesis, so it ends at the last one. There are 44 fields until 3.2 and 52 since 3.5.
 */
int mml_pid_stat_parse(struct mml_span text, struct mml_pid_stat *ret)
{
	const char *open = memchr(text.p, '(', mml_span_len(text));
	const char *close = open ? memrchr(open, ')', (size_t)(text.end - open)) : NULL;
	struct mml_span rest, tok;
	unsigned field = STAT_STATE;

	*ret = (struct mml_pid_stat){ 0 };
	if (!close || mml_parse_u64(mml_span_trim((struct mml_span){ text.p, open }), &ret->pid))
		return -EINVAL;
	ret->comm = (struct mml_span){ open + 1, close };
	rest = (struct mml_span){ close + 1, text.end };
	if (rest.p < rest.end && rest.end[-1] == '\n')
		rest.end--;
	if (!mml_next_token(&rest, &tok) || mml_span_len(tok) != 1)
		return -EINVAL;
	ret->state = *tok.p;
	for (const char *p = rest.p; p < rest.end;) {
		uint64_t *number;

		while (p < rest.end && *p == ' ')
			p++;
		tok.p = p;
		while (p < rest.end && *p != ' ')
			p++;
		tok.end = p;
		if (tok.p == p)
			break;
		number = stat_number(ret, ++field);
		if (number && mml_parse_u64(tok, number))
			return -EINVAL;
		if (field == STAT_TTY && mml_parse_i64(tok, &ret->tty))
			return -EINVAL;
	}
	return field < STAT_RSS ? -EINVAL : 0;
}

/* 43520 2635 1121 239 0 6031 0 */
int mml_pid_statm_parse(struct mml_span text, struct mml_pid_statm *ret)
{
	struct mml_span line;

	if (!mml_next_line(&text, &line) || mml_next_u64(&line, &ret->size) ||
	    mml_next_u64(&line, &ret->resident) || mml_next_u64(&line, &ret->shared))
		return -EINVAL;
	return 0;
}

void mml_fields_add(struct mml_fields *fields, const char *name, unsigned col)
{
	if (fields->n == MML_MAX_FIELDS)
		return;
	fields->at[fields->n].name = name;
	fields->at[fields->n].len = strlen(name);
	fields->at[fields->n++].col = col;
}

void mml_fields_of(const struct mml_schema *schema, const char *prefix, struct mml_fields *ret)
{
	size_t len = strlen(prefix);

	*ret = (struct mml_fields){ 0 };
	for (unsigned i = 0; i < schema->ncolumns; i++) {
		const char *source = schema->columns[i].source;

		if (schema->columns[i].unit != MML_BYTES || strncmp(source, prefix, len) ||
		    source[len] != ' ')
			continue;
		mml_fields_add(ret, source + len + 1, i);
	}
}

/* Parses "   1234 kB". A vendor's kernel may write KB. */
static int parse_kb(struct mml_span rest, uint64_t *ret)
{
	struct mml_span unit, more;
	int rc = mml_next_u64(&rest, ret);

	if (rc)
		return rc == -ENODATA ? -EINVAL : rc;
	if (!mml_next_token(&rest, &unit) ||
	    (!mml_span_eq(unit, "kB") && !mml_span_eq(unit, "KB")) || mml_next_token(&rest, &more))
		return -EINVAL;
	return __builtin_mul_overflow(*ret, (uint64_t)1024, ret) ? -ERANGE : 0;
}

/*
 * VmSwap:	     660 kB                                                          (status)
 * 5651255b1000-7ffc457f5000 ---p 00000000 00:00 0                          [rollup]
 * Pss:                7006 kB                                             (smaps_rollup, smaps)
 *
 * Fields come in the same order each time, so that the next one wanted is tried first. A path in a
 * mapping's own line may look like a field. But such a line begins with an address, which is in lower
 * case, and a field begins with a capital letter.
 */
int mml_fields_fill(const struct mml_fields *fields, struct mml_span text, struct mml_row *row)
{
	struct mml_span line;
	size_t next = 0;

	while (mml_next_line(&text, &line)) {
		size_t i = next, tries;

		if (line.p == line.end || *line.p < 'A' || *line.p > 'Z')
			continue;
		for (tries = 0; tries < fields->n; tries++, i = i + 1 == fields->n ? 0 : i + 1) {
			size_t len = fields->at[i].len;

			if (mml_span_len(line) > len && line.p[len] == ':' &&
			    !memcmp(line.p, fields->at[i].name, len))
				break;
		}
		if (tries < fields->n) {
			unsigned col = fields->at[i].col;
			uint64_t bytes;
			int rc = parse_kb((struct mml_span){ line.p + fields->at[i].len + 1,
							     line.end },
					  &bytes);

			if (rc)
				return rc;
			if (fields->sum && mml_has(row, col) &&
			    __builtin_add_overflow(bytes, row->cell[col].u64, &bytes))
				return -ERANGE;
			mml_set_u64(row, col, bytes);
			next = i + 1 == fields->n ? 0 : i + 1;
		}
	}
	return 0;
}

/*
 * Name:	systemd
 * State:	S (sleeping)
 * PPid:	0
 * Uid:	0	0	0	0              real, effective, saved, file system
 * VmSize:	  105868 kB            absent if there is no address space
 * Threads:	1
 */
int mml_pid_status_parse(struct mml_span text, struct mml_pid_status *ret)
{
	struct mml_span line, key;
	uint64_t real;

	*ret = (struct mml_pid_status){ 0 };
	while (mml_next_line(&text, &line)) {
		mml_next_field(&line, ':', &key);
		if (mml_span_eq(key, "Name")) {
			ret->name = mml_span_trim(line);
		} else if (mml_span_eq(key, "State")) {
			line = mml_span_trim(line);
			ret->state = line.p < line.end ? *line.p : '\0';
		} else if (mml_span_eq(key, "PPid")) {
			if (mml_next_u64(&line, &ret->ppid))
				return -EINVAL;
			ret->has_ppid = true;
		} else if (mml_span_eq(key, "Uid")) {
			if (mml_next_u64(&line, &real) || mml_next_u64(&line, &ret->euid))
				return -EINVAL;
			ret->has_euid = true;
		} else if (mml_span_eq(key, "Threads")) {
			if (mml_next_u64(&line, &ret->threads))
				return -EINVAL;
			ret->has_threads = true;
		} else if (mml_span_eq(key, "VmSize")) {
			ret->has_mm = true;
		}
	}
	return ret->name.p && ret->state ? 0 : -EINVAL;
}

static int add_node(struct mml_node_bytes *nodes, uint64_t node, uint64_t bytes)
{
	if (node >= MML_MAX_NODES)
		return -ERANGE;
	if (__builtin_add_overflow(nodes->bytes[node], bytes, &nodes->bytes[node]))
		return -ERANGE;
	if (node >= nodes->limit)
		nodes->limit = (unsigned)node + 1;
	return 0;
}

/* Cuts "KEY=123" off LINE if it is the last word. Returns false if that is something else. */
static bool last_number(struct mml_span *line, struct mml_span *ret_key, uint64_t *ret)
{
	const char *digits, *key;

	while (line->end > line->p && (line->end[-1] == ' ' || line->end[-1] == '\t'))
		line->end--;
	for (digits = line->end; digits > line->p && digits[-1] >= '0' && digits[-1] <= '9';)
		digits--;
	if (digits == line->p || digits[-1] != '=' ||
	    mml_parse_u64((struct mml_span){ digits, line->end }, ret))
		return false;
	for (key = digits - 1; key > line->p && key[-1] != ' ';)
		key--;
	*ret_key = (struct mml_span){ key, digits - 1 };
	line->end = key;
	return true;
}

/* Cuts the page size of a mapping off the end of the line. Before 3.16, lines do not have it. */
static int line_page_size(struct mml_span *line, uint64_t *ret)
{
	static const char name[] = "kernelpagesize_kB";
	struct mml_span rest = *line, key;
	uint64_t size;

	if (!last_number(&rest, &key, &size)) {
		const char *blank = memrchr(line->p, ' ', mml_span_len(*line));

		return blank && mml_span_starts((struct mml_span){ blank + 1, line->end }, name) ?
			       -EINVAL : 0;
	}
	if (!mml_span_eq(key, name))
		return 0;
	*line = rest;
	return __builtin_mul_overflow(size, (uint64_t)1024, ret) ? -EINVAL : 0;
}

static bool has_address(struct mml_span line)
{
	const char *p = line.p;

	while (p < line.end && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')))
		p++;
	return p > line.p && p - line.p <= 16 && (p == line.end || *p == ' ');
}

/*
 * 55d14d123000 default file=/usr/bin/cat mapped=2 mapmax=3 N0=2 kernelpagesize_kB=4
 * 7f2a40000000 prefer (many):0-1 huge anon=3 dirty=3 N0=1 N1=2 kernelpagesize_kB=2048
 *
 * A line is read from its end, where the nodes are, so that most of it need not be looked at. Blanks and
 * equal signs in a path are escaped, so that no part of it looks like a node. Pages of a hugetlb mapping
 * are counted in its own page size.
 */
int mml_numa_maps_sum(struct mml_span text, uint64_t page_size, struct mml_node_bytes *ret)
{
	struct mml_span line, key;

	while (mml_next_line(&text, &line)) {
		uint64_t node, pages, size = page_size;
		int rc;

		if (line.p == line.end)
			continue;
		if (!has_address(line))
			return -EINVAL;
		rc = line_page_size(&line, &size);
		while (!rc && last_number(&line, &key, &pages) && *key.p++ == 'N' &&
		       !mml_parse_u64(key, &node)) {
			if (__builtin_mul_overflow(pages, size, &pages))
				return -ERANGE;
			rc = add_node(ret, node, pages);
		}
		if (rc)
			return rc;
	}
	return 0;
}
