/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overview.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct {
	const char *name;
	enum mml_ink ink;
} groups[] = {
#define G(id, ...) { __VA_ARGS__ },
	OVERVIEW_GROUPS(G)
#undef G
};

enum overview_group overview_group(const char *item)
{
	static const struct {
		const char *item;
		enum overview_group group;
	} of[] = {
		{ "free", GROUP_FREE },         { "pcp", GROUP_FREE },
		{ "file_clean", GROUP_CACHE },  { "file_dirty", GROUP_CACHE },
		{ "file", GROUP_CACHE },        { "writeback_tmp", GROUP_CACHE },
		{ "zfs_arc", GROUP_CACHE },     { "shmem", GROUP_ANON },
		{ "anon", GROUP_ANON },         { "lru", GROUP_ANON },
		{ "unevictable", GROUP_PINNED }, { "isolated", GROUP_PINNED },
		{ "slab_reclaimable", GROUP_SLAB }, { "slab_unreclaimable", GROUP_SLAB },
		{ "slab", GROUP_SLAB },         { "hugetlb", GROUP_HUGE },
		{ "zsmalloc", GROUP_PINNED },   { "zswap", GROUP_PINNED },
		{ "balloon", GROUP_PINNED },    { "hardware_corrupted", GROUP_PINNED },
		{ "unaccounted", GROUP_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++)
		if (!strcmp(item, of[i].item))
			return of[i].group;
	return GROUP_KERNEL;
}

static void add_up(struct overview *ov, const struct mml_table *balance)
{
	ov->total = 0;
	for (int i = 0; i < GROUPS; i++)
		ov->parts[i] = (struct mml_part){ 0, groups[i].ink, (unsigned)i };
	for (size_t i = 0; balance && i < balance->nrows; i++) {
		const struct mml_row *row = mml_table_row(balance, i);
		const char *item = mml_look_str(balance, row, "item");
		double bytes = mml_look_num(balance, row, "bytes");

		if (!item || isnan(bytes))
			continue;
		ov->parts[overview_group(item)].value += bytes;
		ov->total += bytes;
	}
}

/* Appends the pattern that stands for the row's group in the bar. */
static void legend(void *ctx, const struct mml_row *row, bool utf8, struct mml_buf *out)
{
	struct mml_canvas canvas = { .utf8 = utf8 };
	uint32_t ch = mml_plot_pattern(&canvas, overview_group(row->cell[BALANCE_item].str));

	(void)ctx;
	if (ch < 0x80) {
		mml_buf_putc(out, (char)ch);
	} else {
		mml_buf_putc(out, (char)(0xe0 | ch >> 12));
		mml_buf_putc(out, (char)(0x80 | (ch >> 6 & 0x3f)));
		mml_buf_putc(out, (char)(0x80 | (ch & 0x3f)));
	}
	mml_buf_putc(out, ' ');
}

static enum mml_ink row_ink(void *ctx, const struct mml_row *row, unsigned col, enum mml_ink ink)
{
	(void)ctx;
	return col == BALANCE_item ? groups[overview_group(row->cell[BALANCE_item].str)].ink : ink;
}

static const struct mml_grid_hooks hooks = { .ink = row_ink, .prefix = legend };

static int overview_open(struct mml_view *view)
{
	struct overview *ov = (struct overview *)view;

	ov->grid = mml_grid_new(&mml_collector_balance.schema);
	if (!ov->grid)
		return -ENOMEM;
	/* The largest parts come first, so that those a small screen has no room for are small. */
	mml_select_columns(mml_grid_select(ov->grid), "item,bytes,share,reclaim");
	mml_select_sort(mml_grid_select(ov->grid), "-bytes");
	mml_grid_hook(ov->grid, &hooks, ov);
	mml_grid_changed(ov->grid);
	return 0;
}

static void overview_close(struct mml_view *view)
{
	struct overview *ov = (struct overview *)view;

	mml_grid_free(ov->grid);
	mml_past_free(&ov->past);
}

static void overview_want(struct mml_view *view, struct mml_wants *ret)
{
	static const char *const tables[] = { "balance", "meminfo", "vmstat",  "zones", "buddy",
					      "slab",	 "psi",	    "swaps", "findings" };

	(void)view;
	/* The findings come last because they are made of the other tables. */
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		mml_want(ret, tables[i], "");
}

static void overview_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	struct overview *ov = (struct overview *)view;

	ov->moment = moment;
	add_up(ov, mml_look_table(moment, "balance"));
	if (fresh && moment->now)
		overview_remember(ov);
	mml_grid_sample(ov->grid, moment);
	ov->moment = NULL;
}

/* On a narrow screen all parts lie below each other, with what matters most on top. */
static void draw_narrow(struct overview *ov, const struct mml_canvas *canvas)
{
	int found = overview_findings_rows(ov, canvas->cols);
	int swap = overview_has_swap(ov) ? 2 : 1;
	const struct mml_stack parts[] = {
		{ overview_bar, 1, canvas->rows >= 16 ? 2 : 1, 9 },
		{ overview_findings, canvas->rows < 14 ? 1 : 2,
		  canvas->rows < 14 ? 1 : found > 4 && canvas->rows < 30 ? 4 : found, 7 },
		{ overview_balance, 4, 100, 8 },
		{ overview_zones, 2, 1 + overview_zones_rows(ov), 6 },
		{ overview_pressure, 2, 3, 5 },
		{ overview_swap, swap, swap == 1 ? 1 : 3, 4 },
		{ overview_slab_short, 3, 6, 3 },
	};

	mml_look_stack(canvas, parts, sizeof(parts) / sizeof(*parts), ov);
}

