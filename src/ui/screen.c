/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "feed.h"

#include <term.h> /* last, because it makes macros of common words */

/*
 * There is one terminal, and the handler of a crash must find it. No other state of the program is
 * not on somebody's stack.
 */
static struct {
	SCREEN *screen;
	struct mml_canvas shown; /* what ncurses was last told to show */
	bool colours, open;
	struct mml_mouse click;  /* the last click, to recognise a double click */
	uint64_t click_ns;
	attr_t attrs[MML_INKS];
	bool blank[MML_INKS]; /* a blank looks the same in this ink as in NORMAL */
	/* For the handler of a crash, which may call little more than write() and tcsetattr(). */
	struct termios termios;
	char restore[256];
	size_t restore_len;
	char *stack;
} tty;

static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSYS, SIGTRAP };

static void on_crash(int signum)
{
	if (tty.open) {
		(void)!write(STDOUT_FILENO, tty.restore, tty.restore_len);
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.termios);
	}
	/* Because of SA_RESETHAND, the signal now kills the program, with the core dump that it
	 * would have made. */
	raise(signum);
}

static void add_restore(const char *s)
{
	size_t len = s && s != (char *)-1 ? strlen(s) : 0;

	/* Padding such as $<5> is left out: it is for slow terminals only. */
	for (size_t i = 0; i < len && tty.restore_len < sizeof(tty.restore); i++) {
		if (s[i] == '$' && s[i + 1] == '<') {
			const char *end = strchr(s + i, '>');

			if (end) {
				i = (size_t)(end - s);
				continue;
			}
		}
		tty.restore[tty.restore_len++] = s[i];
	}
}

static void prepare_crash(void)
{
	struct sigaction act = { .sa_handler = on_crash,
				 .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK };
	const char *mouse = tigetstr("kmous");

	add_restore(tigetstr("sgr0"));
	add_restore(tigetstr("op"));
	if (mouse && mouse != (char *)-1)
		add_restore("\033[?1006;1000l");
	add_restore(tigetstr("rmkx"));
	add_restore(tigetstr("rmcup"));
	add_restore(tigetstr("cnorm"));
	add_restore("\r\n");
	/* If the stack has overflowed, the handler needs another one. */
	tty.stack = malloc(64 << 10);
	if (tty.stack)
		sigaltstack(&(stack_t){ .ss_sp = tty.stack, .ss_size = 64 << 10 }, NULL);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		sigaction(crashes[i], &act, NULL);
}

static void make_inks(bool colour)
{
	static const struct {
		attr_t attrs;
		int of8, of256, back;
	} inks[] = {
#define INK(id, letter, attrs, of8, of256, back) { attrs, of8, of256, back },
#include "inks.def"
#undef INK
	};
	int fore = -1, back = -1;

	tty.colours = colour && has_colors() && COLORS >= 8 && start_color() == OK;
	/* If the terminal cannot go back to its own colours, it is white on black. */
	if (tty.colours && use_default_colors() == ERR) {
		fore = COLOR_WHITE;
		back = COLOR_BLACK;
	}
	for (size_t i = 0; i < MML_INKS; i++) {
		int f = COLORS >= 256 ? inks[i].of256 : inks[i].of8;
		int b = COLORS >= 256 ? inks[i].back : -1;
		attr_t attrs = inks[i].attrs;

		/* A line with a background of its own needs no reversed video. */
		if (tty.colours && b >= 0)
			attrs &= ~(attr_t)A_REVERSE;
		if (tty.colours && COLORS >= 256 && f >= 0)
			attrs &= ~(attr_t)A_DIM;
		tty.attrs[i] = attrs;
		tty.blank[i] = !(attrs & (A_REVERSE | A_UNDERLINE)) && !(tty.colours && b >= 0);
		if (tty.colours && (f >= 0 || b >= 0) && (int)i + 1 < COLOR_PAIRS)
			init_pair((short)(i + 1), (short)(f < 0 ? fore : f),
				  (short)(b < 0 ? back : b));
	}
}

