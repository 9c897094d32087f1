/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
static const char *const verdicts[] = { "fine", "note", "warning", NULL };

#define SETTINGS_COLUMNS(C, R) \
	C(name,    "SETTING", STR, KEY,   NONE,  FIRST, 0, "the file's name", "The setting: sysctl's name, or one of sysfs or of the kernel's command line (boot.*).") \
	C(value,   "VALUE",   STR, GAUGE, NONE,  FIRST, 0, "the file", "What it is; of several choices the one that was made.") \
	C(number,  "NUMBER",  U64, GAUGE, COUNT, HIDDEN, 0, "the file", "The same as a number, where it is one.") \
	C(unit,    "UNIT",    STR, LABEL, NONE,  MAIN,  0, "admin-guide/sysctl", "What the number counts.") \
	C(default, "DEFAULT", STR, DERIVED, NONE, MAIN, 0, "the kernel's formula", "What this kernel sets on this machine by itself; absent where its configuration decides that.") \
	C(set,     "SET",     BOOL, DERIVED, NONE, MAIN, 0, "value != default", "Whether the value differs from the default: somebody changed it. Defaults made from the size of memory at boot may differ by 5 %, and up to a quarter less tells nothing: so much may have been freed since.") \
	C(now,     "NOW",     STR, DERIVED, NONE, MORE, 0, "meminfo, vmstat, zoneinfo and others", "What it is to be judged by, with this moment's numbers.") \
	C(verdict, "VERDICT", WORD(verdicts), DERIVED, NONE, HIDDEN, 0, "the sentence beside it", "How serious it is: fine, note or warning; absent where nothing was judged.") \
	C(judged,  "JUDGED",  STR, DERIVED, NONE, MAIN,  0, "the numbers beside it", "What it comes to now. Only what was measured here is said, and what the kernel does by its code.") \
	C(range,   "RANGE",   STR, LABEL, NONE,  LAST,  0, "kernel/sysctl.c, mm/*.c", "The values the kernel takes.") \
	C(source,  "SOURCE",  STR, LABEL, NONE,  HIDDEN, 0, "the path", "The file it is read from.") \
	C(help,    "HELP",    STR, LABEL, NONE,  HIDDEN, 0, "mmlens", "What the setting does.")
/* clang-format on */

#define MML_TABLE_OF SETTINGS
#include "../../core/columns.h"

static const struct mml_setting settings[] = {
#define SETTING(name, unit, preset, formula, near, range, judge, help) \
	{ name, unit, preset, formula, near, range, judge, help },
#include "settings.def"
#undef SETTING
};

enum { SETTINGS = sizeof(settings) / sizeof(*settings) };

/* What stands before the first dot, and the folder it means. */
static const struct {
	const char *word, *path;
} folders[] = {
	{ "thp", "/sys/kernel/mm/transparent_hugepage" },
	{ "khugepaged", "/sys/kernel/mm/transparent_hugepage/khugepaged" },
	{ "lru_gen", "/sys/kernel/mm/lru_gen" },
	{ "swap", "/sys/kernel/mm/swap" },
	{ "numa", "/sys/kernel/mm/numa" },
	{ "ksm", "/sys/kernel/mm/ksm" },
	{ "zswap", "/sys/module/zswap/parameters" },
	{ "memory", "/sys/devices/system/memory" },
};

struct fill {
	struct mml_setting_facts facts;
	struct mml_table *table;
};

static const char *path_of(struct mml_arena *arena, const char *name)
{
	const char *dot = strchr(name, '.');
	char *path;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (strlen(folders[i].word) == (size_t)(dot - name) &&
		    !strncmp(name, folders[i].word, (size_t)(dot - name)))
			return mml_arena_printf(arena, "%s/%s", folders[i].path, dot + 1);
	path = mml_arena_printf(arena, "/proc/sys/%s", name);
	for (char *p = path; p && *p; p++)
		*p = *p == '.' && p > path + strlen("/proc/sys/") && strncmp(name, "vm.", 3) ? '/'
											     : *p;
	if (path && !strncmp(name, "vm.", 3))
		path[strlen("/proc/sys/vm")] = '/';
	return path;
}

/* "always [madvise] never" is madvise, and tabs become blanks. The files have one line. */
static const char *plain(struct mml_arena *arena, struct mml_span file)
{
	struct mml_span text, word, rest;
	char *ret, *p;

	mml_next_line(&file, &text);
	rest = text;
	while (mml_next_token(&rest, &word))
		if (*word.p == '[' && word.end[-1] == ']' && mml_span_len(word) > 2)
			return mml_arena_strndup(arena, word.p + 1, mml_span_len(word) - 2);
	ret = p = mml_arena_alloc(arena, mml_span_len(text) + 1);
	if (!ret)
		return NULL;
	while (mml_next_token(&text, &word)) {
		if (p > ret)
			*p++ = ' ';
		memcpy(p, word.p, mml_span_len(word));
		p += mml_span_len(word);
	}
	return ret;
}

