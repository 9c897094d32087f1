/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "maps.h"

#include <errno.h>
#include <string.h>

static unsigned hex_digit(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') :
	       c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 :
				      16;
}

/* Cuts a hexadecimal number, and the END behind it, off S. A large process has a hundred thousand
 * such lines, so this goes over the digits only once. */
static bool cut_hex(struct mml_span *s, char end, uint64_t *ret)
{
	const char *p = s->p;
	uint64_t v = 0;

	for (; p < s->end; p++) {
		unsigned digit = hex_digit(*p);

		if (digit > 15)
			break;
		if (v >> 60)
			return false;
		v = v << 4 | digit;
	}
	if (p == s->p || p == s->end || *p != end)
		return false;
	s->p = p + 1;
	*ret = v;
	return true;
}

bool mml_map_begins(struct mml_span line)
{
	const char *p = line.p;

	while (p < line.end && hex_digit(*p) < 16)
		p++;
	return p > line.p && p < line.end && *p == '-';
}

/*
 * 7f8a3c021000-7f8a3c043000 rw-p 00000000 00:00 0                          [stack]
 *
 * The widths are minima, and the minor number may have more than two digits. The name is the rest of the
 * line behind the blanks, and may have blanks in it and at its end. A line without a name ends in "0 "
 * or, on old kernels, in "0". Only newlines in a name are escaped.
 */
int mml_map_parse(struct mml_span line, struct mml_map *ret)
{
	uint64_t major, minor;
	struct mml_span inode;

	if (!cut_hex(&line, '-', &ret->start) || !cut_hex(&line, ' ', &ret->end))
		return -EINVAL;
	if (mml_span_len(line) < 5 || line.p[4] != ' ' || memchr(line.p, ' ', 4))
		return -EINVAL;
	memcpy(ret->perms, line.p, 4);
	ret->perms[4] = '\0';
	line.p += 5;
	if (!cut_hex(&line, ' ', &ret->offset) || !cut_hex(&line, ':', &major) ||
	    !cut_hex(&line, ' ', &minor) || major > UINT32_MAX || minor > UINT32_MAX)
		return -EINVAL;
	ret->major = (uint32_t)major;
	ret->minor = (uint32_t)minor;
	if (!mml_next_token(&line, &inode) || mml_parse_u64(inode, &ret->inode))
		return -EINVAL;
	while (line.p < line.end && *line.p == ' ')
		line.p++;
	ret->name = line;
	return ret->end < ret->start ? -EINVAL : 0;
}

bool mml_smaps_split(struct mml_span line, struct mml_span *ret_key, struct mml_span *ret_value)
{
	const char *colon = mml_span_len(line) ? memchr(line.p, ':', mml_span_len(line)) : NULL;

	if (!colon)
		return false;
	*ret_key = (struct mml_span){ line.p, colon };
	*ret_value = mml_span_trim((struct mml_span){ colon + 1, line.end });
	return true;
}

int mml_smaps_value(struct mml_span value, uint64_t *ret)
{
	size_t len = mml_span_len(value);
	uint64_t v;
	int rc;

	if (len < 3 || memcmp(value.end - 3, " kB", 3))
		return mml_parse_u64(value, ret);
	value.end -= 3;
	rc = mml_parse_u64(value, &v);
	if (rc)
		return rc;
	return __builtin_mul_overflow(v, (uint64_t)1024, ret) ? -ERANGE : 0;
}

/* These two policies have a blank in their names. All others end at the first blank. */
static struct mml_span cut_policy(struct mml_span *line)
{
	static const char *const blanks[] = { "prefer (many)", "weighted interleave" };
	struct mml_span policy, rest;

	while (line->p < line->end && *line->p == ' ')
		line->p++;
	rest = *line;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
		if (mml_span_starts(rest, blanks[i]))
			rest.p += strlen(blanks[i]);
	if (rest.p > line->p && rest.p < rest.end && *rest.p == ' ')
		policy = (struct mml_span){ rest.p, rest.p };
	else
		mml_next_token(&rest, &policy);
	policy.p = line->p;
	line->p = policy.end;
	return policy;
}

static bool node_id(struct mml_span key, uint64_t *ret)
{
	if (mml_span_len(key) < 2 || *key.p != 'N')
		return false;
	key.p++;
	return !mml_parse_u64(key, ret);
}

