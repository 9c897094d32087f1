/*
 * odd KIND PATH: makes a recording that is odd in one way, for what the command line says of it. Sample N is ten
 * seconds behind the one before it, and says N: MemFree of meminfo is N kB, and pgfault of vmstat 1,000 N.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/module.h"
#include "../../src/record/crc.h"
#include "made.h"

static struct mml_sample *odd_sample(uint64_t n, struct mml_sample *former)
{
	struct mml_builder *b = builder_new(former);
	struct mml_buf text = { 0 };

	mml_buf_printf(&text, "MemTotal:       16384000 kB\nMemFree:  %14" PRIu64 " kB\n", n);
	builder_add(b, "/proc/meminfo", text.data);
	text.len = 0;
	mml_buf_printf(&text, "nr_free_pages %" PRIu64 "\npgfault %" PRIu64 "\n", n / 4, n * 1000);
	builder_add(b, "/proc/vmstat", text.data);
	mml_buf_free(&text);
	return builder_end(b);
}

static void put(struct mml_writer *w, uint64_t n, const struct mml_instant *time)
{
	struct mml_sample *sample = odd_sample(n, mml_writer_former(w));

	if (mml_writer_append(w, sample, time, 0))
		die("append");
	mml_sample_put(sample);
}

/* Ten seconds on, with what else happens to the clocks meanwhile, in seconds. */
static void pass(struct mml_instant *t, int64_t real, int64_t suspended)
{
	t->boot_ns += (uint64_t)(STEP_S + suspended) * (uint64_t)SECOND_NS;
	t->mono_ns += (uint64_t)STEP_S * (uint64_t)SECOND_NS;
	t->real_ns += (STEP_S + suspended + real) * SECOND_NS;
}

/* Twelve samples, a key each four. Between the sixth and the seventh the wall clock is set by REAL seconds, and the
 * machine is suspended for SUSPENDED. */
static struct mml_writer *twelve(const char *path, int64_t real, int64_t suspended)
{
	struct mml_writer_options options = { .key_samples = 4 };
	struct mml_writer *w = made_writer(path, &options);
	struct mml_instant t = made_time(0);

	for (uint64_t n = 0; n < 12; n++) {
		put(w, n, &t);
		pass(&t, n == 5 ? real : 0, n == 5 ? suspended : 0);
	}
	return w;
}

/* Three samples of each of two boots. */
static void boots(const char *path)
{
	static const char *const facts[] = {
		"boot_id=11111111-2222-3333-4444-555555555555\npage_size=4096\nkernel=6.1.0-first\n",
		"boot_id=66666666-2222-3333-4444-555555555555\npage_size=65536\nkernel=6.12.0-second\n",
	};

	for (uint64_t boot = 0; boot < 2; boot++) {
		struct mml_writer_options options = { .facts = facts[boot] };
		struct mml_writer *w = made_writer(path, &options);
		struct mml_instant t = made_time(0);

		t.real_ns += (int64_t)boot * 600 * SECOND_NS;
		for (uint64_t n = 0; n < 3; n++) {
			put(w, 3 * boot + n, &t);
			pass(&t, 0, 0);
		}
		mml_writer_close(w);
	}
}

/* A segment of the next format. */
static void newer(const char *path)
{
	struct mml_buf text = { 0 }, file = { 0 };
	char head[8] = { 0x5d, 0x2a, 0x4d, 0x18 };

	mml_buf_puts(&text, "mmlens recording 2\nid=00000000000000ff\nfirst=12\nmmlens=0.9\n");
	mml_buf_printf(&text, "crc32c=%08x\n", mml_crc32c(0, text.data, text.len));
	head[4] = (char)text.len;
	mml_buf_put(&file, head, sizeof(head));
	mml_buf_put(&file, text.data, text.len);
	write_whole(path, file.data, file.len);
	mml_buf_free(&text);
	mml_buf_free(&file);
}

/* What a hostile segment is made of: its heads and checksums are right. */
struct forged {
	const struct mml_module_record *module;
	void *pack;
	struct mml_buf file;
	struct mml_head head;
};

static void forge_begin(struct forged *f)
{
	static const char facts[] = "page_size=4096\n";

	f->module = mml_module("record", &(struct mml_absence){ .reason = NULL });
	f->head = (struct mml_head){ .id = 0xfedcba9876543210,
				     .kind = MML_FRAME_KEY,
				     .time = made_time(0) };
	if (!f->module || f->module->open(&f->pack) ||
	    mml_header_put(&f->file, f->head.id, 0, mml_span_str(facts)))
		die("forge");
}

/* A body that unpacks to the bytes of RAW, and says that it does to SAID. */
static void forge_body(struct forged *f, const struct mml_buf *raw, size_t said)
{
	struct mml_buf body = { 0 };

	if (f->module->pack(f->pack, raw->data, raw->len, raw->len, &body))
		die("pack");
	f->head.len = (uint32_t)body.len;
	f->head.raw = (uint32_t)said;
	mml_head_put(&f->file, &f->head);
	mml_buf_put(&f->file, body.data, body.len);
	mml_buf_free(&body);
}

