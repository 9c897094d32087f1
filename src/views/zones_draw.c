/* How a zone is drawn: its watermarks, its free blocks by order, and its migrate types. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zones.h"

enum { ORDERS = 18 };

const char *zone_label(const struct mml_table *zones, const struct mml_row *row,
		       const struct mml_style *style, char ret[MML_LOOK_TEXT])
{
	char text[MML_LOOK_TEXT];
	uint64_t node = 0;

	mml_look_u64(zones, row, "node", &node);
	mml_look_safe(mml_look_str(zones, row, "zone"), style, text);
	snprintf(ret, MML_LOOK_TEXT, "%" PRIu64 " %.100s", node, text);
	return ret;
}

void zone_marks(const struct mml_canvas *canvas, int y, int x, int cols, const struct mml_table *zones,
		const struct mml_row *row)
{
	double usable = mml_look_num(zones, row, "usable"), min = mml_look_num(zones, row, "min");
	double low = mml_look_num(zones, row, "low"), high = mml_look_num(zones, row, "high");
	double promo = mml_look_num(zones, row, "promo");
	double managed = mml_look_num(zones, row, "managed");
	struct mml_scale scale = { fmax(min / 4, 1), fmax(managed, high * 2), true };
	const struct mml_mark marks[] = { { min, 'm' }, { low, 'l' }, { high, 'h' }, { promo, 'p' } };
	size_t n = isnan(promo) ? 3 : 4;

	if (isnan(managed))
		scale.hi = fmax(usable, high * 2);
	/* A zone without watermarks has nothing to mark. */
	if (!(high > 0))
		n = 0;
	mml_plot_marks(canvas, y, x, cols, usable, &scale, marks, n,
		       mml_look_zone_ink(mml_look_str(zones, row, "class_state")));
}

/* Draws fields such as "min 60.4M", as many as fit. */
static void draw_fields(const struct zone_look *look, const struct mml_canvas *canvas, int y)
{
	static const char *const names[] = { "min",  "low",     "high",    "promo",     "boost",
					     "pcp",  "managed", "present", "protection" };
	char text[MML_LOOK_TEXT];
	int x = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int len;

		if (!mml_look_text(look->zones, look->row, names[i], &look->moment->style, text) ||
		    !strcmp(text, "-"))
			continue;
		len = (int)(strlen(names[i]) + 1 + strlen(text));
		if (x + len > canvas->cols)
			continue;
		mml_draw(canvas, y, x, MML_INK_QUIET, names[i]);
		mml_draw(canvas, y, x + (int)strlen(names[i]) + 1, MML_INK_TEXT, text);
		x += len + 2;
	}
}

void zone_draw_marks(void *ctx, const struct mml_canvas *canvas)
{
	const struct zone_look *look = ctx;
	char label[MML_LOOK_TEXT], title[MML_LOOK_TEXT + 16], state[MML_LOOK_TEXT];
	struct mml_canvas body;

	snprintf(title, sizeof(title), "Node %s",
		 zone_label(look->zones, look->row, &look->moment->style, label));
	body = mml_look_section(canvas, title,
				mml_look_text(look->zones, look->row, "state",
					      &look->moment->style, state));
	draw_fields(look, &body, 0);
}

/* Returns whether ROW of TABLE is about ZONE, which is a row of the table zones. */
static bool same_zone(const struct mml_table *table, const struct mml_row *row,
		      const struct mml_table *zones, const struct mml_row *zone)
{
	const char *a = mml_look_str(table, row, "zone"), *b = mml_look_str(zones, zone, "zone");
	uint64_t x = 0, y = 0;

	return a && b && !strcmp(a, b) && mml_look_u64(table, row, "node", &x) &&
	       mml_look_u64(zones, zone, "node", &y) && x == y;
}

/* Puts the zone's rows of the buddy table into RET by order. Returns how many there are. */
static size_t orders_of(const struct zone_look *look, const struct mml_row *zone,
			const struct mml_row *ret[ORDERS])
{
	const struct mml_table *buddy = mml_look_table(look->moment, "buddy");
	size_t n = 0;

	for (size_t i = 0; buddy && i < buddy->nrows && n < ORDERS; i++) {
		const struct mml_row *row = mml_table_row(buddy, i);

		if (same_zone(buddy, row, look->zones, zone))
			ret[n++] = row;
	}
	return n;
}

/* Writes N into RET so that it fits into COLS columns: as it is, or rounded down to whole
 * thousands, millions and so on. If even that does not fit or would be 0, N is written in full. */
static void count_text(double n, int cols, char *ret, size_t size)
{
	static const char units[] = "kMGTP";
	double thousands = n;

	snprintf(ret, size, "%.0f", n);
	for (int u = 0; units[u] && (int)strlen(ret) > cols; u++) {
		thousands = floor(thousands / 1000);
		if (thousands < 1) {
			snprintf(ret, size, "%.0f", n);
			return;
		}
		snprintf(ret, size, "%.0f%c", thousands, units[u]);
	}
}