/* Which words a line had that do not mean 0 when they are missing. */
struct numa_told {
	bool mapped, mapmax, active;
};

static int numa_field(struct mml_numa_map *map, struct mml_span key, struct mml_span value,
		      struct numa_told *told)
{
	uint64_t *to = mml_span_eq(key, "anon")      ? &map->anon :
		       mml_span_eq(key, "dirty")     ? &map->dirty :
		       mml_span_eq(key, "mapped")    ? &map->mapped :
		       mml_span_eq(key, "mapmax")    ? &map->mapmax :
		       mml_span_eq(key, "swapcache") ? &map->swapcache :
		       mml_span_eq(key, "active")    ? &map->active :
		       mml_span_eq(key, "writeback") ? &map->writeback :
						       NULL;
	int rc;

	told->mapped |= to == &map->mapped;
	told->mapmax |= to == &map->mapmax;
	told->active |= to == &map->active;
	if (to)
		return mml_parse_u64(value, to);
	if (!mml_span_eq(key, "kernelpagesize_kB"))
		return 0; /* file=PATH, and what newer kernels may have */
	rc = mml_parse_u64(value, &map->page_size);
	if (rc)
		return rc;
	return __builtin_mul_overflow(map->page_size, (uint64_t)1024, &map->page_size) ? -ERANGE :
											 0;
}

/*
 * Fills in what show_numa_map() leaves out: `mapped` if it is the same as anon or dirty, `mapmax`
 * if no page is mapped more than once, and `active` if every page is on an active list or the
 * mapping is of hugetlb. Every page is counted for its node. Returns 0 or -ERANGE.
 */
static int numa_left_out(struct mml_numa_map *map, const struct numa_told *told)
{
	struct mml_span rest = map->nodes;
	uint64_t node, pages, all = 0;

	while (mml_numa_map_node(&rest, &node, &pages))
		if (__builtin_add_overflow(all, pages, &all))
			return -ERANGE;
	if (!told->mapped)
		map->mapped = all;
	if (!told->mapmax)
		map->mapmax = map->mapped > 0;
	if (!told->active && !map->huge)
		map->active = map->mapped;
	map->active_known = told->active || !map->huge;
	return 0;
}

/*
 * 7f6c5c000000 prefer (many):0-1 file=/dev/hugepages/a\040b huge dirty=2 N0=1 N1=1 kernelpagesize_kB=2048
 *
 * The line of a mapping without pages ends behind its policy and file. In a path, newlines, tabs, blanks
 * and equal signs are escaped, so that blanks separate the words.
 */
int mml_numa_map_parse(struct mml_span line, struct mml_numa_map *ret)
{
	struct numa_told told = { 0 };
	struct mml_span word, key;

	*ret = (struct mml_numa_map){ 0 };
	if (!cut_hex(&line, ' ', &ret->start))
		return -EINVAL;
	ret->policy = cut_policy(&line);
	if (ret->policy.p == ret->policy.end)
		return -EINVAL;
	while (mml_next_token(&line, &word)) {
		struct mml_span whole = word;
		uint64_t node;
		int rc;

		if (!mml_next_field(&word, '=', &key))
			return -EINVAL;
		if (key.end == whole.end) {
			ret->heap |= mml_span_eq(key, "heap");
			ret->stack |= mml_span_eq(key, "stack");
			ret->huge |= mml_span_eq(key, "huge");
			continue;
		}
		if (node_id(key, &node)) {
			if (!ret->nodes.p)
				ret->nodes = (struct mml_span){ whole.p, line.end };
			rc = mml_parse_u64(word, &node);
		} else {
			rc = numa_field(ret, key, word, &told);
		}
		if (rc)
			return rc;
	}
	return numa_left_out(ret, &told);
}

bool mml_numa_map_node(struct mml_span *rest, uint64_t *ret_node, uint64_t *ret_pages)
{
	struct mml_span word, key;

	while (rest->p && mml_next_token(rest, &word))
		if (mml_next_field(&word, '=', &key) && node_id(key, ret_node) &&
		    !mml_parse_u64(word, ret_pages))
			return true;
	return false;
}
