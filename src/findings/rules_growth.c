/* Rules about what grows: processes, programs, and the remainder of the balance. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "finder.h"

enum { NAMED = 3 };

/* Over a minute or more, by more than comes and goes, along a line: a few points that fall are noise. */
bool mml_find_grows(const struct mml_growth *g, uint64_t whole)
{
	uint64_t least = mml_least(mml_part(whole, MML_LIMIT_GROWN), mml_gib(MML_LIMIT_GROWN_CAP));

	return whole && g->last > g->first && g->last - g->first >= least &&
	       g->span_ns >= MML_LIMIT_GROWN_SECONDS * UINT64_C(1000000000) && !g->paused &&
	       g->points > 3 && g->falls * 8 <= g->points &&
	       g->slope >= g->noise * MML_LIMIT_STEADY;
}

/* Says the growth of WHO, and how long what is available lasts. */
static void say(struct mml_finder *f, enum mml_finding id, enum mml_severity worst,
		const char *about, const char *who, const struct mml_growth *g)
{
	double minutes = f->has_available ? (double)f->available / g->slope / 60 : -1;
	enum mml_severity severity = minutes < 0			 ? MML_NOTE :
				     minutes < MML_LIMIT_LASTS_CRITICAL ? MML_CRITICAL :
				     minutes < MML_LIMIT_LASTS_WARNING	 ? MML_WARNING :
									   MML_NOTE;
	const char *rest = "";

	if (severity > worst)
		severity = worst;
	mml_find_number(f, "size", g->last);
	mml_find_number(f, "size_before", g->first);
	mml_find_number(f, "seconds", (uint64_t)((double)g->span_ns / 1e9 + 0.5));
	mml_find_why(f, "It went from %s to %s in %.0f s, along a straight line with an error of %.0f %%.",
		     mml_find_size(f, (double)g->first), mml_find_size(f, (double)g->last),
		     (double)g->span_ns / 1e9, g->noise * 100 / g->slope);
	if (severity > MML_NOTE) {
		mml_find_number(f, "MemAvailable", f->available);
		rest = mml_arena_printf(f->arena, ": no memory is left in about %.0f min", minutes);
	}
	mml_find(f, id, severity, about, "%s grows by %s a minute%s", who,
		 mml_find_size(f, g->slope * 60), rest);
}

static void unaccounted(struct mml_finder *f)
{
	struct mml_growth g;
	uint64_t rest;

	if (mml_find_sums(f) && mml_fact_unaccounted(f->now, &rest) &&
	    mml_trail_growth(&f->past->memory, MML_FACT_UNACCOUNTED, 0, rest, f->now->time_ns, &g) &&
	    mml_find_grows(&g, f->total))
		say(f, MML_FINDING_UNACCOUNTED_GROWING, MML_WARNING, NULL,
		    "memory that no counter explains", &g);
}

struct grown {
	struct mml_growth growth;
	const char *program;
	uint64_t pid;
};

/* Puts G in its place among the N that grew most. */
static size_t insert(struct grown *top, size_t n, const struct grown *g)
{
	size_t at;

	for (at = n; at && g->growth.slope > top[at - 1].growth.slope; at--)
		if (at < NAMED)
			top[at] = top[at - 1];
	if (at < NAMED)
		top[at] = *g;
	return n < NAMED ? n + 1 : n;
}

/* "4211 98765 postgres" */
static bool name_of(const char *name, struct grown *ret)
{
	struct mml_span text = mml_span_str(name), pid, started;

	if (!mml_next_field(&text, ' ', &pid) || mml_parse_u64(pid, &ret->pid) ||
	    !mml_next_field(&text, ' ', &started))
		return false;
	ret->program = text.p;
	return true;
}

static bool item_grows(const struct mml_finder *f, const struct mml_trail *trail, size_t i,
		       struct mml_growth *ret)
{
	const struct mml_trail_item *item = &trail->items[i];

	return item->fresh &&
	       mml_trail_growth(trail, item->name, i, item->last, trail->look_ns, ret) &&
	       mml_find_grows(ret, f->total);
}

/* Says those that grew most; returns how many. */
static size_t processes(struct mml_finder *f, struct grown *top)
{
	const struct mml_trail *trail = &f->past->processes;
	size_t n = 0;

	for (size_t i = 0; i < trail->n; i++) {
		struct grown g = { 0 };

		if (item_grows(f, trail, i, &g.growth) && name_of(trail->items[i].name, &g))
			n = insert(top, n, &g);
	}
	for (size_t i = 0; i < n; i++) {
		const char *who = mml_arena_printf(f->arena, "%s %" PRIu64, top[i].program, top[i].pid);

		if (!who) {
			f->failed = true;
			return n;
		}
		mml_find_look(f, NULL, NULL,
			      mml_arena_printf(f->arena, "pid = %" PRIu64, top[i].pid));
		say(f, MML_FINDING_PROCESS_GROWING, MML_CRITICAL, who, who, &top[i].growth);
	}
	return n;
}

/* A program is named where no process of it was. */
static void programs(struct mml_finder *f, const struct grown *named, size_t nnamed)
{
	const struct mml_trail *trail = &f->past->programs;

	for (size_t i = 0; i < trail->n; i++) {
		const char *name = trail->items[i].name, *about;
		struct mml_growth g;
		size_t k = 0;

		while (k < nnamed && strcmp(named[k].program, name))
			k++;
		if (k < nnamed || !item_grows(f, trail, i, &g))
			continue;
		/* The trail may forget the name before the finding is shown. */
		about = mml_arena_strndup(f->arena, name, strlen(name));
		mml_find_look(f, NULL, NULL, mml_find_where(f, "comm", name));
		say(f, MML_FINDING_PROGRAM_GROWING, MML_CRITICAL, about,
		    mml_arena_printf(f->arena, "program %s, all its processes together,", name), &g);
	}
}

/* Processes are looked at less often than the rest: what is said of them is as of that look. */
void mml_rules_growth(struct mml_finder *f)
{
	struct grown top[NAMED];

	unaccounted(f);
	programs(f, top, processes(f, top));
}
