/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/trouble.h"

/* A process younger than this may be about to run another program, or to be moved to its group, so
 * that it is looked at once more. */
static const uint64_t young_ns = 2000000000;

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

static uint64_t comm_hash(const struct mml_row *row)
{
	return mml_has(row, PROCESSES_comm) ? hash(row->cell[PROCESSES_comm].str) : 1;
}

bool mml_asked_stands(const struct mml_asked *asked, const struct mml_row *row)
{
	return asked->known && asked->settled && asked->comm == comm_hash(row);
}

void mml_asked_now(struct mml_asked *asked, const struct mml_row *row, uint64_t started,
		   uint64_t now_ns)
{
	asked->known = true;
	asked->comm = comm_hash(row);
	asked->settled = now_ns > started && now_ns - started > young_ns;
}

static bool stands(const struct mml_process *p)
{
	return p->same && mml_asked_stands(&p->memory->command, p->row);
}

bool mml_process_knows_command(const struct mml_scan *scan, const struct mml_process *p)
{
	return !(scan->needs & NEEDS_COMMAND) ||
	       (p->memory && p->memory->command.known && p->memory->command.settled);
}

void mml_process_lacks(struct mml_process *p, int err, const char *name, unsigned need)
{
	if (err == -EACCES || err == -EPERM) {
		p->refused |= need;
	} else if (err && err != -ENOENT && err != -ESRCH) {
		p->error = err;
		p->bad = name;
	}
}

/* The kernel hands over the whole of it at once, as far as there is room. */
static int read_cmdline(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir)
{
	int rc;

	w->buf.len = 0;
	rc = mml_dir_read(dir, "cmdline", true, &w->buf);
	p->command_read = !rc;
	mml_process_lacks(p, rc, "cmdline", NEEDS_COMMAND);
	if (!rc)
		p->command = mml_process_command(w->arena, w->buf.data, w->buf.len);
	return rc;
}

void mml_process_read_command(struct mml_reader *w, struct mml_process *p, const struct mml_dir *dir)
{
	bool anchor = dir->anchor && !strcmp(dir->anchor, "cmdline");
	int rc;

	if (p->gone || w->scan->identify || !(w->scan->needs & NEEDS_COMMAND))
		return;
	if (!anchor && (stands(p) || !p->has_mm))
		return;
	rc = read_cmdline(w, p, dir);
	if (anchor && (rc == -ESRCH || rc == -ENOENT))
		p->gone = true;
}

/* Is it still the process that the iterator has told of? */
static bool is_told(struct mml_reader *w, const struct mml_process *p, const struct mml_dir *dir)
{
	struct mml_pid_stat stat;

	w->buf.len = 0;
	return !mml_dir_read(dir, "stat", true, &w->buf) &&
	       !mml_pid_stat_parse((struct mml_span){ w->buf.data, w->buf.data + w->buf.len },
				   &stat) &&
	       mml_process_start(w->scan, &stat) == p->started;
}

void mml_process_read_command_alone(struct mml_reader *w, struct mml_process *p)
{
	struct mml_dir dir;
	char path[32];

	if (p->gone || !(w->scan->needs & NEEDS_COMMAND) || stands(p))
		return;
	snprintf(path, sizeof(path), "/proc/%d", (int)p->pid);
	if (mml_dir_open_anchor(w->scan->take->root, path, "cmdline", &dir))
		return;
	if (!p->task || is_told(w, p, &dir))
		read_cmdline(w, p, &dir);
	mml_dir_close(&dir);
}

void mml_process_remember_command(struct mml_process_memory *m, const struct mml_process *p,
				  uint64_t now_ns)
{
	if (!p->command_read)
		return;
	free((char *)m->who.command);
	m->who.command = p->command ? mml_strdup(p->command) : NULL;
	mml_asked_now(&m->command, p->row, p->started, now_ns);
}

/* Returns the command line of P. One that has memory and could not be asked may have one or not. */
static const char *command_of(struct mml_arena *arena, const struct mml_process *p)
{
	bool kept = !p->command_read && p->same && p->memory->command.known;
	const char *command = kept ? p->memory->who.command : p->command;

	if (command)
		return kept ? mml_arena_strndup(arena, command, strlen(command)) : command;
	if ((!p->command_read && !kept && p->has_mm) || !mml_has(p->row, PROCESSES_comm))
		return NULL;
	return mml_arena_printf(arena, "[%s]", p->row->cell[PROCESSES_comm].str);
}

void mml_process_show_commands(const struct mml_scan *scan)
{
	for (size_t i = 0; i < scan->n; i++) {
		struct mml_process *p = &scan->processes[i];

		if (!p->gone)
			mml_set_str(p->row, PROCESSES_command, command_of(scan->take->arena, p));
	}
}
