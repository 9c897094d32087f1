/* Takes memory of known kinds in a control group, says "ready", and holds it until it is killed.
 *
 * charge GROUP WHAT:MIB...: joins the group whose directory GROUP is, then for each
 *   anon    anonymous memory, touched
 *   shmem   a file of a memfd, written
 *   file    a file in the working directory, written to its end and removed; its pages stay in the cache
 *   pipe    pipes, filled: kernel memory that no counter has a name for
 *   sock    TCP connections to itself, whose other side does not read
 *   thread  so many threads instead of MiB
 * and prints how many bytes of it there are. GROUP is - for none.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static char block[MIB];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void join(const char *group)
{
	char path[4096], pid[32];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
		fail(path);
	close(fd);
}

static long anon(long mib)
{
	char *p = mmap(NULL, (size_t)mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	madvise(p, (size_t)mib * MIB, MADV_NOHUGEPAGE);
	for (long i = 0; i < mib * MIB; i += 4096)
		p[i] = 1;
	return mib * MIB;
}

static long fill(int fd, long mib)
{
	for (long i = 0; i < mib; i++)
		if (write(fd, block, MIB) != MIB)
			fail("write");
	return mib * MIB;
}

static long file(long mib)
{
	char name[] = "charge.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0)
		fail(name);
	unlink(name);
	fill(fd, mib);
	fsync(fd);
	return mib * MIB;
}

static long pipes(long mib)
{
	for (long i = 0; i < mib; i++) {
		int ends[2];

		if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, MIB) < MIB)
			fail("pipe");
		fill(ends[1], 1);
	}
	return mib * MIB;
}

/* Returns how much the kernel took before it would have made the writer wait. */
static long sockets(long mib)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	int server = socket(AF_INET, SOCK_STREAM, 0), size = 64 * MIB;
	long sent = 0;

	setsockopt(server, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(server, (struct sockaddr *)&to, len) || listen(server, 16) ||
	    getsockname(server, (struct sockaddr *)&to, &len))
		fail("listen");
	while (sent < mib * MIB) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		long before = sent;
		ssize_t n;

		setsockopt(client, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
		if (connect(client, (struct sockaddr *)&to, sizeof(to)) || accept(server, NULL, NULL) < 0)
			fail("connect");
		fcntl(client, F_SETFL, O_NONBLOCK);
		while (sent < mib * MIB && (n = write(client, block, 65536)) > 0)
			sent += n;
		if (sent == before)
			break;
	}
	return sent;
}

static void *sleeper(void *arg)
{
	pause();
	return arg;
}

static long threads(long n)
{
	pthread_t thread;

	for (long i = 0; i < n; i++)
		if (pthread_create(&thread, NULL, sleeper, NULL))
			fail("thread");
	return n;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		long (*take)(long mib);
	} kinds[] = {
		{ "anon", anon },   { "file", file },	 { "pipe", pipes },
		{ "sock", sockets }, { "thread", threads },
	};

	if (argc < 2)
		return 2;
	setlinebuf(stdout);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 4096, 4096 });
	if (strcmp(argv[1], "-"))
		join(argv[1]);
	for (int i = 2; i < argc; i++) {
		size_t len = strcspn(argv[i], ":");
		long mib = argv[i][len] ? atol(argv[i] + len + 1) : 0, bytes = -1;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			if (strlen(kinds[k].name) == len && !strncmp(kinds[k].name, argv[i], len))
				bytes = kinds[k].take(mib);
		if (!strncmp(argv[i], "shmem:", 6))
			bytes = fill(memfd_create("charge", 0), mib);
		if (bytes < 0)
			return 2;
		printf("%.*s %ld\n", (int)len, argv[i], bytes);
	}
	puts("ready");
	pause();
	return 0;
}
