/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "about.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../collectors/registry.h"
#include "../core/mounted.h"
#include "words.h"

/* The list of all columns is a table itself, so that -o, -f and -J work on it. */
/* clang-format off */
#define COLUMNS_COLUMNS(C, R) \
	C(table,   "TABLE",   STR,  KEY,   NONE, FIRST,  0, "mmlens", "The table.") \
	C(column,  "COLUMN",  STR,  KEY,   NONE, FIRST,  0, "mmlens", "Name of the column: for -o, and in JSON and CSV.") \
	C(head,    "HEADING", STR,  LABEL, NONE, HIDDEN, 0, "mmlens", "Its heading on the screen.") \
	C(type,    "TYPE",    STR,  LABEL, NONE, HIDDEN, 0, "mmlens", "text, number, signed, address, yes or no.") \
	C(unit,    "UNIT",    STR,  LABEL, NONE, MAIN,   0, "mmlens", "Unit of the value.") \
	C(kind,    "KIND",    STR,  LABEL, NONE, MAIN,   0, "mmlens", "key, label, gauge, counter, derived, rate, growth.") \
	C(shown,   "SHOWN",   BOOL, LABEL, NONE, MAIN,   0, "mmlens", "Whether it is shown unasked.") \
	C(costly,  "COSTLY",  BOOL, LABEL, NONE, HIDDEN, 0, "mmlens", "Whether it takes reads of its own, done only when it is shown.") \
	C(source,  "SOURCE",  STR,  LABEL, NONE, MAIN,   0, "mmlens", "The kernel's name for it, or the formula.") \
	C(help,    "HELP",    STR,  LABEL, NONE, MAIN,   0, "mmlens", "What it is.")
/* clang-format on */

#define MML_TABLE_OF COLUMNS
#include "../core/columns.h"

static int add_columns(struct mml_table *out, const struct mml_schema *schema)
{
	for (size_t i = 0; i < schema->ncolumns; i++) {
		const struct mml_column *col = &schema->columns[i];
		struct mml_row *row = mml_table_add(out);

		if (!row)
			return -1;
		mml_set_str(row, COLUMNS_table, schema->name);
		mml_set_str(row, COLUMNS_column, col->name);
		mml_set_str(row, COLUMNS_head, col->head);
		mml_set_str(row, COLUMNS_type, mml_type_word(col->type));
		if (col->unit != MML_NONE)
			mml_set_str(row, COLUMNS_unit, mml_unit_word(col->unit));
		mml_set_str(row, COLUMNS_kind, mml_kind_word(col->kind));
		mml_set_bool(row, COLUMNS_shown, col->rank != MML_HIDDEN);
		mml_set_bool(row, COLUMNS_costly, col->needs != 0);
		mml_set_str(row, COLUMNS_source, col->source);
		mml_set_str(row, COLUMNS_help, col->help);
	}
	return 0;
}

static int columns_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	(void)take;
	(void)query;
	for (size_t i = 0; mml_collectors[i]; i++)
		if (add_columns(ret, &mml_collectors[i]->schema))
			return -ENOMEM;
	return 0;
}

const struct mml_collector mml_collector_columns = {
	.schema = { .name = "columns",
		    .help = "A column of a table.",
		    MML_COLUMNS(COLUMNS) },
	.collect = columns_collect,
};

/* clang-format off */
#define SOURCES_COLUMNS(C, R) \
	C(table,    "TABLE",    STR,  KEY,   NONE, FIRST, 0, "mmlens", "The table that reads it.") \
	C(path,     "SOURCE",   STR,  KEY,   NONE, FIRST, 0, "mmlens", "The file, or what else is asked; PID and N stand for any number.") \
	C(readable, "READABLE", BOOL, GAUGE, NONE, MAIN,  0, "open(2) and read(2)", "Whether it can be read here and now.") \
	C(reason,   "REASON",   STR,  LABEL, NONE, MAIN,  0, "mmlens", "Why not.") \
	C(needs,    "NEEDS",    STR,  LABEL, NONE, MAIN,  0, "mmlens", "What it would take.")
/* clang-format on */

#define MML_TABLE_OF SOURCES
#include "../core/columns.h"

/* Appends a name to PATH that fits PATTERN, whose length is LEN. PID and N in the pattern stand for
 * a number. It is the last such name in the folder PATH; for sizes that is the largest, which has
 * every file. If there is none, the pattern is appended with a 0 in place of PID or N. */
