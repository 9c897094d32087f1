/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "../render/cell.h"

#define CTRL(c) ((c) & 0x1f)

enum mml_do mml_key_does(uint32_t key)
{
	static const struct {
		enum mml_do what;
		uint32_t keys[13];
	} dos[] = {
#define GROUP(...)
#define DO(id, shown, help, ...) { MML_DO_##id, { __VA_ARGS__ } },
#include "keys.def"
#undef DO
#undef GROUP
	};

	for (size_t i = 0; key && i < sizeof(dos) / sizeof(*dos); i++)
		for (const uint32_t *k = dos[i].keys; *k; k++)
			if (*k == key)
				return dos[i].what;
	return MML_DO_NOTHING;
}

const struct mml_key_line *mml_key_lines(void)
{
	static const struct mml_key_line lines[] = {
#define GROUP(title) { NULL, title },
#define DO(id, shown, help, ...) { shown, help },
#include "keys.def"
#undef DO
#undef GROUP
		{ NULL, NULL },
	};

	return lines;
}

uint32_t mml_key_named(const char *name, size_t len)
{
	static const struct {
		const char *name;
		uint32_t key;
	} names[] = {
		{ "Up", MML_UP },          { "Down", MML_DOWN },   { "Left", MML_LEFT },
		{ "Right", MML_RIGHT },    { "PgUp", MML_PGUP },   { "PgDn", MML_PGDN },
		{ "Home", MML_HOME },      { "End", MML_END },     { "Enter", MML_ENTER },
		{ "Esc", MML_ESC },        { "Tab", CTRL('i') },   { "Shift-Tab", MML_BACKTAB },
		{ "Space", ' ' },          { "Backspace", MML_BACKSPACE },
		{ "Delete", MML_DELETE },
	};
	uint32_t ch;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, name, len))
			return names[i].key;
	if (len == 6 && !memcmp(name, "Ctrl-", 5))
		return (uint32_t)CTRL(name[5]);
	if ((len == 2 || len == 3) && name[0] == 'F' && name[1] > '0' && name[1] <= '9')
		return MML_F((uint32_t)(name[1] - '0') * (len == 3 ? 10 : 1) +
			     (len == 3 ? (uint32_t)(name[2] - '0') : 0));
	return len && mml_utf8_next(name, len, &ch) == len ? ch : 0;
}
