/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rc.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../collectors/registry.h"
#include "../core/snapshot.h"
#include "../core/trouble.h"

const char *const mml_units_names[] = {
	[MML_AUTO] = "auto",         [MML_IN_KIB] = "KiB",     [MML_IN_MIB] = "MiB",
	[MML_IN_GIB] = "GiB",        [MML_IN_PAGES] = "pages", [MML_IN_BYTES] = "bytes",
	[MML_IN_BYTES + 1] = NULL,
};

int mml_units_named(const char *name)
{
	for (int i = 0; mml_units_names[i]; i++)
		if (!strcasecmp(mml_units_names[i], name))
			return i;
	return -1;
}

char *mml_rc_path(void)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* The XDG specification says that a relative path is to be ignored. */
	if (dir && *dir == '/')
		return mml_strf("%s/mmlens/mmlensrc", dir);
	if (home && *home == '/')
		return mml_strf("%s/.config/mmlens/mmlensrc", home);
	return NULL;
}

void mml_rc_free(struct mml_rc *rc)
{
	for (size_t i = 0; i < rc->ntables; i++) {
		free(rc->tables[i].name);
		free(rc->tables[i].columns);
		free(rc->tables[i].sort);
	}
	free(rc->tables);
	*rc = (struct mml_rc){ 0 };
}

struct mml_rc_table *mml_rc_table(struct mml_rc *rc, const char *table, bool make)
{
	struct mml_rc_table *tables;

	for (size_t i = 0; i < rc->ntables; i++)
		if (!strcmp(rc->tables[i].name, table))
			return &rc->tables[i];
	if (!make)
		return NULL;
	tables = mml_realloc(rc->tables, rc->ntables + 1, sizeof(*tables));
	if (!tables)
		return NULL;
	rc->tables = tables;
	tables[rc->ntables] = (struct mml_rc_table){ .name = mml_strdup(table) };
	return tables[rc->ntables].name ? &tables[rc->ntables++] : NULL;
}

/* What must be remembered from one line to the next. */
struct reading {
	struct mml_rc *rc;
	FILE *file;
	struct mml_buf *complaints;
	const char *path;
	unsigned line;
	bool waiting; /* the last line has not come to set_value(), as it should */
	bool too_long;
	char last[64]; /* section and name, for lines that continue a value */
	char why[256];
};

static void complain(struct reading *r, unsigned line, const char *what)
{
	if (!r->rc->bad_lines)
		mml_buf_printf(r->complaints, "%s, lines not understood:\n", r->path);
	r->rc->bad_lines = true;
	mml_buf_printf(r->complaints, "line %u: %s\n", line, what);
}

static void line_over(struct reading *r)
{
	if (r->too_long)
		complain(r, r->line, "too long");
	else if (r->waiting)
		complain(r, r->line, "neither [table] nor name = value");
	r->waiting = r->too_long = false;
}

/* Reads a line for libinih as fgets() does, and counts the lines. The rest of a line that is too
 * long is skipped. */
static char *read_line(char *s, int size, void *arg)
{
	struct reading *r = arg;
	const char *p;
	size_t len;
	int c;

	line_over(r);
	if (!fgets(s, size, r->file))
		return NULL;
	r->line++;
	len = strlen(s);
	if (!len || s[len - 1] != '\n') {
		while ((c = getc(r->file)) != EOF && c != '\n')
			r->too_long = true;
		if (r->too_long)
			s[0] = '\0';
	}
	p = s + strspn(s, " \t\r\n");
	r->waiting = !r->too_long && *p && *p != ';' && *p != '#' &&
		     !(*p == '[' && strchr(p, ']'));
	return s;
}

static const char *set_global(struct mml_rc *rc, const char *name, const char *value)
{
	uint64_t ns;
	int units;

	if (!strcmp(name, "delay")) {
		if (mml_parse_seconds(value, &ns) || ns < 10000000)
			return "delay is not a number of seconds (0.01 to a year)";
		rc->delay_ns = ns;
		return NULL;
	}
	if (!strcmp(name, "units")) {
		units = mml_units_named(value);
		if (units < 0)
			return "units is not auto, KiB, MiB, GiB, pages or bytes";
		rc->units = (enum mml_units)units;
		return NULL;
	}
	if (!strcmp(name, "theme")) {
		for (int i = 0; mml_themes[i]; i++)
			if (!strcmp(mml_themes[i], value)) {
				rc->theme = (enum mml_theme)i;
				return NULL;
			}
		return "theme is not auto, dark or light";
	}
	return "not a setting";
}

