/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../core/trouble.h"
#include "../core/unit.h"
#include "files.h"
#include "loader.h"

#include "files.skel.h"

MML_BPF_SKELETON(files)

/* A walk that takes longer than this is given up. */
static const uint64_t budget_ns = 10000000000;

/* The largest files so far. There is room for what one reading brings behind those that are kept. */
struct kept {
	struct mml_files_row *rows;
	size_t n;
};

/* What is read from the program to be handed over. */
struct walk {
	struct files *files;
	bool sums; /* of what lives in memory, and no more */
	bool held; /* who holds the files, too */
	struct mml_buf holders;
	const struct mml_files_row *rows; /* the program's own memory */
	struct kept kept;
	struct mml_files_fs *systems;
	struct mml_buf names;
	bool whole;
};

static size_t room_size(void)
{
	size_t size = MML_FILES_ROOM * sizeof(struct mml_files_row), page = 65536;

	return (size + page - 1) / page * page;
}

static int attach_walk(struct mml_bpf_session *session)
{
	struct files *files = session->skeleton;
	union bpf_iter_link_info info = { .map.map_fd = (__u32)bpf_map__fd(files->maps.wanted) };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info, .link_info_len = sizeof(info));

	files->links.files_walk = bpf_program__attach_iter(files->progs.files_walk, NULL);
	if (!files->links.files_walk)
		return -errno;
	files->links.files_names = bpf_program__attach_iter(files->progs.files_names, &options);
	if (!files->links.files_names)
		return -errno;
	if (session->source->kind != MML_TRACE_FILES_HELD)
		return 0;
	files->links.files_open = bpf_program__attach_iter(files->progs.files_open, NULL);
	if (!files->links.files_open)
		return -errno;
	files->links.files_mapped = bpf_program__attach_iter(files->progs.files_mapped, NULL);
	return files->links.files_mapped ? 0 : -errno;
}

static __u64 weight(const struct mml_files_row *row)
{
	return row->pages + row->swapped;
}

static int by_weight(const void *a, const void *b)
{
	__u64 x = weight(a), y = weight(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Keeps the largest, and tells the program what need not be told any more. */
static void choose(struct walk *w, size_t limit)
{
	qsort(w->kept.rows, w->kept.n, sizeof(*w->kept.rows), by_weight);
	if (w->kept.n < limit)
		return;
	w->kept.n = limit;
	if (limit)
		w->files->bss->least = weight(&w->kept.rows[limit - 1]) + 1;
}

/* Those of a file system whose walk was begun again are there twice. */
static void drop_old(struct walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->kept.n; i++)
		if (w->kept.rows[i].fs < w->files->bss->nfs &&
		    w->kept.rows[i].pass == w->systems[w->kept.rows[i].fs].pass)
			w->kept.rows[n++] = w->kept.rows[i];
	w->kept.n = n;
}

static void begin(struct walk *w)
{
	struct files__bss *at = w->files->bss;

	at->sb = at->at = at->ino = 0;
	at->nfs = at->nrows = at->nwanted = 0;
	at->inodes = at->evicted = at->full = 0;
	at->done = false;
	at->least = w->sums ? UINT64_MAX : 1;
	at->memory_only = w->sums;
}

/* What was met once may be gone, and its memory used for others. */
static void forget(const struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	__u64 key;

	while (!bpf_map_get_next_key(fd, NULL, &key) && !bpf_map_delete_elem(fd, &key))
		;
}

static int fetch(struct walk *w)
{
	struct files__bss *at = w->files->bss;
	size_t n = at->nrows;

	if (n > MML_FILES_ROOM)
		return -EBADMSG;
	memcpy(w->kept.rows + w->kept.n, w->rows, n * sizeof(*w->rows));
	w->kept.n += n;
	at->nrows = 0;
	if (w->kept.n > MML_FILES_KEEP)
		choose(w, MML_FILES_KEEP);
	return 0;
}

static int walk_all(struct walk *w)
{
	uint64_t end = mml_now_ns() + budget_ns;
	struct mml_buf nothing = { 0 };
	int rc;

	do {
		rc = mml_bpf_read_iterator(w->files->links.files_walk, &nothing);
		if (!rc && !w->files->bss->head)
			rc = -EAGAIN;
		if (!rc)
			rc = fetch(w);
	} while (!rc && !w->files->bss->done && mml_now_ns() < end);
	mml_buf_free(&nothing);
	w->whole = w->files->bss->done && !w->files->bss->full;
	return rc;
}

static int read_systems(struct walk *w)
{
	int fd = bpf_map__fd(w->files->maps.systems);
	__u32 n = w->files->bss->nfs;

	w->systems = mml_calloc(n + 1, sizeof(*w->systems));
	if (!w->systems)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++)
		if (bpf_map_lookup_elem(fd, &i, &w->systems[i]))
			return -errno;
	return 0;
}

/* The parts of a path are told from the last to the first. Returns where its end is, or NULL if it is cut. */
static const char *join(struct walk *w, struct mml_files_row *row, const char *p, const char *end)
{
	const char *parts[64], *zero;
	size_t n = 0;

	for (; (zero = memchr(p, '\0', (size_t)(end - p))); p = zero + 1) {
		if (zero == p)
			break;
		if (n < sizeof(parts) / sizeof(*parts))
			parts[n++] = p;
	}
	if (!zero || end - zero < 2)
		return NULL;
	row->flags |= (unsigned char)zero[1];
	row->name = (__u32)w->names.len;
	while (n) {
		mml_buf_puts(&w->names, parts[--n]);
		if (n)
			mml_buf_putc(&w->names, '/');
	}
	mml_buf_putc(&w->names, '\0');
	return zero + 2;
}

