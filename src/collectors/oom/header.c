/* The first lines of a report: who asked for what; and the line that says which limit it was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "build.h"

static bool hex_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Set *RET to S unless it is empty. */
static int keep(struct mml_oom_build *b, struct mml_span s, const char **ret)
{
	if (s.p >= s.end)
		return 0;
	*ret = mml_oom_text(b, s);
	return *ret ? 0 : -ENOMEM;
}

/* "0x40dc0(GFP_KERNEL|__GFP_COMP)", behind BEFORE. */
static int parse_gfp(struct mml_oom_build *b, struct mml_oom_report *r,
		     const struct mml_oom_logical *l, const char *before)
{
	struct mml_span s, n;
	const char *end;

	if (mml_oom_has(r->gfp_mask) || !mml_oom_between(mml_oom_logical_text(l), before, NULL, &s))
		return 0;
	n = s;
	while (n.p < s.end && hex_char(*n.p))
		n.p++;
	n = (struct mml_span){ s.p, n.p };
	if ((n.end == s.end && (l->cut || l->full)) || mml_parse_hex(n, &r->gfp_mask.n))
		return 0;
	r->gfp_mask.line = mml_oom_logical_line(l, n.p);
	s.p = n.end;
	if (s.p == s.end || *s.p != '(')
		return 0;
	end = memchr(s.p, ')', mml_span_len(s));
	r->gfp_printed_whole = end != NULL;
	return keep(b, (struct mml_span){ s.p + 1, end ? end : s.end }, &r->gfp_printed);
}

/* A number with a sign behind BEFORE; false: none, or its end is missing. */
static bool signed_after(const struct mml_oom_logical *l, const char *before, int64_t *ret)
{
	struct mml_span s, n;

	if (!mml_oom_between(mml_oom_logical_text(l), before, NULL, &s))
		return false;
	n = s;
	n.p += n.p < s.end && *n.p == '-';
	while (n.p < s.end && *n.p >= '0' && *n.p <= '9')
		n.p++;
	if (n.p == s.end && (l->cut || l->full))
		return false;
	return !mml_parse_i64((struct mml_span){ s.p, n.p }, ret);
}

/* "(null)" is no mask at all. */
static int keep_mask(struct mml_oom_build *b, struct mml_span s, const char **ret)
{
	while (s.end > s.p && (s.end[-1] == ',' || s.end[-1] == ' '))
		s.end--;
	return mml_span_eq(s, "(null)") || *ret ? 0 : keep(b, s, ret);
}

/*
 * NAME invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0                          2.6.18
 * NAME invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=0, oom_score_adj=0            2.6.36
 * NAME invoked oom-killer: gfp_mask=0x24201ca(GFP_...), order=0, oom_score_adj=0            4.6
 * NAME invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null), order=0,
 * oom_score_adj=0   4.10 to 4.20
 */
int mml_oom_parse_oom(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		      const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), rest = text, part;
	const char *at = NULL, *next;
	int64_t n;

	if (!r)
		return 0;
	(void)s;
	/* A name may have anything in it, even these words. */
	while ((next = mml_oom_find(rest, " invoked oom-killer:"))) {
		at = next;
		rest.p = next + 1;
	}
	r->header_seen = true;
	if (at && keep(b, (struct mml_span){ text.p, at }, &r->comm))
		return -ENOMEM;
	if (parse_gfp(b, r, l, "gfp_mask=0x"))
		return -ENOMEM;
	if (mml_oom_between(text, ", nodemask=", ", order=", &part) && part.end < text.end &&
	    keep_mask(b, part, &r->nodemask))
		return -ENOMEM;
	if (mml_oom_between(text, "oom_policy=", " ", &part) && (part.end < text.end || !l->cut) &&
	    keep(b, part, &r->policy))
		return -ENOMEM;
	r->has_order = signed_after(l, "order=", &r->order);
	if (r->has_order && r->order < 0)
		r->kind = MML_OOM_KIND_MANUAL;
	r->has_adj = signed_after(l, "oom_score_adj=", &r->adj);
	r->old_score = !mml_oom_find(text, "oom_score_adj=") &&
		       (signed_after(l, "oom_adj=", &n) || signed_after(l, "oomkilladj=", &n));
	return 0;
}

