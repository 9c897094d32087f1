/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "../collectors/registry.h"
#include "../ui/grid.h"
#include "../ui/plot.h"
#include "look.h"

struct nodes {
	struct mml_view view;
	struct mml_grid *grid;
	const struct mml_moment *moment; /* valid while drawing */
};

/* The kinds of memory that the bars show. */
static const struct {
	const char *column; /* NULL: what is used and in none of the others */
	enum mml_use use;
} kinds[] = {
	{ "anon", MML_USE_ANON }, { "shmem", MML_USE_SHMEM },	{ "file_pages", MML_USE_FILE },
	{ "slab", MML_USE_SLAB }, { "hugetlb", MML_USE_HUGE }, { NULL, MML_USE_KERNEL },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static int nodes_open(struct mml_view *view)
{
	struct nodes *n = (struct nodes *)view;

	n->grid = mml_grid_new(&mml_collector_find("nodes")->schema);
	if (!n->grid)
		return -ENOMEM;
	mml_select_columns(mml_grid_select(n->grid),
			   "node,kind,cpus,total,used_share,free,numa_hit_rate,numa_miss_rate,"
			   "local_share,miss_share,anon,file_pages,slab,anon_huge,hugetlb");
	mml_grid_changed(n->grid);
	return 0;
}

static void nodes_close(struct mml_view *view)
{
	mml_grid_free(((struct nodes *)view)->grid);
}

static void nodes_want(struct mml_view *view, struct mml_wants *ret)
{
	struct mml_query *query;

	mml_want_select(ret, mml_grid_select(((struct nodes *)view)->grid));
	mml_want(ret, "distances", "");
	query = mml_want(ret, "processes", "pid,comm,rss,nodes");
	/* The kernel walks every page of a process: what stands on the nodes moves slowly. */
	if (query)
		query->reading.budget_ns = 10000000;
}

static void nodes_sample(struct mml_view *view, const struct mml_moment *moment, bool fresh)
{
	(void)fresh;
	mml_grid_sample(((struct nodes *)view)->grid, moment);
}

static void draw_grid(void *ctx, const struct mml_canvas *canvas)
{
	struct nodes *n = ctx;

	mml_grid_draw(n->grid, n->moment, canvas);
}

static size_t node_count(const struct nodes *n)
{
	const struct mml_table *table = mml_look_table(n->moment, "nodes");

	return table ? table->nrows : 0;
}

/* Returns the node under the cursor, or -1 if there is none. */
static long node_of(const struct nodes *n, const struct mml_moment *moment)
{
	const struct mml_table *table = mml_look_table(moment, "nodes");
	const struct mml_row *row = table ? mml_grid_row(n->grid) : NULL;
	uint64_t node;

	return row && mml_look_u64(table, row, "node", &node) ? (long)node : -1;
}

/* Returns the first row of TABLE to show, if SHOWN rows fit and that of NODE is to be among them. */
static size_t first_shown(const struct mml_table *table, long node, int shown)
{
	size_t at = 0;
	uint64_t v;

	for (size_t i = 0; i < table->nrows; i++)
		if (mml_look_u64(table, mml_table_row(table, i), "node", &v) && (long)v == node)
			at = i;
	return shown > 0 && at >= (size_t)shown ? at - (size_t)shown + 1 : 0;
}

static double largest_node(const struct mml_table *table)
{
	double most = 0;

	for (size_t i = 0; i < table->nrows; i++)
		most = fmax(most, mml_look_num(table, mml_table_row(table, i), "total"));
	return most;
}

/* What a node has of each kind, and what is free: as much of it as is known. */
static void parts_of(const struct mml_table *table, const struct mml_row *row,
		     struct mml_part parts[KINDS + 1])
{
	double total = mml_look_num(table, row, "total"), used = mml_look_num(table, row, "used");
	double known = 0;

	for (int i = 0; i < KINDS; i++) {
		double v = kinds[i].column ? mml_look_num(table, row, kinds[i].column) : (double)NAN;

		parts[i] = (struct mml_part){ isnan(v) ? 0 : v, kinds[i].use };
		known += parts[i].value;
	}
	/* Files of the page cache count shared memory, too. */
	parts[2].value = fmax(parts[2].value - parts[1].value, 0);
	known -= parts[1].value;
	/* Counters that are broken can add up to more than the whole: then no part is shown. */
	for (int i = 0; known > used * 1.02 && i < KINDS; i++)
		parts[i].value = 0;
	known = known > used * 1.02 ? 0 : known;
	parts[KINDS - 1].value = fmax(used - known, 0);
	parts[KINDS] = (struct mml_part){ total - fmax(used, known), MML_USE_FREE };
}

/* Draws the memory of a node by kind. All nodes have the same scale, so that they can be compared. */
static void draw_bar(const struct nodes *n, const struct mml_canvas *canvas, int y,
		     const struct mml_table *table, const struct mml_row *row, double most)
{
	struct mml_part parts[KINDS + 1];
	char text[MML_LOOK_TEXT];
	uint64_t node = 0;
	int x = 5, end = canvas->cols - 8;

	mml_look_u64(table, row, "node", &node);
	mml_drawf(canvas, y, 0, MML_INK_TEXT, "%4" PRIu64, node);
	mml_draw_field(canvas, y, end, 8, true, MML_INK_TEXT,
		       mml_look_text(table, row, "total", &n->moment->style, text));
	if (!(mml_look_num(table, row, "total") > 0)) {
		mml_draw(canvas, y, x, MML_INK_QUIET, "no memory");
	} else if (end - x >= 8) {
		parts_of(table, row, parts);
		mml_plot_bar(canvas, y, x, end - x, parts, KINDS + 1, most);
	}
	if ((long)node == node_of(n, n->moment))
		mml_draw_cursor(canvas, y, 0, 4);
}

static void draw_bars(void *ctx, const struct mml_canvas *canvas)
{
	struct nodes *n = ctx;
	const struct mml_table *table = mml_look_table(n->moment, "nodes");
	struct mml_canvas body = mml_look_section(canvas, "Memory of the nodes", NULL);
	int x = 0, shown = body.rows - 1;
	size_t first;

	if (mml_look_absent(&body, table))
		return;
	for (int i = 0; i < KINDS; i++) {
		const char *name = kinds[i].column ? mml_use_name(kinds[i].use) : "other";

		if (x + 2 + (int)strlen(name) > body.cols)
			break;
		mml_draw_char(&body, shown, x, mml_use_ink(kinds[i].use),
			      mml_use_char(&body, kinds[i].use));
		x += 3 + mml_draw(&body, shown, x + 2, MML_INK_QUIET, name) + 1;
	}
	first = first_shown(table, node_of(n, n->moment), shown);
	for (int y = 0; y < shown && first + (size_t)y < table->nrows; y++)
		draw_bar(n, &body, y, table, mml_table_row(table, first + (size_t)y),
			 largest_node(table));
}

/* Draws the distance from every node to every other one. Rows and columns have the order of the
 * table. */
static void draw_distances(void *ctx, const struct mml_canvas *canvas)
{
	struct nodes *n = ctx;
	const struct mml_table *table = mml_look_table(n->moment, "distances");
	struct mml_canvas body = mml_look_section(canvas, "Distances", "10 is the node itself");
	double most = 11;
	uint64_t from = UINT64_MAX, a = 0, b = 0;
	int y, x = 0, count = (int)node_count(n), width;
	size_t skip, at = 0;
	char text[32];

	if (mml_look_absent(&body, table))
		return;
	width = count ? (body.cols - 5) / count : 4;
	width = width > 5 ? 5 : width < 1 ? 1 : width;
	y = width >= 3 ? 0 : -1;
	/* It is scrolled as far as the bars of the nodes are. */
	skip = first_shown(mml_look_table(n->moment, "nodes"), node_of(n, n->moment),
			   body.rows - 1);
	for (size_t i = 0; i < table->nrows; i++)
		most = fmax(most, mml_look_num(table, mml_table_row(table, i), "distance"));
	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		double d = mml_look_num(table, row, "distance");

		if (!mml_look_u64(table, row, "node", &a) || !mml_look_u64(table, row, "to", &b))
			continue;
		if (a != from) {
			from = a;
			x = 5;
			if (at++ < skip)
				continue;
			y++;
			mml_drawf(&body, y, 0, MML_INK_QUIET, "%4" PRIu64, a);
		}
		if (at <= skip)
			continue;
		if (y == 1 && width >= 3) {
			snprintf(text, sizeof(text), "%" PRIu64, b);
			mml_draw_field(&body, 0, x, width, true, MML_INK_QUIET, text);
		}
		snprintf(text, sizeof(text), "%.0f", d);
		mml_plot_heat(&body, y, x, width, isnan(d) ? d : (d - 10) / (most - 10),
			      isnan(d) ? NULL : text);
		x += width;
	}
}

