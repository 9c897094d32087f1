/* Where the kernel has no openat2(), files of a tree are found name by name, and are the same files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/source/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "../tap.h"
#include "tree.h"

static uint64_t seed = 88172645463325252;

static unsigned any(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % n);
}

static int by_kernel(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* The file that FD is, in words, or the error it is. Closes it. */
static void identify(int fd, char *ret, size_t len)
{
	struct stat st;

	if (fd < 0) {
		snprintf(ret, len, "%s", strerrorname_np(-fd));
		return;
	}
	if (fstat(fd, &st))
		exit(99);
	snprintf(ret, len, "%llx:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	close(fd);
}

/* Returns whether both find the same. */
static bool same(int dirfd, const char *path, int how)
{
	char want[64], got[64];

	identify(by_kernel(dirfd, path, how), want, sizeof(want));
	identify(mml_inside_walk(dirfd, path, how, 0), got, sizeof(got));
	if (strcmp(want, got))
		printf("# \"%s\" with %#x: %s, %s\n", path, (unsigned)how, want, got);
	return !strcmp(want, got);
}

static const int flags[] = {
	O_RDONLY | O_NONBLOCK | O_CLOEXEC,	       O_PATH | O_CLOEXEC,
	O_PATH | O_NOFOLLOW | O_CLOEXEC,	       O_RDONLY | O_DIRECTORY | O_CLOEXEC,
	O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, O_PATH | O_DIRECTORY | O_CLOEXEC,
	O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,	O_WRONLY | O_NONBLOCK | O_CLOEXEC,
};

static void plant(struct tree *t)
{
	static const char *const links[][2] = {
		{ "/a/b", "/abs" },   { "../../../../a", "/up" },	{ "b/../..", "/a/out" },
		{ "loop", "/loop" },  { "nowhere", "/dangling" },	{ "/", "/slash" },
		{ ".", "/dot" },      { "/a/file", "/tofile" },		{ "a/b/", "/trail" },
		{ "..", "/a/b/two" }, { "/etc/passwd", "/a/b/victim" }, { "/a/b/../../a/b/deep", "/long" },
	};
	char path[512];

	tree_file(t, "/a/file", "1\n");
	tree_file(t, "/a/b/deep", "2\n");
	tree_file(t, "/secret/file", "3\n");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(path, sizeof(path), "%s%s", t->dir, links[i][1]);
		if (symlink(links[i][0], path))
			exit(99);
	}
	snprintf(path, sizeof(path), "%s/fifo", t->dir);
	if (mkfifo(path, 0600))
		exit(99);
}

static void at_random(int dirfd)
{
	static const char *const names[] = { "a",     "b",   "file",   "deep",	"..",	 ".",	 "",
					     "abs",   "up",  "out",    "loop",	"slash", "dot",	 "tofile",
					     "trail", "two", "victim", "long",	"fifo",	 "none", "dangling",
					     "a",     "b",   "..",     "secret" };
	unsigned differ = 0;
	char path[256];

	for (unsigned i = 0; i < 30000; i++) {
		unsigned n = 1 + any(7);

		*path = '\0';
		for (unsigned k = 0; k < n; k++) {
			strcat(path, any(4) || k ? "/" : "");
			strcat(path, names[any(sizeof(names) / sizeof(*names))]);
		}
		strcat(path, any(6) ? "" : "/");
		differ += !same(dirfd, path, flags[any(sizeof(flags) / sizeof(*flags))]);
	}
	tap_ok(!differ, "30000 paths lead where openat2() leads");
}

/* Nothing that exists only outside is found, and links of procfs do not lead out. */
static void outside(int dirfd)
{
	static const char *const magic[] = { "/proc/self/root", "/proc/self/exe",      "/proc/self/cwd/..",
					     "/proc/self/fd/0", "/proc/self/task/1/exe", "/proc/self",
					     "/proc/mounts",	"/proc/self/status",   "/proc/net",
					     "/proc/self/ns/mnt", "/proc/thread-self/root/etc" };
	int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[64];

	identify(mml_inside_walk(dirfd, "/../../../../etc/passwd", O_RDONLY, 0), name, sizeof(name));
	is_str(name, "ENOENT");
	identify(mml_inside_walk(dirfd, "", O_RDONLY, 0), name, sizeof(name));
	is_str(name, "ENOENT");
	identify(mml_inside_walk(top, "/proc/self/root/etc", O_PATH, 0), name, sizeof(name));
	is_str(name, "ELOOP");
	for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++)
		tap_ok(same(top, magic[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK), "%s", magic[i]);
	close(top);
}

/* What is made is made inside, by way of links too. */
static void made(int dirfd)
{
	static const char *const paths[][2] = {
		{ "/abs/new", "/a/b/new" }, { "/up/b/two/more", "/a/more" }, { "/dangling", "/nowhere" },
	};
	const int how = O_WRONLY | O_CREAT | O_CLOEXEC;
	char one[64], other[64];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		identify(mml_inside_walk(dirfd, paths[i][0], how, 0600), one, sizeof(one));
		identify(mml_inside_walk(dirfd, paths[i][1], O_PATH, 0), other, sizeof(other));
		tap_ok(strchr(one, ':') && !strcmp(one, other), "%s is %s", paths[i][0], paths[i][1]);
	}
	identify(mml_inside_walk(dirfd, "/abs/new", how | O_EXCL, 0600), one, sizeof(one));
	is_str(one, "EEXIST");
	identify(mml_inside_walk(dirfd, "/loop", how | O_EXCL, 0600), one, sizeof(one));
	is_str(one, "EEXIST");
}

/* A path may go up and down for long, but not for ever; a name and a path may be too long. */
static void too_much(int dirfd)
{
	char path[16384], name[64];

	*path = '\0';
	for (unsigned i = 0; i < 1300; i++)
		strcat(path, "a/../");
	identify(mml_inside_walk(dirfd, path, O_PATH, 0), name, sizeof(name));
	ok(strchr(name, ':') != NULL);
	memset(path, 'x', 300);
	path[300] = '\0';
	identify(mml_inside_walk(dirfd, path, O_PATH, 0), name, sizeof(name));
	is_str(name, "ENAMETOOLONG");
}

int main(void)
{
	struct tree t;
	int dirfd, fd;

	tree_new(&t);
	plant(&t);
	dirfd = open(t.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = by_kernel(dirfd, "/", O_PATH | O_CLOEXEC);
	if (fd == -ENOSYS || fd == -EPERM) {
		tap_skip("openat2() is not here to be compared with");
	} else {
		close(fd);
		at_random(dirfd);
		outside(dirfd);
	}
	made(dirfd);
	too_much(dirfd);
	close(dirfd);
	tree_free(&t);
	return tap_done();
}
