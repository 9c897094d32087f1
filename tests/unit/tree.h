/* Trees of the machine's files made by a test, and the tables read from them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/collectors/registry.h"
#include "../../src/core/look.h"
#include "../../src/core/sampler.h"
#include "../../src/source/source.h"
#include "../tap.h"

struct tree {
	char dir[64];
	struct mml_root *root;
	struct mml_snapshot *snap;
};

/* Write LEN bytes at DATA to PATH of the tree, its directories made. */
static inline void tree_bytes(struct tree *t, const char *path, const char *data, size_t len)
{
	char at[8192 + sizeof(t->dir)];
	FILE *f;

	snprintf(at, sizeof(at), "%s%s", t->dir, path);
	for (char *p = at + strlen(t->dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(at, 0755);
		*p = '/';
	}
	f = fopen(at, "w");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(at);
		exit(99);
	}
}

static inline void tree_file(struct tree *t, const char *path, const char *text)
{
	tree_bytes(t, path, text, strlen(text));
}

static inline void tree_new(struct tree *t)
{
	*t = (struct tree){ .dir = "/tmp/mmlens-tree-XXXXXX" };
	if (!mkdtemp(t->dir)) {
		perror(t->dir);
		exit(99);
	}
	chmod(t->dir, 0755);
}

/* The table NAME as the tree has it now, costly columns too; kept until the next one. NULL: trees cannot be read here. */
static inline struct mml_table *tree_table(struct tree *t, const char *name)
{
	struct mml_query query = { .collector = mml_collector_find(name),
				   .reading.needs = ~0U,
				   .reading.cancel_fd = -1 };

	mml_snapshot_put(t->snap);
	mml_root_close(t->root);
	t->snap = NULL;
	t->root = NULL;
	if (!query.collector || mml_root_open(t->dir, &t->root) ||
	    mml_snapshot_take(t->root, &query, 1, &t->snap))
		return NULL;
	return t->snap->tables[0];
}

static inline void tree_free(struct tree *t)
{
	char command[128];

	mml_snapshot_put(t->snap);
	mml_root_close(t->root);
	snprintf(command, sizeof(command), "rm -rf '%s'", t->dir);
	if (system(command))
		perror(command);
}

/* The cell NAME of row I; absent (and a failed test) when there is no such row or column. */
static inline const union mml_value *tree_cell(const struct mml_table *table, size_t i,
					       const char *name)
{
	int col = mml_schema_find(table->schema, name, strlen(name));

	if (col < 0 || i >= table->nrows)
		return NULL;
	return mml_has(mml_table_row(table, i), (unsigned)col) ?
		       &mml_table_row(table, i)->cell[col] :
		       NULL;
}

/* The cell as a number, UINT64_MAX when absent; as a string, NULL when absent. */
static inline uint64_t tree_u64(const struct mml_table *table, size_t i, const char *name)
{
	const union mml_value *v = tree_cell(table, i, name);

	return v ? v->u64 : UINT64_MAX;
}

static inline const char *tree_str(const struct mml_table *table, size_t i, const char *name)
{
	return i < table->nrows ? mml_look_str(table, mml_table_row(table, i), name) : NULL;
}

/* The row in which column NAME is TEXT; nrows when there is none. */
static inline size_t tree_row(const struct mml_table *table, const char *name, const char *text)
{
	size_t i = 0;

	while (i < table->nrows &&
	       (!tree_str(table, i, name) || strcmp(tree_str(table, i, name), text)))
		i++;
	return i;
}

#define is_cell_u64(table, i, name, want)                                     \
	do {                                                                  \
		const union mml_value *v_ = tree_cell(table, i, name);        \
		tap_ok(v_ && v_->u64 == (want), "%s:%d row %d, %s: %" PRIu64, \
		       __FILE__, __LINE__, (int)(i), name, v_ ? v_->u64 : 0); \
	} while (0)

#define is_cell_str(table, i, name, want)                                        \
	do {                                                                     \
		const char *s_ = tree_str(table, i, name);                       \
		tap_ok(s_ && !strcmp(s_, want), "%s:%d row %d, %s: %s",          \
		       __FILE__, __LINE__, (int)(i), name, s_ ? s_ : "-");       \
	} while (0)

#define is_cell_f64(table, i, name, want)                                        \
	do {                                                                     \
		const union mml_value *v_ = tree_cell(table, i, name);           \
		tap_ok(v_ && v_->f64 > (want) - 1e-6 && v_->f64 < (want) + 1e-6, \
		       "%s:%d row %d, %s: %f", __FILE__, __LINE__, (int)(i), name, \
		       v_ ? v_->f64 : 0.0);                                      \
	} while (0)

#define is_cell_absent(table, i, name) \
	tap_ok((i) < (table)->nrows && !tree_cell(table, i, name), "%s:%d row %d, %s is absent", \
	       __FILE__, __LINE__, (int)(i), name)
