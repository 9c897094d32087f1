/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "theme.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../core/unit.h"

/* One to four hexadecimal digits at *P as a part of the most they can say; below 0: there are none. */
static double channel(const char **p, const char *end)
{
	unsigned v = 0, most = 0;

	for (; *p < end && most < 0xffff; ++*p) {
		char c = **p;
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			break;
		v = v << 4 | (unsigned)digit;
		most = most << 4 | 15;
	}
	return most ? (double)v / most : -1;
}

bool mml_theme_answer(const char *bytes, size_t n, bool *ret)
{
	static const char begin[] = "\033]11;rgb:";
	const char *p = memmem(bytes, n, begin, sizeof(begin) - 1), *end = bytes + n;
	double rgb[3];

	if (!p)
		return false;
	p += sizeof(begin) - 1;
	for (int i = 0; i < 3; i++) {
		rgb[i] = channel(&p, end);
		if (rgb[i] < 0 || (i < 2 && (p == end || *p++ != '/')))
			return false;
	}
	*ret = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] > 0.5;
	return true;
}

bool mml_theme_colorfgbg(const char *value)
{
	const char *back = value ? strrchr(value, ';') : NULL;

	return back && (!strcmp(back, ";7") || !strcmp(back, ";15"));
}

/* Terminals that are known to print what they do not understand, or that have one background, are not asked. */
static bool answers(const char *term)
{
	static const char *const kinds[] = { "xterm", "tmux", "screen", "rxvt", "foot", "alacritty",
					     "kitty", "konsole", "gnome", "vte", "st-", "wezterm" };

	for (size_t i = 0; term && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(term, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

/* Behind the question stands one that every terminal answers ("\033[c"), so that nobody waits for nothing. */
static bool ask(struct mml_decoder *decoder, bool *ret)
{
	static const char question[] = "\033]11;?\033\\\033[c";
	uint64_t until = mml_now_ns() + 100000000;
	char bytes[512];
	size_t n = 0;

	if (write(STDOUT_FILENO, question, sizeof(question) - 1) != sizeof(question) - 1)
		return false;
	while (n < sizeof(bytes)) {
		struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
		uint64_t now = mml_now_ns();
		ssize_t got;

		if (now >= until || poll(&p, 1, (int)((until - now + 999999) / 1000000)) <= 0)
			break;
		got = read(STDIN_FILENO, bytes + n, sizeof(bytes) - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		if (memmem(bytes, n, "\033[?", 3) && memchr(bytes, 'c', n))
			break;
	}
	mml_decoder_feed(decoder, bytes, n);
	return mml_theme_answer(bytes, n, ret);
}

bool mml_theme_light(struct mml_decoder *decoder)
{
	struct termios before, raw;
	bool light = false, known = false;

	if (answers(getenv("TERM")) && !tcgetattr(STDIN_FILENO, &before)) {
		raw = before;
		cfmakeraw(&raw);
		if (!tcsetattr(STDIN_FILENO, TCSANOW, &raw)) {
			known = ask(decoder, &light);
			tcsetattr(STDIN_FILENO, TCSANOW, &before);
		}
	}
	return known ? light : mml_theme_colorfgbg(getenv("COLORFGBG"));
}
