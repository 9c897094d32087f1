/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thp_why.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../vma/kind.h"

/* The mapping whose lines of smaps are being read, and sums over those that are too small for a
 * huge page. */
struct walk {
	struct mml_take *take;
	const struct mml_thp_facts *facts;
	mml_thp_emit emit;
	void *ctx;
	pid_t pid;
	struct mml_mounts mounts;
	uint64_t smallest; /* the smallest size that a mapping may have */
	bool disabled; /* the process does not want huge pages */
	bool open;
	struct mml_thp_mapping mapping;
	const char *name;
	uint64_t small, small_rss;
};

/* Says of what kind the mapping is, and what decides whether shared memory is in huge pages. */
static void set_kind(struct walk *walk, const struct mml_map *map)
{
	static const char *const anonymous[] = { "anon", "heap", "stack", "reserve" };
	const char *kind = mml_map_kind(walk->take, &walk->mounts, walk->pid, map);
	struct mml_thp_mapping *m = &walk->mapping;
	const struct mml_mount *mount;

	for (size_t i = 0; i < sizeof(anonymous) / sizeof(anonymous[0]); i++)
		m->anon |= !strcmp(kind, anonymous[i]);
	m->special = !strcmp(kind, "vdso") || !strcmp(kind, "vvar") || !strcmp(kind, "vsyscall") ||
		     !strcmp(kind, "secretmem");
	if (mml_span_starts(map->name, "/dev/zero") || mml_span_starts(map->name, "[anon_shmem:"))
		m->shmem = MML_THP_SHMEM_ANON;
	else if (mml_span_starts(map->name, "/memfd:") || mml_span_starts(map->name, "/SYSV"))
		m->shmem = MML_THP_SHMEM_NAMED;
	if (m->shmem != MML_THP_NO_SHMEM || m->anon || map->major)
		return;
	mount = mml_mounts_find(walk->take, &walk->mounts, walk->pid, map->minor);
	if (mount && mount->memory) {
		m->shmem = MML_THP_SHMEM_MOUNT;
		m->mount_huge = mount->huge;
	}
}

static int finish(struct walk *walk)
{
	const struct mml_thp_mapping *m = &walk->mapping;
	struct mml_finding *list = NULL;
	long n;
	int rc = 0;

	if (!walk->open)
		return 0;
	walk->open = false;
	if (m->end - m->start < walk->smallest) {
		walk->small++;
		walk->small_rss += m->rss;
		return 0;
	}
	n = mml_thp_why_mapping(walk->take->arena, walk->facts, m, &list);
	for (long i = 0; i < n && !rc; i++) {
		list[i].text = mml_arena_printf(walk->take->arena, "%s at 0x%llx: %s", walk->name,
						(unsigned long long)m->start, list[i].text);
		rc = list[i].text ? walk->emit(&list[i], walk->pid, m->start, walk->ctx) : -ENOMEM;
	}
	return n < 0 ? -ENOMEM : rc;
}

static int begin(struct walk *walk, struct mml_span line)
{
	struct mml_map map;

	if (mml_map_parse(line, &map))
		return 0;
	walk->name = map.name.p < map.name.end ? mml_arena_strndup(walk->take->arena, map.name.p,
								   mml_span_len(map.name))
					       : "[anon]";
	if (!walk->name)
		return -ENOMEM;
	walk->open = true;
	walk->mapping = (struct mml_thp_mapping){
		.start = map.start,
		.end = map.end,
		.disabled = walk->disabled,
	};
	set_kind(walk, &map);
	return 0;
}

static void set_flags(struct mml_thp_mapping *m, struct mml_span flags)
{
	struct mml_span word;

	while (mml_next_token(&flags, &word)) {
		m->advised |= mml_span_eq(word, "hg");
		m->refused |= mml_span_eq(word, "nh");
		m->special |= mml_span_eq(word, "io") || mml_span_eq(word, "pf") ||
			      mml_span_eq(word, "mm") || mml_span_eq(word, "ht");
	}
}

static void set_field(struct mml_thp_mapping *m, struct mml_span name, struct mml_span value)
{
	uint64_t v;

	if (mml_span_eq(name, "VmFlags"))
		set_flags(m, value);
	if (mml_smaps_value(value, &v))
		return;
	if (mml_span_eq(name, "Rss"))
		m->rss = v;
	else if (mml_span_eq(name, "AnonHugePages") || mml_span_eq(name, "ShmemPmdMapped") ||
		 mml_span_eq(name, "FilePmdMapped"))
		m->huge += v;
	else if (mml_span_eq(name, "THPeligible"))
		m->eligible = (struct mml_maybe){ true, v };
}

/* THP_enabled:	1     (5.0 and later) */
static bool process_disabled(struct mml_take *take, pid_t pid)
{
	struct mml_span text, line, name;
	uint64_t v;

	if (mml_take_filef(take, &text, "/proc/%d/status", (int)pid))
		return false;
	while (mml_next_line(&text, &line))
		if (mml_next_field(&line, ':', &name) && mml_span_eq(name, "THP_enabled"))
			return !mml_next_u64(&line, &v) && !v;
	return false;
}

static int say_small(struct walk *walk)
{
	struct mml_finding finding = { .about = "mapping",
				       .id = "all_too_small",
				       .verdict = MML_WHY_LIMITS,
				       .has_value = true,
				       .value = (double)walk->small_rss };

	if (!walk->small)
		return 0;
	finding.text = mml_arena_printf(walk->take->arena,
					"%llu mappings are smaller than any huge page that is "
					"allowed; together %llu KiB of "
					"them are there",
					(unsigned long long)walk->small,
					(unsigned long long)(walk->small_rss / 1024));
	return finding.text ? walk->emit(&finding, walk->pid, 0, walk->ctx) : -ENOMEM;
}

int mml_thp_why_process(struct mml_take *take, const struct mml_thp_facts *facts, pid_t pid,
			mml_thp_emit emit, void *ctx)
{
	struct walk walk = { .take = take, .facts = facts, .emit = emit, .ctx = ctx, .pid = pid };
	struct mml_span text, line, name, value;
	int rc = mml_take_filef(take, &text, "/proc/%d/smaps", (int)pid);

	if (rc)
		return rc;
	walk.disabled = process_disabled(take, pid);
	walk.smallest = mml_thp_smallest(facts);
	while (!rc && mml_next_line(&text, &line)) {
		if (mml_map_begins(line)) {
			rc = finish(&walk);
			if (!rc)
				rc = begin(&walk, line);
		} else if (walk.open && mml_smaps_split(line, &name, &value)) {
			set_field(&walk.mapping, name, value);
		}
	}
	if (!rc)
		rc = finish(&walk);
	return rc ? rc : say_small(&walk);
}
