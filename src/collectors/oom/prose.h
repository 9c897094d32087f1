/* A report in plain language: what happened, why there was no memory, what held it, who was killed
 * and why, what would have prevented it, and what the log does not tell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/buf.h"
#include "model.h"

struct mml_oom_style {
	bool verbose; /* with the arithmetic */
	bool utf8;
	/* Makes text from the log harmless, as mml_escape() does. NULL: whatever is not printable
	 * ASCII becomes '?'. */
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
	const char *title;
	/* Whole sentences, each with its lines of the log in brackets. NULL: there is nothing to
	 * say. */
	const char *text[MML_OOM_PARAGRAPHS];
};

/* Sets RET to what REPORT of LOG comes to. Everything is in ARENA. Returns 0 or -ENOMEM. */
int mml_oom_explain(struct mml_arena *arena, const struct mml_oom_log *log,
		    const struct mml_oom_report *report, const struct mml_oom_style *style,
		    struct mml_oom_page *ret);

/* The same for a kill by a program in user space, which is often taken for the kernel's. */
int mml_oom_explain_kill(struct mml_arena *arena, const struct mml_oom_log *log,
			 const struct mml_oom_kill *kill, const struct mml_oom_style *style,
			 struct mml_oom_page *ret);