/* Whether a number differs from its default; -1: not known. What was computed from the memory of early
 * boot is lower by the share that was freed later: an initramfs, the kernel's own start. */
static int number_differs(uint64_t value, uint64_t preset, enum mml_setting_near near)
{
	uint64_t apart = value > preset ? value - preset : preset - value;

	if (near == MML_SETTING_MOST)
		return value > preset ? 1 : -1;
	if (near == MML_SETTING_SAME || apart <= preset / 20)
		return near == MML_SETTING_SAME && apart;
	return value < preset && value >= preset - preset / 4 ? -1 : 1;
}

/* Whether the value differs from the default, word by word; -1: not known. */
static int differs(const struct mml_setting_value *v, enum mml_setting_near near)
{
	struct mml_span a = mml_span_str(v->text), b = mml_span_str(v->preset ? v->preset : "");
	struct mml_span x, y;
	uint64_t m, n;
	int ret = 0;

	if (!v->preset)
		return -1;
	if (!strcmp(v->text, v->preset))
		return 0;
	while (mml_next_token(&a, &x)) {
		if (!mml_next_token(&b, &y))
			return 1;
		if (mml_parse_u64(x, &m) || mml_parse_u64(y, &n)) {
			if (mml_span_len(x) != mml_span_len(y) || memcmp(x.p, y.p, mml_span_len(x)))
				return 1;
		} else {
			int rc = number_differs(m, n, near);

			if (rc > 0)
				return 1;
			ret = rc < 0 ? rc : ret;
		}
	}
	return mml_next_token(&b, &y) ? 1 : ret;
}

static struct mml_row *add(struct fill *fill, const char *name, const char *value, const char *path)
{
	struct mml_row *row = mml_table_add(fill->table);
	uint64_t n;

	if (!row)
		return NULL;
	mml_set_str(row, SETTINGS_name, name);
	mml_set_str(row, SETTINGS_value, value);
	mml_set_str(row, SETTINGS_source, path);
	if (value && !mml_parse_u64(mml_span_str(value), &n))
		mml_set_u64(row, SETTINGS_number, n);
	return row;
}

static void judge(struct fill *fill, const struct mml_setting *s, struct mml_row *row,
		  const char *text)
{
	struct mml_setting_judgement said = { .verdict = -1 };
	struct mml_setting_value v = { .text = text };

	v.is_number = !mml_parse_u64(mml_span_str(text), &v.number);
	v.preset = s->preset ? s->preset : s->formula ? s->formula(&fill->facts) : NULL;
	v.set = differs(&v, s->near);
	mml_set_str(row, SETTINGS_default, v.preset);
	if (v.set >= 0)
		mml_set_bool(row, SETTINGS_set, v.set);
	if (!s->judge)
		return;
	s->judge(&fill->facts, &v, &said);
	mml_set_str(row, SETTINGS_now, said.now);
	mml_set_str(row, SETTINGS_judged, said.text);
	if (said.text && said.verdict >= 0)
		mml_set_word(row, SETTINGS_verdict, (unsigned)said.verdict);
}

/* A setting that the kernel does not have is not a row. One that may not be read has no value, but
 * for vm.drop_caches, which newer kernels let nobody read. */
static int setting(struct fill *fill, const struct mml_setting *s, const char *name,
		   const char *path)
{
	struct mml_take *take = fill->facts.take;
	const char *text = NULL;
	struct mml_span span;
	struct mml_row *row;
	int rc;

	if (!path)
		return -ENOMEM;
	rc = mml_take_file(take, NULL, path, &span);
	if (rc == -ENOMEM)
		return rc;
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -EOPNOTSUPP ||
	    (rc && s->judge == mml_judge_caches))
		return 0;
	if (rc)
		mml_table_why(fill->table, SETTINGS_value, "this user may not read it", "root");
	else if (!(text = plain(take->arena, span)))
		return -ENOMEM;
	row = add(fill, name, text, path);
	if (!row)
		return -ENOMEM;
	mml_set_str(row, SETTINGS_unit, s->unit);
	mml_set_str(row, SETTINGS_range, s->range);
	mml_set_str(row, SETTINGS_help, s->help);
	if (text)
		judge(fill, s, row, text);
	return fill->facts.failed ? -ENOMEM : 0;
}

static bool known(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (!strncmp(settings[i].name, "vm.", 3) && !strcmp(settings[i].name + 3, name))
			return true;
	return false;
}

/* What else the kernel has there: vendors add settings. These three are no settings: reading or
 * writing them makes the kernel do something. */
