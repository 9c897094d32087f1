/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <errno.h>

const struct mml_source mml_oom_sources[] = {
	{ "/dev/kmsg", "CAP_SYSLOG, or the setting kernel.dmesg_restrict = 0", "a kernel log",
	  NULL },
	{ "/proc/vmstat", NULL, "a mounted /proc", NULL },
	{ "/sys/power/state", NULL, "a mounted /sys", NULL },
	{ "/sys/power/suspend_stats/success", NULL, "Linux 5.4 that can be suspended", NULL },
	{ NULL, NULL, NULL, NULL },
};

int mml_oom_take(struct mml_take *take, const struct mml_query *query, struct mml_table *table,
		 const struct mml_oom_log **ret)
{
	const struct mml_arg *file = &query->scope.args[MML_PARAM_LOG];
	struct mml_span text = { file->data, file->data + file->size };
	struct mml_oom_log *log;
	void **memo;
	int rc;

	if (!file->given) {
		rc = mml_take_records(take, table, "/dev/kmsg", &text);
		if (rc)
			return rc;
	} else if (!file->data) {
		return mml_table_fail(table, -ENODATA, NULL, "%s was not read", file->text);
	}
	memo = mml_take_memo(take, text.p);
	if (!memo)
		return mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	if (!*memo) {
		rc = mml_oom_read(take->arena, text, 0, &log);
		if (rc)
			return mml_table_fail(table, rc, NULL, "out of memory");
		*memo = log;
	}
	*ret = *memo;
	return 0;
}

void mml_oom_set_pages(struct mml_row *row, unsigned col, const struct mml_oom_report *r,
		       struct mml_oom_value value)
{
	uint64_t bytes;

	if (mml_oom_has(value) && !__builtin_mul_overflow(value.n, r->page_size.n, &bytes))
		mml_set_u64(row, col, bytes);
}

void mml_oom_set_kb(struct mml_row *row, unsigned col, struct mml_oom_value value)
{
	uint64_t bytes;

	if (mml_oom_kb(value, &bytes))
		mml_set_u64(row, col, bytes);
}

void mml_oom_set_time(struct mml_row *row, unsigned date, unsigned since_boot,
		      const struct mml_oom_time *time)
{
	mml_set_str(row, date, time->text);
	if (time->usec >= 0 && time->usec < INT64_MAX / 1000)
		mml_set_u64(row, since_boot, (uint64_t)time->usec * 1000);
}
