/* Bytes from terminals of all kinds become keys, and nothing becomes a key by mistake. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/ui/decode.h"
#include "../../src/ui/theme.h"
#include "../tap.h"

static struct mml_decoder d;
static struct mml_mouse mouse;

/* The keys of BYTES as text: characters, <number> for others behind MML_UP, "." between. */
static const char *keys_of(const char *bytes, size_t len, bool idle)
{
	static const char *const names[] = { "Up",   "Down", "Left", "Right", "PgUp",  "PgDn",	  "Home",   "End",
					     "Enter", "Esc",  "BackTab", "Backspace", "Delete", "Mouse", "Paste" };
	static char text[1024];
	uint32_t key;
	size_t n = 0;

	if (len)
		mml_decoder_feed(&d, bytes, len);
	text[0] = '\0';
	while ((key = mml_decoder_key(&d, idle, &mouse))) {
		if (key >= MML_F0)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "F%u ", key - MML_F0);
		else if (key >= MML_UP)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", names[key - MML_UP]);
		else if (key < ' ')
			n += (size_t)snprintf(text + n, sizeof(text) - n, "^%c ", key + 64);
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%c ", key < 127 ? (int)key : '?');
	}
	return text;
}

#define keys(bytes) keys_of(bytes, sizeof(bytes) - 1, true)

static void known(void)
{
	/* xterm in both modes, VT220, rxvt, PuTTY, tmux, the Linux console */
	is_str(keys("\033[A\033OA\033[B\033OB\033[C\033OC\033[D\033OD"),
	       "Up Up Down Down Right Right Left Left ");
	is_str(keys("\033[H\033OH\033[1~\033[7~"), "Home Home Home Home ");
	is_str(keys("\033[F\033OF\033[4~\033[8~"), "End End End End ");
	is_str(keys("\033[5~\033[6~\033[3~\033[2~"), "PgUp PgDn Delete ");
	is_str(keys("\033OP\033[11~\033[[A\033[1;2P"), "F1 F1 F1 F1 ");
	is_str(keys("\033[15~\033[17~\033[24~\033[24;2~\033[[E"), "F5 F6 F12 F12 F5 ");
	is_str(keys("\033[1;5A\033[1;2D\033[5;3~\033[1;3F"), "Up Left PgUp End ");
	is_str(keys("\033[Z\t\r\n\x7f\b"), "BackTab ^I ^M ^J Backspace Backspace ");
	is_str(keys("\033OM\033Op\033Oy\033Om"), "Enter 0 9 - ");
	is_str(keys("\033[27u\033[97u\033[13u"), "Esc a ^M ");
}

static void unknown(void)
{
	is_str(keys("\033[I\033[O"), ""); /* focus comes and goes */
	is_str(keys("\033[?1;2c\033[>0;276;0c\033[5;10R"), "");
	is_str(keys("\033[1;2R"), "F3 ");
	is_str(keys("\033]11;rgb:ffff/ffff/ffff\033\\q"), "q ");
	is_str(keys("\033]0;title\aq"), "q ");
	is_str(keys("\033Pdata\033\\\033_data\033\\q"), "q ");
	is_str(keys("\033[999;999;999;999z\033[!p\033[ q\033[?25$yk"), "k ");
	is_str(keys("\033Oz\033OZk"), "k ");
	/* Cut off in the middle: what is typed next is a key. */
	is_str(keys("\033[12\033[A"), "Up ");
	is_str(keys("\xff\xfe\xc3q"), "q ");
	is_str(keys("\xc3\xa9"), "? ");
}

