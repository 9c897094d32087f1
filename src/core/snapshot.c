/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"
#include "trouble.h"
#include "unit.h"

/* With this many buckets, the files of all tables and processes are found in a few steps. */
enum { FILE_BUCKETS = 256, LARGE_FILE = 8 << 10 };

/* A table that another one is made of, and that nobody asked for. */
struct mml_derived {
	struct mml_derived *next;
	struct mml_table *table;
};

struct mml_memo {
	struct mml_memo *next;
	const void *key;
	void *value;
};

struct mml_file {
	struct mml_file *next;
	const char *path;
	struct mml_span text;
	struct mml_buf own; /* the text of a large file */
	int error;
};

/* Fills a table. An error of the collector is in the table. Returns 0, or -ENOMEM, and then the
 * snapshot fails. */
static int take_table(struct mml_take *take, const struct mml_query *query, struct mml_table **ret)
{
	struct mml_table *table = mml_table_new(take->arena, &query->collector->schema);
	const struct mml_collector *collector = take->collector;
	struct mml_table *outer = take->table;
	uint64_t begun = mml_now_ns();
	int rc;

	if (!table)
		return -ENOMEM;
	*ret = take->table = table;
	take->collector = query->collector;
	rc = query->collector->collect(take, query, table);
	table->cost_ns = mml_now_ns() - begun;
	take->table = outer;
	take->collector = collector;
	if (rc && !table->error)
		mml_table_fail(table, rc, NULL, "%s", strerror(-rc));
	return table->error == -ENOMEM ? -ENOMEM : 0;
}

void mml_take_end(struct mml_take *take)
{
	for (size_t i = 0; take->files && i < FILE_BUCKETS; i++)
		for (struct mml_file *file = take->files[i]; file; file = file->next)
			mml_buf_free(&file->own);
	mml_buf_free(&take->buf);
}

int mml_snapshot_take(struct mml_root *root, const struct mml_query *queries, size_t n,
		      struct mml_snapshot **ret)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_snapshot *snap;
	struct mml_take take;
	uint64_t begun = mml_now_ns();
	unsigned troubles = mml_troubles();
	int rc = -ENOMEM;

	if (!arena)
		return -ENOMEM;
	snap = mml_arena_alloc(arena, sizeof(*snap));
	if (!snap)
		goto fail;
	*snap = (struct mml_snapshot){ .arena = arena,
				       .time = mml_root_now(root),
				       .host = *mml_root_host(root),
				       .refs = 1 };
	snap->tables = mml_arena_alloc(arena, n * sizeof(struct mml_table *));
	if (!snap->tables)
		goto fail;
	take = (struct mml_take){ .root = root, .arena = arena, .host = &snap->host, .snap = snap };
	for (size_t i = 0; i < n; i++)
		if (queries[i].collector->begin && queries[i].reading.state)
			queries[i].collector->begin(&take, &queries[i]);
	rc = 0;
	for (; snap->ntables < n && !rc; snap->ntables += !rc) {
		rc = take_table(&take, &queries[snap->ntables], &snap->tables[snap->ntables]);
		if (!rc)
			rc = mml_root_sink_error(root);
	}
	mml_take_end(&take);
	/* If anything ran out on the way, some table may lack something, whatever its collector
	 * made of that. */
	if (!rc && mml_troubles() != troubles)
		rc = mml_trouble_last();
	if (rc)
		goto fail;
	snap->cost_ns = mml_now_ns() - begun;
	*ret = snap;
	return 0;
fail:
	mml_arena_free(arena);
	return rc;
}

struct mml_snapshot *mml_snapshot_get(struct mml_snapshot *snap)
{
	__atomic_add_fetch(&snap->refs, 1, __ATOMIC_RELAXED);
	return snap;
}

void mml_snapshot_put(struct mml_snapshot *snap)
{
	if (snap && !__atomic_sub_fetch(&snap->refs, 1, __ATOMIC_ACQ_REL))
		mml_arena_free(snap->arena);
}

struct mml_table *mml_snapshot_table(const struct mml_snapshot *snap, const char *name)
{
	for (size_t i = 0; i < snap->ntables; i++)
		if (!strcmp(snap->tables[i]->schema->name, name))
			return snap->tables[i];
	return NULL;
}

