/* The files of a machine, and of trees that mean harm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/root.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../../src/collectors/registry.h"
#include "../tap.h"
#include "tree.h"
#include "../../src/source/source.h"

/* What the next calls do, one letter each: '.' the real thing, 'I' EINTR, 'E' EIO, 'A' EAGAIN, '1'
 * at most one byte, 'F' ENOSPC, 'P' EPIPE; behind the last one all is real. */
static const char *reads = "", *writes = "";
static bool silent; /* poll() sees nothing, at once */
static int slow;    /* each poll() takes this many seconds, says the clock */
static time_t ahead;
static int no_openat2; /* the error it gives, as on kernels before 5.6 and in sandboxes */

ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_openat2 && no_openat2)
		return errno = no_openat2, -1;
	return __real_syscall(number, a, b, c, d, e, f);
}

static int fault(const char **plan)
{
	switch (**plan ? *(*plan)++ : '.') {
	case 'I':
		return errno = EINTR;
	case 'E':
		return errno = EIO;
	case 'A':
		return errno = EAGAIN;
	case 'F':
		return errno = ENOSPC;
	case 'P':
		return errno = EPIPE;
	case '1':
		return -1;
	default:
		return 0;
	}
}

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	int f = fault(&reads);

	return f > 0 ? -1 : __real_read(fd, buf, f < 0 && n ? 1 : n);
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	int f = fault(&writes);

	return f > 0 ? -1 : __real_write(fd, buf, f < 0 && n ? 1 : n);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	ahead += slow;
	return silent ? 0 : __real_poll(fds, n, timeout);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	int rc = __real_clock_gettime(clock, ret);

	ret->tv_sec += clock == CLOCK_MONOTONIC ? ahead : 0;
	return rc;
}

static struct tree tree;
static struct mml_root *root;

static char *at(const char *path)
{
	static char full[512];

	snprintf(full, sizeof(full), "%s%s", tree.dir, path);
	return full;
}

/* The file PATH of the tree, or the error it gave. */
static const char *contents(struct mml_root *of, const char *path)
{
	static char seen[256];
	struct mml_buf buf = { 0 };
	int rc = mml_root_read(of, path, &buf);

	if (rc)
		snprintf(seen, sizeof(seen), "%s", strerrorname_np(-rc));
	else
		snprintf(seen, sizeof(seen), "%s", buf.data);
	mml_buf_free(&buf);
	return seen;
}

static const char *link_of(const char *path)
{
	static char seen[256];
	struct mml_buf buf = { 0 };
	int rc = mml_root_readlink(root, path, &buf);

	snprintf(seen, sizeof(seen), "%s", rc ? strerrorname_np(-rc) : buf.data);
	mml_buf_free(&buf);
	return seen;
}

static void plant_links(void)
{
	tree_file(&tree, "/etc/passwd", "inside\n");
	tree_file(&tree, "/proc/meminfo", "MemTotal: 1 kB\n");
	if (symlink("/etc/passwd", at("/absolute")) || symlink("../../../../etc/passwd", at("/up")) ||
	    symlink("proc/../../../etc/passwd", at("/mixed")) || symlink("loop", at("/loop")) ||
	    symlink("b", at("/a")) || symlink("a", at("/b")) || symlink("nowhere", at("/dangling")) ||
	    symlink("/", at("/slash")) || symlink(".", at("/dot")))
		exit(99);
}

static void links(void)
{
	is_str(contents(root, "/proc/meminfo"), "MemTotal: 1 kB\n");
	is_str(contents(root, "/absolute"), "inside\n");
	is_str(contents(root, "/up"), "inside\n");
	is_str(contents(root, "/mixed"), "inside\n");
	is_str(contents(root, "/../../../etc/passwd"), "inside\n");
	is_str(contents(root, "/slash/slash/etc/passwd"), "inside\n");
	is_str(contents(root, "/dot/dot/up"), "inside\n");
	is_str(contents(root, "/etc/hostname"), "ENOENT"); /* there is one outside */
	is_str(contents(root, "/loop"), "ELOOP");
	is_str(contents(root, "/a"), "ELOOP");
	is_str(contents(root, "/dangling"), "ENOENT");
	is_str(contents(root, "/etc/passwd/more"), "ENOTDIR");
	is_str(link_of("/absolute"), "/etc/passwd");
	is_str(link_of("/dangling"), "nowhere");
	is_str(link_of("/loop"), "loop");
	ok(strcmp(link_of("/etc/passwd"), "inside\n") != 0);
	is_str(link_of("/none"), "ENOENT");
}