/* ", nodemask=(null),cpuset=/,mems_allowed=0", since 4.12 with the last two. */
static int parse_masks(struct mml_oom_build *b, struct mml_oom_report *r,
		       const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), part;

	if (mml_oom_between(text, "nodemask=", ",cpuset=", &part)) {
		const char *blank = memchr(part.p, ' ', mml_span_len(part));

		part.end = blank ? blank : part.end;
		if ((part.end < text.end || !l->cut) && keep_mask(b, part, &r->nodemask))
			return -ENOMEM;
	}
	if (mml_oom_between(text, ",cpuset=", ",mems_allowed=", &part) && part.end < text.end &&
	    keep(b, part, &r->cpuset))
		return -ENOMEM;
	if (mml_oom_between(text, ",mems_allowed=", NULL, &part) && !l->cut && !l->full)
		return keep_mask(b, part, &r->mems_allowed);
	return 0;
}

/* What is before BEFORE in L is a name. */
static int parse_comm(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		      const struct mml_oom_logical *l, const char *before)
{
	struct mml_span text = mml_oom_logical_text(l);
	const char *at = mml_oom_find(text, before);

	if (at && at - text.p > 1 && at[-1] == ' ' && at[-2] == ':')
		return keep(b, (struct mml_span){ text.p, at - 2 }, &r->comm);
	if (at == text.p && s->comm && l->seg->line - s->comm_line < 8)
		r->comm = s->comm;
	return 0;
}

/*
 * NAME: page allocation failure. order:5, mode:0x4020                                        to 3.x
 * NAME: page allocation failure: order:4, mode:0x40c00(GFP_NOIO|__GFP_COMP), nodemask=(null)
 * since 4.9 NAME: page allocation stalls for 10000ms, order:0, mode:... 4.9 to 4.14
 */
int mml_oom_parse_failure(struct mml_oom_build *b, struct mml_oom_stream *s,
			  struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	if (!r)
		return 0;
	r->header_seen = true;
	if (parse_comm(b, s, r, l, "page allocation ") || parse_gfp(b, r, l, "mode:0x"))
		return -ENOMEM;
	if (!r->has_order)
		r->has_order = signed_after(l, "order:", &r->order) && r->order >= 0;
	r->stall_ms = mml_oom_number_after(l, mml_oom_logical_text(l), "stalls for ", "ms");
	return parse_masks(b, r, l);
}

/*
 * vmalloc: allocation failure: 8589934588 bytes to 4.9 NAME: vmalloc: allocation failure:
 * 8589934588 bytes, mode:0x14080c0(...), nodemask=(null)     4.10 NAME: vmalloc error: size 0, page
 * order 9, failed to allocate pages, mode:0xcc2(...), ...     5.12
 */
int mml_oom_parse_vmalloc(struct mml_oom_build *b, struct mml_oom_stream *s,
			  struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), why;

	if (!r)
		return 0;
	r->header_seen = true;
	if (parse_comm(b, s, r, l, "vmalloc") || parse_gfp(b, r, l, "mode:0x"))
		return -ENOMEM;
	r->vmalloc_size = mml_oom_number_after(l, text, "error: size ", NULL);
	if (!mml_oom_has(r->vmalloc_size))
		r->vmalloc_size = mml_oom_number_after(l, text, "failure: ", " bytes");
	if (!mml_oom_has(r->vmalloc_size))
		r->vmalloc_size = mml_oom_number_after(l, text, " of ", " bytes");
	r->has_order = signed_after(l, "page order ", &r->order) && r->order >= 0;
	/* What failed stands between the size and the flags. */
	if (mml_oom_between(text, "error: size ", ", mode:", &why)) {
		struct mml_span size;

		mml_next_field(&why, ',', &size);
		why = mml_span_trim(why);
		if (mml_span_starts(why, "page order "))
			mml_next_field(&why, ',', &size);
		if (keep(b, mml_span_trim(why), &r->vmalloc_why))
			return -ENOMEM;
	}
	r->vmalloc_space = mml_oom_find(text, "vm_struct allocation failed") ||
			   mml_oom_find(text, "vmap area") ||
			   (s->space_line && l->seg->line - s->space_line < 4);
	return parse_masks(b, r, l);
}

static bool release(struct mml_span tok)
{
	struct mml_span n;

	return mml_next_field(&tok, '.', &n) && mml_span_len(n) && mml_span_len(n) < 3 &&
	       *n.p >= '2' && *n.p <= '9' && tok.p < tok.end && *tok.p >= '0' && *tok.p <= '9';
}

/* The kernel's release is the first word like 6.12.117 behind the taints; what follows it is
 * #BUILD. */
