/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <errno.h>
#include <string.h>

#include "../collectors/registry.h"

static const struct {
	const char *name;
	bool summed;
} counters[] = {
#define X(id, ...) { __VA_ARGS__ },
	MML_FACT_COUNTERS(X)
#undef X
};

/* The name "allocstall_dma32" belongs to "allocstall", but "allocstallx" does not. */
static bool counter_is(size_t i, const char *name)
{
	size_t len = strlen(counters[i].name);

	if (strncmp(name, counters[i].name, len))
		return false;
	return !name[len] || (counters[i].summed && name[len] == '_');
}

static void count(const struct mml_table *vmstat, struct mml_counters *ret)
{
	*ret = (struct mml_counters){ 0 };
	for (size_t r = 0; r < vmstat->nrows; r++) {
		const struct mml_row *row = mml_table_row(vmstat, r);

		const char *name = mml_look_str(vmstat, row, "name");
		uint64_t value;

		if (!name || !mml_look_u64(vmstat, row, "value", &value))
			continue;
		for (size_t i = 0; i < MML_FACTS; i++)
			if (*name == *counters[i].name && counter_is(i, name)) {
				ret->value[i] += value;
				ret->has |= UINT64_C(1) << i;
			}
	}
}

int mml_facts_take(struct mml_take *take, struct mml_facts *ret)
{
	const struct mml_table *vmstat = mml_take_table(take, &mml_collector_vmstat);

	*ret = (struct mml_facts){
		.time_ns = take->snap ? take->snap->time.mono_ns : 0,
		.page_size = take->host->page_size,
		.meminfo = mml_take_table(take, &mml_collector_meminfo),
		.zones = mml_take_table(take, &mml_collector_zones),
		.buddy = mml_take_table(take, &mml_collector_buddy),
		.slab = mml_take_table(take, &mml_collector_slab),
		.psi = mml_take_table(take, &mml_collector_psi),
		.swaps = mml_take_table(take, &mml_collector_swaps),
		.balance = mml_take_table(take, &mml_collector_balance),
	};
	if (!vmstat || !ret->meminfo || !ret->zones || !ret->buddy || !ret->slab || !ret->psi ||
	    !ret->swaps || !ret->balance)
		return -ENOMEM;
	count(vmstat, &ret->counters);
	return 0;
}

uint64_t mml_fact_meminfo(const struct mml_facts *facts, const char *name)
{
	const struct mml_table *table = facts->meminfo;
	const struct mml_row *row = mml_look_row(table, "name", name, NULL, NULL);
	uint64_t v = 0;

	if (row && !mml_look_u64(table, row, "bytes", &v))
		mml_look_u64(table, row, "value", &v);
	return v;
}

double mml_fact_change(const struct mml_facts *now, const struct mml_past *past,
		       enum mml_fact_counter counter)
{
	if (!past->time_ns || now->time_ns <= past->time_ns ||
	    !(now->counters.has & past->counters.has & UINT64_C(1) << counter) ||
	    now->counters.value[counter] < past->counters.value[counter])
		return -1;
	return (double)(now->counters.value[counter] - past->counters.value[counter]);
}

double mml_fact_rate(const struct mml_facts *now, const struct mml_past *past,
		     enum mml_fact_counter counter)
{
	double change = mml_fact_change(now, past, counter);

	return change < 0 ? -1 : change * 1e9 / (double)(now->time_ns - past->time_ns);
}