static void halves(void)
{
	static const char all[] = "\033[5~";

	for (size_t cut = 1; cut < sizeof(all) - 1; cut++) {
		is_str(keys_of(all, cut, false), "");
		ok(mml_decoder_waits(&d));
		is_str(keys_of(all + cut, sizeof(all) - 1 - cut, false), "PgUp ");
	}
	is_str(keys_of("\033", 1, false), "");
	is_str(keys_of("", 0, true), "Esc ");
	is_str(keys("\033q"), "Esc q ");
	is_str(keys("\033\033[A"), "Esc Up ");
	is_str(keys_of("\xe2\x82", 2, false), "");
	is_str(keys_of("\xac", 1, false), "? ");
}

static void mice(void)
{
	is_str(keys("\033[<0;12;5M"), "Mouse ");
	ok(mouse.y == 4 && mouse.x == 11 && mouse.what == MML_CLICK);
	is_str(keys("\033[<0;12;5m"), ""); /* released */
	is_str(keys("\033[<64;1;1M"), "Mouse ");
	ok(mouse.what == MML_WHEEL_UP);
	is_str(keys("\033[<81;3;4M"), "Mouse "); /* with Ctrl */
	ok(mouse.what == MML_WHEEL_DOWN && mouse.y == 3 && mouse.x == 2);
	is_str(keys("\033[<2;12;5M\033[<1;1;1M\033[<35;1;1M"), ""); /* other buttons */
	is_str(keys("\033[M !\"k"), "Mouse k ");
	ok(mouse.what == MML_CLICK && mouse.y == 1 && mouse.x == 0);
	is_str(keys("\033[M#!!k"), "k "); /* released */
	is_str(keys("\033[32;7;8M"), "Mouse ");
	ok(mouse.y == 7 && mouse.x == 6);
}

static void pastes(void)
{
	static const char half[] = "\033[200~q\n:wq", rest[] = "\rG\033[A\033[201~k";

	is_str(keys_of(half, sizeof(half) - 1, false), "");
	is_str(keys_of("", 0, true), "");
	mml_decoder_feed(&d, rest, sizeof(rest) - 1);
	is_u64(mml_decoder_key(&d, false, &mouse), MML_PASTE);
	is_str(d.paste.data, "q\n:wq\rG\033[A");
	is_str(keys_of("", 0, true), "k ");
	/* Ctrl-C gets out of one that never ends. */
	is_str(keys("\033[200~abcdefgh"), "");
	is_str(keys("\003"), "Paste ");
	is_str(keys("k"), "k ");
}

static void taught(void)
{
	mml_decoder_teach(&d, "\033[25~x", MML_F(5));
	mml_decoder_teach(&d, "\033Qa", MML_END);
	mml_decoder_teach(&d, NULL, MML_UP);
	mml_decoder_teach(&d, (const char *)-1, MML_UP);
	mml_decoder_teach(&d, "x", MML_UP);
	is_str(keys("\033Qax"), "End x ");
	is_str(keys("\033[25~x"), "F5 ");
}

static void themes(void)
{
	static const char white[] = "\033]11;rgb:ffff/ffff/ffff\033\\\033[?1c";
	static const char solarized[] = "k\033]11;rgb:fd/f6/e3\a", dark[] = "\033]11;rgb:00/2b/36\a";
	bool light = false;

	ok(mml_theme_answer(white, sizeof(white) - 1, &light) && light);
	ok(mml_theme_answer(dark, sizeof(dark) - 1, &light) && !light);
	ok(mml_theme_answer(solarized, sizeof(solarized) - 1, &light) && light);
	ok(!mml_theme_answer("\033[?1;2c", 7, &light));
	ok(!mml_theme_answer(white, 18, &light));
	ok(mml_theme_colorfgbg("0;15") && mml_theme_colorfgbg("0;default;15") && mml_theme_colorfgbg("0;7"));
	ok(!mml_theme_colorfgbg("15;0") && !mml_theme_colorfgbg("15;8") && !mml_theme_colorfgbg(NULL));
}

int main(void)
{
	known();
	unknown();
	halves();
	mice();
	pastes();
	taught();
	themes();
	mml_decoder_free(&d);
	return tap_done();
}