static void put_example(struct mml_take *take, struct mml_buf *path, const char *pattern,
			size_t len)
{
	const char *const *names = path->len ? mml_take_names(take, path->data) : NULL;
	size_t at = strcspn(pattern, "N");
	const char *found = NULL;
	size_t holder = 1;

	for (size_t i = 0; i + 3 <= len; i++)
		if (!strncmp(pattern + i, "PID", 3)) {
			at = i;
			holder = 3;
		}
	for (; names && *names; names++) {
		const char *rest = *names + at, *digits = rest;

		if (strlen(*names) <= at || strncmp(*names, pattern, at))
			continue;
		rest += strspn(rest, "0123456789");
		if (rest > digits && strlen(rest) == len - at - holder &&
		    !strncmp(rest, pattern + at + holder, len - at - holder))
			found = *names;
	}
	mml_buf_putc(path, '/');
	if (found) {
		mml_buf_puts(path, found);
		return;
	}
	mml_buf_put(path, pattern, at);
	mml_buf_putc(path, '0');
	mml_buf_put(path, pattern + at + holder, len - at - holder);
}

/* Returns an existing path that fits PATTERN. On a live system, PID is the program's own. */
static const char *example(struct mml_take *take, const char *pattern)
{
	struct mml_buf path = { 0 };
	const char *copy;

	for (const char *p = pattern; *p;) {
		size_t len;

		p += *p == '/';
		len = strcspn(p, "/");
		if (len == 3 && !strncmp(p, "PID", 3) && mml_root_live(take->root))
			mml_buf_printf(&path, "/%d", (int)getpid());
		else if (memchr(p, 'N', len) || (len >= 3 && !strncmp(p, "PID", 3)))
			put_example(take, &path, p, len);
		else
			mml_buf_printf(&path, "/%.*s", (int)len, p);
		p += len;
	}
	copy = mml_arena_strndup(take->arena, path.data, path.len);
	mml_buf_free(&path);
	return copy;
}

/* Tries to open and read PATH, because some files can be opened but refuse to be read. A source in
 * sysfs may be a directory, which is listed instead, and on a live system one in /proc, where a tree has
 * files alone. Returns 0 or -errno. */
static int try_path(struct mml_root *root, const char *path)
{
	struct mml_buf names = { 0 };
	/* pagemap and files like it are read in words of 8 bytes, and /dev/kmsg in whole records. */
	uint64_t words[1024];
	int rc = 0, fd = mml_root_openfd(root, path);

	if (fd >= 0) {
		if (read(fd, words, sizeof(words)) < 0)
			rc = -errno;
		close(fd);
	} else {
		rc = fd;
	}
	if (rc == -EISDIR && (mml_root_live(root) || strncmp(path, "/proc/", 6) != 0))
		rc = mml_root_list(root, path, &names);
	mml_buf_free(&names);
	return rc;
}

/* What a probe says may be overwritten when it is called again. */
static const char *keep(struct mml_arena *arena, const char *s)
{
	return s ? mml_arena_strndup(arena, s, strlen(s)) : NULL;
}

/* What is readable of this process may not be of others. */
static struct mml_absence of_others(struct mml_take *take, const struct mml_mounted *mounted,
				    const char *pattern)
{
	struct mml_absence why = { NULL, NULL };

	if (!mounted->hidepid || strncmp(pattern, "/proc/PID", 9) != 0)
		return why;
	why.reason = mml_arena_printf(take->arena,
				      "of this user's processes only: /proc is mounted hidepid=%u",
				      mounted->hidepid);
	why.needs = "CAP_SYS_PTRACE, or a procfs mounted without hidepid";
	return why;
}

static int sources_collect(struct mml_take *take, const struct mml_query *query,
			   struct mml_table *ret)
{
	struct mml_mounted mounted;

	(void)query;
	mml_mounted_read(take->root, &mounted);
	for (size_t i = 0; mml_collectors[i]; i++)
		for (const struct mml_source *s = mml_collectors[i]->sources; s && s->path; s++) {
			struct mml_row *row = mml_table_add(ret);
			struct mml_absence why = { NULL, NULL };
			const char *path = example(take, s->path);
			int rc;

			if (!row || !path)
				return -ENOMEM;
			rc = s->probe ? s->probe(take->root, &why) : try_path(take->root, path);
			if (rc && !s->probe)
				why = mml_absence_of(take->arena, take->root,
						     mml_collectors[i]->sources, path, rc);
			if (!rc)
				why = of_others(take, &mounted, s->path);
			mml_set_str(row, SOURCES_table, mml_collectors[i]->schema.name);
			mml_set_str(row, SOURCES_path, s->path);
			mml_set_bool(row, SOURCES_readable, !rc);
			mml_set_str(row, SOURCES_reason, keep(take->arena, why.reason));
			mml_set_str(row, SOURCES_needs, keep(take->arena, why.needs));
		}
	return 0;
}

const struct mml_collector mml_collector_sources = {
	.schema = { .name = "sources",
		    .help = "A source of a table, and whether it can be read here.",
		    MML_COLUMNS(SOURCES) },
	.collect = sources_collect,
};
