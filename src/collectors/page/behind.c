/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "behind.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../core/trouble.h"
#include "../vma/vmas.h"

/* From <linux/magic.h>. cachestat() knows nothing of the file below that has the pages. */
enum { OVERLAYFS = 0x794c7630 };

/* As in <linux/mman.h> since 6.5. Older headers lack it. */
struct cachestat_range {
	uint64_t off, len;
};

struct cachestat {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

#ifndef SYS_cachestat
#ifdef __alpha__
#define SYS_cachestat 561
#else
#define SYS_cachestat 451
#endif
#endif

const char *const mml_behind_words[] = {
	[MML_BEHIND_UNKNOWN] = NULL,	    [MML_BEHIND_NOTHING] = "nothing",
	[MML_BEHIND_CACHED] = "cached",	    [MML_BEHIND_SWAPPED] = "swapped",
	[MML_BEHIND_PAST_END] = "past-end",
};

void mml_behind_begin(struct mml_behind_file *f, struct mml_take *take, pid_t pid)
{
	*f = (struct mml_behind_file){
		.take = take, .pid = pid, .page_size = take->host->page_size, .fd = -1
	};
}

static void close_file(struct mml_behind_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static const char *kept_path(const struct mml_behind_file *f)
{
	return mml_arena_printf(f->take->arena, "/mmlens/behind/%d", (int)f->pid);
}

void mml_behind_end(struct mml_behind_file *f)
{
	const char *path = f->kept.len && !f->kept.error ? kept_path(f) : NULL;

	close_file(f);
	if (path)
		mml_root_save(f->take->root, path, f->kept.data, f->kept.len);
	mml_buf_free(&f->kept);
}

/* Returns whether files of the device, such as "08:01", may be those of another machine. */
static bool device_remote(struct mml_behind_file *f, const char *dev)
{
	struct mml_span minor = mml_span_str(dev), major;
	const struct mml_mount *mount;
	uint64_t a, b;

	if (!mml_next_field(&minor, ':', &major) || mml_parse_hex(major, &a) ||
	    mml_parse_hex(minor, &b) || b > UINT32_MAX)
		return true;
	if (a)
		return false; /* a disk */
	mount = mml_mounts_find(f->take, &f->mounts, f->pid, (uint32_t)b);
	return !mount || !mount->local;
}

/* Returns whether files of the device live in memory. */
static bool device_memory(struct mml_behind_file *f, const char *dev)
{
	struct mml_span minor = mml_span_str(dev), major;
	const struct mml_mount *mount;
	uint64_t b;

	if (!mml_next_field(&minor, ':', &major) || !mml_span_eq(major, "00") ||
	    mml_parse_hex(minor, &b) || b > UINT32_MAX)
		return false;
	mount = mml_mounts_find(f->take, &f->mounts, f->pid, (uint32_t)b);
	return mount && mount->memory;
}

void mml_behind_mapping(struct mml_behind_file *f, const struct mml_row *vma)
{
	static const char *const anonymous[] = { "anon", "heap", "stack", "reserve" };
	static const char *const files[] = { "text", "data", "file" };
	const char *kind = vma->cell[VMAS_kind].str;

	close_file(f);
	f->start = vma->cell[VMAS_start].u64;
	f->end = vma->cell[VMAS_end].u64;
	f->offset = mml_has(vma, VMAS_offset) ? vma->cell[VMAS_offset].u64 : 0;
	f->tried = f->remote = f->mincore = false;
	f->error = 0;
	f->of = strcmp(kind, "shmem") ? BEHIND_OTHER : BEHIND_SHMEM;
	for (size_t i = 0; i < sizeof(anonymous) / sizeof(*anonymous); i++)
		if (!strcmp(kind, anonymous[i]))
			f->of = BEHIND_ANONYMOUS;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(kind, files[i]) && mml_has(vma, VMAS_dev)) {
			f->of = device_memory(f, vma->cell[VMAS_dev].str) ? BEHIND_SHMEM
									  : BEHIND_FILE;
			f->remote = device_remote(f, vma->cell[VMAS_dev].str);
		}
}

static void open_file(struct mml_behind_file *f)
{
	const char *path =
		mml_arena_printf(f->take->arena, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
				 (int)f->pid, f->start, f->end);
	struct statfs fs;
	struct stat st;

	f->tried = true;
	f->error = -EREMOTE;
	if (f->remote)
		return;
	f->error = -ENOMEM;
	if (!path)
		return;
	f->fd = mml_root_open_quietly(f->take->root, path);
	f->error = f->fd < 0 ? f->fd : 0;
	if (f->fd < 0)
		return;
	f->mincore = !fstatfs(f->fd, &fs) && fs.f_type == OVERLAYFS;
	f->size = INT64_MAX;
	if (!fstat(f->fd, &st) && S_ISREG(st.st_mode))
		f->size = ((uint64_t)st.st_size + f->page_size - 1) / f->page_size * f->page_size;
}

/* Maps N pages at offset AT of the file and asks for each whether it is in the page cache. Returns
 * how many are, or -errno. */
static int64_t count_by_mincore(struct mml_behind_file *f, uint64_t at, uint64_t n)
{
	enum { AT_ONCE = 1 << 14 };
	unsigned char there[AT_ONCE];
	int64_t count = 0;

	for (uint64_t i = 0; i < n; i += AT_ONCE) {
		uint64_t pages = n - i < AT_ONCE ? n - i : AT_ONCE;
		size_t len = (size_t)(pages * f->page_size);
		void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, f->fd,
			       (off_t)(at + i * f->page_size));
		int rc = p == MAP_FAILED ? -errno : 0;

		if (rc)
			return rc;
		rc = mincore(p, len, there) ? -errno : 0;
		munmap(p, len);
		if (rc)
			return rc;
		for (uint64_t k = 0; k < pages; k++)
			count += there[k] & 1;
	}
	return count;
}

