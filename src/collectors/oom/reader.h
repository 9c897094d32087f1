/* The input as records: each line of the kernel's text, freed from what the log put around it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/buf.h"
#include "model.h"

/* What stood around the text. */
enum mml_oom_form {
	MML_OOM_BARE,
	MML_OOM_PRINTK, /* [   12.345678] */
	MML_OOM_DATED,  /* a date, with or without host and "kernel:" */
	MML_OOM_KMSG,   /* 6,123,45678,-; */
	MML_OOM_JSON,
	MML_OOM_EXPORT,
};

struct mml_oom_record {
	struct mml_span text; /* without blanks at its end; until the next record is asked for */
	uint64_t line;
	int64_t usec;         /* since boot; -1: not said */
	struct mml_span when, host, tag;
	/* printk's caller: a task's number doubled, or a CPU's doubled and 1, plus 2; 0: none */
	uint32_t caller;
	uint64_t lost;        /* records missing before this one, by their sequence numbers */
	unsigned char quote;  /* depth of "> " */
	enum mml_oom_form form;
	bool prefixed;        /* something of the above stood before the text */
	bool trailing;        /* blanks stood behind it */
	bool cut;             /* its end is missing, or may be: end of input, a pager's mark */
	bool full;            /* as long as the longest lines: may be cut or wrapped there */
};

struct mml_oom_scan;

struct mml_oom_reader {
	struct mml_arena *arena;
	struct mml_span all;
	const char *p;
	uint64_t line; /* of P */
	enum mml_oom_form form;
	bool quoted_printable;
	struct mml_buf scratch;
	struct mml_span more; /* further lines of a record that has several */
	struct mml_oom_record last;
	uint64_t sequence;
	bool has_sequence;
	size_t wrap; /* length at which lines are cut or wrapped; 0: none seen */
	struct mml_oom_scan *scan;
};

int mml_oom_reader_init(struct mml_oom_reader *reader, struct mml_arena *arena,
			struct mml_span text);
void mml_oom_reader_free(struct mml_oom_reader *reader);

/* The lines that were read, the last one as well if its end is missing. */
uint64_t mml_oom_reader_lines(const struct mml_oom_reader *reader);

/* The next record: 1, 0 at the end, or -ENOMEM. */
int mml_oom_reader_next(struct mml_oom_reader *reader, struct mml_oom_record *ret);

/* Go on to a few lines before the next one that could belong to a report. Only while nothing is
 * open. */
void mml_oom_reader_skip(struct mml_oom_reader *reader);

/* Look ahead whether lines are cut or wrapped at one length. */
void mml_oom_reader_measure(struct mml_oom_reader *reader);

/* Free TEXT from the marks of one line of a text log: see struct mml_oom_record. */
void mml_oom_envelope(struct mml_span text, struct mml_oom_record *ret);

/* The next record of JSON (dmesg -J, journalctl -o json) or of the journal's export format. */
int mml_oom_json_next(struct mml_oom_reader *reader, struct mml_oom_record *ret);
int mml_oom_export_next(struct mml_oom_reader *reader, struct mml_oom_record *ret);

/* Where in TEXT the next word stands that lines of reports have; its end when there is none. */
int mml_oom_scan_new(struct mml_arena *arena, struct mml_oom_scan **ret);
const char *mml_oom_scan_next(const struct mml_oom_scan *scan, struct mml_span text);
