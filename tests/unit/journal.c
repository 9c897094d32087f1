/* What the module reads from a journal, which systemd's own program makes of an export. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/oom/journal.h"

#include <stdlib.h>
#include <unistd.h>

#include "../../src/collectors/oom/model.h"
#include "../tap.h"

extern const struct mml_module_journal mml_module_journal;

static const char *const writers[] = { "/lib/systemd/systemd-journal-remote",
				       "/usr/lib/systemd/systemd-journal-remote" };

/* An entry of the boot that ALL share, USEC after it. Its MESSAGE may have several lines. */
static void put(FILE *f, unsigned usec, const char *fields, const char *message)
{
	uint64_t len = strlen(message);

	fprintf(f, "__CURSOR=c%u\n__REALTIME_TIMESTAMP=%llu\n__MONOTONIC_TIMESTAMP=%u\n"
		   "_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=web-1\n%sMESSAGE\n",
		usec, 1764000000000000ULL + usec, usec, fields);
	for (int i = 0; i < 8; i++) /* the length is little-endian */
		fputc((int)(len >> 8 * i & 0xff), f);
	fprintf(f, "%s\n\n", message);
}

#define KERNEL(usec) "_TRANSPORT=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=" #usec "\n"

static bool make_journal(const char *dir)
{
	char command[256], path[128];
	const char *writer = NULL;
	FILE *f;

	for (size_t i = 0; i < 2; i++)
		if (!access(writers[i], X_OK))
			writer = writers[i];
	if (!writer)
		return false;
	snprintf(path, sizeof(path), "%s/export", dir);
	f = fopen(path, "w");
	put(f, 100000000, KERNEL(100000000),
	    "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0");
	put(f, 100000001, KERNEL(100000001), "one\ntwo");
	put(f, 100000002, KERNEL(100000002),
	    "Memory cgroup out of memory: Killed process 5 (x) total-vm:65536kB, "
	    "anon-rss:60000kB, file-rss:0kB, shmem-rss:0kB");
	put(f, 100000003, "_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=sshd\n_PID=9\n",
	    "Out of memory: Killed process 7 (not ours)");
	put(f, 100000004, "_TRANSPORT=journal\nSYSLOG_IDENTIFIER=systemd-oomd\n_PID=81\n",
	    "Killed /user.slice/x due to memory pressure for /user.slice being 51%");
	put(f, 100000005, KERNEL(100000005), "the ring has this");
	put(f, 100000006, "_TRANSPORT=kernel\n", "of a time nobody knows");
	fclose(f);
	snprintf(command, sizeof(command), "%s -o %s/a.journal %s 2>/dev/null", writer, dir, path);
	return !system(command);
}

static const char kernel_lines[] =
	"2025-11-24T16:01:40.000000+00:00 web-1 kernel: [  100.000000] x invoked oom-killer: "
	"gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	"2025-11-24T16:01:40.000001+00:00 web-1 kernel: [  100.000001] one\\x0atwo\n"
	"2025-11-24T16:01:40.000002+00:00 web-1 kernel: [  100.000002] Memory cgroup out of memory: "
	"Killed process 5 (x) total-vm:65536kB, anon-rss:60000kB, file-rss:0kB, shmem-rss:0kB\n";
static const char killer_line[] =
	"2025-11-24T16:01:40.000004+00:00 web-1 systemd-oomd[81]: Killed /user.slice/x due to memory "
	"pressure for /user.slice being 51%\n";

static void check_read(const char *dir)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_buf out = { 0 };
	struct mml_oom_log *log;
	char both[2048];

	snprintf(both, sizeof(both), "%s%s", kernel_lines, killer_line);
	ok(!mml_module_journal.read(dir, 100000005, &out));
	is_str(out.data, both);
	/* What it gives is what the logs' reader understands. */
	ok(!mml_oom_read(arena, (struct mml_span){ out.data, out.data + out.len }, 0, &log));
	is_u64(log->nreports, 1);
	is_u64(log->reports->kills->pid.n, 5);
	is_i64(log->reports->time.usec, 100000000);
	ok(log->kills && !log->kills->next);
	is_str(log->kills->comm, "/user.slice/x");
	out.len = 0;
	ok(!mml_module_journal.read(dir, 0, &out)); /* the ring has lost nothing */
	is_str(out.data, killer_line);
	ok(mml_module_journal.read("/nowhere", 0, &out) < 0);
	mml_buf_free(&out);
	mml_arena_free(arena);
}

int main(void)
{
	char dir[] = "/tmp/mmlens-journal-XXXXXX", command[64];

	if (!mkdtemp(dir))
		return 99;
	if (make_journal(dir))
		check_read(dir);
	else
		tap_skip("systemd-journal-remote, which makes a journal, is not installed");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		return 99;
	return tap_done();
}
