/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <inttypes.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../cgroup/hierarchy.h"
#include "../cgroup/name.h"

struct user {
	uint64_t uid;
	struct mml_span name;
};

struct mml_users {
	size_t n;
	struct user at[];
};

static int user_order(const void *a, const void *b)
{
	uint64_t x = ((const struct user *)a)->uid, y = ((const struct user *)b)->uid;

	return x < y ? -1 : x > y;
}

/* "root:x:0:0:root:/root:/bin/bash". If a uid has several names, the first one is used. */
const struct mml_users *mml_users_load(struct mml_take *take, bool *ret_unread)
{
	struct mml_span text, rest, line, field;
	struct mml_users *users;
	size_t lines = 0;
	int rc = mml_take_file(take, NULL, "/etc/passwd", &text);

	*ret_unread = rc && rc != -ENOENT && rc != -ENOTDIR;
	if (rc)
		return NULL;
	for (rest = text; mml_next_line(&rest, &line);)
		lines++;
	users = mml_arena_alloc(take->arena, sizeof(*users) + lines * sizeof(*users->at));
	if (!users)
		return NULL;
	while (mml_next_line(&text, &line)) {
		struct user *user = &users->at[users->n];

		if (mml_next_field(&line, ':', &user->name) && mml_span_len(user->name) &&
		    mml_next_field(&line, ':', &field) && mml_next_field(&line, ':', &field) &&
		    !mml_parse_u64(field, &user->uid))
			users->n++;
	}
	/* qsort() may swap equal ones, but the first must stay in front. */
	for (size_t i = 1; i < users->n; i++)
		for (size_t k = i; k && user_order(&users->at[k - 1], &users->at[k]) > 0; k--) {
			struct user swap = users->at[k];

			users->at[k] = users->at[k - 1];
			users->at[k - 1] = swap;
		}
	return users;
}

const char *mml_users_name(const struct mml_users *users, struct mml_arena *arena, uint64_t uid)
{
	size_t low = 0, high = users ? users->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (users->at[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	if (users && low < users->n && users->at[low].uid == uid)
		return mml_arena_strndup(arena, users->at[low].name.p,
					 mml_span_len(users->at[low].name));
	return mml_arena_printf(arena, "%" PRIu64, uid);
}

/* A process may be in groups of several hierarchies. The first that has a unit tells the unit, and the
 * last that has a container tells that. */
static void parse_path(struct mml_arena *arena, struct mml_span path, struct mml_ident *ret)
{
	struct mml_cgroup_name name;

	mml_cgroup_name_path(arena, path, &name);
	if (!ret->unit)
		ret->unit = name.unit;
	if (name.container)
		ret->container = name.container;
}

void mml_cgroup_parse(struct mml_arena *arena, struct mml_span text, struct mml_ident *ret)
{
	struct mml_cgroup_lines lines;
	struct mml_span charged;

	mml_cgroup_lines(text, &lines);
	charged = mml_cgroup_charged(&lines);
	if (!charged.p)
		return;
	ret->cgroup = mml_arena_strndup(arena, charged.p, mml_span_len(charged));
	if (lines.unified.p)
		parse_path(arena, lines.unified, ret);
	if (lines.systemd.p)
		parse_path(arena, lines.systemd, ret);
	if (lines.memory.p)
		parse_path(arena, lines.memory, ret);
}

/* The same names as tty_name() in the kernel's drivers: pts/3, tty1, ttyS0. */
const char *mml_tty_name(struct mml_arena *arena, int64_t tty)
{
	unsigned dev = (unsigned)tty, major = dev >> 8 & 0xfff;
	unsigned minor = (dev & 0xff) | (dev >> 12 & 0xfff00);

	if (!tty)
		return NULL;
	if (major >= 136 && major <= 143)
		return mml_arena_printf(arena, "pts/%u", minor + (major - 136) * 256);
	if (major == 4)
		return mml_arena_printf(arena, minor < 64 ? "tty%u" : "ttyS%u",
					minor < 64 ? minor : minor - 64);
	if (major == 5 && minor == 1)
		return "console";
	return mml_arena_printf(arena, "%u:%u", major, minor);
}

/* Each argument ends with a NUL. Programs that write over their arguments leave more NULs at the
 * end. */
const char *mml_process_command(struct mml_arena *arena, const char *args, size_t len)
{
	char *command;

	while (len && !args[len - 1])
		len--;
	if (!len)
		return NULL;
	command = mml_arena_strndup(arena, args, len);
	for (size_t i = 0; command && i < len; i++)
		if (!command[i])
			command[i] = ' ';
	return command;
}

/* The kernel hands over cmdline at once only as far as there is room. */
static bool read_who(struct mml_process *p, const struct mml_dir *dir, const char *name, unsigned need,
		     struct mml_buf *buf)
{
	int rc;

	buf->len = 0;
	rc = mml_dir_read(dir, name, need == NEEDS_CGROUP, buf);
	mml_process_lacks(p, rc, name, need);
	return !rc;
}

void mml_process_identify(const struct mml_scan *scan, struct mml_arena *arena,
			  const struct mml_dir *dir, struct mml_buf *buf, struct mml_process *p)
{
	struct mml_ident who = { 0 };
	struct mml_row *row = p->row;

	if (scan->needs & NEEDS_USER && mml_has(row, PROCESSES_uid) && !scan->users_unread)
		mml_set_str(row, PROCESSES_user,
			    mml_users_name(scan->users, arena, row->cell[PROCESSES_uid].u64));
	if (scan->needs & NEEDS_COMMAND) {
		if (p->has_mm && read_who(p, dir, "cmdline", NEEDS_COMMAND, buf))
			who.command = mml_process_command(arena, buf->data, buf->len);
		if (!who.command && mml_has(row, PROCESSES_comm) && !(p->refused & NEEDS_COMMAND) && !p->error)
			who.command = mml_arena_printf(arena, "[%s]", row->cell[PROCESSES_comm].str);
		mml_set_str(row, PROCESSES_command, who.command);
	}
	if (!(scan->needs & NEEDS_CGROUP))
		return;
	if (read_who(p, dir, "cgroup", NEEDS_CGROUP, buf))
		mml_cgroup_parse(arena, (struct mml_span){ buf->data, buf->data + buf->len }, &who);
	mml_set_str(row, PROCESSES_cgroup, who.cgroup);
	mml_set_str(row, PROCESSES_unit, who.unit);
	mml_set_str(row, PROCESSES_container, who.container);
}
