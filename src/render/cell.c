/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cell.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* These write a value that is not text to NUM, which has room for MML_NUMBER_MAX bytes, and return
 * the length. */
static size_t format_count(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return mml_format_u64(num, v.u64);
}

static size_t put_size(char *num, double bytes, const struct mml_style *style)
{
	if (bytes == 0 && style->brief) {
		*num = '0';
		return 1;
	}
	return mml_format_size(num, bytes, style->units, style->page_size);
}

static size_t format_size(char *num, union mml_value v, const struct mml_style *style)
{
	return put_size(num, (double)v.u64, style);
}

static size_t format_seconds(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return (size_t)snprintf(num, MML_NUMBER_MAX, "%" PRIu64 ".%09u", v.u64 / 1000000000,
				(unsigned)(v.u64 % 1000000000));
}

static size_t format_nsec(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return mml_format_nsec(num, v.u64);
}

static size_t format_signed(char *num, union mml_value v, const struct mml_style *style)
{
	bool negative = v.i64 < 0;

	(void)style;
	*num = '-';
	return negative + mml_format_u64(num + negative,
					 negative ? 0 - (uint64_t)v.i64 : (uint64_t)v.i64);
}

static size_t format_signed_size(char *num, union mml_value v, const struct mml_style *style)
{
	return put_size(num, (double)v.i64, style);
}

static size_t format_fraction(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return mml_format_fixed(num, v.f64, 3);
}

static size_t format_exact(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return mml_format_fixed(num, v.f64, 2);
}

static size_t format_real_size(char *num, union mml_value v, const struct mml_style *style)
{
	return put_size(num, v.f64, style);
}

static size_t format_percent(char *num, union mml_value v, const struct mml_style *style)
{
	size_t len = mml_format_fixed(num, v.f64, 1);

	(void)style;
	num[len++] = '%';
	return len;
}

static size_t format_real(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	return mml_format_fixed(num, v.f64, fabs(v.f64) < 99.95 && v.f64 != floor(v.f64));
}

static size_t format_hex(char *num, union mml_value v, const struct mml_style *style)
{
	size_t len = 3;

	(void)style;
	for (uint64_t rest = v.u64; rest >>= 4;)
		len++;
	memcpy(num, "0x", 2);
	for (size_t at = len; at > 2; v.u64 >>= 4)
		num[--at] = "0123456789abcdef"[v.u64 & 15];
	return len;
}

static size_t format_bool(char *num, union mml_value v, const struct mml_style *style)
{
	(void)style;
	memcpy(num, v.b ? "yes" : "no ", 3);
	return v.b ? 3 : 2;
}

mml_formatter *mml_column_formatter(const struct mml_column *col, const struct mml_style *style)
{
	bool sized = col->unit == MML_BYTES && !style->exact && style->units != MML_IN_BYTES;

	switch (col->type) {
	case MML_STR:
	case MML_WORD:
		return NULL;
	case MML_U64:
		if (col->unit == MML_NSEC)
			return style->exact ? format_seconds : format_nsec;
		return sized ? format_size : format_count;
	case MML_I64:
		return sized ? format_signed_size : format_signed;
	case MML_F64:
		if (col->unit == MML_RATIO || (col->unit == MML_PERCENT && style->exact))
			return format_fraction;
		if (style->exact)
			return format_exact;
		if (col->unit == MML_BYTES)
			return format_real_size;
		return col->unit == MML_PERCENT ? format_percent : format_real;
	case MML_ADDR:
		return format_hex;
	case MML_BOOL:
		return format_bool;
	}
	return NULL;
}

void mml_value_text(struct mml_buf *out, const struct mml_column *col, union mml_value value,
		    const struct mml_style *style)
{
	mml_formatter *format = mml_column_formatter(col, style);

	if (!format) {
		const char *text = mml_value_str(col, value);

		mml_escape(out, text, strlen(text), style->utf8);
	} else if (!mml_buf_reserve(out, MML_NUMBER_MAX)) {
		out->len += format(out->data + out->len, value, style);
		out->data[out->len] = '\0';
	}
}

void mml_cell_text(struct mml_buf *out, const struct mml_column *col, unsigned id,
		   const struct mml_row *row, const struct mml_style *style)
{
	if (!mml_has(row, id)) {
		mml_buf_putc(out, '-');
		return;
	}
	if (mml_at_least(row, id))
		mml_buf_puts(out, ">=");
	mml_value_text(out, col, row->cell[id], style);
}
