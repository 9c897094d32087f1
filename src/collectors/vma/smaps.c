/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../core/stream.h"

enum { MAX_ORDER = sizeof((struct vmas){ 0 }.order) / sizeof(unsigned), NO_COLUMN = ~0U };

/* Translates "rd ex mr mw me sd " to "read exec may-read may-write may-exec soft-dirty". */
static const char *flag_words(struct vmas *v, struct mml_span flags)
{
	static const struct {
		char letters[3];
		const char *word;
	} words[] = {
#define VMFLAG(letters, word, bit) { letters, word },
#include "flags.def"
#undef VMFLAG
	};
	struct mml_buf text = { 0 };
	struct mml_span tok;
	const char *ret;

	while (mml_next_token(&flags, &tok)) {
		const char *word = NULL;

		for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !word; i++)
			if (mml_span_eq(tok, words[i].letters))
				word = words[i].word;
		if (text.len)
			mml_buf_putc(&text, ' ');
		if (word)
			mml_buf_puts(&text, word);
		else
			mml_buf_put(&text, tok.p, mml_span_len(tok));
	}
	ret = mml_intern(&v->strings, (struct mml_span){ text.data, text.data + text.len });
	mml_buf_free(&text);
	return ret;
}

/* Returns whether all of FLAGS are known, and those with a fixed bit in RET. */
static bool flag_bits(struct mml_span flags, uint64_t *ret)
{
	static const struct {
		char letters[3];
		int bit;
	} bits[] = {
#define VMFLAG(letters, word, bit) { letters, bit },
#include "flags.def"
#undef VMFLAG
	};
	struct mml_span tok;

	*ret = 0;
	while (mml_next_token(&flags, &tok)) {
		size_t i = 0;

		while (i < sizeof(bits) / sizeof(*bits) && !mml_span_eq(tok, bits[i].letters))
			i++;
		if (i == sizeof(bits) / sizeof(*bits) || mml_span_eq(tok, "??"))
			return false;
		if (bits[i].bit >= 0)
			*ret |= UINT64_C(1) << bits[i].bit;
	}
	return true;
}

static bool has_flag(struct mml_span flags, const char *letters)
{
	struct mml_span tok;

	while (mml_next_token(&flags, &tok))
		if (mml_span_eq(tok, letters))
			return true;
	return false;
}

static void set_flags(struct vmas *v, struct mml_row *row, struct mml_span value)
{
	const char *last = v->last_flags, *flags;
	uint64_t bits;

	flags = mml_intern_again(&v->strings, value, &v->last_flags);
	mml_set_str(row, VMAS_vm_flags, flags);
	if (flags != last)
		v->last_hugetlb = has_flag(value, "ht");
	if (v->query->reading.needs & NEEDS_BITS && flag_bits(value, &bits))
		mml_set_u64(row, VMAS_vm_flags_bits, bits);
	if (v->query->reading.needs & NEEDS_WORDS)
		mml_set_str(row, VMAS_flags, flag_words(v, value));
	if (v->last_hugetlb)
		mml_set_str(row, VMAS_kind, "hugetlb");
}

static int set_value(struct vmas *v, struct mml_row *row, unsigned col, struct mml_span value)
{
	uint64_t n;
	int rc;

	if (col == VMAS_vm_flags) {
		set_flags(v, row, value);
		return 0;
	}
	rc = mml_smaps_value(value, &n);
	if (rc)
		return rc;
	if (col == VMAS_thp_eligible)
		mml_set_bool(row, col, n);
	else
		mml_set_u64(row, col, n);
	return 0;
}

/* Line I of a mapping nearly always has the same field as in the mapping before. */
static unsigned column_of(struct vmas *v, size_t i, struct mml_span key)
{
	size_t len = mml_span_len(key);
	int col;

	if (i < v->norder && mml_span_len(v->keys[i]) == len && !memcmp(v->keys[i].p, key.p, len))
		return v->order[i];
	col = mml_schema_source(v->table->schema, key.p, len);
	if (i < MAX_ORDER && i <= v->norder && len <= sizeof(v->key_text[i])) {
		memcpy(v->key_text[i], key.p, len);
		v->keys[i] = (struct mml_span){ v->key_text[i], v->key_text[i] + len };
		v->order[i] = col < 0 ? NO_COLUMN : (unsigned)col;
		v->norder += i == v->norder;
	}
	return col < 0 ? NO_COLUMN : (unsigned)col;
}

/* Rss:                   4 kB */
static int add_field(struct vmas *v, struct mml_row *row, size_t i, struct mml_span line)
{
	struct mml_span key, value;
	unsigned col;

	if (!mml_smaps_split(line, &key, &value))
		return -EINVAL;
	col = column_of(v, i, key);
	if (col != NO_COLUMN)
		return set_value(v, row, col, value);
	/* Android has the names of anonymous memory here. */
	if (mml_span_eq(key, "Name") && !mml_has(row, VMAS_name))
		mml_vmas_set_name(v, row, value);
	return 0;
}

static void set_sum(struct mml_row *row, unsigned to, unsigned a, unsigned b)
{
	if (mml_has(row, a) && mml_has(row, b))
		mml_set_u64(row, to, row->cell[a].u64 + row->cell[b].u64);
}

