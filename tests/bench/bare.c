/* The least any program can do: start, and read files with read(2).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 20];

/* bare read FILE...: each file whole. bare empty: nothing at all. */
int main(int argc, char **argv)
{
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
