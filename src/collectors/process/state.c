/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <stdlib.h>
#include <string.h>

#include "../../core/module.h"
#include "../../core/trouble.h"

void *mml_process_keep(struct mml_root *root)
{
	struct mml_process_state *state = mml_calloc(1, sizeof(*state));

	(void)root;
	if (!state)
		return NULL;
	state->nslots = 1024;
	state->slots = mml_calloc(state->nslots, sizeof(*state->slots));
	if (!state->slots) {
		free(state);
		return NULL;
	}
	return state;
}

void mml_ident_free(struct mml_ident *who)
{
	free((char *)who->command);
	free((char *)who->cgroup);
	free((char *)who->unit);
	free((char *)who->container);
	*who = (struct mml_ident){ 0 };
}

static void forget_costly(struct mml_process_memory *m)
{
	if (m->present & UINT64_C(1) << (PROCESSES_nodes - COSTLY_FIRST))
		free((char *)m->costly[PROCESSES_nodes - COSTLY_FIRST].str);
	m->present = 0;
}

static void forget(struct mml_process_memory *m)
{
	mml_ident_free(&m->who);
	forget_costly(m);
	free(m);
}

void mml_process_release(void *p)
{
	struct mml_process_state *state = p;

	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_process_memory *m = state->slots[i], *next; m; m = next) {
			next = m->next;
			forget(m);
		}
	mml_tasks_close(state->tasks);
	if (state->who)
		state->who->close(state->who_state);
	mml_user_names_free(state->names);
	free(state->hidden);
	free(state->slots);
	free(state);
}

struct mml_process_memory *mml_process_find(const struct mml_process_state *state, pid_t pid)
{
	struct mml_process_memory *m = state->slots[(size_t)pid & (state->nslots - 1)];

	while (m && m->pid != pid)
		m = m->next;
	return m;
}

/* If there is no memory for more slots, the chains just get longer. */
static void grow(struct mml_process_state *state)
{
	size_t n = state->nslots * 4;
	struct mml_process_memory **slots = mml_calloc(n, sizeof(*slots));

	if (!slots)
		return;
	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_process_memory *m = state->slots[i], *next; m; m = next) {
			struct mml_process_memory **slot = &slots[(size_t)m->pid & (n - 1)];

			next = m->next;
			m->next = *slot;
			*slot = m;
		}
	free(state->slots);
	state->slots = slots;
	state->nslots = n;
}

struct mml_process_memory *mml_process_remember(struct mml_process_state *state, pid_t pid,
						uint64_t started)
{
	struct mml_process_memory *m = mml_process_find(state, pid);
	struct mml_process_memory **slot;

	if (m && m->started != started) {
		mml_ident_free(&m->who);
		forget_costly(m);
		m->started = started;
		m->command = m->groups = (struct mml_asked){ 0 };
		m->read_ns = m->cost_ns = m->stat_hash = 0;
		m->reads = 0;
	}
	if (!m) {
		m = mml_calloc(1, sizeof(*m));
		if (!m)
			return NULL;
		if (state->n++ > state->nslots)
			grow(state);
		m->pid = pid;
		m->started = started;
		slot = &state->slots[(size_t)pid & (state->nslots - 1)];
		m->next = *slot;
		*slot = m;
	}
	m->sample = state->sample;
	return m;
}

void mml_process_forget(struct mml_process_state *state)
{
	for (size_t i = 0; i < state->nslots; i++)
		for (struct mml_process_memory **at = &state->slots[i]; *at;) {
			struct mml_process_memory *m = *at;

			if (m->sample == state->sample) {
				at = &m->next;
				continue;
			}
			*at = m->next;
			state->n--;
			forget(m);
		}
}

void mml_process_store(struct mml_process_memory *m, const struct mml_row *row)
{
	forget_costly(m);
	for (unsigned i = 0; i < COSTLY_COLUMNS; i++) {
		unsigned col = COSTLY_FIRST + i;

		if (!mml_has(row, col))
			continue;
		m->costly[i] = row->cell[col];
		if (col == PROCESSES_nodes) {
			m->costly[i].str = mml_strdup(row->cell[col].str);
			if (!m->costly[i].str)
				continue;
		}
		m->present |= UINT64_C(1) << i;
	}
}

void mml_process_recall(const struct mml_process_memory *m, struct mml_arena *arena,
			struct mml_row *row)
{
	for (unsigned i = 0; i < COSTLY_COLUMNS; i++) {
		unsigned col = COSTLY_FIRST + i;

		if (!(m->present >> i & 1))
			continue;
		if (col == PROCESSES_nodes)
			mml_set_str(row, col,
				    mml_arena_strndup(arena, m->costly[i].str,
						      strlen(m->costly[i].str)));
		else
			mml_set(row, col, m->costly[i]);
	}
}

void mml_process_store_levels(struct mml_process_memory *m, const struct mml_row *row)
{
	m->levels_present = 0;
	for (unsigned i = 0; i < LEVELS; i++)
		if (mml_has(row, LEVELS_FIRST + i)) {
			m->levels_present |= UINT64_C(1) << i;
			m->levels[i] = row->cell[LEVELS_FIRST + i].u64;
		}
	m->uid = mml_has(row, PROCESSES_uid) ? row->cell[PROCESSES_uid].u64 : UINT64_MAX;
}

void mml_process_recall_levels(const struct mml_process_memory *m, struct mml_row *row)
{
	for (unsigned i = 0; i < LEVELS; i++)
		if (m->levels_present >> i & 1)
			mml_set_u64(row, LEVELS_FIRST + i, m->levels[i]);
	if (m->uid != UINT64_MAX)
		mml_set_u64(row, PROCESSES_uid, m->uid);
}
