/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "operands.h"

#include <errno.h>
#include <string.h>

#include "../collectors/registry.h"
#include "input.h"
#include "options.h"
#include "recordings.h"

static int set_word(struct mml_plan *plan, enum mml_param_id id, const char *word)
{
	const char *why = NULL;
	int rc = mml_scope_set(&plan->scope, id, word, plan->arena, &why);

	if (rc)
		mml_error("%s: %s",
			  plan->command == MML_OOM	  ? "oom" :
			  plan->command == MML_RECORDINGS ? "recordings" :
							    "translate",
			  rc == -EINVAL ? why : "out of memory");
	return rc == -EINVAL ? MML_USAGE : rc ? MML_FAILED : MML_OK;
}

int mml_take_tables(struct mml_plan *plan, int first)
{
	for (int i = first; i < plan->nargs; i++) {
		const char *word = plan->args[i];
		const struct mml_collector *table = mml_collector_find(word);

		if (!table)
			return mml_bad_word("table", word, mml_collector_nearest(word));
		for (size_t k = 0; k < plan->ntables; k++)
			if (plan->tables[k] == table) {
				mml_error("table '%s' is named twice", word);
				return MML_USAGE;
			}
		plan->tables[plan->ntables++] = table;
	}
	plan->nargs = first;
	return MML_OK;
}

int mml_take_compared(struct mml_plan *plan)
{
	/* Where memory is, and what grows. */
	static const char *const usual[] = { "balance",	  "zones", "slab",   "swaps",
					     "hugepages", "thp",   "vmstat", "processes" };

	plan->named = plan->nargs > 2;
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual) && !plan->named; i++)
		plan->tables[plan->ntables++] = mml_collector_find(usual[i]);
	return plan->named ? mml_take_tables(plan, 2) : MML_OK;
}

int mml_take_recording(struct mml_plan *plan)
{
	plan->tables[plan->ntables++] = &mml_collector_recordings;
	return set_word(plan, MML_PARAM_RECORDING, plan->args[0]);
}

/* Refuses what makes no sense together, as the answer would be to another question. */
int mml_check_recording(const struct mml_plan *plan)
{
	const char *wrong = NULL;

	if (plan->command >= MML_SHOW_HELP)
		return MML_OK;
	if (plan->replay && plan->root)
		wrong = "--replay and --root: files are read from one of them";
	else if (!plan->replay && (plan->at || plan->begin || plan->end))
		wrong = "--at, --begin and --end are times of a recording: name it with --replay";
	else if (plan->at && (plan->begin || plan->end))
		wrong = "--at is one moment, and --begin and --end are a range";
	else if ((plan->begin || plan->end) &&
		 (plan->command == MML_TOP || plan->command == MML_CAPTURE))
		wrong = "--begin and --end: this shows one moment, which --at names";
	else if (plan->replay && plan->command == MML_RECORDINGS)
		wrong = "recordings takes the recording as it is, without --replay";
	else if (plan->replay && plan->command == MML_RECORD && plan->nargs > 1)
		wrong = "a piece of a recording has all tables that this has";
	else if (plan->command == MML_DIFF && (plan->replay || plan->root))
		wrong = "diff: name what is to be compared behind diff, as DIR, or RECORDING@TIME";
	else if (plan->command != MML_DIFF && (plan->all || plan->exit_status))
		wrong = "--all and --exit-status are for diff";
	else if (plan->command != MML_RECORD && (plan->keeps || plan->no_args))
		wrong = "--keep-age, --keep-size, --keep-free and --no-args are for record";
	else if (plan->command == MML_RECORD && !plan->replay && plan->delay_ns &&
		 plan->delay_ns < 100000000)
		wrong = "record: there are at least 0.1 seconds from sample to sample";
	if (!wrong)
		return MML_OK;
	mml_error("%s", wrong);
	return MML_USAGE;
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
