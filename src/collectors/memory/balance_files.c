/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include <errno.h>
#include <string.h>

#include "../numa/numa.h"

static const char hugepages_dir[] = "/sys/kernel/mm/hugepages";

/*
 * 0x0000000012345678-0x00000000deadbeef   20480 dup_task_struct+0x4e/0x600 pages=4 vmalloc N0=4
 * The function named is the one that the caller was inlined into, which differs between versions.
 */
static bool is_stack(struct mml_span caller)
{
	static const char *const stacks[] = { "alloc_thread_stack", "dup_task_struct",
					      "copy_process", "_do_fork", "kernel_clone" };

	for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++)
		if (mml_span_starts(caller, stacks[i]))
			return true;
	return false;
}

/* Reads one line of vmallocinfo. Returns the pages of the area, 0 if it has no memory of its own.
 */
static uint64_t area_pages(struct mml_span line, bool *ret_stack)
{
	struct mml_span tok;
	uint64_t pages = 0;

	*ret_stack = false;
	mml_next_token(&line, &tok); /* addresses */
	mml_next_token(&line, &tok); /* size */
	while (mml_next_token(&line, &tok)) {
		*ret_stack |= is_stack(tok);
		if (!mml_span_starts(tok, "pages="))
			continue;
		tok.p += strlen("pages=");
		if (mml_parse_u64(tok, &pages) || pages >> 45)
			pages = 0;
	}
	return pages;
}

bool mml_vmallocinfo_has_stacks(struct mml_span text)
{
	struct mml_span line;

	while (mml_next_line(&text, &line)) {
		bool stack;

		if (area_pages(line, &stack) && stack)
			return true;
	}
	return false;
}

/* Sums the pages of all areas that are not stacks. */
static bool vmallocinfo_pages(const struct mml_balance *b, uint64_t *ret)
{
	struct mml_span text = b->vmallocinfo, line;

	*ret = 0;
	if (!text.p)
		return false;
	while (mml_next_line(&text, &line)) {
		bool stack;
		uint64_t pages = area_pages(line, &stack);

		if (!stack)
			*ret += pages;
	}
	return !__builtin_mul_overflow(*ret, b->page_size, ret);
}

/*
 * 13 1 0x01 147 39984 5272384213 1064123456789012
 * name                            type data
 * size                            4    31783362560
 */
static bool arcstats(const struct mml_balance *b, const char *name, uint64_t *ret)
{
	struct mml_span text = b->arcstats, line, tok;
	uint64_t type;

	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &tok) && mml_span_eq(tok, name) &&
		    !mml_next_u64(&line, &type) && !mml_next_u64(&line, ret))
			return true;
	return false;
}

/*
 * TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3
 * FRAG: inuse 0 memory 0
 * "mem" is in pages, and of the whole machine; "memory" is in bytes.
 */
static bool sockstat_sum(struct mml_span text, uint64_t page_size, uint64_t *ret)
{
	struct mml_span line, tok;
	bool any = false;

	while (mml_next_line(&text, &line)) {
		bool pages = false, bytes = false;
		uint64_t v;

		while (mml_next_token(&line, &tok)) {
			if ((pages || bytes) && !mml_parse_u64(tok, &v) &&
			    !(pages && __builtin_mul_overflow(v, page_size, &v)) &&
			    !__builtin_add_overflow(*ret, v, ret))
				any = true;
			pages = mml_span_eq(tok, "mem");
			bytes = mml_span_eq(tok, "memory");
		}
	}
	return any;
}

static bool socket_bytes(const struct mml_balance *b, uint64_t *ret)
{
	bool any;

	*ret = 0;
	any = sockstat_sum(b->sockstat, b->page_size, ret);
	sockstat_sum(b->sockstat6, b->page_size, ret);
	return any;
}

/* Sums the pools of all sizes. */
static bool hugepages_size(const struct mml_balance *b, uint64_t *ret)
{
	const char *const *names = mml_take_names(b->take, hugepages_dir);
	bool any = false;

	*ret = 0;
	for (; names && *names; names++) {
		uint64_t size, n;

		if (!mml_hugepage_dir(*names, &size) ||
		    mml_take_number(b->take, &n, "%s/%s/nr_hugepages", hugepages_dir, *names))
			continue;
		if (__builtin_mul_overflow(n, size, &n) || __builtin_add_overflow(*ret, n, ret))
			return false;
		any = true;
	}
	return any;
}

/* Sums what all zram devices take, the third number of mm_stat, or a file of its own before 4.1. */
static bool zram_used(const struct mml_balance *b, uint64_t *ret)
{
	const char *const *names = mml_take_names(b->take, "/sys/block");
	bool any = false;

	*ret = 0;
	for (; names && *names; names++) {
		struct mml_span text, line;
		uint64_t v;

		if (strncmp(*names, "zram", 4) != 0)
			continue;
		if (!mml_take_filef(b->take, &text, "/sys/block/%s/mm_stat", *names)) {
			if (!mml_next_line(&text, &line) || mml_next_u64(&line, &v) ||
			    mml_next_u64(&line, &v) || mml_next_u64(&line, &v))
				continue;
		} else if (mml_take_number(b->take, &v, "/sys/block/%s/mem_used_total", *names)) {
			continue;
		}
		if (__builtin_add_overflow(*ret, v, ret))
			return false;
		any = true;
	}
	return any;
}

