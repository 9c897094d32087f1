/* The pages of a log's reports as text, a line for each paragraph. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdlib.h>

#include "../../src/collectors/oom/prose.h"

__attribute__((unused)) static void put_page(struct mml_buf *out, const struct mml_oom_page *page)
{
	mml_buf_printf(out, "%s\n", page->title);
	for (unsigned i = 0; i < MML_OOM_PARAGRAPHS; i++)
		if (page->text[i])
			mml_buf_printf(out, "%s\n", page->text[i]);
}

__attribute__((unused)) static void put_prose(struct mml_buf *out, struct mml_arena *arena,
					      const struct mml_oom_log *log,
					      const struct mml_oom_style *style)
{
	struct mml_oom_page page;

	mml_buf_puts(out, "");
	for (const struct mml_oom_report *r = log->reports; r; r = r->next) {
		if (mml_oom_explain(arena, log, r, style, &page))
			abort();
		put_page(out, &page);
	}
	for (const struct mml_oom_kill *k = log->kills; k; k = k->next) {
		if (mml_oom_explain_kill(arena, log, k, style, &page))
			abort();
		put_page(out, &page);
	}
}
