/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_say.h"

#include <errno.h>
#include <string.h>

/* What the settings say of a mapping and a page size. */
enum allowed { NOT_ALLOWED, IF_ADVISED, ALLOWED };

static enum allowed allowed_by(const char *word, bool advised)
{
	if (mml_why_is(word, "always") || mml_why_is(word, "within_size") ||
	    mml_why_is(word, "force"))
		return ALLOWED;
	if (mml_why_is(word, "madvise") || mml_why_is(word, "advise"))
		return advised ? ALLOWED : IF_ADVISED;
	return NOT_ALLOWED;
}

/* A tmpfs is mounted with huge=never if nothing else was said, and two words of shmem_enabled go
 * before all mounts. */
static const char *mount_word(const struct mml_thp_facts *f, const struct mml_thp_mapping *m)
{
	if (mml_why_is(f->shmem_enabled, "deny") || mml_why_is(f->shmem_enabled, "force"))
		return f->shmem_enabled;
	return m->mount_huge ? m->mount_huge : "never";
}

/* Returns the word that decides about pages of SIZE in the mapping; NULL if there is none. */
static const char *word_of(const struct mml_thp_facts *f, const struct mml_thp_mapping *m,
			   uint64_t size)
{
	if (m->anon)
		return mml_thp_anon_word(f, size);
	if (m->shmem == MML_THP_SHMEM_ANON)
		return mml_thp_shmem_word(f, size);
	if (size != f->pmd_size || m->shmem == MML_THP_NO_SHMEM)
		return NULL;
	return m->shmem == MML_THP_SHMEM_MOUNT ? mount_word(f, m) : f->shmem_enabled;
}

/* Returns how many bytes between START and END whole huge pages can take. */
static uint64_t aligned_room(uint64_t start, uint64_t end, uint64_t size)
{
	uint64_t before = start % size ? size - start % size : 0;
	uint64_t length = end > start ? end - start : 0;

	return length > before ? (length - before) / size * size : 0;
}

/* Lists the sizes below the PMD's that the mapping may have and that fit into it; NULL: none. */
static const char *smaller_sizes(struct mml_why *why, const struct mml_thp_mapping *m)
{
	const struct mml_thp_facts *f = why->facts;
	const char *list = NULL;

	for (size_t i = 0; i < f->nsizes; i++) {
		uint64_t size = f->sizes[i].size;

		if (size && size < f->pmd_size && aligned_room(m->start, m->end, size) &&
		    allowed_by(word_of(f, m, size), m->advised) == ALLOWED)
			list = mml_why_list(why, list, size);
	}
	return list;
}

/* What stands in the way of every size. */
static void why_none(struct mml_why *why, const struct mml_thp_mapping *m)
{
	if (m->special)
		mml_why_say(why, "mapping", "special", MML_WHY_BLOCKS,
			    "not ordinary memory: a device, raw frames, or hugetlb");
	if (m->disabled)
		mml_why_say(why, "mapping", "process_disabled", MML_WHY_BLOCKS,
			    "the process has switched huge pages off by "
			    "prctl(PR_SET_THP_DISABLE)");
	if (m->refused)
		mml_why_say(why, "mapping", "nohugepage", MML_WHY_BLOCKS,
			    "the mapping refuses them by madvise(MADV_NOHUGEPAGE)");
}

/* Where the word that decides stands. */
static const char *setting_of(const struct mml_thp_facts *f, const struct mml_thp_mapping *m,
			      const char *word)
{
	if (m->anon)
		return word == f->enabled ? "enabled" : "enabled of this size";
	if (m->shmem == MML_THP_SHMEM_MOUNT && word != f->shmem_enabled)
		return "huge= of the tmpfs";
	return word == f->shmem_enabled ? "shmem_enabled" : "shmem_enabled of this size";
}

/* What the settings say of the PMD's size. It is the worst case only if no smaller one is allowed.
 */
static void why_setting(struct mml_why *why, const struct mml_thp_mapping *m,
			enum mml_verdict verdict)
{
	const struct mml_thp_facts *f = why->facts;
	const char *word = word_of(f, m, f->pmd_size);
	enum allowed allowed = allowed_by(word, m->advised);

