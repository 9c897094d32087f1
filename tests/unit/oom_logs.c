/* What INDEX.md says of each kernel log in $MMLENS_OOM. The values and words here and in
 * oom_logs.def are from reading the logs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oom_logs.h"
#include "oom_prose.h"

#define WHY(name)  MML_OOM_WHY_##name
#define KIND(name) MML_OOM_KIND_##name
#define BY(name)   MML_OOM_BY_##name

/* A report of a log: which one, and what it comes to. 0: nobody. */
static const struct {
	const char *log;
	unsigned report, reports;
	enum mml_oom_kind kind;
	enum mml_oom_constraint by;
	enum mml_oom_reason reason, reason2;
	uint64_t victim, next;
	const char *limit;
	const char *says; /* words of the page, separated by | */
} reports[] = {
#include "oom_logs.def"
};

/* Zones that INDEX.md has figures of: kB. RESERVE -1: not looked at. */
static const struct {
	const char *log;
	unsigned report, node;
	enum mml_oom_zone_type type;
	enum mml_oom_verdict verdict;
	int64_t usable, mark, reserve;
} zones[] = {
	{ "05", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 11828, 13356, 0 },
	{ "06", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 13332, 13356, 0 },
	{ "08", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 1804, 760, 1188 },
	{ "11", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 23592, 23596, 0 },
	{ "16", 1, 1, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 13124, 13528, 0 },
	{ "17", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 15104, 15116, 0 },
	{ "27", 1, 4, MML_OOM_MOVABLE, MML_OOM_ZONE_NOT_ALLOWED, 130021408, 9140, 0 },
	{ "28", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_FRAGMENTED, 78096, 16520, -1 },
	{ "28", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_FRAGMENTED, 60196 - 2048 - 776, 49012, 0 },
	{ "34", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 3948, 7732, 0 },
	{ "34", 1, 0, MML_OOM_HIGHMEM, MML_OOM_ZONE_NOT_ALLOWED, 1049496, 512, -1 },
	{ "35", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_CMA, 23556, 33792, 0 },
	{ "38", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 888, 3780, 0 },
	{ "41", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 33040, 15712, 0 },
	{ "43", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 46304 - 60, 19692, 6962 * 4 },
	{ "43", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 51356, 36236, 3954 * 4 },
	{ "43", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 52508, 50560, 0 },
	{ "45", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 52184, 15860, 9127 * 4 },
	{ "45", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 79392 - 32, 80308, 0 },
	{ "48", 2, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 1812, 5472 * 3 / 8, 0 },
	{ "49", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_CMA, 33244 - 12300, 1956, 0 },
	{ "51", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_CMA, 29116 - 4376, 26624, 0 },
	{ "55", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 421496 - 2048, 114676, 0 },
	{ "56", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_FRAGMENTED, 774368 - 2048, 193928, 0 },
	{ "58", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_NOT_ALLOWED, 0, 0, -1 },
	{ "59", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_BELOW_MARK, 16612, 16728, 0 },
	{ "61", 1, 0, MML_OOM_HIGHMEM, MML_OOM_ZONE_BELOW_MARK, 460, 512, 0 },
	{ "61", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_RESERVE, 111020, 40952, 70140 },
	{ "61", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 12732, 760, 11988 },
	{ "64", 1, 1, MML_OOM_NORMAL, MML_OOM_ZONE_OK, 3950944, 54772, 0 },
	{ "64", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_OK, 15360, 204, 2574 * 4 },
	{ "66", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 15908, 164, 6378 * 4 },
	{ "71", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 2068, 88, 495 * 4 },
	{ "73", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 9080, 7080, 505 * 4 },
	{ "73", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 964, 1016, -1 },
	{ "74", 1, 0, MML_OOM_DMA, MML_OOM_ZONE_RESERVE, 7776, 40, 7740 },
	{ "78", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_FRAGMENTED, 8256, 3216, 0 },
	{ "80", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 12652, 14344, 0 },
	{ "80", 1, 0, MML_OOM_MOVABLE, MML_OOM_ZONE_NOT_ALLOWED, 1351196, 2544, 0 },
	{ "81", 1, 0, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 36692, 36784, 0 },
	{ "81", 1, 0, MML_OOM_DMA32, MML_OOM_ZONE_RESERVE, 59728, 7832, 13055 * 4 },
	{ "81", 1, 1, MML_OOM_NORMAL, MML_OOM_ZONE_BELOW_MARK, 49436, 68164, 0 },
};

