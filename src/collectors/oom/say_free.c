/* Why the free memory did not serve: zone by zone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "say.h"

enum { MOST_ZONES = 12 };

/* Numbers that are compared must not look the same when they are not: then they are given to the
 * KiB. */
static const char *near(struct mml_say *s, uint64_t bytes, uint64_t other)
{
	uint64_t apart = bytes > other ? bytes - other : other - bytes;
	const char *ret;

	if (apart > (bytes > other ? bytes : other) / 100)
		return mml_say_size(s, bytes);
	ret = mml_arena_printf(s->arena, "%" PRIu64 " KiB", bytes / 1024);
	s->error |= !ret;
	return ret ? ret : "";
}

static uint64_t item(const struct mml_oom_zone *z, enum mml_oom_item which)
{
	uint64_t ret = 0;

	mml_oom_kb(z->item[which], &ret);
	return ret;
}

/* "28.4 MiB free, of which 4.3 MiB belong to CMA: 24.2 MiB are left" */
static void say_have(struct mml_say *s, const struct mml_oom_zone *z, uint64_t against)
{
	uint64_t free = item(z, MML_OOM_FREE);

	mml_say(s, "%s: %s free", mml_say_zone(s, z), near(s, free, against));
	if (z->usable == free)
		return;
	mml_say_on(s, ", of which");
	if (z->cma && !s->r->request.movable)
		mml_say(s, "%s are CMA, for movable memory alone", mml_say_size(s, z->cma));
	if (z->highatomic && z->usable < free - (s->r->request.movable ? 0 : z->cma))
		mml_say(s, "%s%s are held for atomic requests",
			z->cma && !s->r->request.movable ? "and " : "",
			mml_say_size(s, z->highatomic));
	mml_say_on(s, ": %s usable", near(s, z->usable, against));
}

/* The mark that was tested: min, min lowered for the request, or high. */
static void say_mark(struct mml_say *s, const struct mml_oom_zone *z, uint64_t against)
{
	uint64_t min = item(z, MML_OOM_MIN), boost = item(z, MML_OOM_BOOST);

	if (z->at_high) {
		mml_say(s, "high %s, which the OOM killer's last try asks for (min is %s)",
			near(s, z->mark, against), mml_say_size(s, min));
		return;
	}
	if (z->mark < min) {
		mml_say(s, "%s, as far as such a request may go below min %s",
			near(s, z->mark, against), mml_say_size(s, min));
		return;
	}
	mml_say(s, "min %s", near(s, z->mark, against));
	if (boost)
		mml_say_on(s, " (%s of it a boost after fragmentation)", mml_say_size(s, boost));
}

static void say_margin(struct mml_say *s, const struct mml_oom_zone *z)
{
	if (z->margin < 0)
		mml_say_on(s, ": short by %s", mml_say_size(s, (uint64_t)-z->margin));
	else if (!z->margin)
		mml_say_on(s, ": it must be more, and is not");
}

static void end(struct mml_say *s, const struct mml_oom_zone *z)
{
	mml_say_end(s, z->item[MML_OOM_FREE].line ? z->item[MML_OOM_FREE].line : z->line,
		    z->reserve_bytes && z->reserves ? z->reserve[0].line : 0,
		    s->r->request.order ? z->buddy.line : 0);
}

static void say_refused(struct mml_say *s, const struct mml_oom_zone *z)
{
	uint64_t need = z->mark + z->reserve_bytes;

	say_have(s, z, need);
	mml_say_on(s, ", not above");
	say_mark(s, z, z->usable);
	if (z->reserve_bytes)
		mml_say_on(s, " and %s kept from requests that may go higher (lowmem_reserve)%s%s",
			   near(s, z->reserve_bytes, z->usable), z->mark ? ", together " : "",
			   z->mark ? near(s, need, z->usable) : "");
	say_margin(s, z);
	end(s, z);
}

static const char *order_size(struct mml_say *s, int order)
{
	return mml_say_size(s, s->r->page_size.n << order);
}

static void say_fragmented(struct mml_say *s, const struct mml_oom_zone *z)
{
	const char *wanted = order_size(s, s->r->request.order);

	mml_say(s, "%s: %s free, above the mark, but no block of %s", mml_say_zone(s, z),
		mml_say_size(s, item(z, MML_OOM_FREE)), wanted);
	if (z->verdict == MML_OOM_ZONE_CMA)
		mml_say_on(s, " that is not CMA's");
	else if (z->verdict == MML_OOM_ZONE_HIGHATOMIC)
		mml_say_on(s, " that is not held for atomic requests");
	if (z->largest_usable >= 0 && z->largest_usable < s->r->request.order)
		mml_say_on(s, ": the largest are %s", order_size(s, z->largest_usable));
	else if (z->blocks_enough)
		mml_say_on(s, " that could be taken without breaking the reserve of large blocks "
			      "(kernels before 4.4)");
	end(s, z);
}

static void say_ok(struct mml_say *s, const struct mml_oom_zone *z)
{
	uint64_t need = z->mark + z->reserve_bytes;

	if (s->r->request.no_watermarks) {
		mml_say(s,
			"%s: %s free, and no mark holds such a request back: some had come free "
			"again when it was printed",
			mml_say_zone(s, z), mml_say_size(s, item(z, MML_OOM_FREE)));
		mml_say_end(s, z->item[MML_OOM_FREE].line, z->buddy.line, 0);
		return;
	}
	say_have(s, z, need);
	mml_say_on(s, ", above");
	say_mark(s, z, z->usable);
	if (z->reserve_bytes)
		mml_say_on(s, " and %s kept from requests that may go higher",
			   mml_say_size(s, z->reserve_bytes));
	if (s->r->request.order)
		mml_say_on(s, ", with %" PRIu64 " blocks large enough", z->blocks_enough);
	mml_say_on(s, ": enough when it was printed");
	end(s, z);
}

