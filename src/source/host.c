/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../core/trouble.h"

static const struct {
	int err;
	const char *name;
} errnos[] = {
	{ EPERM, "EPERM" },   { EACCES, "EACCES" },         { EIO, "EIO" },
	{ ESRCH, "ESRCH" },   { EINVAL, "EINVAL" },         { ENODEV, "ENODEV" },
	{ ENOSYS, "ENOSYS" }, { EOPNOTSUPP, "EOPNOTSUPP" }, { ENXIO, "ENXIO" },
	{ EBUSY, "EBUSY" },   { EFBIG, "EFBIG" },
};

const char *mml_errno_name(int err)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		if (errnos[i].err == (err < 0 ? -err : err))
			return errnos[i].name;
	return NULL;
}

void mml_host_free(struct mml_host_text *text)
{
	mml_buf_free(&text->host);
	mml_buf_free(&text->text);
	free(text->errors);
	mml_buf_free(&text->kernel);
	mml_buf_free(&text->machine);
	mml_buf_free(&text->boot_id);
	mml_buf_free(&text->name);
}

int mml_host_live(struct mml_host *ret, struct mml_host_text *text)
{
	struct utsname name;

	if (uname(&name))
		return -errno;
	mml_buf_puts(&text->kernel, name.release);
	mml_buf_puts(&text->machine, name.machine);
	ret->kernel = text->kernel.data;
	ret->machine = text->machine.data;
	ret->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	ret->page_size_known = true;
	ret->clock_ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	return text->kernel.error ? text->kernel.error : text->machine.error;
}

/* Returns the value of KEY in the host file, which has "key=value" lines, or an empty span if it is
 * not there. */
static struct mml_span host_value(const struct mml_buf *host, const char *key)
{
	struct mml_span text = { host->data, host->data + host->len }, line, name;

	while (mml_next_line(&text, &line))
		if (mml_next_field(&line, '=', &name) && mml_span_eq(name, key))
			return line;
	return (struct mml_span){ 0 };
}

static void tree_kernel(struct mml_root *root, struct mml_host *ret, struct mml_host_text *text)
{
	struct mml_span all, tok;

	if (mml_root_read(root, "/proc/sys/kernel/osrelease", &text->kernel) &&
	    mml_root_read(root, "/proc/version", &text->kernel))
		return;
	all = (struct mml_span){ text->kernel.data, text->kernel.data + text->kernel.len };
	mml_next_line(&all, &tok);
	all = tok;
	mml_next_token(&all, &tok);
	if (mml_span_eq(tok, "Linux")) { /* the line is "Linux version 5.14.0-325.el9.x86_64 (...) ..." */
		mml_next_token(&all, &tok);
		mml_next_token(&all, &tok);
	}
	if (mml_span_len(tok)) {
		*(char *)tok.end = '\0';
		ret->kernel = tok.p;
	}
}

static int error_order(const void *a, const void *b)
{
	return strcmp(((const struct mml_host_error *)a)->path,
		      ((const struct mml_host_error *)b)->path);
}

/* Returns what it means that reading a file of mmlens/ gave RC: 0 if there is none, what ran out, or
 * else -EBADMSG. */
static int own_file(int rc)
{
	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	return rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE ? rc : -EBADMSG;
}

/* Reads the lines "ENAME /path" of the errors file. */
static int load_errors(struct mml_root *root, struct mml_host_text *text)
{
	struct mml_span all, line, name;
	size_t lines = 0;
	int rc = mml_root_read(root, "/mmlens/errors", &text->text);

	if (rc)
		return own_file(rc);
	for (size_t i = 0; i < text->text.len; i++)
		lines += text->text.data[i] == '\n';
	text->errors = mml_calloc(lines + 1, sizeof(*text->errors));
	if (!text->errors)
		return -ENOMEM;
	all = (struct mml_span){ text->text.data, text->text.data + text->text.len };
	while (text->nerrors < lines && mml_next_line(&all, &line)) {
		*(char *)line.end = '\0';
		if (!mml_next_field(&line, ' ', &name))
			continue;
		for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
			if (mml_span_eq(name, errnos[i].name))
				text->errors[text->nerrors++] =
					(struct mml_host_error){ line.p, -errnos[i].err };
	}
	qsort(text->errors, text->nerrors, sizeof(*text->errors), error_order);
	return 0;
}

int mml_host_error(const struct mml_host_text *text, const char *path)
{
	struct mml_host_error key = { path, 0 }, *at;

	if (!text->nerrors)
		return 0;
	at = bsearch(&key, text->errors, text->nerrors, sizeof(key), error_order);
	return at ? at->err : 0;
}

