/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "settings.h"

static const char thp_dir[] = "/sys/kernel/mm/transparent_hugepage";

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* int_sqrt() of lib/math/int_sqrt.c */
static uint64_t root_of(uint64_t x)
{
	uint64_t y = 0, bit = UINT64_C(1) << 62;

	while (bit > x)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		uint64_t sum = y + bit;

		y >>= 1;
		if (x >= sum) {
			x -= sum;
			y += bit;
		}
	}
	return y;
}

static const char *number(struct mml_setting_facts *f, uint64_t n)
{
	return mml_setting_printf(f, "%" PRIu64, n);
}

/* Pages in a huge page, which are as many as in a pageblock; 0: not known. */
static uint64_t huge_pages(const struct mml_setting_facts *f)
{
	uint64_t size;

	if (mml_take_number(f->take, &size, "%s/hpage_pmd_size", thp_dir) || !f->page_size)
		return 0;
	return size / f->page_size;
}

/* Whether khugepaged raises min_free_kbytes: it does unless nobody gets huge pages. */
static bool raised(const struct mml_setting_facts *f)
{
	struct mml_span text;

	if (mml_take_filef(f->take, &text, "%s/enabled", thp_dir))
		return false;
	while (text.p < text.end && *text.p != '[')
		text.p++;
	return !mml_span_starts(text, "[never]");
}

/* calculate_min_free_kbytes() of mm/page_alloc.c, when there are no marks yet. The bound was 64 MiB
 * before 5.8. */
uint64_t mml_default_min_free_plain(const struct mml_setting_facts *f)
{
	uint64_t most = mml_host_since(f->take->host, 5, 8) ? 262144 : 65536, kib;

	if (!f->lowmem || __builtin_mul_overflow(f->lowmem, f->page_size / 1024 * 16, &kib))
		return 0;
	kib = root_of(kib);
	return kib < 128 ? 128 : least(kib, most);
}

/* What is above the high marks as they are before khugepaged raises them: a high mark is two steps
 * above min, each a quarter of it or a thousandth of the zone. */
static uint64_t above_plain(const struct mml_setting_facts *f, uint64_t kib)
{
	uint64_t min = kib / (f->page_size / 1024), step = min / 4;

	if (step < f->lowmem / 1000)
		step = f->lowmem / 1000;
	return f->lowmem > min + 2 * step ? f->lowmem - min - 2 * step : 0;
}

/* set_recommended_min_free_kbytes() of mm/khugepaged.c: for each zone two pageblocks, and one for
 * every kind of page that may be mixed with every other, of three; but no more than a twentieth. */
const char *mml_default_min_free(struct mml_setting_facts *f)
{
	uint64_t kib = mml_default_min_free_plain(f), block = huge_pages(f), pages;

	if (!kib)
		return NULL;
	if (block && raised(f)) {
		pages = least(block * f->lowmem_zones * (2 + 3 * 3), above_plain(f, kib) / 20);
		if (pages * (f->page_size / 1024) > kib)
			kib = pages * (f->page_size / 1024);
	}
	return number(f, kib);
}

/* A part of the memory that is free at boot, which is next to all, and no more than MOST KiB. */
static const char *reserve(struct mml_setting_facts *f, uint64_t most)
{
	uint64_t total;

	return mml_setting_bytes(f, "MemTotal", &total) ? number(f, least(total / 1024 / 32, most))
							: NULL;
}

const char *mml_default_admin_reserve(struct mml_setting_facts *f)
{
	return reserve(f, 8192);
}

const char *mml_default_user_reserve(struct mml_setting_facts *f)
{
	return reserve(f, 131072);
}