/* Returns how many of the N pages at offset AT are in the page cache, or -errno. */
static int64_t count_cached(struct mml_behind_file *f, uint64_t at, uint64_t n)
{
	struct cachestat_range range = { at, n * f->page_size };
	struct cachestat stat = { 0 };

	if (!f->mincore) {
		if (!syscall(SYS_cachestat, f->fd, &range, &stat, 0))
			return (int64_t)stat.cached;
		f->mincore = true;
	}
	return count_by_mincore(f, at, n);
}

/* Returns whether the N pages at AT are all in the cache, or with CACHED false all not. Or -errno.
 */
static int all_alike(struct mml_behind_file *f, uint64_t at, uint64_t n, bool cached)
{
	int64_t count = count_cached(f, at, n);

	return count < 0 ? (int)count : (uint64_t)count == (cached ? n : 0);
}

/* Returns how many of the N pages from AT on are like the first of them, in the cache or not, or
 * -errno. It asks about twice as many pages as long as they are alike, and then about half as many.
 */
static int64_t run_alike(struct mml_behind_file *f, uint64_t at, uint64_t n, bool *ret_cached)
{
	int64_t first = count_cached(f, at, n);
	uint64_t good = 1, step = 1;
	int alike;

	*ret_cached = first > 0;
	if (first <= 0 || (uint64_t)first == n)
		return first < 0 ? first : (int64_t)n;
	first = count_cached(f, at, 1);
	*ret_cached = first > 0;
	for (alike = 1; alike > 0 && good < n; step *= 2) {
		step = step < n - good ? step : n - good;
		alike = all_alike(f, at + good * f->page_size, step, *ret_cached);
		if (alike <= 0)
			break;
		good += step;
	}
	while (alike >= 0 && good < n && step > 1) {
		alike = all_alike(f, at + good * f->page_size, step / 2, *ret_cached);
		good += alike > 0 ? step / 2 : 0;
		step = alike > 0 ? step - step / 2 : step / 2;
	}
	return first < 0 ? first : alike < 0 ? alike : (int64_t)good;
}

/* Returns whether shared memory at AT that is not in the cache is in swap, and reduces *RET_N to
 * the pages that are alike. Memory that was written to is data for SEEK_DATA, wherever it is now.
 */
static enum mml_behind swap_or_hole(struct mml_behind_file *f, uint64_t at, uint64_t *ret_n)
{
	off_t data = lseek(f->fd, (off_t)at, SEEK_DATA), hole;
	uint64_t n;

	if (data < 0 && errno == ENXIO)
		return MML_BEHIND_NOTHING;
	hole = data < 0 || (uint64_t)data > at ? data : lseek(f->fd, (off_t)at, SEEK_HOLE);
	if (hole < 0) {
		f->error = -errno;
		return MML_BEHIND_UNKNOWN;
	}
	n = ((uint64_t)hole - at + f->page_size - 1) / f->page_size;
	if (n && n < *ret_n)
		*ret_n = n;
	return (uint64_t)data > at ? MML_BEHIND_NOTHING : MML_BEHIND_SWAPPED;
}

/* Returns what lies at offset AT, and reduces *RET_N to the pages for which that is the same. */
static enum mml_behind ask(struct mml_behind_file *f, uint64_t at, uint64_t *ret_n)
{
	bool cached = false;
	int64_t alike;

