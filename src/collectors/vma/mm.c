/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mm.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../../core/mounted.h"

/* Fields of stat, with their numbers in proc(5). */
enum { STATE = 3, FLAGS = 9, STARTTIME = 22, LAST = 51 };
enum { PF_KTHREAD = 0x00200000 };

static uint64_t *stat_field(struct mml_mm *mm, int field)
{
	switch (field) {
	case STARTTIME:
		return &mm->started;
	case 26:
		return &mm->start_code;
	case 27:
		return &mm->end_code;
	case 28:
		return &mm->start_stack;
	case 45:
		return &mm->start_data;
	case 46:
		return &mm->end_data;
	case 47:
		return &mm->start_brk;
	case 48:
		return &mm->arg_start;
	case 49:
		return &mm->arg_end;
	case 50:
		return &mm->env_start;
	case LAST:
		return &mm->env_end;
	}
	return NULL;
}

/*
 * 1 (systemd) S 0 1 1 0 -1 4194560 ...
 *
 * The name may have blanks and brackets in it, so that fields are counted from the last bracket on.
 * Before 3.5, the line ends at field 44. What is missing stays 0.
 */
int mml_mm_parse(struct mml_span text, struct mml_mm *ret)
{
	const char *bracket = mml_span_len(text) ? memrchr(text.p, ')', mml_span_len(text)) : NULL;
	struct mml_span rest, tok;

	if (!bracket)
		return -EINVAL;
	rest = (struct mml_span){ bracket + 1, text.end };
	if (rest.end > rest.p && rest.end[-1] == '\n')
		rest.end--;
	for (int field = STATE; field <= LAST && mml_next_token(&rest, &tok); field++) {
		uint64_t *to = stat_field(ret, field), flags;

		if (field == STATE) {
			ret->state = *tok.p;
		} else if (field == FLAGS) {
			if (mml_parse_u64(tok, &flags))
				return -EINVAL;
			ret->kthread = flags & PF_KTHREAD;
		} else if (to && mml_parse_u64(tok, to)) {
			return -EINVAL;
		}
	}
	ret->known = true;
	return ret->state ? 0 : -EINVAL;
}

/* Returns whether there is such a process, in /proc or not: kill() does not look there. */
static bool exists(struct mml_take *take, pid_t pid)
{
	return mml_root_live(take->root) && (!kill(pid, 0) || errno == EPERM);
}

int mml_mm_missing(struct mml_take *take, struct mml_table *table, pid_t pid)
{
	static const char needs[] =
		"the process's own user, root, or a procfs mounted without hidepid";
	struct mml_mounted mounted;

	mml_mounted_read(take->root, &mounted);
	if (!mounted.proc)
		return mml_table_missing(take, table, "/proc", NULL);
	if (mounted.hidepid && exists(take, pid))
		return mml_table_fail(table, -EACCES, needs,
				      "process %d is hidden from this user: /proc is mounted "
				      "hidepid=%u",
				      (int)pid, mounted.hidepid);
	return mml_table_fail(table, -ESRCH, NULL, "no process %d%s", (int)pid,
			      mml_root_live(take->root) ? "" : " in this tree");
}

/* Whether ERR is something else than that there is no such process. */
static bool is_error(int err)
{
	return err && err != -ENOENT && err != -ESRCH && err != -ENOTDIR;
}

static int refused(struct mml_take *take, struct mml_table *table, pid_t pid, const char *path, int err)
{
	struct mml_absence why;

	if (err == -EACCES || err == -EPERM) {
		struct mml_mounted mounted;

		mml_mounted_read(take->root, &mounted);
		if (mounted.hidepid)
			return mml_mm_missing(take, table, pid);
	}
	why = mml_absence_of(take->arena, take->root, NULL, path, err);
	return mml_table_fail(table, err, why.needs, "%s", why.reason);
}

int mml_mm_take(struct mml_take *take, struct mml_table *table, pid_t pid, struct mml_mm *ret)
{
	struct mml_buf names = { 0 };
	struct mml_span text;
	char dir[32], stat[40];
	int rc;

	*ret = (struct mml_mm){ .pid = pid };
	snprintf(dir, sizeof(dir), "/proc/%d", (int)pid);
	snprintf(stat, sizeof(stat), "%s/stat", dir);
	rc = mml_take_file(take, NULL, stat, &text);
	if (!rc)
		return mml_mm_parse(text, ret) ?
			       mml_table_fail(table, -EBADMSG, NULL,
					      "/proc/%d/stat: not what the kernel writes", (int)pid) :
			       0;
	if (is_error(rc))
		return refused(take, table, pid, stat, rc);
	if (mml_root_live(take->root))
		return mml_mm_missing(take, table, pid);
	if (mml_take_names(take, dir))
		return 0;
	rc = mml_root_list(take->root, dir, &names);
	mml_buf_free(&names);
	return is_error(rc) ? refused(take, table, pid, dir, rc) : mml_mm_missing(take, table, pid);
}

static bool overlap(uint64_t a, uint64_t b, uint64_t start, uint64_t end)
{
	return a > 1 && (a == b ? a >= start && a < end : a < end && b > start);
}

const char *mml_mm_holds(const struct mml_mm *mm, uint64_t start, uint64_t end, char *buf)
{
	const struct {
		const char *word;
		uint64_t a, b;
	} parts[] = {
		{ "code", mm->start_code, mm->end_code },
		{ "data", mm->start_data, mm->end_data },
		{ "brk", mm->start_brk, mm->start_brk },
		{ "stack", mm->start_stack, mm->start_stack },
		{ "args", mm->arg_start, mm->arg_end },
		{ "env", mm->env_start, mm->env_end },
	};
	char *at = buf;

	*at = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (overlap(parts[i].a, parts[i].b, start, end)) {
			if (at > buf)
				*at++ = ' ';
			at = stpcpy(at, parts[i].word);
		}
	return buf;
}

const char *mml_mm_why_empty(const struct mml_mm *mm)
{
	if (mm->kthread)
		return "a kernel thread: it has no address space of its own";
	if (mm->state == 'Z' || mm->state == 'X')
		return "it has ended and is waiting to be reaped: its address space is gone";
	return NULL;
}
