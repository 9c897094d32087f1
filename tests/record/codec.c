/* The codec: every sample comes back as it was, whatever changed; what nobody wrote is refused. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/record/delta-int.h"

#include "../../src/record/crc.h"
#include "help.h"

static struct mml_text_room room;

/* The bytes SAMPLE takes behind FORMER; false and a failed test unless they make it again. */
static bool round_trip(struct mml_sample *former, struct mml_sample *sample, const char *what,
		       size_t *ret)
{
	struct mml_buf out = { 0 };
	struct mml_sample *back = NULL;
	const char *differs;
	size_t first;
	int rc = mml_delta_encode(&room, former, sample, &out, &first);

	if (rc) {
		mml_buf_free(&out);
		return tap_ok(false, "%s: encode %d", what, rc);
	}
	rc = mml_delta_decode(former, (struct mml_span){ out.data, out.data + out.len }, &back);
	*ret = out.len;
	mml_buf_free(&out);
	if (rc)
		return tap_ok(false, "%s: decode %d", what, rc);
	differs = sample_differs(sample, back);
	mml_sample_put(back);
	return !differs || tap_ok(false, "%s: %s differs", what, differs);
}

/* How many bytes TEXT takes behind BASE, both the only file; SIZE_MAX when it does not come back.
 */
static size_t pair(const char *base, size_t base_len, const char *text, size_t len)
{
	struct mml_builder *b = builder_new(NULL);
	struct mml_sample *former, *sample;
	size_t size = SIZE_MAX;

	if (mml_builder_add(b, "/file", MML_ASKED_FILE, 0, base, base_len))
		die("/file");
	former = builder_end(b);
	b = builder_new(former);
	if (mml_builder_add(b, "/file", MML_ASKED_FILE, 0, text, len))
		die("/file");
	sample = builder_end(b);
	if (!round_trip(former, sample, text, &size))
		size = SIZE_MAX;
	mml_sample_put(former);
	mml_sample_put(sample);
	return size;
}

static size_t lines(const char *base, const char *text)
{
	return pair(base, strlen(base), text, strlen(text));
}

/* The head, one operation on entries, how the answer is told, its length, and one operation on
 * lines; not what that says. */
enum { AROUND = DELTA_HEAD + 1 + 1 + 1 + 1 };