	if (at > INT64_MAX || *ret_n > (INT64_MAX - at) / f->page_size)
		return MML_BEHIND_UNKNOWN;
	if (at >= f->size)
		return MML_BEHIND_PAST_END;
	if (*ret_n > (f->size - at) / f->page_size)
		*ret_n = (f->size - at) / f->page_size;
	alike = run_alike(f, at, *ret_n, &cached);
	if (alike < 0) {
		f->error = (int)alike;
		return MML_BEHIND_UNKNOWN;
	}
	*ret_n = (uint64_t)alike;
	if (cached)
		return MML_BEHIND_CACHED;
	return f->of == BEHIND_SHMEM ? swap_or_hole(f, at, ret_n) : MML_BEHIND_NOTHING;
}

static enum mml_behind ask_mapping(struct mml_behind_file *f, uint64_t start, uint64_t end,
				   uint64_t *ret_end)
{
	uint64_t n = (end - start) / f->page_size;
	enum mml_behind what;

	f->error = 0;
	what = ask(f, f->offset + (start - f->start), &n);
	*ret_end = start + n * f->page_size;
	if (mml_root_saves(f->take->root) && what != MML_BEHIND_UNKNOWN)
		mml_buf_printf(&f->kept, "%" PRIx64 "-%" PRIx64 " %s\n", start, *ret_end,
			       mml_behind_words[what]);
	return what;
}

/* 7f5a00000000-7f5a00010000 cached */
static bool run_parse(struct mml_span line, struct mml_behind_run *ret)
{
	struct mml_span range, start;

	if (!mml_next_token(&line, &range) || !mml_next_field(&range, '-', &start) ||
	    mml_parse_hex(start, &ret->start) || mml_parse_hex(range, &ret->end) ||
	    ret->start >= ret->end)
		return false;
	line = mml_span_trim(line);
	for (ret->what = MML_BEHIND_NOTHING; ret->what <= MML_BEHIND_PAST_END; ret->what++)
		if (mml_span_eq(line, mml_behind_words[ret->what]))
			return true;
	return false;
}

/* Reads what a capture kept. Lines that are not of this form are left out, and so are lines whose
 * addresses are not behind those of the line before. */
static void read_kept(struct mml_behind_file *f)
{
	const char *path = kept_path(f);
	struct mml_span text, line, rest;
	size_t lines = 0;
	int rc = path && mml_take_there(f->take, f->take->table, path) ?
			 mml_take_file(f->take, NULL, path, &text) : -ENOMEM;

	f->read = true;
	if (rc)
		return;
	for (rest = text; mml_next_line(&rest, &line);)
		lines++;
	f->runs = mml_arena_alloc(f->take->arena, (lines + 1) * sizeof(*f->runs));
	if (!f->runs)
		return;
	while (mml_next_line(&text, &line)) {
		struct mml_behind_run *run = &f->runs[f->nruns];

		if (run_parse(line, run) && (!f->nruns || run[-1].end <= run->start))
			f->nruns++;
	}
}

static enum mml_behind find_kept(struct mml_behind_file *f, uint64_t start, uint64_t end,
				 uint64_t *ret_end)
{
	size_t low = 0, high;

	if (!f->read)
		read_kept(f);
	for (high = f->nruns; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (f->runs[mid].end <= start)
			low = mid + 1;
		else
			high = mid;
	}
	f->error = -ENOENT;
	if (low == f->nruns)
		return MML_BEHIND_UNKNOWN;
	if (f->runs[low].start > start) {
		*ret_end = f->runs[low].start < end ? f->runs[low].start : end;
		return MML_BEHIND_UNKNOWN;
	}
	f->error = 0;
	*ret_end = f->runs[low].end < end ? f->runs[low].end : end;
	return f->runs[low].what;
}

enum mml_behind mml_behind_at(struct mml_behind_file *f, uint64_t start, uint64_t end,
			      uint64_t *ret_end)
{
	*ret_end = end;
	if (f->of == BEHIND_ANONYMOUS)
		return MML_BEHIND_NOTHING;
	if (f->of == BEHIND_OTHER)
		return MML_BEHIND_UNKNOWN;
	if (!mml_root_live(f->take->root))
		return find_kept(f, start, end, ret_end);
	if (!f->tried)
		open_file(f);
	return f->fd < 0 ? MML_BEHIND_UNKNOWN : ask_mapping(f, start, end, ret_end);
}

struct mml_absence mml_behind_why(const struct mml_behind_file *f)
{
	struct mml_absence why = { NULL, NULL };

	switch (-f->error) {
	case 0:
		break;
	case EREMOTE:
		why.reason = "the file is on a file system that may be another machine's";
		break;
	case EPERM:
	case EACCES:
		why.reason = "the files that a process maps may not be opened";
		why.needs = "CAP_SYS_ADMIN, or CAP_CHECKPOINT_RESTORE and to be the files' owner";
		break;
	case ENOENT:
		why.reason =
			mml_root_live(f->take->root) ? "the mapping is gone" : "not in this tree";
		break;
	default:
		why.reason = strerror(-f->error);
		break;
	}
	return why;
}
