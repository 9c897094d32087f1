/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../core/say.h"
#include "../core/trouble.h"
#include "decode.h"
#include "theme.h"

#include <term.h> /* last, because it makes macros of common words */

/* How an ink is shown. */
struct look {
	attr_t attrs;
	short pair;
	bool blank; /* a blank in this ink looks as one in any other */
};

/*
 * There is one terminal, and the handler of a crash must find it. No other state of the program is
 * not on somebody's stack.
 */
static struct {
	SCREEN *screen;
	struct mml_canvas shown; /* what ncurses was last told */
	bool colours, many, open, mouse;
	struct mml_decoder decoder;
	struct look looks[2 * MML_INKS]; /* of each ink, then of each under the cursor */
	bool opening; /* the terminal may have to be restored, though it is not open */
	/* For the way out of a crash, where nothing but write() and tcsetattr() may be called. */
	struct termios termios;
	char restore[256];
	size_t restore_len;
	char *stack;
} tty;

/* What the mouse does, and pastes between marks; for terminals that know them. */
static const char modes_on[] = "\033[?1000h\033[?1006h\033[?2004h";
static const char modes_off[] = "\033[?2004l\033[?1006l\033[?1000l";

static const char not_opened[] =
	"mmlens: ncurses could not open the terminal: out of memory, or what terminfo says of it is broken\r\n";

static void on_crash(int signum)
{
	if (tty.open) {
		(void)!write(STDOUT_FILENO, tty.restore, tty.restore_len);
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.termios);
	} else if (tty.opening && (signum == SIGSEGV || signum == SIGBUS || signum == SIGABRT)) {
		/* newterm() does not look whether it got all the memory it asked for. */
		(void)!write(STDERR_FILENO, not_opened, sizeof(not_opened) - 1);
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.termios);
		_exit(MML_FAILED);
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

/* Every signal whose default is to end the process, but those the loop takes and SIGKILL. */
static bool is_deadly(int signum)
{
	switch (signum) {
	case SIGKILL:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGCONT:
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
	case SIGPIPE: /* ignored: a write to it fails instead */
	case SIGTERM:
	case SIGHUP:
	case SIGINT:
		return false;
	default:
		return signum < SIGSYS + 1 || signum >= SIGRTMIN;
	}
}

static void prepare_restore(void)
{
	add_restore(tigetstr("sgr0"));
	add_restore(tigetstr("op"));
	add_restore(tty.mouse ? modes_off : NULL);
	add_restore(tigetstr("rmkx"));
	add_restore(tigetstr("rmcup"));
	add_restore(tigetstr("cnorm"));
	add_restore("\r\n");
}

static void catch_crashes(void)
{
	struct sigaction act = { .sa_handler = on_crash,
				 .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK };

	/* If the stack has overflowed, the handler needs another one. */
	tty.stack = mml_malloc(64 << 10);
	if (tty.stack)
		sigaltstack(&(stack_t){ .ss_sp = tty.stack, .ss_size = 64 << 10 }, NULL);
	for (int signum = 1; signum <= SIGRTMAX; signum++)
		if (is_deadly(signum))
			sigaction(signum, &act, NULL);
}

/* Pair 0 is the terminal's own. */
static short new_pair(int fore, int back)
{
	static const short none = -1;
	static short used;
	short pair = (short)(used + 1);

	if (!tty.colours || (fore < 0 && back < 0) || pair >= COLOR_PAIRS)
		return 0;
	if (init_pair(pair, fore < 0 ? none : (short)fore, back < 0 ? none : (short)back) == ERR)
		return 0;
	used = pair;
	return pair;
}

static struct look look_of(size_t ink, bool light, bool cursor)
{
	static const struct {
		attr_t mono, of8, of256;
		int colour8, dark, light;
	} inks[] = {
#define INK(id, letter, mono, of8, colour8, of256, dark, light) \
	{ mono, of8, of256, colour8, dark, light },
#include "inks.def"
#undef INK
	};
	bool bar = ink == MML_INK_BAR || ink == MML_INK_BARKEY;
	int fore = tty.many ? (light ? inks[ink].light : inks[ink].dark) : inks[ink].colour8;
	int back = !tty.many || !(bar || cursor) ? -1 :
		   bar			       ? (light ? 254 : 236) :
						 (light ? 255 : 236);
	struct look look = { tty.many	   ? inks[ink].of256 :
			     tty.colours ? inks[ink].of8 :
					   inks[ink].mono,
			     0, false };

	if (cursor && !tty.many) {
		look.attrs |= A_REVERSE;
		fore = -1;
	}
	look.pair = new_pair(fore, back);
	look.blank = !(look.attrs & (A_REVERSE | A_UNDERLINE)) && back < 0;
	return look;
}

static void make_inks(bool colour, bool light)
{
	/* COLORS is known behind start_color() only. A terminal that cannot go back to its own colours would
	 * be left in others. */
	tty.colours = colour && has_colors() && start_color() == OK && COLORS >= 8 &&
		      use_default_colors() == OK;
	tty.many = tty.colours && COLORS >= 256;
	for (size_t i = 0; i < MML_INKS; i++) {
		tty.looks[i] = look_of(i, light, false);
		tty.looks[MML_INKS + i] = look_of(i, light, true);
	}
}