/* Checks LIST against the schema before it is kept, so that a complaint can name its line. */
static const char *check(struct reading *r, const struct mml_collector *table, bool sort,
			 const char *list)
{
	struct mml_select sel;
	int rc;

	mml_select_init(&sel, &table->schema);
	rc = sort ? mml_select_sort(&sel, list) : mml_select_columns(&sel, list);
	snprintf(r->why, sizeof(r->why), "%s", rc ? sel.error : "");
	mml_select_free(&sel);
	return rc ? r->why : NULL;
}

/* A table can have several grids: "processes.unit" is one of processes. */
static const struct mml_collector *collector_of(const char *section)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(section, "."), section);
	return mml_collector_find(name);
}

static const char *set_table(struct reading *r, const char *table, const char *name,
			     const char *value, bool more)
{
	const struct mml_collector *collector = collector_of(table);
	struct mml_rc_table *t;
	const char *why;
	char **to, *joined;

	if (!collector)
		return "in the section of no table";
	if (strcmp(name, "columns") && strcmp(name, "sort"))
		return "not a setting of tables (columns, sort)";
	while (more && *value == ',')
		value++;
	why = check(r, collector, *name == 's', value);
	t = why ? NULL : mml_rc_table(r->rc, table, true);
	if (!t)
		return why ? why : "out of memory";
	to = *name == 's' ? &t->sort : &t->columns;
	joined = mml_strf("%s%s%s", more && *to ? *to : "", more && *to ? "," : "", value);
	if (!joined)
		return "out of memory";
	free(*to);
	*to = joined;
	return NULL;
}

static int set_value(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	char key[sizeof(r->last)], list[512];
	const char *why;
	size_t len;
	bool more;

	r->waiting = false;
	snprintf(key, sizeof(key), "%s.%s", section, name);
	/* libinih hands over a line that begins with a blank as another value of the same name. */
	more = !strcmp(key, r->last);
	snprintf(r->last, sizeof(r->last), "%s", key);
	snprintf(list, sizeof(list), "%s", value);
	len = strlen(list);
	while (len && (list[len - 1] == ',' || list[len - 1] == ' '))
		list[--len] = '\0';
	why = *section ? set_table(r, section, name, list, more) : set_global(r->rc, name, list);
	if (why)
		complain(r, r->line, why);
	return 1;
}

int mml_rc_read(struct mml_rc *rc, const char *path, struct mml_buf *complaints)
{
	struct reading r = { .rc = rc, .complaints = complaints, .path = path };
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*rc = (struct mml_rc){ 0 };
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd >= 0 && !fstat(fd, &st) && !S_ISREG(st.st_mode)) {
		close(fd);
		fd = -1;
		errno = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
	}
	r.file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!r.file) {
		rc->error = -errno;
		mml_buf_printf(complaints, "%s: %s\n", path, strerror(errno));
		return rc->error;
	}
	ini_parse_stream(read_line, &r, set_value, &r);
	line_over(&r);
	if (ferror(r.file)) {
		rc->error = -EIO;
		mml_buf_printf(complaints, "%s: %s\n", path, strerror(EIO));
	}
	fclose(r.file);
	return rc->error;
}

/* Writes a list in several lines, since libinih reads only 200 bytes of one. */
static void put_list(struct mml_buf *out, const char *name, const char *list)
{
	size_t width = 0;

	mml_buf_printf(out, "%s = ", name);
	while (*list) {
		size_t n = strcspn(list, ",");

		if (width && width + n > 80) {
			mml_buf_puts(out, "\n    ");
			width = 0;
		}
		mml_buf_put(out, list, n);
		list += n;
		if (*list) {
			mml_buf_putc(out, ',');
			list++;
		}
		width += n + 1;
	}
	mml_buf_putc(out, '\n');
}

static void put_rc(const struct mml_rc *rc, struct mml_buf *out)
{
	mml_buf_puts(out, "# Written by mmlens (W). Columns and order as for -o and -s.\n");
	if (rc->delay_ns)
		mml_buf_printf(out, "delay = %.3f\n", (double)rc->delay_ns / 1e9);
	mml_buf_printf(out, "units = %s\n", mml_units_names[rc->units]);
	if (rc->theme)
		mml_buf_printf(out, "theme = %s\n", mml_themes[rc->theme]);
	for (size_t i = 0; i < rc->ntables; i++) {
		const struct mml_rc_table *t = &rc->tables[i];

		if (!t->columns && !t->sort)
			continue;
		mml_buf_printf(out, "\n[%s]\n", t->name);
		if (t->columns)
			put_list(out, "columns", t->columns);
		if (t->sort)
			put_list(out, "sort", t->sort);
	}
}

