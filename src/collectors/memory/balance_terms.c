/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <inttypes.h>
#include <string.h>

#include "../../core/look.h"
#include "meminfo.h"
#include "vmstat.h"

/*
 * 0x0000000012345678-0x00000000deadbeef   20480 dup_task_struct+0x4e/0x600 pages=4 vmalloc N0=4
 * Adds up the pages of all areas except thread stacks, which are in KernelStack already. A stack's line
 * names the function that the allocation was inlined into, which differs between kernel versions.
 */
static bool vmallocinfo_pages(const struct mml_balance *b, uint64_t *ret)
{
	static const char *const stacks[] = { "alloc_thread_stack", "dup_task_struct",
					      "copy_process", "_do_fork", "kernel_clone" };
	struct mml_span text, line, tok;

	*ret = 0;
	if (mml_take_file(b->take, NULL, "/proc/vmallocinfo", &text))
		return false;
	while (mml_next_line(&text, &line)) {
		bool stack = false;
		uint64_t pages = 0;

		mml_next_token(&line, &tok); /* addresses */
		mml_next_token(&line, &tok); /* size */
		while (mml_next_token(&line, &tok)) {
			for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++)
				stack |= mml_span_starts(tok, stacks[i]);
			if (mml_span_starts(tok, "pages=")) {
				tok.p += strlen("pages=");
				if (mml_parse_u64(tok, &pages) || pages >> 45)
					pages = 0;
			}
		}
		if (!stack)
			*ret += pages;
	}
	return true;
}

/* What lies on the CPUs' lists in all zones. */
static bool pcp_bytes(const struct mml_balance *b, uint64_t *ret)
{
	bool any = false;

	*ret = 0;
	for (size_t i = 0; i < b->zones->nrows; i++) {
		uint64_t bytes;

		if (!mml_look_u64(b->zones, mml_table_row(b->zones, i), "pcp", &bytes))
			continue;
		if (__builtin_add_overflow(*ret, bytes, ret))
			return false;
		any = true;
	}
	return any;
}

static bool term(const struct mml_balance *b, struct mml_span name, int64_t *ret)
{
	char field[64];
	uint64_t v = 0;
	size_t len = mml_span_len(name);

	if (len >= sizeof(field))
		return false;
	memcpy(field, name.p, len);
	field[len] = '\0';
	if (!strcmp(field, "pcp")) {
		if (!pcp_bytes(b, &v))
			return false;
	} else if (!strcmp(field, "vmallocinfo")) {
		if (!vmallocinfo_pages(b, &v) || __builtin_mul_overflow(v, b->page_size, &v))
			return false;
	} else if (*field >= 'a') {
		if (!mml_vmstat_value(b->vmstat, field, &v) ||
		    __builtin_mul_overflow(v, b->page_size, &v))
			return false;
	} else if (!mml_meminfo_bytes(b->meminfo, field, &v)) {
		return false;
	}
	*ret = (int64_t)v;
	return mml_balance_plausible(v);
}

bool mml_balance_field(const struct mml_balance *b, const char *name, int64_t *ret)
{
	return term(b, mml_span_str(name), ret);
}

/* HugePages_Total is a count, so that its formula is the only product. */
static bool huge_pool(const struct mml_balance *b, int64_t *ret, struct mml_buf *terms)
{
	struct mml_span text = b->meminfo;
	struct mml_meminfo_line line;
	uint64_t count = 0, size = 0;
	bool has = false;
	int rc;

	while ((rc = mml_meminfo_next(&text, &line)))
		if (rc > 0 && mml_span_eq(line.name, "HugePages_Total")) {
			count = line.value;
			has = true;
		}
	if (!has || !mml_meminfo_bytes(b->meminfo, "Hugepagesize", &size) ||
	    __builtin_mul_overflow(count, size, &count) || !mml_balance_plausible(count))
		return false;
	*ret = (int64_t)count;
	mml_buf_printf(terms, "%" PRIu64 " * %" PRIu64, size ? count / size : 0, size / 1024);
	return true;
}

bool mml_balance_evaluate(const struct mml_balance *b, const char *formula, int64_t *ret,
			  struct mml_buf *terms)
{
	struct mml_span rest = mml_span_str(formula), tok;
	int64_t sum = 0;
	bool any = false, minus = false;

	if (strchr(formula, '*'))
		return huge_pool(b, ret, terms);
	while (mml_next_token(&rest, &tok)) {
		int64_t v;

		if (mml_span_eq(tok, "+") || mml_span_eq(tok, "-")) {
			minus = *tok.p == '-';
			continue;
		}
		if (!term(b, tok, &v)) {
			/* A part without its first term would be another thing, and without a term
			 * to be subtracted it would count memory twice. */
			if (!any || minus)
				return false;
			continue;
		}
		if (any)
			mml_buf_puts(terms, minus ? " - " : " + ");
		mml_buf_printf(terms, "%" PRId64, v / 1024);
		sum += minus ? -v : v;
		any = true;
	}
	*ret = sum;
	return any;
}
