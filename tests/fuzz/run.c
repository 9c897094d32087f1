/* Every target on its corpus and on a bounded number of mutations of it, the same ones each time, so
 * that `make check` runs them without libFuzzer. FUZZ_ROUNDS: how many a target (2000). What it
 * was fed with at a crash is left as fuzz-crash-NAME in the working directory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tap.h"
#include "targets.h"

static const struct {
	const char *name, *file;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define TARGET(name, file) { #name, file, fuzz_##name },
#include "targets.def"
#undef TARGET
};

enum { LARGEST = 64 << 10, MOST_SEEDS = 200 };

static struct {
	uint8_t *data;
	size_t size;
} seeds[MOST_SEEDS];
static size_t nseeds;

static const char *now;
static uint8_t input[LARGEST];
static size_t input_size;

static void crashed(int sig)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "fuzz-crash-%s", now);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0 && write(fd, input, input_size) >= 0)
		close(fd);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_seed(const void *data, size_t size)
{
	if (nseeds == MOST_SEEDS || !size)
		return;
	size = size < LARGEST ? size : LARGEST;
	seeds[nseeds].data = malloc(size);
	memcpy(seeds[nseeds].data, data, size);
	seeds[nseeds++].size = size;
}

static void add_file(const char *path)
{
	static uint8_t buf[LARGEST];
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	add_seed(buf, fread(buf, 1, sizeof(buf), f));
	fclose(f);
}

/* FILE of every tree in DIR. */
static void add_file_of_trees(const char *dir, const char *file)
{
	struct dirent **names;
	char path[PATH_MAX * 2];
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%.4000s/%s/%s", dir, names[i]->d_name, file);
		if (*names[i]->d_name != '.')
			add_file(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void add_trees(const char *dir, const char *files)
{
	char *list = strdup(files), *rest = list, *file;

	while (list && (file = strsep(&rest, " ")))
		add_file_of_trees(dir, file);
	free(list);
}

/* Every file in DIR whose name ends with ".log". */
static void add_logs(const char *dir)
{
	struct dirent **names;
	char path[PATH_MAX * 2];
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *end = strrchr(names[i]->d_name, '.');

		snprintf(path, sizeof(path), "%.4000s/%s", dir, names[i]->d_name);
		if (end && !strcmp(end, ".log"))
			add_file(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static const char *const words[] = {
	/* filter */ "size > 1M and (cache ~ '^k' or used = 0)", "not cache = \"x\"", "-size,cache",
	"+aliases,nodes", "utilization<50% or slabs>=0x10",
	/* numbers */ "18446744073709551615", "-9223372036854775808", "0-3,8,10-12", "1.5GiB", "0x7fff",
	"12.5%",
	/* process */ "1 (a) b) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 10 4096 5 "
	"18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 1 2 3 4 5 6 7 0\n",
	"1234 567 89 1 0 200 0\n",
	"Name:\tx\nState:\tS (sleeping)\nPPid:\t1\nUid:\t0\t0\t0\t0\nVmRSS:\t  4 kB\nThreads:\t1\n",
	"0::/user.slice/user-0.slice/session-1.scope\n", "12:memory:/docker/0123456789abcdef\n",
	"36 35 98:0 / /mnt rw,noatime - tmpfs tmpfs rw\n",
	/* maps */ "55d0c0000000-55d0c0001000 r-xp 00001000 fe:01 1234   /usr/bin/x y (deleted)\n",
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n",
	"Rss:                 4 kB\nVmFlags: rd ex mr mw me dw \nTHPeligible:    0\n",
	"7f0000000000 prefer (many):0-1 file=/a\\040b huge anon=3 dirty=3 N0=1 N1=2 kernelpagesize_kB=4\n",
	"7f0000000000 bind=static|balancing:0-1 stack anon=1 N0=1\n",
	/* oom */ "[   29.700000] x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=1, oom_score_adj=0\n"
	"[   29.700000] CPU: 1 UID: 0 PID: 168 Comm: x Not tainted 6.12.117 #1\n[   29.700000] Mem-Info:\n"
	"[   29.700000] active_anon:9 inactive_anon:8 isolated_anon:0\n[   29.700000]  free:7 free_pcp:1 free_cma:0\n"
	"[   29.700000] Node 0 Normal free:28kB boost:0kB min:40kB low:50kB high:60kB present:400kB managed:300kB\n"
	"[   29.700000] lowmem_reserve[]: 0 0 0\n[   29.700000] Node 0 Normal: 3*4kB (U) 2*8kB (C) = 28kB\n"
	"[   29.700000] 100 pages RAM\n[   29.700000] 25 pages reserved\n[   29.700000] Total swap = 40kB\n"
	"[   29.700000] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	"[   29.700000] [    168]     0   168    25847       17   114688        3           500 x y\n"
	"[   29.700000] Out of memory: Killed process 168 (x y) total-vm:103388kB, anon-rss:68kB, file-rss:0kB\n",
	"6,1,2,-;memory: usage 48kB, limit 48kB, failcnt 64\n6,2,3,-;Memory cgroup stats for /a:\\x0aanon 4096\n"
	"6,4,5,-,caller=T7;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
	"oom_memcg=/a,task_memcg=/a/b,task=x,pid=5,uid=0\n",
	"{\"MESSAGE\":\"x: page allocation failure: order:5, mode:0x40d0\",\"_HOSTNAME\":\"h\"}\n",
	"__CURSOR=s\nMESSAGE=Mem-Info:\n\n__CURSOR=t\nMESSAGE=100 pages RAM\n\n",
	/* when */ "2026-11-25 22:11:46.5 +0100", "2026-11-25T22:11Z", "yesterday 22:11", "@1795630306.25",
	"2h30m", "+10m", "22:11",
};

static void load_corpus(size_t t)
{
	const char *src = getenv("top_srcdir"), *shared = getenv("MMLENS_FIXTURES");
	char dir[PATH_MAX];

	for (size_t i = 0; i < nseeds; i++)
		free(seeds[i].data);
	nseeds = 0;
	if (*targets[t].file) {
		snprintf(dir, sizeof(dir), "%s/tests/fixtures", src ? src : ".");
		add_trees(dir, targets[t].file);
		snprintf(dir, sizeof(dir), "%s/tests/bpf/trees", src ? src : ".");
		add_trees(dir, targets[t].file);
		snprintf(dir, sizeof(dir), "%s/tests/record", src ? src : ".");
		add_trees(dir, targets[t].file);
		snprintf(dir, sizeof(dir), "%s/../shared/fixtures", src ? src : ".");
		add_trees(shared ? shared : dir, targets[t].file);
	}
	if (!strcmp(targets[t].name, "oom")) {
		const char *logs = getenv("MMLENS_OOM");

		snprintf(dir, sizeof(dir), "%s/../shared/oom", src ? src : ".");
		add_logs(logs ? logs : dir);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		add_seed(words[i], strlen(words[i]));
}

/* One change: a byte, a bit, a run taken out or doubled, a number made extreme, the end cut off. */
static void mutate(unsigned *seed)
{
	static const char *const bits[] = { "18446744073709551615", "18446744073709551616", "-1", "0",
					    "4398046511104", "\n", "\r\n", ":", " ", "\033[", "\377",
					    "\302\233", ">100000", ")", "(", "%s", "9223372036854775807" };
	size_t at = input_size ? (size_t)rand_r(seed) % input_size : 0;
	size_t len = (size_t)rand_r(seed) % 24, left = input_size - at;
	const char *bit = bits[(size_t)rand_r(seed) % (sizeof(bits) / sizeof(*bits))];

	switch (input_size ? rand_r(seed) % 7 : 6) {
	case 0:
		input[at] = (uint8_t)rand_r(seed);
		return;
	case 1:
		input[at] ^= (uint8_t)(1 << rand_r(seed) % 8);
		return;
	case 2:
		input_size = at;
		return;
	case 3:
		len = len < left ? len : left;
		memmove(input + at, input + at + len, left - len);
		input_size -= len;
		return;
	case 4:
		len = len < left ? len : left;
		if (input_size + len > LARGEST)
			return;
		memmove(input + at + len, input + at, left);
		input_size += len;
		return;
	default:
		len = strlen(bit);
		if (input_size + len > LARGEST)
			return;
		if (rand_r(seed) % 2) { /* in place of a number */
			while (left && (input[at] < '0' || input[at] > '9'))
				at++, left--;
			while (left && input[at] >= '0' && input[at] <= '9') {
				memmove(input + at, input + at + 1, --left);
				input_size--;
			}
		}
		memmove(input + at + len, input + at, left);
		memcpy(input + at, bit, len);
		input_size += len;
	}
}

int main(void)
{
	const char *rounds = getenv("FUZZ_ROUNDS");
	static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], crashed);
	for (size_t t = 0; t < sizeof(targets) / sizeof(*targets); t++) {
		unsigned seed = 20260101 + (unsigned)t;
		long n = rounds ? atol(rounds) : 2000;

		now = targets[t].name;
		load_corpus(t);
		alarm(600); /* a hang is a crash */
		for (size_t i = 0; i < nseeds; i++) {
			memcpy(input, seeds[i].data, input_size = seeds[i].size);
			targets[t].run(input, input_size);
		}
		while (n-- > 0) {
			size_t i = (size_t)rand_r(&seed) % nseeds;

			/* Most of a large file is like the rest of it. */
			memcpy(input, seeds[i].data, input_size = seeds[i].size);
			if (input_size > 4096 && n % 16)
				input_size = 1024 + (size_t)rand_r(&seed) % 3072;
			for (int k = rand_r(&seed) % 6; k >= 0; k--)
				mutate(&seed);
			targets[t].run(input, input_size);
		}
		alarm(0);
		tap_ok(true, "%s: %zu seeds", now, nseeds);
	}
	return tap_done();
}
