/* The modules: what needs a large library is loaded when it is first asked for, so that printing a
 * table costs no more than reading it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

/*
 * The table of functions of module NAME ("tui", "bpf", "who", "numa"), which stays loaded; NULL
 * with the reason, in words, when it was not built or is not installed.
 */
const void *mml_module(const char *name, struct mml_absence *ret_why);