/* Returns how many columns the words at the left take. */
static int label(const struct mml_canvas *canvas)
{
	return canvas->cols < 60 ? 7 : canvas->cols < 78 ? 9 : 12;
}

/* Returns where order O of N begins. */
static int order_x(const struct mml_canvas *canvas, size_t o, size_t n)
{
	int width = n ? (canvas->cols - label(canvas)) / (int)n : 0;

	return label(canvas) + (int)o * (width > 9 ? 9 : width);
}

static int order_width(const struct mml_canvas *canvas, size_t n)
{
	int width = n ? (canvas->cols - label(canvas)) / (int)n : 0;

	width = width > 9 ? 9 : width;
	return width > 2 ? width - 1 : width;
}

static void draw_label(const struct mml_canvas *canvas, int y, const char *text)
{
	mml_draw_field(canvas, y, 0, label(canvas) - 1, false, MML_INK_QUIET, text);
}

static void draw_heads(const struct mml_canvas *canvas, int y, const struct mml_table *buddy,
		       const struct mml_row *const *rows, size_t n, bool sizes,
		       const struct mml_style *style)
{
	int width = order_width(canvas, n);
	char text[MML_LOOK_TEXT];

	draw_label(canvas, y, sizes ? "block" : "order");
	for (size_t o = 0; o < n; o++) {
		if (sizes)
			mml_format_size(text, mml_look_num(buddy, rows[o], "block_size"), MML_AUTO,
					style->page_size);
		else
			snprintf(text, sizeof(text), "%zu", o);
		/* "4.0K" is shortened to "4K", which says the same of a block. */
		if (sizes && strstr(text, ".0"))
			memmove(strstr(text, ".0"), strstr(text, ".0") + 2,
				strlen(strstr(text, ".0") + 2) + 1);
		mml_draw_field(canvas, y, order_x(canvas, o, n), width, true, MML_INK_QUIET, text);
	}
}

/* What a row of the heat map shows of each order. */
enum what { BLOCKS, USABLE, FRAGMENTATION };

static double heat_of(const struct mml_table *buddy, const struct mml_row *row, enum what what,
		      double free, int cols, char *ret, size_t size)
{
	double index = mml_look_num(buddy, row, "fragmentation_index");
	double unusable = mml_look_num(buddy, row, "unusable_index");
	double part = mml_look_num(buddy, row, "free");

	switch (what) {
	case BLOCKS:
		count_text(mml_look_num(buddy, row, "free_blocks"), cols, ret, size);
		return free > 0 ? part / free : 0;
	case USABLE:
		/* It is rounded down, so that 100% means all of it. */
		snprintf(ret, size, cols < 4 ? "%.0f" : "%.0f%%",
			 floor((1 - unusable) * 100 + 1e-9));
		return 1 - unusable;
	case FRAGMENTATION:
		/* The index is -1 if an allocation of this order would succeed. */
		if (index < 0)
			snprintf(ret, size, "-");
		else
			snprintf(ret, size, cols < 5 ? "%.1f" : "%.3f", index);
		return index < 0 ? 0 : index;
	}
	return (double)NAN;
}

static bool would_fail(const struct mml_table *buddy, const struct mml_row *const *rows, size_t n)
{
	for (size_t o = 0; o < n; o++)
		if (mml_look_num(buddy, rows[o], "fragmentation_index") >= 0)
			return true;
	return false;
}

void zone_draw_orders(void *ctx, const struct mml_canvas *canvas)
{
	static const char *const labels[] = { "blocks", "usable", "fragidx" };
	const struct zone_look *look = ctx;
	const struct mml_table *buddy = mml_look_table(look->moment, "buddy");
	const struct mml_row *rows[ORDERS];
	struct mml_canvas body = mml_look_section(canvas, "Free blocks by order", NULL);
	size_t n = orders_of(look, look->row, rows);
	int y = 0, width = order_width(&body, n);
	double free = 0;
	char text[32];

	if (mml_look_absent(&body, buddy))
		return;
	for (size_t o = 0; o < n; o++)
		free += mml_look_num(buddy, rows[o], "free");
	draw_heads(&body, y++, buddy, rows, n, body.rows < 6 && body.cols >= 60,
		   &look->moment->style);
	if (body.rows >= 6)
		draw_heads(&body, y++, buddy, rows, n, true, &look->moment->style);
	for (int what = BLOCKS; what <= FRAGMENTATION && y < body.rows; what++) {
		/* Where every order could be had there is nothing to explain. */
		if (what == FRAGMENTATION && !would_fail(buddy, rows, n))
			continue;
		draw_label(&body, y, labels[what]);
		for (size_t o = 0; o < n; o++) {
			double share = heat_of(buddy, rows[o], (enum what)what, free, width, text,
					       sizeof(text));

			mml_plot_heat(&body, y, order_x(&body, o, n), width, share, text);
		}
		y++;
	}
}