static int parse_release(struct mml_oom_build *b, const struct mml_oom_logical *l,
			 struct mml_span rest, const char **ret)
{
	struct mml_span tok;

	while (mml_next_token(&rest, &tok))
		if (release(tok))
			return tok.end == mml_oom_logical_text(l).end && (l->cut || l->full)
				       ? 0
				       : keep(b, tok, ret);
	return 0;
}

/* CPU: 1 UID: 0 PID: 168 Comm: worker Tainted: G        W          6.12.117+deb12-cloud-amd64 #1
 * Pid: 23105, comm: apt-check Tainted: G    B   W  2.6.30 #11 to 3.10 */
int mml_oom_parse_cpu(struct mml_oom_build *b, struct mml_oom_stream *s, struct mml_oom_report *r,
		      const struct mml_oom_logical *l)
{
	static const char *const ends[] = { " Tainted: ", " Not tainted", " Kdump: ", " Not " };
	struct mml_span text = mml_oom_logical_text(l), comm = { NULL, NULL };
	bool old = mml_span_starts(text, "Pid: ");
	struct mml_oom_value pid =
		mml_oom_number_after(l, text, old ? "Pid: " : " PID: ", old ? "," : " ");
	const char *end = NULL, *kernel = NULL;

	if (!mml_oom_between(text, old ? ", comm: " : " Comm: ", NULL, &comm))
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends) && !end; i++)
		end = mml_oom_find(comm, ends[i]);
	if (!end)
		return 0;
	comm.end = end;
	if (parse_release(b, l, (struct mml_span){ end, text.end }, &kernel))
		return -ENOMEM;
	if (!r) {
		s->kernel = kernel;
		s->kernel_line = l->last_line;
		return 0;
	}
	if (!r->kernel)
		r->kernel = kernel;
	/* Between the lines of a report those of others may stand. */
	if (mml_oom_has(r->pid) || (r->comm && !mml_span_eq(mml_span_trim(comm), r->comm)))
		return 0;
	r->pid = pid;
	return r->comm ? 0 : keep(b, mml_span_trim(comm), &r->comm);
}

/* sed cpuset=/ mems_allowed=0-1 to 4.20 */
int mml_oom_parse_cpuset(struct mml_oom_build *b, struct mml_oom_stream *s,
			 struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), part;
	const char *at = mml_oom_find(text, " cpuset=");

	(void)s;
	if (!r || !at || (r->comm && !mml_span_eq((struct mml_span){ text.p, at }, r->comm)))
		return 0;
	if (!r->cpuset && mml_oom_between(text, " cpuset=", " mems_allowed=", &part) &&
	    part.end < text.end && keep(b, mml_span_trim(part), &r->cpuset))
		return -ENOMEM;
	if (!mml_oom_between(text, "mems_allowed=", " ", &part) ||
	    (part.end == text.end && (l->cut || l->full)))
		return 0;
	return keep_mask(b, part, &r->mems_allowed);
}

static enum mml_oom_constraint constraint(struct mml_span s)
{
	return mml_span_eq(s, "CONSTRAINT_NONE")	    ? MML_OOM_BY_NONE
	       : mml_span_eq(s, "CONSTRAINT_CPUSET")	    ? MML_OOM_BY_CPUSET
	       : mml_span_eq(s, "CONSTRAINT_MEMORY_POLICY") ? MML_OOM_BY_POLICY
	       : mml_span_eq(s, "CONSTRAINT_MEMCG")	    ? MML_OOM_BY_MEMCG
	       : mml_span_starts(s, "CONSTRAINT_BPF")	    ? MML_OOM_BY_BPF
							    : MML_OOM_BY_UNKNOWN;
}

/* What TEXT has from its last BEFORE on is cut off it and goes to RET. */
static bool last_part(struct mml_span *text, const char *before, struct mml_span *ret)
{
	struct mml_span rest = *text;
	const char *at = NULL, *next;

	while ((next = mml_oom_find(rest, before))) {
		at = next;
		rest.p = next + 1;
	}
	if (!at)
		return false;
	*ret = (struct mml_span){ at + strlen(before), text->end };
	text->end = at;
	return true;
}

/* The kind a report has by its constraint. */
static void set_constraint(struct mml_oom_report *r, enum mml_oom_constraint by)
{
	r->constraint = by;
	if (r->kind == MML_OOM_KIND_SHOW_MEM)
		r->kind = MML_OOM_KIND_OOM;
	if (by == MML_OOM_BY_MEMCG && r->kind == MML_OOM_KIND_OOM)
		r->kind = MML_OOM_KIND_MEMCG_OOM;
	if (by == MML_OOM_BY_BPF && r->kind != MML_OOM_KIND_KILL_ONLY)
		r->kind = MML_OOM_KIND_POLICY;
}