/*
 * Where INDEX.md's own sums are not the log's: kernel stacks of all reports of a file added up, a
 * line that mail had wrapped left out, a number cut in the middle of its unit.
 */
static const struct {
	const char *log;
	int64_t unaccounted, stacks, pagetables;
} corrected[] = {
	{ "28", 137050, 15024 / 4, -1 },
	{ "35", 1391, 888 / 4, -1 },
	{ "46", 39596, -1, -1 }, /* kernel stacks of the report that comes first in the file */
	{ "47", 59572, 13344 / 4, -1 },
	{ "48", 1209, 584 / 4, -1 },
	{ "52", 484, 408 / 4, -1 },
	{ "53", 6813, 1016 / 4, -1 },
	{ "54", 12080, 3008 / 4, -1 },
	{ "64", 89279, (8528 + 16) / 4, -1 },
	{ "67", 29603, -1, -1 },
	{ "70", 18957, (2432 + 4192) / 4, -1 }, /* "kernel_stack:4192k" is whole, its unit is not */
	{ "72", 2547, -1, 3094 }, /* "mapped:468 pagetables:3094" is a line of its own */
	{ "76", 2515, -1, 20 },	  /* so is "mapped:380 shmem:19 pagetables:20 bounce:0" */
};

static const struct mml_oom_report *nth(const struct mml_oom_log *log, unsigned n)
{
	const struct mml_oom_report *r = log->reports;

	while (r && r->index != n)
		r = r->next;
	return r;
}

static char *page(struct mml_arena *arena, const struct mml_oom_log *log,
		  const struct mml_oom_report *r)
{
	struct mml_oom_style style = { 0 };
	struct mml_buf out = { 0 };
	struct mml_oom_page page;

	if (mml_oom_explain(arena, log, r, &style, &page))
		abort();
	put_page(&out, &page);
	return out.data;
}

static void check_words(const char *name, const char *text, const char *words)
{
	char *list = strdup(words), *rest = list, *word;

	while ((word = strsep(&rest, "|")))
		if (!tap_ok(strstr(text, word) != NULL, "%s says: %s", name, word))
			printf("# %s\n", text);
	free(list);
}

static void check_report(size_t i)
{
	const struct text *text = find_log(reports[i].log);
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);
	const struct mml_oom_report *r = nth(log, reports[i].report);
	char *prose;

	tap_ok(log->nreports == reports[i].reports, "%s: %u reports (%zu)", text->name,
	       reports[i].reports, log->nreports);
	if (!tap_ok(r != NULL, "%s: report %u is there", text->name, reports[i].report)) {
		mml_arena_free(arena);
		return;
	}
	tap_ok(r->kind == reports[i].kind, "%s %u: kind %s", text->name, r->index,
	       mml_oom_kind_word(r->kind));
	tap_ok(r->constraint == reports[i].by, "%s %u: constraint %d", text->name, r->index,
	       (int)r->constraint);
	tap_ok(r->reason == reports[i].reason, "%s %u: reason %s", text->name, r->index,
	       r->reason ? mml_oom_reason_word(r->reason) : "-");
	tap_ok(r->reason2 == reports[i].reason2, "%s %u: and %s", text->name, r->index,
	       r->reason2 ? mml_oom_reason_word(r->reason2) : "-");
	tap_ok((r->victim ? r->victim->pid.n : 0) == reports[i].victim, "%s %u: victim %" PRIu64,
	       text->name, r->index, reports[i].victim);
	tap_ok((r->next_task ? r->next_task->n[MML_OOM_PID] : 0) == reports[i].next,
	       "%s %u: next %" PRIu64, text->name, r->index, reports[i].next);
	if (reports[i].limit)
		tap_ok(r->oom_memcg && !strcmp(r->oom_memcg, reports[i].limit),
		       "%s %u: limit of %s", text->name, r->index, reports[i].limit);
	prose = page(arena, log, r);
	check_words(text->name, prose, reports[i].says);
	free(prose);
	mml_arena_free(arena);
}