struct on_node {
	const struct mml_row *row;
	uint64_t bytes, all;
};

/* Sets RET to what a process has on NODE, and on all nodes, from a list such as "N0=1234 N3=5678". */
static void parse_nodes(const char *s, long node, struct on_node *ret)
{
	struct mml_span text = mml_span_str(s), tok, name;

	while (mml_next_token(&text, &tok)) {
		uint64_t id, bytes;

		if (*tok.p != 'N' || !mml_next_field(&tok, '=', &name))
			continue;
		name.p++;
		if (mml_parse_u64(name, &id) || mml_parse_u64(tok, &bytes))
			continue;
		ret->all += bytes;
		if ((long)id == node)
			ret->bytes += bytes;
	}
}

static int most_first(const void *a, const void *b)
{
	const struct on_node *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static size_t on_node(const struct mml_table *table, long node, struct on_node *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);
		const char *nodes = mml_look_str(table, row, "nodes");
		struct on_node one = { .row = row };

		if (!nodes)
			continue;
		parse_nodes(nodes, node, &one);
		if (one.bytes)
			ret[n++] = one;
	}
	qsort(ret, n, sizeof(*ret), most_first);
	return n;
}

/* Draws what a process has on the node, as a part of all it has. */
static void draw_process(const struct nodes *n, const struct mml_canvas *canvas, int y,
			 const struct mml_table *table, const struct on_node *p, double most)
{
	char text[MML_LOOK_TEXT];

	mml_draw_field(canvas, y, 0, 8, true, MML_INK_TEXT,
		       mml_look_text(table, p->row, "pid", &n->moment->style, text));
	mml_draw_field(canvas, y, 9, 15, false, MML_INK_TEXT,
		       mml_look_text(table, p->row, "comm", &n->moment->style, text));
	mml_draw_field(canvas, y, 24, 8, true, MML_INK_TEXT,
		       mml_look_size((double)p->bytes, &n->moment->style, text));
	mml_drawf(canvas, y, 32, MML_INK_QUIET, " %5.1f%%", (double)p->bytes * 100 / (double)p->all);
	if (canvas->cols >= 56)
		mml_plot_share(canvas, y, 41, canvas->cols - 41, (double)p->bytes / most, MML_INK_PLOT);
}