static void no_files(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct mml_buf names = { 0 };

	snprintf(name.sun_path, sizeof(name.sun_path), "%.60s/socket", tree.dir);
	ok(!bind(fd, (struct sockaddr *)&name, sizeof(name)));
	is_str(contents(root, "/socket"), "ENXIO");
	close(fd);
	is_str(contents(root, "/etc"), "EISDIR");
	ok(mml_root_list(root, "/etc/passwd", &names) == -ENOTDIR);
	ok(!mml_root_list(root, "/etc", &names) && names.len == 7 && !strcmp(names.data, "passwd"));
	mml_buf_free(&names);
	if (mknod(at("/zero"), S_IFCHR | 0666, makedev(1, 5)))
		tap_skip("devices: %s", strerror(errno));
	else
		is_str(contents(root, "/zero"), "ENXIO");
}

static void fifos(void)
{
	pid_t pid;

	ok(!mkfifo(at("/fifo"), 0600));
	silent = true;
	is_str(contents(root, "/fifo"), "ETIMEDOUT");
	silent = false;
	/* One that sends a byte every nine seconds comes to an end too. */
	slow = 9;
	pid = fork();
	if (!pid) {
		int fd = open(at("/fifo"), O_WRONLY);

		signal(SIGPIPE, SIG_IGN);
		while (__real_write(fd, "x", 1) == 1)
			usleep(1000);
		_exit(0);
	}
	is_str(contents(root, "/fifo"), "ETIMEDOUT");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	slow = 0;
	pid = fork();
	if (!pid) {
		int fd = open(at("/fifo"), O_WRONLY);

		for (int i = 0; i < 3; i++) {
			usleep(20000);
			if (__real_write(fd, "abc", 3) != 3)
				_exit(1);
		}
		_exit(0);
	}
	is_str(contents(root, "/fifo"), "abcabcabc");
	waitpid(pid, NULL, 0);
}

static const char *records(struct mml_root *of, const char *path)
{
	static char seen[256];
	struct mml_buf buf = { 0 };
	int rc = mml_root_read_records(of, path, &buf);

	snprintf(seen, sizeof(seen), "%s", rc ? strerrorname_np(-rc) : buf.data);
	mml_buf_free(&buf);
	return seen;
}

/* A FIFO that somebody may still write to stands for /dev/kmsg: what it has is all there is now. */
static void devices(void)
{
	struct mml_root *live;
	int fd = open(at("/fifo"), O_RDWR);

	ok(fd >= 0 && __real_write(fd, "6,1,2,-;a\n", 10) == 10);
	reads = ".A";
	is_str(records(root, "/fifo"), "6,1,2,-;a\n");
	ok(!mml_root_open(NULL, &live));
	ok(__real_write(fd, "6,3,4,-;b\n", 10) == 10);
	reads = "P"; /* the next record was overwritten before it could be read */
	is_str(records(live, at("/fifo")), "6,3,4,-;b\n");
	is_str(records(live, at("/fifo")), "");
	ok(__real_write(fd, "6,5,6,-;c\n", 10) == 10);
	reads = "IE";
	is_str(records(live, at("/fifo")), "EIO");
	reads = "";
	is_str(records(live, at("/nowhere")), "ENOENT");
	tree_file(&tree, "/dev/kmsg", "6,1,2,-;saved\n");
	is_str(records(root, "/dev/kmsg"), "6,1,2,-;saved\n");
	if (mknod(at("/dev/other"), S_IFCHR | 0600, makedev(1, 11)))
		tap_skip("a device in a tree: only root may make one");
	else
		is_str(records(root, "/dev/other"), "ENXIO");
	mml_root_close(live);
	close(fd);
}