static void finish_row(struct vmas *v, struct mml_row *row)
{
	set_sum(row, VMAS_uss, VMAS_private_clean, VMAS_private_dirty);
	set_sum(row, VMAS_dirty, VMAS_shared_dirty, VMAS_private_dirty);
	set_sum(row, VMAS_shared, VMAS_shared_clean, VMAS_shared_dirty);
	for (size_t i = 0; i < MML_MAX_COLUMNS / 64; i++)
		v->seen[i] |= row->present[i];
}

static void set_place(struct vmas *v, struct mml_row *row, const struct mml_map *map)
{
	char text[MML_HOLDS_MAX];

	mml_set_u64(row, VMAS_pid, (uint64_t)v->mm->pid);
	if (v->mm->known) {
		mml_set_u64(row, VMAS_started, v->mm->started);
		mml_mm_holds(v->mm, map->start, map->end, text);
		if (*text)
			mml_set_str(row, VMAS_holds,
				    mml_intern(&v->strings, mml_span_str(text)));
	}
	mml_set_u64(row, VMAS_start, map->start);
	mml_set_u64(row, VMAS_end, map->end);
	mml_set_u64(row, VMAS_size, map->end - map->start);
	mml_set_u64(row, VMAS_mappings, 1);
	mml_set_u64(row, VMAS_processes, 1);
	mml_set_str(row, VMAS_perms, mml_intern_again(&v->strings, mml_span_str(map->perms), &v->last_perms));
	mml_set_str(row, VMAS_kind, mml_map_kind(v->take, &v->mounts, v->mm->pid, map));
}

static struct mml_row *add_row(struct vmas *v, const struct mml_map *map)
{
	struct mml_row *row = mml_table_add(v->table);
	char dev[24];

	if (!row)
		return NULL;
	set_place(v, row, map);
	if (map->inode || map->major || map->minor) {
		snprintf(dev, sizeof(dev), "%02x:%02x", map->major, map->minor);
		mml_set_str(row, VMAS_dev,
			    mml_intern_again(&v->strings, mml_span_str(dev), &v->last_dev));
		mml_set_u64(row, VMAS_inode, map->inode);
		mml_set_u64(row, VMAS_offset, map->offset);
	}
	if (map->name.p < map->name.end)
		mml_vmas_set_name(v, row, map->name);
	return row;
}

/* The state of reading, because a mapping may continue in the next piece. */
struct reading {
	struct vmas *v;
	const char *path;
	struct mml_row *row; /* the mapping that the next fields are of */
	size_t field, line;
};

static int read_line(struct reading *r, struct mml_span line)
{
	struct mml_map map;
	int rc;

	r->line++;
	if (r->row && !mml_map_begins(line)) {
		rc = add_field(r->v, r->row, r->field++, line);
		return rc ? mml_table_bad(r->v->table, r->path, r->line, "not a field of smaps") :
			    0;
	}
	if (r->row)
		finish_row(r->v, r->row);
	if (mml_map_parse(line, &map))
		return mml_table_bad(r->v->table, r->path, r->line, "not a mapping");
	r->row = add_row(r->v, &map);
	r->field = 0;
	return r->row ? 0 : -ENOMEM;
}

/*
 * Reads by far the most common kind of line without looking for its parts: "Rss:
 * 4 kB", as the kernel has always laid it out, with the same key as in the mapping before. Returns
 * false for other lines, which are left to read_line(). That would read these the same way.
 */
static bool read_common(struct reading *r, struct mml_span *text)
{
	enum { DIGITS_END = 24, LINE = 28 };
	static const char blanks[DIGITS_END + 1] = "                        ";
	struct vmas *v = r->v;
	const char *p = text->p, *digit = p + DIGITS_END;
	size_t len;
	uint64_t n = 0, power = 1;

	if (!r->row || r->field >= v->norder || mml_span_len(*text) < LINE ||
	    memcmp(digit, " kB\n", 4))
		return false;
	len = mml_span_len(v->keys[r->field]);
	if (len > DIGITS_END - 9 || memcmp(p, v->keys[r->field].p, len) || p[len] != ':')
		return false;
	for (; digit[-1] >= '0' && digit[-1] <= '9'; power *= 10)
		n += power * (uint64_t)(*--digit - '0');
	if (power == 1 || digit <= p + len + 1 ||
	    memcmp(p + len + 1, blanks, (size_t)(digit - p) - len - 1))
		return false;
	/* There are at most 18 digits, so that only the multiplication can overflow. */
	if (n > UINT64_MAX / 1024)
		return false;
	if (v->order[r->field] != NO_COLUMN)
		mml_set_u64(r->row, v->order[r->field], n * 1024);
	r->field++;
	r->line++;
	text->p += LINE;
	return true;
}

int mml_vmas_read(struct vmas *v, const char *path)
{
	struct reading r = { .v = v, .path = path };
	struct mml_stream *stream;
	struct mml_span text, line;
	int rc = mml_stream_open(v->take->root, path, &stream);

	if (rc)
		return rc;
	while ((rc = mml_stream_next(stream, &text)) > 0)
		for (;;) {
			while (read_common(&r, &text))
				;
			if (!mml_next_line(&text, &line))
				break;
			if (line.p == line.end)
				continue;
			/* A bad line is reported and left out. The others still count. */
			if (read_line(&r, line) == -ENOMEM) {
				rc = -ENOMEM;
				goto out;
			}
		}
	if (r.row)
		finish_row(v, r.row);
out:
	mml_stream_close(stream);
	return rc;
}
