/* The least any program can do: start, and read files with read(2).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 20];

/* Each of these files of every process: open, one read, close, one after the other. */
static int processes(char **names)
{
	char path[300];
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		for (char **name = names; *name; name++) {
			int fd;

			snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name, *name);
			fd = open(path, O_RDONLY);
			if (fd < 0)
				continue;
			(void)!read(fd, buffer, sizeof(buffer));
			close(fd);
		}
	}
	return dir ? closedir(dir) : 1;
}

/* How many words from WORDS on name frames one behind the other, WAY 1 up or -1 down. */
static size_t frames(const uint64_t *words, size_t n, uint64_t way)
{
	const uint64_t mask = (UINT64_C(1) << 55) - 1;
	size_t i = 1;

	while (i < n && (words[i] & mask) == (words[0] & mask) + way * i)
		i++;
	return i;
}

/* pagemap of START to END of a process, and kpageflags and kpagecount of what it names, a read for
 * each run of frames. */
static int pages(const char *pid, const char *start, const char *end)
{
	static uint64_t words[1 << 17];
	const uint64_t mask = (UINT64_C(1) << 55) - 1, page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t at = strtoull(start, NULL, 16) / page, last = strtoull(end, NULL, 16) / page;
	int flags = open("/proc/kpageflags", O_RDONLY), counts = open("/proc/kpagecount", O_RDONLY);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	fd = open(path, O_RDONLY);
	while (at < last) {
		size_t want = last - at < 1 << 17 ? (size_t)(last - at) : 1 << 17, run;

		if (pread(fd, words, want * 8, (off_t)(at * 8)) != (ssize_t)(want * 8))
			return 1;
		for (size_t i = 0; i < want; i += run) {
			uint64_t pfn = words[i] & mask;

			run = 1;
			if (!(words[i] >> 63))
				continue;
			run = frames(words + i, want - i, 1);
			if (run == 1) {
				run = frames(words + i, want - i, UINT64_MAX);
				pfn -= run - 1;
			}
			(void)!pread(flags, buffer, run * 8, (off_t)(pfn * 8));
			(void)!pread(counts, buffer, run * 8, (off_t)(pfn * 8));
		}
		at += want;
	}
	return 0;
}

/* These files of the group PATH and of every one below it: open, one read, close. */
static int groups(const char *path, char **names)
{
	char below[4096];
	struct dirent *entry;
	DIR *dir = opendir(path);

	for (char **name = names; *name; name++) {
		int fd;

		snprintf(below, sizeof(below), "%s/%s", path, *name);
		fd = open(below, O_RDONLY);
		if (fd < 0)
			continue;
		(void)!read(fd, buffer, sizeof(buffer));
		close(fd);
	}
	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		groups(below, names);
	}
	return dir ? closedir(dir) : 1;
}

/* bare pages PID START END, bare groups PATH NAME...: see above. bare read FILE...: each file whole. bare processes NAME...: these of every process. bare empty:
 * nothing at all. */
int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "processes"))
		return processes(argv + 2);
	if (argc > 3 && !strcmp(argv[1], "groups"))
		return groups(argv[2], argv + 3);
	if (argc == 5 && !strcmp(argv[1], "pages"))
		return pages(argv[2], argv[3], argv[4]);
	if (argc < 2 || (strcmp(argv[1], "read") && strcmp(argv[1], "empty")))
		return 2;
	for (int i = 2; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);

		if (fd < 0) {
			perror(argv[i]);
			return 1;
		}
		while (read(fd, buffer, sizeof(buffer)) > 0)
			;
		close(fd);
	}
	return 0;
}