static void sizes(void)
{
	int fd = open(at("/sparse"), O_WRONLY | O_CREAT, 0600);

	ok(fd >= 0 && !ftruncate(fd, (off_t)1 << 30));
	close(fd);
	is_str(contents(root, "/sparse"), "EFBIG");
	/* Streamed by whoever asked for a descriptor, it may be as long as it likes. */
	fd = mml_root_openfd(root, "/sparse");
	ok(fd >= 0);
	close(fd);
	ok(mml_root_openfd(root, "/etc") == -EISDIR);
	tree_file(&tree, "/empty", "");
	is_str(contents(root, "/empty"), "");
}

static void interrupted(void)
{
	reads = "I.";
	is_str(contents(root, "/etc/passwd"), "inside\n");
	reads = "III1I1II111111111";
	is_str(contents(root, "/etc/passwd"), "inside\n");
	reads = "E";
	is_str(contents(root, "/etc/passwd"), "EIO");
	reads = "11E";
	is_str(contents(root, "/etc/passwd"), "EIO"); /* not its first two letters */
	ok(!*reads);
	reads = "";
}

/* One file breaks in the middle of being read: its table says so, the others are shown. */
static void broken(void)
{
	struct mml_query queries[] = {
		{ .collector = mml_collector_find("meminfo"), .reading.cancel_fd = -1 },
		{ .collector = mml_collector_find("balance"), .reading.cancel_fd = -1 },
		{ .collector = mml_collector_find("vmstat"), .reading.cancel_fd = -1 },
	};
	struct mml_snapshot *snap;

	tree_file(&tree, "/proc/vmstat", "nr_free_pages 1\n");
	reads = "I111111E";
	ok(!mml_snapshot_take(root, queries, 3, &snap));
	ok(snap->tables[0]->error == -EIO && !snap->tables[0]->nrows);
	is_str(snap->tables[0]->absence.reason, "/proc/meminfo: read error");
	is_str(snap->tables[1]->absence.reason, "/proc/meminfo: read error");
	ok(!snap->tables[2]->error && snap->tables[2]->nrows == 1);
	mml_snapshot_put(snap);
	ok(!mml_snapshot_take(root, queries, 3, &snap)); /* and is well again */
	ok(!snap->tables[0]->error && snap->tables[0]->nrows == 1);
	mml_snapshot_put(snap);
	reads = "";
}

