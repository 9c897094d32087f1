/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <stdlib.h>
#include <string.h>

#include "../../core/trouble.h"

/* How many processes of a user libproc2 is asked about, since some may end meanwhile. */
enum { TRIES = 3 };

struct name {
	uint64_t uid;
	char *text;
	const char *shown; /* the same in the arena of this sample; NULL: not needed so far */
};

struct mml_user_names {
	size_t n;
	struct name *at; /* by uid */
};

/* Returns the place of UID, or where it would have to be. */
static size_t place_of(const struct mml_user_names *names, uint64_t uid)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (names->at[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct name *find(const struct mml_user_names *names, uint64_t uid)
{
	size_t at = place_of(names, uid);

	return at < names->n && names->at[at].uid == uid ? &names->at[at] : NULL;
}

static void add(struct mml_user_names *names, uint64_t uid, const char *text)
{
	size_t at = place_of(names, uid);
	struct name *more;
	char *copy;

	if (find(names, uid) || !text)
		return;
	copy = mml_strdup(text);
	more = copy ? mml_realloc(names->at, names->n + 1, sizeof(*more)) : NULL;
	if (!more) {
		free(copy);
		return;
	}
	names->at = more;
	memmove(more + at + 1, more + at, (names->n - at) * sizeof(*more));
	more[at] = (struct name){ uid, copy, NULL };
	names->n++;
}

void mml_user_names_free(struct mml_user_names *names)
{
	for (size_t i = 0; names && i < names->n; i++)
		free(names->at[i].text);
	if (names)
		free(names->at);
	free(names);
}

static void tell(const struct mml_who *who, void *ctx)
{
	add(ctx, who->uid, who->user);
}

/* A user whose name is not known. */
struct stranger {
	uint64_t uid;
	unsigned tries;
};

static bool is_shown(const struct mml_process *p)
{
	return !p->gone && mml_has(p->row, PROCESSES_uid);
}

/* Lists in PIDS some processes of each user whose name is not known, and these users. Returns how
 * many processes there are. */
static size_t find_strangers(const struct mml_scan *scan, const struct mml_user_names *names,
			     pid_t *pids, struct stranger *strangers, size_t *ret_strangers)
{
	size_t n = 0, nstrangers = 0;

	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];
		uint64_t uid = is_shown(p) ? p->row->cell[PROCESSES_uid].u64 : 0;
		size_t k = 0;

		if (!is_shown(p) || find(names, uid))
			continue;
		while (k < nstrangers && strangers[k].uid != uid)
			k++;
		if (k == nstrangers)
			strangers[nstrangers++] = (struct stranger){ uid, 0 };
		if (strangers[k].tries++ < TRIES)
			pids[n++] = p->pid;
	}
	*ret_strangers = nstrangers;
	return n;
}

/* If no process of a user was there any more, its name is that of the file, or the number. */
static void add_left(const struct mml_scan *scan, struct mml_user_names *names,
		     const struct stranger *strangers, size_t n)
{
	const struct mml_users *users = NULL;
	bool loaded = false, unread = false;

	for (size_t i = 0; i < n; i++) {
		if (find(names, strangers[i].uid))
			continue;
		if (!loaded)
			users = mml_users_load(scan->take, &unread);
		loaded = true;
		if (unread)
			return;
		add(names, strangers[i].uid,
		    mml_users_name(users, scan->take->arena, strangers[i].uid));
	}
}

static void show(const struct mml_scan *scan, struct mml_user_names *names)
{
	struct name *last = NULL;

	for (size_t i = 0; i < names->n; i++)
		names->at[i].shown = NULL;
	for (size_t i = 0; i < scan->n; i++) {
		const struct mml_process *p = &scan->processes[i];

		if (!is_shown(p))
			continue;
		if (!last || last->uid != p->row->cell[PROCESSES_uid].u64)
			last = find(names, p->row->cell[PROCESSES_uid].u64);
		if (!last)
			continue;
		if (!last->shown)
			last->shown = mml_arena_strndup(scan->take->arena, last->text,
							strlen(last->text));
		mml_set_str(p->row, PROCESSES_user, last->shown);
	}
}

void mml_process_name_users(const struct mml_scan *scan, struct mml_process_state *state)
{
	struct stranger *strangers = mml_calloc(scan->n + 1, sizeof(*strangers));
	pid_t *pids = mml_calloc(scan->n + 1, sizeof(*pids));
	size_t n, nstrangers;

	if (!state->names)
		state->names = mml_calloc(1, sizeof(*state->names));
	if (strangers && pids && state->names) {
		n = find_strangers(scan, state->names, pids, strangers, &nstrangers);
		if (n)
			state->who->ask(state->who_state, MML_WHO_USER, pids, n, tell,
					state->names);
		add_left(scan, state->names, strangers, nstrangers);
		show(scan, state->names);
	}
	free(strangers);
	free(pids);
}
