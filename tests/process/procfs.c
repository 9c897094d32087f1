/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "../../src/collectors/process/process.h"
#include "../tap.h"

static int parse_stat(const char *text, struct mml_pid_stat *ret)
{
	return mml_pid_stat_parse(mml_span_str(text), ret);
}

#define TAIL                                                                                     \
	" S 7 1 1 34817 -1 4194560 11 12 13 14 15 16 17 18 20 0 3 0 24 178257920 2635 "         \
	"18446744073709551615 100 200 300 0 0 0 0 0 0 0 0 0 17 2 0 0 0 0 0 1 2 3 4 5 6 7 0\n"

static void test_stat(void)
{
	struct mml_pid_stat stat;

	is_i64(parse_stat("42 (systemd)" TAIL, &stat), 0);
	is_u64(stat.pid, 42);
	ok(mml_span_eq(stat.comm, "systemd"));
	is_u64((uint64_t)stat.state, 'S');
	is_u64(stat.ppid, 7);
	is_i64(stat.tty, 34817);
	is_u64(stat.flags, 4194560);
	is_u64(stat.min_faults, 11);
	is_u64(stat.maj_faults, 13);
	is_u64(stat.threads, 3);
	is_u64(stat.start, 24);
	is_u64(stat.vsize, 178257920);
	is_u64(stat.rss, 2635);
	is_u64(stat.start_code, 100);
	is_u64(stat.end_code, 200);
	is_u64(stat.start_stack, 300);
	is_u64(stat.start_data, 1);
	is_u64(stat.env_end, 7);
	/* A process may call itself what it likes. */
	is_i64(parse_stat("42 (a) R 1 1 (\n) S)" TAIL, &stat), 0);
	ok(mml_span_eq(stat.comm, "a) R 1 1 (\n) S"));
	is_u64(stat.ppid, 7);
	is_i64(parse_stat("42 ()" TAIL, &stat), 0);
	ok(mml_span_eq(stat.comm, ""));
	is_i64(parse_stat("", &stat), -EINVAL);
	is_i64(parse_stat("42", &stat), -EINVAL);
	is_i64(parse_stat("42 (", &stat), -EINVAL);
	is_i64(parse_stat("42 (x)", &stat), -EINVAL);
	is_i64(parse_stat("42 (x) S 7 1 1 0 -1 4194560 11 12 13", &stat), -EINVAL);
	is_i64(parse_stat("x (x)" TAIL, &stat), -EINVAL);
	is_i64(parse_stat("42 (x) S -7 1 1 0 -1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", &stat), -EINVAL);
	is_i64(parse_stat("42 (x) S 7 1 1 0 -1 0 99999999999999999999 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
			  &stat),
	       -EINVAL);
}

static void test_statm(void)
{
	struct mml_pid_statm statm;

	is_i64(mml_pid_statm_parse(mml_span_str("43520 2635 1121 239 0 6031 0\n"), &statm), 0);
	is_u64(statm.size, 43520);
	is_u64(statm.resident, 2635);
	is_u64(statm.shared, 1121);
	is_i64(mml_pid_statm_parse(mml_span_str("43520 2635"), &statm), -EINVAL);
	is_i64(mml_pid_statm_parse(mml_span_str(""), &statm), -EINVAL);
	is_i64(mml_pid_statm_parse(mml_span_str("1 -2 3\n"), &statm), -EINVAL);
}

static struct mml_row *new_row(void)
{
	return calloc(1, sizeof(struct mml_row) + PROCESSES_NCOLUMNS * sizeof(union mml_value));
}

static void test_status(void)
{
	static const char text[] = "Name:\ta\\nb\nUmask:\t0022\nState:\tS (sleeping)\nPPid:\t5\n"
				   "Uid:\t1000\t1001\t1000\t1000\nVmSize:\t  105868 kB\n"
				   "VmHWM:\t   13788 kB\nVmRSS:\t   13604 kB\r\nVmSwap:\t     660 kB\n"
				   "Threads:\t3\n";
	struct mml_pid_status status;
	struct mml_fields fields;
	struct mml_row *row = new_row();

	is_i64(mml_pid_status_parse(mml_span_str(text), &status), 0);
	ok(mml_span_eq(status.name, "a\\nb"));
	is_u64(status.euid, 1001);
	is_u64(status.ppid, 5);
	is_u64(status.threads, 3);
	ok(status.has_mm);
	is_i64(mml_pid_status_parse(mml_span_str("Name:\tx\n"), &status), -EINVAL);
	is_i64(mml_pid_status_parse(mml_span_str(""), &status), -EINVAL);
	is_i64(mml_pid_status_parse(mml_span_str("Name:\tx\nState:\tS\nUid:\t1\n"), &status),
	       -EINVAL);

	mml_fields_of(&mml_collector_processes.schema, "status", &fields);
	mml_fields_add(&fields, "VmRSS", PROCESSES_rss);
	is_i64(mml_fields_fill(&fields, mml_span_str(text), row), 0);
	is_u64(row->cell[PROCESSES_rss].u64, 13604 * 1024);
	is_u64(row->cell[PROCESSES_swap].u64, 660 * 1024);
	is_u64(row->cell[PROCESSES_rss_peak].u64, 13788 * 1024);
	ok(!mml_has(row, PROCESSES_rss_anon));
	/* Not summed: read again it is the same. */
	is_i64(mml_fields_fill(&fields, mml_span_str(text), row), 0);
	is_u64(row->cell[PROCESSES_rss].u64, 13604 * 1024);
	is_i64(mml_fields_fill(&fields, mml_span_str("VmSwap:\t1 MB\n"), row), -EINVAL);
	is_i64(mml_fields_fill(&fields, mml_span_str("VmSwap:\t\n"), row), -EINVAL);
	is_i64(mml_fields_fill(&fields, mml_span_str("VmSwap:\t18446744073709551615 kB\n"), row),
	       -ERANGE);
	free(row);
}