static void unreadable(void)
{
	pid_t pid;
	int status;

	tree_file(&tree, "/secret", "secret\n");
	chmod(at("/secret"), 0);
	if (geteuid()) {
		is_str(contents(root, "/secret"), "EACCES");
		return;
	}
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		_exit(strcmp(contents(root, "/secret"), "EACCES") != 0);
	}
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What a capture saves of a tree full of links stays in the directory it saves to. */
static void capture(void)
{
	char dir[] = "/tmp/mmlens-tee-XXXXXX", out[64], victim[64], command[128];
	struct mml_buf buf = { 0 };
	struct mml_root *again;
	struct stat st;

	ok(mkdtemp(dir) != NULL);
	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(victim, sizeof(victim), "%s/victim", dir);
	mkdir(victim, 0700);
	tree_file(&tree, "/sys/real/file", "1\n");
	tree_file(&tree, victim, ""); /* as a directory, below */
	unlink(at(victim));
	mkdir(at(victim), 0700);
	unlink(at("/sys/evil"));
	unlink(at("/sys/alias"));
	unlink(at("/sys/out"));
	if (symlink(victim, at("/sys/evil")) || symlink("real", at("/sys/alias")) ||
	    symlink("../..", at("/sys/out"))) /* no further up than this test's own folder */
		exit(99);
	snprintf(command, sizeof(command), "%s/file", victim);
	tree_file(&tree, command, "harm\n");
	ok(!mml_root_tee(root, out));
	ok(!mml_root_readlink(root, "/sys/evil", &buf) && !mml_root_readlink(root, "/sys/alias", &buf) &&
	   !mml_root_readlink(root, "/sys/out", &buf));
	mml_buf_free(&buf);
	is_str(contents(root, "/sys/evil/file"), "harm\n");
	is_str(contents(root, "/sys/alias/file"), "1\n");
	is_str(contents(root, "/sys/out/etc/passwd"), "inside\n");
	ok(!mml_root_sink_error(root));
	ok(!mml_root_tee_end(root));
	snprintf(command, sizeof(command), "%s/file", victim);
	ok(lstat(command, &st) && errno == ENOENT);
	snprintf(command, sizeof(command), "%s/etc", dir);
	ok(lstat(command, &st) && errno == ENOENT);
	if (!mml_root_open(out, &again)) {
		is_str(contents(again, "/sys/evil/file"), "harm\n");
		is_str(contents(again, "/sys/alias/file"), "1\n");
		is_str(contents(again, "/sys/real/file"), "1\n");
		is_str(contents(again, "/etc/passwd"), "inside\n");
		mml_root_close(again);
	}
	writes = "I1I1F";
	is_str(contents(root, "/etc/passwd"), "inside\n"); /* the reader does not suffer */
	ok(mml_root_sink_error(root) == -ENOSPC);
	writes = "";
	/* Nothing is written behind a failure, and no end makes a whole of it. */
	is_str(contents(root, "/sys/real/file"), "1\n");
	tree_file(&tree, "/later", "2\n");
	is_str(contents(root, "/later"), "2\n");
	snprintf(command, sizeof(command), "%s/later", out);
	ok(lstat(command, &st) && errno == ENOENT);
	ok(mml_root_tee_end(root) == -ENOSPC);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ok(!system(command));
	mml_root_close(root);
	if (mml_root_open(tree.dir, &root))
		exit(99);
}

/* An error met by the capture is met again in the tree, though the file is not there. */
static void captured_errors(void)
{
	struct tree t;
	struct mml_root *of;

	tree_new(&t);
	tree_file(&t, "/proc/pagetypeinfo", "not for you\n");
	tree_file(&t, "/mmlens/host", "kernel=6.1\nmachine=x86_64\npage_size=16384\ntime=5.000000007\n");
	tree_file(&t, "/mmlens/errors",
		  "EACCES /proc/pagetypeinfo\nEIO /proc/x y\nNONSENSE /proc/z\n\nEPERM\nEIO /cut");
	if (mml_root_open(t.dir, &of)) {
		ok(false);
		return;
	}
	is_str(contents(of, "/proc/pagetypeinfo"), "EACCES");
	is_str(contents(of, "/proc/x y"), "EIO");
	is_str(contents(of, "/proc/z"), "ENOENT");
	is_u64(mml_root_host(of)->page_size, 16384);
	is_str(mml_root_host(of)->kernel, "6.1");
	is_i64(mml_root_now(of).wall.tv_sec, 5);
	mml_root_close(of);
	/* A page size no machine has would make nonsense of all that is computed with it. */
	tree_file(&t, "/mmlens/host", "page_size=9223372036854775808\n");
	is_i64(mml_root_open(t.dir, &of), -EBADMSG);
	tree_free(&t);
	/* A tree of somebody else's, whose files that tell the kernel are empty. */
	tree_new(&t);
	tree_file(&t, "/proc/sys/kernel/osrelease", "");
	tree_file(&t, "/proc/version", "");
	if (!mml_root_open(t.dir, &of)) {
		ok(!mml_root_host(of)->kernel);
		mml_root_close(of);
	}
	tree_file(&t, "/proc/sys/kernel/osrelease", "5.14.0-325.el9\n");
	if (!mml_root_open(t.dir, &of)) {
		is_str(mml_root_host(of)->kernel, "5.14.0-325.el9");
		mml_root_close(of);
	}
	tree_free(&t);
}