static void draw_processes(void *ctx, const struct mml_canvas *canvas)
{
	struct nodes *n = ctx;
	const struct mml_table *table = mml_look_table(n->moment, "processes");
	long node = node_of(n, n->moment);
	struct mml_canvas body;
	struct on_node *all;
	char title[64], remark[192];
	double most = 1;
	size_t count;

	if (!mml_look_unread(table, "nodes", canvas->cols - 24, remark, sizeof(remark)))
		snprintf(remark, sizeof(remark), "what they have here, of all they have");
	snprintf(title, sizeof(title), "Processes on node %ld", node);
	body = mml_look_section(canvas, node < 0 ? "Processes" : title, remark);
	if (mml_look_absent(&body, table) || node < 0)
		return;
	all = mml_calloc(table->nrows + 1, sizeof(*all));
	count = all ? on_node(table, node, all) : 0;
	for (size_t i = 0; i < count && (int)i < body.rows; i++)
		most = fmax(most, (double)all[i].all);
	for (size_t i = 0; i < count && (int)i < body.rows; i++)
		draw_process(n, &body, (int)i, table, &all[i], most);
	if (!count)
		mml_draw(&body, 0, 0, MML_INK_QUIET, all ? "none that can be seen" : "out of memory");
	free(all);
}

static void nodes_draw(struct mml_view *view, const struct mml_moment *moment,
		       const struct mml_canvas *canvas)
{
	struct nodes *n = (struct nodes *)view;
	int count, wide = canvas->cols >= 76;

	n->moment = moment;
	count = (int)node_count(n);
	/* Without nodes there is nothing but the reason. */
	if (!count) {
		mml_grid_draw(n->grid, moment, canvas);
		return;
	}
	const struct mml_stack head[] = { { draw_grid, 3, count + 1, 9 } };
	const struct mml_stack tail[] = {
		{ draw_bars, 3, count + 2, 8 },
		{ draw_distances, 4, count > 1 && !wide ? count + 2 : 0, 6 },
		{ draw_processes, 3, 100, 7 },
	};
	int top = count + 1, most = canvas->rows / 3 > 3 ? canvas->rows / 3 : 3;
	struct mml_canvas part;

	top = top > most ? most : top < 3 ? 3 : top;
	part = mml_canvas_part(canvas, 0, 0, top, canvas->cols);
	mml_look_stack(&part, head, 1, n);
	part = mml_canvas_part(canvas, top, 0, canvas->rows - top, canvas->cols);
	if (!wide || count < 2 || part.rows < 8) {
		mml_look_stack(&part, tail, 3, n);
	} else {
		int half = count + 2 < part.rows / 2 ? count + 2 : part.rows / 2;
		int right = canvas->cols / 2 - 2;
		struct mml_canvas left =
			mml_canvas_part(&part, 0, 0, half, canvas->cols - right - 2);
		struct mml_canvas beside = mml_canvas_part(&part, 0, canvas->cols - right, half, right);
		struct mml_canvas below = mml_canvas_part(&part, half, 0, part.rows - half, canvas->cols);

		draw_bars(n, &left);
		draw_distances(n, &beside);
		draw_processes(n, &below);
	}
	mml_look_age(canvas, moment);
	n->moment = NULL;
}

