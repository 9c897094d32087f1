/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delta-int.h"

#include <errno.h>
#include <string.h>

#include "crc.h"

/* How far back a file of the same name is looked for: the files of a few processes or caches. A
 * text is taken for words when there is a NUL among its first bytes. */
enum { FAR_BACK = 64, BEGINNING = 256 };

/* The errors above those that are the same on all machines, by the numbers most of them use. */
static const struct {
	unsigned number;
	int error;
} errors[] = {
	{ 35, EDEADLK },       { 36, ENAMETOOLONG }, { 37, ENOLCK },        { 38, ENOSYS },
	{ 39, ENOTEMPTY },     { 40, ELOOP },        { 61, ENODATA },       { 62, ETIME },
	{ 67, ENOLINK },       { 71, EPROTO },       { 74, EBADMSG },       { 75, EOVERFLOW },
	{ 84, EILSEQ },        { 87, EUSERS },       { 95, EOPNOTSUPP },    { 105, ENOBUFS },
	{ 107, ENOTCONN },     { 110, ETIMEDOUT },   { 111, ECONNREFUSED }, { 112, EHOSTDOWN },
	{ 113, EHOSTUNREACH }, { 116, ESTALE },      { 117, EUCLEAN },      { 121, EREMOTEIO },
	{ 122, EDQUOT },       { 123, ENOMEDIUM },   { 125, ECANCELED },    { 126, ENOKEY },
	{ 130, EOWNERDEAD },   { 133, EHWPOISON },
};

unsigned mml_error_number(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].error == -error)
			return errors[i].number;
	return -error <= 34 || ENOSYS == 38 ? (unsigned)-error : EIO;
}

int mml_error_of_number(uint64_t number)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].number == number)
			return -errors[i].error;
	if (!number || number > 4095)
		return 0;
	return number <= 34 || ENOSYS == 38 ? -(int)number : -EIO;
}

uint32_t mml_entry_sum(uint32_t sum, const struct mml_entry *entry)
{
	unsigned number = entry->error ? mml_error_number(entry->error) : 0;
	const char tail[] = { (char)entry->asked, (char)number, (char)(number >> 8) };

	sum = mml_crc32c(sum, tail, sizeof(tail));
	return mml_crc32c(sum, entry->bytes, (size_t)entry->path_len + 1 + entry->len);
}

struct writer {
	struct mml_text_room *room;
	const struct mml_sample *sample;
	struct mml_told *out;
	uint32_t sum;
	uint64_t work; /* bytes of the texts that answers were told by */
};

static void put_op(struct mml_told *out, unsigned op, uint64_t n)
{
	mml_varint_put(&out->ops, n << ENTRY_BITS | op);
}

static struct mml_span text_of(const struct mml_entry *entry)
{
	const char *p = mml_entry_text(entry);

	return (struct mml_span){ p, p + entry->len };
}

static struct mml_span name_of(const struct mml_entry *entry)
{
	const char *slash = memrchr(entry->bytes, '/', entry->path_len);

	return (struct mml_span){ slash + 1, entry->bytes + entry->path_len };
}

static bool named(const struct mml_entry *entry, struct mml_span name)
{
	size_t len = mml_span_len(name);

	return entry->path_len > len && entry->bytes[entry->path_len - len - 1] == '/' &&
	       !memcmp(entry->bytes + entry->path_len - len, name.p, len);
}

/* How many places before entry I is one that is called the same, and has a text. 0: none is near.
 */
static size_t find_back(const struct mml_sample *sample, size_t i)
{
	const struct mml_entry *entry = sample->entries[i];
	struct mml_span name = name_of(entry);

	for (size_t back = 1; back <= FAR_BACK && back <= i; back++) {
		const struct mml_entry *other = sample->entries[i - back];

		if (other->asked == entry->asked && other->len && named(other, name))
			return back;
	}
	return 0;
}

static void put_bytes(struct mml_told *out, struct mml_span text)
{
	mml_varint_put(&out->ops, mml_span_len(text) << ANSWER_BITS | ANSWER_BYTES);
	mml_buf_put(&out->ops, text.p, mml_span_len(text));
}

/* Tell a text by BASE, BACK entries before it, if that is any shorter than the text. */
static int put_text(struct writer *w, struct mml_span base, uint64_t back, struct mml_span text)
{
	size_t len = mml_span_len(text), ops = w->out->ops.len, numbers = w->out->numbers.len;
	bool words = memchr(text.p, '\0', len < BEGINNING ? len : BEGINNING);
	int rc;

	mml_varint_put(&w->out->ops, back << ANSWER_BITS | (words ? ANSWER_WORDS : ANSWER_LINES));
	mml_varint_put(&w->out->ops, mml_zigzag(len - mml_span_len(base)));
	rc = words ? mml_words_encode(base, text, w->out)
		   : mml_lines_encode(w->room, base, text, w->out);
	if (!rc && w->out->ops.len - ops + w->out->numbers.len - numbers > len) {
		w->out->ops.len = ops;
		w->out->numbers.len = numbers;
		put_bytes(w->out, text);
	}
	return rc;
}

