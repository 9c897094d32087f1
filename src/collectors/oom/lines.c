/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <string.h>

const char *mml_oom_find(struct mml_span text, const char *word)
{
	return mml_span_len(text) ? memmem(text.p, mml_span_len(text), word, strlen(word)) : NULL;
}

bool mml_oom_between(struct mml_span text, const char *before, const char *after,
		     struct mml_span *ret)
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

/* Most lines differ in their first character. */
static bool starts(struct mml_span text, const char *word)
{
	return text.p < text.end && *text.p == *word && mml_span_starts(text, word);
}

/* WORD behind nothing but a name. */
static bool soon(struct mml_span text, const char *word)
{
	enum { NAME = 40 };

	if (mml_span_len(text) > NAME)
		text.end = text.p + NAME;
	return has(text, word);
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

int mml_oom_item_find(struct mml_span key, bool *ends)
{
	static const struct {
		const char *name;
		unsigned char len, item;
		bool ends;
	} names[] = {
#define ITEM(id, name, ends) { name, sizeof(name) - 1, MML_OOM_##id, ends },
#define ALIAS(id, name)	     { name, sizeof(name) - 1, MML_OOM_##id, false },
#include "items.def"
#undef ITEM
#undef ALIAS
	};
	size_t len = mml_span_len(key);

	for (size_t i = 0; len && i < sizeof(names) / sizeof(*names); i++) {
		const char *name = names[i].name;

		if (names[i].len == len && (*key.p == *name || *key.p == *name - 'a' + 'A') &&
		    !memcmp(name + 1, key.p + 1, len - 1)) {
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

		if (starts(text, name)) {
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
	if (starts(rest, " free:"))
		return MML_OOM_L_ZONE;
	if (starts(rest, " per-cpu:"))
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
	if (starts(rest, "hugepages_"))
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

	if (!mml_next_field(&rest, ':', &key) || mml_span_len(key) > 24 || rest.p >= rest.end ||
	    !digit(*rest.p) || mml_oom_item_find(key, &ends) < 0)
		return false;
	while (rest.p < rest.end && digit(*rest.p))
		rest.p++;
	return rest.p == rest.end || *rest.p == ' ';
}

/* "123 pages RAM" and its likes. */
static bool single_line(struct mml_span text)
{
	static const char *const tails[] = {
		"pages RAM",	       "pages of RAM",	      "pages HighMem/MovableOnly",
		"pages of HIGHMEM",    "pages reserved",      "reserved pages",
		"pages cma reserved",  "pages hwpoisoned",    "total pagecache pages",
		"pages in swap cache", "pages swap cached",   "pages shared",
		"pages non-shared",    "pages dirty",	      "pages writeback",
		"pages mapped",	       "pages slab",	      "pages pagetables",
		"pages in Vmalloc",    "pages Vmalloc Total", "pages Vmalloc Used",
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

/* "dump_header+0x43/0x1d0 [xfs]", "[<ffffffff81cac64d>] dump_stack+0xc1/0x124", "unwind_backtrace
 * from ...". */
static bool frame_line(struct mml_span text)
{
	struct mml_span rest = text, part;

	if (mml_span_len(text) > 9 && !memcmp(text.end - 9, " [inline]", 9))
		return true;
	while (mml_next_field(&rest, '+', &part) && rest.p < rest.end)
		if (mml_span_starts(rest, "0x"))
			return memchr(rest.p, '/', mml_span_len(rest));
	return false;
}

static bool registers_line(struct mml_span text)
{
	/* clang-format off */
	static const char *const begins[] = {
		"RIP:", "RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "Code:", "EIP:", "EAX:",
		"ESI:", "DS:", "CR2:", "FS:", "CS:", "CR0:", "ORIG_RAX:", "<TASK>", "</TASK>",
		"<IRQ>", "</IRQ>", "Call Trace:", "Call trace:", "Hardware name:", "Tainted:",
		"Workqueue:", "Modules linked in:", "Stack :", "Stack:", "NIP:", "NIP [", "LR [",
		"GPR", "MSR:", "REGS:", "pc :", "lr :", "sp :", "x29:", "pstate:",
		"Exception stack(", "--- interrupt:", "---[ end trace", "...", "CPU: ", "<NMI>",
		"<#DF>", "DAR:", "DR0:", "DR3:",
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (starts(text, begins[i]))
			return true;
	return false;
}

/* What user space killed. */
static bool userspace(struct mml_span text, struct mml_span tag)
{
	if (mml_span_eq(tag, "lmkd") && starts(text, "Kill "))
		return true;
	if (starts(text, "Killed /"))
		return mml_span_eq(tag, "systemd-oomd") || has(text, " due to memory ");
	return has(text, "lowmemorykiller: Killing ") || has(text, "lmkd: Kill ") ||
	       (has(text, "sending SIG") && has(text, " to process "));
}

static enum mml_oom_line_kind classify_kill(struct mml_span text, struct mml_span tag)
{
	if (starts(text, "oom_reaper:"))
		return MML_OOM_L_REAPED;
	if (userspace(text, tag))
		return MML_OOM_L_USERSPACE;
	if (has(text, "Kernel panic - not syncing") && (has(text, "emory") || has(text, "oom")))
		return MML_OOM_L_PANIC;
	if (starts(text, "Out of memory and no killable"))
		return MML_OOM_L_NO_KILLABLE;
	if (starts(text, "Killed process ") || starts(text, "Kill process "))
		return MML_OOM_L_KILL;
	if ((starts(text, "Out of ") || starts(text, "Memory cgroup out of memory")) &&
	    (has(text, ": Kill process ") || has(text, ": Killed process ")))
		return MML_OOM_L_KILL;
	if (starts(text, "Tasks in ") && has(text, "oom.group"))
		return MML_OOM_L_GROUP;
	return MML_OOM_L_NONE;
}

/* What opens a report, wherever in the line it says so. */
static enum mml_oom_line_kind classify_opening(struct mml_span text)
{
	if (has(text, " invoked oom-killer:"))
		return MML_OOM_L_OOM;
	if (has(text, "page allocation failure:") || has(text, "page allocation failure. order"))
		return MML_OOM_L_FAILURE;
	if (has(text, "page allocation stalls for"))
		return MML_OOM_L_STALL;
	if (has(text, "vmalloc error: size ") || has(text, "vmalloc: allocation failure"))
		return MML_OOM_L_VMALLOC;
	return has(text, "callbacks suppressed") ? MML_OOM_L_SUPPRESSED : MML_OOM_L_NONE;
}

/* What opens a report, or belongs to its first lines, by what it begins with. */
static enum mml_oom_line_kind classify_header(struct mml_span text)
{
	bool sysrq = starts(text, "sysrq: ") || starts(text, "SysRq : ");

	if (starts(text, "vmalloc_node_range for size ") ||
	    starts(text, "vmap allocation for size "))
		return MML_OOM_L_VMSPACE;
	if (starts(text, "oom-kill:constraint="))
		return MML_OOM_L_OOMKILL;
	if (sysrq && has(text, "Show Memory"))
		return MML_OOM_L_SHOW;
	if (sysrq && has(text, "Manual OOM"))
		return MML_OOM_L_BY_HAND;
	if (mml_span_eq(text, "Mem-Info:") || mml_span_eq(text, "Mem-info:"))
		return MML_OOM_L_MEMINFO;
	if ((starts(text, "CPU: ") && has(text, " PID: ") && has(text, " Comm: ")) ||
	    (starts(text, "Pid: ") && has(text, ", comm: ")))
		return MML_OOM_L_CPU;
	if (starts(text, "COMPACTION is disabled"))
		return MML_OOM_L_COMPACTION;
	return soon(text, " cpuset=") ? MML_OOM_L_CPUSET : MML_OOM_L_NONE;
}

static enum mml_oom_line_kind classify_cgroup(struct mml_span text)
{
	if (starts(text, "Task in ") && has(text, "killed as a result of limit of"))
		return MML_OOM_L_TASK_IN;
	if (starts(text, "memory: usage ") || starts(text, "memory+swap: usage ") ||
	    starts(text, "swap: usage ") || starts(text, "kmem: usage "))
		return MML_OOM_L_USAGE;
	if (starts(text, "Memory cgroup stats"))
		return MML_OOM_L_STATS;
	if (starts(text, "Memory cgroup min protection"))
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
	return end + 1 < text.end && end[1] == ' ' && !mml_parse_u64(in, &pid) ? MML_OOM_L_TASK
									       : MML_OOM_L_NONE;
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
	if (section == MML_OOM_S_SLABS && n == 3 && mml_span_eq(tok[0], "Name") &&
	    mml_span_eq(tok[2], "Total"))
		return MML_OOM_L_SLAB_HEAD;
	if (section == MML_OOM_S_SLABS && n >= 3 && tok[n - 1].end[-1] == 'B' &&
	    tok[n - 2].end[-1] == 'B')
		return MML_OOM_L_SLAB;
	if (section == MML_OOM_S_TAGS && digit(*text.p) && has(text, " func:"))
		return MML_OOM_L_TAG;
	return MML_OOM_L_NONE;
}

static enum mml_oom_line_kind classify_meminfo(struct mml_span text)
{
	if (starts(text, "Node "))
		return classify_node(text);
	if (starts(text, "lowmem_reserve[]:") || starts(text, "protections[]:"))
		return MML_OOM_L_RESERVE;
	if (starts(text, "Free swap ") || starts(text, "Total swap "))
		return MML_OOM_L_SWAP;
	if (starts(text, "Swap cache") || starts(text, "Free swap:") || starts(text, "Free pages:"))
		return MML_OOM_L_KNOWN;
	if (starts(text, "Unreclaimable slab info"))
		return MML_OOM_L_SLABS;
	if (starts(text, "Memory allocations"))
		return MML_OOM_L_TAGS;
	if (starts(text, "Tasks state"))
		return MML_OOM_L_TASKS;
	if (digit(*text.p) && single_line(text))
		return MML_OOM_L_SINGLE;
	if (global_line(text))
		return MML_OOM_L_GLOBAL;
	return classify_zone(text);
}

static bool corrupt(struct mml_span text)
{
	return has(text, "Bad page map in process") || has(text, "Bad swap file entry") ||
	       has(text, "Bad page state in process");
}

static enum mml_oom_line_kind classify_other(struct mml_span text)
{
	if ((starts(text, "CPU ") && has(text, "hi:")) || starts(text, "cpu "))
		return MML_OOM_L_PERCPU;
	if (starts(text, "SLUB: Unable to allocate"))
		return MML_OOM_L_SLUB;
	return soon(text, "Bad ") && corrupt(text) ? MML_OOM_L_CORRUPT : MML_OOM_L_NONE;
}

enum mml_oom_line_kind mml_oom_classify(const struct mml_oom_scan *scan, struct mml_span text,
					enum mml_oom_section section, struct mml_span tag)
{
	enum mml_oom_line_kind kind;
	bool likely, frame;

	if (text.p == text.end)
		return MML_OOM_L_NONE;
	kind = *text.p == '[' ? classify_bracket(text) : classify_meminfo(text);
	if (kind)
		return kind;
	/* Every word looked for anywhere in a line is among those the scan knows. */
	likely = mml_oom_scan_next(scan, text) < text.end;
	frame = frame_line(text);
	if (likely)
		kind = classify_kill(text, tag);
	if (!kind && likely && !frame)
		kind = classify_opening(text);
	if (!kind && !frame)
		kind = classify_header(text);
	if (!kind && likely)
		kind = classify_cgroup(text);
	if (!kind && section)
		kind = classify_row(text, section);
	if (!kind)
		kind = classify_other(text);
	if (!kind && frame)
		return MML_OOM_L_FRAME;
	return kind || !registers_line(text) ? kind : MML_OOM_L_REGISTERS;
}