/* The names that were listed, in order, with a blank behind each. */
static const char *dirs_of(struct mml_root *of, const char *path, uint64_t *ret_number)
{
	static const char *const names[] = { ".hidden", "a", "b\nc" };
	static char found[64];
	struct mml_buf buf = { 0 };
	struct mml_dir dir;
	size_t n = 0;

	*found = '\0';
	ok(!mml_dir_open(of, path, &dir) && !mml_dir_dirs(&dir, ret_number, &buf));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t k = 0; k < buf.len; k += strlen(buf.data + k) + 1)
			if (!strcmp(buf.data + k, names[i])) {
				strcat(strcat(found, names[i]), " ");
				n++;
			}
	for (size_t k = 0; k < buf.len; k += strlen(buf.data + k) + 1)
		n--;
	ok(!n);
	mml_dir_close(&dir);
	mml_buf_free(&buf);
	return found;
}

static void directories(void)
{
	struct mml_buf buf = { 0 };
	struct mml_root *live;
	struct mml_dir dir;
	struct stat st;
	uint64_t number;
	char path[512];

	tree_file(&tree, "/dirs/file", "x");
	mkdir(at("/dirs/.hidden"), 0755);
	mkdir(at("/dirs/a"), 0755);
	mkdir(at("/dirs/b\nc"), 0755);
	ok(!symlink("a", at("/dirs/link")));
	ok(!strcmp(dirs_of(root, "/dirs", &number), ".hidden a b\nc ") && !number);
	ok(!strcmp(dirs_of(root, "/dirs/a", &number), ""));
	ok(!mml_dir_open(root, "/dirs/none", &dir) && mml_dir_dirs(&dir, &number, &buf) == -ENOENT);
	ok(!mml_root_open(NULL, &live) && !stat(at("/dirs"), &st));
	ok(!strcmp(dirs_of(live, at("/dirs"), &number), ".hidden a b\nc ") && number == st.st_ino);
	ok(!strcmp(dirs_of(live, at("/dirs/a"), &number), "") && number);
	/* What was opened is what is read, even if another directory has the name by now. */
	snprintf(path, sizeof(path), "%s", at("/dirs/a"));
	ok(!mml_dir_open(live, path, &dir) && !rename(path, at("/dirs/z")));
	tree_file(&tree, "/dirs/a/sub/file", "x");
	ok(!mml_dir_dirs(&dir, &number, &buf) && !buf.len);
	mml_dir_close(&dir);
	mml_buf_free(&buf);
	mml_root_close(live);
}

/* A capture says that it is not complete until it is. */
static void unfinished(void)
{
	char dir[] = "/tmp/mmlens-part-XXXXXX", again[64], command[64];
	struct mml_root *from, *to;

	ok(mkdtemp(dir) != NULL && !mml_root_open(tree.dir, &from) && !mml_root_tee(from, dir));
	is_str(contents(from, "/etc/passwd"), "inside\n");
	ok(!mml_root_open(dir, &to) && mml_root_host(to)->incomplete);
	/* One that is made of it is no better. */
	snprintf(again, sizeof(again), "%s/again", dir);
	ok(!mml_root_tee(to, again) && !mml_root_tee_end(to));
	mml_root_close(to);
	ok(!mml_root_open(again, &to) && mml_root_host(to)->incomplete);
	mml_root_close(to);
	ok(!mml_root_tee_end(from));
	mml_root_close(from);
	ok(!mml_root_open(dir, &to) && !mml_root_host(to)->incomplete);
	mml_root_close(to);
	/* It can be seen that the mark is there, and that is enough. */
	snprintf(command, sizeof(command), "mkdir '%s/mmlens/incomplete'", dir);
	ok(!system(command) && mml_root_open(dir, &to) == -EBADMSG);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ok(!system(command));
}

int main(void)
{
	static const int errors[] = { 0, ENOSYS, EPERM };

	tree_new(&tree);
	if (mml_root_open(tree.dir, &root))
		exit(99);
	plant_links();
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		no_openat2 = errors[i];
		links();
		capture();
		unfinished();
	}
	no_openat2 = 0;
	no_files();
	fifos();
	devices();
	sizes();
	interrupted();
	broken();
	unreadable();
	captured_errors();
	directories();
	mml_root_close(root);
	tree_free(&tree);
	return tap_done();
}
