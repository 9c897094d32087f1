/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <string.h>
#include <time.h>

#include "../core/parse.h"

#define RENDERER(name, ...) extern const struct mml_renderer mml_renderer_##name;
#define DEFAULT RENDERER
#include "renderers.def"
#undef RENDERER

const struct mml_renderer *const mml_renderers[] = {
#define RENDERER(name, ...) &mml_renderer_##name,
#define DEFAULT RENDERER
#include "renderers.def"
#undef RENDERER
	NULL,
};

const struct mml_renderer *mml_renderer_find(const char *name)
{
	for (size_t i = 0; mml_renderers[i]; i++)
		if (!strcmp(mml_renderers[i]->name, name))
			return mml_renderers[i];
	return NULL;
}

bool mml_put_time(struct mml_buf *out, const struct timespec *wall)
{
	char text[64];
	struct tm tm;
	size_t len;

	if (!wall->tv_sec || !gmtime_r(&wall->tv_sec, &tm))
		return false;
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	mml_buf_put(out, text, len);
	mml_buf_printf(out, ".%03ldZ", wall->tv_nsec / 1000000);
	return true;
}

/* Appends LINES with the sample's time before each, and the heading before the first. */
static void put_timed(struct mml_render *r, const struct mml_buf *lines)
{
	const struct mml_renderer *renderer = r->format->renderer;
	struct mml_span text = { lines->data, lines->data + lines->len }, line;
	struct mml_buf time = { 0 };
	bool head = !r->format->noheadings;

	if (!mml_put_time(&time, &r->snap->time.wall) && !renderer->single)
		mml_buf_putc(&time, '-');
	while (mml_next_line(&text, &line)) {
		mml_buf_puts(r->out, head ? renderer->time_head : time.data ? time.data : "");
		mml_buf_putc(r->out, renderer->between);
		mml_buf_put(r->out, line.p, mml_span_len(line));
		mml_buf_putc(r->out, '\n');
		head = false;
	}
	if (time.error)
		r->out->error = time.error;
	mml_buf_free(&time);
}

static int put_table(struct mml_render *r, const struct mml_select *sel, const struct mml_table *table)
{
	struct mml_format format = *r->format;
	struct mml_buf lines = { 0 };
	struct mml_render whole = *r;
	int rc;

	if (!format.time || !format.renderer->between)
		return format.renderer->table(r, sel, table);
	format.write = NULL;
	whole.format = &format;
	whole.out = &lines;
	rc = format.renderer->table(&whole, sel, table);
	if (!rc)
		put_timed(r, &lines);
	mml_buf_free(&lines);
	return rc ? rc : r->out->error;
}

int mml_render(struct mml_buf *out, const struct mml_select *sels, const struct mml_snapshot *snap,
	       const struct mml_format *format)
{
	const struct mml_renderer *renderer = format->renderer;
	struct mml_render r = { .out = out, .sels = sels, .snap = snap, .format = format };
	int rc = renderer->begin ? renderer->begin(&r) : 0;

	for (size_t i = 0; i < snap->ntables && !rc; i++) {
		/* A table that could not be read at all has its reason on stderr, and no headings. */
		if (!renderer->document && snap->tables[i]->error && !snap->tables[i]->nrows)
			continue;
		if (!renderer->document && r.ndone)
			mml_buf_putc(out, '\n');
		rc = put_table(&r, &sels[i], snap->tables[i]);
		r.ndone++;
	}
	if (!rc && renderer->end)
		rc = renderer->end(&r);
	return rc ? rc : out->error;
}