static const struct look *look_at(uint32_t ink)
{
	return &tty.looks[(ink & MML_ON_CURSOR ? MML_INKS : 0) + (ink & ~(uint32_t)MML_ON_CURSOR)];
}

static void teach_keys(void)
{
	static const struct {
		const char *name;
		uint32_t key;
	} keys[] = {
		{ "kcuu1", MML_UP },	 { "kcud1", MML_DOWN },	  { "kcub1", MML_LEFT },
		{ "kcuf1", MML_RIGHT },	 { "kpp", MML_PGUP },	  { "knp", MML_PGDN },
		{ "khome", MML_HOME },	 { "kend", MML_END },	  { "kcbt", MML_BACKTAB },
		{ "kdch1", MML_DELETE }, { "kbs", MML_BACKSPACE }, { "kent", MML_ENTER },
		{ "ka1", MML_HOME },	 { "kc1", MML_END },	  { "kf1", MML_F(1) },
		{ "kf2", MML_F(2) },	 { "kf3", MML_F(3) },	  { "kf4", MML_F(4) },
		{ "kf5", MML_F(5) },	 { "kf6", MML_F(6) },	  { "kf7", MML_F(7) },
		{ "kf8", MML_F(8) },	 { "kf9", MML_F(9) },	  { "kf10", MML_F(10) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		mml_decoder_teach(&tty.decoder, tigetstr(keys[i].name), keys[i].key);
}

static void set_modes(void)
{
	raw();
	noqiflush();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	typeahead(-1); /* the keys are not read by ncurses */
	leaveok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	curs_set(0);
	refresh();
	if (tty.mouse)
		(void)!write(STDOUT_FILENO, modes_on, sizeof(modes_on) - 1);
}

/* ncurses ends the program itself when it has no memory for the terminal, and not always in order. */
static void restore_settings(void)
{
	if (tty.opening)
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.termios);
}

static bool has_room(void)
{
	enum { ROOM = 1 << 20 }; /* ncurses takes less for the largest screen */
	void *room = mml_malloc(ROOM);

	free(room);
	return room;
}

/* Returns false when ncurses cannot be had: memory ran out, or it does not know the terminal. */
static bool open_terminal(void)
{
	if (!has_room())
		return false;
	tty.opening = !atexit(restore_settings);
	catch_crashes();
	tty.screen = newterm(NULL, stdout, stdin);
	return tty.screen;
}

int mml_screen_open(bool colour, enum mml_theme theme, bool utf8, char *why, size_t size)
{
	const char *term = getenv("TERM"), *mouse;
	bool light = theme == MML_THEME_LIGHT;

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
	if (theme == MML_THEME_AUTO && colour)
		light = mml_theme_light(&tty.decoder);
	errno = 0;
	if (!open_terminal()) {
		bool no_memory = errno == ENOMEM;
		int fd = open("/", O_RDONLY | O_CLOEXEC); /* Its description is a file. */

		if (no_memory)
			snprintf(why, size, "%s", mml_trouble_words(-ENOMEM));
		else if (mml_trouble_last())
			snprintf(why, size, "%s", mml_trouble_words(mml_trouble_last()));
		else if (fd < 0)
			snprintf(why, size, "%s", mml_trouble_words(-errno));
		else
			snprintf(why, size, "TERM is '%s', a kind of terminal that is not known here", term);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		endwin();
		snprintf(why, size, "TERM is '%s', a terminal that cannot move its cursor", term);
		return -1;
	}
	make_inks(colour, light);
	teach_keys();
	mouse = tigetstr("kmous");
	tty.mouse = mouse && mouse != (char *)-1;
	set_modes();
	prepare_restore();
	tty.open = true;
	tty.opening = false;
	return 0;
}

void mml_screen_close(void)
{
	if (!tty.open)
		return;
	tty.open = false;
	if (tty.mouse)
		(void)!write(STDOUT_FILENO, modes_off, sizeof(modes_off) - 1);
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
	return glyph->ch == ' ' && look_at(glyph->ink)->blank ? MML_INK_TEXT : glyph->ink;
}

static bool same(const struct mml_glyph *a, const struct mml_glyph *b)
{
	return a->ch == b->ch && seen_ink(a) == seen_ink(b);
}

/* Shows the cells X to END of row Y, which have one ink. */
static void show_run(const struct mml_glyph *cells, int y, int x, int end)
{
	const struct look *look = look_at(seen_ink(&cells[x]));
	wchar_t text[256];
	int n = 0, at = x;

	attr_set(look->attrs, look->pair, NULL);
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

bool mml_screen_shades(void)
{
	return !tty.many;
}

int mml_screen_read(void)
{
	char bytes[1024];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	return n ? mml_decoder_feed(&tty.decoder, bytes, (size_t)n) : -EPIPE;
}

uint32_t mml_screen_key(bool idle, struct mml_mouse *ret_mouse, const char **ret_paste)
{
	uint32_t key = mml_decoder_key(&tty.decoder, idle, ret_mouse);

	*ret_paste = key == MML_PASTE && tty.decoder.paste.data ? tty.decoder.paste.data : "";
	return key;
}

bool mml_screen_waits(void)
{
	return mml_decoder_waits(&tty.decoder);
}
