/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/plan.h"

/* Without this, the first file that is opened could become standard output, and be written to. To
 * read from a stream that was closed, or to write to it, stays an error. */
static void open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			(void)!open("/", O_PATH);
}

int main(int argc, char **argv)
{
	struct mml_plan plan;
	int status;

	open_standard();
	/* If the reader of the output is gone, the write fails and says so. */
	signal(SIGPIPE, SIG_IGN);
	status = mml_plan_parse(argc, argv, &plan);
	if (!status)
		status = mml_plan_run(&plan);
	mml_plan_free(&plan);
	return status;
}
