/* Damaged segments: nothing that is read is wrong, and no more is lost than the blocks that were
 * hit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/core/module.h"
#include "made.h"

enum { MOST = 256 };

/* A segment, what is in it, and which bytes each block takes. */
struct made {
	struct mml_buf bytes;
	size_t samples, blocks;
	struct {
		uint64_t begin, end; /* from its header's copy on */
		size_t samples;
	} block[MOST];
	uint64_t sample_end[MOST]; /* behind the last byte of each */
};

static struct mml_sample *expected[MOST];

/* Learn where blocks and samples are in the segment at PATH. */
static void learn(struct made *made, const char *path)
{
	struct mml_index ix = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t end = 0;

	if (fd < 0 || mml_index_load(&ix, fd, NULL, NULL, 0))
		die(path);
	close(fd);
	read_whole(path, &made->bytes);
	made->samples = ix.n;
	made->blocks = 0;
	for (size_t i = 0; i < ix.n; i++) {
		if (ix.marks[i].head.kind == MML_FRAME_KEY) {
			made->block[made->blocks].begin = end;
			made->block[made->blocks++].samples = 0;
		}
		end = ix.marks[i].offset + MML_HEAD_SIZE + ix.marks[i].head.len;
		made->sample_end[i] = end;
		made->block[made->blocks - 1].end = end;
		made->block[made->blocks - 1].samples++;
	}
	mml_index_free(&ix);
}

/* SAMPLES samples, a key each BLOCK of them; ENDED, or as a recorder leaves it that is killed. */
static void make(struct made *made, size_t samples, unsigned block, bool ended)
{
	struct mml_writer_options options = { .key_samples = block };
	const char *path = in_folder("made.mml");
	struct mml_writer *w;

	unlink(path);
	w = made_writer(path, &options);
	made_append_all(w, 0, samples);
	if (!ended)
		learn(made, path);
	mml_writer_close(w);
	if (ended)
		learn(made, path);
}

/* How many samples may be lost when the bytes from BEGIN to before END are. */
static size_t may_lose(const struct made *made, uint64_t begin, uint64_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < made->blocks; i++)
		if (begin < made->block[i].end && end > made->block[i].begin)
			n += made->block[i].samples;
	return n;
}

static int add_count(const struct mml_gap *gap, void *ctx)
{
	if (gap->why == MML_GAP_DAMAGED)
		*(uint64_t *)ctx += gap->count;
	return 0;
}

struct result {
	size_t right, wrong, other;
	uint64_t said; /* samples that are said to be lost */
	bool opened;
};

/* Read what is at PATH. */
static struct result read_damaged(const char *path, size_t samples)
{
	struct mml_buf why = { 0 };
	struct result result = { 0 };
	struct mml_reader *r;
	int rc = mml_reader_open(path, &why, &r);

	mml_buf_free(&why);
	if (rc) {
		result.other = rc != -EBADMSG && rc != -ENODATA;
		return result;
	}
	result.opened = true;
	for (size_t pos = 0; pos < mml_reader_count(r); pos++) {
		struct mml_sample *sample;
		struct mml_stop stop;
		uint64_t n;

		rc = mml_reader_sample(r, pos, &sample);
		if (rc) {
			result.other += rc != -EBADMSG;
			continue;
		}
		n = made_number(sample);
		if (n < samples && !sample_differs(sample, expected[n]) &&
		    !mml_reader_stop(r, pos, &stop) && stop.seq == n)
			result.right++;
		else
			result.wrong++;
		mml_sample_put(sample);
	}
	for (size_t pos = 0; pos <= mml_reader_count(r); pos++)
		result.other += mml_reader_gaps(r, pos, add_count, &result.said) != 0;
	mml_reader_close(r);
	return result;
}

