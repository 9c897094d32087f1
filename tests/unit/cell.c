/* Text from the machine, made harmless and back; rows as text, CSV, raw and JSON. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/render/cell.h"

#include <stdlib.h>

#ifdef MML_WITH_JSONC
#include <json-c/json.h>
#endif

#include "../../src/render/render.h"
#include "../tap.h"

/* What undoes mml_escape(), as its comment promises it can be: \ooo, up to \377, is a byte. */
static void undo(struct mml_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\' && i + 3 < len && s[i + 1] >= '0' && s[i + 1] <= '3' &&
		    s[i + 2] >= '0' && s[i + 2] <= '7' && s[i + 3] >= '0' && s[i + 3] <= '7') {
			mml_buf_putc(out, (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
						 (s[i + 3] - '0')));
			i += 3;
		} else {
			mml_buf_putc(out, s[i]);
		}
	}
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = strchr(digits, c);

	return c && at ? (int)(at - digits) % 16 : -1;
}

/* The same for JSON: \xHH is a byte. */
static void undo_json(struct mml_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\' && i + 3 < len && s[i + 1] == 'x' && nibble(s[i + 2]) >= 0 &&
		    nibble(s[i + 3]) >= 0) {
			mml_buf_putc(out, (char)(nibble(s[i + 2]) << 4 | nibble(s[i + 3])));
			i += 3;
		} else {
			mml_buf_putc(out, s[i]);
		}
	}
}

/* Nothing that steers a terminal; in UTF-8 nothing that is not UTF-8, without it ASCII alone. */
static bool harmless(const char *s, size_t len, bool utf8)
{
	while (len) {
		uint32_t c = 0;
		size_t n = mml_utf8_next(s, len, &c);

		if (!n || mml_utf8_harmful(c) || (!utf8 && c > 0x7e))
			return false;
		s += n;
		len -= n;
	}
	return true;
}

static bool survives(const char *s, size_t len)
{
	struct mml_buf shown = { 0 }, back = { 0 };
	bool good = true;

	for (int utf8 = 0; utf8 < 2; utf8++) {
		shown.len = back.len = 0;
		mml_escape(&shown, s, len, utf8);
		undo(&back, shown.data, shown.len);
		good &= harmless(shown.data, shown.len, utf8) && back.len == len &&
			(!len || !memcmp(back.data, s, len));
	}
	shown.len = back.len = 0;
	mml_escape_json(&shown, s, len);
	undo_json(&back, shown.data, shown.len);
	good &= back.len == len && (!len || !memcmp(back.data, s, len));
	mml_buf_free(&shown);
	mml_buf_free(&back);
	return good;
}

static const char *escaped(const char *s, bool utf8)
{
	static struct mml_buf buf;

	buf.len = 0;
	mml_escape(&buf, s, strlen(s), utf8);
	return buf.data;
}

static void escapes(void)
{
	is_str(escaped("kmalloc-8", true), "kmalloc-8");
	is_str(escaped("\033[31m\a", true), "\\033[31m\\007");
	is_str(escaped("a\nb\tc\r", true), "a\\012b\\011c\\015");
	is_str(escaped("\x7f", true), "\\177");
	is_str(escaped("\302\233" "31m", true), "\\302\\23331m");          /* C1: CSI */
	is_str(escaped("\233" "31m", false), "\\23331m");                   /* the same in Latin-1 */
	is_str(escaped("\342\200\256txt.exe", true), "\\342\\200\\256txt.exe"); /* bidi override */
	is_str(escaped("\342\201\246x\342\201\251", true), "\\342\\201\\246x\\342\\201\\251");
	is_str(escaped("\342\200\213", true), "\\342\\200\\213");           /* zero width */
	is_str(escaped("\357\273\277", true), "\\357\\273\\277");           /* BOM */
	is_str(escaped("\363\240\201\201", true), "\\363\\240\\201\\201");   /* tag letter */
	is_str(escaped("\303\244\346\227\245", true), "\303\244\346\227\245");
	is_str(escaped("\303\244", false), "\\303\\244");
	is_str(escaped("\300\257", true), "\\300\\257");                     /* overlong slash */
	is_str(escaped("\355\240\200", true), "\\355\\240\\200");           /* surrogate */
	is_str(escaped("\364\220\200\200", true), "\\364\\220\\200\\200");  /* above U+10FFFF */
	is_str(escaped("\342\202", true), "\\342\\202");                     /* cut off */
	is_str(escaped("C:\\new", true), "C:\\new");
	is_str(escaped("a\\012", true), "a\\134012");
	is_str(escaped("a\\912\\12", true), "a\\912\\12");
	is_str(escaped("\\\\033", true), "\\\\134033");
}

