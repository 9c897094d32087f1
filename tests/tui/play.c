/*
 * The screen without a terminal: plays a script of keys over a captured tree and prints what is on
 * the canvas. For the golden screens, and for looking at a view at any size.
 *
 *   play [--plain] [--inks] [--title] ROWSxCOLS TREE [VIEW] < SCRIPT
 *
 * The title line, which names all views there are, is left out unless asked for: a new view changes no
 * golden screen of another.
 *
 * A line of the script is keys separated by blanks (those of the contract by their names: Up, F4,
 * Ctrl-L, Space; 'type' and the rest of the line as it stands), or one of
 *   !tick          the delay goes by: one sample is taken
 *   !late SECS     that much time goes by without a sample
 *   !then DIR      the files of DIR are copied over those of TREE (a later moment), then a tick
 *   !size ROWSxCOLS
 *   !click Y X     !wheel-up Y X   !wheel-down Y X
 *   !paste TEXT
 *   !show TITLE    print the canvas
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../../src/ui/app.h"
#include "../../src/views/registry.h"
#include "../../src/source/replay.h"
#include "../../src/source/source.h"

/* The time it is, for everything that is linked in: how long a read takes is no matter of the machine
 * this runs on, nor of who else runs there. */
static uint64_t clock_ns = 1000000000;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	*ret = (struct timespec){ (time_t)(clock_ns / 1000000000), (long)(clock_ns % 1000000000) };
	return 0;
}

struct play {
	struct mml_app *app;
	struct mml_canvas canvas;
	const char *tree;
	uint64_t delay_ns;
	bool utf8, inks, title, left;
};

static void size(struct play *p, const char *rows_cols)
{
	int rows, cols;

	if (sscanf(rows_cols, "%dx%d", &rows, &cols) != 2)
		exit(2);
	mml_canvas_free(&p->canvas);
	if (mml_canvas_init(&p->canvas, rows, cols, p->utf8))
		exit(2);
}

static void show(struct play *p, const char *title)
{
	struct mml_canvas part = p->canvas;
	struct mml_buf out = { 0 };
	int y, x;

	mml_app_draw(p->app, &p->canvas, &y, &x);
	if (!p->title && part.rows > 2)
		part = mml_canvas_part(&p->canvas, 1, 0, part.rows, part.cols);
	printf("--- %s%s\n", title, p->left ? " (left)" : "");
	mml_canvas_text(&part, &out);
	if (p->inks)
		mml_canvas_inks(&part, &out);
	fwrite(out.data, 1, out.len, stdout);
	if (y >= 0)
		printf("cursor %d %d\n", y, x);
	mml_buf_free(&out);
}

static void tick(struct play *p, uint64_t by)
{
	clock_ns += by;
	mml_app_tick(p->app, clock_ns);
}

static void then(struct play *p, const char *dir)
{
	struct mml_buf cmd = { 0 };

	mml_buf_printf(&cmd, "cp -R '%s'/. '%s'/", dir, p->tree);
	if (system(cmd.data))
		exit(2);
	mml_buf_free(&cmd);
	tick(p, p->delay_ns);
}

static void input(struct play *p, const struct mml_input *in)
{
	int y, x;

	if (!mml_app_input(p->app, in))
		p->left = true;
	/* As the loop does: what a key opened is asked for, and what is drawn is known to the mouse. */
	mml_app_tick(p->app, clock_ns);
	mml_app_draw(p->app, &p->canvas, &y, &x);
}

static void key(struct play *p, uint32_t k)
{
	input(p, &(struct mml_input){ .key = k });
}

static void mouse(struct play *p, int what, const char *at)
{
	struct mml_mouse m = { .what = what };

	if (sscanf(at, "%d %d", &m.y, &m.x) != 2)
		exit(2);
	input(p, &(struct mml_input){ .key = MML_MOUSE, .mouse = m });
}

static void keys(struct play *p, char *line)
{
	char *word, *save = NULL;

	if (!strncmp(line, "type ", 5)) {
		for (line += 5; *line; line++)
			key(p, (unsigned char)*line);
		return;
	}
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		uint32_t k = mml_key_named(word, strlen(word));

		if (!k) {
			fprintf(stderr, "play: no key is called '%s'\n", word);
			exit(2);
		}
		key(p, k);
	}
}

static void command(struct play *p, char *line)
{
	char *rest = line + strcspn(line, " ");

	if (*rest)
		*rest++ = '\0';
	if (!strcmp(line, "!tick"))
		tick(p, p->delay_ns);
	else if (!strcmp(line, "!late"))
		mml_app_clock(p->app, clock_ns += strtoull(rest, NULL, 10) * 1000000000);
	else if (!strcmp(line, "!then"))
		then(p, rest);
	else if (!strcmp(line, "!size"))
		size(p, rest);
	else if (!strcmp(line, "!show"))
		show(p, rest);
	else if (!strcmp(line, "!click"))
		mouse(p, MML_CLICK, rest);
	else if (!strcmp(line, "!paste"))
		input(p, &(struct mml_input){ .key = MML_PASTE, .paste = rest });
	else if (!strcmp(line, "!wheel-up"))
		mouse(p, MML_WHEEL_UP, rest);
	else if (!strcmp(line, "!wheel-down"))
		mouse(p, MML_WHEEL_DOWN, rest);
	else
		exit(2);
}

static void play(struct play *p)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '!')
			command(p, line);
		else if (*line && *line != '#')
			keys(p, line);
	}
}

/* A file is a recording, and is shown from its last sample on. */
static int open_root(const char *path, struct mml_root **ret, struct mml_tui_args *args)
{
	struct mml_buf why = { 0 };
	struct mml_replay *replay;
	struct mml_stop stop;
	struct stat st;
	int rc;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return mml_root_open(path, ret);
	rc = mml_replay_open(path, &why, ret, &replay);
	if (!rc)
		rc = mml_reader_stop(mml_replay_reader(replay), mml_replay_pos(replay), &stop);
	args->replay = path;
	args->seq = rc ? 0 : stop.seq;
	mml_buf_free(&why);
	return rc;
}

int main(int argc, char **argv)
{
	struct play p = { .utf8 = true };
	static const struct mml_scope nothing;
	struct mml_tui_args args = { .scope = &nothing };
	struct mml_rc rc = { 0 };
	struct mml_buf complaints = { 0 };
	struct mml_root *root;
	char why[256], *path;

	setlocale(LC_CTYPE, "C.UTF-8");
	for (; argc > 1 && argv[1][0] == '-'; argv++, argc--) {
		p.utf8 &= strcmp(argv[1], "--plain") != 0;
		p.title |= !strcmp(argv[1], "--title");
		p.inks |= !strcmp(argv[1], "--inks");
	}
	if (argc < 3 || open_root(argv[2], &root, &args))
		return 2;
	size(&p, argv[1]);
	p.tree = argv[2];
	args.style.utf8 = p.utf8;
	path = mml_rc_path();
	if (path)
		mml_rc_read(&rc, path, &complaints);
	free(path);
	p.app = mml_app_new(root, &args, &mml_views, &rc, -1);
	if (!p.app || !mml_app_open(p.app, argc > 3 ? argv[3] : mml_views.list[0].name, why, sizeof(why)))
		return 2;
	if (complaints.len)
		mml_app_say(p.app, complaints.data);
	mml_buf_free(&complaints);
	p.delay_ns = 1000000000;
	tick(&p, 1);
	play(&p);
	mml_canvas_free(&p.canvas);
	mml_app_free(p.app);
	mml_root_close(root);
	return 0;
}
