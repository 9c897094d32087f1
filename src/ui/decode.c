/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode.h"

#include <string.h>

#include "../core/parse.h"
#include "../core/text.h"

enum { ESC = 27, BEL = 7, DEL = 127, LONGEST = 64, LONGEST_STRING = 4096, LONGEST_PASTE = 64 << 10 };

/* A sequence that is being looked at. */
struct sequence {
	const char *p; /* what is left of it */
	size_t left;
	bool idle;
};

void mml_decoder_teach(struct mml_decoder *decoder, const char *bytes, uint32_t key)
{
	size_t len = bytes && bytes != (const char *)-1 ? strlen(bytes) : 0;

	/* Single characters mean themselves. */
	if (len < 2 || len >= sizeof(decoder->taught->bytes) || decoder->ntaught == MML_TAUGHT)
		return;
	memcpy(decoder->taught[decoder->ntaught].bytes, bytes, len + 1);
	decoder->taught[decoder->ntaught++].key = key;
}

int mml_decoder_feed(struct mml_decoder *decoder, const char *bytes, size_t n)
{
	if (decoder->at) {
		decoder->bytes.len -= decoder->at;
		memmove(decoder->bytes.data, decoder->bytes.data + decoder->at, decoder->bytes.len);
		decoder->at = 0;
	}
	mml_buf_put(&decoder->bytes, bytes, n);
	return decoder->bytes.error;
}

bool mml_decoder_waits(const struct mml_decoder *decoder)
{
	return decoder->at < decoder->bytes.len;
}

void mml_decoder_free(struct mml_decoder *decoder)
{
	mml_buf_free(&decoder->bytes);
	mml_buf_free(&decoder->paste);
}

/* Keys by the number in front of a tilde: "\033[5~". */
static uint32_t tilde_key(unsigned n)
{
	static const uint32_t keys[] = {
		[1] = MML_HOME,    [3] = MML_DELETE,  [4] = MML_END,	 [5] = MML_PGUP,
		[6] = MML_PGDN,	   [7] = MML_HOME,    [8] = MML_END,	 [11] = MML_F(1),
		[12] = MML_F(2),   [13] = MML_F(3),   [14] = MML_F(4),	 [15] = MML_F(5),
		[17] = MML_F(6),   [18] = MML_F(7),   [19] = MML_F(8),	 [20] = MML_F(9),
		[21] = MML_F(10),  [23] = MML_F(11),  [24] = MML_F(12),
	};

	return n < sizeof(keys) / sizeof(*keys) ? keys[n] : MML_NO_KEY;
}

/* Keys by the letter that ends "\033[" and "\033O". */
static uint32_t letter_key(char c)
{
	switch (c) {
	case 'A':
		return MML_UP;
	case 'B':
		return MML_DOWN;
	case 'C':
		return MML_RIGHT;
	case 'D':
		return MML_LEFT;
	case 'H':
		return MML_HOME;
	case 'F':
		return MML_END;
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return MML_F((uint32_t)(c - 'P' + 1));
	default:
		return MML_NO_KEY;
	}
}

/* The keypad in application mode. */
static uint32_t keypad_key(char c)
{
	static const char *const chars = "*+,-./0123456789";

	if (c == 'M')
		return MML_ENTER;
	if (c >= 'j' && c <= 'y')
		return (unsigned char)chars[c - 'j'];
	return letter_key(c);
}

/* Up to three numbers with semicolons between; how many. */
static unsigned numbers(const char *p, const char *end, unsigned ret[3])
{
	unsigned n = 0;

	ret[0] = ret[1] = ret[2] = 0;
	for (; p < end && n < 3; p++) {
		if (*p == ';')
			n++;
		else if (*p >= '0' && *p <= '9' && ret[n] < 100000000)
			ret[n] = ret[n] * 10 + (unsigned)(*p - '0');
		else
			return n + 1;
	}
	return n + 1;
}

