/* What was live comes back: every table there is, in every format, sample after sample. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../../src/collectors/registry.h"
#include "../../src/core/sampler.h"
#include "../../src/record/writer.h"
#include "../../src/render/render.h"
#include "../../src/source/facts.h"
#include "../../src/source/recorder.h"
#include "../../src/source/replay.h"
#include "../../src/source/source.h"
#include "help.h"

enum { SAMPLES = 4, MOST = 128 };

static char looked_at[4096];
static pid_t subject; /* the process that is asked about, which does nothing */

/* What a table was in each sample: as every format prints it, and why something is absent. */
struct shown {
	struct mml_buf text[SAMPLES];
};

struct tables {
	struct mml_query query[MOST];
	struct mml_select select[MOST];
	size_t n;
};

/* An answer to each question that a table may be asked: a process, and memory of it. */
static void answer(struct mml_scope *scope, struct mml_arena *arena, size_t id, bool physical)
{
	char word[64];
	const char *why;

	switch (mml_params[id].type) {
	case MML_PARAM_IS_PIDS:
		snprintf(word, sizeof(word), "%d", (int)subject);
		break;
	case MML_PARAM_IS_RANGE:
		if (physical)
			strcpy(word, "1000000+100000");
		else
			snprintf(word, sizeof(word), "%p+1000", (void *)looked_at);
		break;
	case MML_PARAM_IS_ADDRESSES:
		snprintf(word, sizeof(word), "%p", (void *)looked_at);
		break;
	default:
		strcpy(word, "stack");
	}
	if (mml_scope_set(scope, (enum mml_param_id)id, mml_arena_strndup(arena, word, strlen(word)), arena, &why))
		die(mml_params[id].name);
}

/* The table with all columns, asked about what it cannot do without. */
static void ask(struct tables *tables, const struct mml_collector *table, struct mml_arena *arena,
		uint64_t budget_ns)
{
	struct mml_query *query = &tables->query[tables->n];
	struct mml_select *select = &tables->select[tables->n++];

	mml_select_init(select, &table->schema);
	mml_select_all_columns(select);
	*query = (struct mml_query){
		.collector = table,
		.reading = { .needs = mml_select_needs(select) & ~table->heavy,
			     .observe_ns = 1000000,
			     .budget_ns = !strcmp(table->schema.name, "processes") ? budget_ns : 0,
			     .cancel_fd = -1 },
	};
	for (size_t id = 0; id < MML_PARAMS; id++)
		if (table->requires >> id & 1)
			answer(&query->scope, arena, id,
			       !strcmp(table->schema.name, "buddies"));
}

static void put_absence(struct mml_buf *out, const char *what, const struct mml_absence *why)
{
	if (why->reason)
		mml_buf_printf(out, "%s: %s; %s\n", what, why->reason, why->needs ? why->needs : "");
}

static void put_table(struct mml_buf *out, const struct mml_snapshot *snap, size_t i,
		      const struct mml_select *select)
{
	struct mml_snapshot one = *snap;
	const struct mml_table *table = snap->tables[i];
	size_t n = 0;

	one.ntables = 1;
	one.tables = &snap->tables[i];
	while (mml_renderers[n])
		n++;
	/* The last ones first: what differs is seen best where columns are as wide as their text. */
	while (n--) {
		struct mml_format format = { .renderer = mml_renderers[n], .width = 80 };

		format.style.page_size = snap->host.page_size;
		if (mml_render(out, select, &one, &format))
			die("render");
	}
	put_absence(out, "all", &table->absence);
	mml_buf_printf(out, "%d %s\n", table->error != 0, table->note ? table->note : "");
	for (size_t c = 0; table->columns && c < table->schema->ncolumns; c++)
		put_absence(out, table->schema->columns[c].name, &table->columns[c]);
}

static void take(struct mml_sampler *sampler, const struct tables *tables, size_t sample,
		 struct shown *shown, struct mml_time *ret)
{
	struct mml_snapshot *snap;

	if (mml_sampler_take(sampler, tables->query, tables->n, &snap))
		die("sample");
	for (size_t i = 0; i < tables->n; i++)
		put_table(&shown[i].text[sample], snap, i, &tables->select[i]);
	*ret = snap->time;
	mml_snapshot_put(snap);
}

static void record(const char *path, const struct tables *tables, struct shown *shown)
{
	struct mml_buf facts = { 0 }, why = { 0 };
	struct mml_recorder *recorder;
	struct mml_sampler *sampler;
	struct mml_writer *writer;
	struct mml_root *root;

	if (mml_root_open(NULL, &root) || mml_root_identify(root))
		die("root");
	mml_root_count_nodes(root);
	if (mml_facts_put(&facts, mml_root_host(root)) || mml_root_record(root, true, &recorder))
		die("memory");
	if (mml_writer_open(path, &(struct mml_writer_options){ .facts = facts.data }, &why, &writer))
		die(why.data);
	sampler = mml_sampler_new(root);
	for (size_t n = 0; n < SAMPLES; n++) {
		struct mml_sample *sample;
		struct mml_instant instant;
		struct mml_time time;

		if (mml_recorder_begin(recorder, mml_writer_former(writer), mml_now_ns()))
			die("memory");
		take(sampler, tables, n, shown, &time);
		instant = mml_recorder_instant(&time);
		if (mml_recorder_end(recorder, &sample) ||
		    mml_writer_append(writer, sample, &instant, 0))
			die("append");
		mml_sample_put(sample);
	}
	mml_sampler_free(sampler);
	mml_writer_close(writer);
	mml_root_close(root);
	mml_buf_free(&facts);
}

