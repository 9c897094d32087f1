/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option_id {
	OPT_NONE = 255, /* above any character, since the id of a short option is its letter */
#define OPTION(id, ...) OPT_##id,
#include "options.def"
#undef OPTION
#define RENDERER(name, ...) OPT_FORMAT_##name,
#include "../render/renderers.def"
#undef RENDERER
	OPT_PARAMS, /* the ids of table arguments are added to it */
};

static const struct option long_options[] = {
#define OPTION(id, c, name, arg, help) \
	{ name, (const char *)(arg) ? required_argument : no_argument, NULL, OPT_##id },
#include "options.def"
#undef OPTION
#define RENDERER(id, c, name, help) { name, no_argument, NULL, OPT_FORMAT_##id },
#include "../render/renderers.def"
#undef RENDERER
#define PARAM(id, c, name, arg, type, help)                               \
	{ name, (const char *)(arg) ? required_argument : no_argument, NULL, \
	  OPT_PARAMS + MML_PARAM_##id },
#include "../core/params.def"
#undef PARAM
	{ NULL, 0, NULL, 0 },
};

static const char *option_at(size_t i, const void *ctx)
{
	(void)ctx;
	return long_options[i].name;
}

int mml_bad_word(const char *what, const char *word, const char *near)
{
	if (near)
		mml_error("unknown %s '%s'; did you mean '%s'?", what, word, near);
	else
		mml_error("unknown %s '%s'; 'mmlens --help' lists them", what, word);
	return MML_USAGE;
}

/* Writes a string such as ":otcs:h..." for getopt from options.def. The ':' at its beginning makes
 * getopt return what is wrong instead of printing it. */
static void short_string(char *ret)
{
	*ret++ = ':';
#define SHORT_OPTION(c, arg)                       \
	if (c) {                                   \
		*ret++ = (char)(c);                \
		if ((const char *)(arg) != NULL)   \
			*ret++ = ':';              \
	}
#define OPTION(id, c, name, arg, help) SHORT_OPTION(c, arg)
#include "options.def"
#undef OPTION
#define RENDERER(id, c, name, help) SHORT_OPTION(c, NULL)
#include "../render/renderers.def"
#undef RENDERER
#define PARAM(id, c, name, arg, type, help) SHORT_OPTION(c, arg)
#include "../core/params.def"
#undef PARAM
	*ret = '\0';
}

/* Returns the id of a short option, so that one switch handles both forms. */
static int option_id(int c)
{
#define OPTION(id, ch, ...)    \
	if ((ch) && c == (ch)) \
		return OPT_##id;
#include "options.def"
#undef OPTION
#define RENDERER(id, ch, ...)  \
	if ((ch) && c == (ch)) \
		return OPT_FORMAT_##id;
#include "../render/renderers.def"
#undef RENDERER
#define PARAM(id, ch, ...)     \
	if ((ch) && c == (ch)) \
		return OPT_PARAMS + MML_PARAM_##id;
#include "../core/params.def"
#undef PARAM
	return c;
}

static int parse_count(const char *what, const char *arg, uint64_t *ret)
{
	if (!mml_parse_u64(mml_span_str(arg), ret) && *ret)
		return MML_OK;
	mml_error("%s: '%s' is not a whole number above 0", what, arg);
	return MML_USAGE;
}

/* 0 samples are as many as there are. */
static int parse_samples(const char *arg, uint64_t *ret)
{
	if (strcmp(arg, "0") != 0)
		return parse_count("--count", arg, ret);
	*ret = UINT64_MAX;
	return MML_OK;
}

static int parse_delay(const char *arg, uint64_t *ret)
{
	if (!mml_parse_seconds(arg, ret) && *ret >= 1000000)
		return MML_OK;
	mml_error("--delay: '%s' is not a time such as 0.5, 500ms, 10s, 1m or 2h (0.001 seconds to a year)", arg);
	return MML_USAGE;
}

/* Handles --pid and the other arguments of tables. */
static int set_param(struct mml_plan *plan, enum mml_param_id id, const char *word)
{
	const char *why = NULL;
	int rc = mml_scope_set(&plan->scope, id, word, plan->arena, &why);

	if (rc == -EINVAL)
		mml_error("--%s: %s", mml_params[id].name, why);
	else if (rc)
		mml_error("out of memory");
	return rc == -EINVAL ? MML_USAGE : rc ? MML_FAILED : MML_OK;
}

static int bad_value(const char *option, const char *arg, const char *what)
{
	mml_error("--%s: '%s' is not %s", option, arg, what);
	return MML_USAGE;
}

/* Handles the options of record. */
static int set_recording(struct mml_plan *plan, int id, const char *arg)
{
	switch (id) {
	case OPT_KEEP_AGE:
		if (mml_keep_age(arg, &plan->keep.age_ns))
			return bad_value("keep-age", arg, "an age such as 7d or 12h");
		break;
	case OPT_KEEP_SIZE:
		if (mml_keep_size(arg, &plan->keep.bytes))
			return bad_value("keep-size", arg, "a size such as 500M or 1G");
		break;
	case OPT_KEEP_FREE:
		if (mml_keep_free(arg, &plan->keep))
			return bad_value("keep-free", arg, "a size or a share such as 5%");
		break;
	case OPT_SYNC:
		if (mml_parse_seconds(arg, &plan->sync_ns))
			return bad_value("sync", arg, "a number of seconds");
		break;
	case OPT_SLOW:
		if (mml_parse_seconds(arg, &plan->slow_ns))
			return bad_value("slow", arg, "a number of seconds");
		break;
	}
	plan->keeps |= id != OPT_SYNC && id != OPT_SLOW;
	return MML_OK;
}

static int set_option(struct mml_plan *plan, struct mml_wishes *w, int id, const char *arg)
{
	switch (id) {
	case OPT_REPLAY:
		plan->replay = arg;
		return MML_OK;
	case OPT_AT:
		plan->at = arg;
		return MML_OK;
	case OPT_BEGIN:
		plan->begin = arg;
		return MML_OK;
	case OPT_END:
		plan->end = arg;
		return MML_OK;
	case OPT_KEEP_AGE:
	case OPT_KEEP_SIZE:
	case OPT_KEEP_FREE:
	case OPT_SYNC:
	case OPT_SLOW:
		return set_recording(plan, id, arg);
	case OPT_ALL:
		plan->all = true;
		return MML_OK;
	case OPT_EXIT_STATUS:
		plan->exit_status = true;
		return MML_OK;
	case OPT_NO_ARGS:
		plan->no_args = true;
		return MML_OK;
	case OPT_COLUMNS:
		if (w->ncolumns == sizeof(w->columns) / sizeof(*w->columns)) {
			mml_error("--columns: given more than %zu times", w->ncolumns);
			return MML_USAGE;
		}
		w->columns[w->ncolumns++] = arg;
		return MML_OK;
	case OPT_ALL_COLUMNS:
		w->all_columns = true;
		return MML_OK;
	case OPT_SORT:
		w->sort = arg;
		return MML_OK;
	case OPT_FILTER:
		if (w->nfilters == sizeof(w->filters) / sizeof(*w->filters)) {
			mml_error("--filter: given more than %zu times", w->nfilters);
			return MML_USAGE;
		}
		w->filters[w->nfilters++] = arg;
		return MML_OK;
	case OPT_LIMIT:
		return parse_count("--limit", arg, &w->limit);
	case OPT_TOTAL:
		w->total = true;
		return MML_OK;
	case OPT_DELAY:
		return parse_delay(arg, &plan->delay_ns);
	case OPT_COUNT:
		return parse_samples(arg, &plan->count);
	case OPT_TIME:
		plan->format.time = true;
		return MML_OK;
	case OPT_QUIET:
		plan->quiet = true;
		return MML_OK;
#define RENDERER(name, ...)                                        \
	case OPT_FORMAT_##name:                                    \
		plan->format.renderer = mml_renderer_find(#name);  \
		w->format = true;                                  \
		return MML_OK;
#include "../render/renderers.def"
#undef RENDERER
	case OPT_NOHEADINGS:
		plan->format.noheadings = true;
		return MML_OK;
	case OPT_BYTES:
		plan->format.style.units = MML_IN_BYTES;
		return MML_OK;
	case OPT_ROOT:
		plan->root = arg;
		return MML_OK;
	case OPT_BY:
		plan->scope.by = arg;
		return MML_OK;
	case OPT_COLOR:
		w->colour = arg;
		if (!strcmp(arg, "auto") || !strcmp(arg, "always") || !strcmp(arg, "never"))
			return MML_OK;
		mml_error("--color: '%s' is not auto, always or never", arg);
		return MML_USAGE;
	case OPT_THEME:
		for (int i = 0; mml_themes[i]; i++)
			if (!strcmp(mml_themes[i], arg)) {
				plan->theme = (enum mml_theme)i;
				return MML_OK;
			}
		mml_error("--theme: '%s' is not auto, dark or light", arg);
		return MML_USAGE;
	case OPT_ASCII:
		plan->ascii = true;
		return MML_OK;
	case OPT_HELP:
		plan->command = MML_SHOW_HELP;
		return MML_OK;
	case OPT_VERSION:
		plan->command = MML_SHOW_VERSION;
		return MML_OK;
	}
	return set_param(plan, (enum mml_param_id)(id - OPT_PARAMS), arg);
}

/* Says what getopt has complained about, with the word that was wrong. */
static int bad_option(int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (c == ':') {
		mml_error("option '%s' needs a value", word);
		return MML_USAGE;
	}
	if (optopt && optopt < 255) {
		char letter[3] = { '-', (char)optopt, '\0' };

		return mml_bad_word("option", letter, NULL);
	}
	if (optopt) {
		mml_error("option '%.*s' takes no value", (int)strcspn(word, "="), word);
		return MML_USAGE;
	}
	size_t n = sizeof(long_options) / sizeof(*long_options) - 1;
	size_t len = strcspn(word + 2, "=");
	const char *near = mml_nearest(word + 2, len, option_at, n, NULL);
	char full[80] = "--";

	if (near)
		snprintf(full, sizeof(full), "--%s", near);
	return mml_bad_word("option", word, near ? full : NULL);
}

int mml_options_parse(int argc, char **argv, struct mml_plan *plan, struct mml_wishes *w)
{
	char shorts[sizeof(long_options) / sizeof(*long_options) * 2 + 2];
	int c, rc;

	short_string(shorts);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, long_options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(c, argv);
		rc = set_option(plan, w, option_id(c), optarg);
		if (rc)
			return rc;
	}
	return MML_OK;
}
