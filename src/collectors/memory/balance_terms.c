/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "meminfo.h"
#include "vmstat.h"

/* Adds up what lies on the CPUs' lists in all zones. Returns false if no zone tells, or if the sum
 * overflows. */
static bool pcp_bytes(const struct mml_balance *b, uint64_t *ret)
{
	bool any = false;

	*ret = 0;
	for (size_t i = 0; i < b->zones.n; i++) {
		if (__builtin_add_overflow(*ret, b->zones.zones[i].pcp, ret))
			return false;
		any |= b->zones.zones[i].has_pcp;
	}
	return any && !__builtin_mul_overflow(*ret, b->page_size, ret);
}

/* The first line called NAME in meminfo, in bytes. Returns 0, -ENOENT or -ERANGE. */
static int meminfo_bytes(struct mml_span text, const char *name, uint64_t *ret)
{
	struct mml_meminfo_line line;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		if (rc > 0 && mml_span_eq(line.name, name)) {
			if (!mml_meminfo_in_kib(line.unit))
				return -ENOENT; /* a count */
			return __builtin_mul_overflow(line.value, (uint64_t)1024, ret) ? -ERANGE
										       : 0;
		}
	return -ENOENT;
}

/* A field in bytes. Returns 0, -ENOENT if it does not exist, or -ERANGE if it is no size memory can
 * have. */
static int field_bytes(const struct mml_balance *b, const char *field, int64_t *ret)
{
	uint64_t v = 0;
	int rc = 0;

	if (!strcmp(field, "pcp"))
		rc = pcp_bytes(b, &v) ? 0 : -ENOENT;
	else if (strchr(field, ':'))
		rc = mml_balance_file_field(b, field, &v) ? 0 : -ENOENT;
	else if (*field < 'a')
		rc = meminfo_bytes(b->meminfo, field, &v);
	else if (!mml_vmstat_value(b->vmstat, field, &v))
		rc = -ENOENT;
	else if (__builtin_mul_overflow(v, b->page_size, &v))
		rc = -ERANGE;
	if (!rc && !mml_balance_plausible(v))
		rc = -ERANGE;
	*ret = rc ? 0 : (int64_t)v;
	return rc;
}

bool mml_balance_field(const struct mml_balance *b, const char *name, int64_t *ret)
{
	return !field_bytes(b, name, ret);
}

/* HugePages_Total is a count, so the pool's size is the only product among the formulas. */
static int huge_pool(const struct mml_balance *b, int64_t *ret, struct mml_buf *terms)
{
	struct mml_span text = b->meminfo;
	struct mml_meminfo_line line;
	uint64_t count = 0, size = 0, bytes;
	bool has = false;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		if (rc > 0 && mml_span_eq(line.name, "HugePages_Total")) {
			count = line.value;
			has = true;
		}
	if (!has || !mml_meminfo_bytes(b->meminfo, "Hugepagesize", &size))
		return -ENOENT;
	if (__builtin_mul_overflow(count, size, &bytes) || !mml_balance_plausible(bytes))
		return -ERANGE;
	*ret = (int64_t)bytes;
	mml_buf_printf(terms, "%" PRIu64 " * %" PRIu64, count, size / 1024);
	return 0;
}

/* The field that TOK names, and whether it stands in brackets. */
static int term(const struct mml_balance *b, struct mml_span tok, int64_t *ret, bool *ret_optional)
{
	char field[64];
	size_t len;

	*ret_optional = *tok.p == '[';
	if (*ret_optional) {
		tok.p++;
		tok.end--;
	}
	len = mml_span_len(tok);
	if (len >= sizeof(field))
		return -ENOENT;
	memcpy(field, tok.p, len);
	field[len] = '\0';
	return field_bytes(b, field, ret);
}

int mml_balance_evaluate(const struct mml_balance *b, const char *formula, int64_t *ret,
			 struct mml_buf *terms)
{
	struct mml_span rest = mml_span_str(formula), tok;
	int64_t sum = 0;
	bool any = false, minus = false, optional;

	if (strchr(formula, '*'))
		return huge_pool(b, ret, terms);
	while (mml_next_token(&rest, &tok)) {
		int64_t v;
		int rc;

		if (mml_span_eq(tok, "+") || mml_span_eq(tok, "-")) {
			minus = *tok.p == '-';
			continue;
		}
		rc = term(b, tok, &v, &optional);
		if (rc == -ENOENT && (optional || (any && !minus)))
			continue;
		/* A part is about its first field, and a field that is to be taken off would
		 * otherwise be counted twice. */
		if (rc)
			return rc;
		if (any)
			mml_buf_puts(terms, minus ? " - " : " + ");
		mml_buf_printf(terms, "%" PRId64, v / 1024);
		sum += minus ? -v : v;
		any = true;
	}
	*ret = sum;
	return any ? 0 : -ENOENT;
}
