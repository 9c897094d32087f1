/* One report in every form people have logs in gives one model. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "../tap.h"
#include "oom_dump.h"
#include "oom_own.h"

static char *dump_of(const struct mml_buf *text)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf out = { 0 };

	mml_buf_reserve(&out, 1);
	out.data[0] = '\0';
	dump_log(&out, read_log(arena, text), false, false);
	mml_arena_free(arena);
	return out.data;
}

typedef void form_fn(struct mml_buf *out, int i, const char *line);

static void bare(struct mml_buf *out, int i, const char *line)
{
	(void)i;
	mml_buf_printf(out, "%s\n", line);
}

static void printk(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void caller(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d][%6s] %s\n", 153, 702600 + i, "T185", line);
}

static void level(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "<4>[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void facility(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "kern  :warn  : [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void delta(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d <    0.000017>] %s\n", 153, 702600 + i, line);
}

static void dated(struct mml_buf *out, int i, const char *line)
{
	(void)i;
	mml_buf_printf(out, "[Mo Mär 25 23:35:17 2019] %s\n", line);
}

static void iso(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "2026-11-25T22:41:40,%06d+00:00 %s\n", 125100 + i, line);
}

static void iso_host(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "2026-11-25T22:41:40.%06d+00:00 web-1 kernel: [  153.702600] %s\n",
		       125100 + i, line);
}

static void syslog_form(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Nov  5 22:41:40 web-1 kernel: [%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void el6(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Apr 18 16:56:16 web-1 kernel: : [%5d.%06d] %s\n", 153, 702600 + i,
		       line);
}

static void openwrt(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "Sun Nov 24 14:17:25 2019 kern.warn kernel: [%5d.%06d] %s\n", 153,
		       702600 + i, line);
}

static void monotonic(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] web-1 kernel: %s\n", 153, 702600 + i, line);
}

static void crlf(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "[%5d.%06d] %s\r\n", 153, 702600 + i, line);
}

static void coloured(struct mml_buf *out, int i, const char *line)
{
	const char *colon = strchr(line, ':');
	int n = colon ? (int)(colon - line) + 1 : 0;

	mml_buf_printf(out, "\033[32m[%5d.%06d] \033[0m\033[33m%.*s\033[0m\033[1m%s\033[0m\n", 153,
		       702600 + i, n, line, line + n);
}

static void quoted(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, ">> \t[%5d.%06d] %s\n", 153, 702600 + i, line);
}

static void kmsg(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out, "4,%d,%d,-,caller=T185;%s\n SUBSYSTEM=mm\n DEVICE=+x\n", 500 + i,
		       153702600 + i, line);
}

/* Lines end with = where mail broke them. */
static void quoted_printable(struct mml_buf *out, int i, const char *line)
{
	char text[1024];
	int at = 0;

	snprintf(text, sizeof(text), "[%5d.%06d] %s", 153, 702600 + i, line);
	for (const char *p = text; *p; p++) {
		at += *p == '=' ? 3 : 1;
		if (at > 74) {
			mml_buf_puts(out, "=\n");
			at = *p == '=' ? 3 : 1;
		}
		if (*p == '=')
			mml_buf_puts(out, "=3D");
		else
			mml_buf_putc(out, *p);
	}
	mml_buf_putc(out, '\n');
}

/* As a mail program breaks lines: at a blank, before column 72. */
static void wrapped(struct mml_buf *out, int i, const char *line)
{
	char text[1024];
	struct mml_span rest, word;
	size_t at = 0;

	snprintf(text, sizeof(text), "[%5d.%06d] ", 153, 702600 + i);
	mml_buf_puts(out, text);
	at = strlen(text);
	while (*line == ' ') {
		mml_buf_putc(out, *line++);
		at++;
	}
	rest = mml_span_str(line);
	for (bool first = true; rest.p < rest.end; first = false) {
		const char *from = rest.p;

		if (!mml_next_token(&rest, &word))
			break;
		if (!first && at + (size_t)(word.end - from) > 72) {
			mml_buf_putc(out, '\n');
			at = 0;
			from = word.p;
		}
		mml_buf_put(out, from, (size_t)(word.end - from));
		at += (size_t)(word.end - from);
	}
	mml_buf_putc(out, '\n');
}

/* As a terminal of 100 columns breaks them: anywhere. */
static void broken(struct mml_buf *out, int i, const char *line)
{
	char text[1024];

	snprintf(text, sizeof(text), "[%5d.%06d] %s", 153, 702600 + i, line);
	for (size_t at = 0; at < strlen(text); at += 100)
		mml_buf_printf(out, "%.100s\n", text + at);
}

static void json(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out,
		       "%s{\n         \"pri\": 4,\n         \"time\":  153.%06d,\n         "
		       "\"caller\": \"T185\",\n         \"msg\": \"%s\"\n      }",
		       i ? "," : "{\n   \"dmesg\": [\n      ", 702600 + i, line);
	if (i == LINES - 1)
		mml_buf_puts(out, "\n   ]\n}\n");
}

static void journal_json(struct mml_buf *out, int i, const char *line)
{
	mml_buf_printf(out,
		       "{\"__REALTIME_TIMESTAMP\":\"17641168%08d\",\"_TRANSPORT\":\"kernel\",\"_"
		       "HOSTNAME\":\"web-1\",\"PRIORITY\":\"4\","
		       "\"MESSAGE\":\"%s\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"153%06d\"}\n",
		       i, line, 702600 + i);
}

