/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes on each node by frame are those numa_maps tells, for memory of all kinds. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/collectors/page/frames.h"
#include "../../src/collectors/page/pagemap.h"
#include "../../src/collectors/process/nodes.h"
#include "../../src/source/source.h"
#include "../tap.h"

static const uint64_t FILE_ONCE = PM_FILE | PM_EXCLUSIVE, ONCE = PM_EXCLUSIVE;
static size_t page, huge = 2 << 20;

/* Frames 0 to 99 are on node 0, 100 to 199 on node 3, 200 to 299 nobody knows, the rest on node 0. */
static struct mml_node_range ranges[] = { { 100, 0 }, { 200, 3 }, { 300, -1 }, { UINT64_MAX, 0 } };
static const struct mml_node_frames made_up = {
	.page_size = 4096, .flags_fd = -1, .ranges = ranges, .n = 4,
};

static int sum_one(uint64_t bits, uint64_t pfn, uint64_t flags, struct mml_node_bytes *ret)
{
	uint64_t entry = bits | pfn;

	memset(ret, 0, sizeof(*ret));
	return mml_node_entries_sum(&made_up, &entry, &flags, 1, ret);
}

static void test_flags_for(void)
{
	is_i64(mml_node_flags_for(0), MML_FLAGS_NONE);
	is_i64(mml_node_flags_for(PM_SWAP | PM_FILE | 7), MML_FLAGS_NONE);
	is_i64(mml_node_flags_for(PM_PRESENT | FILE_ONCE | 7), MML_FLAGS_STEADY);
	is_i64(mml_node_flags_for(PM_PRESENT | PM_FILE | 7), MML_FLAGS_STEADY);
	is_i64(mml_node_flags_for(PM_PRESENT | ONCE | 7), MML_FLAGS_NONE);
	is_i64(mml_node_flags_for(PM_PRESENT | 7), MML_FLAGS_NOW);
}

static void test_entries(void)
{
	static struct mml_node_bytes b;

	ok(!sum_one(PM_PRESENT | ONCE, 99, 0, &b) && b.limit == 1 && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT | ONCE, 100, 0, &b) && b.limit == 4 && b.bytes[3] == 4096);
	ok(!sum_one(PM_PRESENT | ONCE, 199, 0, &b) && !b.bytes[0] && b.bytes[3] == 4096);
	ok(!sum_one(PM_PRESENT | ONCE, 300, 0, &b) && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT | PM_FILE, 5, 0, &b) && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT | FILE_ONCE, 5, KPF_RESERVED, &b) && !b.limit);
	ok(!sum_one(PM_PRESENT | PM_FILE, 5, KPF_ZERO | KPF_THP, &b) && !b.limit);
	ok(!sum_one(PM_PRESENT, 5, KPF_ANON, &b) && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT, 5, KPF_ANON | KPF_KSM, &b) && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT, 5, KPF_ANON | KPF_HUGE, &b) && b.bytes[0] == 4096);
	ok(!sum_one(PM_PRESENT, 5, 0, &b) && !b.limit); /* a driver's frame */
	ok(!sum_one(PM_PRESENT, 5, KPF_ZERO, &b) && !b.limit);
	ok(!sum_one(PM_SWAP, 5, 0, &b) && !b.limit);
	is_i64(sum_one(PM_PRESENT | ONCE, 250, 0, &b), -EAGAIN);
	is_i64(sum_one(PM_PRESENT | PM_FILE, 5, KPF_NOPAGE, &b), -EAGAIN);
	is_i64(sum_one(PM_PRESENT, 5, KPF_NOPAGE, &b), -EAGAIN);
	is_i64(sum_one(PM_PRESENT | ONCE, 0, 0, &b), -EAGAIN); /* hidden */
}

static void test_many_entries(void)
{
	const uint64_t entries[] = {
		PM_PRESENT | ONCE | 150, PM_PRESENT | ONCE | 99, PM_PRESENT | 400,
		PM_PRESENT | PM_FILE | 100, 0, PM_PRESENT | ONCE | 199,
	};
	const uint64_t flags[] = { 0, 0, KPF_ANON, 0, 0, 0 };
	static struct mml_node_bytes b;

	ok(!mml_node_entries_sum(&made_up, entries, flags, 6, &b) && b.limit == 4);
	ok(b.bytes[0] == 2 * 4096 && b.bytes[3] == 3 * 4096);
}

/* What those are that are looked at: this program again, which makes memory and holds still. */

static char *map(size_t size, int flags)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		exit(77);
	return p;
}

static void touch(char *p, size_t pages, size_t step)
{
	for (size_t i = 0; i < pages; i += step)
		((volatile char *)p)[i * page] = 1;
}

static void look(const char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		(void)((const volatile char *)p)[i * page];
}

static char *map_small(size_t pages, int flags)
{
	char *p = map(pages * page, flags);

	madvise(p, pages * page, MADV_NOHUGEPAGE);
	return p;
}

static char *map_huge(void)
{
	char *p = map(2 * huge, MAP_PRIVATE);

	p += huge - (uintptr_t)p % huge;
	if (madvise(p, huge, MADV_HUGEPAGE))
		exit(77);
	return p;
}

