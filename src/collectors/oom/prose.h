/* A report in plain language: what happened, why there was no memory, what held it, who was killed
 * and why, what would have prevented it, and what the log does not tell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/buf.h"
#include "model.h"

struct mml_oom_style {
	unsigned width; /* of a line, with the label; 0: lines are not broken */
	bool verbose;   /* with the arithmetic */
	bool utf8;
	/* Makes text from the log harmless, as mml_escape() does; NULL: what is no printable ASCII
	 * becomes '?'. */
	void (*escape)(struct mml_buf *out, const char *s, size_t len, bool utf8);
};

enum mml_oom_paragraph {
	MML_OOM_P_WHAT,
	MML_OOM_P_LIMIT,
	MML_OOM_P_FREE,
	MML_OOM_P_HELD,
	MML_OOM_P_SWAP,
	MML_OOM_P_VICTIM,
	MML_OOM_P_DO,
	MML_OOM_P_UNKNOWN,
	MML_OOM_PARAGRAPHS
};

struct mml_oom_page {
	/* Whole sentences, each with its lines of the log in brackets; NULL: nothing to say. */
	const char *text[MML_OOM_PARAGRAPHS];
};

/* "What happened", "Which limit", ... */
const char *mml_oom_label(enum mml_oom_paragraph paragraph);

/* What REPORT of LOG comes to, into ARENA. 0 or -ENOMEM. */
int mml_oom_explain(struct mml_arena *arena, const struct mml_oom_log *log,
		    const struct mml_oom_report *report, const struct mml_oom_style *style,
		    struct mml_oom_page *ret);

/* Append PAGE, its labels on the left, broken at WIDTH. */
void mml_oom_page_write(struct mml_buf *out, const struct mml_oom_page *page, unsigned width);

/* Append every report of LOG, and what concerns none of them. 0 or -ENOMEM. */
int mml_oom_prose(struct mml_buf *out, struct mml_arena *arena, const struct mml_oom_log *log,
		  const struct mml_oom_style *style);