static void export_form(struct mml_buf *out, int i, const char *line)
{
	unsigned char len[8] = { 0 };

	mml_buf_printf(out,
		       "__CURSOR=s=%d\n__REALTIME_TIMESTAMP=17641168%08d\n_TRANSPORT=kernel\n_"
		       "HOSTNAME=web-1\n",
		       i, i);
	if (i % 3) {
		mml_buf_printf(out, "MESSAGE=%s\n\n", line);
		return;
	}
	len[0] = (unsigned char)(strlen(line) & 255);
	len[1] = (unsigned char)(strlen(line) >> 8);
	mml_buf_puts(out, "MESSAGE\n");
	mml_buf_put(out, (const char *)len, 8);
	mml_buf_printf(out, "%s\nPRIORITY=4\n\n", line);
}

static const struct {
	const char *name;
	form_fn *write;
} forms[] = {
	{ "bare", bare },
	{ "printk", printk },
	{ "caller", caller },
	{ "level", level },
	{ "dmesg -x", facility },
	{ "dmesg -d", delta },
	{ "dmesg -T", dated },
	{ "dmesg --time-format iso", iso },
	{ "rsyslog with ISO time", iso_host },
	{ "syslog", syslog_form },
	{ "el6", el6 },
	{ "OpenWrt", openwrt },
	{ "short-monotonic", monotonic },
	{ "CRLF", crlf },
	{ "colours", coloured },
	{ "quoted", quoted },
	{ "/dev/kmsg", kmsg },
	{ "quoted-printable", quoted_printable },
	{ "wrapped by mail", wrapped },
	{ "wrapped by a terminal", broken },
	{ "dmesg -J", json },
	{ "journalctl -o json", journal_json },
	{ "journalctl -o export", export_form },
};

static void write_all(struct mml_buf *out, form_fn *write)
{
	for (int i = 0; i < LINES; i++)
		write(out, i, lines[i]);
}

/* The first line of two that differ, for whoever looks at a failure. */
static void print_difference(const char *got, const char *want)
{
	while (*got && *want) {
		size_t a = strcspn(got, "\n"), b = strcspn(want, "\n");

		if (a != b || memcmp(got, want, a) != 0) {
			printf("#      got: %.*s\n# expected: %.*s\n", (int)a, got, (int)b, want);
			return;
		}
		got += a + (got[a] != '\0');
		want += b + (want[b] != '\0');
	}
}

static void check_forms(void)
{
	struct mml_buf first = { 0 };
	char *want;

	write_all(&first, bare);
	want = dump_of(&first);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct mml_buf text = { 0 };
		char *got;

		write_all(&text, forms[i].write);
		got = dump_of(&text);
		if (!tap_ok(!strcmp(got, want), "%s", forms[i].name))
			print_difference(got, want);
		free(got);
		mml_buf_free(&text);
	}
	free(want);
	mml_buf_free(&first);
}

/* The counters are one record of the kernel: how journals and rsyslog write its lines. */
static void check_records_of_lines(void)
{
	static const char *const joints[] = { "\n                ", "#012", "\\x0a" };
	struct mml_buf first = { 0 };
	char *want;

	write_all(&first, printk);
	want = dump_of(&first);
	for (size_t k = 0; k < 3; k++) {
		struct mml_buf text = { 0 };
		char *got;

		for (int i = 0; i < LINES; i++) {
			if (i > 9 && i < 17) {
				text.len--;
				mml_buf_printf(&text, "%s%s\n", joints[k], lines[i]);
			} else {
				printk(&text, i, lines[i]);
			}
		}
		got = dump_of(&text);
		if (!tap_ok(!strcmp(got, want), "a record of several lines, %zu", k))
			print_difference(got, want);
		free(got);
		mml_buf_free(&text);
	}
	free(want);
	mml_buf_free(&first);
}

/* Two reports at once, told apart by who prints. */
static void check_callers(void)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf text = { 0 };
	struct mml_oom_log *log;

	for (int i = 0; i < LINES; i++) {
		mml_buf_printf(&text, "[  153.702600][ T185] %s\n", lines[i]);
		mml_buf_printf(&text, "[  153.702600][   C0] %s\n",
			       i == 0		 ? "swapper/0: page allocation failure: order:1, "
						   "mode:0x40820(GFP_ATOMIC|__GFP_COMP), "
						   "nodemask=(null),cpuset=/,mems_allowed=0"
			       : i > 8 && i < 33 ? lines[i]
						 : " x+0x1/0x2");
	}
	log = read_log(arena, &text);
	is_u64(log->nreports, 2);
	ok(log->reports->kind == MML_OOM_KIND_OOM &&
	   log->reports->next->kind == MML_OOM_KIND_ALLOC_FAILURE);
	is_u64(log->reports->ntasks, 3);
	is_u64(log->reports->next->ntasks, 0);
	is_u64(log->reports->next->ram.n, 262144);
	is_str(log->reports->next->comm, "swapper/0");
	ok(log->reports->victim && log->reports->victim->reaped_line);
	mml_arena_free(arena);
	mml_buf_free(&text);
}

int main(void)
{
	check_forms();
	check_records_of_lines();
	check_callers();
	return tap_done();
}
