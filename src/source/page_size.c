/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trouble.h"
#include "host.h"

enum { SMALLEST = 4096, LARGEST = 65536 };

static bool possible(uint64_t size)
{
	return size >= SMALLEST && size <= LARGEST && !(size & (size - 1));
}

/* KernelPageSize:        4 kB
 * The base page is the smallest of all mappings: those of huge page pools have larger pages. */
uint64_t mml_page_size_of_smaps(struct mml_span text)
{
	struct mml_span line, name;
	uint64_t kib, ret = 0;

	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &name) && mml_span_eq(name, "KernelPageSize:") &&
		    !mml_next_u64(&line, &kib) && kib <= LARGEST / 1024 && possible(kib * 1024) &&
		    (!ret || kib * 1024 < ret))
			ret = kib * 1024;
	return ret;
}

static uint64_t word(const unsigned char *p, unsigned bytes, bool big)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << 8 * (big ? bytes - 1 - i : i);
	return v;
}

/* The file is pairs of words, a kind and its value, up to a kind of 0. */
static uint64_t size_of_words(struct mml_span text, unsigned bytes, bool big)
{
	enum { AT_NULL = 0, AT_PAGESZ = 6, KINDS = 64 };
	const unsigned char *p = (const unsigned char *)text.p;
	uint64_t ret = 0;

	for (size_t left = mml_span_len(text); left >= 2 * bytes;
	     left -= 2 * bytes, p += 2 * bytes) {
		uint64_t kind = word(p, bytes, big);

		if (kind == AT_NULL)
			return ret;
		if (kind > KINDS)
			return 0;
		if (kind == AT_PAGESZ && possible(word(p + bytes, bytes, big)))
			ret = word(p + bytes, bytes, big);
	}
	return 0;
}

/* The tree does not tell the width of a word or the order of its bytes, so all four forms are
 * tried. */
uint64_t mml_page_size_of_auxv(struct mml_span text)
{
	uint64_t ret = 0;

	for (unsigned form = 0; form < 4 && !ret; form++)
		ret = size_of_words(text, form & 1 ? 4 : 8, form & 2);
	return ret;
}

struct search {
	struct mml_root *root;
	struct mml_buf buf;
	struct mml_page_size_source *from;
	int error; /* a file that might have told could not be read */
};

/* Reads the whole of PATH into BUF. Returns an empty span if that fails. */
static struct mml_span contents(struct search *s, const char *path, struct mml_buf *buf)
{
	int rc;

	buf->len = 0;
	rc = mml_root_read(s->root, path, buf);
	if (rc == -EIO || rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE)
		s->error = rc;
	return rc ? (struct mml_span){ 0 } : (struct mml_span){ buf->data, buf->data + buf->len };
}

/* Returns the page size that the kernel told process PID, or 0 if the tree does not have it. */
static uint64_t ask_process(struct search *s, unsigned long long pid)
{
	char path[64];
	uint64_t ret;

	snprintf(path, sizeof(path), "/proc/%llu/auxv", pid);
	ret = mml_page_size_of_auxv(contents(s, path, &s->buf));
	if (ret) {
		snprintf(s->from->words, sizeof(s->from->words), "AT_PAGESZ in %.40s", path);
		return ret;
	}
	snprintf(path, sizeof(path), "/proc/%llu/smaps", pid);
	ret = mml_page_size_of_smaps(contents(s, path, &s->buf));
	snprintf(s->from->words, sizeof(s->from->words), "KernelPageSize in %.40s", path);
	return ret;
}

static int pid_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Asks the processes in the order of their numbers. */
static uint64_t ask_processes(struct search *s)
{
	struct mml_buf names = { 0 };
	uint64_t *pids = NULL, ret = 0;
	size_t n = 0;
	int rc = mml_root_list(s->root, "/proc", &names);

	if (rc && rc != -ENOENT && rc != -ENOTDIR && rc != -EACCES)
		s->error = rc;
	if (rc || !names.len)
		goto out;
	for (size_t i = 0; i < names.len; i++)
		n += !names.data[i];
	pids = mml_calloc(n, sizeof(*pids));
	if (!pids) {
		s->error = -ENOMEM;
		goto out;
	}
	n = 0;
	for (const char *name = names.data; name < names.data + names.len; name += strlen(name) + 1)
		n += !mml_parse_u64(mml_span_str(name), &pids[n]);
	qsort(pids, n, sizeof(*pids), pid_order);
	for (size_t i = 0; i < n && !ret; i++)
		ret = ask_process(s, pids[i]);
out:
	free(pids);
	mml_buf_free(&names);
	return ret;
}

