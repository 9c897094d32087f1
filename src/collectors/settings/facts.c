/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "../../core/unit.h"
#include "../memory/meminfo.h"
#include "../memory/vmstat.h"
#include "../zones/watermark.h"
#include "settings.h"

enum { RANK_NORMAL = 2 };

static uint64_t field(const struct mml_zone *zone, enum mml_zone_field id)
{
	return zone->has >> id & 1 ? zone->field[id] : 0;
}

/* Adds up the zones that GFP_USER may use. On a machine that brings its memory up when it is
 * needed, the kernel counted all of it at boot. */
static void add_lowmem(struct mml_setting_facts *f)
{
	uint64_t total, managed = mml_zones_managed(&f->zones);

	for (size_t i = 0; i < f->zones.n; i++) {
		const struct mml_zone *zone = &f->zones.zones[i];
		uint64_t size = field(zone, MML_ZONE_MANAGED), high = field(zone, MML_ZONE_HIGH);

		if (zone->rank < 0 || zone->rank > RANK_NORMAL || !mml_zone_populated(zone))
			continue;
		f->lowmem_zones++;
		f->lowmem += size;
		f->above_high += size > high ? size - high : 0;
	}
	if (f->lowmem && mml_setting_bytes(f, "MemTotal", &total) &&
	    total / f->page_size > managed) {
		f->lowmem += total / f->page_size - managed;
		f->above_high += total / f->page_size - managed;
	}
}

int mml_setting_facts_take(struct mml_take *take, struct mml_setting_facts *ret)
{
	struct mml_span zoneinfo;

	*ret = (struct mml_setting_facts){ .take = take,
					   .arena = take->arena,
					   .page_size = take->host->page_size };
	if (mml_take_file(take, NULL, "/proc/meminfo", &ret->meminfo))
		ret->meminfo = (struct mml_span){ NULL, NULL };
	if (mml_take_file(take, NULL, "/proc/vmstat", &ret->vmstat))
		ret->vmstat = (struct mml_span){ NULL, NULL };
	if (!mml_take_file(take, NULL, "/proc/zoneinfo", &zoneinfo)) {
		int rc = mml_zoneinfo_parse(take->arena, zoneinfo, NULL, &ret->zones);

		if (rc == -ENOMEM)
			return rc;
		if (rc)
			ret->zones.n = 0;
	}
	add_lowmem(ret);
	return 0;
}

bool mml_setting_bytes(const struct mml_setting_facts *f, const char *name, uint64_t *ret)
{
	return f->meminfo.p && mml_meminfo_bytes(f->meminfo, name, ret);
}

bool mml_setting_count(const struct mml_setting_facts *f, const char *counter, uint64_t *ret)
{
	size_t len = strlen(counter);
	struct mml_span text = f->vmstat, name;
	bool found = false;
	uint64_t value;
	int rc;

	if (!text.p || !len)
		return false;
	if (counter[len - 1] != '*')
		return mml_vmstat_value(text, counter, ret);
	*ret = 0;
	while ((rc = mml_vmstat_next(&text, &name, &value))) {
		if (rc < 0 || mml_span_len(name) < len - 1 || memcmp(name.p, counter, len - 1))
			continue;
		*ret += value;
		found = true;
	}
	return found;
}

bool mml_setting_number(const struct mml_setting_facts *f, const char *path, uint64_t *ret)
{
	return !mml_take_number(f->take, ret, "%s", path);
}

const char *mml_setting_size(struct mml_setting_facts *f, uint64_t bytes)
{
	char buf[MML_NUMBER_MAX];
	size_t len = mml_format_size(buf, (double)bytes, MML_AUTO, f->page_size);
	const char *text = mml_arena_strndup(f->arena, buf, len);

	f->failed |= !text;
	return text ? text : "";
}

const char *mml_setting_printf(struct mml_setting_facts *f, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = mml_arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	f->failed |= !text;
	return text ? text : "";
}

void mml_setting_now(struct mml_setting_facts *f, struct mml_setting_judgement *ret,
		     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ret->now = mml_arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	f->failed |= !ret->now;
}

void mml_setting_say(struct mml_setting_facts *f, struct mml_setting_judgement *ret, int verdict,
		     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ret->text = mml_arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	f->failed |= !ret->text;
	ret->verdict = verdict;
}
