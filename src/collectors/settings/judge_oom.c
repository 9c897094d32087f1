/* What settings of promised memory and of its end come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "settings.h"

static bool committed(const struct mml_setting_facts *f, uint64_t *ret, uint64_t *ret_limit)
{
	return mml_setting_bytes(f, "Committed_AS", ret) &&
	       mml_setting_bytes(f, "CommitLimit", ret_limit) && *ret_limit;
}

/* As the finding commit-limit has it. */
enum { COMMITTED_MUCH = 90 };

MML_JUDGE(commit)
{
	uint64_t promised, limit;

	if (!committed(f, &promised, &limit) || !v->is_number)
		return;
	if (v->number != 2) {
		mml_setting_now(f, ret, "%s promised", mml_setting_size(f, promised));
		mml_setting_say(f, ret, -1,
				v->number ? "nothing is refused"
					  : "only what exceeds RAM and swap by itself is refused");
		return;
	}
	mml_setting_now(f, ret, "%s of %s promised", mml_setting_size(f, promised),
			mml_setting_size(f, limit));
	if (promised >= limit)
		mml_setting_say(f, ret, MML_SETTING_WARNING,
				"programs that ask for memory are refused");
	else
		mml_setting_say(f, ret,
				promised / COMMITTED_MUCH >= limit / 100 ? MML_SETTING_WARNING
									 : MML_SETTING_FINE,
				"programs that ask for %s more are refused",
				mml_setting_size(f, limit - promised));
}

MML_JUDGE(only_never)
{
	uint64_t mode;

	(void)v;
	if (mml_setting_number(f, "/proc/sys/vm/overcommit_memory", &mode) && mode != 2)
		mml_setting_say(f, ret, -1, "without effect unless vm.overcommit_memory is 2");
}

MML_JUDGE(panic)
{
	if (v->is_number && v->number)
		mml_setting_say(
			f, ret, MML_SETTING_NOTE,
			v->number > 1
				? "the machine panics when it or a control group is out of memory"
				: "the machine panics when it is out of memory, and nothing is "
				  "killed");
}

MML_JUDGE(asker)
{
	if (v->is_number && v->number)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"who happens to ask is killed, however little it has");
}

MML_JUDGE(tasks)
{
	if (v->is_number && !v->number)
		mml_setting_say(f, ret, MML_SETTING_NOTE,
				"the log does not tell why one was killed and not another");
}

MML_JUDGE(delays)
{
	if (v->is_number && !v->number)
		mml_setting_say(f, ret, -1,
				"how long each process waits for memory is not measured");
}
