/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hierarchy.h"

#include <errno.h>

#include "../../core/text.h"

/* The inode of the first cgroup namespace, which never changes (PROC_CGROUP_INIT_INO). */
static const uint64_t first_namespace = 0xeffffffb;

static bool has_word(struct mml_span list, const char *word)
{
	struct mml_span part;

	while (mml_next_field(&list, ',', &part))
		if (mml_span_eq(part, word))
			return true;
	return false;
}

/*
 * 0::/user.slice/user-1000.slice/session-1.scope                      version 2
 * 4:memory:/docker/8b1f...                                            version 1
 * 1:name=systemd:/system.slice/ssh.service
 *
 * A path may have colons in it.
 */
void mml_cgroup_lines(struct mml_span text, struct mml_cgroup_lines *ret)
{
	struct mml_span line, id, controllers;

	*ret = (struct mml_cgroup_lines){ 0 };
	while (mml_next_line(&text, &line)) {
		if (!mml_next_field(&line, ':', &id) || !mml_next_field(&line, ':', &controllers) ||
		    line.p == line.end)
			continue;
		if (has_word(controllers, "memory"))
			ret->memory = line;
		else if (has_word(controllers, "name=systemd"))
			ret->systemd = line;
		else if (!mml_span_len(controllers))
			ret->unified = line;
	}
}

struct mount {
	struct mml_span root, point, type, options;
};

/*
 * 35 32 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
 * 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
 * id parent device root point options [tags] - type source options-of-the-file-system
 */
static bool parse_mount(struct mml_span line, struct mount *ret)
{
	struct mml_span word;

	for (int i = 0; i < 3; i++)
		if (!mml_next_token(&line, &word))
			return false;
	if (!mml_next_token(&line, &ret->root) || !mml_next_token(&line, &ret->point))
		return false;
	while (mml_next_token(&line, &word))
		if (mml_span_eq(word, "-"))
			return mml_next_token(&line, &ret->type) && mml_next_token(&line, &word) &&
			       mml_next_token(&line, &ret->options);
	return false;
}

static unsigned version_of(const struct mount *mount)
{
	if (mml_span_eq(mount->type, "cgroup2"))
		return 2;
	return mml_span_eq(mount->type, "cgroup") && has_word(mount->options, "memory") ? 1 : 0;
}

static bool leads_above(const struct mount *mount)
{
	return mml_span_starts(mount->root, "/..");
}

/* Memory is in a hierarchy of version 1 if there is one with its controller. Of several mounts of a
 * hierarchy, the one that shows most of it is the best. */
static bool is_better(const struct mount *a, const struct mount *b)
{
	if (!b->root.p || version_of(a) != version_of(b))
		return !b->root.p || version_of(a) < version_of(b);
	if (leads_above(a) != leads_above(b))
		return leads_above(b);
	return mml_span_len(a->root) < mml_span_len(b->root);
}

static bool find_mount(struct mml_span text, struct mount *ret)
{
	struct mml_span line;
	struct mount mount;

	*ret = (struct mount){ 0 };
	while (mml_next_line(&text, &line))
		if (parse_mount(line, &mount) && version_of(&mount) && is_better(&mount, ret))
			*ret = mount;
	return ret->root.p;
}

static int use_mount(struct mml_take *take, const struct mount *mount, struct mml_cgroup_fs *ret)
{
	char *root = mml_unescape(take->arena, mount->root);

	ret->version = version_of(mount);
	ret->dir = mml_unescape(take->arena, mount->point);
	if (!root || !ret->dir)
		return -ENOMEM;
	ret->above = leads_above(mount);
	ret->prefix = ret->above || !strcmp(root, "/") ? "" : root;
	return 0;
}

static bool exists(struct mml_take *take, const char *dir, const char *name)
{
	struct mml_span text;

	return !mml_take_filef(take, &text, "%s/%s", dir, name);
}

/* A tree that was made by hand may have nothing but the groups. */
static bool guess_mount(struct mml_take *take, struct mml_cgroup_fs *ret)
{
	static const char *const old[] = { "/sys/fs/cgroup/memory", "/cgroup/memory" };
	static const char new[] = "/sys/fs/cgroup";

	if (mml_root_live(take->root))
		return false;
	ret->prefix = "";
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		if (mml_take_names(take, old[i]) && !exists(take, old[i], "memory.current")) {
			ret->version = 1;
			ret->dir = old[i];
			return true;
		}
	ret->version = 2;
	ret->dir = new;
	return mml_take_names(take, new);
}

/* The root of version 2 has no file that tells of its limits or events. For version 1, only the
 * namespace and the mount tell. */
static bool is_whole(struct mml_take *take, const struct mml_cgroup_fs *fs)
{
	static const char mark[] = "cgroup:[";
	struct mml_span target, number;
	struct mml_buf link = { 0 };
	uint64_t inode = first_namespace;

	if (fs->version == 2)
		return !exists(take, fs->dir, "cgroup.events") &&
		       !exists(take, fs->dir, "memory.current");
	if (!mml_root_readlink(take->root, "/proc/self/ns/cgroup", &link)) {
		target = mml_span_str(link.data);
		if (mml_span_starts(target, mark)) {
			target.p += strlen(mark);
			mml_next_field(&target, ']', &number);
			if (mml_parse_u64(number, &inode))
				inode = first_namespace;
		}
	}
	mml_buf_free(&link);
	return !*fs->prefix && !fs->above && inode == first_namespace;
}

static int find_self(struct mml_take *take, struct mml_cgroup_fs *ret)
{
	struct mml_cgroup_lines lines;
	struct mml_span text, path;

	if (mml_take_file(take, NULL, "/proc/self/cgroup", &text))
		return 0;
	mml_cgroup_lines(text, &lines);
	path = ret->version == 1 ? lines.memory : lines.unified;
	if (!path.p || ret->above)
		return 0;
	ret->self = mml_arena_strndup(take->arena, path.p, mml_span_len(path));
	return ret->self ? 0 : -ENOMEM;
}

int mml_cgroup_fs_find(struct mml_take *take, struct mml_table *table, struct mml_cgroup_fs *ret)
{
	static const char mounts[] = "/proc/self/mountinfo";
	struct mml_span text;
	struct mount mount;
	int rc = mml_take_file(take, NULL, mounts, &text);

	*ret = (struct mml_cgroup_fs){ 0 };
	if (!mml_take_there(take, table, mounts))
		return table->error;
	if (rc == -ENOMEM)
		return mml_table_fail(table, rc, NULL, "out of memory");
	if (!rc && find_mount(text, &mount))
		rc = use_mount(take, &mount, ret);
	else
		rc = guess_mount(take, ret) ? 0 : -ENOENT;
	if (rc == -ENOENT)
		return mml_table_fail(table, rc,
				      "a kernel with CONFIG_MEMCG, and cgroup2 mounted (or cgroup "
				      "with the memory controller)",
				      "no control groups are mounted that could count memory");
	ret->whole = !rc && is_whole(take, ret);
	if (!rc)
		rc = find_self(take, ret);
	return rc ? mml_table_fail(table, rc, NULL, "out of memory") : 0;
}