static bool check(const struct result *result, size_t least, const char *what, uint64_t where)
{
	if (!result->wrong && !result->other && result->right >= least)
		return true;
	return tap_ok(false,
		      "%s %" PRIu64 ": %zu right, not %zu; %zu wrong, %zu cannot be read otherwise",
		      what, where, result->right, least, result->wrong, result->other);
}

/* Cut at every byte: all whole samples are there. */
static void cut(const struct made *made, const char *what)
{
	const char *path = in_folder("cut.mml");
	bool good = true;

	for (size_t len = 0; good && len < made->bytes.len; len++) {
		struct result result;
		size_t whole = 0;

		while (whole < made->samples && made->sample_end[whole] <= len)
			whole++;
		write_whole(path, made->bytes.data, len);
		result = read_damaged(path, made->samples);
		good = check(&result, whole, "cut at", len) &&
		       (result.right == whole || tap_ok(false, "more than there is"));
	}
	tap_ok(good, "%s: cut at each of %zu bytes", what, made->bytes.len);
}

/* Every bit flipped: at most the block it is in is lost, and the number lost is told. */
static void flip(const struct made *made, const char *what)
{
	const char *path = in_folder("flip.mml");
	char *data = made->bytes.data;
	bool good = true;
	int fd;

	write_whole(path, data, made->bytes.len);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (size_t bit = 0; good && bit < 8 * made->bytes.len; bit++) {
		char byte = (char)(data[bit / 8] ^ 1 << bit % 8);
		struct result result;

		if (pwrite(fd, &byte, 1, (off_t)bit / 8) != 1)
			die(path);
		result = read_damaged(path, made->samples);
		good = check(&result, made->samples - may_lose(made, bit / 8, bit / 8 + 1),
			     "bit flipped", bit);
		/* All but what was lost at the end, where nothing that follows tells. */
		if (good && bit / 8 < made->block[made->blocks - 1].begin &&
		    result.right + result.said != made->samples)
			good = tap_ok(false, "bit %zu: %zu right, %" PRIu64 " said to be lost", bit,
				      result.right, result.said);
		if (pwrite(fd, data + bit / 8, 1, (off_t)bit / 8) != 1)
			die(path);
	}
	close(fd);
	tap_ok(good, "%s: each of %zu bits flipped", what, 8 * made->bytes.len);
}

/* 4 KiB of zeros anywhere: a block of the disk that never was written. */
static void zero(const struct made *made, const char *what)
{
	const char *path = in_folder("zero.mml");
	static const char zeros[4096];
	bool good = true;

	for (size_t at = 0; good && at < made->bytes.len; at += 256) {
		size_t len = made->bytes.len - at < 4096 ? made->bytes.len - at : 4096;
		struct result result;
		int fd;

		write_whole(path, made->bytes.data, made->bytes.len);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || pwrite(fd, zeros, len, (off_t)at) != (ssize_t)len || close(fd))
			die(path);
		result = read_damaged(path, made->samples);
		good = check(&result, made->samples - may_lose(made, at, at + len), "zeros at", at);
	}
	tap_ok(good, "%s: 4 KiB of zeros at each 256 of %zu bytes", what, made->bytes.len);
}

