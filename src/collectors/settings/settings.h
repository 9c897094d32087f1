/* A setting that bears on memory: its value, what this kernel would have set on this machine, and
 * what it comes to with this moment's numbers. Nothing here writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../../core/snapshot.h"
#include "../memory/whose.h"
#include "../zones/zoneinfo.h"

/* How serious it is what was said of a setting. These are the words of the column settings.verdict.
 */
enum mml_setting_verdict { MML_SETTING_FINE, MML_SETTING_NOTE, MML_SETTING_WARNING };

/* How near a value is to be to its default. */
enum mml_setting_near {
	MML_SETTING_SAME,
	/* The kernel computed it from the memory there was at boot, which differs a little from
	 * what there is now: five in a hundred are not a change. */
	MML_SETTING_NEAR,
	/* The kernel took that much, or less where less was free at boot: only a higher value is
	 * known to be a change. */
	MML_SETTING_MOST,
};

/* What defaults and judgements are computed from. */
struct mml_setting_facts {
	struct mml_take *take;
	struct mml_arena *arena;
	uint64_t page_size;
	struct mml_span meminfo, vmstat; /* empty if they could not be read */
	struct mml_zones zones;
	/* Pages of the zones that GFP_USER may use, and those of them above the high marks, which
	 * is nr_free_buffer_pages() of mm/page_alloc.c; 0: not known. */
	uint64_t lowmem, above_high;
	unsigned lowmem_zones; /* populated ones */
	bool failed;	       /* memory ran out */
};

/* A setting as it is now. */
struct mml_setting_value {
	const char
		*text; /* the words of arrays parted by single blanks; of choices the one chosen */
	bool is_number;
	uint64_t number;
	const char *preset; /* the default, or NULL */
	int set;	    /* 1: it differs from the default, 0: it does not, -1: not known */
};

/* What was made of it: NULL members mean that nothing can be said. */
struct mml_setting_judgement {
	const char *now, *text;
	int verdict; /* enum mml_setting_verdict, or -1: what was said is no judgement */
};

struct mml_setting {
	const char *name, *unit;
	const char *preset; /* a default that is the same everywhere, or NULL */
	const char *(*formula)(
		struct mml_setting_facts *f); /* otherwise; it returns NULL if not known */
	enum mml_setting_near near;
	const char *range;
	void (*judge)(struct mml_setting_facts *f, const struct mml_setting_value *v,
		      struct mml_setting_judgement *ret);
	const char *help;
};

/* Reads what is needed. Returns 0 or -ENOMEM. */
int mml_setting_facts_take(struct mml_take *take, struct mml_setting_facts *ret);

/* Look up meminfo's field in bytes, or vmstat's counter; with a trailing *, the sum of all counters
 * that begin like that. They return false if there is none. */
bool mml_setting_bytes(const struct mml_setting_facts *f, const char *field, uint64_t *ret);
bool mml_setting_count(const struct mml_setting_facts *f, const char *counter, uint64_t *ret);

/* Returns the number of another setting, or of any file that is one number. */
bool mml_setting_number(const struct mml_setting_facts *f, const char *path, uint64_t *ret);

/* Returns a size as people read it, or a text, in the arena; "" when memory ran out. */
const char *mml_setting_size(struct mml_setting_facts *f, uint64_t bytes);
const char *mml_setting_printf(struct mml_setting_facts *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Returns whether NAME is how the kernel was told at boot, and the word behind it. */
bool mml_setting_booted(const struct mml_setting_facts *f, const char *name, struct mml_span *ret);

/* Calls EACH for every option on the kernel's command line that bears on memory, as a setting whose
 * name is boot.OPTION. Returns 0 or what EACH returned. */
int mml_setting_boot(struct mml_setting_facts *f,
		     int (*each)(const char *name, struct mml_span value, const char *help,
				 void *ctx),
		     void *ctx);

/* Formulas of the kernel's. */
const char *mml_default_min_free(struct mml_setting_facts *f);
const char *mml_default_admin_reserve(struct mml_setting_facts *f);
const char *mml_default_user_reserve(struct mml_setting_facts *f);
const char *mml_default_lowmem_ratio(struct mml_setting_facts *f);
const char *mml_default_userfaultfd(struct mml_setting_facts *f);
const char *mml_default_shm(struct mml_setting_facts *f);
const char *mml_default_file_max(struct mml_setting_facts *f);
const char *mml_default_tcp_mem(struct mml_setting_facts *f);
const char *mml_default_udp_mem(struct mml_setting_facts *f);
const char *mml_default_thp(struct mml_setting_facts *f);
const char *mml_default_thp_defrag(struct mml_setting_facts *f);
const char *mml_default_scan_pages(struct mml_setting_facts *f);
const char *mml_default_ptes_none(struct mml_setting_facts *f);
const char *mml_default_ptes_swap(struct mml_setting_facts *f);
const char *mml_default_ptes_shared(struct mml_setting_facts *f);

/* The default for transparent huge pages of SIZE, such as "64kB"; NULL if it is not known. */
const char *mml_default_size(struct mml_setting_facts *f, const char *size);

/* What min_free_kbytes would be without transparent huge pages, in KiB; 0: not known. */
uint64_t mml_default_min_free_plain(const struct mml_setting_facts *f);

/* Judgements. */
#define MML_JUDGE(name)                                                                       \
	void mml_judge_##name(struct mml_setting_facts *f, const struct mml_setting_value *v, \
			      struct mml_setting_judgement *ret)
MML_JUDGE(min_free);
MML_JUDGE(scale);
MML_JUDGE(boost);
MML_JUDGE(reserve);
MML_JUDGE(pcp);
MML_JUDGE(dirty);
MML_JUDGE(background);
MML_JUDGE(caches);
MML_JUDGE(vfs);
MML_JUDGE(zone_reclaim);
MML_JUDGE(only_zone_reclaim);
MML_JUDGE(numa_stat);
MML_JUDGE(interval);
MML_JUDGE(pool);
MML_JUDGE(surplus);
MML_JUDGE(balancing);
MML_JUDGE(thp);
MML_JUDGE(ksm);
MML_JUDGE(files);
MML_JUDGE(tcp);
MML_JUDGE(udp);
MML_JUDGE(delays);
MML_JUDGE(commit);
MML_JUDGE(only_never);
MML_JUDGE(panic);
MML_JUDGE(asker);
MML_JUDGE(tasks);
MML_JUDGE(swappiness);
MML_JUDGE(cluster);
MML_JUDGE(zswap);

/* Say what a judgement comes to: the moment's numbers, and a sentence. VERDICT is -1 for a sentence
 * that judges nothing. */
void mml_setting_now(struct mml_setting_facts *f, struct mml_setting_judgement *ret,
		     const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void mml_setting_say(struct mml_setting_facts *f, struct mml_setting_judgement *ret, int verdict,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