bool mml_balance_file_field(const struct mml_balance *b, const char *name, uint64_t *ret)
{
	struct mml_span text = b->dm_bufio, line;

	if (!strcmp(name, "vmallocinfo:pages"))
		return vmallocinfo_pages(b, ret);
	if (!strncmp(name, "arcstats:", 9))
		return arcstats(b, name + 9, ret);
	if (!strcmp(name, "sockstat:mem"))
		return socket_bytes(b, ret);
	if (!strcmp(name, "zram:mem_used_total"))
		return zram_used(b, ret);
	if (!strcmp(name, "hugepages:size"))
		return hugepages_size(b, ret);
	return !strncmp(name, "dm_bufio:", 9) && mml_next_line(&text, &line) &&
	       !mml_next_u64(&line, ret);
}

/* Drivers whose devices the entries of their folder are, beside the files that each has. */
static bool bound(const struct mml_balance *b, const char *driver)
{
	static const char *const files[] = { "bind",   "unbind", "uevent",
					     "module", "new_id", "remove_id" };
	const char *const *names = mml_take_names(b->take, driver);

	for (; names && *names; names++) {
		bool file = false;

		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
			file |= !strcmp(*names, files[i]);
		if (!file)
			return true;
	}
	return false;
}

const char *mml_balance_balloons(const struct mml_balance *b)
{
	bool hyperv = bound(b, "/sys/bus/vmbus/drivers/hv_balloon");
	bool virtio = bound(b, "/sys/bus/virtio/drivers/virtio_balloon");

	if (hyperv && virtio)
		return "hv_balloon and virtio_balloon";
	return hyperv ? "hv_balloon" : virtio ? "virtio_balloon" : NULL;
}

/* A file beside meminfo, and the rows that come from it. */
struct part_file {
	const char *path, *rows;
	struct mml_span *text;
	bool optional; /* if it does not exist, there is nothing to count */
};

/* Appends to UNREAD why the rows of a file are missing. */
static void unread(const struct mml_balance *b, struct mml_buf *unread, const char *path, int err,
		   const char *rows)
{
	struct mml_absence why = mml_absence_of(b->take->arena, b->take->root,
						b->take->collector->sources, path, err);

	mml_buf_printf(unread, "%s%s (%s)", unread->len ? ", " : "", why.reason ? why.reason : path,
		       rows);
}

static void open_files(struct mml_balance *b, const struct part_file *files, size_t n,
		       struct mml_buf *missing)
{
	for (size_t i = 0; i < n; i++) {
		int rc = mml_take_file(b->take, NULL, files[i].path, files[i].text);

		if (!rc)
			continue;
		*files[i].text = (struct mml_span){ 0 };
		if (rc != -ENOENT || !files[i].optional)
			unread(b, missing, files[i].path, rc, files[i].rows);
	}
}

int mml_balance_open(struct mml_balance *b)
{
	const bool live = mml_root_live(b->take->root);
	const struct part_file files[] = {
		{ "/proc/vmstat", "isolated, zsmalloc, memmap", &b->vmstat, false },
		{ "/proc/zoneinfo", "pcp", &b->zoneinfo, false },
		/* A kernel without networking has no sockets; a tree may just not have the file. */
		{ "/proc/net/sockstat", "sockets", &b->sockstat, live },
		{ "/proc/net/sockstat6", "sockets of IPv6", &b->sockstat6, true },
		{ "/proc/spl/kstat/zfs/arcstats", "zfs_arc", &b->arcstats,
		  !mml_take_names(b->take, "/sys/module/zfs") },
		{ "/sys/module/dm_bufio/parameters/allocated_get_free_pages_bytes", "dm_bufio",
		  &b->dm_bufio, true },
		{ "/proc/vmallocinfo", "vmalloc", &b->vmallocinfo, false },
	};
	/* vmallocinfo can be large, and is read only where VmallocUsed does not tell. */
	const bool vmallocinfo = mml_balance_applies(b, MML_BALANCE_VMALLOC_UNCOUNTED);
	struct mml_buf missing = { 0 };
	int rc;

	/* What these files tell is the machine's, and no part of a container's account. */
	if (b->whose.is == MML_WHOSE_OTHER)
		return 0;
	open_files(b, files, sizeof(files) / sizeof(*files) - !vmallocinfo, &missing);
	if (b->zones_error)
		mml_buf_printf(&missing,
			       "%s/proc/zoneinfo: a line is not what the kernel writes (pcp)",
			       missing.len ? ", " : "");
	if (missing.len && !missing.error)
		mml_table_note(b->table, "the remainder holds what could not be read: %s",
			       missing.data);
	rc = missing.error;
	mml_buf_free(&missing);
	return rc;
}