static int ask_names(struct walk *w)
{
	int fd = bpf_map__fd(w->files->maps.wanted);

	for (__u32 i = 0; i < w->kept.n; i++) {
		struct mml_files_wanted want = { .inode = w->kept.rows[i].inode, .ino = w->kept.rows[i].ino };

		if (bpf_map_update_elem(fd, &i, &want, BPF_ANY))
			return -errno;
	}
	w->files->bss->nwanted = (__u32)w->kept.n;
	return 0;
}

static int read_names(struct walk *w)
{
	struct mml_buf told = { 0 };
	const char *p, *end;
	__u32 place;
	int rc = ask_names(w);

	/* The first name is that of those that have none. */
	mml_buf_putc(&w->names, '\0');
	if (!rc)
		rc = mml_bpf_read_iterator(w->files->links.files_names, &told);
	p = told.data;
	end = p ? p + told.len : NULL;
	while (!rc && p && p < end) {
		if ((size_t)(end - p) < sizeof(place))
			rc = -EBADMSG;
		else
			memcpy(&place, p, sizeof(place));
		if (!rc && place >= w->kept.n)
			rc = -EBADMSG;
		if (rc)
			break;
		p = join(w, &w->kept.rows[place], p + sizeof(place), end);
		if (!p)
			rc = -EBADMSG;
	}
	mml_buf_free(&told);
	return rc ? rc : w->names.error;
}

/* The inodes are told to the program all at once. */
static int ask_holders(struct walk *w)
{
	DECLARE_LIBBPF_OPTS(bpf_map_batch_opts, options);
	__u64 *keys = mml_calloc(w->kept.n + 1, sizeof(*keys));
	__u32 *values = mml_calloc(w->kept.n + 1, sizeof(*values)), n = (__u32)w->kept.n;
	int rc = keys && values ? 0 : -ENOMEM;

	for (__u32 i = 0; !rc && i < n; i++) {
		keys[i] = w->kept.rows[i].inode;
		values[i] = i;
	}
	forget(w->files->maps.places);
	if (!rc && n && bpf_map_update_batch(bpf_map__fd(w->files->maps.places), keys, values, &n, &options))
		rc = -errno;
	free(keys);
	free(values);
	return rc;
}

static int read_holders(struct walk *w)
{
	int rc = ask_holders(w);

	w->files->bss->last_inode = 0;
	if (!rc)
		rc = mml_bpf_read_iterator(w->files->links.files_open, &w->holders);
	if (!rc)
		rc = mml_bpf_read_iterator(w->files->links.files_mapped, &w->holders);
	return rc ? rc : w->holders.error;
}

static void hand_over(struct walk *w, struct mml_trace_head *head, struct mml_buf *ret)
{
	struct mml_files_total total = {
		.inodes = w->files->bss->inodes,
		.evicted = w->files->bss->evicted,
		.names = w->names.len,
		.whole = w->whole,
		.holders = (__u32)(w->holders.len / sizeof(struct mml_files_holder)),
	};

	head->living = w->files->bss->nfs;
	head->dead = w->kept.n;
	for (size_t i = 0; i < w->kept.n; i++)
		w->kept.rows[i].inode = 0;
	mml_buf_put(ret, (const char *)&total, sizeof(total));
	mml_buf_put(ret, (const char *)w->systems, head->living * sizeof(*w->systems));
	mml_buf_put(ret, (const char *)w->kept.rows, w->kept.n * sizeof(*w->kept.rows));
	mml_buf_put(ret, w->names.data, w->names.len);
	mml_buf_put(ret, w->holders.data, w->holders.len);
}

static int read_walk(struct walk *w)
{
	int rc;

	begin(w);
	forget(w->files->maps.met);
	rc = walk_all(w);
	if (!rc)
		rc = read_systems(w);
	if (rc)
		return rc;
	drop_old(w);
	choose(w, MML_FILES_KEEP);
	rc = read_names(w);
	return rc || !w->held ? rc : read_holders(w);
}

static int read_files(struct mml_bpf_session *session, struct mml_trace_head *head, struct mml_buf *ret)
{
	enum mml_trace_kind kind = session->source->kind;
	struct walk w = { .files = session->skeleton,
			  .sums = kind == MML_TRACE_SHMEM,
			  .held = kind == MML_TRACE_FILES_HELD };
	void *rows = mmap(NULL, room_size(), PROT_READ, MAP_SHARED, bpf_map__fd(w.files->maps.rows), 0);
	int rc;

	if (rows == MAP_FAILED)
		return -errno;
	w.rows = rows;
	w.kept.rows = mml_malloc((MML_FILES_KEEP + MML_FILES_ROOM) * sizeof(*w.kept.rows));
	rc = w.kept.rows ? read_walk(&w) : -ENOMEM;
	if (!rc)
		hand_over(&w, head, ret);
	munmap(rows, room_size());
	free(w.kept.rows);
	free(w.systems);
	mml_buf_free(&w.names);
	mml_buf_free(&w.holders);
	return rc ? rc : ret->error;
}

const struct mml_bpf_source mml_bpf_files = {
	.kind = MML_TRACE_FILES,
	.open = open_files,
	.load = load_files,
	.attach = attach_walk,
	.destroy = destroy_files,
	.read = read_files,
};

const struct mml_bpf_source mml_bpf_shmem = {
	.kind = MML_TRACE_SHMEM,
	.open = open_files,
	.load = load_files,
	.attach = attach_walk,
	.destroy = destroy_files,
	.read = read_files,
};

const struct mml_bpf_source mml_bpf_files_held = {
	.kind = MML_TRACE_FILES_HELD,
	.open = open_files,
	.load = load_files,
	.attach = attach_walk,
	.destroy = destroy_files,
	.read = read_files,
};
