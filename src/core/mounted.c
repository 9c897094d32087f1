/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mounted.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "trouble.h"

/* hidepid is a number, or a word since 5.8. */
static unsigned hidepid_parse(struct mml_span value)
{
	static const struct {
		const char *word;
		unsigned mode;
	} words[] = { { "off", MML_HIDEPID_OFF },
		      { "noaccess", MML_HIDEPID_NOACCESS },
		      { "invisible", MML_HIDEPID_INVISIBLE },
		      { "ptraceable", MML_HIDEPID_PTRACEABLE } };
	uint64_t n;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mml_span_eq(value, words[i].word))
			return words[i].mode;
	return mml_parse_u64(value, &n) || n > MML_HIDEPID_PTRACEABLE ? 0 : (unsigned)n;
}

static void option_parse(struct mml_span option, struct mml_mounted *ret, uint64_t *ret_gid)
{
	struct mml_span key;

	if (!mml_next_field(&option, '=', &key))
		return;
	if (mml_span_eq(key, "hidepid"))
		ret->hidepid = hidepid_parse(option);
	else if (mml_span_eq(key, "subset"))
		ret->subset_pid = mml_span_eq(option, "pid");
	else if (mml_span_eq(key, "gid") && mml_parse_u64(option, ret_gid))
		*ret_gid = 0;
}

/* 65 46 0:39 / /proc rw,relatime - proc proc rw,gid=4,hidepid=invisible */
static bool line_parse(struct mml_span line, struct mml_mounted *ret, uint64_t *ret_gid)
{
	struct mml_span tok, option;

	for (int i = 0; i < 5; i++)
		if (!mml_next_token(&line, &tok))
			return false;
	if (!mml_span_eq(tok, "/proc"))
		return false;
	/* Optional fields end at the dash. */
	while (mml_next_token(&line, &tok) && !mml_span_eq(tok, "-"))
		;
	*ret = (struct mml_mounted){ 0 };
	*ret_gid = 0;
	if (!mml_next_token(&line, &tok))
		return false;
	ret->proc = mml_span_eq(tok, "proc");
	if (!mml_next_token(&line, &tok) || !mml_next_token(&line, &tok))
		return ret->proc;
	while (mml_next_field(&tok, ',', &option))
		option_parse(option, ret, ret_gid);
	return ret->proc;
}

bool mml_mounted_parse(struct mml_span text, struct mml_mounted *ret, uint64_t *ret_gid)
{
	struct mml_span line;

	*ret = (struct mml_mounted){ 0 };
	*ret_gid = 0;
	while (mml_next_line(&text, &line))
		line_parse(line, ret, ret_gid);
	return ret->proc;
}

/* Returns whether hidepid does not concern this process: fs/proc/base.c, has_pid_permissions(). */
static bool sees_all(const struct mml_mounted *mounted, uint64_t gid)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	gid_t *groups;
	bool member = getegid() == gid;
	int n;

	if (!syscall(SYS_capget, &header, data) &&
	    data[CAP_SYS_PTRACE / 32].effective & 1U << CAP_SYS_PTRACE % 32)
		return true;
	if (mounted->hidepid == MML_HIDEPID_PTRACEABLE)
		return false;
	n = getgroups(0, NULL);
	groups = n > 0 ? mml_malloc((size_t)n * sizeof(*groups)) : NULL;
	n = groups ? getgroups(n, groups) : 0;
	for (int i = 0; i < n; i++)
		member |= groups[i] == gid;
	free(groups);
	return member;
}

static bool is_mounted(struct mml_root *root, const char *path, long magic)
{
	int fd = mml_root_openfd(root, path);
	struct statfs fs;
	bool is;

	if (fd < 0)
		return false;
	is = !fstatfs(fd, &fs) && fs.f_type == magic;
	close(fd);
	return is;
}

