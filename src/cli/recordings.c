/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recordings.h"

#include <errno.h>
#include <inttypes.h>

#include "../core/trouble.h"
#include "../record/reader.h"
#include "../record/when.h"

/* clang-format off */
#define RECORDINGS_COLUMNS(C, R) \
	C(file,     "FILE",     STR,  KEY,   NONE,  FIRST,  0, "mmlens", "The file.") \
	C(begin,    "BEGIN",    STR,  LABEL, NONE,  FIRST,  0, "mmlens", "When its first sample was begun, in local time.") \
	C(end,      "END",      STR,  LABEL, NONE,  FIRST,  0, "mmlens", "When its last sample was begun.") \
	C(samples,  "SAMPLES",  U64,  GAUGE, COUNT, FIRST,  0, "mmlens", "Samples in it that can be read.") \
	C(bytes,    "SIZE",     U64,  GAUGE, BYTES, FIRST,  0, "mmlens", "Size of the file.") \
	C(ended,    "ENDED",    BOOL, LABEL, NONE,  MAIN,   0, "mmlens", "Whether its recorder has ended it; if not, it is still written, or the recorder was killed.") \
	C(gaps,     "GAPS",     STR,  LABEL, NONE,  MAIN,   0, "mmlens", "What is missing in it or before it, and why.") \
	C(begin_ns, "BEGIN_NS", I64,  LABEL, NONE,  HIDDEN, 0, "mmlens", "The begin in nanoseconds since 1970.") \
	C(end_ns,   "END_NS",   I64,  LABEL, NONE,  HIDDEN, 0, "mmlens", "The end in nanoseconds since 1970.") \
	C(host,     "HOST",     STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "Name of the machine.") \
	C(kernel,   "KERNEL",   STR,  LABEL, NONE,  MORE,   0, "mmlens", "Kernel of the machine.") \
	C(machine,  "MACHINE",  STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "Its architecture.") \
	C(boot,     "BOOT",     STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "Its boot.") \
	C(zone,     "ZONE",     STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "Its time zone, as an offset from UTC.") \
	C(tables,   "TABLES",   STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "What was recorded: tables, joined by commas.") \
	C(mmlens,   "MMLENS",   STR,  LABEL, NONE,  HIDDEN, 0, "mmlens", "The version that recorded it.")
/* clang-format on */

#define MML_TABLE_OF RECORDINGS
#include "../core/columns.h"

static void set_fact(struct mml_row *row, unsigned col, struct mml_table *table,
		     struct mml_span facts, const char *key)
{
	struct mml_span value = mml_fact(facts, key);
	const char *text = mml_arena_strndup(table->arena, value.p, mml_span_len(value));

	if (mml_span_len(value) && text)
		mml_set_str(row, col, text);
}

static int add_gap(const struct mml_gap *gap, void *ctx)
{
	struct mml_buf *out = ctx;

	if (out->len)
		mml_buf_puts(out, "; ");
	mml_gap_say(out, gap);
	return out->error;
}

static int set_gaps(struct mml_reader *reader, const struct mml_segment_info *info, bool last,
		    struct mml_table *table, struct mml_row *row)
{
	struct mml_buf text = { 0 };
	const char *copy;
	int rc = 0;

	for (size_t i = 0; i < info->count + last && !rc; i++)
		rc = mml_reader_gaps(reader, info->first + i, add_gap, &text);
	if (!rc && text.len) {
		copy = mml_arena_strndup(table->arena, text.data, text.len);
		rc = copy ? 0 : -ENOMEM;
		if (copy)
			mml_set_str(row, RECORDINGS_gaps, copy);
	}
	mml_buf_free(&text);
	return rc;
}

static void set_time(struct mml_row *row, unsigned col, unsigned col_ns, struct mml_table *table,
		     int64_t ns)
{
	char when[MML_WHEN_MAX];
	size_t len = mml_when_format(when, ns, false);
	const char *text = mml_arena_strndup(table->arena, when, len);

	if (text)
		mml_set_str(row, col, text);
	mml_set_i64(row, col_ns, ns);
}

static int add_segment(struct mml_reader *reader, size_t i, struct mml_table *table)
{
	static const struct {
		unsigned col;
		const char *key;
	} facts[] = {
		{ RECORDINGS_host, "hostname" },   { RECORDINGS_kernel, "kernel" },
		{ RECORDINGS_machine, "machine" }, { RECORDINGS_boot, "boot_id" },
		{ RECORDINGS_zone, "zone" },       { RECORDINGS_tables, "tables" },
		{ RECORDINGS_mmlens, "mmlens" },
	};
	struct mml_row *row = mml_table_add(table);
	struct mml_segment_info info;
	const char *name;

	if (!row)
		return -ENOMEM;
	mml_reader_segment(reader, i, &info);
	name = mml_arena_strndup(table->arena, info.name, strlen(info.name));
	if (!name)
		return -ENOMEM;
	mml_set_str(row, RECORDINGS_file, name);
	mml_set_u64(row, RECORDINGS_samples, info.count);
	mml_set_u64(row, RECORDINGS_bytes, info.bytes);
	mml_set_bool(row, RECORDINGS_ended, info.ended);
	for (size_t k = 0; k < sizeof(facts) / sizeof(*facts); k++)
		set_fact(row, facts[k].col, table, info.facts, facts[k].key);
	if (!info.count)
		return 0;
	set_time(row, RECORDINGS_begin, RECORDINGS_begin_ns, table, info.begin.real_ns);
	set_time(row, RECORDINGS_end, RECORDINGS_end_ns, table, info.end.real_ns);
	return set_gaps(reader, &info, info.first + info.count == mml_reader_count(reader), table,
			row);
}

static void note(struct mml_reader *reader, struct mml_table *table)
{
	struct mml_span text = mml_span_str(mml_reader_notes(reader)), line;

	while (mml_next_line(&text, &line))
		mml_table_note(table, "%.*s", (int)mml_span_len(line), line.p);
}

static int recordings_collect(struct mml_take *take, const struct mml_query *query,
			      struct mml_table *ret)
{
	const char *path = query->scope.args[MML_PARAM_RECORDING].text;
	struct mml_buf why = { 0 };
	struct mml_reader *reader;
	int rc = mml_reader_open(path, &why, &reader);

	(void)take;
	if (rc) {
		const char *words = why.len ? why.data : mml_trouble_words(rc);

		/* What is said of it begins with the name of the table. */
		rc = mml_table_fail(ret, rc, NULL, "%s", words);
		mml_buf_free(&why);
		return rc;
	}
	for (size_t i = 0; i < mml_reader_segments(reader) && !rc; i++)
		rc = add_segment(reader, i, ret);
	note(reader, ret);
	mml_reader_close(reader);
	mml_buf_free(&why);
	return rc ? mml_table_fail(ret, rc, NULL, "%s: %s", path, mml_trouble_words(rc)) : 0;
}

const struct mml_collector mml_collector_recordings = {
	.schema = { .name = "recordings",
		    .help = "A file of a recording, in the order of recording.",
		    MML_COLUMNS(RECORDINGS) },
	.takes = MML_TAKES(RECORDING),
	.requires = MML_TAKES(RECORDING),
	.collect = recordings_collect,
};