/* The unpacked body of a key, with the checksum it should have. */
static void raw_of(struct mml_buf *raw, const char *path, const char *text)
{
	struct mml_text_room room = { 0 };
	struct mml_builder *b = builder_new(NULL);
	struct mml_sample *sample;
	size_t first;

	builder_add(b, path, text);
	sample = builder_end(b);
	if (mml_delta_encode(&room, NULL, sample, raw, &first))
		die("encode");
	mml_sample_put(sample);
	mml_text_room_free(&room);
}

static void fix32(struct mml_buf *raw, size_t at, uint32_t n)
{
	for (size_t i = 0; i < 4; i++)
		raw->data[at + i] = (char)(n >> 8 * i);
}

/* A path that leads out of where a capture is made. The checksum goes with it. */
static void outside(struct forged *f)
{
	static const char path[] = "/aa/aa/aa/escaped", text[] = "evil\n";
	static const char evil[] = "/../../../escaped";
	struct mml_buf raw = { 0 };
	uint32_t sum;
	char *at;

	raw_of(&raw, path, text);
	at = memmem(raw.data, raw.len, path, sizeof(path) - 1);
	if (!at)
		die("path");
	memcpy(at, evil, sizeof(evil) - 1);
	sum = mml_crc32c(0, "\0\0", 3);
	sum = mml_crc32c(sum, evil, sizeof(evil));
	fix32(&raw, 0, mml_crc32c(sum, text, sizeof(text) - 1));
	forge_body(f, &raw, raw.len);
	mml_buf_free(&raw);
}

/* A gigabyte in a few bytes, of which the head says that it is a hundred. */
static void bomb(struct forged *f, bool honest)
{
	struct mml_buf raw = { 0 };

	if (mml_buf_reserve(&raw, 160 << 20))
		die("memory");
	memset(raw.data, 0, 160 << 20);
	raw.len = 160 << 20;
	forge_body(f, &raw, honest ? raw.len : 100);
	mml_buf_free(&raw);
}

/* Operations for 2^32 entries, of which there are none. */
static void runs(struct forged *f, unsigned op)
{
	struct mml_buf raw = { 0 };
	uint64_t n = (UINT64_C(1) << 32 | 7) << 2 | op;

	mml_buf_put(&raw, "\0\0\0\0\0\0\0\0", 8);
	for (; n >= 128; n >>= 7)
		mml_buf_putc(&raw, (char)(n | 128));
	mml_buf_putc(&raw, (char)n);
	fix32(&raw, 4, (uint32_t)raw.len - 8);
	forge_body(f, &raw, raw.len);
	mml_buf_free(&raw);
}

/* An index whose heads are in no order, lie in each other, or in the index itself. */
static void index_of(struct forged *f, int64_t from)
{
	struct mml_stamp marks[3] = { 0 };
	uint64_t at = f->file.len;
	struct mml_buf raw = { 0 };

	raw_of(&raw, "/proc/meminfo", "MemFree: 1 kB\n");
	forge_body(f, &raw, raw.len);
	for (size_t i = 0; i < 3; i++) {
		marks[i] = (struct mml_stamp){ f->head, at };
		marks[i].head.seq = 7 - i;
		at = (uint64_t)((int64_t)at + from);
	}
	raw.len = 0;
	if (mml_index_put(&raw, marks, 3))
		die("index");
	at = f->file.len;
	f->head.kind = MML_FRAME_INDEX;
	forge_body(f, &raw, raw.len);
	mml_end_put(&f->file, f->head.id, at);
	mml_buf_free(&raw);
}

/* A head that says its body is longer than any file. */
static void endless(struct forged *f)
{
	f->head.len = UINT32_MAX;
	f->head.raw = 128 << 20;
	mml_head_put(&f->file, &f->head);
}

static void hostile(const char *kind, const char *path)
{
	struct forged f = { 0 };

	forge_begin(&f);
	if (!strcmp(kind, "outside"))
		outside(&f);
	else if (!strcmp(kind, "bomb") || !strcmp(kind, "honest-bomb"))
		bomb(&f, *kind == 'h');
	else if (!strncmp(kind, "runs", 4))
		runs(&f, (unsigned)(kind[4] - '0'));
	else if (!strncmp(kind, "index", 5))
		index_of(&f, strtoll(kind + 5, NULL, 10));
	else if (!strcmp(kind, "endless"))
		endless(&f);
	else
		die(kind);
	write_whole(path, f.file.data, f.file.len);
	f.module->close(f.pack);
	mml_buf_free(&f.file);
}

int main(int argc, char **argv)
{
	struct mml_writer *w = NULL;

	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "plain"))
		w = twelve(argv[2], 0, 0);
	else if (!strcmp(argv[1], "back"))
		w = twelve(argv[2], -40, 0);
	else if (!strcmp(argv[1], "forward"))
		w = twelve(argv[2], 3600, 0);
	else if (!strcmp(argv[1], "suspended"))
		w = twelve(argv[2], 0, 7380);
	else if (!strcmp(argv[1], "boots"))
		boots(argv[2]);
	else if (!strcmp(argv[1], "newer"))
		newer(argv[2]);
	else
		hostile(argv[1], argv[2]);
	mml_writer_close(w);
	return 0;
}