static void check_zone(size_t i)
{
	const struct text *text = find_log(zones[i].log);
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);
	const struct mml_oom_report *r = nth(log, zones[i].report);
	const struct mml_oom_zone *z = r ? r->zones : NULL;

	while (z && (z->node != zones[i].node || z->type != zones[i].type))
		z = z->next;
	tap_ok(z && z->verdict == zones[i].verdict &&
		       z->usable == (uint64_t)zones[i].usable * 1024 &&
		       z->mark == (uint64_t)zones[i].mark * 1024 &&
		       (zones[i].reserve < 0 ||
			(z->has_reserve && z->reserve_bytes == (uint64_t)zones[i].reserve * 1024)),
	       "%s %u: node %u %s", text->name, zones[i].report, zones[i].node,
	       mml_oom_zone_name(zones[i].type));
	if (z)
		printf("# verdict %s, usable %" PRIu64 ", mark %" PRIu64 ", reserve %" PRIu64 "\n",
		       z->verdict ? mml_oom_verdict_word(z->verdict) : "-", z->usable / 1024,
		       z->mark / 1024, z->reserve_bytes / 1024);
	mml_arena_free(arena);
}

/* " KEY=123" in the computed: line; false: not there. */
static bool figure(const char *line, const char *key, int64_t *ret)
{
	char what[40];
	const char *at;

	snprintf(what, sizeof(what), " %s=", key);
	at = strstr(line, what);
	if (!at)
		return false;
	*ret = strtoll(at + strlen(what), NULL, 10);
	return true;
}

/* The memory dump that comes first in the file. */
static const struct mml_oom_report *first_dump(const struct mml_oom_log *log)
{
	const struct mml_oom_report *ret = NULL;

	for (const struct mml_oom_report *r = log->reports; r; r = r->next)
		if (mml_oom_has(r->item[MML_OOM_FREE]) &&
		    (!ret || r->item[MML_OOM_FREE].line < ret->item[MML_OOM_FREE].line))
			ret = r;
	return ret;
}

static void is_figure(const char *name, const char *line, const char *key, int64_t got)
{
	int64_t want;

	if (figure(line, key, &want) && !tap_ok(got == want, "%s: %s", name, key))
		printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got, want);
}

static int64_t share(const struct mml_oom_report *r, const char *name)
{
	int64_t ret = 0;

	for (unsigned i = 0; i < r->balance.n; i++)
		if (!strncmp(r->balance.share[i].name, name, strlen(name)))
			ret += r->balance.share[i].pages;
	return ret;
}

static int64_t sum3(const struct mml_oom_report *r, unsigned a, unsigned b, unsigned c)
{
	return (int64_t)(r->item[a].n + r->item[b].n + r->item[c].n);
}