/* Bytes cut out, put in, moved, and many bits flipped, again and again. */
static void mangle(const struct made *made, const char *what)
{
	const char *path = in_folder("mangle.mml");
	struct mml_buf bytes = { 0 };
	unsigned seed = 20260101;
	bool good = true;

	if (mml_buf_reserve(&bytes, made->bytes.len + 8192))
		die("memory");
	for (int round = 0; good && round < 600; round++) {
		struct result result;

		bytes.len = made->bytes.len;
		memcpy(bytes.data, made->bytes.data, bytes.len);
		for (int n = rand_r(&seed) % 3; n >= 0; n--) {
			size_t at = (size_t)rand_r(&seed) % bytes.len;
			size_t len = (size_t)rand_r(&seed) % 2000, left = bytes.len - at;

			len = len < left ? len : left;
			switch (rand_r(&seed) % 4) {
			case 0: /* cut out */
				memmove(bytes.data + at, bytes.data + at + len, left - len);
				bytes.len -= len;
				break;
			case 1: /* doubled */
				if (bytes.len + len > bytes.cap - 1)
					break;
				memmove(bytes.data + at + len, bytes.data + at, left);
				bytes.len += len;
				break;
			case 2: /* copied elsewhere */
				memmove(bytes.data + (size_t)rand_r(&seed) % (bytes.len - len + 1),
					bytes.data + at, len);
				break;
			default:
				for (size_t i = 0; i < len; i += 50)
					bytes.data[at + i] ^= (char)(1 << rand_r(&seed) % 8);
			}
			if (!bytes.len)
				bytes.len = 1;
		}
		write_whole(path, bytes.data, bytes.len);
		result = read_damaged(path, made->samples);
		good = check(&result, 0, "mangled, round", (uint64_t)round);
	}
	mml_buf_free(&bytes);
	tap_ok(good, "%s: mangled 600 times", what);
}

/* A sample cut out without a trace, exactly from its head to the next one. */
static void without_a_trace(const struct made *made)
{
	const char *path = in_folder("trace.mml");
	struct mml_buf bytes = { 0 };
	size_t first = made->block[0].samples, gone = first + 2;
	struct mml_reader *r;
	struct result result;

	mml_buf_put(&bytes, made->bytes.data, made->sample_end[gone - 1]);
	mml_buf_put(&bytes, made->bytes.data + made->sample_end[gone],
		    made->bytes.len - made->sample_end[gone]);
	write_whole(path, bytes.data, bytes.len);
	result = read_damaged(path, made->samples);
	is_u64(result.wrong, 0);
	is_u64(result.right, made->samples - (made->block[1].samples - 2));
	is_u64(result.said, made->block[1].samples - 2);
	r = made_reader(path);
	ok(strstr(gaps_before(r, gone), " lost: the file is damaged (") != NULL);
	mml_reader_close(r);
	mml_buf_free(&bytes);
}

/* Bytes that do not pack, so that they lie in the file as they are. */
static void put_noise(struct mml_buf *out, size_t n, unsigned *seed)
{
	while (n--)
		mml_buf_putc(out, (char)rand_r(seed));
}

/* A header and a sample that is a whole block, as if of a recording, with another one's id. */
static void plant(struct mml_buf *out)
{
	const struct mml_module_record *module =
		mml_module("record", &(struct mml_absence){ NULL });
	struct mml_sample *sample = made_sample(5, NULL);
	struct mml_text_room room = { 0 };
	struct mml_buf raw = { 0 }, body = { 0 };
	struct mml_head head = { .id = 0xfedcba9876543210,
				 .kind = MML_FRAME_KEY,
				 .seq = 0x0102030405060708,
				 .time = { 0x1112131415161718, 0x2122232425262728,
					   0x1011121314151617 } };
	size_t first;
	void *pack;

	if (!module || module->open(&pack) || mml_delta_encode(&room, NULL, sample, &raw, &first) ||
	    module->pack(pack, raw.data, raw.len, first, &body) ||
	    mml_header_put(out, head.id, head.seq, mml_span_str("a=b\n")))
		die("plant");
	head.len = (uint32_t)body.len;
	head.raw = (uint32_t)raw.len;
	mml_head_put(out, &head);
	mml_buf_put(out, body.data, body.len);
	module->close(pack);
	mml_sample_put(sample);
	mml_text_room_free(&room);
	mml_buf_free(&raw);
	mml_buf_free(&body);
}

/* Eight samples at DIR, in all of which somebody's command line is TEXT, with a byte changed. */
static struct mml_writer *record_planted(const char *dir, struct mml_buf *text)
{
	struct mml_writer_options options = { .key_samples = 4 };
	struct mml_writer *w = made_writer(dir, &options);