static void test_smaps(void)
{
	static const char text[] =
		"5651255b1000-7ffc457f5000 ---p 00000000 00:00 0                 [rollup]\n"
		"Rss:               10540 kB\nPss:                7006 kB\n"
		"Private_Clean:      1128 kB\nNovelty:  1 kB\nTHPeligible:    0\n"
		"5651255b1000-7ffc457f5000 rw-p 00000000 00:00 0            /tmp/Pss: 5 kB\n"
		"Pss:                   4 kB\nVmFlags: rd ex mr\n";
	struct mml_fields fields;
	struct mml_row *row = new_row();

	mml_fields_of(&mml_collector_processes.schema, "smaps_rollup", &fields);
	fields.sum = true;
	is_i64(mml_fields_fill(&fields, mml_span_str(text), row), 0);
	is_u64(row->cell[PROCESSES_pss].u64, 7010 * 1024);
	is_u64(row->cell[PROCESSES_private_clean].u64, 1128 * 1024);
	ok(!mml_has(row, PROCESSES_pss_anon));
	is_i64(mml_fields_fill(&fields, mml_span_str("Pss: 18014398509481983 kB\nPss: 1 kB\n"),
			       row),
	       -ERANGE);
	free(row);
}

static void test_numa_maps(void)
{
	static const char text[] =
		"55d14d123000 default file=/usr/bin/cat mapped=2 mapmax=3 N0=2 kernelpagesize_kB=4\n"
		"55d14d124000 prefer (many):0-1 file=/a\\040N5\\0757 anon=3 N0=1 N1=2\n"
		"7f2a40000000 bind=static|balancing:0-1 huge dirty=3 N9=3 kernelpagesize_kB=2048\n"
		"7f2a50000000 default\n";
	static struct mml_node_bytes nodes, huge;

	is_i64(mml_numa_maps_sum(mml_span_str(text), 4096, &nodes), 0);
	is_u64(nodes.limit, 10);
	is_u64(nodes.bytes[0], 3 * 4096);
	is_u64(nodes.bytes[1], 2 * 4096);
	is_u64(nodes.bytes[5], 0);
	is_u64(nodes.bytes[9], 6 << 20);
	is_i64(mml_numa_maps_sum(mml_span_str("zz default N0=1\n"), 4096, &huge), -EINVAL);
	is_i64(mml_numa_maps_sum(mml_span_str("10 default N5000=1\n"), 4096, &huge), -ERANGE);
	is_i64(mml_numa_maps_sum(mml_span_str("10 default N0=18446744073709551615\n"), 4096, &huge),
	       -ERANGE);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void is_group(const char *text, const char *cgroup, const char *unit, const char *container)
{
	struct mml_arena *arena = mml_arena_new();
	struct mml_ident who = { 0 };

	mml_cgroup_parse(arena, mml_span_str(text), &who);
	is_str(who.cgroup ? who.cgroup : "", cgroup);
	is_str(who.unit ? who.unit : "", unit);
	is_str(who.container ? who.container : "", container);
	mml_arena_free(arena);
}

static void test_cgroup(void)
{
	is_group("0::/system.slice/ssh.service\n", "/system.slice/ssh.service", "ssh.service", "");
	is_group("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope\n",
		 "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
		 "app-x.scope", "");
	is_group("0::/user.slice\n", "/user.slice", "user.slice", "");
	is_group("9:name=systemd:/\n4:cpu,memory:/docker/" ID "\n0::/\n", "/docker/" ID, "",
		 "0123456789ab");
	is_group("0::/system.slice/docker-" ID ".scope\n", "/system.slice/docker-" ID ".scope",
		 "docker-" ID ".scope", "0123456789ab");
	is_group("4:memory:/lxc/web/init\n1:name=systemd:/lxc/web/a.service\n", "/lxc/web/init",
		 "a.service", "web");
	is_group("0::/lxc.payload.db/x.service\n", "/lxc.payload.db/x.service", "x.service", "db");
	is_group("0::/machine.slice/machine-deb.scope\n", "/machine.slice/machine-deb.scope",
		 "machine-deb.scope", "deb");
	is_group("0::/a:b\n", "/a:b", "", "");
	is_group("nonsense\n\n0::\n", "", "", "");
}

static void test_tty(void)
{
	struct mml_arena *arena = mml_arena_new();

	ok(!mml_tty_name(arena, 0));
	is_str(mml_tty_name(arena, 34817), "pts/1");
	is_str(mml_tty_name(arena, 4 << 8 | 2), "tty2");
	is_str(mml_tty_name(arena, 4 << 8 | 65), "ttyS1");
	is_str(mml_tty_name(arena, 5 << 8 | 1), "console");
	is_str(mml_tty_name(arena, 137 << 8 | 3), "pts/259");
	mml_arena_free(arena);
}

int main(void)
{
	test_stat();
	test_statm();
	test_status();
	test_smaps();
	test_numa_maps();
	test_cgroup();
	test_tty();
	return tap_done();
}
