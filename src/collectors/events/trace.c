/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/tasks.h"
#include "../../core/trouble.h"

#define TICK_NS 10000000u

int mml_trace_check(const void *bytes, size_t length, enum mml_trace_kind kind,
		    struct mml_trace_head *ret)
{
	static const char magic[] = MML_TRACE_MAGIC;
	int i;

	if (length < sizeof(*ret))
		return -EBADMSG;
	memcpy(ret, bytes, sizeof(*ret));
	if (memcmp(ret->magic, magic, sizeof(magic)))
		return -EBADMSG;
	if (ret->order != MML_TRACE_ORDER || ret->version != MML_TRACE_VERSION)
		return -ENOTSUP;
	if (ret->kind != kind || ret->length != length - sizeof(*ret))
		return -EBADMSG;
	if (ret->page_size < 1024 || (ret->page_size & (ret->page_size - 1)))
		return -EBADMSG;
	for (i = 0; i < MML_TRACE_NAMES; i++)
		ret->names[i][MML_TRACE_NAME_LEN - 1] = '\0';
	return 0;
}

/* Returns whether the head's three counts of rows, which have one size, add up to what follows the
 * head. */
static bool rows_agree(const struct mml_trace_head *head, size_t row_size)
{
	uint64_t most = head->length / row_size;

	return head->length % row_size == 0 && head->living <= most && head->dead <= most &&
	       head->idle <= most && head->living + head->dead + head->idle == most;
}

static void copy_comm(char *ret, const char *comm, size_t length)
{
	memcpy(ret, comm, length);
	ret[length] = '\0';
}

