/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/mounted.h"

#include "../tap.h"

static const char others[] =
	"44 43 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
	"45 44 0:22 / /sys rw,relatime shared:2 - sysfs sysfs rw\n"
	"46 44 0:23 / /proc/sys/fs/binfmt_misc rw - binfmt_misc none rw,hidepid=2\n";

static bool parse(const char *line, struct mml_mounted *ret, uint64_t *ret_gid)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s\n", others, line);
	return mml_mounted_parse(mml_span_str(text), ret, ret_gid);
}

int main(void)
{
	static const struct {
		const char *option;
		unsigned mode;
	} modes[] = { { "hidepid=0", 0 },	  { "hidepid=1", 1 },	      { "hidepid=2", 2 },
		      { "hidepid=4", 4 },	  { "hidepid=off", 0 },	      { "hidepid=noaccess", 1 },
		      { "hidepid=invisible", 2 }, { "hidepid=ptraceable", 4 }, { "hidepid=", 0 },
		      { "hidepid=x", 0 },	  { "hidepid=99", 0 } };
	struct mml_mounted m;
	uint64_t gid;

	ok(!mml_mounted_parse(mml_span_str(others), &m, &gid) && !m.proc);
	ok(parse("47 44 0:21 / /proc rw,relatime - proc proc rw", &m, &gid));
	ok(m.proc && !m.hidepid && !m.subset_pid && !gid);
	/* Optional fields, however many, and other options. */
	ok(parse("47 44 0:21 / /proc rw shared:5 master:1 - proc proc rw,gid=4,hidepid=2,subset=pid",
		 &m, &gid));
	ok(m.hidepid == 2 && m.subset_pid);
	is_u64(gid, 4);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char line[128];

		snprintf(line, sizeof(line), "47 44 0:21 / /proc rw - proc proc rw,%s",
			 modes[i].option);
		ok(parse(line, &m, &gid));
		is_u64(m.hidepid, modes[i].mode);
	}
	/* What is mounted last is seen. */
	ok(parse("47 44 0:21 / /proc rw - proc proc rw\n48 44 0:39 / /proc rw - proc proc rw,hidepid=1",
		 &m, &gid));
	is_u64(m.hidepid, 1);
	ok(!parse("47 44 0:21 / /proc rw - proc proc rw,hidepid=2\n48 47 0:40 / /proc rw - tmpfs t rw",
		  &m, &gid));
	ok(!m.proc && !m.hidepid);
	/* Lines that end early. */
	ok(!parse("47 44 0:21 / /proc", &m, &gid));
	ok(!parse("47 44 0:21 / /proc rw -", &m, &gid));
	ok(parse("47 44 0:21 / /proc rw - proc", &m, &gid) && !m.hidepid);
	return tap_done();
}
