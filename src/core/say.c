/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

void mml_error(const char *fmt, ...)
{
	struct mml_buf out = { 0 };
	va_list ap;
	char *line = NULL;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	mml_buf_puts(&out, "mmlens: ");
	if (line)
		mml_escape(&out, line, strlen(line), mml_utf8_locale());
	mml_buf_putc(&out, '\n');
	mml_buf_flush(&out, STDERR_FILENO);
	mml_buf_free(&out);
	free(line);
}
