/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../core/parse.h"
#include "../core/trouble.h"

void mml_segment_name(char ret[MML_SEGMENT_NAME], int64_t real_ns, uint64_t id)
{
	time_t seconds = (time_t)(real_ns / 1000000000);
	long ms = (long)(real_ns % 1000000000 / 1000000);
	char text[96];
	struct tm tm;

	if (ms < 0) {
		seconds--;
		ms += 1000;
	}
	/* In 64 bits of nanoseconds all years have four digits. */
	gmtime_r(&seconds, &tm);
	snprintf(text, sizeof(text), "%04d%02d%02dT%02d%02d%02d.%03ldZ-%08x.mml", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms,
		 (unsigned)(id >> 32));
	memcpy(ret, text, MML_SEGMENT_NAME - 1);
	ret[MML_SEGMENT_NAME - 1] = '\0';
}

bool mml_segment_named(const char *name, uint32_t *ret_expect)
{
	static const char s[] = "ddddddddTdddddd.dddZ-xxxxxxxx.mml";
	struct mml_span id;
	uint64_t v;

	if (strlen(name) != MML_SEGMENT_NAME - 1)
		return false;
	for (size_t i = 0; name[i]; i++) {
		bool digit = name[i] >= '0' && name[i] <= '9';

		if (s[i] == 'd'   ? !digit
		    : s[i] == 'x' ? !digit && (name[i] < 'a' || name[i] > 'f')
				  : name[i] != s[i])
			return false;
	}
	id = (struct mml_span){ strrchr(name, '-') + 1, strrchr(name, '.') };
	if (mml_parse_hex(id, &v))
		return false;
	*ret_expect = (uint32_t)v;
	return true;
}

bool mml_name_is_recording(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && *name != '.' && !strcmp(name + len - 4, ".mml");
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Put the names in ALL, each terminated, in order. */
static int sort_names(const struct mml_buf *all, size_t n, struct mml_buf *ret)
{
	char **names = mml_calloc(n ? n : 1, sizeof(*names)), *p = all->data;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		names[i] = p;
		p += strlen(p) + 1;
	}
	if (n)
		qsort(names, n, sizeof(*names), name_order);
	for (size_t i = 0; i < n; i++)
		mml_buf_put(ret, names[i], strlen(names[i]) + 1);
	free(names);
	return ret->error;
}

int mml_folder_list(int dirfd, struct mml_buf *ret, size_t *ret_n)
{
	int rc = 0, fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mml_buf all = { 0 };
	struct dirent *entry;
	DIR *dir;

	*ret_n = 0;
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		rc = -errno;
		close(fd);
		return rc;
	}
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		if (mml_name_is_recording(entry->d_name)) {
			mml_buf_put(&all, entry->d_name, strlen(entry->d_name) + 1);
			++*ret_n;
		}
	rc = errno ? -errno : all.error;
	closedir(dir);
	if (!rc)
		rc = sort_names(&all, *ret_n, ret);
	mml_buf_free(&all);
	return rc;
}

int mml_segment_open(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EINVAL : -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}