/* The victim's part: ",task=NAME,pid=N,uid=N" at the end of TEXT, which any path or name may have
 * too. */
static int parse_task(struct mml_oom_build *b, struct mml_oom_report *r,
		      const struct mml_oom_logical *l, struct mml_span *text)
{
	struct mml_span uid, pid, name;
	bool whole = last_part(text, ",uid=", &uid);

	if (!last_part(text, ",pid=", &pid))
		return 0;
	if (!whole && (l->cut || l->full))
		pid.end = pid.p;
	if (!mml_parse_u64(pid, &r->oomkill_pid.n))
		r->oomkill_pid.line = mml_oom_logical_line(l, pid.p);
	return last_part(text, ",task=", &name) ? keep(b, name, &r->oomkill_comm) : 0;
}

/* oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=app,mems_allowed=0-1,oom_memcg=/a,
 * task_memcg=/a/b,task=worker,pid=168,uid=0; global_oom in place of oom_memcg=; since 5.0. */
int mml_oom_parse_oomkill(struct mml_oom_build *b, struct mml_oom_stream *s,
			  struct mml_oom_report *r, const struct mml_oom_logical *l)
{
	struct mml_span text = mml_oom_logical_text(l), part, head;
	const char *limits, *whole;

	(void)s;
	if (!r)
		return 0;
	r->constraint_line = l->seg->line;
	if (mml_oom_between(text, "constraint=", ",", &part) && part.end < text.end)
		set_constraint(r, constraint(part));
	whole = text.end;
	if (parse_task(b, r, l, &text))
		return -ENOMEM;
	limits = mml_oom_find(text, ",global_oom");
	limits = limits ? limits : mml_oom_find(text, ",oom_memcg=");
	if (!limits)
		return 0;
	head = (struct mml_span){ text.p, limits };
	/* The path ends where the victim's part begins. */
	if (text.end < whole && mml_oom_between(text, ",task_memcg=", NULL, &part) &&
	    keep(b, part, &r->task_memcg))
		return -ENOMEM;
	if (mml_oom_between(text, ",oom_memcg=", ",task_memcg=", &part) && part.end < text.end &&
	    keep(b, part, &r->oom_memcg))
		return -ENOMEM;
	if (mml_oom_between(head, ",mems_allowed=", NULL, &part)) {
		r->mems_allowed = NULL;
		if (keep_mask(b, part, &r->mems_allowed))
			return -ENOMEM;
	}
	if (mml_oom_between(head, ",cpuset=", ",mems_allowed=", &part) && keep(b, part, &r->cpuset))
		return -ENOMEM;
	if (!mml_oom_between(head, ",nodemask=", ",cpuset=", &part))
		return 0;
	return keep_mask(b, part, &r->nodemask);
}

/* "dump_header+0x43/0x1d0", "? mt_find+0x21e/0x560 [xfs]", "[<ffffffff81cac64d>]
 * dump_stack+0xc1/0x124". */
int mml_oom_parse_frame(struct mml_oom_build *b, struct mml_oom_report *r, struct mml_span text,
			uint64_t line)
{
	struct mml_oom_frame *f;
	struct mml_span name = text, module;
	const char *plus;

	if (*name.p == '[') {
		const char *end = memchr(name.p, ']', mml_span_len(name));

		name.p = end ? end + 1 : name.end;
	}
	name = mml_span_trim(name);
	plus = mml_oom_find(name, "+0x");
	if (plus && mml_span_len(mml_span_trim((struct mml_span){ name.p, plus })) < 3)
		return 0;
	f = plus ? mml_arena_alloc(b->arena, sizeof(*f)) : NULL;
	if (!f)
		return plus ? -ENOMEM : 0;
	f->line = line;
	f->unsure = mml_span_starts(name, "? ");
	if (mml_oom_between((struct mml_span){ plus, text.end }, " [", "]", &module) &&
	    keep(b, module, &f->module))
		return -ENOMEM;
	name.p += f->unsure ? 2 : 0;
	name.end = plus;
	if (keep(b, mml_span_trim(name), &f->function))
		return -ENOMEM;
	r->complete |= MML_OOM_TRACE;
	r->lines++;
	*r->last_frame = f;
	r->last_frame = &f->next;
	return 0;
}
