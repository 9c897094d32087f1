/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct mml_table *mml_look_table(const struct mml_moment *moment, const char *name)
{
	return moment->now ? mml_snapshot_table(moment->now, name) : NULL;
}

enum mml_use mml_look_item(const char *item, char ret[MML_ITEM_NAME])
{
	static const struct {
		const char *item;
		enum mml_use use;
		const char *name;
	} items[] = {
#define ITEM(item, use, name) { item, MML_USE_##use, name },
#include "items.def"
#undef ITEM
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (!strcmp(item, items[i].item)) {
			snprintf(ret, MML_ITEM_NAME, "%s", items[i].name);
			return items[i].use;
		}
	snprintf(ret, MML_ITEM_NAME, "%s", item);
	for (char *p = ret; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	return MML_USE_KERNEL;
}

void mml_look_item_view(const char *item, const char **ret_view, char ret_sort[128])
{
	static const struct {
		const char *item, *view, *sort;
	} views[] = {
		{ "anon", "processes", "-rss_anon" },	   { "shmem", "processes", "-rss_shmem" },
		{ "page_tables", "processes", "-page_tables" },
		{ "kernel_stack", "processes", "-threads" }, { "unevictable", "processes", "-locked" },
		{ "slab_unreclaimable", "slab", "" },	   { "slab_reclaimable", "slab", "" },
		{ "slab", "slab", "" },			   { "hugetlb", "hugepages", "" },
		{ "free", "zones", "" },		   { "pcp", "zones", "" },
		{ "zsmalloc", "swaps", "" },		   { "zswap", "swaps", "" },
	};

	*ret_view = "balance";
	ret_sort[0] = '\0';
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (!strcmp(item, views[i].item)) {
			*ret_view = views[i].view;
			snprintf(ret_sort, 128, "%s", views[i].sort);
		}
}

void mml_look_count(double count, const char *suffix, char ret[MML_LOOK_TEXT])
{
	static const char units[] = " KMGTPE";
	size_t unit = 0;

	for (; count >= 999.5 && unit + 2 < sizeof(units); unit++)
		count /= 1000;
	if (unit)
		snprintf(ret, MML_LOOK_TEXT, "%.*f%c%s", count < 99.95 ? 1 : 0, count, units[unit], suffix);
	else
		snprintf(ret, MML_LOOK_TEXT, "%.0f%s", count, suffix);
}

void mml_look_remember(struct mml_history *history, const struct mml_moment *moment, double value)
{
	uint64_t now = moment->now->time.mono_ns;
	uint64_t interval = moment->before ? now - moment->before->time.mono_ns : 0;

	if (interval > 3 * moment->interval_ns)
		interval = 0;
	mml_history_push(history, now, interval, value);
}

const char *mml_look_watching(const struct mml_moment *moment)
{
	return !moment->live ? "" : moment->style.utf8 ? "\u25cf watching" : "* watching";
}

void mml_look_shade(const struct mml_canvas *canvas, int y, int x, double share)
{
	static const uint32_t fancy[] = { 0xb7, 0x2591, 0x2592, 0x2593, 0x2588 };
	static const char plain[] = ".-+*#";
	int n = share <= 0 ? 0 : 1 + (int)(share * 3.999);

	mml_draw_char(canvas, y, x, mml_heat_ink(share), canvas->utf8 ? fancy[n] : (uint32_t)plain[n]);
}

bool mml_look_innermost(const struct mml_table *table, size_t at)
{
	const struct mml_row *row = mml_table_row(table, at);
	uint64_t depth, next = 0;

	if (!mml_look_str(table, row, "path") || !mml_look_u64(table, row, "depth", &depth) || !depth)
		return false;
	return at + 1 == table->nrows ||
	       !mml_look_u64(table, mml_table_row(table, at + 1), "depth", &next) || next <= depth;
}

enum mml_ink mml_look_zone_ink(const char *state)
{
	return !state ? MML_INK_QUIET :
	       !strcmp(state, "below-min") ? MML_INK_BAD :
	       !strcmp(state, "below-low") ? MML_INK_WARN :
					     MML_INK_TEXT;
}

const char *mml_look_zone_word(const char *state)
{
	return !state			     ? "-" :
	       !strcmp(state, "below-min") ? "!! min" :
	       !strcmp(state, "below-low") ? "! low" :
					     "above";
}

static const char *take_to(struct mml_buf *buf, char *ret, size_t size)
{
	size_t len = buf->error ? 0 : buf->len < size ? buf->len : size - 1;

	/* Half a character is worse than none. */
	while (len && len < buf->len && ((unsigned char)buf->data[len] & 0xc0) == 0x80)
		len--;
	if (len)
		memcpy(ret, buf->data, len);
	ret[len] = '\0';
	mml_buf_free(buf);
	return ret;
}

static const char *take_text(struct mml_buf *buf, char ret[MML_LOOK_TEXT])
{
	return take_to(buf, ret, MML_LOOK_TEXT);
}

const char *mml_look_text(const struct mml_table *table, const struct mml_row *row,
			  const char *name, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	int col = mml_look_id(table->schema, name, ~0u);
	struct mml_buf buf = { 0 };

	if (col >= 0)
		mml_cell_text(&buf, &table->schema->columns[col], (unsigned)col, row, style);
	return take_text(&buf, ret);
}

const char *mml_look_size(double bytes, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	if (isnan(bytes))
		snprintf(ret, MML_LOOK_TEXT, "-");
	else if (bytes == 0)
		snprintf(ret, MML_LOOK_TEXT, "0");
	else
		ret[mml_format_size(ret, bytes, style->units, style->page_size)] = '\0';
	return ret;
}

const char *mml_look_safe(const char *s, const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	struct mml_buf buf = { 0 };

	mml_escape(&buf, s, strlen(s), style->utf8);
	return take_text(&buf, ret);
}

const char *mml_look_long(const char *text, const struct mml_style *style, char *ret, size_t size)
{
	struct mml_buf buf = { 0 };

	mml_escape(&buf, text, strlen(text), style->utf8);
	return take_to(&buf, ret, size);
}

const char *mml_look_left(double seconds, char ret[MML_LOOK_TEXT])
{
	if (isnan(seconds))
		snprintf(ret, MML_LOOK_TEXT, "-");
	else if (seconds < 120)
		snprintf(ret, MML_LOOK_TEXT, "%.0f s", seconds);
	else if (seconds < 120 * 60)
		snprintf(ret, MML_LOOK_TEXT, "%.0f min", seconds / 60);
	else
		snprintf(ret, MML_LOOK_TEXT, "%.0f h", seconds / 3600);
	return ret;
}

struct mml_canvas mml_look_section(const struct mml_canvas *canvas, const char *title,
				   const char *remark)
{
	int x = mml_draw(canvas, 0, 0, MML_INK_STRONG, title) + 1;
	int end = canvas->cols;

	if (remark && *remark) {
		int len = (int)mml_text_width(remark, strlen(remark), canvas->utf8);

		if (x + len + 3 <= canvas->cols) {
			end -= len + 1;
			mml_draw(canvas, 0, end + 1, MML_INK_QUIET, remark);
		}
	}
	mml_draw_run(canvas, 0, x, end - x, MML_INK_QUIET, canvas->utf8 ? 0x2500 : '-');
	return mml_canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->cols);
}

bool mml_look_absent(const struct mml_canvas *canvas, const struct mml_table *table)
{
	if (table && table->nrows)
		return false;
	mml_draw_field(canvas, 0, 0, canvas->cols, false, MML_INK_QUIET,
		       !table	    ? "waiting for the first sample" :
		       table->error ? table->absence.reason :
		       table->note  ? table->note :
				      "nothing");
	if (table && table->error && table->absence.needs && canvas->rows > 1) {
		int x = mml_draw(canvas, 1, 0, MML_INK_QUIET, "needs ");

		mml_draw_field(canvas, 1, x, canvas->cols - x, false, MML_INK_QUIET,
			       table->absence.needs);
	}
	return true;
}

bool mml_look_unread(const struct mml_table *table, const char *column, int room, char *ret, size_t size)
{
	int id = table && table->columns ? mml_schema_find(table->schema, column, strlen(column)) : -1;
	const struct mml_absence *why = id < 0 ? NULL : &table->columns[id];
	const char *reason = why ? why->reason : NULL, *file;

	if (!reason)
		return false;
	/* "/proc/PID/numa_maps: permission denied for 3 of 9 processes" */
	file = *reason == '/' ? strstr(reason, ": ") : NULL;
	reason = file ? file + 2 : reason;
	if (!why->needs || snprintf(ret, size, "%s; it takes %s", reason, why->needs) > room)
		snprintf(ret, size, "%s", reason);
	return true;
}

void mml_look_age(const struct mml_canvas *canvas, const struct mml_moment *moment)
{
	for (int y = 0; moment->old && y < canvas->rows; y++)
		for (int x = 0; x < canvas->cols; x++) {
			struct mml_glyph *cell = canvas->cells + (size_t)y * (size_t)canvas->stride + x;

			/* The cursor must stay visible. */
			cell->ink = MML_INK_OLD | (cell->ink & MML_ON_CURSOR);
		}
}

/* Returns the part of lowest priority that still has rows, or N if there is none. Among equal ones
 * it is the last. */
static size_t lowest(const struct mml_stack *parts, size_t n, const int *rows)
{
	size_t low = n;

	for (size_t i = 0; i < n; i++)
		if (rows[i] && (low == n || parts[i].priority <= parts[low].priority))
			low = i;
	return low;
}

void mml_look_stack(const struct mml_canvas *canvas, const struct mml_stack *parts, size_t n,
		    void *ctx)
{
	int rows[16], left = canvas->rows, y = 0;
	bool grown = true;

	n = n > 16 ? 16 : n;
	for (size_t i = 0; i < n; i++) {
		rows[i] = parts[i].max > 0 ? parts[i].min : 0;
		left -= rows[i];
	}
	while (left < 0) {
		size_t low = lowest(parts, n, rows);

		if (low == n)
			return;
		left += rows[low];
		rows[low] = 0;
	}
	/* Rows that are left are given to the parts in turn, one at a time. */
	while (left > 0 && grown) {
		grown = false;
		for (size_t i = 0; i < n && left > 0; i++)
			if (rows[i] && rows[i] < parts[i].max) {
				rows[i]++;
				left--;
				grown = true;
			}
	}
	for (size_t i = 0; i < n; i++) {
		struct mml_canvas part = mml_canvas_part(canvas, y, 0, rows[i], canvas->cols);

		if (rows[i])
			parts[i].draw(ctx, &part);
		y += rows[i];
	}
}

double mml_look_rate(const struct mml_moment *moment, const char *name)
{
	const struct mml_table *table = mml_look_table(moment, "vmstat");
	double sum = (double)NAN;

	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *counter = mml_look_str(table, row, "name");
		double rate = mml_look_num(table, row, "rate");

		if (!counter || isnan(rate) || strncmp(counter, name, strlen(name)))
			continue;
		sum = (isnan(sum) ? 0 : sum) + rate;
	}
	return sum;
}

double mml_look_stalled(const struct mml_moment *moment, const char *stall)
{
	const struct mml_table *psi = mml_look_table(moment, "psi");
	const struct mml_row *row = mml_look_row(psi, "resource", "memory", "stall", stall);

	return row ? mml_look_num(psi, row, "stalled") : (double)NAN;
}