/* Backslashes, digits and x make up half of what is tried: that is where it could go wrong. */
static void reversible(void)
{
	static const char alphabet[] = "\\\\\\0123789xxabfAF \302\233\342\200\256\303\244\377\033\n";
	unsigned seed = 20260101;
	bool good = true;

	for (int i = 0; i < 200000 && good; i++) {
		char s[24];
		size_t len = (size_t)rand_r(&seed) % sizeof(s);

		for (size_t k = 0; k < len; k++)
			s[k] = rand_r(&seed) % 4 ?
				       alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)] :
				       (char)(rand_r(&seed) % 255 + 1);
		good = survives(s, len);
		if (!good)
			for (size_t k = 0; k < len; k++)
				printf("# %02x\n", (unsigned)(unsigned char)s[k]);
	}
	ok(good);
}

static void widths(void)
{
	is_u64(mml_text_width("abc", 3, true), 3);
	is_u64(mml_text_width("\303\244", 2, true), 1);
	is_u64(mml_text_width("\346\227\245", 3, true), 2);
	is_u64(mml_text_width("e\314\201", 3, true), 1); /* a combining accent */
	is_u64(mml_text_width("", 0, true), 0);
}

#define T_COLUMNS(C, R) \
	C(name, "NAME", STR, KEY, NONE, FIRST, 0, "-", "-.") \
	C(size, "SIZE", U64, GAUGE, BYTES, MAIN, 0, "-", "-.") \
	C(rate, "RATE", F64, DERIVED, COUNT, MAIN, 0, "-", "-.") \
	C(signed, "SIGNED", I64, GAUGE, COUNT, MAIN, 0, "-", "-.") \
	C(addr, "ADDR", ADDR, GAUGE, NONE, MAIN, 0, "-", "-.") \
	C(yes, "YES", BOOL, GAUGE, NONE, MAIN, 0, "-", "-.") \
	C(time, "TIME", U64, GAUGE, NSEC, MAIN, 0, "-", "-.")

#define MML_TABLE_OF T
#include "../../src/core/columns.h"
static const struct mml_schema schema = { "things", "A thing.", T_columns, T_NCOLUMNS, NULL, NULL };

static const char *const names[] = {
	"plain", "", "-", "\"\"", "two words", "a,b", "say \"hi\"", "\033]0;owned\a", "\302\233" "2J",
	"\377\376", "\342\200\256" "cod.exe", "\\033", "\\x1b", "\360\237\230\200", "\177", "=1+1",
	"\363\240\201\201",
};

static struct mml_table *things(struct mml_arena *arena)
{
	struct mml_table *table = mml_table_new(arena, &schema);
	struct mml_row *row = mml_table_add(table); /* all absent */

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		row = mml_table_add(table);
		mml_set_str(row, T_name, names[i]);
		mml_set_u64(row, T_size, i ? UINT64_MAX : 0);
		mml_set_f64(row, T_rate, -1.25);
		mml_set_i64(row, T_signed, INT64_MIN);
		mml_set_u64(row, T_addr, UINT64_MAX);
		mml_set_bool(row, T_yes, true);
		mml_set_u64(row, T_time, 1500000001);
	}
	mml_set_at_least(row, T_size);
	return table;
}

static struct mml_select sel;
static struct mml_table *table;

/* The table at hand as a snapshot, appended to OUT. */
static int render_with(struct mml_buf *out, const struct mml_format *format)
{
	struct mml_snapshot snap = { .ntables = 1, .tables = &table, .host = { .page_size = 4096 } };

	return mml_render(out, &sel, &snap, format);
}

static char *rendered(const struct mml_renderer *renderer, bool utf8)
{
	struct mml_format format = {
		.renderer = renderer,
		.style = { .exact = renderer->exact, .utf8 = utf8, .page_size = 4096 },
	};
	struct mml_buf out = { 0 };

	ok(!render_with(&out, &format));
	return out.data;
}