static void replay(const char *path, const struct tables *tables, struct shown *shown)
{
	struct mml_sampler *sampler;
	struct mml_buf why = { 0 };
	struct mml_replay *replay;
	struct mml_root *root;
	struct mml_time time;

	if (mml_replay_open(path, &why, &root, &replay))
		die(why.data);
	sampler = mml_sampler_new(root);
	for (size_t n = 0; n < SAMPLES; n++) {
		if (mml_replay_go(replay, n))
			die("go");
		take(sampler, tables, n, shown, &time);
	}
	mml_sampler_free(sampler);
	mml_root_close(root);
}

static const char *text_of(const struct mml_buf *buf)
{
	return buf->data ? buf->data : "";
}

static void print_line(const char *what, const char *s)
{
	fputs(what, stdout);
	fwrite(s, 1, strcspn(s, "\n"), stdout);
	putchar('\n');
}

/* Prints where A and B begin to differ. */
static void explain(const char *a, const char *b)
{
	while (*a && strcspn(a, "\n") == strcspn(b, "\n") &&
	       !strncmp(a, b, strcspn(a, "\n") + 1)) {
		a += strcspn(a, "\n") + (a[strcspn(a, "\n")] != 0);
		b += strcspn(b, "\n") + (b[strcspn(b, "\n")] != 0);
	}
	for (int n = 0; n < 3; n++) {
		print_line("# live:     ", a);
		print_line("# replayed: ", b);
		a += strcspn(a, "\n") + (a[strcspn(a, "\n")] != 0);
		b += strcspn(b, "\n") + (b[strcspn(b, "\n")] != 0);
	}
}

static void compare(const struct tables *tables, struct shown *live, struct shown *replayed,
		    const char *how)
{
	for (size_t i = 0; i < tables->n; i++) {
		size_t same = 0;

		while (same < SAMPLES &&
		       !strcmp(text_of(&live[i].text[same]), text_of(&replayed[i].text[same])))
			same++;
		if (!tap_ok(same == SAMPLES, "%s, %s", tables->query[i].collector->schema.name, how))
			explain(text_of(&live[i].text[same]), text_of(&replayed[i].text[same]));
		for (size_t n = 0; n < SAMPLES; n++) {
			mml_buf_free(&live[i].text[n]);
			mml_buf_free(&replayed[i].text[n]);
		}
	}
}

/* Records all tables that can do without an argument, or ONE table alone. */
static void test(const struct mml_collector *one, uint64_t budget_ns, const char *how)
{
	static struct shown live[MOST], replayed[MOST];
	char dir[] = "/tmp/mmlens-replay-XXXXXX";
	struct mml_arena *arena = mml_arena_new();
	struct tables *tables = calloc(1, sizeof(*tables));
	struct mml_buf path = { 0 };

	if (!arena || !tables || !mkdtemp(dir))
		die("mkdtemp");
	mml_buf_printf(&path, "%s/all.mml", dir);
	for (size_t i = 0; mml_collectors[i]; i++)
		if (one ? one == mml_collectors[i] : !mml_collectors[i]->requires)
			ask(tables, mml_collectors[i], arena, budget_ns);
	record(path.data, tables, live);
	replay(path.data, tables, replayed);
	compare(tables, live, replayed, how);
	unlink(path.data);
	rmdir(dir);
	mml_buf_free(&path);
	mml_arena_free(arena);
	free(tables);
}

/* A process that does nothing, and ends when this one does, however it does: who reads what the tests print
 * would wait for it for ever. */
static pid_t make_subject(void)
{
	int ready[2];
	pid_t pid;
	char c, *huge;

	looked_at[0] = 1;
	if (pipe(ready) || (pid = fork()) < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		looked_at[0] = 2;
		/* Where there are huge pages, another table reads its files, too. */
		huge = mmap(NULL, 1, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
		if (huge != MAP_FAILED)
			*huge = 1;
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		die("subject");
	return pid;
}

/* As among_groups in tests/tap.sh. */
static void wait_for_groups(void)
{
	const char *dir = getenv("top_builddir");
	int fd = open(dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int tests = fd < 0 ? -1 : openat(fd, "tests", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (tests >= 0)
		flock(tests, LOCK_EX);
	if (fd >= 0)
		close(fd);
}

int main(void)
{
	wait_for_groups();
	subject = make_subject();
	test(NULL, 0, "all of it read in each sample");
	test(NULL, 1000000, "costly columns in turn");
	for (size_t i = 0; mml_collectors[i]; i++)
		if (mml_collectors[i]->requires)
			test(mml_collectors[i], 0, "of one process");
	kill(subject, SIGKILL);
	return tap_done();
}