/* Enter on a node shows its zones. */
static bool nodes_input(struct mml_view *view, const struct mml_moment *moment,
			const struct mml_input *in, struct mml_action *ret)
{
	long node = node_of((struct nodes *)view, moment);

	if (in->what != MML_DO_ENTER || node < 0)
		return false;
	ret->kind = MML_OPEN;
	ret->view = "zones";
	snprintf(ret->target.filter, sizeof(ret->target.filter), "node = %ld", node);
	snprintf(ret->target.title, sizeof(ret->target.title), "node %ld", node);
	return true;
}

static struct mml_grid *nodes_grid(struct mml_view *view)
{
	return ((struct nodes *)view)->grid;
}

static void nodes_headline(struct mml_view *view, const struct mml_moment *moment, struct mml_headline *ret)
{
	const struct mml_table *table = mml_look_table(moment, "nodes");
	const struct mml_row *fullest = NULL;
	size_t memory = 0;
	uint64_t node = 0;

	(void)view;
	for (size_t i = 0; table && i < table->nrows; i++) {
		const struct mml_row *row = mml_table_row(table, i);

		memory += mml_look_num(table, row, "total") > 0;
		if (!fullest || mml_look_num(table, row, "used_share") >
					mml_look_num(table, fullest, "used_share"))
			fullest = row;
	}
	if (!fullest)
		return;
	mml_look_u64(table, fullest, "node", &node);
	snprintf(ret->text, sizeof(ret->text), "Nodes  %zu, %zu with memory; the fullest: %" PRIu64 ", %.1f %% used",
		 table->nrows, memory, node, mml_look_num(table, fullest, "used_share"));
}

static const char *nodes_enter(struct mml_view *view)
{
	return mml_grid_row(((struct nodes *)view)->grid) ? "its zones" : NULL;
}

const struct mml_view_ops mml_view_nodes = {
	.name = "nodes",
	.help = "NUMA nodes side by side, how far apart they are, and who is on them.",
	.size = sizeof(struct nodes),
	.open = nodes_open,
	.close = nodes_close,
	.want = nodes_want,
	.sample = nodes_sample,
	.headline = nodes_headline,
	.draw = nodes_draw,
	.enter = nodes_enter,
	.input = nodes_input,
	.grid = nodes_grid,
};
