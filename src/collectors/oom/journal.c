/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <time.h>

#include <systemd/sd-journal.h>

#include "../../core/parse.h"

/* No line of the kernel's is longer. */
enum { LONGEST = 16 << 10 };

/* Sets RET to the value of the field NAME of the entry at hand. Returns false if it has none. */
static bool field(sd_journal *j, const char *name, struct mml_span *ret)
{
	const void *data;
	size_t len, skip = strlen(name) + 1;

	if (sd_journal_get_data(j, name, &data, &len) < 0 || len < skip)
		return false;
	*ret = (struct mml_span){ (const char *)data + skip, (const char *)data + len };
	return true;
}

static bool number(sd_journal *j, const char *name, uint64_t *ret)
{
	struct mml_span text;

	return field(j, name, &text) && !mml_parse_u64(text, ret);
}

/* "2026-11-26T02:28:10.123456+00:00 HOST " */
static void put_date(struct mml_buf *out, sd_journal *j)
{
	struct mml_span host = { NULL, NULL };
	uint64_t usec = 0;
	struct tm tm;
	time_t seconds;
	char date[64];

	sd_journal_get_realtime_usec(j, &usec);
	seconds = (time_t)(usec / 1000000);
	if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		date[0] = '\0';
	if (!field(j, "_HOSTNAME", &host) || host.p == host.end)
		host = mml_span_str("-");
	mml_buf_printf(out, "%s.%06" PRIu64 "+00:00 ", date, usec % 1000000);
	mml_buf_put(out, host.p, mml_span_len(host));
	mml_buf_putc(out, ' ');
}

/* A message may have several lines. What reads this knows \x0a, as in /dev/kmsg. */
static void put_message(struct mml_buf *out, struct mml_span text)
{
	for (const char *p = text.p; p < text.end; p++)
		if (*p == '\n')
			mml_buf_puts(out, "\\x0a");
		else if (*p)
			mml_buf_putc(out, *p);
	mml_buf_putc(out, '\n');
}

/* Appends the entry at hand. */
static void put_entry(struct mml_buf *out, sd_journal *j, uint64_t before_usec)
{
	struct mml_span message, transport, tag;
	uint64_t usec, pid;

	if (!field(j, "MESSAGE", &message))
		return;
	if (field(j, "_TRANSPORT", &transport) && mml_span_eq(transport, "kernel")) {
		struct mml_span text = message;

		if (!number(j, "_SOURCE_MONOTONIC_TIMESTAMP", &usec) || usec >= before_usec)
			return;
		put_date(out, j);
		field(j, "MESSAGE", &text); /* the other fields may have been mapped over it */
		mml_buf_printf(out, "kernel: [%5" PRIu64 ".%06" PRIu64 "] ", usec / 1000000,
			       usec % 1000000);
		put_message(out, text);
		return;
	}
	put_date(out, j);
	if (field(j, "SYSLOG_IDENTIFIER", &tag))
		mml_buf_put(out, tag.p, mml_span_len(tag));
	if (number(j, "_PID", &pid))
		mml_buf_printf(out, "[%" PRIu64 "]", pid);
	mml_buf_puts(out, ": ");
	if (field(j, "MESSAGE", &message))
		put_message(out, message);
}

static int add_match(sd_journal *j, const char *match)
{
	return sd_journal_add_match(j, match, 0);
}

/* Lines of this boot, by the kernel or by one of the programs that kill. */
static int set_matches(sd_journal *j, bool this_boot, bool kernel)
{
	static const char *const killers[] = { "SYSLOG_IDENTIFIER=systemd-oomd",
					       "SYSLOG_IDENTIFIER=earlyoom" };
	char match[9 + SD_ID128_STRING_MAX] = "_BOOT_ID=";
	sd_id128_t boot;
	int rc = 0;

	if (this_boot) {
		rc = sd_id128_get_boot(&boot);
		if (rc < 0)
			return rc;
		sd_id128_to_string(boot, match + 9);
		rc = add_match(j, match);
		if (rc >= 0)
			rc = sd_journal_add_conjunction(j);
	}
	if (rc >= 0 && kernel)
		rc = add_match(j, "_TRANSPORT=kernel");
	if (rc >= 0 && kernel)
		rc = sd_journal_add_disjunction(j);
	for (size_t i = 0; i < sizeof(killers) / sizeof(*killers) && rc >= 0; i++)
		rc = add_match(j, killers[i]);
	return rc;
}

static int read_all(const char *dir, uint64_t before_usec, struct mml_buf *out)
{
	sd_journal *j = NULL;
	int rc = dir ? sd_journal_open_directory(&j, dir, 0) :
		       sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);

	if (rc < 0)
		return rc;
	rc = sd_journal_set_data_threshold(j, LONGEST);
	if (rc >= 0)
		rc = set_matches(j, !dir, before_usec);
	if (rc >= 0)
		rc = sd_journal_seek_head(j);
	while (rc >= 0 && (rc = sd_journal_next(j)) > 0 && !out->error)
		put_entry(out, j, before_usec);
	sd_journal_close(j);
	return rc < 0 ? rc : out->error;
}

extern const struct mml_module_journal mml_module_journal;
const struct mml_module_journal mml_module_journal = { .read = read_all };