static void draw_two(struct overview *ov, const struct mml_canvas *canvas)
{
	int left = canvas->cols * 45 / 100, right = canvas->cols - left - 2;
	int swap = overview_has_swap(ov) ? 2 : 1;
	struct mml_canvas a = mml_canvas_part(canvas, 0, 0, canvas->rows, left);
	struct mml_canvas b = mml_canvas_part(canvas, 0, left + 2, canvas->rows, right);
	const struct mml_stack one[] = { { overview_balance, 3, 100, 9 } };
	const struct mml_stack two[] = {
		{ overview_history, 3, canvas->rows > 30 ? 12 : 4, 3 },
		{ overview_zones, 2, 1 + overview_zones_rows(ov), 9 },
		{ overview_pressure, 3, 1 + PRESSURES, 8 },
		{ overview_swap, swap, swap == 1 ? 1 : 3, 7 },
		{ overview_slab_short, 3, 40, 6 },
	};

	mml_look_stack(&a, one, 1, ov);
	mml_look_stack(&b, two, sizeof(two) / sizeof(*two), ov);
}

static void draw_three(struct overview *ov, const struct mml_canvas *canvas)
{
	int left = 48, middle = (canvas->cols - left - 4) / 2;
	int right = canvas->cols - left - middle - 4;
	int swap = overview_has_swap(ov) ? 2 : 1;
	struct mml_canvas a = mml_canvas_part(canvas, 0, 0, canvas->rows, left);
	struct mml_canvas b = mml_canvas_part(canvas, 0, left + 2, canvas->rows, middle);
	struct mml_canvas c =
		mml_canvas_part(canvas, 0, left + middle + 4, canvas->rows, right);
	const struct mml_stack one[] = { { overview_balance, 3, 100, 9 } };
	const struct mml_stack two[] = {
		{ overview_history, 4, 18, 8 },
		{ overview_zones, 2, 1 + overview_zones_rows(ov), 9 },
	};
	const struct mml_stack three[] = {
		{ overview_pressure, 2, 1 + PRESSURES, 9 },
		{ overview_swap, swap, swap == 1 ? 1 : 3, 8 },
		{ overview_growth, 3, 12, 7 },
		{ overview_slab, 3, 25, 6 },
	};

	mml_look_stack(&a, one, 1, ov);
	mml_look_stack(&b, two, 2, ov);
	mml_look_stack(&c, three, sizeof(three) / sizeof(*three), ov);
}

/* On a wide screen the parts are in columns, with the bar above them and the findings below. */
static void draw_wide(struct overview *ov, const struct mml_canvas *canvas)
{
	int found = overview_findings_rows(ov, canvas->cols), most = canvas->rows / 4;
	int below = found < most ? found : most < 2 ? 2 : most;
	int body = canvas->rows - 3 - below;
	struct mml_canvas top = mml_canvas_part(canvas, 0, 0, 2, canvas->cols);
	struct mml_canvas middle = mml_canvas_part(canvas, 3, 0, body, canvas->cols);
	struct mml_canvas bottom = mml_canvas_part(canvas, 3 + body, 0, below, canvas->cols);

	overview_bar(ov, &top);
	if (canvas->cols >= 130)
		draw_three(ov, &middle);
	else
		draw_two(ov, &middle);
	overview_findings(ov, &bottom);
}

static void overview_draw(struct mml_view *view, const struct mml_moment *moment,
			  const struct mml_canvas *canvas)
{
	struct overview *ov = (struct overview *)view;

	ov->moment = moment;
	if (ov->explaining)
		overview_explain(ov, canvas);
	else if (canvas->cols < 72 || canvas->rows < 12)
		draw_narrow(ov, canvas);
	else
		draw_wide(ov, canvas);
	mml_look_age(canvas, moment);
	ov->moment = NULL;
}

static bool overview_input(struct mml_view *view, const struct mml_moment *moment,
			   const struct mml_input *in, struct mml_action *ret)
{
	struct overview *ov = (struct overview *)view;

	(void)moment;
	(void)ret;
	if (in->key == 'f') {
		ov->explaining = !ov->explaining;
		ov->scroll = 0;
		return true;
	}
	return ov->explaining && overview_explain_input(ov, in);
}

static const struct mml_view_key keys[] = {
	{ "f", "what looks wrong, with the numbers and what it means" },
	{ NULL, NULL },
};

static struct mml_grid *overview_grid(struct mml_view *view)
{
	struct overview *ov = (struct overview *)view;

	return ov->explaining ? NULL : ov->grid;
}

const struct mml_view_ops mml_view_overview = {
	.name = "overview",
	.help = "where memory is, what happens to it, and what looks wrong",
	.size = sizeof(struct overview),
	.background = true,
	.keys = keys,
	.open = overview_open,
	.close = overview_close,
	.want = overview_want,
	.sample = overview_sample,
	.draw = overview_draw,
	.input = overview_input,
	.grid = overview_grid,
};