/* Line N (from 0) of TEXT. */
static const char *line(const char *text, size_t n)
{
	static char buf[512];

	while (n-- && text)
		text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
	snprintf(buf, sizeof(buf), "%.*s", text ? (int)strcspn(text, "\n") : 0, text ? text : "");
	return buf;
}

static void lines(void)
{
	const char *all;
	char *text;
	size_t rows = 0;

	text = rendered(mml_renderer_find("raw"), true);
	is_str(line(text, 0), "NAME SIZE RATE SIGNED ADDR YES TIME");
	is_str(line(text, 1), "- - - - - - -");
	is_str(line(text, 2), "plain 0 -1.25 -9223372036854775808 0xffffffffffffffff yes 1.500000001");
	ok(!strncmp(line(text, 3), "\"\" 18446744073709551615 ", 24));
	ok(!strncmp(line(text, 4), "\\055 ", 5)); /* not the sign of what is absent */
	ok(!strncmp(line(text, 5), "\\042\\042 ", 9)); /* not the sign of what is empty */
	ok(!strncmp(line(text, 6), "two\\040words ", 13));
	ok(strstr(line(text, sizeof(names) / sizeof(*names) + 1), " >=18446744073709551615 ") != NULL);
	for (all = text; *all; all++)
		rows += *all == '\n';
	is_u64(rows, sizeof(names) / sizeof(*names) + 2);
	free(text);
	text = rendered(mml_renderer_find("csv"), true);
	is_str(line(text, 0), "name,size,rate,signed,addr,yes,time");
	is_str(line(text, 1), ",,,,,,");
	ok(!strncmp(line(text, 3), "\"\",1844", 7));
	ok(!strncmp(line(text, 7), "\"a,b\",", 6));
	ok(!strncmp(line(text, 8), "\"say \"\"hi\"\"\",", 13));
	free(text);
	for (int utf8 = 0; utf8 < 2; utf8++)
		for (size_t i = 0; mml_renderers[i]; i++) {
			bool good = true;

			text = rendered(mml_renderers[i], utf8);
			for (char *p = text; *p; p += strcspn(p, "\n") + 1)
				good &= harmless(p, strcspn(p, "\n"), utf8);
			tap_ok(good, "%s has nothing that steers a terminal%s",
			       mml_renderers[i]->name, utf8 ? "" : ", and is ASCII");
			free(text);
		}
}

#ifdef MML_WITH_JSONC
static void json(void)
{
	struct json_object *doc, *rows, *cell;
	char *text = rendered(mml_renderer_find("json"), true);
	char *ascii = rendered(mml_renderer_find("json"), false);
	struct mml_buf back = { 0 };
	bool good = true;

	doc = json_tokener_parse(text);
	rows = json_object_object_get(json_object_object_get(doc, "tables"), "things");
	ok(rows && json_object_array_length(rows) == sizeof(names) / sizeof(*names) + 1);
	good = rows != NULL;
	for (size_t i = 0; good && i < sizeof(names) / sizeof(*names); i++) {
		cell = json_object_object_get(json_object_array_get_idx(rows, i + 1), "name");
		back.len = 0;
		undo_json(&back, json_object_get_string(cell),
			  (size_t)json_object_get_string_len(cell));
		good = back.len == strlen(names[i]) && !memcmp(back.data, names[i], back.len);
		if (!good)
			printf("# name %zu: %s\n", i, json_object_get_string(cell));
	}
	ok(good);
	ok(json_object_object_get_ex(json_object_array_get_idx(rows, 0), "size", &cell) && !cell);
	cell = json_object_array_get_idx(rows, json_object_array_length(rows) - 1);
	ok(!json_object_object_get(cell, "size")); /* a lower bound is no value */
	ok(json_object_get_uint64(json_object_object_get(cell, "size_at_least")) == UINT64_MAX);
	is_str(json_object_get_string(json_object_object_get(cell, "addr")), "0xffffffffffffffff");
	/* Without UTF-8 the same document in ASCII. */
	{
		struct json_object *plain = json_tokener_parse(ascii);

		ok(json_object_equal(plain, doc));
		json_object_put(plain);
	}
	json_object_put(doc);
	mml_buf_free(&back);
	free(text);
	free(ascii);
}