static short pair_of(uint32_t ink)
{
	static const struct {
		int of8, of256, back;
	} inks[] = {
#define INK(id, letter, attrs, of8, of256, back) { of8, of256, back },
#include "inks.def"
#undef INK
	};

	if (!tty.colours || (int)ink + 1 >= COLOR_PAIRS)
		return 0;
	if (COLORS >= 256 ? inks[ink].of256 >= 0 || inks[ink].back >= 0 : inks[ink].of8 >= 0)
		return (short)(ink + 1);
	return 0;
}

static void set_modes(void)
{
	raw();
	noqiflush();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	curs_set(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
}

int mml_screen_open(bool colour, bool utf8, char *why, size_t size)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		snprintf(why, size, "%s is not a terminal: the screen needs one ('mmlens --help' lists the tables that can be printed)",
			 isatty(STDIN_FILENO) ? "stdout" : "stdin");
		return -1;
	}
	if (!term || !*term) {
		snprintf(why, size, "TERM is not set: what kind of terminal is this?");
		return -1;
	}
	/* ncurses encodes what it sends as the locale says. In a locale without UTF-8 only plain
	 * characters are sent. */
	setlocale(LC_CTYPE, utf8 || MB_CUR_MAX > 1 ? "" : "C");
	tcgetattr(STDIN_FILENO, &tty.termios);
	set_escdelay(25);
	tty.screen = newterm(NULL, stdout, stdin);
	if (!tty.screen) {
		snprintf(why, size, "TERM is '%s', a kind of terminal that is not known here", term);
		return -1;
	}
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		endwin();
		snprintf(why, size, "TERM is '%s', a terminal that cannot move its cursor", term);
		return -1;
	}
	make_inks(colour);
	set_modes();
	prepare_crash();
	tty.open = true;
	return 0;
}

void mml_screen_close(void)
{
	if (!tty.open)
		return;
	tty.open = false;
	mousemask(0, NULL);
	endwin();
	mml_canvas_free(&tty.shown);
}

void mml_screen_again(void)
{
	tty.open = true;
	set_modes();
	mml_screen_forget();
}

void mml_screen_size(int *ret_rows, int *ret_cols)
{
	struct winsize ws = { 0 };

	*ret_rows = LINES;
	*ret_cols = COLS;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row && ws.ws_col) {
		*ret_rows = ws.ws_row;
		*ret_cols = ws.ws_col;
	}
	/* A terminal that says it is larger than any screen reports nonsense. */
	*ret_rows = *ret_rows > 2000 ? 2000 : *ret_rows;
	*ret_cols = *ret_cols > 4000 ? 4000 : *ret_cols;
}

void mml_screen_resize(int rows, int cols)
{
	resizeterm(rows, cols);
	mml_screen_forget();
}

void mml_screen_forget(void)
{
	mml_canvas_free(&tty.shown);
	clearok(curscr, TRUE);
}

/* Blanks that look the same count as the same, so that nothing is sent for them. */
static uint32_t seen_ink(const struct mml_glyph *glyph)
{
	return glyph->ch == ' ' && tty.blank[glyph->ink] ? MML_INK_NORMAL : glyph->ink;
}

static bool same(const struct mml_glyph *a, const struct mml_glyph *b)
{
	return a->ch == b->ch && seen_ink(a) == seen_ink(b);
}

/* Shows the cells X to END of row Y, which have one ink. */
static void show_run(const struct mml_glyph *cells, int y, int x, int end)
{
	wchar_t text[256];
	int n = 0, at = x;

	attr_set(tty.attrs[seen_ink(&cells[x])], pair_of(seen_ink(&cells[x])), NULL);
	for (; x < end; x++) {
		if (cells[x].ch)
			text[n++] = (wchar_t)cells[x].ch;
		if (n == 255 || (n && x + 1 == end)) {
			mvaddnwstr(y, at, text, n);
			n = 0;
			at = x + 1;
		}
	}
}