	for (uint64_t n = 0; n < 8; n++) {
		struct mml_builder *b = builder_new(mml_writer_former(w));
		struct mml_instant time = made_time(n);
		struct mml_sample *sample;

		text->data[0]++;
		if (mml_builder_add(b, "/proc/1/cmdline", MML_ASKED_FILE, 0, text->data, text->len))
			die("cmdline");
		sample = builder_end(b);
		if (mml_writer_append(w, sample, &time, 0))
			die("append");
		mml_sample_put(sample);
	}
	return w;
}

/* How many samples of DIR are planted ones. */
static size_t count_planted(const char *dir)
{
	struct mml_buf why = { 0 };
	struct mml_reader *r;
	size_t taken = 0;

	if (!mml_reader_open(dir, &why, &r)) {
		for (size_t pos = 0; pos < mml_reader_count(r); pos++) {
			struct mml_sample *sample;

			if (mml_reader_sample(r, pos, &sample))
				continue;
			taken += made_number(sample) != UINT64_MAX;
			mml_sample_put(sample);
		}
		mml_reader_close(r);
	}
	mml_buf_free(&why);
	return taken;
}

/*
 * Somebody on the recorded machine has a segment of his own making in his command line. It is never
 * taken for one of the recording, wherever that is damaged.
 */
static void planted(void)
{
	const char *dir = in_folder("planted");
	struct mml_buf evil = { 0 }, bytes = { 0 };
	static const char zeros[64];
	struct mml_writer *w;
	struct mml_reader *r;
	struct mml_segment_info info;
	char path[600];
	unsigned seed = 3;
	size_t taken = 0;
	int fd;

	plant(&evil);
	put_noise(&bytes, 200, &seed);
	mml_buf_put(&bytes, evil.data, evil.len);
	put_noise(&bytes, 200, &seed);
	w = record_planted(dir, &bytes);
	r = made_reader(dir);
	mml_reader_segment(r, 0, &info);
	snprintf(path, sizeof(path), "%s/%s", dir, info.name);
	mml_reader_close(r);
	read_whole(path, &bytes);
	/* It lies there byte by byte, or the test would be none. */
	ok(memmem(bytes.data, bytes.len, evil.data, evil.len) != NULL);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	for (size_t at = 0; at + sizeof(zeros) < bytes.len; at += 8)
		for (int header = 0; header < 2; header++) {
			if (pwrite(fd, zeros, sizeof(zeros), (off_t)at) < 0 ||
			    pwrite(fd, zeros, header ? sizeof(zeros) : 0, 0) < 0)
				die(path);
			taken += count_planted(dir);
			if (pwrite(fd, bytes.data, bytes.len, 0) != (ssize_t)bytes.len)
				die(path);
		}
	close(fd);
	is_u64(taken, 0);
	mml_writer_close(w);
	mml_buf_free(&evil);
	mml_buf_free(&bytes);
}

int main(void)
{
	static struct made small, killed, large, large_killed;

	folder_make();
	for (uint64_t n = 0; n < MOST; n++)
		expected[n] = made_sample(n, NULL);
	make(&small, 14, 4, true);
	make(&killed, 14, 4, false);
	make(&large, 200, 16, true);
	make(&large_killed, 200, 16, false);
	cut(&small, "ended");
	cut(&killed, "killed");
	flip(&small, "ended");
	flip(&killed, "killed");
	zero(&large, "ended");
	zero(&large_killed, "killed");
	mangle(&large, "ended");
	mangle(&large_killed, "killed");
	without_a_trace(&large_killed);
	planted();
	for (uint64_t n = 0; n < MOST; n++)
		mml_sample_put(expected[n]);
	mml_buf_free(&small.bytes);
	mml_buf_free(&killed.bytes);
	mml_buf_free(&large.bytes);
	mml_buf_free(&large_killed.bytes);
	folder_remove(folder);
	return tap_done();
}
