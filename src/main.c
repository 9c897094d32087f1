/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "cli/plan.h"

int main(int argc, char **argv)
{
	struct mml_plan plan;
	int status;

	/* If the reader of the output is gone, the write fails and says so. */
	signal(SIGPIPE, SIG_IGN);
	status = mml_plan_parse(argc, argv, &plan);
	if (!status)
		status = mml_plan_run(&plan);
	mml_plan_free(&plan);
	return status;
}
