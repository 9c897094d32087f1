/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

int mml_nodes_list(struct mml_take *take, struct mml_table *table, struct mml_nodes *ret)
{
	const char *const *names = mml_take_names(take, MML_NODE_DIR);
	size_t n = 0;

	while (names && names[n])
		n++;
	ret->ids = mml_arena_alloc(take->arena, (n + 1) * sizeof(*ret->ids));
	if (!ret->ids)
		return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	ret->n = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t id;

		if (!strncmp(names[i], "node", 4) &&
		    !mml_parse_u64(mml_span_str(names[i] + 4), &id) && id <= UINT16_MAX)
			ret->ids[ret->n++] = (unsigned)id;
	}
	if (!ret->n)
		return mml_table_missing(take, table, MML_NODE_DIR,
					 "a kernel built with CONFIG_NUMA");
	qsort(ret->ids, ret->n, sizeof(*ret->ids), by_number);
	return 0;
}

long mml_nodes_find(const struct mml_nodes *nodes, unsigned id)
{
	const unsigned *at = bsearch(&id, nodes->ids, nodes->n, sizeof(id), by_number);

	return at ? at - nodes->ids : -1;
}

int mml_node_file(struct mml_take *take, unsigned node, const char *name, struct mml_span *ret)
{
	int rc = mml_take_filef(take, ret, MML_NODE_DIR "/node%u/%s", node, name);

	while (!rc && ret->end > ret->p && !ret->end[-1])
		ret->end--;
	return rc;
}

/*
 * Node 0 MemTotal:        482224 kB
 * Node 0 HugePages_Total:     0
 * Kernels up to 3.x begin the file with an empty line.
 */
int mml_node_field_next(struct mml_span *text, unsigned node, struct mml_node_field *ret)
{
	struct mml_span line, tok;
	uint64_t id;

	do {
		if (!mml_next_line(text, &line))
			return 0;
		line = mml_span_trim(line);
	} while (line.p == line.end);

	if (!mml_next_token(&line, &tok) || !mml_span_eq(tok, "Node") || mml_next_u64(&line, &id) ||
	    id != node)
		return -EBADMSG;
	if (!mml_next_token(&line, &ret->name) || ret->name.end[-1] != ':')
		return -EBADMSG;
	ret->name.end--;
	if (mml_next_u64(&line, &ret->value))
		return -EBADMSG;
	ret->kib = mml_next_token(&line, &tok);
	if (ret->kib && (!mml_span_eq(tok, "kB") || ret->value > UINT64_MAX / 1024))
		return -EBADMSG;
	return 1;
}

/* "10 21 " has a column for each online node. There is a blank in front if node 0 is offline. */
int mml_node_distances(struct mml_take *take, const struct mml_nodes *nodes, unsigned node,
		       struct mml_span *text, uint64_t *ret, size_t *ret_found)
{
	struct mml_span all, line, tok;
	uint64_t distance;
	int rc = mml_node_file(take, node, "distance", &all);

	*ret_found = 0;
	if (rc)
		return rc;
	if (!mml_next_line(&all, &line))
		return -EINVAL;
	line = mml_span_trim(line);
	*text = line;
	while (mml_next_token(&line, &tok)) {
		if (mml_parse_u64(tok, &distance))
			return -EINVAL;
		if (*ret_found < nodes->n)
			ret[*ret_found] = distance;
		++*ret_found;
	}
	return *ret_found == nodes->n ? 0 : -EBADMSG;
}

struct list {
	struct mml_buf buf;
	long first, last; /* the range so far; -1: none */
};

static void list_close(struct list *list)
{
	if (list->first < 0)
		return;
	mml_buf_printf(&list->buf, "%s%ld", list->buf.len ? "," : "", list->first);
	if (list->last > list->first)
		mml_buf_printf(&list->buf, "-%ld", list->last);
	list->first = -1;
}

static void list_add(struct list *list, long n)
{
	if (list->first < 0 || n != list->last + 1) {
		list_close(list);
		list->first = n;
	}
	list->last = n;
}

