/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "buddyinfo.h"

/* clang-format off */
#define ORDER_COLUMN(C, n) \
	C(order_##n, #n, U64, GAUGE, COUNT, MORE, 0, "free blocks of order " #n, "Free blocks of order " #n " of this type; the kernel stops counting at 100000.")
#define PAGETYPES_COLUMNS(C, R) \
	C(node,       "NODE",       U64, KEY,     NONE,  FIRST,  0, "Node", "NUMA node the zone is on.") \
	C(zone,       "ZONE",       STR, KEY,     NONE,  FIRST,  0, "zone", "Name of the zone.") \
	C(type,       "TYPE",       STR, KEY,     NONE,  FIRST,  0, "type", "Migrate type: how the pages in such a pageblock can be moved.") \
	C(free,       "FREE",       U64, DERIVED, BYTES, MAIN,   0, "sum of order_N * 2^N * page size", "Free memory of this type; a lower bound where a count was capped.") \
	C(pageblocks, "PAGEBLOCKS", U64, GAUGE,   COUNT, MAIN,   0, "Number of blocks type", "Pageblocks of this type, free or not.") \
	C(mixed,      "MIXED",      U64, GAUGE,   COUNT, HIDDEN, 0, "Number of mixed blocks", "Pageblocks that hold pages of another type too (needs page_owner=on at boot).") \
	ORDER_COLUMN(C, 0)  ORDER_COLUMN(C, 1)  ORDER_COLUMN(C, 2)  ORDER_COLUMN(C, 3) \
	ORDER_COLUMN(C, 4)  ORDER_COLUMN(C, 5)  ORDER_COLUMN(C, 6)  ORDER_COLUMN(C, 7) \
	ORDER_COLUMN(C, 8)  ORDER_COLUMN(C, 9)  ORDER_COLUMN(C, 10) ORDER_COLUMN(C, 11) \
	ORDER_COLUMN(C, 12) ORDER_COLUMN(C, 13) ORDER_COLUMN(C, 14) ORDER_COLUMN(C, 15) \
	ORDER_COLUMN(C, 16) ORDER_COLUMN(C, 17)
/* clang-format on */

#define MML_TABLE_OF PAGETYPES
#include "../../core/columns.h"

_Static_assert(PAGETYPES_NCOLUMNS - PAGETYPES_order_0 == MML_MAX_ORDERS, "a column an order");

static const char path[] = "/proc/pagetypeinfo";

/* Which table of the file a line belongs to. Each has a header, and they repeat for every node. */
enum section { FREE_PAGES, BLOCKS, MIXED };

struct head {
	struct mml_span names; /* of the types, behind "Number of blocks type" */
	size_t next;           /* the row likely wanted next, because both lists have the same order */
	unsigned missed;       /* rows that were not found */
	enum section section;
};

/* Cuts "Node    0, zone   Normal" off the front of LINE. */
static int place(struct mml_span *line, uint64_t *ret_node, struct mml_span *ret_zone)
{
	struct mml_span tok;

	if (!mml_next_token(line, &tok) || !mml_span_eq(tok, "Node") ||
	    !mml_next_token(line, &tok) || tok.end[-1] != ',')
		return -EINVAL;
	tok.end--;
	if (mml_parse_u64(tok, ret_node) || !mml_next_token(line, &tok) ||
	    !mml_span_eq(tok, "zone") || !mml_next_token(line, ret_zone))
		return -EINVAL;
	if (ret_zone->end[-1] == ',')
		ret_zone->end--;
	return 0;
}

/* The kernel leaves out no row. If a file lacks many, each search would go through all rows. */
enum { MOST_MISSED = 100 };

static struct mml_row *row_of(struct mml_table *table, struct head *head, uint64_t node,
			      struct mml_span zone, struct mml_span type)
{
	if (head->missed == MOST_MISSED)
		return NULL;
	for (size_t k = 0; k < table->nrows; k++) {
		size_t i = (head->next + k) % table->nrows;
		struct mml_row *row = mml_table_row(table, i);

		if (row->cell[PAGETYPES_node].u64 == node &&
		    mml_span_eq(zone, row->cell[PAGETYPES_zone].str) &&
		    mml_span_eq(type, row->cell[PAGETYPES_type].str)) {
			head->next = i + 1;
			return row;
		}
	}
	head->missed++;
	return NULL;
}

/* Node    0, zone   Normal, type    Unmovable      1      1 >100000 ... */
static int free_line(struct mml_table *table, struct mml_span line, uint64_t page_size)
{
	struct mml_span zone, type, tok;
	uint64_t node, pages = 0;
	unsigned order = 0;
	bool capped = false;
	struct mml_row *row;

	if (place(&line, &node, &zone) || !mml_next_token(&line, &tok) ||
	    !mml_span_eq(tok, "type") || !mml_next_token(&line, &type))
		return -EINVAL;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	mml_set_u64(row, PAGETYPES_node, node);
	mml_set_str(row, PAGETYPES_zone,
		    mml_arena_strndup(table->arena, zone.p, mml_span_len(zone)));
	mml_set_str(row, PAGETYPES_type,
		    mml_arena_strndup(table->arena, type.p, mml_span_len(type)));
	for (; mml_next_token(&line, &tok); order++) {
		bool more = *tok.p == '>';
		uint64_t n;

		tok.p += more;
		/* The kernel stops counting at 100000 and writes ">100000", which may be exact. */
		if (order == MML_MAX_ORDERS || mml_parse_u64(tok, &n) || n >> MML_MAX_ZONE_SHIFT)
			return -EINVAL;
		pages += n << order;
		if (pages >> MML_MAX_ZONE_SHIFT)
			return -EINVAL;
		mml_set_u64(row, PAGETYPES_order_0 + order, n);
		if (more)
			mml_set_at_least(row, PAGETYPES_order_0 + order);
		capped |= more;
	}
	if (!order)
		return -EINVAL;
	mml_set_u64(row, PAGETYPES_free, pages * page_size);
	if (capped)
		mml_set_at_least(row, PAGETYPES_free);
	return 0;
}

/* Node 0, zone   Normal           63         1193           88            0 */
static int blocks_line(struct mml_table *table, struct mml_span line, struct head *head)
{
	struct mml_span zone, type, names = head->names;
	uint64_t node, n;

	if (place(&line, &node, &zone))
		return -EINVAL;
	while (mml_next_token(&names, &type)) {
		struct mml_row *row = row_of(table, head, node, zone, type);
		int rc = mml_next_u64(&line, &n);

		if (rc)
			return -EINVAL;
		if (row)
			mml_set_u64(row, head->section == MIXED ? PAGETYPES_mixed : PAGETYPES_pageblocks,
				    n);
	}
	return 0;
}

static bool head_line(struct mml_span line, struct head *head)
{
	static const struct {
		const char *text;
		enum section section;
	} heads[] = {
		{ "Free pages count per migrate type at order", FREE_PAGES },
		{ "Number of blocks type", BLOCKS },
		{ "Number of mixed blocks", MIXED },
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (mml_span_starts(line, heads[i].text)) {
			head->section = heads[i].section;
			head->names = line;
			head->names.p += strlen(heads[i].text);
			return true;
		}
	return mml_span_starts(line, "Page block order:") ||
	       mml_span_starts(line, "Pages per block:");
}

static int pagetypes_collect(struct mml_take *take, const struct mml_query *query,
			     struct mml_table *ret)
{
	struct head head = { 0 };
	struct mml_span text, all, line;
	uint64_t page_size;
	int rc = mml_take_file(take, ret, path, &text);

	(void)query;
	if (rc)
		return rc;
	page_size = mml_take_page_size(take, ret);
	all = text;
	while (mml_next_line(&text, &line)) {
		if (!mml_span_len(mml_span_trim(line)) || head_line(line, &head))
			continue;
		rc = head.section == FREE_PAGES ? free_line(ret, line, page_size) :
						  blocks_line(ret, line, &head);
		if (rc == -ENOMEM)
			return rc;
		if (rc)
			mml_table_bad_at(ret, path, all, text.p, "not a line of pagetypeinfo");
	}
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/pagetypeinfo", "root (the file is readable for root only since Linux 5.4)",
	  NULL, NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_pagetypes = {
	.schema = { .name = "pagetypes",
		    .help = "A migrate type of a zone: what keeps free memory from forming large blocks.",
		    MML_COLUMNS(PAGETYPES) },
	.sources = sources,
	.collect = pagetypes_collect,
};
