/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <string.h>

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
		rc = renderer->table(&r, &sels[i], snap->tables[i]);
		r.ndone++;
	}
	if (!rc && renderer->end)
		rc = renderer->end(&r);
	return rc ? rc : out->error;
}