static int put_answer(struct writer *w, size_t i, const struct mml_entry *former)
{
	const struct mml_entry *entry = w->sample->entries[i], *base = former;
	size_t back = 0;

	w->sum = mml_entry_sum(w->sum, entry);
	if (entry->error) {
		mml_varint_put(&w->out->ops, (uint64_t)mml_error_number(entry->error)
						     << ANSWER_BITS);
		return 0;
	}
	if (!base || !base->len) {
		back = entry->len ? find_back(w->sample, i) : 0;
		base = back ? w->sample->entries[i - back] : NULL;
	}
	if (base && w->work + base->len <= DELTA_WORK_MAX) {
		w->work += base->len;
		return put_text(w, text_of(base), back, text_of(entry));
	}
	put_bytes(w->out, text_of(entry));
	return 0;
}

/* The path of entry I, told by that of the one before it. */
static void put_path(struct writer *w, size_t i)
{
	const struct mml_entry *entry = w->sample->entries[i];
	const struct mml_entry *last = i ? w->sample->entries[i - 1] : entry;
	size_t shared = 0, most = i ? last->path_len : 0;

	most = most < entry->path_len ? most : entry->path_len;
	while (shared < most && last->bytes[shared] == entry->bytes[shared])
		shared++;
	mml_varint_put(&w->out->ops, (uint64_t)shared << ASKED_BITS | entry->asked);
	mml_varint_put(&w->out->ops, entry->path_len - shared);
	mml_buf_put(&w->out->ops, entry->bytes + shared, entry->path_len - shared);
}

static unsigned compare(const struct mml_sample *former, size_t f, const struct mml_sample *sample,
			size_t s)
{
	const struct mml_entry *a, *b;
	int order;

	if (!former || f == former->count)
		return ENTRY_NEW;
	if (s == sample->count)
		return ENTRY_GONE;
	a = former->entries[f];
	b = sample->entries[s];
	if (a == b)
		return ENTRY_SAME;
	order = mml_entry_order(a, b);
	if (order)
		return order < 0 ? ENTRY_GONE : ENTRY_NEW;
	return mml_entry_same(a, b) ? ENTRY_SAME : ENTRY_CHANGED;
}

/* How many entries from F and S on have the same to be said of them. */
static size_t run(const struct mml_sample *former, size_t f, const struct mml_sample *sample,
		  size_t s, unsigned *ret_op)
{
	size_t n = 0, former_count = former ? former->count : 0;

	*ret_op = compare(former, f, sample, s);
	do {
		n++;
		f += *ret_op != ENTRY_NEW;
		s += *ret_op != ENTRY_GONE;
	} while ((f < former_count || s < sample->count) &&
		 compare(former, f, sample, s) == *ret_op);
	return n;
}

static int put_answers(struct writer *w, const struct mml_sample *former, size_t f, size_t s,
		       size_t n)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		if (!former)
			put_path(w, s + i);
		rc = put_answer(w, s + i, former ? former->entries[f + i] : NULL);
		if (w->out->ops.len + w->out->numbers.len > MML_DELTA_MAX - DELTA_HEAD)
			rc = -EFBIG;
	}
	return rc;
}

static int put_entries(struct writer *w, const struct mml_sample *former)
{
	const struct mml_sample *sample = w->sample;
	size_t former_count = former ? former->count : 0, f = 0, s = 0;
	int rc = 0;

	while (!rc && (f < former_count || s < sample->count)) {
		unsigned op;
		size_t n = run(former, f, sample, s, &op);

		put_op(w->out, op, n);
		if (op == ENTRY_CHANGED || op == ENTRY_NEW)
			rc = put_answers(w, op == ENTRY_NEW ? NULL : former, f, s, n);
		f += op != ENTRY_NEW ? n : 0;
		s += op != ENTRY_GONE ? n : 0;
	}
	return rc;
}

int mml_delta_encode(struct mml_text_room *room, const struct mml_sample *former,
		     const struct mml_sample *sample, struct mml_buf *out, size_t *ret_first)
{
	struct mml_told *told = &room->sample;
	struct writer w = { .room = room, .sample = sample, .out = told };
	char head[DELTA_HEAD];
	int rc;

	told->ops.len = told->numbers.len = 0;
	rc = put_entries(&w, former);
	if (rc || told->ops.error || told->numbers.error)
		return rc ? rc : -ENOMEM;
	mml_put32(head, w.sum);
	mml_put32(head + 4, (uint32_t)told->ops.len);
	mml_buf_put(out, head, sizeof(head));
	mml_buf_put(out, told->ops.data, told->ops.len);
	mml_buf_put(out, told->numbers.data, told->numbers.len);
	*ret_first = sizeof(head) + told->ops.len;
	return out->error;
}
