/* Known numbers of page faults by mapping. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

/* Two mappings that meet inside 2 MiB. */
static char *neighbours;
enum { FIRST = 700, SECOND = 900 };

static void touch_neighbours(void)
{
	touch(neighbours, (FIRST + SECOND) * PAGE);
	touch(map(PAGE), PAGE);
}

static int regions_of(struct mml_bpf_session *session, pid_t pid, struct mml_trace_head *head,
		      struct mml_buf *maps, struct mml_fault_mapping **ret, size_t *ret_count)
{
	struct mml_buf bytes = { 0 };
	char path[64];
	int rc, fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY);
	while (!mml_buf_reserve(maps, 65536) && (n = read(fd, maps->data + maps->len, 65536)) > 0)
		maps->len += (size_t)n;
	close(fd);
	rc = mml_module_bpf.read(session, &bytes);
	if (!rc)
		rc = mml_trace_regions(bytes.data, bytes.len, pid,
				       (struct mml_span){ maps->data, maps->data + maps->len },
				       head, ret, ret_count);
	mml_buf_free(&bytes);
	return rc;
}

static void mappings(bool soft)
{
	struct mml_fault_mapping *list = NULL;
	struct mml_trace_head head = { 0 };
	struct mml_bpf_session *session;
	struct mml_buf maps = { 0 };
	struct worker w;
	size_t n = 0;
	char *around;
	uint64_t at;

	/* Other mappings may not touch them, or the kernel makes one of them. */
	around = mmap(NULL, (FIRST + SECOND + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	neighbours = around + PAGE;
	mprotect(neighbours, (FIRST + SECOND) * PAGE, PROT_READ | PROT_WRITE);
	madvise(neighbours, (FIRST + SECOND) * PAGE, MADV_NOHUGEPAGE);
	/* What sets them apart for the kernel is that one is left out of core dumps. */
	madvise(neighbours + FIRST * PAGE, SECOND * PAGE, MADV_DONTDUMP);
	at = (uint64_t)(uintptr_t)neighbours;
	w = worker_start(touch_neighbours, "mml-vma");
	session = start(MML_TRACE_REGIONS, soft, &w.pid);
	if (!session) {
		worker_end(&w);
		return;
	}
	touch(map(PAGES * PAGE), PAGES * PAGE); /* of a process that is not watched */
	worker_work(&w);
	ok(!regions_of(session, w.pid, &head, &maps, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const struct mml_fault_mapping *m = &list[i];

		if (m->start == at) {
			is_u64(m->end, at + FIRST * PAGE);
			is_u64(m->counts.user, FIRST);
			is_u64(soft ? m->counts.minor : m->counts.write, FIRST);
			/* The same faults once more, when they were resolved. */
			if (!soft && head.flags & MML_TRACE_RESOLVED)
				is_u64(m->counts.minor, FIRST);
			else if (!soft)
				tap_skip("no software events of perf");
			ok(!m->counts.major && !m->of_file && m->swaps);
			ok(m->hottest >= m->start && m->hottest < m->end &&
			   m->hottest_faults >= FIRST / 2 && m->hottest_faults <= FIRST);
			at = 0;
		} else if (m->start == (uint64_t)(uintptr_t)neighbours + FIRST * PAGE) {
			is_u64(m->counts.user, SECOND);
			is_u64(m->end, m->start + SECOND * PAGE);
		}
	}
	is_u64(at, 0);
	ok(hardly_any(head.dropped));
	free(list);
	mml_buf_free(&maps);
	mml_module_bpf.stop(session);
	worker_end(&w);
	munmap(around, (FIRST + SECOND + 2) * PAGE);
}

/* Its own code touches pages, and then the kernel's does, reading into others. */
static void touch_both_ways(void)
{
	int fd = open("/dev/zero", O_RDONLY);

	touch(map(PAGES * PAGE), PAGES * PAGE);
	if (read(fd, map(PAGES * PAGE), PAGES * PAGE) != PAGES * PAGE)
		_exit(1);
}

/* By the mapping that the faulting instruction lies in: this program's text, and none for the kernel. */
static void code(bool soft)
{
	uint64_t here = (uint64_t)(uintptr_t)touch_both_ways;
	struct mml_fault_mapping *list = NULL;
	struct worker w = worker_start(touch_both_ways, "mml-code");
	struct mml_bpf_session *session = start(MML_TRACE_CODE, soft, &w.pid);
	struct mml_trace_head head = { 0 };
	struct mml_buf maps = { 0 };
	uint64_t own = 0, kernel = 0;
	size_t n = 0;

	if (!session) {
		worker_end(&w);
		return;
	}
	worker_work(&w);
	ok(!regions_of(session, w.pid, &head, &maps, &list, &n));
	is_u64(head.kind, MML_TRACE_CODE);
	for (size_t i = 0; i < n; i++) {
		if (!list[i].mapped)
			kernel = list[i].counts.kernel;
		else if (here >= list[i].start && here < list[i].end)
			own = soft ? list[i].counts.minor : list[i].counts.user;
	}
	ok(about(own, PAGES));
	ok(about(kernel, PAGES));
	free(list);
	mml_buf_free(&maps);
	mml_module_bpf.stop(session);
	worker_end(&w);
}

/* More regions than the map has room for: those that found none are told. */
static void touch_too_many(void)
{
	char *p = map((size_t)(MML_FAULT_REGIONS_MAX + 1000) * REGION);

	for (size_t i = 0; i < MML_FAULT_REGIONS_MAX + 1000; i++)
		p[i * REGION] = 1;
}

static void full_map(void)
{
	struct mml_fault_mapping *list = NULL;
	struct mml_bpf_session *session;
	struct mml_trace_head head = { 0 };
	struct mml_buf maps = { 0 };
	uint64_t counted = 0, each, events;
	struct worker w;
	size_t n = 0;

	w = worker_start(touch_too_many, "mml-many");
	session = start(MML_TRACE_REGIONS, false, &w.pid);
	if (!session) {
		worker_end(&w);
		return;
	}
	worker_work(&w);
	ok(!regions_of(session, w.pid, &head, &maps, &list, &n));
	for (size_t i = 0; i < n; i++)
		counted += list[i].counts.user + list[i].counts.kernel;
	/* Where resolved faults are counted as well, each region takes two entries. */
	each = head.flags & MML_TRACE_RESOLVED ? 2 : 1;
	events = each * (MML_FAULT_REGIONS_MAX + 1000);
	for (size_t i = 0; i < n && each == 2; i++)
		counted += list[i].counts.minor + list[i].counts.major;
	ok(head.dropped >= events - MML_FAULT_REGIONS_MAX &&
	   head.dropped <= events - MML_FAULT_REGIONS_MAX + each * SLACK);
	ok(about(counted + head.dropped, events));
	free(list);
	mml_buf_free(&maps);
	mml_module_bpf.stop(session);
	worker_end(&w);
}

/* regions few: for emulated machines, as with a sanitizer. */
int main(int argc, char **argv)
{
	bool few = SANITIZED || (argc > 1 && !strcmp(argv[1], "few"));

	if (!can_look_on(MML_TRACE_REGIONS))
		return tap_done();
	mappings(false);
	mappings(true);
	code(false);
	code(true);
	if (!few)
		full_map();
	return tap_done();
}