static void check_dump(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const struct mml_oom_report *r = first_dump(log);
	int64_t unaccounted = -1, stacks = -1, tables = -1, want, total = 0;
	const char *name = text->name, *at = strstr(line, "unaccounted=");

	if (!tap_ok(r != NULL, "%s: has a memory dump", name))
		return;
	for (size_t i = 0; i < sizeof(corrected) / sizeof(*corrected); i++)
		if (!strncmp(name, corrected[i].log, 2)) {
			unaccounted = corrected[i].unaccounted;
			stacks = corrected[i].stacks;
			tables = corrected[i].pagetables;
		}
	if (figure(line, "page", &want))
		is_u64(r->page_size.n, (uint64_t)want * 1024);
	is_figure(name, line, "RAM", (int64_t)r->ram.n);
	is_figure(name, line, "reserved", (int64_t)r->reserved.n);
	is_figure(name, line, "managed", (int64_t)(r->ram.n - r->reserved.n));
	/* INDEX.md's file leaves out isolated pages, which its unaccounted does not. */
	is_figure(name, line, "anon",
		  sum3(r, MML_OOM_ACTIVE_ANON, MML_OOM_INACTIVE_ANON, MML_OOM_ISOLATED_ANON));
	is_figure(name, line, "file",
		  sum3(r, MML_OOM_ACTIVE_FILE, MML_OOM_INACTIVE_FILE, MML_OOM_GPU_ACTIVE));
	is_figure(name, line, "unev", (int64_t)r->item[MML_OOM_UNEVICTABLE].n);
	if (strncmp(name, "76", 2) != 0) /* on the line that INDEX.md's figures leave out */
		is_figure(name, line, "shmem", (int64_t)r->item[MML_OOM_SHMEM].n);
	is_figure(name, line, "slabR", (int64_t)r->item[MML_OOM_SLAB_RECLAIMABLE].n);
	is_figure(name, line, "slabU",
		  (int64_t)(r->item[MML_OOM_SLAB_UNRECLAIMABLE].n + r->item[MML_OOM_SLAB].n));
	if (tables < 0)
		is_figure(name, line, "pgt", (int64_t)r->item[MML_OOM_PAGETABLES].n);
	else
		is_i64((int64_t)r->item[MML_OOM_PAGETABLES].n, tables);
	if (unaccounted < 0)
		is_figure(name, line, "kstack", share(r, "kernel stacks"));
	else if (stacks >= 0)
		is_i64(share(r, "kernel stacks"), stacks);
	is_figure(name, line, "huge", share(r, "huge pages"));
	is_figure(name, line, "free", (int64_t)r->item[MML_OOM_FREE].n);
	is_figure(name, line, "pcp", (int64_t)r->item[MML_OOM_FREE_PCP].n);
	is_figure(name, line, "cma", (int64_t)r->item[MML_OOM_FREE_CMA].n);
	if (unaccounted < 0 && at)
		unaccounted = strtoll(at + strlen("unaccounted="), NULL, 10);
	if (unaccounted >= 0)
		is_i64(r->balance.unaccounted, unaccounted);
	for (unsigned i = 0; i < r->balance.n; i++)
		total += r->balance.share[i].pages;
	tap_ok(total == (int64_t)r->ram.n, "%s: the balance adds up to RAM", name);
}

static void check_swap(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "|| swap free=");
	const struct mml_oom_report *r = first_dump(log);

	if (!at || !r)
		return;
	tap_ok(r->swap_free.n == strtoull(at + 13, NULL, 10) && mml_oom_has(r->swap_free),
	       "%s: swap free", text->name);
	at = strstr(at, "total=");
	tap_ok(at && r->swap_total.n == strtoull(at + 6, NULL, 10) && mml_oom_has(r->swap_total),
	       "%s: swap in all", text->name);
}

/*
 * What adj is a share of, where INDEX.md's script took something else: of a policy or cpuset what
 * its nodes have; of a group swap as well, at least as much as it has.
 */
static uint64_t right_total(const char *name, uint64_t said)
{
	static const struct {
		const char *log;
		uint64_t pages;
	} totals[] = {
		{ "05", 327552 / 4 }, { "06", 327552 / 4 }, { "16", 327552 / 4 },
		{ "21", 98072 / 4 },  { "22", 98072 / 4 },  { "23", 98072 / 4 },
		{ "24", 98072 / 4 },  { "25", 98072 / 4 },  { "33", (32768 + 2112) / 4 },
	};

	for (size_t i = 0; i < sizeof(totals) / sizeof(*totals); i++)
		if (!strncmp(name, totals[i].log, 2))
			return totals[i].pages;
	return said;
}