static int make_directories(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST) {
			*p = '/';
			return -errno;
		}
		*p = '/';
	}
	return 0;
}

static int write_beside(struct mml_buf *text, const char *path, char *beside)
{
	struct stat st;
	int fd = mkstemp(beside), rc = 0;

	if (fd < 0)
		return -errno;
	fchmod(fd, stat(path, &st) ? 0600 : st.st_mode & 0777);
	rc = mml_buf_flush(text, fd);
	if (!rc && fsync(fd))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(beside, path))
		rc = -errno;
	if (rc)
		unlink(beside);
	return rc;
}

static void sync_directory(const char *path)
{
	char *slash, *dir = mml_strdup(path);
	int fd;

	slash = dir ? strrchr(dir, '/') : NULL;
	if (slash) {
		*slash = '\0';
		fd = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			fsync(fd);
			close(fd);
		}
	}
	free(dir);
}

/* Before a file with lines that nobody understood is replaced, it is kept as mmlensrc.old. */
static int keep_old(const char *path)
{
	char *old = mml_strf("%s.old", path);
	int rc = 0;

	if (!old)
		return -ENOMEM;
	unlink(old);
	if (link(path, old) && errno != ENOENT)
		rc = -errno;
	free(old);
	return rc;
}

int mml_rc_write(const struct mml_rc *rc, const char *path)
{
	struct mml_buf text = { 0 };
	char *at = NULL, *beside = NULL;
	int err = rc->error;

	if (err)
		return err;
	/* If the file is a symbolic link, for example to a directory of dotfiles, the link stays
	 * and its target is written. */
	at = realpath(path, NULL);
	if (!at && errno == ENOMEM)
		return mml_trouble(-ENOMEM);
	if (!at) {
		at = mml_strdup(path);
		err = at ? make_directories(at) : -ENOMEM;
	}
	if (!err && rc->bad_lines)
		err = keep_old(at);
	if (!err) {
		beside = mml_strf("%s.XXXXXX", at);
		err = beside ? 0 : -ENOMEM;
	}
	put_rc(rc, &text);
	if (!err)
		err = text.error ? text.error : write_beside(&text, at, beside);
	if (!err)
		sync_directory(at);
	mml_buf_free(&text);
	free(beside);
	free(at);
	return err;
}

void mml_rc_apply(struct mml_rc *rc, const char *section, struct mml_select *sel)
{
	const struct mml_rc_table *t = mml_rc_table(rc, section, false);

	if (t && t->columns)
		mml_select_columns(sel, t->columns);
	if (t && t->sort)
		mml_select_sort(sel, t->sort);
}

static char *columns_text(const struct mml_select *sel)
{
	struct mml_buf out = { 0 };

	for (size_t i = 0; i < sel->ncolumns; i++)
		mml_buf_printf(&out, "%s%s", i ? "," : "",
			       sel->schema->columns[sel->columns[i]].name);
	return out.error ? NULL : out.data;
}

static char *sort_text(const struct mml_select *sel)
{
	struct mml_buf out = { 0 };

	for (size_t i = 0; i < sel->nkeys; i++)
		mml_buf_printf(&out, "%s%s%s", i ? "," : "", sel->keys[i].descending ? "-" : "",
			       sel->schema->columns[sel->keys[i].column].name);
	return out.error ? NULL : out.data;
}

/* Puts TEXT into TO, or NULL if it is the grid's own, OWN. Returns 0, or -ENOMEM if one of the two is NULL;
 * TO is as it was then. */
static int keep_text(char **to, char *text, char *own)
{
	if (!text || !own) {
		free(text);
		free(own);
		return -ENOMEM;
	}
	if (!strcmp(text, own)) {
		free(text);
		text = NULL;
	}
	free(own);
	free(*to);
	*to = text;
	return 0;
}

int mml_rc_keep(struct mml_rc *rc, const char *section, const struct mml_select *sel,
		const struct mml_select *own)
{
	struct mml_rc_table *t = mml_rc_table(rc, section, true);
	int err;

	if (!t)
		return -ENOMEM;
	err = keep_text(&t->columns, columns_text(sel), columns_text(own));
	/* Rows can be in the order of the kernel: that is an empty list, and no lack of memory. */
	if (!err && sel->nkeys)
		err = keep_text(&t->sort, sort_text(sel), own->nkeys ? sort_text(own) : mml_strdup(""));
	return err;
}