int zone_types(const struct zone_look *look)
{
	const struct mml_table *types = mml_look_table(look->moment, "pagetypes");
	int n = 0;

	for (size_t i = 0; types && i < types->nrows; i++)
		n += same_zone(types, mml_table_row(types, i), look->zones, look->row);
	return n;
}

/* Draws the free blocks of a migrate type by order. The shade is their share of the type's free
 * memory. */
static void draw_type(const struct zone_look *look, const struct mml_canvas *canvas, int y,
		      const struct mml_table *types, const struct mml_row *row, size_t orders)
{
	int width = order_width(canvas, orders);
	double free = mml_look_num(types, row, "free");
	char text[MML_LOOK_TEXT], name[32];

	mml_draw_field(canvas, y, 0, label(canvas) - 1, false, MML_INK_QUIET,
		       mml_look_text(types, row, "type", &look->moment->style, text));
	for (size_t o = 0; o < orders; o++) {
		double blocks, bytes;

		snprintf(name, sizeof(name), "order_%zu", o);
		blocks = mml_look_num(types, row, name);
		bytes = blocks * (double)(look->moment->style.page_size << o);
		count_text(blocks, width, text, sizeof(text));
		mml_plot_heat(canvas, y, order_x(canvas, o, orders), width,
			      isnan(blocks) ? (double)NAN : free > 0 ? bytes / free : 0,
			      isnan(blocks) ? NULL : text);
	}
}

void zone_draw_types(void *ctx, const struct mml_canvas *canvas)
{
	const struct zone_look *look = ctx;
	const struct mml_table *types = mml_look_table(look->moment, "pagetypes");
	const struct mml_row *rows[ORDERS];
	size_t orders = orders_of(look, look->row, rows);
	struct mml_canvas body = mml_look_section(canvas, "Migrate types", "free blocks by order, of a type's free memory");
	char text[MML_LOOK_TEXT];
	int y = 0, beside;

	if (mml_look_absent(&body, types))
		return;
	beside = order_x(&body, orders, orders);
	if (body.cols - beside >= 20) {
		mml_draw_field(&body, 0, beside, 9, true, MML_INK_QUIET, "FREE");
		mml_draw_field(&body, 0, beside + 9, 11, true, MML_INK_QUIET, "PAGEBLOCKS");
		y = 1;
	}
	for (size_t i = 0; i < types->nrows && y < body.rows; i++) {
		const struct mml_row *row = mml_table_row(types, i);

		if (!same_zone(types, row, look->zones, look->row))
			continue;
		draw_type(look, &body, y, types, row, orders);
		if (body.cols - beside >= 20) {
			mml_draw_field(&body, y, beside, 9, true, MML_INK_TEXT,
				       mml_look_text(types, row, "free", &look->moment->style, text));
			mml_draw_field(&body, y, beside + 9, 11, true, MML_INK_TEXT,
				       mml_look_text(types, row, "pageblocks",
						     &look->moment->style, text));
		}
		y++;
	}
}

/* Draws a row for every zone: how much of its free memory is usable at each order. */
void zone_draw_all(void *ctx, const struct mml_canvas *canvas)
{
	const struct zone_look *look = ctx;
	const struct mml_table *buddy = mml_look_table(look->moment, "buddy");
	struct mml_canvas body =
		mml_look_section(canvas, "All zones", "free memory usable at each order");
	char text[MML_LOOK_TEXT];
	size_t first = 0;

	if (mml_look_absent(&body, buddy))
		return;
	/* The rows are scrolled so that the zone looked at is among them. */
	for (size_t i = 0; i < look->nrows; i++)
		if (look->rows[i] == look->row && (int)i >= body.rows - 1)
			first = i - (size_t)(body.rows - 2);
	for (int y = 1; y < body.rows && first < look->nrows; y++, first++) {
		const struct mml_row *rows[ORDERS];
		size_t n = orders_of(look, look->rows[first], rows);
		int width = order_width(&body, n);

		if (y == 1)
			draw_heads(&body, 0, buddy, rows, n, false, &look->moment->style);
		mml_draw_field(&body, y, 0, label(&body) - 1, false, MML_INK_QUIET,
			       zone_label(look->zones, look->rows[first], &look->moment->style,
					  text));
		for (size_t o = 0; o < n; o++) {
			double share = heat_of(buddy, rows[o], USABLE, 0, width, text, sizeof(text));

			mml_plot_heat(&body, y, order_x(&body, o, n), width, share, text);
		}
	}
}