static void numbers(void)
{
	static const char *const pairs[][2] = {
		{ "MemFree:        8 kB\n", "MemFree:       12 kB\n" }, /* right edge kept */
		{ "MemFree:     1000 kB\n", "MemFree:      999 kB\n" },
		{ "pgfault 9\n", "pgfault 10\n" }, /* plain */
		{ "pgfault 10\n", "pgfault 9\n" },
		{ "cache       99    100\n", "cache      100     99\n" },
		{ "x 9999999999999999998\n", "x 9999999999999999999\n" }, /* 19 digits */
		{ "x 1\n", "x 9999999999999999999\n" },
		{ "x 9999999999999999999\n", "x 0\n" },
		{ "avg10=0.05\n", "avg10=0.12\n" }, /* zeros kept */
		{ "avg10=0.12\n", "avg10=0.05\n" },
		{ "time 007\n", "time 011\n" },
		{ "no newline 1", "no newline 2" },
		{ "1", "2" },
		{ "-5\n", "-7\n" },
		{ "kmalloc-96 7\n", "kmalloc-96 8\n" },
	};
	static const char *const odd[][2] = {
		{ "x 18446744073709551615\n", "x 18446744073709551614\n" }, /* 20 digits: as text */
		{ "x 18446744073709551615\n", "x 1\n" },
		{ "x 1\n", "x 18446744073709551615\n" },
		{ "x 9999999999999999999\n", "x 10000000000000000000\n" },
		{ "x 00000000000000000001\n", "x 00000000000000000002\n" },
		{ "x 0.5\n", "x 10.05\n" },
		{ "x 1\n", "x 01\n" },
		{ "x 01\n", "x 1\n" },
		{ "x 000\n", "x 0\n" },
		{ "a b\n", "a c\n" },
		{ "1 2 3\n", "1 2\n" },
		{ "1 2\n", "1 2 3\n" },
		{ "1\t2\n", "1 3\n" },
		{ "a 1\nb 2\n", "b 3\na 1\n" },
		{ "a 1\n", "a 2" },
		{ "a 1", "a 2\n" },
		{ "\n\n\n", "\n" },
		{ "\r\n1\r\n", "\r\n2\r\n" },
		{ "", "new\n" },
		{ "old\n", "" },
		{ "  1\n", "1\n" },
		{ "1\n", "  1\n" },
		{ "x  10\n", "x 1\n" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		size_t n = lines(pairs[i][0], pairs[i][1]);

		/* At most two numbers of ten bytes, each behind its gap. Told as text the last one
		 * would be no longer, so the form is looked at, too. */
		tap_ok(n <= AROUND + 2 * 11, "%zu: told by its numbers", i);
	}
	/* A gap of 0 and a difference of one byte: no text at all. */
	is_u64(lines("MemFree:        8 kB\n", "MemFree:       12 kB\n"), AROUND + 2);
	is_u64(lines("avg10=0.12\n", "avg10=0.05\n"), AROUND + 2);
	is_u64(lines("x 9999999999999999998\n", "x 9999999999999999999\n"), AROUND + 2);
	is_u64(lines("-5\n", "-7\n"), DELTA_HEAD + 1 + 1 + 3); /* as text, which is no longer */
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		tap_ok(lines(odd[i][0], odd[i][1]) != SIZE_MAX, "odd pair %zu", i);
}

/* A line that comes or goes does not spoil what is behind it. */
static void lines_move(void)
{
	struct mml_buf base = { 0 }, less = { 0 }, more = { 0 }, other = { 0 };
	size_t n;

	for (int i = 0; i < 200; i++) {
		mml_buf_printf(&base, "cache-%c%c %6d %6d\n", 'a' + i / 20, 'a' + i % 20, i * 7, i);
		if (i != 50 && i != 51)
			mml_buf_printf(&less, "cache-%c%c %6d %6d\n", 'a' + i / 20, 'a' + i % 20,
				       i * 7, i);
		mml_buf_printf(&more, "%scache-%c%c %6d %6d\n",
			       i == 100 ? "first new 1\nsecond new 2\n" : "", 'a' + i / 20,
			       'a' + i % 20, i * 7 + 1, i);
		mml_buf_printf(&other, "%d nothing %c alike\n", i, 'a' + i % 26);
	}
	ok(lines(base.data, less.data) < AROUND + 8);
	ok(lines(less.data, base.data) < AROUND + 8 + 2 * 25);
	n = lines(base.data, more.data);
	ok(n < AROUND + 200 * 3 + 40 && n > 200 * 3);
	ok(lines(base.data, other.data) != SIZE_MAX);
	ok(lines(other.data, base.data) != SIZE_MAX);
	mml_buf_free(&base);
	mml_buf_free(&less);
	mml_buf_free(&more);
	mml_buf_free(&other);
}

struct record {
	uint64_t id, start, counts[14];
};

/* Records of a fixed size, in which counters change, of which some go and others come. */
static void words(void)
{
	struct record a[100] = { 0 }, b[101] = { 0 };
	size_t n;

	for (size_t i = 0; i < 100; i++) {
		a[i] = (struct record){ .id = i + 1, .start = 1000000 + i * 12345 };
		for (size_t k = 0; k < 14; k++)
			a[i].counts[k] = i * 100 * k;
	}
	memcpy(b, a, sizeof(a));
	for (size_t i = 0; i < 100; i++)
		b[i].counts[i % 14]++;
	n = pair((char *)a, sizeof(a), (char *)b, sizeof(a));
	ok(n < 100 * 4 + AROUND);
	/* One is gone, and one is new: its bytes, and little more. */
	memmove(b + 50, b + 51, 50 * sizeof(*b));
	ok(pair((char *)a, sizeof(a), (char *)b, 99 * sizeof(*b)) < 100 * 4 + AROUND + 8);
	ok(pair((char *)b, 99 * sizeof(*b), (char *)a, sizeof(a)) <
	   100 * 4 + AROUND + 8 + sizeof(*b));
	/* Ends that are no whole words. */
	for (size_t cut = 0; cut < 20; cut++)
		if (pair((char *)a, sizeof(a) - cut, (char *)b, sizeof(a) - 20 + cut) == SIZE_MAX)
			tap_ok(false, "cut by %zu", cut);
	ok(pair("\0\0\0", 3, "\0\0\0\0", 4) != SIZE_MAX);
	ok(pair("", 0, "\0\0\0\0", 4) != SIZE_MAX);
}

/* Change TEXT, of which it has a copy: a number, a line, a byte, the end. */
static void edit(struct mml_buf *text, unsigned *seed)
{
	static const char *const bits[] = { "18446744073709551615",
					    "9999999999999999999",
					    "0",
					    "007",
					    " ",
					    "\n",
					    "0.05",
					    "x y 1\n",
					    "1000000" };
	size_t at = text->len ? (size_t)rand_r(seed) % text->len : 0, len, left = text->len - at;
	const char *bit = bits[(size_t)rand_r(seed) % (sizeof(bits) / sizeof(*bits))];

	if (mml_buf_reserve(text, 64))
		die("memory");
	switch (rand_r(seed) % 5) {
	case 0: /* a digit */
		for (size_t i = at; i < text->len; i++)
			if (text->data[i] >= '0' && text->data[i] <= '9') {
				text->data[i] = (char)('0' + rand_r(seed) % 10);
				break;
			}
		return;
	case 1: /* something put in */
		len = strlen(bit);
		memmove(text->data + at + len, text->data + at, left);
		memcpy(text->data + at, bit, len);
		text->len += len;
		return;
	case 2: /* something taken out */
		len = (size_t)rand_r(seed) % 100;
		len = len < left ? len : left;
		memmove(text->data + at, text->data + at + len, left - len);
		text->len -= len;
		return;
	case 3:
		if (left)
			text->data[at] = (char)rand_r(seed);
		return;
	default:
		text->len = rand_r(seed) % 20 ? text->len : at;
	}
}

/* SAMPLE some time later. */
static struct mml_sample *later(struct mml_sample *sample, unsigned *seed)
{
	struct mml_builder *b = builder_new(sample);
	struct mml_buf text = { 0 };

	for (size_t i = 0; i < sample->count; i++) {
		const struct mml_entry *entry = sample->entries[i];
		int what = rand_r(seed) % 40, error = entry->error;

		if (what == 0)
			continue;
		text.len = 0;
		mml_buf_put(&text, mml_entry_text(entry), entry->len);
		for (int n = what < 8 ? rand_r(seed) % 6 : 0; n >= 0 && what < 8; n--)
			edit(&text, seed);
		if (what == 8)
			error = error ? 0 : rand_r(seed) % 2 ? -EACCES : -ENOSYS;
		if (mml_builder_add(b, entry->bytes, entry->asked, error, text.data,
				    error ? 0 : text.len))
			die(entry->bytes);
		if (what == 9) {
			struct mml_buf path = { 0 };

			mml_buf_printf(&path, "%s%d", entry->bytes, rand_r(seed) % 10);
			mml_builder_add(b, path.data, entry->asked, 0, text.data, text.len);
			mml_buf_free(&path);
		}
	}
	mml_buf_free(&text);
	return builder_end(b);
}

static bool check_tree(const char *dir, const char *name, unsigned *seed)
{
	struct mml_builder *b = builder_new(NULL);
	struct mml_sample *before, *now;
	size_t size, rounds = 6;
	bool good;

	builder_add_tree(b, dir, strlen(dir));
	before = builder_end(b);
	good = before->count && round_trip(NULL, before, name, &size) &&
	       round_trip(before, before, name, &size) && size <= DELTA_HEAD + 4;
	while (good && rounds--) {
		now = later(before, seed);
		good = round_trip(before, now, name, &size) &&
		       round_trip(now, before, name, &size) && round_trip(NULL, now, name, &size);
		mml_sample_put(before);
		before = now;
	}
	mml_sample_put(before);
	return good;
}

static void check_trees(const char *dir, const char *what)
{
	struct dirent **names;
	char path[PATH_MAX];
	int n = scandir(dir, &names, NULL, alphasort), trees = 0;
	unsigned seed = 20260101;

	for (int i = 0; i < n; i++) {
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (*names[i]->d_name != '.' && !stat(path, &st) && S_ISDIR(st.st_mode)) {
			tap_ok(check_tree(path, names[i]->d_name, &seed), "%s", names[i]->d_name);
			trees++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (!trees)
		tap_skip("no %s: no trees in %s", what, dir);
}

static struct mml_sample *two_files(void)
{
	struct mml_builder *b = builder_new(NULL);

	builder_add(b, "/a", "1\n");
	builder_add(b, "/b", "1\n2\n");
	mml_builder_add(b, "/c", MML_ASKED_FILE, -EACCES, NULL, 0);
	return builder_end(b);
}

/* What operations and numbers make of two files and an error. The sum is right when nothing
 * changes. */
static int refuse(const char *ops, size_t nops, const char *numbers, size_t nnumbers)
{
	struct mml_sample *former = two_files(), *back = NULL;
	char all[256] = { 0 };
	int rc;

	all[4] = (char)nops;
	memcpy(all + DELTA_HEAD, ops, nops);
	memcpy(all + DELTA_HEAD + nops, numbers, nnumbers);
	rc = mml_delta_decode(former, (struct mml_span){ all, all + DELTA_HEAD + nops + nnumbers },
			      &back);
	mml_sample_put(former);
	mml_sample_put(back);
	return rc;
}

#define OPS(bytes)     refuse(bytes, sizeof(bytes) - 1, "", 0)
#define REFUSED(bytes) ok(OPS(bytes) == -EBADMSG)
#define REFUSED2(ops, numbers) \
	ok(refuse(ops, sizeof(ops) - 1, numbers, sizeof(numbers) - 1) == -EBADMSG)

static void hostile(void)
{
	ok(!OPS("\x0c")); /* three entries are the same */
	ok(!OPS("\x0d")); /* three are gone */
	REFUSED("");      /* nothing is said of them */
	REFUSED("\x08");  /* ... of one of them */
	REFUSED("\x10");  /* four are the same */
	REFUSED("\x11");
	REFUSED("\x0c\x06"); /* one more changed */
	REFUSED("\x0c\x04");
	REFUSED("\x0c\x80"); /* a number without its end */
	REFUSED("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	REFUSED("\x0c\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"); /* 65 bits */
	/* Of what is new: paths that are no good, or out of order, and unknown questions. */
	REFUSED("\x0c\x07\x00\x01z\x01"); /* z */
	REFUSED("\x0c\x07\x00\x02/..\x01");
	REFUSED("\x0c\x07\x00\x03/..\x01");
	REFUSED("\x0c\x07\x04\x02/x\x01"); /* //x */
	REFUSED("\x0c\x07\x00\x02/c\x01"); /* a second /c */
	REFUSED("\x0c\x07\x00\x02/0\x01"); /* before /c */
	REFUSED("\x0c\x07\x03\x02/z\x01");
	REFUSED("\x0c\x07\x0c\x02/z\x01");     /* more shared than there is */
	REFUSED("\x0c\x07\x00\x7f/z\x01");     /* a path behind the end */
	REFUSED("\x0c\x07\x00\x03/\x00z\x01"); /* a NUL */
	/* Answers. */
	REFUSED("\x0c\x07\x00\x02/z\x00");  /* error 0 */
	REFUSED("\x0c\x07\x00\x02/z\x09x"); /* two bytes, one there */
	REFUSED("\x0c\x07\x00\x02/z");
	REFUSED("\x0c\x07\x00\x02/z\x02\x00");       /* by what it was, but it is new */
	REFUSED("\x0c\x07\x00\x02/z\x06\x00");       /* by /c, an error */
	REFUSED("\x0c\x07\x00\x02/z\x12\x00");       /* by the fourth before */
	REFUSED("\x0c\x07\x00\x02/z\x0a\x08\x08");   /* by /b, two bytes too few are made */
	REFUSED("\x06\x02\x00\x08\x08");             /* a line more than there is */
	REFUSED("\x06\x02\x00\x07");                 /* unknown operation */
	REFUSED("\x06\x02\x00\x10");                 /* two lines, one there */
	REFUSED("\x06\x02\x00\x22\x01");             /* four bytes, one there */
	REFUSED("\x06\x02\x00\x22\x01\x01\x01\x01"); /* two too many */
	REFUSED2("\x06\x02\x00\x0c\x01", "\x02");    /* the second number of one */
	REFUSED2("\x06\x02\x00\x0c\x00", "");
	REFUSED2("\x06\x02\x00\x0c\x00\x08", "\x02\x02");      /* a number too many */
	REFUSED("\x06\x03\x00\x04");                           /* a word of none */
	ok(OPS("\x06\x02\xff\xff\xff\xff\x0f\x08") == -EFBIG); /* of less than no length */
	ok(OPS("\x06\x02\xfe\xff\xff\xff\x0f\x08") == -EFBIG);
	/* All is well but for the sum. */
	REFUSED2("\x06\x02\x00\x0c\x00\x08", "\x02");
}

static void errors_kept(void)
{
	static const int kinds[] = {
		EPERM,      ENOENT,    ESRCH,  EIO,    ENXIO,        EACCES,
		EBUSY,      ENODEV,    EINVAL, EFBIG,  ENOSYS,       ENODATA,
		EOPNOTSUPP, ETIMEDOUT, ELOOP,  ESTALE, ENAMETOOLONG, EOVERFLOW
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		tap_ok(mml_error_of_number(mml_error_number(-kinds[i])) == -kinds[i], "%s",
		       strerrorname_np(kinds[i]));
	/* As most machines have it, whatever this one does. */
	is_u64(mml_error_number(-EACCES), 13);
	is_u64(mml_error_number(-ENOSYS), 38);
	is_u64(mml_error_number(-EOPNOTSUPP), 95);
	is_u64(mml_error_number(-ETIMEDOUT), 110);
	ok(mml_error_of_number(0) == 0);
	ok(mml_error_of_number(4096) == 0);
	ok(mml_error_of_number(UINT64_MAX) == 0);
}

static void sums(void)
{
	static const char text[] = "123456789";
	char bytes[100];
	uint32_t sum = 0;
	unsigned seed = 1;
	size_t wrong = 0;

	is_u64(mml_crc32c(0, text, 9), 0xe3069283);
	is_u64(mml_crc32c(0, "", 0), 0);
	for (size_t i = 0; i < 9; i++)
		sum = mml_crc32c(sum, text + i, 1);
	is_u64(sum, 0xe3069283);
	/* Of 32 bytes of zeros: RFC 3720. */
	is_u64(mml_crc32c(0, (char[32]){ 0 }, 32), 0x8a9136aa);
	/* By the processor's instruction, where it has one, and without. */
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)rand_r(&seed);
	for (size_t begin = 0; begin < 16; begin++)
		for (size_t len = 0; begin + len <= sizeof(bytes); len++)
			wrong += mml_crc32c(7, bytes + begin, len) !=
				 mml_crc32c_plain(7, bytes + begin, len);
	is_u64(wrong, 0);
}

int main(void)
{
	const char *src = getenv("top_srcdir"), *shared = getenv("MMLENS_FIXTURES");
	char dir[PATH_MAX];

	sums();
	errors_kept();
	numbers();
	lines_move();
	words();
	hostile();
	snprintf(dir, sizeof(dir), "%s/tests/fixtures", src ? src : ".");
	check_trees(dir, "fixtures");
	snprintf(dir, sizeof(dir), "%s/../shared/fixtures", src ? src : ".");
	check_trees(shared ? shared : dir, "trees of other machines beside the project");
	mml_text_room_free(&room);
	return tap_done();
}