static void say_drained(struct mml_say *s, const struct mml_oom_zone *z)
{
	mml_say(s, "%s: %s free; no mark holds such a request back, there was nothing left to take",
		mml_say_zone(s, z), mml_say_size(s, item(z, MML_OOM_FREE)));
	mml_say_end(s, z->item[MML_OOM_FREE].line, z->buddy.line, 0);
}

static void say_not_allowed(struct mml_say *s, const struct mml_oom_zone *z)
{
	uint64_t free = item(z, MML_OOM_FREE), present;

	if (z->why_not == MML_OOM_NOT_EMPTY && mml_oom_kb(z->item[MML_OOM_PRESENT], &present)) {
		mml_say(s, "%s has no memory to give: 0 of %s present are the allocator's",
			mml_say_zone(s, z), mml_say_size(s, present));
		mml_say_end(s, z->line, 0, 0);
	}
	if (z->why_not == MML_OOM_NOT_EMPTY || free <= item(z, MML_OOM_HIGH))
		return;
	mml_say(s, "%s has %s free, which %s", mml_say_zone(s, z), mml_say_size(s, free),
		z->why_not == MML_OOM_NOT_ZONE && z->type == MML_OOM_MOVABLE
			? "only movable memory may use"
		: z->why_not == MML_OOM_NOT_ZONE ? "such a request may not use"
						 : "is on a node it may not use");
	mml_say_end(s, z->line, 0, 0);
}

static void say_zone(struct mml_say *s, const struct mml_oom_zone *z)
{
	/* Small zones keep nearly all they have from plain requests on every machine: nothing to
	 * tell of a quiet one. */
	if (s->r->by_hand && !s->r->reason && z->verdict == MML_OOM_ZONE_RESERVE)
		return;
	switch (z->verdict) {
	case MML_OOM_ZONE_NOT_ALLOWED:
		say_not_allowed(s, z);
		break;
	case MML_OOM_ZONE_OK:
		say_ok(s, z);
		break;
	case MML_OOM_ZONE_DRAINED:
		say_drained(s, z);
		break;
	case MML_OOM_ZONE_FRAGMENTED:
		say_fragmented(s, z);
		break;
	case MML_OOM_ZONE_CMA:
	case MML_OOM_ZONE_HIGHATOMIC:
		if (s->r->request.order && z->margin > 0)
			say_fragmented(s, z);
		else
			say_refused(s, z);
		break;
	case MML_OOM_ZONE_BELOW_MARK:
	case MML_OOM_ZONE_RESERVE:
		say_refused(s, z);
		break;
	default:
		mml_say(s, "%s: what the log has of it does not tell", mml_say_zone(s, z));
		mml_say_end(s, z->line, 0, 0);
	}
}

static void say_whose_test(struct mml_say *s)
{
	const struct mml_oom_request *q = &s->r->request;

	if (q->assumed) {
		mml_say(s, "Held against a plain request of the kernel for one page, since no "
			   "request is in the log");
		mml_say_end(s, 0, 0, 0);
	} else if (q->inferred) {
		mml_say(s,
			"Which request it was is not in the log; a zone with that much free would "
			"have served it, so it cannot have been allowed above %s",
			mml_oom_zone_name(q->class));
		mml_say_end(s, 0, 0, 0);
	}
}

static void say_verdict(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;

	if (r->reason == MML_OOM_WHY_TRANSIENT) {
		mml_say(s, "So there was enough by the time of the print: memory came free in "
			   "between, the caller gave up early, or the failure was injected for a "
			   "test");
		mml_say_end(s, 0, 0, 0);
	}
	if (r->reason == MML_OOM_WHY_DRAINED) {
		mml_say(s, "Even the reserve was used up: whoever may go below the marks (writing "
			   "out pages, atomic requests, processes being killed) has taken it");
		mml_say_end(s, 0, 0, 0);
	}
	if (r->reason == MML_OOM_WHY_ADDRESS_SPACE) {
		mml_say(s, "Memory was not what lacked: the range of addresses for vmalloc or "
			   "modules has no gap that is large enough");
		mml_say_end(s, r->line_first, 0, 0);
	}
	if (mml_oom_has(r->vmalloc_size) && r->balance.known &&
	    r->vmalloc_size.n > mml_say_bytes(s, r->balance.managed)) {
		mml_say(s,
			"The %s asked for are more than the machine's %s: no setting could have "
			"served it",
			mml_say_size(s, r->vmalloc_size.n),
			mml_say_size(s, mml_say_bytes(s, r->balance.managed)));
		mml_say_end(s, r->vmalloc_size.line, r->ram.line, 0);
	}
}

void mml_say_free(struct mml_say *s)
{
	const struct mml_oom_report *r = s->r;
	unsigned n = 0, more = 0;

	if (!r->zones) {
		say_verdict(s);
		return;
	}
	if (r->kind == MML_OOM_KIND_MANUAL) {
		mml_say(s, "There was no lack: %s were free",
			mml_say_size(s, mml_say_bytes(s, r->item[MML_OOM_FREE].n)));
		mml_say_end(s, r->item[MML_OOM_FREE].line, 0, 0);
		return;
	}
	say_whose_test(s);
	/* What was refused is worth more than what is out of reach. */
	for (const struct mml_oom_zone *z = r->zones; z; z = z->next) {
		if (n < MOST_ZONES)
			say_zone(s, z);
		else
			more++;
		n++;
	}
	if (more) {
		mml_say(s, "%u more zones are in the table of zones", more);
		mml_say_end(s, 0, 0, 0);
	}
	say_verdict(s);
}
