/* The least any program can do: start, and read files with read(2).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
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

/* bare read FILE...: each file whole. bare processes NAME...: these of every process. bare empty:
 * nothing at all. */
int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "processes"))
		return processes(argv + 2);
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