/* Button 0 is the left one, 64 and 65 the wheel; the bits between are Shift, Alt, Ctrl and motion. */
static uint32_t mouse_key(unsigned button, unsigned x, unsigned y, struct mml_mouse *ret)
{
	button &= ~28u;
	if (!x || !y || (button && button != 64 && button != 65))
		return MML_NO_KEY;
	*ret = (struct mml_mouse){ (int)y - 1, (int)x - 1,
				   button == 64	  ? MML_WHEEL_UP
				   : button == 65 ? MML_WHEEL_DOWN
						  : MML_CLICK };
	return MML_MOUSE;
}

/* The key that "CSI code u" tells: a character, or one of the few that are none. */
static uint32_t coded_key(unsigned code)
{
	if (code == ESC)
		return MML_ESC;
	return code < 0x110000 && (code >= ' ' || code == '\r' || code == '\t') ? code : MML_NO_KEY;
}

/* What the sequence from P, behind "\033[", to its last byte END - 1 means. */
static uint32_t csi_key(struct mml_decoder *decoder, const char *p, const char *end,
			struct mml_mouse *ret_mouse)
{
	char last = end[-1];
	unsigned n[3], count;

	if (*p == '<') {
		numbers(p + 1, end - 1, n);
		return last == 'M' ? mouse_key(n[0], n[1], n[2], ret_mouse) : MML_NO_KEY;
	}
	if (*p == '?' || *p == '>' || *p == '=')
		return MML_NO_KEY;
	count = numbers(p, end - 1, n);
	switch (last) {
	case 'M':
		return count == 3 && n[0] >= 32 ? mouse_key(n[0] - 32, n[1], n[2], ret_mouse)
						: MML_NO_KEY;
	case 'Z':
		return MML_BACKTAB;
	case 'u':
		return coded_key(n[0]);
	case '~':
		if (n[0] == 200) {
			decoder->pasting = true;
			decoder->paste.len = 0;
		}
		return tilde_key(n[0]);
	case 'R': /* a position of the cursor, but for F3 with Shift and the like */
		return n[0] == 1 && n[1] < 9 ? letter_key(last) : MML_NO_KEY;
	default:
		return letter_key(last);
	}
}

/* "\033[M" and three characters: a button, a column, a row, 32 added to each. */
static size_t old_mouse(const struct sequence *s, uint32_t *ret_key, struct mml_mouse *ret_mouse)
{
	const unsigned char *p = (const unsigned char *)s->p;

	if (s->left < 6)
		return s->idle ? s->left : 0;
	if (p[3] >= 32 && p[4] > 32 && p[5] > 32)
		*ret_key = mouse_key(p[3] - 32u, p[4] - 32u, p[5] - 32u, ret_mouse);
	return 6;
}

/* Each takes the bytes of one sequence: how many; 0: its end is still to come. */
static size_t take_csi(struct mml_decoder *decoder, const struct sequence *s, uint32_t *ret_key,
		       struct mml_mouse *ret_mouse)
{
	size_t i = 2;

	if (s->left > 2 && s->p[2] == 'M')
		return old_mouse(s, ret_key, ret_mouse);
	/* The Linux console's F1 to F5: "\033[[A". */
	if (s->left > 2 && s->p[2] == '[') {
		if (s->left < 4)
			return s->idle ? s->left : 0;
		if (s->p[3] >= 'A' && s->p[3] <= 'E')
			*ret_key = MML_F((uint32_t)(s->p[3] - 'A' + 1));
		return 4;
	}
	while (i < s->left && s->p[i] >= 0x20 && s->p[i] < 0x40)
		i++;
	if (i == s->left)
		return s->idle || i > LONGEST ? i : 0;
	/* A control character is not part of it: what came before was cut off. */
	if (s->p[i] < 0x40 || s->p[i] == DEL)
		return i;
	*ret_key = csi_key(decoder, s->p + 2, s->p + i + 1, ret_mouse);
	return i + 1;
}

