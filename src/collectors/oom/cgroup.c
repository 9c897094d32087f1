/* What a report says of the control group whose limit was hit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "build.h"

/* More than memory.stat will have for long. */
enum { MOST_STATS = 512 };

static int keep(struct mml_oom_build *b, struct mml_span s, const char **ret)
{
	if (s.p == s.end)
		return 0;
	*ret = mml_oom_text(b, s);
	return *ret ? 0 : -ENOMEM;
}

/* The group that is being described: the one whose limit it is comes first. */
static struct mml_oom_cgroup *group(struct mml_oom_build *b, struct mml_oom_stream *s,
				    struct mml_oom_report *r, uint64_t line)
{
	struct mml_oom_cgroup *c = s->cgroup;

	r->complete |= MML_OOM_CGROUP;
	if (r->kind == MML_OOM_KIND_OOM)
		r->kind = MML_OOM_KIND_MEMCG_OOM;
	if (c)
		return c;
	c = mml_arena_alloc(b->arena, sizeof(*c));
	if (!c)
		return NULL;
	c->line = line;
	c->is_limit = !r->cgroups;
	c->last = &c->stats;
	*r->last_cgroup = c;
	r->last_cgroup = &c->next;
	s->cgroup = c;
	return c;
}

/* Task in /a/b killed as a result of limit of /a to 4.20 */
int mml_oom_parse_task_in(struct mml_oom_build *b, struct mml_oom_stream *s,
			  struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	static const char middle[] = " killed as a result of limit of ";
	struct mml_span text = mml_oom_logical_text(l), task, limit;

	(void)s;
	if (!r || !mml_oom_between(text, "Task in ", middle, &task) ||
	    !mml_oom_between(text, middle, NULL, &limit))
		return 0;
	if (r->kind == MML_OOM_KIND_OOM)
		r->kind = MML_OOM_KIND_MEMCG_OOM;
	if (r->constraint == MML_OOM_BY_UNKNOWN)
		r->constraint = MML_OOM_BY_MEMCG;
	if (!r->constraint_line)
		r->constraint_line = l->seg->line;
	if (!r->task_memcg && keep(b, task, &r->task_memcg))
		return -ENOMEM;
	return r->oom_memcg || l->cut || l->full ? 0 : keep(b, limit, &r->oom_memcg);
}

static void set(struct mml_oom_value *value, struct mml_oom_value to)
{
	if (!value->line)
		*value = to;
}

/* memory: usage 49152kB, limit 49152kB, failcnt 64; v1: memory+swap: and kmem:, v2: swap: */
int mml_oom_parse_usage(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
			const struct mml_oom_logical *l)
{
	static const char *const names[] = {
		[MML_OOM_CG_MEMORY] = "memory: ",
		[MML_OOM_CG_MEMSW] = "memory+swap: ",
		[MML_OOM_CG_SWAP] = "swap: ",
		[MML_OOM_CG_KMEM] = "kmem: ",
	};
	struct mml_span text = mml_oom_logical_text(l);
	struct mml_oom_cgroup *c;
	unsigned i = 0;

	if (!r)
		return 0;
	while (i < MML_OOM_CG_COUNTERS && !mml_span_starts(text, names[i]))
		i++;
	if (i == MML_OOM_CG_COUNTERS)
		return 0;
	c = group(b, s, r, l->seg->line);
	if (!c)
		return -ENOMEM;
	set(&c->usage[i], mml_oom_number_after(l, text, "usage ", "kB"));
	set(&c->limit[i], mml_oom_number_after(l, text, "limit ", "kB"));
	set(&c->failcnt[i], mml_oom_number_after(l, text, "failcnt ", NULL));
	return 0;
}

static int add_stat(struct mml_oom_build *b, struct mml_oom_cgroup *c, struct mml_span key,
		    uint64_t n, uint64_t line)
{
	struct mml_oom_stat *stat;

	/* Of lines that were pasted twice the first counts. */
	for (stat = c->nstats < MOST_STATS ? c->stats : NULL; stat; stat = stat->next)
		if (mml_span_eq(key, stat->key))
			return 0;
	stat = mml_arena_alloc(b->arena, sizeof(*stat));
	if (!stat)
		return -ENOMEM;
	c->nstats++;
	stat->line = line;
	stat->n = n;
	stat->key = mml_oom_text(b, key);
	*c->last = stat;
	c->last = &stat->next;
	return stat->key ? 0 : -ENOMEM;
}

/* Memory cgroup stats for /a:                                      since 5.2, a value a line below
 * it Memory cgroup stats for /a: cache:108KB rss:197168KB ...         before, a line for each group
 * below the limit */
int mml_oom_parse_stats(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
			const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), path, rest;
	struct mml_oom_field field;
	struct mml_oom_cgroup *c;
	bool named;

	if (!r)
		return 0;
	/* A path may have a colon in it; what is behind the last one before the counters is none.
	 */
	named = mml_oom_between(text, "stats for ", ": ", &path) && path.end < text.end;
	if (!named && mml_oom_between(text, "stats for ", NULL, &path) && path.end > path.p &&
	    path.end[-1] == ':') {
		path.end--;
		named = true;
	}
	if (s->cgroup && s->cgroup->path && !(named && mml_span_eq(path, s->cgroup->path)))
		s->cgroup = NULL;
	c = group(b, s, r, l->seg->line);
	if (!c)
		return -ENOMEM;
	if (named && !c->path && keep(b, path, &c->path))
		return -ENOMEM;
	rest = (struct mml_span){ named ? path.end : text.end, text.end };
	while (mml_oom_next_field(l, &rest, &field))
		if (field.unit == MML_OOM_KB && field.n <= UINT64_MAX / 1024 &&
		    add_stat(b, c, field.key, field.n * 1024, field.line))
			return -ENOMEM;
	return 0;
}

/* anon 50089984; of memory.stat */
int mml_oom_parse_stat(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span rest = mml_oom_logical_text(l), key, tok;
	struct mml_oom_cgroup *c;
	uint64_t n;

	if (!r || l->cut || l->full || !mml_next_token(&rest, &key) ||
	    !mml_next_token(&rest, &tok) || mml_parse_u64(tok, &n))
		return 0;
	for (const char *p = key.p; p < key.end; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
			return 0;
	c = group(b, s, r, l->seg->line);
	return c ? add_stat(b, c, key, n, l->seg->line) : -ENOMEM;
}