static const struct mml_table *take_derived(struct mml_take *take,
					    const struct mml_collector *collector, unsigned needs)
{
	struct mml_query query = { .collector = collector,
				   .reading.needs = needs,
				   .reading.cancel_fd = -1 };
	struct mml_derived *derived = take->derived;
	struct mml_table *table =
		take->snap ? mml_snapshot_table(take->snap, collector->schema.name) : NULL;

	while (!table && derived && derived->table->schema != &collector->schema)
		derived = derived->next;
	if (table || derived)
		return table ? table : derived->table;
	derived = mml_arena_alloc(take->arena, sizeof(*derived));
	if (!derived || take_table(take, &query, &table))
		return NULL;
	*derived = (struct mml_derived){ take->derived, table };
	take->derived = derived;
	return table;
}

const struct mml_table *mml_take_table(struct mml_take *take, const struct mml_collector *collector)
{
	return take_derived(take, collector, 0);
}

const struct mml_table *mml_take_columns(struct mml_take *take,
					 const struct mml_collector *collector, const char *columns)
{
	struct mml_select select;
	unsigned needs = 0;

	mml_select_init(&select, &collector->schema);
	if (!mml_select_columns(&select, columns))
		needs = mml_select_needs(&select);
	mml_select_free(&select);
	return take_derived(take, collector, needs);
}

void **mml_take_memo(struct mml_take *take, const void *key)
{
	struct mml_memo *memo = take->memos;

	while (memo && memo->key != key)
		memo = memo->next;
	if (memo)
		return &memo->value;
	memo = mml_arena_alloc(take->arena, sizeof(*memo));
	if (!memo)
		return NULL;
	*memo = (struct mml_memo){ take->memos, key, NULL };
	take->memos = memo;
	return &memo->value;
}

/* How a file is read: mml_root_read() or mml_root_read_records(). */
typedef int reader(struct mml_root *root, const char *path, struct mml_buf *buf);

/* A small file is kept in the arena. The text of a large one is freed as soon as the snapshot is
 * taken. */
static int read_file(struct mml_take *take, const char *path, reader *reads, struct mml_file *ret)
{
	struct mml_buf *buf = &take->buf;
	char *text;
	int rc;

	buf->len = 0;
	rc = reads(take->root, path, buf);
	if (rc)
		return rc;
	if (buf->len > LARGE_FILE) {
		ret->own = *buf;
		*buf = (struct mml_buf){ 0 };
		text = ret->own.data;
	} else {
		text = mml_arena_strndup(take->arena, buf->data, buf->len);
	}
	if (!text)
		return -ENOMEM;
	ret->text = (struct mml_span){ text, text + (ret->own.data ? ret->own.len : buf->len) };
	return 0;
}

/* Notes in the table that an optional file exists and could not be read. If it is missing, or takes
 * rights by what the collector says of its sources, the collector knows better what to say. */
static void say_unread(struct mml_take *take, const char *path, int err)
{
	static const int expected[] = { ENOENT, ENOTDIR, ESRCH,	     EINVAL, ENODATA,
					ENODEV, ENXIO,	 EOPNOTSUPP, ENOSYS, EBUSY };

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		if (err == -expected[i])
			return;
	if ((err == -EACCES || err == -EPERM) && take->collector &&
	    mml_source_is_private(take->collector->sources, path))
		return;
	if (err && take->table)
		mml_table_note(take->table, "%s: what comes from it is missing",
			       mml_absence_of(take->arena, take->root, NULL, path, err).reason);
}

/* Returns the file PATH as it was first read for this snapshot, so that tables which share it
 * agree. */
static struct mml_file *take_once(struct mml_take *take, const char *path, reader *reads)
{
	struct mml_file *file, **bucket;
	unsigned hash = 5381;