/* Returns the sum of the numbers behind NAME in lines of "name number", or 0 if it is not there. */
static uint64_t number_behind(struct mml_span text, const char *name)
{
	struct mml_span line, tok;
	uint64_t sum = 0, v;

	while (mml_next_line(&text, &line))
		if (mml_next_token(&line, &tok) && mml_span_eq(tok, name) &&
		    !mml_next_u64(&line, &v) && __builtin_add_overflow(sum, v, &sum))
			return 0;
	return sum;
}

/* MemTotal in KiB and what the zones manage in pages are the same memory, to the last page. */
static uint64_t size_of_total(struct mml_span meminfo, struct mml_span zoneinfo)
{
	uint64_t kib = number_behind(meminfo, "MemTotal:");
	uint64_t pages = number_behind(zoneinfo, "managed");

	for (uint64_t size = SMALLEST; size <= LARGEST && pages && kib; size *= 2)
		if (pages <= UINT64_MAX / LARGEST && pages * (size / 1024) == kib)
			return size;
	return 0;
}

/*
 * Some counters are in one file in KiB and in the other in pages. At least three must agree on a
 * size, each to 3 %, and no other size may have half as many. One counter alone proves nothing,
 * because any number in a container's meminfo may be of another machine.
 */
static uint64_t size_of_counters(struct mml_span meminfo, struct mml_span vmstat)
{
	static const char *const pairs[][2] = {
		{ "MemFree:", "nr_free_pages" },
		{ "Active(anon):", "nr_active_anon" },
		{ "Inactive(anon):", "nr_inactive_anon" },
		{ "Active(file):", "nr_active_file" },
		{ "Inactive(file):", "nr_inactive_file" },
		{ "Unevictable:", "nr_unevictable" },
		{ "Mapped:", "nr_mapped" },
		{ "Shmem:", "nr_shmem" },
		{ "SReclaimable:", "nr_slab_reclaimable" },
		{ "SUnreclaim:", "nr_slab_unreclaimable" },
		{ "PageTables:", "nr_page_table_pages" },
	};
	unsigned votes[5] = { 0 }, best = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		uint64_t kib = number_behind(meminfo, pairs[i][0]);
		uint64_t pages = number_behind(vmstat, pairs[i][1]);

		for (unsigned s = 0; s < 5 && kib >= 1024 && pages >= 16; s++) {
			double off = (double)kib / ((double)pages * (SMALLEST / 1024 << s));

			votes[s] += off > 0.97 && off < 1.03;
		}
	}
	for (unsigned s = 1; s < 5; s++)
		if (votes[s] > votes[best])
			best = s;
	for (unsigned s = 0; s < 5; s++)
		if (s != best && votes[s] * 2 >= votes[best])
			return 0;
	return votes[best] >= 3 ? (uint64_t)SMALLEST << best : 0;
}

static uint64_t size_of_files(struct search *s)
{
	struct mml_buf meminfo = { 0 };
	struct mml_span kib = contents(s, "/proc/meminfo", &meminfo);
	uint64_t size = size_of_total(kib, contents(s, "/proc/zoneinfo", &s->buf));

	snprintf(s->from->words, sizeof(s->from->words), "MemTotal being what the zones manage");
	if (!size) {
		size = size_of_counters(kib, contents(s, "/proc/vmstat", &s->buf));
		snprintf(s->from->words, sizeof(s->from->words),
			 "counters that are in meminfo and in vmstat");
	}
	mml_buf_free(&meminfo);
	return size;
}

int mml_page_size_infer(struct mml_root *root, struct mml_page_size_source *ret_from, uint64_t *ret)
{
	struct search s = { .root = root, .from = ret_from };

	*ret = ask_processes(&s);
	if (!*ret)
		*ret = size_of_files(&s);
	if (!*ret)
		*ret_from->words = '\0';
	mml_buf_free(&s.buf);
	return *ret ? 0 : s.error;
}