	if (!word || m->special || allowed == ALLOWED)
		return;
	if (allowed == IF_ADVISED)
		mml_why_say(why, "mapping", m->anon ? "not_advised" : "shmem_not_advised", verdict,
			    "%s is %s, and the mapping has not asked by madvise(MADV_HUGEPAGE)",
			    setting_of(f, m, word), word);
	else
		mml_why_say(why, "mapping", m->anon ? "setting_never" : "shmem_never", verdict,
			    "%s is %s", setting_of(f, m, word), word);
}

static void why_too_small(struct mml_why *why, const struct mml_thp_mapping *m,
			  enum mml_verdict verdict)
{
	const struct mml_thp_facts *f = why->facts;

	if (aligned_room(m->start, m->end, f->pmd_size))
		return;
	mml_why_against(mml_why_say(why, "mapping", "too_small", verdict,
				    "no whole aligned page of %s fits into its %s",
				    mml_why_size(why, f->pmd_size),
				    mml_why_size(why, m->end - m->start)),
			(double)(m->end - m->start), (double)f->pmd_size);
}

/*
 * THPeligible is the kernel's own answer. If it is 1, some size is possible, and nothing blocks the
 * mapping. If it is 0 and no reason was found, there is one that nobody tells.
 */
static void heed_kernel(struct mml_why *why, const struct mml_thp_mapping *m)
{
	bool blocked = false;

	if (!m->eligible.known)
		return;
	for (size_t i = 0; i < why->n; i++) {
		blocked |= why->list[i].verdict == MML_WHY_BLOCKS;
		if (m->eligible.v && why->list[i].verdict == MML_WHY_BLOCKS)
			why->list[i].verdict = MML_WHY_LIMITS;
	}
	if (!m->eligible.v && !blocked && (m->anon || m->shmem != MML_THP_NO_SHMEM))
		mml_why_say(why, "mapping", "not_eligible", MML_WHY_BLOCKS,
			    "the kernel says the mapping is not eligible, for a reason it does not "
			    "tell");
}

static void why_eligible(struct mml_why *why, const struct mml_thp_mapping *m)
{
	bool none = m->special || m->disabled || m->refused;
	const char *smaller = none ? NULL : smaller_sizes(why, m);
	enum mml_verdict verdict = smaller ? MML_WHY_LIMITS : MML_WHY_BLOCKS;

	why_none(why, m);
	why_too_small(why, m, verdict);
	why_setting(why, m, verdict);
	if (!m->anon && m->shmem == MML_THP_NO_SHMEM && !m->special)
		mml_why_say(why, "mapping", "file", MML_WHY_LIMITS,
			    "a file's pages are huge only where its file system makes them so");
	if (smaller)
		mml_why_say(why, "mapping", "smaller_sizes", MML_WHY_FINE,
			    "it may have pages of %s, which smaps does not count", smaller);
	heed_kernel(why, m);
}

long mml_thp_why_mapping(struct mml_arena *arena, const struct mml_thp_facts *facts,
			 const struct mml_thp_mapping *m, struct mml_finding **ret)
{
	struct mml_why why = { .arena = arena, .facts = facts };
	double share;
	bool reasons = false;

	if (facts->pmd_size)
		why_eligible(&why, m);
	for (size_t i = 0; i < why.n; i++)
		reasons |= why.list[i].verdict != MML_WHY_FINE;
	if (m->rss && (m->huge || !reasons)) {
		share = 100.0 * (double)m->huge / (double)m->rss;
		mml_why_value(mml_why_say(&why, "result", "mapping_share", MML_WHY_FINE,
					  "%s of its %s are mapped by huge pages of %s (%.1f %%)",
					  mml_why_size(&why, m->huge), mml_why_size(&why, m->rss),
					  mml_why_size(&why, facts->pmd_size), share),
			      share);
	}
	*ret = why.list;
	return why.failed ? -ENOMEM : (long)why.n;
}

uint64_t mml_thp_smallest(const struct mml_thp_facts *facts)
{
	uint64_t smallest = facts->pmd_size;

	for (size_t i = 0; i < facts->nsizes; i++) {
		uint64_t size = facts->sizes[i].size;

		if (size && size < smallest &&
		    (allowed_by(mml_thp_anon_word(facts, size), true) == ALLOWED ||
		     allowed_by(mml_thp_shmem_word(facts, size), true) == ALLOWED))
			smallest = size;
	}
	return smallest;
}
