/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../core/snapshot.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
#define HUGETLBFS_COLUMNS(C, R) \
	C(mount,     "MOUNT",  STR, KEY,   NONE,  FIRST, 0, "mount point",        "Where the file system is mounted.") \
	C(page_size, "PAGE",   U64, GAUGE, BYTES, FIRST, 0, "pagesize=",          "Size of the pages its files are made of.") \
	C(size,      "LIMIT",  U64, GAUGE, BYTES, MAIN,  0, "size=",              "Most memory its files may take; absent: as much as the pool has.") \
	C(min_size,  "MIN",    U64, GAUGE, BYTES, MAIN,  0, "min_size=",          "Memory reserved for its files from the pool; absent: none.") \
	C(inodes,    "INODES", U64, GAUGE, COUNT, MORE,  0, "nr_inodes=",         "Most files it may have; absent: no limit.") \
	C(options,   "OPTIONS", STR, LABEL, NONE, LAST,  0, "mount options",      "All its mount options, as the kernel shows them.")
/* clang-format on */

#define MML_TABLE_OF HUGETLBFS
#include "../../core/columns.h"
#include "../../core/text.h"

/* Parses a size such as "2M", "1024K" or "8388608" to bytes. */
static int parse_size(struct mml_span s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	const char *unit = s.p < s.end ? strchr(units, s.end[-1]) : NULL;
	unsigned shift = unit && *unit ? 10 * (unsigned)(unit - units + 1) : 0;
	int rc;

	s.end -= shift != 0;
	rc = mml_parse_u64(s, ret);
	if (!rc && *ret > UINT64_MAX >> shift)
		rc = -ERANGE;
	if (!rc)
		*ret <<= shift;
	return rc;
}

static void set_option(struct mml_row *row, struct mml_span option)
{
	for (unsigned col = HUGETLBFS_page_size; col <= HUGETLBFS_inodes; col++) {
		const char *name = HUGETLBFS_columns[col].source;
		uint64_t v;

		if (!mml_span_starts(option, name))
			continue;
		option.p += strlen(name);
		if (!parse_size(option, &v))
			mml_set_u64(row, col, v);
	}
}

/* hugetlbfs /dev/hugepages hugetlbfs rw,relatime,size=8M,pagesize=2M 0 0 */
static int mount_collect(struct mml_take *take, const struct mml_query *query,
			 struct mml_table *ret)
{
	struct mml_span text, line, device, where, type, options, option;
	int rc = mml_take_file(take, ret, "/proc/self/mounts", &text);

	(void)query;
	if (rc)
		return rc;
	for (size_t n = 1; mml_next_line(&text, &line); n++) {
		struct mml_row *row;

		if (!mml_next_token(&line, &device) || !mml_next_token(&line, &where) ||
		    !mml_next_token(&line, &type) || !mml_next_token(&line, &options)) {
			mml_table_bad(ret, "/proc/self/mounts", n, "not a mount");
			continue;
		}
		if (!mml_span_eq(type, "hugetlbfs"))
			continue;
		row = mml_table_add(ret);
		if (!row)
			return mml_table_fail(ret, -ENOMEM, NULL, "out of memory");
		mml_set_str(row, HUGETLBFS_mount, mml_unescape(take->arena, where));
		mml_set_str(row, HUGETLBFS_options,
			    mml_arena_strndup(take->arena, options.p, mml_span_len(options)));
		while (mml_next_field(&options, ',', &option))
			set_option(row, option);
	}
	if (!ret->nrows)
		mml_table_note(ret, "no hugetlbfs is mounted");
	return ret->error;
}

static const struct mml_source mount_sources[] = {
	{ .path = "/proc/self/mounts", .missing = "proc mounted on /proc" },
	{ 0 },
};

const struct mml_collector mml_collector_hugetlbfs = {
	.schema = { .name = "hugetlbfs",
		    .apart = "page_size",
		    .help = "A mounted hugetlbfs, with its limits.",
		    MML_COLUMNS(HUGETLBFS) },
	.sources = mount_sources,
	.collect = mount_collect,
};