/* sysctl_lowmem_reserve_ratio[] of mm/page_alloc.c. Before 4.17 the last zones had no entry. */
const char *mml_default_lowmem_ratio(struct mml_setting_facts *f)
{
	static const char *const ratios[] = { "256", "256", "32", "0", "0" };
	const char *text = NULL;

	if (!f->zones.n || mml_host_since(f->take->host, 4, 17) <= 0)
		return NULL;
	for (size_t i = 0; i < f->zones.n && f->zones.zones[i].node == f->zones.zones[0].node;
	     i++) {
		int rank = f->zones.zones[i].rank;
		const char *ratio = rank < 0 ? "0" : ratios[rank];

		text = text ? mml_setting_printf(f, "%s %s", text, ratio) : ratio;
	}
	return text;
}

const char *mml_default_userfaultfd(struct mml_setting_facts *f)
{
	int since = mml_host_since(f->take->host, 5, 11);

	return since < 0 ? NULL : since ? "0" : "1";
}

/* ULONG_MAX - (1UL << 24) of include/uapi/linux/shm.h, of kernels with 64 bits since 3.16. */
const char *mml_default_shm(struct mml_setting_facts *f)
{
	const struct mml_host *host = f->take->host;

	if (!host->machine || mml_host_since(host, 3, 16) <= 0 ||
	    (!strstr(host->machine, "64") && strcmp(host->machine, "s390x")))
		return NULL;
	return "18446744073692774399";
}

/* files_maxfiles_init() of fs/file_table.c: a tenth of memory in KiB, with hardly any in use then.
 */
const char *mml_default_file_max(struct mml_setting_facts *f)
{
	uint64_t total;

	if (!mml_setting_bytes(f, "MemTotal", &total))
		return NULL;
	total /= 1024 * (uint64_t)10;
	return number(f, total > 8192 ? total : 8192);
}

/* tcp_init_mem() of net/ipv4/tcp.c and udp_init() of net/ipv4/udp.c */
static const char *pages_of(struct mml_setting_facts *f, unsigned part)
{
	uint64_t limit = f->above_high / part;

	if (!f->above_high)
		return NULL;
	limit = limit < 128 ? 128 : limit;
	return mml_setting_printf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64, limit / 4 * 3, limit,
				  limit / 4 * 3 * 2);
}

const char *mml_default_tcp_mem(struct mml_setting_facts *f)
{
	return pages_of(f, 16);
}

const char *mml_default_udp_mem(struct mml_setting_facts *f)
{
	return pages_of(f, 8);
}

/* The configuration decides, and what was said at boot. */
const char *mml_default_thp(struct mml_setting_facts *f)
{
	struct mml_span word;

	if (!mml_setting_booted(f, "transparent_hugepage", &word))
		return NULL;
	return mml_setting_printf(f, "%.*s", (int)mml_span_len(word), word.p);
}

const char *mml_default_thp_defrag(struct mml_setting_facts *f)
{
	return mml_host_since(f->take->host, 4, 6) > 0 ? "madvise" : NULL;
}

const char *mml_default_scan_pages(struct mml_setting_facts *f)
{
	uint64_t n = huge_pages(f);

	return n ? number(f, n * 8) : NULL;
}

const char *mml_default_ptes_none(struct mml_setting_facts *f)
{
	uint64_t n = huge_pages(f);

	return n ? number(f, n - 1) : NULL;
}

const char *mml_default_ptes_swap(struct mml_setting_facts *f)
{
	uint64_t n = huge_pages(f);

	return n ? number(f, n / 8) : NULL;
}

const char *mml_default_ptes_shared(struct mml_setting_facts *f)
{
	uint64_t n = huge_pages(f);

	return n ? number(f, n / 2) : NULL;
}

const char *mml_default_size(struct mml_setting_facts *f, const char *size)
{
	struct mml_span digits = mml_span_str(size), whole;
	uint64_t kib, huge;

	if (!mml_next_field(&digits, 'k', &whole) || mml_parse_u64(whole, &kib) ||
	    mml_take_number(f->take, &huge, "%s/hpage_pmd_size", thp_dir))
		return NULL;
	return kib == huge / 1024 ? "inherit" : "never";
}