#else
static void json(void)
{
	tap_skip("JSON is read back with json-c, which is not installed");
}
#endif

/* One monstrous name does not make every line as long as itself. */
static void monster(struct mml_arena *arena)
{
	size_t len = 1 << 20;
	char *name = mml_arena_alloc(arena, len + 1), *text;

	memset(name, 'x', len);
	table = mml_table_new(arena, &schema);
	mml_set_str(mml_table_add(table), T_name, name);
	for (int i = 0; i < 100; i++)
		mml_set_str(mml_table_add(table), T_name, "short");
	text = rendered(mml_renderer_find("text"), true);
	ok(strlen(text) < len + 200000);
	ok(strlen(line(text, 100)) < 600);
	free(text);
}

/* The table laid out in the plainest way: every cell by mml_cell_text(), padded to its column. */
static void lay_plainly(struct mml_buf *out, const struct mml_format *format)
{
	size_t widths[T_NCOLUMNS];
	struct mml_buf cell = { 0 };

	for (size_t c = 0; c < sel.ncolumns; c++)
		widths[c] = format->noheadings ? 0 : strlen(T_columns[sel.columns[c]].head);
	/* Row -1 is the headings; before they are put the widths are found. */
	for (int put = 0; put < 2; put++)
		for (long r = format->noheadings ? 0 : -1; r < (long)table->nrows; r++)
			for (size_t c = 0; c < sel.ncolumns; c++) {
				const struct mml_column *col = &T_columns[sel.columns[c]];
				bool right = mml_column_right(col), last = c + 1 == sel.ncolumns;
				size_t width, pad;

				cell.len = 0;
				if (r < 0)
					mml_buf_puts(&cell, col->head);
				else
					mml_cell_text(&cell, col, sel.columns[c],
						      mml_table_row(table, (size_t)r), &format->style);
				width = cell.len ? mml_text_width(cell.data, cell.len, format->style.utf8) : 0;
				if (!put && width > widths[c])
					widths[c] = width < 512 ? width : 512;
				if (!put)
					continue;
				pad = widths[c] > width ? widths[c] - width : 0;
				mml_buf_pad(out, ' ', right ? pad : 0);
				mml_buf_put(out, cell.data, cell.len);
				mml_buf_pad(out, ' ', !right && !last ? pad : 0);
				mml_buf_putc(out, last ? '\n' : ' ');
			}
	mml_buf_free(&cell);
}

static uint64_t seed = 88172645463325252;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Numbers of every length, present or not, bounds, texts of every kind; few rows and many. */
static void layouts(struct mml_arena *arena)
{
	static const size_t sizes[] = { 1, 2, 3, 17, 100, 4095, 4096, 4097, 9001 };
	static char wide[700];
	unsigned wrong = 0, count = 0;

	memset(wide, 'w', sizeof(wide) - 1);
	for (size_t i = 0; i < 300; i++) {
		struct mml_format format = {
			.renderer = mml_renderer_find("text"),
			.noheadings = next() % 2,
			.style = { .units = i < 290 ? (enum mml_units)(next() % 6) : MML_IN_BYTES,
				   .page_size = 4096,
				   .utf8 = next() % 2 },
		};
		size_t rows = sizes[i < 290 ? next() % 5 : i % 9], most = 1 + next() % (i % 2 ? 20 : 63);
		struct mml_buf got = { 0 }, want = { 0 };

		table = mml_table_new(arena, &schema);
		mml_select_init(&sel, &schema);
		sel.ncolumns = 0;
		for (unsigned c = 0; c < T_NCOLUMNS; c++)
			if (next() % 3)
				sel.columns[sel.ncolumns++] = (c + (unsigned)i) % T_NCOLUMNS;
		if (!sel.ncolumns)
			sel.columns[sel.ncolumns++] = T_size;
		for (size_t r = 0; r < rows; r++) {
			struct mml_row *row = mml_table_add(table);

			mml_set_str(row, T_name, next() % 500 ? names[next() % 17] : wide + next() % 690);
			/* The second half of many rows may be wider than the first. */
			mml_set_u64(row, T_size, r + 1 == rows ? next() : next() >> (63 - next() % most));
			mml_set_f64(row, T_rate, r + 1 == rows ? -1.5e28 :
				    (double)(int64_t)next() / (double)(UINT64_C(1) << next() % 63));
			mml_set_i64(row, T_signed, (int64_t)next() >> next() % 63);
			mml_set_u64(row, T_addr, next() >> next() % 63);
			mml_set_bool(row, T_yes, next() % 2);
			mml_set_u64(row, T_time, next() >> next() % 63);
			if (next() % 4 == 0)
				mml_unset(row, (unsigned)(next() % T_NCOLUMNS));
			if (next() % 8 == 0)
				mml_set_at_least(row, (unsigned)(next() % T_NCOLUMNS));
		}
		wrong += render_with(&got, &format) != 0;
		lay_plainly(&want, &format);
		count++;
		if (got.len != want.len || memcmp(got.data, want.data, got.len)) {
			wrong++;
			printf("# layout %zu: %zu rows, %zu columns differ\n", i, rows, sel.ncolumns);
		}
		mml_buf_free(&got);
		mml_buf_free(&want);
	}
	tap_ok(!wrong, "%u tables laid out as the plainest way does: %u differ", count, wrong);
}

