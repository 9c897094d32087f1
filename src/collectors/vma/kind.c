/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kind.h"

#include <errno.h>
#include <string.h>

/* Returns the value of the option "huge=" of a tmpfs, which is the last word of the line. */
static const char *huge_option(struct mml_arena *arena, struct mml_span line)
{
	static const char key[] = "huge=";
	struct mml_span word, option;

	if (!mml_next_token(&line, &word) || !mml_next_token(&line, &word))
		return NULL;
	while (mml_next_field(&word, ',', &option))
		if (mml_span_starts(option, key))
			return mml_arena_strndup(arena, option.p + strlen(key),
						 mml_span_len(option) - strlen(key));
	return NULL;
}

/* The type behind the optional fields, as in " - tmpfs", says what is known of the file system. */
static bool fs_parse(struct mml_arena *arena, struct mml_span line, struct mml_mount *ret)
{
	static const char *const memory[] = { "tmpfs", "ramfs" };
	static const char *const local[] = { "overlay", "btrfs", "zfs", "bcachefs", "rootfs" };
	const char *dash = mml_span_len(line) ? memmem(line.p, mml_span_len(line), " - ", 3) : NULL;
	struct mml_span type;

	*ret = (struct mml_mount){ 0 };
	if (!dash)
		return false;
	line.p = dash + 3;
	if (!mml_next_token(&line, &type))
		return false;
	ret->hugetlb = mml_span_eq(type, "hugetlbfs");
	for (size_t i = 0; i < sizeof(memory) / sizeof(*memory); i++)
		ret->memory |= mml_span_eq(type, memory[i]);
	ret->local = ret->hugetlb || ret->memory;
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		ret->local |= mml_span_eq(type, local[i]);
	if (ret->memory)
		ret->huge = huge_option(arena, line);
	return ret->local;
}

/* 36 35 0:31 / /dev/shm rw,nosuid master:1 - tmpfs tmpfs rw,huge=always */
static bool mount_parse(struct mml_arena *arena, struct mml_span line, struct mml_mount *ret)
{
	struct mml_span tok, major;
	uint64_t a, b;

	if (!fs_parse(arena, line, ret))
		return false;
	for (int i = 0; i < 3; i++)
		if (!mml_next_token(&line, &tok))
			return false;
	if (!mml_next_field(&tok, ':', &major) || mml_parse_u64(major, &a) ||
	    mml_parse_u64(tok, &b) || a > UINT32_MAX || b > UINT32_MAX)
		return false;
	ret->major = (uint32_t)a;
	ret->minor = (uint32_t)b;
	return true;
}

int mml_mounts_parse(struct mml_arena *arena, struct mml_span text, struct mml_mounts *mounts)
{
	struct mml_span line, rest = text;
	size_t lines = 0;

	while (mml_next_line(&rest, &line))
		lines++;
	mounts->list = mml_arena_alloc(arena, (lines + 1) * sizeof(*mounts->list));
	if (!mounts->list)
		return -ENOMEM;
	while (mml_next_line(&text, &line))
		mounts->n += mount_parse(arena, line, &mounts->list[mounts->n]);
	return 0;
}

const struct mml_mount *mml_mounts_find(struct mml_take *take, struct mml_mounts *mounts, pid_t pid,
					uint32_t minor)
{
	struct mml_span text;

	if (!mounts->read) {
		mounts->read = true;
		if (!mml_take_filef(take, &text, "/proc/%d/mountinfo", (int)pid))
			mml_mounts_parse(take->arena, text, mounts);
	}
	for (size_t i = 0; i < mounts->n; i++)
		if (!mounts->list[i].major && mounts->list[i].minor == minor)
			return &mounts->list[i];
	return NULL;
}

static const char *special_kind(struct mml_span name)
{
	static const struct {
		const char *prefix, *kind;
	} names[] = {
		{ "[heap]", "heap" },       { "[stack", "stack" },	{ "[vdso", "vdso" },
		{ "[vvar", "vvar" },	    { "[vsyscall", "vsyscall" }, { "[anon:", "anon" },
		{ "[anon_shmem:", "shmem" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mml_span_starts(name, names[i].prefix))
			return names[i].kind;
	return "special";
}

/* Memory that the kernel keeps in a file without a real name has one of these names. */
static const char *nameless_kind(struct mml_span name)
{
	if (mml_span_starts(name, "/anon_hugepage"))
		return "hugetlb";
	if (mml_span_starts(name, "/memfd:") || mml_span_starts(name, "/SYSV") ||
	    mml_span_eq(name, "/dev/zero (deleted)") || mml_span_starts(name, "/dev/shm/"))
		return "shmem";
	if (mml_span_eq(name, "/secretmem (deleted)"))
		return "secretmem";
	return NULL;
}

const char *mml_map_kind(struct mml_take *take, struct mml_mounts *mounts, pid_t pid,
			 const struct mml_map *map)
{
	const struct mml_mount *mount;
	const char *kind;

	if (map->name.p == map->name.end)
		return strncmp(map->perms, "---p", 4) ? "anon" : "reserve";
	if (*map->name.p == '[')
		return special_kind(map->name);
	kind = nameless_kind(map->name);
	if (kind)
		return kind;
	/* What a private mapping of it has is the process's own from the first touch. */
	if (mml_span_eq(map->name, "/dev/zero") && map->perms[3] == 'p')
		return "anon";
	/* Only devices with major number 0, which have no disk behind them, can be file systems in
	 * memory. */
	mount = map->major ? NULL : mml_mounts_find(take, mounts, pid, map->minor);
	if (mount && mount->hugetlb)
		return "hugetlb";
	if (*map->name.p != '/' || mml_span_starts(map->name, "/dev/"))
		return "device";
	if (map->perms[2] == 'x')
		return "text";
	if (mount && mount->memory)
		return "shmem";
	return map->perms[1] == 'w' && map->perms[3] == 'p' ? "data" : "file";
}
