/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

#include "../../core/trouble.h"
#include "iterate.h"

struct mml_cgroup_state {
	struct mml_cgroup_memory **slots;
	size_t nslots, n;
	uint64_t sample;
	struct mml_cgroup_iterator iterator;
};

struct mml_cgroup_iterator *mml_cgroup_iterator_of(struct mml_cgroup_state *state)
{
	return &state->iterator;
}

void *mml_cgroup_keep(struct mml_root *root)
{
	struct mml_cgroup_state *state = mml_calloc(1, sizeof(*state));

	(void)root;
	if (!state)
		return NULL;
	state->nslots = 64;
	state->slots = mml_calloc(state->nslots, sizeof(*state->slots));
	if (!state->slots) {
		free(state);
		return NULL;
	}
	return state;
}

static void forget(struct mml_cgroup_memory *m)
{
	free(m->path);
	free(m->called);
	free(m);
}

void mml_cgroup_release(void *p)
{
	struct mml_cgroup_state *state = p;

	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_cgroup_memory *m = state->slots[i], *next; m; m = next) {
			next = m->next;
			forget(m);
		}
	mml_cgroup_iterator_close(&state->iterator);
	free(state->slots);
	free(state);
}

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* If there is no memory for more slots, the chains just get longer. */
static void grow(struct mml_cgroup_state *state)
{
	size_t n = state->nslots * 4;
	struct mml_cgroup_memory **slots = mml_calloc(n, sizeof(*slots));

	if (!slots)
		return;
	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_cgroup_memory *m = state->slots[i], *next; m; m = next) {
			next = m->next;
			m->next = slots[m->hash & (n - 1)];
			slots[m->hash & (n - 1)] = m;
		}
	free(state->slots);
	state->slots = slots;
	state->nslots = n;
}

/* Returns what is remembered of G. Of a new group, which may have the path of one that was removed,
 * that is nothing. Returns NULL when memory ran out. */
static struct mml_cgroup_memory *remember(struct mml_cgroup_state *state, const struct mml_cgroup *g)
{
	uint64_t h = hash(g->path);
	struct mml_cgroup_memory *m = state->slots[h & (state->nslots - 1)];

	while (m && (m->hash != h || m->id != g->id || strcmp(m->path, g->path) != 0))
		m = m->next;
	if (!m) {
		m = mml_calloc(1, sizeof(*m));
		if (!m)
			return NULL;
		m->path = mml_strdup(g->path);
		if (!m->path) {
			free(m);
			return NULL;
		}
		if (state->n++ > state->nslots)
			grow(state);
		m->hash = h;
		m->id = g->id;
		m->next = state->slots[h & (state->nslots - 1)];
		state->slots[h & (state->nslots - 1)] = m;
	}
	m->sample = state->sample;
	return m;
}

int mml_cgroups_remember(struct mml_cgroup_state *state, const struct mml_cgroups *groups)
{
	state->sample++;
	for (size_t i = 0; i < groups->n; i++) {
		groups->at[i]->memory = remember(state, groups->at[i]);
		if (!groups->at[i]->memory)
			return -ENOMEM;
	}
	return 0;
}

void mml_cgroups_forget(struct mml_cgroup_state *state)
{
	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_cgroup_memory **at = &state->slots[i]; *at;) {
			struct mml_cgroup_memory *m = *at;

			if (m->sample == state->sample) {
				at = &m->next;
				continue;
			}
			*at = m->next;
			state->n--;
			forget(m);
		}
}

void mml_cgroup_store(const struct mml_cgroup *g)
{
	struct mml_cgroup_memory *m = g->memory;

	memcpy(m->present, g->row->present, sizeof(m->present));
	memcpy(m->cells, g->row->cell, sizeof(m->cells));
	m->charges = g->charges;
	m->refused = g->refused;
	m->threaded = g->threaded;
}

void mml_cgroup_recall(const struct mml_schema *schema, struct mml_cgroup *g, const uint64_t *fresh)
{
	const struct mml_cgroup_memory *m = g->memory;

	for (unsigned i = 0; i < schema->ncolumns; i++)
		if (m->present[i / 64] >> (i % 64) & 1 && schema->columns[i].needs & ~NEEDS_USAGE &&
		    schema->columns[i].type != MML_STR && !(fresh && fresh[i / 64] >> (i % 64) & 1))
			mml_set(g->row, i, m->cells[i]);
	g->charges |= m->charges;
	g->refused |= m->refused;
	g->threaded |= m->threaded;
}

/* The events that a group is told to have had, the worst first. Those of the group itself count where
 * they are told apart, so that the groups around it do not seem to have had them. */
static const struct {
	const char *word;
	unsigned own, all;
} events[MML_CGROUP_EVENTS] = {
	{ "kill", CGROUPS_oom_kills_local, CGROUPS_oom_kills },
	{ "oom", CGROUPS_oom_local, CGROUPS_oom_events },
	{ "max", CGROUPS_max_local, CGROUPS_max_events },
	{ "high", CGROUPS_high_local, CGROUPS_throttled },
};

static bool event_count(const struct mml_row *row, size_t i, uint64_t *ret)
{
	unsigned col = mml_has(row, events[i].own) ? events[i].own : events[i].all;

	*ret = mml_has(row, col) ? row->cell[col].u64 : 0;
	return mml_has(row, col);
}

/* What moved since the previous look happened after that. */
void mml_cgroup_events(const struct mml_cgroup *g, uint64_t now_ns)
{
	struct mml_cgroup_memory *m = g->memory;
	const char *happened = NULL;
	uint64_t now;
	bool any = false;

	for (size_t i = 0; i < MML_CGROUP_EVENTS; i++) {
		if (!event_count(g->row, i, &now))
			continue;
		any = true;
		if (m->events_ns && now > m->events[i] && !happened)
			happened = events[i].word;
		m->events[i] = now;
	}
	if (happened) {
		m->last = happened;
		m->last_ns = m->events_ns;
	}
	if (any)
		m->events_ns = now_ns;
	if (!m->last)
		return;
	mml_set_str(g->row, CGROUPS_last_event, m->last);
	mml_set_u64(g->row, CGROUPS_last_event_age, now_ns - m->last_ns);
}
