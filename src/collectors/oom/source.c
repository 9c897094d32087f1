/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../../core/module.h"
#include "../../core/trouble.h"
#include "../../core/unit.h"
#include "journal.h"

/* Where a capture keeps what came from the journal. */
static const char journal_path[] = "/mmlens/journal";
static const char lost_path[] = "/mmlens/journal.lost";

static int probe_journal(struct mml_root *root, struct mml_absence *ret)
{
	(void)root;
	if (!mml_module("journal", ret))
		return -ENOENT;
	*ret = (struct mml_absence){ NULL, NULL };
	return 0;
}

const struct mml_source mml_oom_sources[] = {
	{ "/dev/kmsg", "CAP_SYSLOG, or the setting kernel.dmesg_restrict = 0", "a kernel log",
	  NULL },
	{ "systemd's journal", NULL, NULL, probe_journal },
	{ "/proc/vmstat", NULL, "a mounted /proc", NULL },
	{ "/sys/power/state", NULL, "a mounted /sys", NULL },
	{ "/sys/power/suspend_stats/success", NULL, "Linux 5.4 that can be suspended", NULL },
	{ NULL, NULL, NULL, NULL },
};

/* Sets RET to number and time of the first record the ring still has. */
static bool first_record(struct mml_span ring, uint64_t *ret_sequence, uint64_t *ret_usec)
{
	struct mml_span level, sequence, usec;

	return mml_next_field(&ring, ',', &level) && mml_next_field(&ring, ',', &sequence) &&
	       mml_next_field(&ring, ',', &usec) && !mml_parse_u64(sequence, ret_sequence) &&
	       !mml_parse_u64(usec, ret_usec);
}

/* What the journal had when it was read last. It is read again when the ring has lost more since,
 * but not in every sample. */
struct kept {
	bool known;
	uint64_t sequence; /* of the ring's first record at that time */
	uint64_t read_ns;
	struct mml_buf text;
	int error;
	struct mml_absence why;
};

enum { PATIENCE_S = 60 };

void *mml_oom_keep(struct mml_root *root)
{
	(void)root;
	return mml_calloc(1, sizeof(struct kept));
}

void mml_oom_release(void *state)
{
	struct kept *kept = state;

	mml_buf_free(&kept->text);
	free(kept);
}

static void read_journal(struct kept *kept, uint64_t sequence, uint64_t usec)
{
	const struct mml_module_journal *journal;
	uint64_t now = mml_now_ns();

	if (kept->known && (kept->sequence == sequence ||
			    now - kept->read_ns < PATIENCE_S * UINT64_C(1000000000)))
		return;
	mml_buf_free(&kept->text);
	kept->text = (struct mml_buf){ 0 };
	journal = mml_module("journal", &kept->why);
	kept->error = journal ? journal->read(NULL, sequence ? usec : 0, &kept->text) : -ENOENT;
	kept->sequence = sequence;
	kept->read_ns = now;
	kept->known = true;
}

/* Tells TABLE, and whoever looks at what is saved, that records are lost. Returns 0 or -ENOMEM. */
static int note_lost(struct mml_take *take, struct mml_table *table, uint64_t records, const char *why)
{
	struct mml_buf text = { 0 };

	mml_buf_printf(&text,
		       "the first %" PRIu64 " records of the kernel's log were overwritten, "
		       "and the journal was not read: %s",
		       records, why);
	if (text.error)
		return -ENOMEM;
	mml_table_note(table, "%s", text.data);
	mml_root_save(take->root, lost_path, text.data, text.len);
	mml_buf_free(&text);
	return 0;
}

/* Appends what the journal has from before RING begins. If the ring has lost lines and the journal
 * cannot be read, TABLE is told. Returns 0 or -ENOMEM. */
static int add_journal(struct mml_take *take, struct kept *kept, struct mml_table *table,
		       struct mml_span ring, struct mml_buf *out)
{
	uint64_t sequence = 0, usec = 0;

	if (!first_record(ring, &sequence, &usec))
		return 0;
	read_journal(kept, sequence, usec);
	if (kept->error == -ENOMEM)
		return -ENOMEM;
	if (kept->error)
		return sequence ? note_lost(take, table, sequence,
					    kept->why.reason ? kept->why.reason : strerror(-kept->error)) :
				  0;
	mml_root_save(take->root, journal_path, kept->text.data ? kept->text.data : "",
		      kept->text.len);
	mml_buf_put(out, kept->text.data, kept->text.len);
	return out->error;
}

/* The same of a tree, where it was saved. */
static int add_saved(struct mml_take *take, struct mml_table *table, struct mml_buf *out)
{
	struct mml_span saved;

	if (!mml_take_filef(take, &saved, "%s", lost_path))
		mml_table_note(table, "%.*s", (int)mml_span_len(saved), saved.p);
	if (!mml_take_filef(take, &saved, "%s", journal_path))
		mml_buf_put(out, saved.p, mml_span_len(saved));
	return out->error;
}

/* Puts ALL, which has what was before the ring, and the ring together. Returns 0 or -ENOMEM. */
static int join(struct mml_take *take, struct mml_buf *all, struct mml_span *ring)
{
	char *text;

	if (!all->len)
		return 0;
	mml_buf_put(all, ring->p, mml_span_len(*ring));
	text = all->error ? NULL : mml_arena_strndup(take->arena, all->data, all->len);
	*ring = (struct mml_span){ text, text ? text + all->len : NULL };
	return text ? 0 : -ENOMEM;
}

/* Sets RET to what the machine has, the journal's part before the ring's. */
static int machine_log(struct mml_take *take, const struct mml_query *query,
		       struct mml_table *table, struct mml_span *ret)
{
	struct kept once = { 0 }, *kept = query->reading.state ? query->reading.state : &once;
	int rc = mml_take_records(take, table, "/dev/kmsg", ret);
	struct mml_buf all = { 0 };
	struct mml_span *text;
	void **memo;

	if (rc)
		return rc;
	memo = mml_take_memo(take, journal_path);
	text = memo ? *memo : NULL;
	if (text) {
		*ret = *text;
		return 0;
	}
	text = memo ? mml_arena_alloc(take->arena, sizeof(*text)) : NULL;
	if (!mml_root_live(take->root))
		rc = add_saved(take, table, &all);
	else if (mml_root_system(take->root))
		rc = add_journal(take, kept, table, *ret, &all);
	if (!text || rc || join(take, &all, ret)) {
		rc = mml_table_fail(table, -ENOMEM, NULL, "out of memory");
	} else {
		*text = *ret;
		*memo = text;
	}
	mml_buf_free(&all);
	mml_buf_free(&once.text);
	return rc;
}

int mml_oom_take(struct mml_take *take, const struct mml_query *query, struct mml_table *table,
		 const struct mml_oom_log **ret)
{
	const struct mml_arg *file = &query->scope.args[MML_PARAM_LOG];
	struct mml_span text = { file->data, file->data + file->size };
	struct mml_oom_log *log;
	void **memo;
	int rc;

	if (!file->given) {
		rc = machine_log(take, query, table, &text);
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
