/* Delays of processes: the kernel's answers in all versions and broken ones, and the table.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>

#include "../../src/collectors/delays/taskstats.h"

/* A struct taskstats of VERSION whose LEN bytes have each 64-bit word's place in it. */
static void make_stats(unsigned char *buf, uint16_t version, size_t len)
{
	memset(buf, 0, len);
	for (uint64_t i = 1; (i + 1) * 8 <= len; i++)
		memcpy(buf + i * 8, &i, 8);
	memcpy(buf, &version, sizeof(version));
}

static void test_versions(void)
{
	static const struct {
		uint16_t version;
		size_t len;
		unsigned known;
	} all[] = {
		{ 1, 80, 1 },	 { 7, 328, 3 },	   { 9, 344, 7 },   { 10, 352, 7 },
		{ 11, 368, 15 }, { 12, 400, 15 },  { 13, 416, 31 }, { 14, 432, 31 },
		{ 16, 560, 31 }, { 99, 1000, 31 },
	};
	struct mml_delay_sum sums[MML_DELAYS];
	unsigned char buf[1024];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		unsigned known = 0;

		make_stats(buf, all[i].version, all[i].len);
		ok(!mml_taskstats_parse(buf, all[i].len, sums));
		for (unsigned k = 0; k < MML_DELAYS; k++)
			known |= (unsigned)sums[k].known << k;
		is_u64(known, all[i].known);
		is_u64(sums[MML_DELAY_SWAPIN].count, offsetof(struct taskstats, swapin_count) / 8);
		is_u64(sums[MML_DELAY_SWAPIN].ns,
		       offsetof(struct taskstats, swapin_delay_total) / 8);
	}
	is_u64(sums[MML_DELAY_RECLAIM].count, offsetof(struct taskstats, freepages_count) / 8);
	is_u64(sums[MML_DELAY_RECLAIM].ns, offsetof(struct taskstats, freepages_delay_total) / 8);
	is_u64(sums[MML_DELAY_THRASHING].count, 41);
	is_u64(sums[MML_DELAY_COMPACT].ns, 45);
	is_u64(sums[MML_DELAY_COPY].count, 50);
	make_stats(buf, 15, 560);
	ok(mml_taskstats_parse(buf, 560, sums) == -EPROTO);
	make_stats(buf, 13, 63);
	ok(mml_taskstats_parse(buf, 63, sums) == -EBADMSG);
	ok(!sums[MML_DELAY_SWAPIN].known);
}

struct answer {
	unsigned char data[1024];
	size_t len;
};

static void put(struct answer *a, const void *data, size_t len)
{
	memcpy(a->data + a->len, data, len);
	a->len += NLA_ALIGN(len);
}

static void make_answer(struct answer *a)
{
	struct nlmsghdr head = { .nlmsg_len = 16 + 4 + 4 + 8 + 4 + 416, .nlmsg_type = 31 };
	struct genlmsghdr genl = { .cmd = TASKSTATS_CMD_NEW, .version = 1 };
	struct nlattr outer = { 4 + 8 + 4 + 416, TASKSTATS_TYPE_AGGR_TGID };
	struct nlattr tgid = { 8, TASKSTATS_TYPE_TGID }, stats = { 4 + 416, TASKSTATS_TYPE_STATS };
	unsigned char buf[416];

	memset(a, 0, sizeof(*a));
	make_stats(buf, 13, sizeof(buf));
	put(a, &head, sizeof(head));
	put(a, &genl, sizeof(genl));
	put(a, &outer, sizeof(outer));
	put(a, &tgid, sizeof(tgid));
	put(a, "\1\0\0\0", 4);
	put(a, &stats, sizeof(stats));
	put(a, buf, sizeof(buf));
}

static void test_answers(void)
{
	struct mml_delay_sum sums[MML_DELAYS];
	struct answer a;
	const void *stats;
	size_t len = 0;
	int32_t error = -EPERM;
	uint16_t type = NLMSG_ERROR;

	make_answer(&a);
	ok(!mml_taskstats_answer(a.data, a.len, &stats, &len) && len == 416);
	ok(!mml_taskstats_parse(stats, len, sums) && sums[MML_DELAY_COPY].count == 50);
	/* However it is cut, and whatever is turned over in it, nothing is read behind its end. */
	for (size_t cut = 0; cut < a.len; cut++) {
		unsigned char *copy = malloc(cut ? cut : 1);

		memcpy(copy, a.data, cut);
		if (!mml_taskstats_answer(copy, cut, &stats, &len))
			ok(false);
		free(copy);
	}
	for (size_t at = 0; at < 40; at++)
		for (unsigned v = 0; v < 256; v += 5) {
			struct answer b = a;

			b.data[at] = (unsigned char)v;
			if (!mml_taskstats_answer(b.data, b.len, &stats, &len) &&
			    ((const unsigned char *)stats < b.data ||
			     (const unsigned char *)stats + len > b.data + b.len))
				ok(false);
		}
	memcpy(a.data + 4, &type, sizeof(type));
	memcpy(a.data + 16, &error, sizeof(error));
	ok(mml_taskstats_answer(a.data, a.len, &stats, &len) == -EPERM);
}

static void test_table(void)
{
	struct mml_table *t;
	struct tree tree;

	tree_new(&tree);
	tree_file(&tree, "/mmlens/host",
		  "kernel=6.12.1\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\n");
	tree_file(&tree, "/proc/7/stat",
		  "7 (a b) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 1234 1000 10 "
		  "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
	t = tree_table(&tree, "delays");
	ok(t->error && strstr(t->absence.reason, "not asked for"));
	tree_file(&tree, "/mmlens/taskstats",
		  "7 1 2000 3 4000 5 6000 - - - -\n8 1 1 1 1 1 1 1 1 1 1\n");
	t = tree_table(&tree, "delays");
	ok(!t->error);
	is_u64(t->nrows, 1); /* process 8 is gone */
	is_cell_u64(t, 0, "pid", 7);
	is_cell_str(t, 0, "comm", "a b");
	is_cell_u64(t, 0, "started", UINT64_C(12340000000));
	is_cell_u64(t, 0, "swapin_count", 1);
	is_cell_u64(t, 0, "swapin", 2000);
	is_cell_u64(t, 0, "reclaim_count", 3);
	is_cell_u64(t, 0, "reclaim", 4000);
	is_cell_u64(t, 0, "thrashing", 6000);
	is_cell_absent(t, 0, "compact");
	is_cell_absent(t, 0, "copy_count");
	ok(!t->note);
	/* The switch is told of. */
	tree_file(&tree, "/proc/sys/kernel/task_delayacct", "1\n");
	t = tree_table(&tree, "delays");
	ok(!t->error && t->note && strstr(t->note, "task_delayacct"));
	tree_file(&tree, "/proc/sys/kernel/task_delayacct", "0\n");
	t = tree_table(&tree, "delays");
	ok(t->error == -EOPNOTSUPP && strstr(t->absence.needs, "task_delayacct=1"));
	tree_file(&tree, "/proc/sys/kernel/task_delayacct", "1\n");
	tree_file(&tree, "/mmlens/taskstats", "7 1 2000 3\n");
	t = tree_table(&tree, "delays");
	ok(t->error == -EBADMSG);
	tree_free(&tree);
}

int main(void)
{
	test_versions();
	test_answers();
	test_table();
	return tap_done();
}