/* "00000000,0000ff00" has words of 32 bits, the highest first. The first may be shorter. */
char *mml_cpumap_list(struct mml_arena *arena, struct mml_span map)
{
	struct list list = { .first = -1 };
	struct mml_span words, word;
	char *ret = NULL;
	long nwords = 0, i = 0;
	uint64_t bits;

	map = mml_span_trim(map);
	for (words = map; mml_next_field(&words, ',', &word); nwords++)
		if (mml_parse_hex(word, &bits) || bits > UINT32_MAX)
			return NULL;
	if (!nwords)
		return NULL;
	/* Lists rise, so the words are taken from the last one to the first. */
	for (const char *end = map.end; i < nwords; i++) {
		const char *p = memrchr(map.p, ',', (size_t)(end - map.p));

		word = (struct mml_span){ p ? p + 1 : map.p, end };
		mml_parse_hex(word, &bits);
		for (long bit = 0; bit < 32; bit++)
			if (bits >> bit & 1)
				list_add(&list, i * 32 + bit);
		end = p;
	}
	list_close(&list);
	if (!list.buf.error)
		ret = mml_arena_strndup(arena, list.buf.data ? list.buf.data : "", list.buf.len);
	mml_buf_free(&list.buf);
	return ret;
}

static void count(unsigned n, void *ctx)
{
	(void)n;
	++*(long *)ctx;
}

long mml_list_count(struct mml_span s)
{
	long n = 0;

	return mml_parse_list(s, count, &n) ? -1 : n;
}

bool mml_hugepage_dir(const char *name, uint64_t *ret)
{
	static const char prefix[] = "hugepages-";
	size_t len = strlen(name);
	struct mml_span digits = { name + sizeof(prefix) - 1, name + len - 2 };

	if (len < sizeof(prefix) + 2 || strncmp(name, prefix, sizeof(prefix) - 1) ||
	    strcmp(name + len - 2, "kB") || mml_parse_u64(digits, ret) || *ret > UINT64_MAX / 1024)
		return false;
	*ret *= 1024;
	return true;
}

void mml_set_share(struct mml_row *row, unsigned col, unsigned a, unsigned b)
{
	double x, y;

	if (!mml_has(row, a) || !mml_has(row, b))
		return;
	x = (double)row->cell[a].u64;
	y = (double)row->cell[b].u64;
	if (x + y > 0)
		mml_set_f64(row, col, 100.0 * x / (x + y));
}

struct cpu_walk {
	struct mml_cpu_nodes *cpus;
	unsigned node;
};

static void set_cpu(unsigned cpu, void *ctx)
{
	const struct cpu_walk *walk = ctx;

	if (cpu >= walk->cpus->n)
		walk->cpus->n = cpu + 1;
	walk->cpus->node[cpu] = (uint16_t)walk->node;
}

int mml_cpu_nodes_read(struct mml_take *take, struct mml_cpu_nodes *ret)
{
	enum { CPUS = UINT16_MAX + 1 };
	const char *const *names = mml_take_names(take, MML_NODE_DIR);
	struct cpu_walk walk = { .cpus = ret };
	int rc;

	*ret = (struct mml_cpu_nodes){ .node = mml_arena_alloc(take->arena,
							       CPUS * sizeof(*ret->node)) };
	if (!ret->node)
		return -ENOMEM;
	memset(ret->node, 0xff, CPUS * sizeof(*ret->node));
	for (; names && *names; names++) {
		struct mml_span text, line;
		uint64_t node;

		if (strncmp(*names, "node", 4) ||
		    mml_parse_u64(mml_span_str(*names + 4), &node) || node >= MML_NODE_LIMIT)
			continue;
		walk.node = (unsigned)node;
		rc = mml_node_file(take, walk.node, "cpulist", &text);
		if (rc)
			return rc; /* a CPU would be taken for one of no node */
		if (mml_next_line(&text, &line))
			mml_parse_list(line, set_cpu, &walk);
	}
	return ret->n ? 0 : -ENOENT;
}

struct allowed {
	const struct mml_cpu_nodes *cpus;
	struct mml_node_set *set;
	bool any;
};

static void allow_cpu(unsigned cpu, void *ctx)
{
	struct allowed *allowed = ctx;
	unsigned node = cpu < allowed->cpus->n ? allowed->cpus->node[cpu] : UINT16_MAX;

	if (node >= MML_NODE_LIMIT)
		return;
	allowed->set->bits[node / 64] |= UINT64_C(1) << (node % 64);
	allowed->any = true;
}

/* Cpus_allowed_list:	0-3,8 */
int mml_nodes_allowed(const struct mml_cpu_nodes *cpus, struct mml_span text,
		      struct mml_node_set *ret)
{
	struct allowed allowed = { .cpus = cpus, .set = ret };
	struct mml_span line, name;

	*ret = (struct mml_node_set){ 0 };
	while (mml_next_line(&text, &line))
		if (mml_next_field(&line, ':', &name) && mml_span_eq(name, "Cpus_allowed_list"))
			return !mml_parse_list(line, allow_cpu, &allowed) && allowed.any ?
				       0 : -ENODATA;
	return -ENODATA;
}