/* Rows as pages: the first column is the title, an absent cell is left out, and words go to the next
 * line where the width ends, as wide as the terminal shows them. */
static void pages(struct mml_arena *arena)
{
	struct mml_format format = {
		.renderer = mml_renderer_find("page"),
		.style = { .utf8 = true, .page_size = 4096 },
		.width = 40,
	};
	struct mml_buf out = { 0 };
	struct mml_row *row;

	table = mml_table_new(arena, &schema);
	row = mml_table_add(table);
	mml_set_u64(row, T_size, 4096);
	mml_set_str(row, T_name, "four words and a number of pages: 1234567 \033[2J");
	row = mml_table_add(table);
	mml_set_str(row, T_name, "\346\227\245\346\234\254\350\252\236 \346\227\245\346\234\254"
				 "\350\252\236 \346\227\245\346\234\254\350\252\236 "
				 "\346\227\245\346\234\254\350\252\236 x y");
	mml_set_bool(row, T_yes, true);
	ok(!mml_select_columns(&sel, "size,name,yes"));
	ok(!render_with(&out, &format));
	is_str(out.data, "Size 4.0K\nName  four words and a number of pages:\n"
			 "      1234567 \\033[2J\n"
			 "\nSize -\nName  \346\227\245\346\234\254\350\252\236 "
			 "\346\227\245\346\234\254\350\252\236 \346\227\245\346\234\254"
			 "\350\252\236 \346\227\245\346\234\254\350\252\236 x y\nYes   yes\n");
	out.len = 0;
	format.width = 39; /* one column less than the line above has */
	ok(!render_with(&out, &format));
	ok(strstr(out.data, "\nName  four words and a number of pages:\n"));
	format.width = 38;
	out.len = 0;
	ok(!render_with(&out, &format));
	ok(strstr(out.data, "\nName  four words and a number of\n      pages: 1234567 \\033[2J\n"));
	format.width = 20; /* too narrow to break lines well */
	out.len = 0;
	ok(!render_with(&out, &format));
	ok(strstr(out.data, "\nName  four words and a number of pages: 1234567 \\033[2J\n"));
	format.width = 0;
	format.noheadings = true;
	format.colour = true;
	ok(!mml_select_columns(&sel, "name,yes"));
	out.len = 0;
	ok(!render_with(&out, &format));
	ok(!strcmp(out.data, "\nYes  yes\n"));
	format.noheadings = false;
	out.len = 0;
	ok(!render_with(&out, &format));
	ok(!strncmp(out.data, "\033[1mfour words", 14) && strstr(out.data, "\\033[2J\033[0m\n\n"));
	mml_buf_free(&out);
	mml_select_init(&sel, &schema);
}

int main(void)
{
	struct mml_arena *arena = mml_arena_new();

	setenv("LC_ALL", "C.UTF-8", 1);
	mml_select_init(&sel, &schema);
	table = things(arena);
	escapes();
	reversible();
	widths();
	lines();
	json();
	monster(arena);
	layouts(arena);
	pages(arena);
	mml_select_free(&sel);
	mml_arena_free(arena);
	return tap_done();
}
