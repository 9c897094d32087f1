/* Recordings: what the codec, a segment and a point of time are fed with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "targets.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/core/module.h"
#include "../../src/record/crc.h"
#include "../../src/record/delta.h"
#include "../../src/record/index.h"
#include "../../src/record/varint.h"
#include "../../src/record/when.h"
#include "must.h"

/* TEXT told by BASE comes back as it was. */
static void told_back(struct mml_span base, struct mml_span text, bool words)
{
	struct mml_text_room room = { 0 };
	struct mml_told told = { 0 };
	struct mml_telling in;
	size_t len = mml_span_len(text);
	char *back = malloc(len + 1);

	MUST(back);
	MUST(!(words ? mml_words_encode(base, text, &told) :
		       mml_lines_encode(&room, base, text, &told)));
	in.ops = mml_buf_span(&told.ops);
	in.numbers = mml_buf_span(&told.numbers);
	MUST(!(words ? mml_words_decode(base, &in, back, len) :
		       mml_lines_decode(base, &in, back, len)));
	MUST(!memcmp(back, text.p, len));
	MUST(in.ops.p == in.ops.end && in.numbers.p == in.numbers.end);
	free(back);
	mml_told_free(&told);
	mml_text_room_free(&room);
}

static struct mml_sample *some_files(void)
{
	struct mml_builder *b = mml_builder_new(NULL);
	struct mml_sample *sample;

	MUST(b && !mml_builder_add(b, "/proc/1/stat", MML_ASKED_FILE, 0, "1 (a) 2 3\n", 10) &&
	     !mml_builder_add(b, "/proc/2/stat", MML_ASKED_FILE, 0, "2 (b) 12 300\nx 1\n", 17) &&
	     !mml_builder_add(b, "/proc", MML_ASKED_DIR, 0, NULL, 0) &&
	     !mml_builder_add(b, "/words", MML_ASKED_FILE, 0, "\0\0\0\0\0\0\0\0" "12345678\1\0\0\0\0\0\0\0", 24) &&
	     !mml_builder_add(b, "/x", MML_ASKED_FILE, -EACCES, NULL, 0) &&
	     !mml_builder_end(b, &sample));
	return sample;
}

/* A sample that was made of BYTES can be told, and is the same then. */
static void sample_back(struct mml_sample *former, struct mml_span bytes)
{
	struct mml_text_room room = { 0 };
	struct mml_buf out = { 0 };
	struct mml_sample *sample = NULL, *back = NULL;
	size_t first;

	if (!mml_delta_decode(former, bytes, &sample)) {
		MUST(!mml_delta_encode(&room, former, sample, &out, &first));
		MUST(!mml_delta_decode(former,
				       mml_buf_span(&out), &back));
		MUST(back->count == sample->count && back->bytes == sample->bytes);
		for (size_t i = 0; i < sample->count; i++)
			MUST(mml_entry_same(sample->entries[i], back->entries[i]));
	}
	mml_sample_put(sample);
	mml_sample_put(back);
	mml_buf_free(&out);
	mml_text_room_free(&room);
}

/* Two texts, told one by the other; and what says that it is a sample. */
int fuzz_delta(const uint8_t *data, size_t size)
{
	struct mml_span all = exact(data, size), base, text;
	struct mml_sample *former = some_files();

	base = text = all;
	base.end = text.p = all.p + size / 2;
	for (int words = 0; words < 2; words++) {
		told_back(base, text, words);
		told_back(text, base, words);
		told_back(all, all, words);
	}
	sample_back(former, all);
	sample_back(NULL, all);
	mml_sample_put(former);
	free((char *)all.p);
	return 0;
}

/* Make the checksums of heads and headers right, as no random change does: then more is looked at. */
static void mend_sums(char *p, size_t len)
{
	static const char head[] = { 0x5d, 0x2a, 0x4d, 0x18, 56, 0, 0, 0 };
	static const char end[] = { 0x5d, 0x2a, 0x4d, 0x18, 24, 0, 0, 0 };

	for (size_t i = 0; i + 64 <= len; i++) {
		uint64_t text;

		if (!memcmp(p + i, head, sizeof(head)))
			mml_put32(p + i + 60, mml_crc32c(0, p + i, 60));
		if (!memcmp(p + i, end, sizeof(end)))
			mml_put32(p + i + 28, mml_crc32c(0, p + i, 28));
		text = mml_get32(p + i + 4);
		if (!memcmp(p + i, head, 4) && text > 16 && text < len - i - 8 &&
		    !memcmp(p + i + 8, "mmlens recording ", 17)) {
			char sum[17];

			snprintf(sum, sizeof(sum), "crc32c=%08x\n",
				 mml_crc32c(0, p + i + 8, text - 16));
			memcpy(p + i + 8 + text - 16, sum, 16);
		}
	}
}

/* A segment: all samples that its index has are read. */
static void read_segment(int fd)
{
	struct mml_absence why;
	const struct mml_module_record *module = mml_module("record", &why);
	struct mml_sample *sample = NULL, *next;
	struct mml_index ix = { 0 };
	struct mml_buf raw = { 0 };
	void *pack = NULL;
	int rc;

	MUST(!module || !module->open(&pack));
	rc = mml_index_load(&ix, fd, module, pack, 0);
	MUST(rc != -ENOMEM);
	for (size_t i = 0; !rc && module && i < ix.n; i++) {
		const struct mml_head *h = &ix.marks[i].head;

		MUST(!i || (h->seq > ix.marks[i - 1].head.seq &&
			    h->time.boot_ns > ix.marks[i - 1].head.time.boot_ns));
		raw.len = 0;
		rc = mml_mark_read(&ix.marks[i], fd, module, pack, &raw);
		MUST(rc || raw.len == h->raw);
		if (!rc)
			rc = mml_delta_decode(h->kind == MML_FRAME_KEY ? NULL : sample,
					      mml_buf_span(&raw),
					      &next);
		if (!rc) {
			mml_sample_put(sample);
			sample = next;
		}
	}
	mml_sample_put(sample);
	mml_buf_free(&raw);
	mml_index_free(&ix);
	if (module)
		module->close(pack);
}

int fuzz_segment(const uint8_t *data, size_t size)
{
	struct mml_span all = exact(data, size);
	int fd = memfd_create("segment", MFD_CLOEXEC);

	MUST(fd >= 0 && pwrite(fd, all.p, size, 0) == (ssize_t)size);
	read_segment(fd);
	mend_sums((char *)all.p, size);
	MUST(pwrite(fd, all.p, size, 0) == (ssize_t)size);
	read_segment(fd);
	close(fd);
	free((char *)all.p);
	return 0;
}

/* A point of time; as it is shown it is one, too. */
int fuzz_when(const uint8_t *data, size_t size)
{
	struct mml_when when = { .now = 1795630306000000000, .recorded = true,
				 .begin = 1795500000000000000, .end = 1795514400000000000,
				 .based = true, .base = 1795500000000000000, .utc = size & 1 };
	int64_t got, other, again;
	char text[256] = "", shown[MML_WHEN_MAX];
	const char *why = NULL;

	memcpy(text, data, size < 255 ? size : 255);
	if (mml_when_parse(text, &when, &got, &other, &why)) {
		MUST(why && *why);
		return 0;
	}
	MUST(other <= got);
	mml_when_format(shown, got, true);
	if (got < 0)
		return 0;
	MUST(!mml_when_parse(shown, &when, &again, &other, &why));
	MUST(again <= got && got - again < 1000000000);
	return 0;
}
