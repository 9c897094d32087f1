/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* Prints the line by way of the heap. Returns 0 or -ENOMEM. */
static int say_whole(const char *fmt, va_list ap)
{
	struct mml_buf out = { 0 };
	char *line = NULL;
	int rc = vasprintf(&line, fmt, ap) < 0 ? -ENOMEM : 0;

	mml_buf_puts(&out, "mmlens: ");
	if (!rc)
		mml_escape(&out, line, strlen(line), mml_utf8_locale());
	mml_buf_putc(&out, '\n');
	rc = rc ? rc : out.error;
	if (!rc)
		mml_buf_flush(&out, STDERR_FILENO);
	mml_buf_free(&out);
	free(line);
	return rc;
}

/* Prints without memory of the heap: as much as there is room for, and with '?' for all that is not
 * plain ASCII. */
static void say_short(const char *fmt, va_list ap)
{
	char line[512] = "mmlens: ";
	size_t len = strlen(line);
	int n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);

	len += n < 0 ? 0 : (size_t)n < sizeof(line) - len - 1 ? (size_t)n : sizeof(line) - len - 2;
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
	line[len++] = '\n';
	(void)!write(STDERR_FILENO, line, len);
}

void mml_error(const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	if (say_whole(fmt, ap))
		say_short(fmt, again);
	va_end(again);
	va_end(ap);
}
