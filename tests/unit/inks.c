/* The hues are far enough apart for every eye, and everything can be read on both backgrounds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <curses.h>
#include <math.h>

#include "../tap.h"

struct ink {
	const char *name;
	int colour[2]; /* dark, light */
};

static const struct ink inks[] = {
#define INK(id, letter, mono, of8, colour8, of256, dark, light) { #id, { dark, light } },
#include "../../src/ui/inks.def"
#undef INK
};

enum { INKS = sizeof(inks) / sizeof(*inks), GROUNDS = 2 };

/* Hues that must be told apart: kinds of memory and severities. */
static const char *const hues[] = { "ANON", "SHMEM", "FILE", "SLAB", "KERNEL", "HUGE", "UNKNOWN", "WARN", "BAD" };

enum { HUES = sizeof(hues) / sizeof(*hues) };

/* Backgrounds: what terminals have, and what is under the cursor. */
static const int ground[GROUNDS] = { 233, 15 }, cursor[GROUNDS] = { 236, 255 };

static double linear(double c)
{
	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Colour N of 256 as linear light. Those below 16 are not used but for white. */
static void light_of(int n, double ret[3])
{
	static const int steps[] = { 0, 95, 135, 175, 215, 255 };
	int rgb[3] = { 255, 255, 255 };

	if (n >= 232)
		rgb[0] = rgb[1] = rgb[2] = 8 + (n - 232) * 10;
	else if (n >= 16) {
		rgb[0] = steps[(n - 16) / 36];
		rgb[1] = steps[(n - 16) / 6 % 6];
		rgb[2] = steps[(n - 16) % 6];
	}
	for (int i = 0; i < 3; i++)
		ret[i] = linear(rgb[i] / 255.0);
}

static double luminance(int n)
{
	double c[3];

	light_of(n, c);
	return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

/* As WCAG has it. */
static double contrast(int a, int b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

/* Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
static const double eyes[4][3][3] = {
	{ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	{ { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
	{ { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
	{ { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
};
static const char *const eye_names[] = { "normal", "protan", "deutan", "tritan" };

static double lab_f(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIE L*a*b* under D65 of colour N as EYE sees it. */
static void lab_of(int n, int eye, double ret[3])
{
	static const double xyz[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
					  { 0.2126729, 0.7151522, 0.0721750 },
					  { 0.0193339, 0.1191920, 0.9503041 } };
	static const double white[3] = { 0.95047, 1, 1.08883 };
	double c[3], seen[3], f[3];

	light_of(n, c);
	for (int i = 0; i < 3; i++) {
		seen[i] = eyes[eye][i][0] * c[0] + eyes[eye][i][1] * c[1] + eyes[eye][i][2] * c[2];
		seen[i] = seen[i] < 0 ? 0 : seen[i] > 1 ? 1 : seen[i];
	}
	for (int i = 0; i < 3; i++)
		f[i] = lab_f((xyz[i][0] * seen[0] + xyz[i][1] * seen[1] + xyz[i][2] * seen[2]) / white[i]);
	ret[0] = 116 * f[1] - 16;
	ret[1] = 500 * (f[0] - f[1]);
	ret[2] = 200 * (f[1] - f[2]);
}

static double degrees(double b, double a)
{
	double h = a == 0 && b == 0 ? 0 : atan2(b, a) * 180 / M_PI;

	return h < 0 ? h + 360 : h;
}

static double cosine(double deg)
{
	return cos(deg * M_PI / 180);
}

/* CIEDE2000, as Sharma, Wu and Dalal have it. */
static double distance(const double x[3], const double y[3])
{
	double c = (hypot(x[1], x[2]) + hypot(y[1], y[2])) / 2, p7 = pow(c, 7), g = 0.5 * (1 - sqrt(p7 / (p7 + pow(25, 7))));
	double a1 = x[1] * (1 + g), a2 = y[1] * (1 + g), c1 = hypot(a1, x[2]), c2 = hypot(a2, y[2]);
	double h1 = degrees(x[2], a1), h2 = degrees(y[2], a2), dh = h2 - h1, h, l = (x[0] + y[0]) / 2, cm = (c1 + c2) / 2;
	double t, dl, dc, dH, sl, sc, sh, rt;

	if (c1 * c2 == 0)
		dh = 0;
	else if (dh > 180)
		dh -= 360;
	else if (dh < -180)
		dh += 360;
	h = c1 * c2 == 0 ? h1 + h2 : fabs(h1 - h2) <= 180 ? (h1 + h2) / 2 : (h1 + h2 + (h1 + h2 < 360 ? 360 : -360)) / 2;
	t = 1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.2 * cosine(4 * h - 63);
	dl = y[0] - x[0];
	dc = c2 - c1;
	dH = 2 * sqrt(c1 * c2) * sin(dh * M_PI / 360);
	sl = 1 + 0.015 * pow(l - 50, 2) / sqrt(20 + pow(l - 50, 2));
	sc = 1 + 0.045 * cm;
	sh = 1 + 0.015 * cm * t;
	p7 = pow(cm, 7);
	rt = -2 * sqrt(p7 / (p7 + pow(25, 7))) * sin(60 * exp(-pow((h - 275) / 25, 2)) * M_PI / 180);
	return sqrt(pow(dl / sl, 2) + pow(dc / sc, 2) + pow(dH / sh, 2) + rt * dc / sc * dH / sh);
}

static const struct ink *ink_of(const char *name)
{
	for (size_t i = 0; i < INKS; i++)
		if (!strcmp(inks[i].name, name))
			return &inks[i];
	return NULL;
}

/* The formula itself, by two pairs of its authors' test data. */
static void test_formula(void)
{
	static const double pairs[][2][3] = {
		{ { 50, 2.6772, -79.7751 }, { 50, 0, -82.7485 } },
		{ { 60.2574, -34.0099, 36.2677 }, { 60.4626, -34.1751, 39.4387 } },
		{ { 2.0776, 0.0795, -1.1350 }, { 0.9033, -0.0636, -0.5514 } },
	};
	static const double want[] = { 2.0425, 1.2644, 0.9082 };

	for (int i = 0; i < 3; i++)
		tap_ok(fabs(distance(pairs[i][0], pairs[i][1]) - want[i]) < 5e-5, "CIEDE2000 of pair %d: %.4f", i,
		       distance(pairs[i][0], pairs[i][1]));
	ok(fabs(contrast(15, 16) - 21) < 1e-9);
}

static void test_distances(void)
{
	for (int on = 0; on < GROUNDS; on++)
		for (int eye = 0; eye < 4; eye++) {
			double least = 1000, x[3], y[3];
			const char *a = "", *b = "";

			for (int i = 0; i < HUES; i++)
				for (int k = i + 1; k < HUES; k++) {
					lab_of(ink_of(hues[i])->colour[on], eye, x);
					lab_of(ink_of(hues[k])->colour[on], eye, y);
					if (distance(x, y) < least) {
						least = distance(x, y);
						a = hues[i];
						b = hues[k];
					}
				}
			tap_ok(least >= 12, "%s, %s eyes: the nearest hues are %s and %s, %.1f apart",
			       on ? "light" : "dark", eye_names[eye], a, b, least);
		}
}

static void test_contrast(void)
{
	for (size_t i = 0; i < INKS; i++)
		for (int on = 0; on < GROUNDS; on++) {
			int colour = inks[i].colour[on];
			/* Dots that stand for nothing, and the plot of a number that is beside it. */
			bool faint = !strcmp(inks[i].name, "FREE");

			if (colour < 0 || faint)
				continue;
			tap_ok(contrast(colour, ground[on]) >= 3, "%s, %s: contrast %.1f", inks[i].name,
			       on ? "light" : "dark", contrast(colour, ground[on]));
			tap_ok(contrast(colour, cursor[on]) >= 2.8, "%s, %s, under the cursor: contrast %.1f",
			       inks[i].name, on ? "light" : "dark", contrast(colour, cursor[on]));
		}
}

int main(void)
{
	test_formula();
	test_distances();
	test_contrast();
	return tap_done();
}
