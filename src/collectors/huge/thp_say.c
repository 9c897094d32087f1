/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_say.h"

#include <string.h>

#include "../../core/unit.h"

struct mml_finding *mml_why_say(struct mml_why *why, const char *about, const char *id,
				enum mml_verdict verdict, const char *fmt, ...)
{
	struct mml_finding *f;
	va_list ap;

	if (why->n == why->cap) {
		size_t cap = why->cap ? 2 * why->cap : 16;
		struct mml_finding *list = mml_arena_alloc(why->arena, cap * sizeof(*list));

		if (!list) {
			why->failed = true;
			return &why->nowhere;
		}
		if (why->n)
			memcpy(list, why->list, why->n * sizeof(*list));
		why->list = list;
		why->cap = cap;
	}
	f = &why->list[why->n++];
	*f = (struct mml_finding){ .about = about, .id = id, .verdict = verdict };
	va_start(ap, fmt);
	f->text = mml_arena_vprintf(why->arena, fmt, ap);
	va_end(ap);
	if (!f->text)
		why->failed = true;
	return f;
}

void mml_why_value(struct mml_finding *f, double value)
{
	f->has_value = true;
	f->value = value;
}

void mml_why_against(struct mml_finding *f, double value, double limit)
{
	mml_why_value(f, value);
	f->has_limit = true;
	f->limit = limit;
}

const char *mml_why_size(struct mml_why *why, uint64_t bytes)
{
	char buf[MML_NUMBER_MAX];
	char *ret;

	mml_format_size(buf, (double)bytes, MML_AUTO, why->facts->page_size);
	ret = mml_arena_strndup(why->arena, buf, strlen(buf));
	if (!ret)
		why->failed = true;
	return ret ? ret : "?";
}

const char *mml_why_list(struct mml_why *why, const char *list, uint64_t bytes)
{
	const char *size = mml_why_size(why, bytes);

	list = list ? mml_arena_printf(why->arena, "%s %s", list, size) : size;
	if (!list)
		why->failed = true;
	return list;
}

bool mml_why_is(const char *setting, const char *word)
{
	return setting && !strcmp(setting, word);
}

static const struct mml_thp_size *size_of(const struct mml_thp_facts *facts, uint64_t size)
{
	for (size_t i = 0; i < facts->nsizes; i++)
		if (facts->sizes[i].size == size)
			return &facts->sizes[i];
	return NULL;
}

/* The setting for all sizes is that of the PMD's size on kernels that have no others. */
const char *mml_thp_anon_word(const struct mml_thp_facts *facts, uint64_t size)
{
	const struct mml_thp_size *s = size_of(facts, size);

	if (s && s->enabled)
		return mml_why_is(s->enabled, "inherit") ? facts->enabled : s->enabled;
	return size == facts->pmd_size ? facts->enabled : NULL;
}

/* `deny` and `force` of the setting for all sizes go before a size's own: mm/shmem.c,
 * shmem_allowable_huge_orders(). */
const char *mml_thp_shmem_word(const struct mml_thp_facts *facts, uint64_t size)
{
	const struct mml_thp_size *s = size_of(facts, size);
	const char *all = facts->shmem_enabled;

	if (mml_why_is(all, "deny"))
		return all;
	if (!s || !s->shmem)
		return size == facts->pmd_size ? all : NULL;
	if (mml_why_is(s->shmem, "inherit"))
		return all;
	return mml_why_is(all, "force") ? "never" : s->shmem;
}
