/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmas.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../../core/stream.h"

/* Returns the process's row that begins at START, or NULL. Rows are in the order of their
 * addresses, except for what was mapped while they were read. */
static struct mml_row *find_row(struct vmas *v, size_t *hint, uint64_t start)
{
	size_t low = v->first, high = v->table->nrows;

	if (*hint < high && mml_table_row(v->table, *hint)->cell[VMAS_start].u64 == start)
		return mml_table_row(v->table, (*hint)++);
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct mml_row *row = mml_table_row(v->table, mid);

		if (row->cell[VMAS_start].u64 == start) {
			*hint = mid + 1;
			return row;
		}
		if (row->cell[VMAS_start].u64 < start)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void set_bytes(struct mml_row *row, unsigned col, uint64_t pages, uint64_t page_size)
{
	uint64_t bytes;

	if (!__builtin_mul_overflow(pages, page_size, &bytes))
		mml_set_u64(row, col, bytes);
}

/* Sets the nodes from pages such as "N0=123 N1=45", in bytes. */
static void set_nodes(struct vmas *v, struct mml_row *row, struct mml_span rest,
		      uint64_t page_size)
{
	struct mml_buf text = { 0 };
	uint64_t node, pages, bytes, all = 0, remote = 0;

	while (mml_numa_map_node(&rest, &node, &pages)) {
		if (__builtin_mul_overflow(pages, page_size, &bytes))
			continue;
		mml_buf_printf(&text, "%sN%" PRIu64 "=%" PRIu64, text.len ? " " : "", node, bytes);
		all += bytes;
		if (!mml_node_in(&v->allowed, node))
			remote += bytes;
	}
	/* A mapping without pages has none on any node. */
	mml_set_str(row, VMAS_nodes,
		    text.len ? mml_intern(&v->strings, mml_span_str(text.data)) : "");
	mml_buf_free(&text);
	if (!v->allowed_known)
		return;
	mml_set_u64(row, VMAS_remote, remote);
	if (all)
		mml_set_f64(row, VMAS_remote_share, (double)remote * 100 / (double)all);
}

static void set_row(struct vmas *v, struct mml_row *row, const struct mml_numa_map *map)
{
	uint64_t page = map->page_size ? map->page_size : v->take->host->page_size;

	mml_set_str(row, VMAS_policy, mml_intern(&v->strings, map->policy));
	if (map->page_size)
		mml_set_u64(row, VMAS_numa_page_size, map->page_size);
	set_bytes(row, VMAS_numa_anon, map->anon, page);
	set_bytes(row, VMAS_numa_dirty, map->dirty, page);
	set_bytes(row, VMAS_numa_mapped, map->mapped, page);
	mml_set_u64(row, VMAS_numa_map_max, map->mapmax);
	set_bytes(row, VMAS_numa_swap_cache, map->swapcache, page);
	if (map->active_known)
		set_bytes(row, VMAS_numa_active, map->active, page);
	set_bytes(row, VMAS_numa_writeback, map->writeback, page);
	set_nodes(v, row, map->nodes, page);
}

int mml_vmas_numa(struct vmas *v, const char *path)
{
	struct mml_stream *stream;
	struct mml_span text, line;
	size_t hint = v->first, lines = 0;
	int rc = mml_stream_open(v->take->root, path, &stream);

	if (rc)
		return rc;
	while ((rc = mml_stream_next(stream, &text)) > 0)
		while (mml_next_line(&text, &line)) {
			struct mml_numa_map map;
			struct mml_row *row;

			lines++;
			if (line.p == line.end)
				continue;
			if (mml_numa_map_parse(line, &map)) {
				mml_table_bad(v->table, path, lines, "not a line of numa_maps");
				continue;
			}
			row = find_row(v, &hint, map.start);
			if (row)
				set_row(v, row, &map);
		}
	mml_stream_close(stream);
	return rc;
}
