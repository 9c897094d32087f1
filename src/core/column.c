/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "column.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

int mml_schema_find(const struct mml_schema *schema, const char *name, size_t len)
{
	for (size_t i = 0; i < schema->ncolumns; i++)
		if (!strncmp(schema->columns[i].name, name, len) &&
		    !schema->columns[i].name[len])
			return (int)i;
	for (size_t i = 0; i < schema->ncolumns; i++)
		if (!strncasecmp(schema->columns[i].name, name, len) &&
		    !schema->columns[i].name[len])
			return (int)i;
	for (size_t i = 0; i < schema->ncolumns; i++)
		if (!strncasecmp(schema->columns[i].head, name, len) &&
		    !schema->columns[i].head[len])
			return (int)i;
	return -1;
}

int mml_schema_source(const struct mml_schema *schema, const char *source, size_t len)
{
	for (size_t i = 0; i < schema->ncolumns; i++) {
		const char *own = schema->columns[i].source;

		if (!strncmp(own, source, len) && !own[len])
			return (int)i;
	}
	return -1;
}

enum { LONGEST_WORD = 63 };

/* Returns the Levenshtein distance, in which two swapped neighbours count as one change. Case is
 * ignored. */
static unsigned distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned row[3][LONGEST_WORD + 1];

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *now = row[i % 3], *up = row[(i - 1) % 3], *up2 = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);
			unsigned best = up[j - 1] + (ca != cb);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[la % 3][lb];
}

const char *mml_nearest(const char *s, size_t len, const char *(*word)(size_t i, const void *ctx),
			size_t count, const void *ctx)
{
	const char *best = NULL;
	unsigned best_far = len < 4 ? 2 : 3; /* one mistake in a short word, two in a longer one */

	if (!len || len > LONGEST_WORD)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *w = word(i, ctx);
		size_t lw = strlen(w);
		unsigned far;

		if (lw > LONGEST_WORD)
			continue;
		far = distance(s, len, w, lw);
		/* What was typed may be the beginning of the word that was meant. */
		if (far > 1 && len >= 2 && !strncasecmp(w, s, len))
			far = 1;
		if (far < best_far) {
			best_far = far;
			best = w;
		}
	}
	return best;
}

static const char *word_at(size_t i, const void *ctx)
{
	return ((const struct mml_column *)ctx)->words[i];
}

int mml_word_find(const struct mml_column *col, const char *s, size_t len)
{
	for (int i = 0; col->words[i]; i++)
		if (!strncasecmp(col->words[i], s, len) && !col->words[i][len])
			return i;
	return -1;
}

const char *mml_word_nearest(const struct mml_column *col, const char *s, size_t len)
{
	size_t n = 0;

	while (col->words[n])
		n++;
	return mml_nearest(s, len, word_at, n, col);
}

static const char *column_name(size_t i, const void *ctx)
{
	return ((const struct mml_schema *)ctx)->columns[i].name;
}

const char *mml_schema_nearest(const struct mml_schema *schema, const char *s, size_t len)
{
	return mml_nearest(s, len, column_name, schema->ncolumns, schema);
}
