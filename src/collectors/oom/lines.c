/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <string.h>

const char *mml_oom_find(struct mml_span text, const char *word)
{
	return mml_span_len(text) ? memmem(text.p, mml_span_len(text), word, strlen(word)) : NULL;
}

bool mml_oom_between(struct mml_span text, const char *before, const char *after, struct mml_span *ret)
{
	const char *p = mml_oom_find(text, before), *end;

	if (!p)
		return false;
	*ret = (struct mml_span){ p + strlen(before), text.end };
	end = after ? mml_oom_find(*ret, after) : NULL;
	if (end)
		ret->end = end;
	return true;
}

static bool has(struct mml_span text, const char *word)
{
	return mml_oom_find(text, word) != NULL;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

int mml_oom_item_find(struct mml_span key, bool *ends)
{
	static const struct {
		const char *name;
		unsigned char item;
		bool ends;
	} names[] = {
#define ITEM(id, name, ends) { name, MML_OOM_##id, ends },
#define ALIAS(id, name) { name, MML_OOM_##id, false },
#include "items.def"
#undef ITEM
#undef ALIAS
	};
	size_t len = mml_span_len(key);

	for (size_t i = 0; len && i < sizeof(names) / sizeof(*names); i++) {
		const char *name = names[i].name;

		if (strlen(name) == len && !memcmp(name + 1, key.p + 1, len - 1) &&
		    (*key.p == *name || *key.p == *name - 'a' + 'A')) {
			*ends = names[i].ends;
			return names[i].item;
		}
	}
	return -1;
}

/* "Normal" of "Normal free:", "Normal: 1*4kB"; behind it, or NULL. */
static const char *zone_name(struct mml_span text)
{
	for (int t = MML_OOM_ZONE_TYPES - 1; t >= 0; t--) {
		const char *name = mml_oom_zone_name((enum mml_oom_zone_type)t);

		if (mml_span_starts(text, name)) {
			const char *end = text.p + strlen(name);

			return end < text.end && (*end == ' ' || *end == ':') ? end : NULL;
		}
	}
	return NULL;
}

static enum mml_oom_line_kind classify_zone(struct mml_span text)
{
	const char *p = zone_name(text);
	struct mml_span rest;

	if (!p)
		return MML_OOM_L_NONE;
	rest = (struct mml_span){ p, text.end };
	if (mml_span_starts(rest, " free:"))
		return MML_OOM_L_ZONE;
	if (mml_span_starts(rest, " per-cpu:"))
		return MML_OOM_L_PERCPU;
	rest.p++;
	rest = mml_span_trim(rest);
	if (*p == ':' && (mml_span_eq(rest, "") || mml_span_eq(rest, "empty") || digit(*rest.p)))
		return MML_OOM_L_BUDDY;
	return MML_OOM_L_NONE;
}

/* "Node 0" and what follows. */
static enum mml_oom_line_kind classify_node(struct mml_span text)
{
	struct mml_span rest = text, word, n;
	struct mml_span colon;
	uint64_t node;
	bool ends;

	if (!mml_next_token(&rest, &word) || !mml_next_token(&rest, &n) || mml_parse_u64(n, &node))
		return MML_OOM_L_NONE;
	rest = mml_span_trim(rest);
	if (rest.p == rest.end)
		return MML_OOM_L_NODE_PREFIX;
	if (mml_span_starts(rest, "hugepages_"))
		return MML_OOM_L_HUGEPAGES;
	if (mml_next_field(&(struct mml_span){ rest.p, rest.end }, ':', &colon) &&
	    mml_oom_item_find(colon, &ends) >= 0)
		return MML_OOM_L_NODE;
	return classify_zone(rest);
}

/* "active_anon:759 ...": a known key, a colon, a number without a unit. */
static bool global_line(struct mml_span text)
{
	struct mml_span rest = text, key;
	bool ends;

	if (!mml_next_field(&rest, ':', &key) || mml_span_len(key) > 24 || rest.p >= rest.end || !digit(*rest.p) ||
	    mml_oom_item_find(key, &ends) < 0)
		return false;
	while (rest.p < rest.end && digit(*rest.p))
		rest.p++;
	return rest.p == rest.end || *rest.p == ' ';
}

/* "123 pages RAM" and its likes. */
static bool single_line(struct mml_span text)
{
	static const char *const tails[] = {
		"pages RAM", "pages of RAM", "pages HighMem/MovableOnly", "pages of HIGHMEM",
		"pages reserved", "reserved pages", "pages cma reserved", "pages hwpoisoned",
		"total pagecache pages", "pages in swap cache", "pages swap cached", "pages shared",
		"pages non-shared", "pages dirty", "pages writeback", "pages mapped", "pages slab",
		"pages pagetables", "pages in Vmalloc", "pages Vmalloc Total", "pages Vmalloc Used",
	};
	struct mml_span rest = text, n;
	uint64_t value;

	if (!mml_next_token(&rest, &n) || mml_parse_u64(n, &value))
		return false;
	rest = mml_span_trim(rest);
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
		if (mml_span_eq(rest, tails[i]))
			return true;
	return false;
}

/* "dump_header+0x43/0x1d0 [xfs]", "[<ffffffff81cac64d>] dump_stack+0xc1/0x124", "unwind_backtrace from ...". */
static bool frame_line(struct mml_span text)
{
	const char *plus = mml_oom_find(text, "+0x");

	return (plus && memchr(plus, '/', (size_t)(text.end - plus))) || has(text, " [inline]");
}

static bool registers_line(struct mml_span text)
{
	static const char *const begins[] = {
		"RIP:", "RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "Code:", "EIP:", "EAX:", "ESI:", "DS:",
		"CR2:", "FS:", "CS:", "CR0:", "ORIG_RAX:", "<TASK>", "</TASK>", "<IRQ>", "</IRQ>", "Call Trace:",
		"Call trace:", "Hardware name:", "Tainted:", "Workqueue:", "Modules linked in:", "Stack :", "Stack:",
		"NIP:", "NIP [", "LR [", "GPR", "MSR:", "REGS:", "pc :", "lr :", "sp :", "x29:", "pstate:",
		"Exception stack(", "--- interrupt:", "---[ end trace", "...", "CPU: ", "<NMI>", "<#DF>", "DAR:", "DR0:", "DR3:",
	};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (mml_span_starts(text, begins[i]))
			return true;
	return false;
}

static enum mml_oom_line_kind classify_kill(struct mml_span text, struct mml_span tag)
{
	if (mml_span_starts(text, "oom_reaper:"))
		return MML_OOM_L_REAPED;
	if (has(text, "lowmemorykiller: Killing ") || has(text, "lmkd: Kill ") ||
	    (mml_span_eq(tag, "lmkd") && mml_span_starts(text, "Kill ")) ||
	    (mml_span_eq(tag, "systemd-oomd") && mml_span_starts(text, "Killed /")) ||
	    (mml_span_starts(text, "Killed /") && has(text, " due to memory ")) ||
	    (has(text, "sending SIG") && has(text, " to process ")))
		return MML_OOM_L_USERSPACE;
	if (has(text, "Kernel panic - not syncing") && (has(text, "emory") || has(text, "oom")))
		return MML_OOM_L_PANIC;
	if (mml_span_starts(text, "Out of memory and no killable"))
		return MML_OOM_L_NO_KILLABLE;
	if (mml_span_starts(text, "Killed process ") || mml_span_starts(text, "Kill process "))
		return MML_OOM_L_KILL;
	if ((mml_span_starts(text, "Out of ") || mml_span_starts(text, "Memory cgroup out of memory")) &&
	    (has(text, ": Kill process ") || has(text, ": Killed process ")))
		return MML_OOM_L_KILL;
	if (mml_span_starts(text, "Tasks in ") && has(text, "oom.group"))
		return MML_OOM_L_GROUP;
	return MML_OOM_L_NONE;
}

/* What opens a report, or belongs to its first lines. */
static enum mml_oom_line_kind classify_header(struct mml_span text)
{
	if (has(text, " invoked oom-killer:"))
		return MML_OOM_L_OOM;
	if (has(text, "page allocation failure:") || has(text, "page allocation failure. order"))
		return MML_OOM_L_FAILURE;
	if (has(text, "page allocation stalls for"))
		return MML_OOM_L_STALL;
	if (has(text, "vmalloc error: size ") || has(text, "vmalloc: allocation failure"))
		return MML_OOM_L_VMALLOC;
	if (mml_span_starts(text, "vmalloc_node_range for size ") || mml_span_starts(text, "vmap allocation for size "))
		return MML_OOM_L_VMSPACE;
	if (mml_span_starts(text, "oom-kill:constraint="))
		return MML_OOM_L_OOMKILL;
	if ((mml_span_starts(text, "sysrq: ") || mml_span_starts(text, "SysRq : ")) && has(text, "Show Memory"))
		return MML_OOM_L_SHOW;
	if ((mml_span_starts(text, "sysrq: ") || mml_span_starts(text, "SysRq : ")) && has(text, "Manual OOM"))
		return MML_OOM_L_BY_HAND;
	if (mml_span_eq(text, "Mem-Info:") || mml_span_eq(text, "Mem-info:"))
		return MML_OOM_L_MEMINFO;
	if ((mml_span_starts(text, "CPU: ") && has(text, " PID: ") && has(text, " Comm: ")) ||
	    (mml_span_starts(text, "Pid: ") && has(text, ", comm: ")))
		return MML_OOM_L_CPU;
	if (has(text, " cpuset="))
		return MML_OOM_L_CPUSET;
	if (mml_span_starts(text, "COMPACTION is disabled"))
		return MML_OOM_L_COMPACTION;
	if (has(text, "callbacks suppressed"))
		return MML_OOM_L_SUPPRESSED;
	return MML_OOM_L_NONE;
}

static enum mml_oom_line_kind classify_cgroup(struct mml_span text)
{
	if (mml_span_starts(text, "Task in ") && has(text, "killed as a result of limit of"))
		return MML_OOM_L_TASK_IN;
	if (mml_span_starts(text, "memory: usage ") || mml_span_starts(text, "memory+swap: usage ") ||
	    mml_span_starts(text, "swap: usage ") || mml_span_starts(text, "kmem: usage "))
		return MML_OOM_L_USAGE;
	if (mml_span_starts(text, "Memory cgroup stats"))
		return MML_OOM_L_STATS;
	if (mml_span_starts(text, "Memory cgroup min protection"))
		return MML_OOM_L_KNOWN;
	return MML_OOM_L_NONE;
}

/* "[  pid  ]   uid ..." and "[    168]     0 ..." */
static enum mml_oom_line_kind classify_bracket(struct mml_span text)
{
	const char *end = memchr(text.p, ']', mml_span_len(text));
	struct mml_span in;
	uint64_t pid;

	if (!end)
		return MML_OOM_L_NONE;
	in = mml_span_trim((struct mml_span){ text.p + 1, end });
	if (mml_span_eq(in, "pid"))
		return MML_OOM_L_TASK_HEAD;
	return end + 1 < text.end && end[1] == ' ' && !mml_parse_u64(in, &pid) ? MML_OOM_L_TASK : MML_OOM_L_NONE;
}

/* Rows that are told by the title above them alone. */
static enum mml_oom_line_kind classify_row(struct mml_span text, enum mml_oom_section section)
{
	struct mml_span rest = text, tok[4];
	uint64_t value;
	unsigned n = 0;

	while (n < 4 && mml_next_token(&rest, &tok[n]))
		n++;
	if (section == MML_OOM_S_STATS && n == 2 && !mml_parse_u64(tok[1], &value) &&
	    *tok[0].p >= 'a' && *tok[0].p <= 'z' && !memchr(tok[0].p, ':', mml_span_len(tok[0])))
		return MML_OOM_L_STAT;
	if (section == MML_OOM_S_SLABS && n == 3 && mml_span_eq(tok[0], "Name") && mml_span_eq(tok[2], "Total"))
		return MML_OOM_L_SLAB_HEAD;
	if (section == MML_OOM_S_SLABS && n >= 3 && tok[n - 1].end[-1] == 'B' && tok[n - 2].end[-1] == 'B')
		return MML_OOM_L_SLAB;
	if (section == MML_OOM_S_TAGS && digit(*text.p) && has(text, " func:"))
		return MML_OOM_L_TAG;
	return MML_OOM_L_NONE;
}

static enum mml_oom_line_kind classify_meminfo(struct mml_span text)
{
	if (mml_span_starts(text, "Node "))
		return classify_node(text);
	if (mml_span_starts(text, "lowmem_reserve[]:") || mml_span_starts(text, "protections[]:"))
		return MML_OOM_L_RESERVE;
	if (mml_span_starts(text, "Free swap ") || mml_span_starts(text, "Total swap "))
		return MML_OOM_L_SWAP;
	if (mml_span_starts(text, "Swap cache") || mml_span_starts(text, "Free swap:") || mml_span_starts(text, "Free pages:"))
		return MML_OOM_L_KNOWN;
	if (mml_span_starts(text, "Unreclaimable slab info"))
		return MML_OOM_L_SLABS;
	if (mml_span_starts(text, "Memory allocations"))
		return MML_OOM_L_TAGS;
	if (mml_span_starts(text, "Tasks state"))
		return MML_OOM_L_TASKS;
	if (digit(*text.p) && single_line(text))
		return MML_OOM_L_SINGLE;
	if (global_line(text))
		return MML_OOM_L_GLOBAL;
	return classify_zone(text);
}

static enum mml_oom_line_kind classify_other(struct mml_span text)
{
	if ((mml_span_starts(text, "CPU ") && has(text, "hi:")) || mml_span_starts(text, "cpu "))
		return MML_OOM_L_PERCPU;
	if (mml_span_starts(text, "SLUB: Unable to allocate"))
		return MML_OOM_L_SLUB;
	if (has(text, "Bad page map in process") || has(text, "Bad swap file entry") || has(text, "Bad page state in process"))
		return MML_OOM_L_CORRUPT;
	if (frame_line(text))
		return MML_OOM_L_FRAME;
	return registers_line(text) ? MML_OOM_L_REGISTERS : MML_OOM_L_NONE;
}

enum mml_oom_line_kind mml_oom_classify(struct mml_span text, enum mml_oom_section section, struct mml_span tag)
{
	enum mml_oom_line_kind kind;

	if (text.p == text.end)
		return MML_OOM_L_NONE;
	if (*text.p == '[')
		kind = classify_bracket(text);
	else
		kind = classify_meminfo(text);
	if (!kind)
		kind = classify_kill(text, tag);
	if (!kind && !frame_line(text))
		kind = classify_header(text);
	if (!kind)
		kind = classify_cgroup(text);
	if (!kind && section)
		kind = classify_row(text, section);
	return kind ? kind : classify_other(text);
}