/* "name(168) rss=9256 swap=0 adj=0 pts=9284", one after the other. */
static void check_badness(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "top badness:");
	const char *total = strstr(line, "totalpages~");
	uint64_t said = 0, right = 0;

	if (total && total[11] >= '0' && total[11] <= '9') {
		bool found = false;

		said = strtoull(total + 11, NULL, 10);
		right = right_total(text->name, said);
		for (const struct mml_oom_report *r = log->reports; r; r = r->next)
			found |= r->has_totalpages && r->totalpages == right;
		tap_ok(found, "%s: total pages %" PRIu64, text->name, right);
	}
	while (at && (at = strchr(at, '('))) {
		uint64_t pid = strtoull(at + 1, NULL, 10);
		int64_t rss = 0, swap = 0, adj = 0, points = 0;
		bool found = false;

		figure(at, "rss", &rss);
		figure(at, "swap", &swap);
		figure(at, "adj", &adj);
		figure(at, "pts", &points);
		points += adj * ((int64_t)(right / 1000) - (int64_t)(said / 1000));
		if (!strncmp(text->name, "32",
			     2)) /* 51200 bytes of page tables are less than a page of 64 KiB */
			points = 96;
		for (const struct mml_oom_report *r = log->reports; r; r = r->next)
			for (const struct mml_oom_task *t = r->tasks; t; t = t->next)
				found |= t->n[MML_OOM_PID] == pid &&
					 (int64_t)t->n[MML_OOM_RSS] == rss &&
					 (int64_t)t->n[MML_OOM_SWAPENTS] == swap &&
					 (int64_t)t->n[MML_OOM_ADJ] == adj && t->has_points &&
					 t->points == points;
		tap_ok(found, "%s: task %" PRIu64 " has %" PRId64 " points", text->name, pid,
		       points);
		at++;
	}
}

static void check_slabs(const struct text *text, const char *line, const struct mml_oom_log *log)
{
	const char *at = strstr(line, "slab top: ");
	const struct mml_oom_report *r = first_dump(log);

	for (at = at ? at + 10 : NULL; at; at = strchr(at, ',') ? strchr(at, ',') + 2 : NULL) {
		const char *blank = strchr(at, ' ');
		uint64_t kb = blank ? strtoull(blank + 1, NULL, 10) : 0;
		bool found = false;

		for (const struct mml_oom_slab *s = r->slabs; s; s = s->next)
			found |= !strncmp(s->name, at, (size_t)(blank - at)) && s->total == kb;
		tap_ok(found, "%s: slab %.*s", text->name, (int)(blank - at), at);
		if (strstr(at, "||") && (!strchr(at, ',') || strchr(at, ',') > strstr(at, "||")))
			break;
	}
}

/* Everything the computed: line of TEXT's part has. */
static void check_computed(const struct text *text)
{
	char head[300], *at, *end;
	struct mml_arena *arena = mml_arena_new();
	struct mml_oom_log *log = read_flags(arena, text->data, text->len, 0);

	snprintf(head, sizeof(head), "## %.250s\n", text->name);
	at = strstr(index_md.data, head);
	at = at ? strstr(at, "- computed: ") : NULL;
	if (!tap_ok(at != NULL, "%s is in the index", text->name))
		return;
	at = strdup(at);
	end = strchr(at, '\n');
	if (end)
		*end = '\0';
	if (strstr(at, "RAM="))
		check_dump(text, at, log);
	check_swap(text, at, log);
	check_badness(text, at, log);
	check_slabs(text, at, log);
	free(at);
	mml_arena_free(arena);
}

/* One report in five forms. */
static void check_forms(void)
{
	static const char *const forms[] = { "22", "23", "24", "25" };
	const struct text *first = find_log("21");
	char *want = dumped(first->data, first->len, 0, false, false);

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct text *t = find_log(forms[i]);
		char *got = dumped(t->data, t->len, 0, false, false);

		tap_ok(!strcmp(got, want), "%s is as %s", t->name, first->name);
		free(got);
	}
	free(want);
}

int main(void)
{
	if (!load_logs())
		return tap_done();
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
		check_report(i);
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		check_zone(i);
	check_forms();
	for (size_t i = 0; i < nlogs; i++)
		check_computed(&logs[i]);
	return tap_done();
}
