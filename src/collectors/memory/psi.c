/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "psi.h"

#include <errno.h>

#include "../../core/snapshot.h"

/* clang-format off */
#define PSI_COLUMNS(C, R) \
	C(resource, "RESOURCE", STR, KEY,     NONE,    FIRST, 0, "the file's name", "What was waited for: memory, io, cpu or irq.") \
	C(stall,    "STALL",    STR, KEY,     NONE,    FIRST, 0, "some, full", "some: at least one task waited; full: every task that had work to do waited.") \
	C(avg10,    "AVG10",    F64, GAUGE,   PERCENT, MAIN,  0, "avg10=", "Share of the last 10 seconds that was lost to waiting, weighted towards now.") \
	C(avg60,    "AVG60",    F64, GAUGE,   PERCENT, MAIN,  0, "avg60=", "The same over the last minute.") \
	C(avg300,   "AVG300",   F64, GAUGE,   PERCENT, MAIN,  0, "avg300=", "The same over the last five minutes.") \
	C(total,    "TOTAL",    U64, COUNTER, NSEC,    MAIN,  0, "total=", "Time lost to waiting since boot.") \
	R(stalled,  "STALLED",  F64, RATE,    PERCENT, MAIN,  total, "Share of the time since the previous sample that was lost to waiting.")
/* clang-format on */

#define MML_TABLE_OF PSI
#include "../../core/columns.h"

/* Memory comes first because the table is about it, and because every kernel with PSI has it. */
static const char *const resources[] = { "memory", "io", "cpu", "irq" };

/* Parses a share in percent, which the kernel prints with two decimals, such as "0.00". */
static int parse_share(struct mml_span s, double *ret)
{
	struct mml_span whole;
	uint64_t a, b;

	if (!mml_next_field(&s, '.', &whole) || mml_parse_u64(whole, &a) || mml_span_len(s) != 2 ||
	    mml_parse_u64(s, &b) || a > 100)
		return -EINVAL;
	*ret = (double)a + (double)b / 100;
	return 0;
}

static int field(struct mml_span name, struct mml_span value, struct mml_psi *ret)
{
	double *share = mml_span_eq(name, "avg10")  ? &ret->avg10 :
			mml_span_eq(name, "avg60")  ? &ret->avg60 :
			mml_span_eq(name, "avg300") ? &ret->avg300 :
						      NULL;
	uint64_t us;

	if (share)
		return parse_share(value, share);
	if (!mml_span_eq(name, "total"))
		return 0;
	if (mml_parse_u64(value, &us) || __builtin_mul_overflow(us, (uint64_t)1000, &ret->total_ns))
		return -EINVAL;
	return 0;
}

/* some avg10=70.24 avg60=68.52 avg300=69.91 total=3559632828 */
int mml_psi_parse(struct mml_span line, struct mml_psi *ret)
{
	static const char *const must[] = { "avg10", "avg60", "avg300", "total" };
	struct mml_span stall, tok, name;
	unsigned found = 0;

	*ret = (struct mml_psi){ 0 };
	if (!mml_next_token(&line, &stall) ||
	    (!mml_span_eq(stall, "some") && !mml_span_eq(stall, "full")))
		return -EINVAL;
	ret->full = mml_span_eq(stall, "full");
	while (mml_next_token(&line, &tok)) {
		if (!mml_next_field(&tok, '=', &name) || field(name, tok, ret))
			return -EINVAL;
		for (unsigned i = 0; i < 4; i++)
			found |= mml_span_eq(name, must[i]) ? 1u << i : 0;
	}
	return found == 15 ? 0 : -EINVAL;
}

static int line_row(struct mml_table *table, const char *resource, struct mml_span line)
{
	struct mml_psi psi;
	struct mml_row *row;

	if (mml_psi_parse(line, &psi))
		return -EINVAL;
	row = mml_table_add(table);
	if (!row)
		return -ENOMEM;
	mml_set_str(row, PSI_resource, resource);
	mml_set_str(row, PSI_stall, psi.full ? "full" : "some");
	mml_set_f64(row, PSI_avg10, psi.avg10);
	mml_set_f64(row, PSI_avg60, psi.avg60);
	mml_set_f64(row, PSI_avg300, psi.avg300);
	mml_set_u64(row, PSI_total, psi.total_ns);
	return 0;
}

/* Only some kernels have irq, and cpu has a "full" line only since 5.13. What a kernel does not
 * have is not a row. */
static int psi_collect(struct mml_take *take, const struct mml_query *query,
		       struct mml_table *ret)
{
	(void)query;
	for (size_t i = 0; i < sizeof(resources) / sizeof(*resources); i++) {
		const char *path = mml_arena_printf(take->arena, "/proc/pressure/%s", resources[i]);
		struct mml_span text, line;
		size_t number = 0;
		int rc;

		if (!path)
			return -ENOMEM;
		rc = mml_take_file(take, NULL, path, &text);
		if (rc == -ENOENT && i)
			continue;
		if (rc == -EOPNOTSUPP)
			return mml_table_fail(ret, rc, "psi=1 on the kernel's command line",
					      "%s: pressure is not measured, it was switched off at boot",
					      path);
		if (rc || text.p == text.end) {
			mml_take_file(take, ret, path, &text);
			continue;
		}
		while (mml_next_line(&text, &line)) {
			number++;
			rc = mml_span_len(mml_span_trim(line)) ? line_row(ret, resources[i], line) : 0;
			if (rc == -ENOMEM)
				return rc;
			if (rc)
				mml_table_bad(ret, path, number, "not a line of pressure");
		}
	}
	return ret->error;
}

static const char missing[] = "Linux 4.20 or newer with CONFIG_PSI";

static const struct mml_source sources[] = {
	{ "/proc/pressure/memory", "root (a container may hide the file)", missing, NULL },
	{ "/proc/pressure/io", "root (a container may hide the file)", missing, NULL },
	{ "/proc/pressure/cpu", "root (a container may hide the file)", missing, NULL },
	{ "/proc/pressure/irq", "root (a container may hide the file)",
	  "Linux 6.1 or newer with CONFIG_PSI and CONFIG_IRQ_TIME_ACCOUNTING", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct mml_collector mml_collector_psi = {
	.schema = { .name = "psi",
		    .help = "A kind of pressure stall: the share of time tasks lost waiting for memory, I/O or CPUs.",
		    MML_COLUMNS(PSI) },
	.sources = sources,
	.collect = psi_collect,
};
