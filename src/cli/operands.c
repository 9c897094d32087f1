/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "operands.h"

#include <errno.h>
#include <string.h>

#include "../collectors/registry.h"
#include "input.h"

static int set_word(struct mml_plan *plan, enum mml_param_id id, const char *word)
{
	const char *why = NULL;
	int rc = mml_scope_set(&plan->scope, id, word, plan->arena, &why);

	if (rc)
		mml_error("%s: %s", plan->command == MML_OOM ? "oom" : "translate",
			  rc == -EINVAL ? why : "out of memory");
	return rc == -EINVAL ? MML_USAGE : rc ? MML_FAILED : MML_OK;
}

int mml_take_addresses(struct mml_plan *plan)
{
	int rc = set_word(plan, MML_PARAM_PIDS, plan->args[0]);

	for (int i = 1; i < plan->nargs && !rc; i++)
		rc = set_word(plan, MML_PARAM_ADDRESSES, plan->args[i]);
	plan->tables[plan->ntables++] = mml_collector_find("translate");
	return rc;
}

int mml_take_log(struct mml_plan *plan, bool whole)
{
	bool all = whole && plan->format.renderer->document;

	if (plan->nargs) {
		int rc = set_word(plan, MML_PARAM_LOG, plan->args[0]);

		if (rc)
			return rc;
	}
	for (size_t i = 0; mml_collectors[i]; i++) {
		const char *name = mml_collectors[i]->schema.name;

		if (!strcmp(name, "oom") || (all && !strncmp(name, "oom_", 4)))
			plan->tables[plan->ntables++] = mml_collectors[i];
	}
	plan->nargs = 0;
	return MML_OK;
}

int mml_read_input(struct mml_plan *plan)
{
	for (size_t id = 0; id < MML_PARAMS; id++) {
		struct mml_arg *arg = &plan->scope.args[id];
		int rc;

		if (!arg->given || mml_params[id].type != MML_PARAM_IS_FILE)
			continue;
		rc = mml_input_read(arg->text, &plan->input);
		if (rc)
			return rc;
		arg->data = plan->input.len ? plan->input.data : "";
		arg->size = plan->input.len;
	}
	return MML_OK;
}
