/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <errno.h>

#include "host.h"

static void put_fact(struct mml_buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	mml_buf_printf(out, "%s=", key);
	/* A header has no control characters. */
	for (; *value; value++)
		mml_buf_putc(out, (unsigned char)*value < ' ' || *value == 0x7f ? '?' : *value);
	mml_buf_putc(out, '\n');
}

int mml_facts_put(struct mml_buf *out, const struct mml_host *host)
{
	put_fact(out, "kernel", host->kernel);
	put_fact(out, "machine", host->machine);
	mml_buf_printf(out, "page_size=%llu\nclock_ticks=%llu\nnodes=%u\n",
		       (unsigned long long)host->page_size, (unsigned long long)host->clock_ticks,
		       host->nodes);
	put_fact(out, "boot_id", host->boot_id);
	put_fact(out, "hostname", host->name);
	return out->error;
}

static int text_fact(struct mml_reader *reader, size_t pos, const char *key,
		     struct mml_intern *strings, const char **ret)
{
	struct mml_span value = mml_reader_fact(reader, pos, key);

	*ret = value.p < value.end ? mml_intern(strings, value) : NULL;
	return value.p < value.end && !*ret ? -ENOMEM : 0;
}

int mml_facts_host(struct mml_reader *reader, size_t pos, struct mml_intern *strings,
		   struct mml_host *ret)
{
	struct mml_host host = { .page_size_known = true };
	uint64_t nodes;
	int rc;

	if (mml_parse_u64(mml_reader_fact(reader, pos, "page_size"), &host.page_size) ||
	    !mml_page_size_possible(host.page_size))
		return -EBADMSG;
	if (mml_parse_u64(mml_reader_fact(reader, pos, "clock_ticks"), &host.clock_ticks) ||
	    !host.clock_ticks)
		host.clock_ticks = 100;
	if (!mml_parse_u64(mml_reader_fact(reader, pos, "nodes"), &nodes) && nodes <= UINT32_MAX)
		host.nodes = (unsigned)nodes;
	rc = text_fact(reader, pos, "kernel", strings, &host.kernel);
	if (!rc)
		rc = text_fact(reader, pos, "machine", strings, &host.machine);
	if (!rc)
		rc = text_fact(reader, pos, "boot_id", strings, &host.boot_id);
	if (!rc)
		rc = text_fact(reader, pos, "hostname", strings, &host.name);
	if (!rc)
		*ret = host;
	return rc;
}