static void hold_anon(void)
{
	touch(map_small(100, MAP_PRIVATE), 100, 1);
}

static void hold_shared(void)
{
	touch(map_small(50, MAP_SHARED), 50, 1);
}

static void hold_spread(void)
{
	const unsigned long nodes = ~0UL;

	if (syscall(SYS_set_mempolicy, MPOL_INTERLEAVE, &nodes, 8 * sizeof(nodes) + 1))
		exit(77);
	hold_anon();
}

static void hold_many(void)
{
	touch(map_small(2000, MAP_PRIVATE), 2000, 1);
}

static void hold_thp(void)
{
	touch(map_huge(), 1, 1);
}

static void hold_huge_zero(void)
{
	look(map_huge(), 1);
}

static void hold_hugetlb(void)
{
	touch(map(huge, MAP_PRIVATE | MAP_HUGETLB), 1, 1);
}

static void hold_hugetlb_shared(void)
{
	touch(map(huge, MAP_SHARED | MAP_HUGETLB), 1, 1);
}

static void hold_locked(void)
{
	char *p = map_small(20, MAP_PRIVATE);

	if (mlock(p, 20 * page))
		exit(77);
}

/* Zero pages, and others between them. */
static void hold_zero(void)
{
	char *p = map_small(64, MAP_PRIVATE);

	look(p, 64);
	touch(p, 64, 3);
}

static void hold_copied(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *p = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		exit(77);
	look(p, 8);
	touch(p, 8, 2);
}

static void hold_vdso(void)
{
	const char *p = (const char *)getauxval(AT_SYSINFO_EHDR);

	if (!p)
		exit(77);
	look(p, 1);
}

/* Pages two processes have after a fork, one behind the other in memory or nearly. */
static void hold_forked(void)
{
	char *p = map_small(8, MAP_PRIVATE);
	pid_t parent = getpid();

	touch(p, 8, 1);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent) /* it may have died before that */
			pause();
		_exit(0);
	}
}

/* Pages a driver gives, by vm_insert_page(). */
static void hold_ring(void)
{
	struct tpacket_req req = { 4096 * 4, 4, 2048, 32 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	char *p;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		exit(77);
	p = mmap(NULL, 4096 * 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		exit(77);
	look(p, 16);
}

static const struct kind {
	const char *name;
	void (*hold)(void);
	int want; /* of the sum by frame */
} kinds[] = {
	{ "anonymous memory", hold_anon, 0 },
	{ "memory on all nodes", hold_spread, 0 },
	{ "shared memory", hold_shared, 0 },
	{ "locked memory", hold_locked, 0 },
	{ "zero pages", hold_zero, 0 },
	{ "a file's pages, some copied", hold_copied, 0 },
	{ "the vDSO", hold_vdso, 0 },
	{ "pages shared by fork", hold_forked, 0 },
	{ "a driver's pages", hold_ring, 0 },
	{ "a transparent huge page", hold_thp, 0 },
	{ "the huge zero page", hold_huge_zero, 0 },
	{ "a hugetlb page", hold_hugetlb, 0 },
	{ "a shared hugetlb page", hold_hugetlb_shared, 0 },
	{ "many pages", hold_many, -EAGAIN },
};

static int hold(const char *name)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name)) {
			kinds[i].hold();
			if (write(STDOUT_FILENO, "r", 1) != 1)
				return 1;
			for (;;)
				pause();
		}
	return 1;
}