/* A string that something asked the terminal for: up to BEL or ESC \. */
static size_t take_string(const struct sequence *s)
{
	for (size_t i = 2; i < s->left; i++) {
		if (s->p[i] == BEL)
			return i + 1;
		if (s->p[i] == ESC && i + 1 < s->left)
			return s->p[i + 1] == '\\' ? i + 2 : i;
	}
	return s->idle || s->left > LONGEST_STRING ? s->left : 0;
}

static size_t take_taught(const struct mml_decoder *decoder, const struct sequence *s,
			  uint32_t *ret_key)
{
	for (size_t i = 0; i < decoder->ntaught; i++) {
		size_t len = strlen(decoder->taught[i].bytes);

		if (len <= s->left && !memcmp(decoder->taught[i].bytes, s->p, len)) {
			*ret_key = decoder->taught[i].key;
			return len;
		}
	}
	return 0;
}

static size_t take_escape(struct mml_decoder *decoder, const struct sequence *s, uint32_t *ret_key,
			  struct mml_mouse *ret_mouse)
{
	size_t n = take_taught(decoder, s, ret_key);

	if (n)
		return n;
	if (s->left == 1) {
		*ret_key = s->idle ? MML_ESC : MML_NO_KEY;
		return s->idle;
	}
	switch (s->p[1]) {
	case '[':
		return take_csi(decoder, s, ret_key, ret_mouse);
	case 'O':
		if (s->left == 2)
			return s->idle ? 2 : 0;
		*ret_key = keypad_key(s->p[2]);
		return 3;
	case ']':
	case 'P':
	case '_':
	case '^':
	case 'X':
		return take_string(s);
	default: /* Esc, and a key typed behind it */
		*ret_key = MML_ESC;
		return 1;
	}
}

static size_t take_character(const struct sequence *s, uint32_t *ret_key)
{
	uint32_t c;
	size_t n;

	if (*s->p == DEL || *s->p == 8) {
		*ret_key = MML_BACKSPACE;
		return 1;
	}
	n = mml_utf8_next(s->p, s->left, &c);
	if (n) {
		*ret_key = c;
		return n;
	}
	/* Half a character, or none at all. */
	return (*s->p & 0xc0) == 0xc0 && s->left < 4 && !s->idle ? 0 : 1;
}

/* Everything up to "\033[201~" is the paste. Where that never comes, Ctrl-C alone ends it. */
static size_t take_paste(struct mml_decoder *decoder, const struct sequence *s, uint32_t *ret_key)
{
	static const char end[] = "\033[201~";
	const size_t len = sizeof(end) - 1;
	const char *stop = memmem(s->p, s->left, end, len);
	size_t n = stop ? (size_t)(stop - s->p) : s->left >= len ? s->left - len + 1 : 0;

	if (!stop && s->idle && s->p[s->left - 1] == 3) {
		stop = s->p + s->left - 1;
		n = s->left - 1;
	}
	if (decoder->paste.len + n <= LONGEST_PASTE)
		mml_buf_put(&decoder->paste, s->p, n);
	if (!stop)
		return n;
	decoder->pasting = false;
	*ret_key = MML_PASTE;
	return n + (s->left - n < len ? s->left - n : len);
}

uint32_t mml_decoder_key(struct mml_decoder *decoder, bool idle, struct mml_mouse *ret_mouse)
{
	uint32_t key = MML_NO_KEY;

	while (key == MML_NO_KEY && decoder->at < decoder->bytes.len) {
		struct sequence s = { decoder->bytes.data + decoder->at,
				      decoder->bytes.len - decoder->at, idle };
		size_t n = decoder->pasting ? take_paste(decoder, &s, &key)
			   : *s.p == ESC    ? take_escape(decoder, &s, &key, ret_mouse)
					    : take_character(&s, &key);

		if (!n)
			break;
		decoder->at += n;
	}
	return key;
}