/* The same as task_state_index() and task_state_array in fs/proc/array.c, since 4.14. */
static char state_letter(uint32_t state, uint32_t exit_state)
{
	static const char letters[] = "RSDTtXZP";
	const uint32_t uninterruptible = 0x2, noload = 0x400, rtlock_wait = 0x1000, frozen = 0x8000;
	uint32_t report = (state | exit_state) & 0x7f;

	if ((state & (uninterruptible | noload)) == (uninterruptible | noload))
		return 'I';
	if (state & (rtlock_wait | frozen))
		report = uninterruptible;
	return report ? letters[32 - __builtin_clz(report)] : 'R';
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The same as task_mem() in fs/proc/task_mmu.c. */
static void read_memory(const struct mml_task_process *from, uint64_t page,
			struct mml_task_counters *ret)
{
	uint64_t exec = from->exec_vm * page;
	uint64_t text = ((from->end_code + page - 1) & ~(page - 1)) - (from->start_code & ~(page - 1));

	ret->has_mm = true;
	ret->rss_file = (uint64_t)from->rss[0] * page;
	ret->rss_anon = (uint64_t)from->rss[1] * page;
	ret->swap = (uint64_t)from->rss[2] * page;
	ret->rss_shmem = (uint64_t)from->rss[3] * page;
	ret->rss = ret->rss_file + ret->rss_anon + ret->rss_shmem;
	ret->vsize = from->total_vm * page;
	ret->vsize_peak = max_u64(from->hiwater_vm * page, ret->vsize);
	ret->rss_peak = max_u64(from->hiwater_rss * page, ret->rss);
	ret->locked = from->locked_vm * page;
	ret->pinned = from->pinned_vm * page;
	ret->data = from->data_vm * page;
	ret->stack = from->stack_vm * page;
	ret->text = text < exec ? text : exec;
	ret->library = exec - ret->text;
	ret->page_tables = from->page_tables;
	ret->hugetlb = from->hugetlb * page;
	ret->has_hugetlb = from->flags & MML_TASK_HUGETLB;
}

static void read_process(const struct mml_task_process *from, uint64_t page,
			 struct mml_task_counters *ret)
{
	*ret = (struct mml_task_counters){
		.pid = (pid_t)from->tgid,
		.ppid = (pid_t)from->ppid,
		.uid = from->uid,
		.euid = from->euid,
		.threads = from->threads,
		.oom_score_adj = from->oom_score_adj,
		.start_ns = from->start_boottime,
		.start_ticks = from->start_boottime / TICK_NS,
		.min_faults = from->min_flt,
		.maj_faults = from->maj_flt,
		.kthread = from->flags & MML_TASK_KTHREAD,
		.state = state_letter(from->state, from->exit_state),
	};
	copy_comm(ret->comm, from->comm, sizeof(from->comm));
	if (from->flags & MML_TASK_HAS_MM)
		read_memory(from, page, ret);
}

static size_t record_size(uint32_t kind)
{
	switch (kind) {
	case MML_TASK_PROCESS:
		return sizeof(struct mml_task_process);
	case MML_TASK_THREAD:
		return sizeof(struct mml_task_thread);
	default:
		return 0;
	}
}

/* Checks that records of known kinds fill the bytes exactly, and counts the processes among them. */
static int count_processes(const char *at, const char *end, size_t *ret)
{
	uint32_t kind;
	size_t size;

	for (*ret = 0; at < end; at += size) {
		if ((size_t)(end - at) < sizeof(kind))
			return -EBADMSG;
		memcpy(&kind, at, sizeof(kind));
		size = record_size(kind);
		if (!size || size > (size_t)(end - at))
			return -EBADMSG;
		*ret += kind == MML_TASK_PROCESS;
	}
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	const struct mml_task_counters *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* A thread may come before its process, because its number can be below that of the first one of
 * its group. */
static void add_threads(const char *at, const char *end, struct mml_task_counters *tasks,
			size_t count)
{
	struct mml_task_counters key, *task;
	struct mml_task_thread thread;
	uint32_t kind;

	for (; at < end; at += record_size(kind)) {
		memcpy(&kind, at, sizeof(kind));
		if (kind != MML_TASK_THREAD)
			continue;
		memcpy(&thread, at, sizeof(thread));
		key.pid = (pid_t)thread.tgid;
		task = bsearch(&key, tasks, count, sizeof(*tasks), compare_pids);
		if (!task)
			continue;
		task->min_faults += thread.min_flt;
		task->maj_faults += thread.maj_flt;
	}
}

int mml_trace_tasks(const void *bytes, size_t length, struct mml_task_counters **ret,
		    size_t *ret_count)
{
	struct mml_task_counters *tasks;
	struct mml_task_process process;
	struct mml_trace_head head;
	const char *start, *end, *at;
	size_t count, n = 0;
	uint32_t kind;
	int err;

	err = mml_trace_check(bytes, length, MML_TRACE_TASKS, &head);
	if (err)
		return err;
	start = (const char *)bytes + sizeof(head);
	end = start + head.length;
	err = count_processes(start, end, &count);
	if (err)
		return err;
	tasks = mml_malloc(count ? count * sizeof(*tasks) : 1);
	if (!tasks)
		return -ENOMEM;
	for (at = start; at < end; at += record_size(kind)) {
		memcpy(&kind, at, sizeof(kind));
		if (kind != MML_TASK_PROCESS)
			continue;
		memcpy(&process, at, sizeof(process));
		read_process(&process, head.page_size, &tasks[n]);
		if (n && tasks[n - 1].pid > tasks[n].pid)
			err = 1;
		n++;
	}
	/* The kernel goes through processes by number, but does not promise that. */
	if (err)
		qsort(tasks, n, sizeof(*tasks), compare_pids);
	add_threads(start, end, tasks, n);
	*ret = tasks;
	*ret_count = n;
	return 0;
}

/* A row's owner and its place. The rows of the dead come behind those of the living. */
struct place {
	uint32_t tgid;
	uint64_t start;
	uint64_t index;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->tgid != right->tgid)
		return left->tgid < right->tgid ? -1 : 1;
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

/* Sorts the rows so that those of a process lie together. */
static int sort_rows(const char *rows, size_t row_size, uint64_t count, struct place **ret)
{
	struct place *places = mml_malloc(count ? count * sizeof(*places) : 1);
	struct mml_trace_owner owner;
	uint64_t i;

	if (!places)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		memcpy(&owner, rows + i * row_size, sizeof(owner));
		places[i] = (struct place){ owner.tgid, owner.start, i };
	}
	qsort(places, count, sizeof(*places), compare_places);
	*ret = places;
	return 0;
}

static void add_counters(void *sum, const void *part, size_t size)
{
	uint64_t *to = sum;
	const char *from = part;
	uint64_t value;
	size_t i;

	for (i = 0; i < size / sizeof(*to); i++) {
		memcpy(&value, from + i * sizeof(value), sizeof(value));
		to[i] += value;
	}
}

static bool same_process(const struct place *a, const struct place *b)
{
	return a->tgid == b->tgid && a->start == b->start;
}

/*
 * Finds the rows of places[first..] that belong to one process. A process that ended while the living
 * were read is in both lists. Then only the row of the dead counts, because it has everything.
 */
static size_t end_of_process(const struct place *places, uint64_t count, uint64_t first,
			     const struct mml_trace_head *head, uint64_t *ret_from, bool *ret_dead)
{
	uint64_t end = first;

	while (end < count && same_process(&places[first], &places[end]))
		end++;
	*ret_from = first;
	*ret_dead = false;
	while (*ret_from < end && places[*ret_from].index < head->living)
		++*ret_from;
	if (*ret_from == end)
		*ret_from = first;
	else
		*ret_dead = places[*ret_from].index < head->living + head->dead;
	return end;
}

int mml_trace_counts(const void *bytes, size_t length, enum mml_trace_kind kind, size_t counts_size,
		     size_t stored_size, struct mml_trace_head *ret_head, char **ret,
		     size_t *ret_count)
{
	const size_t row_size = sizeof(struct mml_trace_owner) + stored_size;
	const size_t sum_size = sizeof(struct mml_sum_owner) + counts_size;
	const char *rows = (const char *)bytes + sizeof(*ret_head), *row = rows;
	struct mml_sum_owner *sum;
	struct mml_trace_owner owner;
	struct place *places;
	uint64_t count, i, end;
	char *sums;
	int err;

	err = mml_trace_check(bytes, length, kind, ret_head);
	if (err)
		return err;
	if (!rows_agree(ret_head, row_size))
		return -EBADMSG;
	count = ret_head->length / row_size;
	err = sort_rows(rows, row_size, count, &places);
	if (err)
		return err;
	sums = mml_calloc(count ? count : 1, sum_size);
	if (!sums) {
		free(places);
		return -ENOMEM;
	}
	*ret = sums;
	for (i = 0; i < count; i = end, sums += sum_size) {
		sum = (struct mml_sum_owner *)sums;
		end = end_of_process(places, count, i, ret_head, &i, &sum->dead);
		for (; i < end; i++) {
			row = rows + places[i].index * row_size;
			add_counters(sum + 1, row + sizeof(owner), stored_size);
		}
		memcpy(&owner, row, sizeof(owner));
		sum->pid = (pid_t)owner.tgid;
		sum->start_ns = owner.start;
		copy_comm(sum->comm, owner.comm, sizeof(owner.comm));
	}
	free(places);
	*ret_count = (size_t)(sums - *ret) / sum_size;
	return 0;
}
