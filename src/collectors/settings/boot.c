/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "settings.h"

static const struct {
	const char *name, *help;
} options[] = {
#define BOOT(name, help) { name, help },
#include "boot.def"
#undef BOOT
};

/* The kernel takes - and _ in names for the same. */
static bool same(char a, char b)
{
	return (a == '-' ? '_' : a) == (b == '-' ? '_' : b);
}

static bool is_named(struct mml_span name, const char *want)
{
	size_t len = strlen(want), i = 0;
	bool begins = len && want[len - 1] == '*';

	len -= begins;
	if (begins ? mml_span_len(name) <= len : mml_span_len(name) != len)
		return false;
	while (i < len && same(name.p[i], want[i]))
		i++;
	return i == len;
}

/* Cuts the next option off LINE. What stands behind "--" is for the first process. */
static bool next_option(struct mml_span *line, struct mml_span *ret_name,
			struct mml_span *ret_value)
{
	struct mml_span word;

	if (!mml_next_token(line, &word) || mml_span_eq(word, "--"))
		return false;
	mml_next_field(&word, '=', ret_name);
	*ret_value = word;
	return true;
}

bool mml_setting_booted(const struct mml_setting_facts *f, const char *name, struct mml_span *ret)
{
	struct mml_span line, option, value;
	bool found = false;

	if (mml_take_file(f->take, NULL, "/proc/cmdline", &line))
		return false;
	while (next_option(&line, &option, &value))
		if (is_named(option, name)) {
			*ret = value; /* the last one counts */
			found = true;
		}
	return found;
}

/* How many options before NAME in the command line have the same name. */
static unsigned before(struct mml_span line, struct mml_span name)
{
	struct mml_span option, value;
	unsigned n = 0;

	while (next_option(&line, &option, &value) && option.p != name.p)
		n += mml_span_len(option) == mml_span_len(name) &&
		     !memcmp(option.p, name.p, mml_span_len(name));
	return n;
}

int mml_setting_boot(struct mml_setting_facts *f,
		     int (*each)(const char *name, struct mml_span value, const char *help,
				 void *ctx),
		     void *ctx)
{
	struct mml_span all, line, option, value;
	int rc = 0;

	if (mml_take_file(f->take, NULL, "/proc/cmdline", &all))
		return 0;
	line = all;
	while (!rc && next_option(&line, &option, &value)) {
		unsigned again = before(all, option);
		const char *name;
		size_t i = 0;

		while (i < sizeof(options) / sizeof(*options) && !is_named(option, options[i].name))
			i++;
		if (i == sizeof(options) / sizeof(*options))
			continue;
		name = again ? mml_arena_printf(f->arena, "boot.%.*s#%u", (int)mml_span_len(option),
						option.p, again + 1)
			     : mml_arena_printf(f->arena, "boot.%.*s", (int)mml_span_len(option),
						option.p);
		rc = name ? each(name, value, options[i].help, ctx) : -ENOMEM;
	}
	return rc;
}