/* Fills in what can be told of a tree that was not made by mmlens. */
static int foreign(struct mml_root *root, struct mml_host *ret, struct mml_host_text *text)
{
	uint64_t size;
	int rc = mml_page_size_infer(root, &text->page_size_from, &size);

	if (rc)
		return rc;
	if (size) {
		ret->page_size = size;
		ret->page_size_known = true;
		ret->page_size_from = text->page_size_from.words;
	}
	tree_kernel(root, ret, text);
	mml_root_count_nodes(root);
	return text->kernel.error;
}

/* Returns whether the capture saved the page size, and a possible one. */
static bool saved_page_size(const struct mml_buf *host, uint64_t *ret)
{
	return !mml_parse_u64(host_value(host, "page_size"), ret) && mml_page_size_possible(*ret);
}

/* Returns the value of KEY, which RET keeps, or NULL if there is none. */
static const char *keep_value(const struct mml_buf *host, const char *key, struct mml_buf *ret)
{
	struct mml_span v = host_value(host, key);

	mml_buf_put(ret, v.p, mml_span_len(v));
	return ret->data;
}

int mml_host_tree(struct mml_root *root, struct mml_host *ret, struct mml_host_text *text)
{
	uint64_t nodes;
	int rc;

	*ret = (struct mml_host){ .page_size = 4096, .clock_ticks = 100 };
	rc = mml_root_read(root, "/mmlens/incomplete", &text->host);
	ret->incomplete = !rc;
	text->host.len = 0;
	rc = rc ? own_file(rc) : 0;
	if (!rc)
		rc = load_errors(root, text);
	if (rc)
		return rc;
	rc = mml_root_read(root, "/mmlens/host", &text->host);
	if (rc && own_file(rc))
		return own_file(rc);
	if (rc)
		return foreign(root, ret, text);
	if (!saved_page_size(&text->host, &ret->page_size))
		return -EBADMSG;
	ret->page_size_known = true;
	if (mml_parse_u64(host_value(&text->host, "clock_ticks"), &ret->clock_ticks) ||
	    !ret->clock_ticks)
		ret->clock_ticks = 100;
	ret->kernel = keep_value(&text->host, "kernel", &text->kernel);
	ret->machine = keep_value(&text->host, "machine", &text->machine);
	ret->boot_id = keep_value(&text->host, "boot_id", &text->boot_id);
	ret->name = keep_value(&text->host, "name", &text->name);
	if (!mml_parse_u64(host_value(&text->host, "nodes"), &nodes) && nodes <= UINT32_MAX)
		ret->nodes = (unsigned)nodes;
	return text->kernel.error ? text->kernel.error : text->machine.error;
}

int mml_host_save(struct mml_root *root, const struct mml_host *host, const struct mml_time *now)
{
	struct mml_buf buf = { 0 };
	int rc;

	mml_buf_printf(&buf, "kernel=%s\nmachine=%s\npage_size=%llu\nclock_ticks=%llu\n",
		       host->kernel ? host->kernel : "", host->machine ? host->machine : "",
		       (unsigned long long)host->page_size, (unsigned long long)host->clock_ticks);
	mml_buf_printf(&buf, "nodes=%u\n", host->nodes);
	if (host->boot_id)
		mml_buf_printf(&buf, "boot_id=%s\n", host->boot_id);
	if (host->name)
		mml_buf_printf(&buf, "name=%s\n", host->name);
	mml_buf_printf(&buf, "time=%lld.%09ld\nmono_ns=%llu\n", (long long)now->wall.tv_sec,
		       now->wall.tv_nsec, (unsigned long long)now->mono_ns);
	rc = buf.error ? buf.error : mml_root_save(root, "/mmlens/host", buf.data, buf.len);
	mml_buf_free(&buf);
	return rc;
}

void mml_host_time(struct mml_root *root, struct mml_time *ret)
{
	struct mml_buf buf = { 0 };

	/* This is read again each time, because whoever replaces the files of a tree replaces this
	 * one, too. */
	if (!mml_root_read(root, "/mmlens/host", &buf)) {
		struct mml_span v = host_value(&buf, "time"), sec;
		uint64_t s, ns;

		if (mml_next_field(&v, '.', &sec) && !mml_parse_u64(sec, &s) &&
		    !mml_parse_u64(v, &ns) && s < INT64_MAX && ns < 1000000000) {
			ret->wall.tv_sec = (time_t)s;
			ret->wall.tv_nsec = (long)ns;
		}
		if (mml_parse_u64(host_value(&buf, "mono_ns"), &ret->mono_ns))
			ret->mono_ns = 0;
	}
	mml_buf_free(&buf);
}