static void show_row(const struct mml_canvas *canvas, int y, const struct mml_glyph *old)
{
	const struct mml_glyph *now = canvas->cells + (size_t)y * (size_t)canvas->stride;

	for (int x = 0; x < canvas->cols;) {
		int end = x + 1;

		if (old && same(&now[x], &old[x])) {
			x++;
			continue;
		}
		/* If the right half of a wide character has changed, its left half must be sent
		 * along. */
		while (x && !now[x].ch)
			x--;
		while (end < canvas->cols && seen_ink(&now[end]) == seen_ink(&now[x]) &&
		       (!now[end].ch || !old || !same(&now[end], &old[end])))
			end++;
		show_run(now, y, x, end);
		x = end;
	}
}

void mml_screen_show(const struct mml_canvas *canvas, int y, int x)
{
	struct mml_canvas *shown = &tty.shown;
	bool known = shown->cells && shown->rows == canvas->rows && shown->cols == canvas->cols;

	if (!tty.open)
		return;
	for (int row = 0; row < canvas->rows; row++)
		show_row(canvas, row,
			 known ? shown->cells + (size_t)row * (size_t)shown->stride : NULL);
	if (!known) {
		mml_canvas_free(shown);
		if (mml_canvas_init(shown, canvas->rows, canvas->cols, canvas->utf8))
			shown->cells = NULL;
	}
	if (shown->cells)
		memcpy(shown->cells, canvas->cells,
		       (size_t)canvas->rows * (size_t)canvas->cols * sizeof(*canvas->cells));
	curs_set(y >= 0);
	move(y >= 0 ? y : canvas->rows - 1, y >= 0 ? x : canvas->cols - 1);
	refresh();
}

static uint32_t mouse_key(struct mml_mouse *ret)
{
	uint64_t now = mml_now_ns();
	MEVENT event;

	if (getmouse(&event) != OK)
		return MML_NO_KEY;
	ret->y = event.y;
	ret->x = event.x;
	if (event.bstate & BUTTON4_PRESSED) {
		ret->what = MML_WHEEL_UP;
	} else if (event.bstate & BUTTON5_PRESSED) {
		ret->what = MML_WHEEL_DOWN;
	} else if (event.bstate & BUTTON1_PRESSED) {
		ret->what = tty.click_ns && now - tty.click_ns < 400000000 &&
					    tty.click.y == ret->y && tty.click.x == ret->x ?
				    MML_DOUBLE_CLICK :
				    MML_CLICK;
		tty.click = *ret;
		tty.click_ns = ret->what == MML_CLICK ? now : 0;
	} else {
		return MML_NO_KEY;
	}
	return MML_MOUSE;
}

static uint32_t function_key(wint_t key, struct mml_mouse *ret_mouse)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, MML_UP },	      { KEY_DOWN, MML_DOWN },
		{ KEY_LEFT, MML_LEFT },	      { KEY_RIGHT, MML_RIGHT },
		{ KEY_PPAGE, MML_PGUP },      { KEY_NPAGE, MML_PGDN },
		{ KEY_HOME, MML_HOME },	      { KEY_END, MML_END },
		{ KEY_ENTER, MML_ENTER },     { KEY_BTAB, MML_BACKTAB },
		{ KEY_DC, MML_DELETE },	      { KEY_BACKSPACE, MML_BACKSPACE },
		{ KEY_A1, MML_HOME },	      { KEY_C1, MML_END },
	};

	if (key == KEY_MOUSE)
		return mouse_key(ret_mouse);
	if (key >= KEY_F(1) && key <= KEY_F(63))
		return MML_F((uint32_t)(key - KEY_F0));
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return MML_NO_KEY;
}

uint32_t mml_screen_key(struct mml_mouse *ret_mouse)
{
	for (;;) {
		uint32_t key;
		wint_t c;
		int what = get_wch(&c);

		if (what == ERR)
			return MML_NO_KEY;
		if (what == KEY_CODE_YES)
			key = function_key(c, ret_mouse);
		else
			key = c == 27 ? (uint32_t)MML_ESC : (uint32_t)c;
		if (key != MML_NO_KEY)
			return key;
	}
}
