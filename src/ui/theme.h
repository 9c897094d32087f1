/* Whether the terminal's background is light. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "decode.h"

/*
 * Ask the terminal on stdin and stdout for its background, for a tenth of a second at the most; before ncurses
 * takes it over. Where it does not answer, COLORFGBG decides, and without that it is taken to be dark. Keys
 * that were typed meanwhile go to DECODER.
 */
bool mml_theme_light(struct mml_decoder *decoder);

/* Whether the answer "\033]11;rgb:RRRR/GGGG/BBBB" among the N bytes tells a light background, into RET; false:
 * there is no answer among them. */
bool mml_theme_answer(const char *bytes, size_t n, bool *ret);

/* Whether COLORFGBG, "15;0" or "15;default;0", tells a light background. */
bool mml_theme_colorfgbg(const char *value);