	for (const char *p = path; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	if (!take->files)
		take->files = mml_arena_alloc(take->arena, FILE_BUCKETS * sizeof(struct mml_file *));
	if (!take->files)
		return NULL;
	bucket = &take->files[hash % FILE_BUCKETS];
	for (file = *bucket; file; file = file->next)
		if (!strcmp(file->path, path))
			return file;
	file = mml_arena_alloc(take->arena, sizeof(*file));
	if (file)
		file->path = mml_arena_strndup(take->arena, path, strlen(path));
	if (!file || !file->path)
		return NULL;
	file->error = read_file(take, path, reads, file);
	file->next = *bucket;
	*bucket = file;
	return file;
}

/* The kernel writes text that has no NUL and ends with a newline. */
static int check_text(struct mml_table *table, const char *path, struct mml_span text)
{
	const char *nul = memchr(text.p, '\0', mml_span_len(text));

	if (nul)
		return mml_table_fail(table, -EBADMSG, NULL, "%s: not text: byte %zu is 0", path,
				      (size_t)(nul - text.p));
	if (text.end[-1] != '\n')
		mml_table_note(table, "%s: the last line has no end: something may be cut off", path);
	return 0;
}

static int take_whole(struct mml_take *take, struct mml_table *table, const char *path,
		      reader *reads, struct mml_span *ret)
{
	const struct mml_file *file = take_once(take, path, reads);

	if (!file)
		return table ? mml_table_fail(table, -ENOMEM, NULL, "out of memory") : -ENOMEM;
	*ret = file->text;
	if (!table)
		say_unread(take, path, file->error);
	if (file->error && table) {
		struct mml_absence why = mml_absence_of(take->arena, take->root,
							take->collector ? take->collector->sources :
									  NULL,
							path, file->error);

		return mml_table_fail(table, file->error, why.needs, "%s", why.reason);
	}
	if (!file->error && table && file->text.p == file->text.end)
		return mml_table_fail(table, -ENODATA, NULL, "%s: empty", path);
	return file->error || !table ? file->error : check_text(table, path, file->text);
}

int mml_take_file(struct mml_take *take, struct mml_table *table, const char *path,
		  struct mml_span *ret)
{
	return take_whole(take, table, path, mml_root_read, ret);
}

bool mml_take_there(struct mml_take *take, struct mml_table *table, const char *path)
{
	const struct mml_file *file = take_once(take, path, mml_root_read);
	struct mml_span text;

	if (file && (!file->error || file->error == -ENOENT || file->error == -ENOTDIR))
		return true;
	take_whole(take, table, path, mml_root_read, &text);
	return false;
}

int mml_take_records(struct mml_take *take, struct mml_table *table, const char *path,
		     struct mml_span *ret)
{
	return take_whole(take, table, path, mml_root_read_records, ret);
}

static int take_pathv(struct mml_take *take, struct mml_span *ret, const char *fmt, va_list ap)
{
	const struct mml_file *file;
	char path[4096];
	int n = vsnprintf(path, sizeof(path), fmt, ap);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	file = take_once(take, path, mml_root_read);
	if (!file)
		return -ENOMEM;
	*ret = file->text;
	say_unread(take, path, file->error);
	return file->error;
}

int mml_take_filef(struct mml_take *take, struct mml_span *ret, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = take_pathv(take, ret, fmt, ap);
	va_end(ap);
	return rc;
}

int mml_take_number(struct mml_take *take, uint64_t *ret, const char *fmt, ...)
{
	struct mml_span text, tok;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = take_pathv(take, &text, fmt, ap);
	va_end(ap);
	if (rc)
		return rc;
	if (!mml_next_line(&text, &tok))
		return -ENODATA;
	return mml_parse_u64(mml_span_trim(tok), ret);
}

/* Numbers inside names are sorted by value, so that node10 comes after node9. */
static int name_order(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *mml_take_names(struct mml_take *take, const char *path)
{
	struct mml_buf buf = { 0 };
	const char **names = NULL;
	size_t n = 0;
	char *copy;
	int rc = mml_root_list(take->root, path, &buf);

	say_unread(take, path, rc);
	if (rc)
		goto out;
	for (size_t i = 0; i < buf.len; i++)
		n += !buf.data[i];
	names = mml_arena_alloc(take->arena, (n + 1) * sizeof(*names));
	copy = mml_arena_strndup(take->arena, buf.data, buf.len);
	if (!names || !copy) {
		names = NULL;
		goto out;
	}
	for (size_t i = 0; i < n; i++, copy += strlen(copy) + 1)
		names[i] = copy;
	qsort(names, n, sizeof(*names), name_order);
out:
	mml_buf_free(&buf);
	return names;
}

int mml_table_bad_at(struct mml_table *table, const char *path, struct mml_span text,
		     const char *rest, const char *what)
{
	size_t line = rest[-1] != '\n'; /* counts a last line without a newline */

	/* Only the first bad line is reported. To count the lines again for each bad one would take
	 * too long. */
	if (table->error)
		return -EBADMSG;
	for (const char *p = text.p; (p = memchr(p, '\n', (size_t)(rest - p))); p++)
		line++;
	return mml_table_bad(table, path, line, what);
}

uint64_t mml_take_page_size(struct mml_take *take, struct mml_table *table)
{
	const struct mml_host *host = take->host;

	if (!host->page_size_known)
		mml_table_note(table, "the tree does not tell its page size: %llu bytes are assumed",
			       (unsigned long long)host->page_size);
	else if (host->page_size_from)
		mml_table_note(table, "page size of %llu bytes inferred from %s",
			       (unsigned long long)host->page_size, host->page_size_from);
	return host->page_size;
}

int mml_table_bad(struct mml_table *table, const char *path, size_t line, const char *what)
{
	return mml_table_fail(table, -EBADMSG, NULL, "%s: line %zu: %s", path, line, what);
}