/* -1: it cannot hold that here. */
static pid_t start(const char *name)
{
	int out[2], status;
	pid_t pid;
	char c;

	if (pipe2(out, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		execl("/proc/self/exe", "nodes", "hold", name, (char *)NULL);
		_exit(1);
	}
	close(out[1]);
	if (read(out[0], &c, 1) != 1) {
		waitpid(pid, &status, 0);
		pid = -1;
	}
	close(out[0]);
	return pid;
}

static int by_file(pid_t pid, struct mml_root *root, struct mml_node_bytes *ret)
{
	struct mml_buf buf = { 0 };
	char path[64];
	int rc;

	memset(ret, 0, sizeof(*ret));
	snprintf(path, sizeof(path), "/proc/%d/numa_maps", (int)pid);
	rc = mml_root_read(root, path, &buf);
	if (!rc)
		rc = mml_numa_maps_sum((struct mml_span){ buf.data, buf.data + buf.len }, page, ret);
	mml_buf_free(&buf);
	return rc;
}

static int by_frame(pid_t pid, struct mml_node_counter *counter, struct mml_node_bytes *ret)
{
	char path[64];
	int fd, rc;

	memset(ret, 0, sizeof(*ret));
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = mml_node_counter_sum(counter, fd, ret);
	close(fd);
	return rc;
}

static void print(const char *what, const struct mml_node_bytes *b)
{
	printf("# %s:", what);
	for (unsigned i = 0; i < b->limit; i++)
		printf(" N%u=%" PRIu64, i, b->bytes[i] / page);
	putchar('\n');
}

/*
 * By frame, between two readings of numa_maps that say the same. 1: as they say; 0: otherwise, each
 * time; -EBUSY: it never kept still; -EAGAIN: each time numa_maps was to be asked, which a page that is
 * being moved leads to as well.
 */
static int compare(pid_t pid, struct mml_root *root, struct mml_node_counter *counter, int tries)
{
	static struct mml_node_bytes before, after, frames;
	int ret = -EBUSY;

	for (; tries > 0; tries--) {
		int rc;

		if (by_file(pid, root, &before))
			return -ESRCH;
		rc = by_frame(pid, counter, &frames);
		if (by_file(pid, root, &after) || (rc && rc != -EAGAIN))
			return rc ? rc : -ESRCH;
		if (rc) {
			ret = ret == -EBUSY ? rc : ret;
		} else if (!memcmp(before.bytes, after.bytes, sizeof(after.bytes))) {
			if (!memcmp(before.bytes, frames.bytes, sizeof(frames.bytes)))
				return 1;
			ret = 0;
		}
		usleep(20000);
	}
	if (!ret) {
		printf("# process %d\n", (int)pid);
		print("numa_maps", &after);
		print("by frame", &frames);
	}
	return ret;
}

/* Has it more pages than are counted by frame? A sanitizer takes thousands. */
static bool too_many(pid_t pid, struct mml_root *root)
{
	static struct mml_node_bytes bytes;
	uint64_t sum = 0;

	if (by_file(pid, root, &bytes))
		return false;
	for (unsigned i = 0; i < bytes.limit; i++)
		sum += bytes.bytes[i] / page;
	return sum > MML_NODE_PAGES;
}

static void test_kinds(struct mml_root *root, const struct mml_node_frames *frames)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct mml_node_counter *counter = mml_node_counter_new(frames);
		pid_t pid = start(kinds[i].name);
		int rc;

		if (pid < 0) {
			tap_skip("%s: not on this machine", kinds[i].name);
			mml_node_counter_free(counter);
			continue;
		}
		rc = compare(pid, root, counter, 50);
		if (rc == -EBUSY)
			tap_skip("%s: it never kept still", kinds[i].name);
		else if (rc == -EAGAIN && !kinds[i].want && too_many(pid, root))
			tap_skip("%s: in a program of too many pages", kinds[i].name);
		else
			tap_ok(rc == (kinds[i].want ? kinds[i].want : 1), "%s, by frame: %d",
			       kinds[i].name, rc);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		mml_node_counter_free(counter);
	}
}

/* Whose file was opened before it ended has no nodes any more, and not 0 bytes on them. */
static void test_ended(struct mml_root *root, const struct mml_node_frames *frames)
{
	static struct mml_node_bytes bytes;
	struct mml_node_counter *counter = mml_node_counter_new(frames);
	pid_t pid = start("anonymous memory");
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	is_i64(mml_node_counter_sum(counter, fd, &bytes), too_many(pid, root) ? -EAGAIN : 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_i64(mml_node_counter_sum(counter, fd, &bytes), -EAGAIN);
	close(fd);
	mml_node_counter_free(counter);
}

/* Every process there is, with one counter: what it keeps is right for all of them. */
static void test_all(struct mml_root *root, const struct mml_node_frames *frames)
{
	struct mml_node_counter *counter = mml_node_counter_new(frames);
	DIR *dir = opendir("/proc");
	unsigned alike = 0, other = 0, asked = 0;
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		int rc;

		if (pid <= 0 || pid == getpid())
			continue;
		rc = compare(pid, root, counter, 5);
		alike += rc == 1;
		other += rc == 0;
		asked += rc == -EAGAIN;
	}
	closedir(dir);
	printf("# %u alike, %u left to numa_maps\n", alike, asked);
	is_u64(other, 0);
	mml_node_counter_free(counter);
}

/* Huge pages for as long as this lasts, beyond those of the pool: SAVED, the number to put back. */
static void allow_huge(long more, long *saved)
{
	FILE *f = fopen("/proc/sys/vm/nr_overcommit_hugepages", "r+");

	if (!f)
		return;
	if (!saved || fscanf(f, "%ld", saved) == 1) {
		rewind(f);
		fprintf(f, "%ld\n", more);
	}
	fclose(f);
}

static void test_live(void)
{
	struct mml_root *root;
	struct mml_arena *arena = mml_arena_new();
	struct mml_node_frames frames;
	long saved = -1;
	int rc;

	if (!ok(!mml_root_open(NULL, &root)))
		return;
	struct mml_take take = { .root = root, .arena = arena, .host = mml_root_host(root) };
	rc = mml_node_frames_open(&take, &frames);
	if (rc) {
		tap_skip("not by frame here: %s", strerror(-rc));
	} else {
		allow_huge(2, &saved);
		test_kinds(root, &frames);
		if (saved >= 0)
			allow_huge(saved, NULL);
		test_ended(root, &frames);
		test_all(root, &frames);
		mml_node_frames_close(&frames);
	}
	mml_take_end(&take);
	mml_arena_free(arena);
	mml_root_close(root);
}

int main(int argc, char **argv)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(argv[2]);
	test_flags_for();
	test_entries();
	test_many_entries();
	test_live();
	return tap_done();
}