static int others(struct fill *fill)
{
	static const char *const never[] = { "stat_refresh", "compact_memory", "drop_caches" };
	static const struct mml_setting none = { .name = NULL };
	const char *const *names = mml_take_names(fill->facts.take, "/proc/sys/vm");
	struct mml_arena *arena = fill->facts.arena;
	int rc = 0;

	for (size_t i = 0; names && names[i] && !rc; i++) {
		bool skip = known(names[i]);
		const char *name;

		for (size_t k = 0; k < sizeof(never) / sizeof(*never); k++)
			skip |= !strcmp(names[i], never[k]);
		if (skip)
			continue;
		name = mml_arena_printf(arena, "vm.%s", names[i]);
		rc = name ? setting(fill, &none, name, path_of(arena, name)) : -ENOMEM;
	}
	return rc;
}

/* The pools and the switches that there are for each size of huge pages. */
static int sizes(struct fill *fill, const char *dir, const char *prefix,
		 const struct mml_setting *kinds)
{
	const char *const *names = mml_take_names(fill->facts.take, dir);
	struct mml_arena *arena = fill->facts.arena;
	int rc = 0;

	for (size_t i = 0; names && names[i]; i++) {
		if (strncmp(names[i], "hugepages-", 10))
			continue;
		for (size_t k = 0; kinds[k].name && !rc; k++) {
			struct mml_setting s = kinds[k];
			const char *name =
				mml_arena_printf(arena, "%s.%s.%s", prefix, names[i] + 10, s.name);

			if (!s.preset)
				s.preset = mml_default_size(&fill->facts, names[i] + 10);
			rc = name ? setting(fill, &s, name,
					    mml_arena_printf(arena, "%s/%s/%s", dir, names[i],
							     s.name))
				  : -ENOMEM;
		}
		if (rc)
			return rc;
	}
	return 0;
}

static int huge_sizes(struct fill *fill)
{
	static const struct mml_setting pools[] = {
		{ "nr_hugepages", "huge pages", "0", .range = "0 or more",
		  .help = "Huge pages of this size that are set aside." },
		{ "nr_overcommit_hugepages", "huge pages", "0", .range = "0 or more",
		  .help = "Huge pages of this size that may be made beyond these." },
		{ .name = NULL },
	};
	static const struct mml_setting thp[] = {
		{ "enabled", .range = "always, inherit, madvise, never",
		  .help = "Who gets anonymous memory in pieces of this size." },
		{ "shmem_enabled", .range = "always, inherit, within_size, advise, never",
		  .help = "Who gets shared memory in pieces of this size." },
		{ .name = NULL },
	};
	int rc = sizes(fill, "/sys/kernel/mm/hugepages", "hugepages", pools);

	return rc ? rc : sizes(fill, "/sys/kernel/mm/transparent_hugepage", "thp", thp);
}

static int boot_row(const char *name, struct mml_span value, const char *help, void *ctx)
{
	struct fill *fill = ctx;
	const char *text = mml_arena_strndup(fill->facts.arena, value.p, mml_span_len(value));
	struct mml_row *row = text ? add(fill, name, text, "/proc/cmdline") : NULL;

	if (!row)
		return -ENOMEM;
	mml_set_bool(row, SETTINGS_set, true);
	mml_set_str(row, SETTINGS_help, help);
	return 0;
}

static int settings_collect(struct mml_take *take, const struct mml_query *query,
			    struct mml_table *ret)
{
	struct fill fill = { .table = ret };
	int rc = mml_setting_facts_take(take, &fill.facts);

	(void)query;
	for (size_t i = 0; i < SETTINGS && !rc; i++)
		rc = setting(&fill, &settings[i], settings[i].name,
			     path_of(take->arena, settings[i].name));
	if (!rc)
		rc = others(&fill);
	if (!rc)
		rc = huge_sizes(&fill);
	if (!rc)
		rc = mml_setting_boot(&fill.facts, boot_row, &fill);
	if (rc)
		return rc;
	if (!ret->nrows)
		return mml_table_missing(take, ret, "/proc/sys/vm", "a mounted /proc");
	mml_table_why(ret, SETTINGS_default,
		      "the kernel's configuration decides it, or it is not known", NULL);
	return ret->error;
}

static const struct mml_source sources[] = {
	{ "/proc/sys/vm/swappiness", NULL, "a mounted /proc", NULL },
	{ "/proc/sys/vm/mmap_rnd_bits", "root", NULL, NULL },
	{ "/proc/cmdline", NULL, NULL, NULL },
	{ "/proc/meminfo", NULL, NULL, NULL },
	{ "/proc/vmstat", NULL, NULL, NULL },
	{ "/proc/zoneinfo", NULL, NULL, NULL },
	{ "/sys/kernel/mm/transparent_hugepage/enabled", NULL,
	  "a kernel with CONFIG_TRANSPARENT_HUGEPAGE", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_settings = {
	.schema = { .name = "settings",
		    .apart = "*",
		    .help = "A setting that bears on memory: what it is, what this kernel would "
			    "set, and what it comes to now.",
		    MML_COLUMNS(SETTINGS) },
	.sources = sources,
	.collect = settings_collect,
};
