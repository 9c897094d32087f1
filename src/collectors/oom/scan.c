/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "reader.h"

/*
 * The search of Wu and Manber for many words at once: the last two characters of a window as wide
 * as the shortest word tell how far the window can move without passing the beginning of any. Every
 * line that opens or carries on a report has one of these; a few others have too, and are looked at
 * closely.
 */
/* clang-format off */
static const char *const words[] = {
	"oom-kill", "oom_reaper", "oom_score", "oom_kill", "oomkilladj", "Manual OOM", "allocation",
	"vmalloc ", "Mem-Info", "Mem-info", "Killed ", "Kill process", "f memory", "f Memory",
	"Memory cgroup", "Task in ", "Tasks in ", "Tasks state", "how Memory", "owmem_reserve",
	"protections[", "hugepages_", "tive_anon:", "tive_file:", "unevictable:", "slab_recl",
	"pages RAM", "pages of RAM", "pages reserved", "reserved pages", "pagecache pages",
	"swap cache", "e swap ", "l swap ", "memory: usage", "swap: usage", "deadlocked on",
	"callbacks suppressed", "total-vm:", "to memory", "sending SIG", "SLUB: U", "killer: K",
	"lmkd: K", "all_unrecl", "] Killing ", " inactive:", "free_cma:", "bounce:0",
};
/* clang-format on */

enum { WORDS = sizeof(words) / sizeof(*words), WINDOW = 7, BLOCK = 2, SLOTS = 1 << 13 };

struct mml_oom_scan {
	unsigned char shift[SLOTS];
	unsigned char first[SLOTS]; /* word + 1 whose window ends with that block */
	unsigned char next[WORDS];
};

static unsigned slot(const char *p)
{
	return ((unsigned)(unsigned char)p[0] << 5 ^ (unsigned char)p[1]) & (SLOTS - 1);
}

int mml_oom_scan_new(struct mml_arena *arena, struct mml_oom_scan **ret)
{
	struct mml_oom_scan *scan = mml_arena_alloc(arena, sizeof(*scan));

	if (!scan)
		return -ENOMEM;
	memset(scan->shift, WINDOW - BLOCK + 1, sizeof(scan->shift));
	for (unsigned w = 0; w < WORDS; w++) {
		for (unsigned at = 0; at + BLOCK <= WINDOW; at++) {
			unsigned s = slot(words[w] + at), shift = WINDOW - BLOCK - at;

			if (shift < scan->shift[s])
				scan->shift[s] = (unsigned char)shift;
			if (!shift) {
				scan->next[w] = scan->first[s];
				scan->first[s] = (unsigned char)(w + 1);
			}
		}
	}
	*ret = scan;
	return 0;
}

const char *mml_oom_scan_next(const struct mml_oom_scan *scan, struct mml_span text)
{
	const char *p = text.p;

	while (text.end - p >= WINDOW) {
		unsigned s = slot(p + WINDOW - BLOCK);

		if (scan->shift[s]) {
			p += scan->shift[s];
			continue;
		}
		for (unsigned w = scan->first[s]; w; w = scan->next[w - 1]) {
			size_t len = strlen(words[w - 1]);

			if ((size_t)(text.end - p) >= len && !memcmp(p, words[w - 1], len))
				return p;
		}
		p++;
	}
	return text.end;
}