/* Reads the mounts of this process. A capture does not keep them: they are about the watcher. */
static int read_mounts(struct mml_root *root, struct mml_buf *text)
{
	int fd = mml_root_openfd(root, "/proc/self/mountinfo"), rc = 0;
	char part[4096];
	ssize_t n = 0;

	if (fd < 0)
		return fd;
	while ((n = read(fd, part, sizeof(part))) > 0)
		mml_buf_put(text, part, (size_t)n);
	if (n < 0)
		rc = -errno;
	close(fd);
	return rc ? rc : text->error;
}

/* What a recording keeps of this in place of the mounts: words for what is not as usual. */
static const char saved_path[] = "/mmlens/mounted";

static void save(struct mml_root *root, const struct mml_mounted *mounted)
{
	struct mml_buf text = { 0 };

	mml_buf_printf(&text, "%s%s%s", mounted->proc ? "" : "no-proc\n", mounted->sys ? "" : "no-sys\n",
		       mounted->subset_pid ? "subset=pid\n" : "");
	if (text.len && !text.error)
		mml_root_save(root, saved_path, text.data, text.len);
	mml_buf_free(&text);
}

static void read_saved(struct mml_root *root, struct mml_mounted *ret)
{
	struct mml_buf text = { 0 };
	struct mml_span rest, line;

	if (mml_root_missing(root, saved_path) == MML_MISSING_THERE &&
	    !mml_root_read(root, saved_path, &text))
		for (rest = (struct mml_span){ text.data, text.data + text.len };
		     mml_next_line(&rest, &line);) {
			ret->proc &= !mml_span_eq(line, "no-proc");
			ret->sys &= !mml_span_eq(line, "no-sys");
			ret->subset_pid |= mml_span_eq(line, "subset=pid");
		}
	mml_buf_free(&text);
}

void mml_mounted_read(struct mml_root *root, struct mml_mounted *ret)
{
	struct mml_buf text = { 0 };
	struct mml_mounted found;
	uint64_t gid;

	*ret = (struct mml_mounted){ .proc = true, .sys = true };
	if (!mml_root_live(root)) {
		read_saved(root, ret);
		return;
	}
	ret->sys = is_mounted(root, "/sys", SYSFS_MAGIC);
	ret->proc = is_mounted(root, "/proc", PROC_SUPER_MAGIC);
	if (ret->proc && !read_mounts(root, &text) &&
	    mml_mounted_parse((struct mml_span){ text.data, text.data + text.len }, &found, &gid)) {
		ret->subset_pid = found.subset_pid;
		ret->hidepid = found.hidepid && !sees_all(&found, gid) ? found.hidepid : 0;
	}
	save(root, ret);
	mml_buf_free(&text);
}

/* Is the file PATH below /proc one that subset=pid leaves in place? */
static bool is_of_process(const char *path)
{
	const char *name = path + strlen("/proc/");

	return (*name >= '0' && *name <= '9') || !strncmp(name, "self", 4) ||
	       !strncmp(name, "thread-self", 11);
}

const char *mml_missing_words(struct mml_root *root, const char *path, const char **ret_needs)
{
	struct mml_mounted mounted;

	switch (mml_root_missing(root, path)) {
	case MML_MISSING_FROM_TREE:
		/* What it would take to have the file there is no concern of whoever looks at a tree. */
		*ret_needs = NULL;
		return "not in this tree";
	case MML_MISSING_UNASKED:
		*ret_needs = "a recording of it";
		return "not recorded";
	case MML_MISSING_THERE:
		mml_mounted_read(root, &mounted);
	}
	if (!strncmp(path, "/sys", 4) && !mounted.sys) {
		*ret_needs = "sysfs mounted at /sys";
		return "no sysfs is mounted at /sys";
	}
	if (!strncmp(path, "/proc", 5) && !mounted.proc) {
		*ret_needs = "procfs mounted at /proc";
		return "no procfs is mounted at /proc";
	}
	if (!strncmp(path, "/proc/", 6) && mounted.subset_pid && !is_of_process(path)) {
		*ret_needs = "procfs mounted without subset=pid";
		return "/proc is mounted subset=pid";
	}
	return "not on this kernel";
}
