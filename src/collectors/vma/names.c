/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmas.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The same as in <linux/fs.h> since 6.11, which older headers lack. */
struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY_IOCTL _IOWR('f', 17, struct procmap_query)
_Static_assert(PROCMAP_QUERY_IOCTL == 0xc0686611, "the layout the kernel knows");

/* Returns the name of the mapping at START without escapes, or NULL if the kernel does not tell. */
static const char *query_name(struct vmas *v, int fd, uint64_t start)
{
	char name[PATH_MAX];
	struct procmap_query q = {
		.size = sizeof(q),
		.query_addr = start,
		.vma_name_size = sizeof(name),
		.vma_name_addr = (uint64_t)(uintptr_t)name,
	};

	if (ioctl(fd, PROCMAP_QUERY_IOCTL, &q) || q.vma_start != start || !q.vma_name_size)
		return NULL;
	name[sizeof(name) - 1] = '\0';
	return mml_intern(&v->strings, mml_span_str(name));
}

/* The same by the link that the kernel has for each mapping of a file, which only the privileged may read.
 * Before 6.11 nothing else tells. */
static const char *link_name(struct vmas *v, const struct mml_row *row)
{
	struct mml_buf target = { 0 };
	const char *ret = NULL;
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)v->mm->pid,
		 row->cell[VMAS_start].u64, row->cell[VMAS_end].u64);
	if (!mml_root_readlink(v->take->root, path, &target) && target.len && !target.error)
		ret = mml_intern(&v->strings, (struct mml_span){ target.data, target.data + target.len });
	mml_buf_free(&target);
	return ret;
}

/* Returns whether NAME is of a real file. The kernel makes up names for memory that it keeps in a
 * file. */
static bool is_file(const char *name)
{
	static const char *const nameless[] = { "/memfd:", "/SYSV", "/dev/zero (deleted)",
						"/anon_hugepage", "/secretmem (deleted)" };

	for (size_t i = 0; i < sizeof(nameless) / sizeof(*nameless); i++)
		if (!strncmp(name, nameless[i], strlen(nameless[i])))
			return false;
	return *name == '/';
}

void mml_vmas_set_name(struct vmas *v, struct mml_row *row, struct mml_span name)
{
	static const char mark[] = " (deleted)";
	const char *last = v->last_name, *now = mml_intern_again(&v->strings, name, &v->last_name);

	if (!now)
		return;
	if (now != last) {
		size_t len = strlen(now), mark_len = strlen(mark);

		v->last_file = is_file(now);
		v->last_deleted = len > mark_len && !strcmp(now + len - mark_len, mark);
		v->last_escaped = strstr(now, "\\012");
	}
	v->escaped |= v->last_escaped;
	mml_set_str(row, VMAS_name, now);
	if (v->last_file)
		mml_set_bool(row, VMAS_deleted, v->last_deleted);
	else
		mml_unset(row, VMAS_deleted);
}

/* A capture keeps "start name" with a NUL behind it, again and again. */
static const char *kept_name(struct vmas *v, struct mml_span kept, uint64_t start)
{
	struct mml_span entry, first;
	uint64_t at;

	while (mml_next_field(&kept, '\0', &entry))
		if (mml_next_field(&entry, ' ', &first) && !mml_parse_hex(first, &at) &&
		    at == start)
			return mml_intern(&v->strings, entry);
	return NULL;
}

void mml_vmas_names(struct vmas *v)
{
	struct mml_buf keep = { 0 };
	struct mml_span kept = { NULL, NULL };
	char path[64];
	int fd = -1;
	bool begun = false;

	for (size_t i = v->first; v->escaped && i < v->table->nrows; i++) {
		struct mml_row *row = mml_table_row(v->table, i);
		uint64_t start = row->cell[VMAS_start].u64;
		const char *name;

		if (!mml_has(row, VMAS_name) || !strstr(row->cell[VMAS_name].str, "\\012"))
			continue;
		if (!begun && mml_root_live(v->take->root)) {
			snprintf(path, sizeof(path), "/proc/%d/maps", (int)v->mm->pid);
			fd = mml_root_openfd(v->take->root, path);
		} else if (!begun) {
			mml_take_filef(v->take, &kept, "/mmlens/names/%d", (int)v->mm->pid);
		}
		begun = true;
		name = fd >= 0 ? query_name(v, fd, start) : kept_name(v, kept, start);
		if (!name && fd >= 0)
			name = link_name(v, row);
		if (!name)
			continue;
		mml_vmas_set_name(v, row, mml_span_str(name));
		mml_buf_printf(&keep, "%" PRIx64 " %s", start, name);
		mml_buf_putc(&keep, '\0');
	}
	if (fd >= 0)
		close(fd);
	if (keep.len && !keep.error) {
		snprintf(path, sizeof(path), "/mmlens/names/%d", (int)v->mm->pid);
		mml_root_save(v->take->root, path, keep.data, keep.len);
	}
	mml_buf_free(&keep);
}
