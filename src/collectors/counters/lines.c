/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <string.h>

#include "../memory/vmstat.h"

struct line {
	const char *name, *help;
};

#define LINE(name, help) { name, help },
static const struct line meminfo[] = {
#include "meminfo.def"
	{ NULL, NULL },
};

static const struct line smaps[] = {
#include "smaps.def"
	{ NULL, NULL },
};
#undef LINE

/* A kernel's version; 0.0 stands for no bound. */
struct version {
	unsigned major, minor;
};

/* A meaning that a line has from one version to another, both included. */
static const struct change {
	enum mml_lines file;
	const char *name;
	struct version from, to;
	const char *help;
} changes[] = {
#define UNTIL(major, minor) { 0, 0 }, { major, minor }
#define SINCE(major, minor) { major, minor }, { 0, 0 }
#define FROM_TO(major, minor, to_major, to_minor) { major, minor }, { to_major, to_minor }
#define CHANGE(file, name, when, help) { MML_LINES_##file, name, when, help },
#include "changes.def"
#undef CHANGE
};

/* Returns what the line is whatever the kernel, or NULL if it is not known. RET_NAME is the name it
 * is listed by. */
static const char *known(enum mml_lines file, struct mml_span name, const char **ret_name)
{
	const struct line *line = file == MML_LINES_MEMINFO ? meminfo : smaps;

	if (file == MML_LINES_VMSTAT) {
		const struct mml_counter *counter = mml_counter_find(name);

		*ret_name = counter ? counter->name : "";
		return counter ? counter->help : NULL;
	}
	while (line->name && !mml_span_eq(name, line->name))
		line++;
	*ret_name = line->name;
	return line->help;
}

/* Whether the kernel may be one of those. One whose version is not told may be any. */
static bool may_hold(const struct mml_host *host, const struct change *change)
{
	return (!change->from.major ||
		mml_host_since(host, change->from.major, change->from.minor)) &&
	       (!change->to.major ||
		mml_host_since(host, change->to.major, change->to.minor + 1) != 1);
}

static const char *add_change(struct mml_arena *arena, const char *help, const struct change *change)
{
	if (!change->from.major)
		return mml_arena_printf(arena, "%s Up to Linux %u.%u: %s", help, change->to.major,
					change->to.minor, change->help);
	if (!change->to.major)
		return mml_arena_printf(arena, "%s Since Linux %u.%u: %s", help,
					change->from.major, change->from.minor, change->help);
	return mml_arena_printf(arena, "%s From Linux %u.%u to %u.%u: %s", help,
				change->from.major, change->from.minor, change->to.major,
				change->to.minor, change->help);
}

const char *mml_line_help(struct mml_take *take, enum mml_lines file, struct mml_span name)
{
	const char *listed, *help = known(file, name, &listed);

	if (!help)
		return "This version of mmlens does not know the line: it is of a newer kernel, or of a "
		       "vendor's.";
	for (size_t i = 0; help && i < sizeof(changes) / sizeof(*changes); i++)
		if (changes[i].file == file && !strcmp(changes[i].name, listed) &&
		    may_hold(take->host, &changes[i]))
			help = add_change(take->arena, help, &changes[i]);
	return help;
}
