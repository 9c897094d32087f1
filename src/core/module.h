/* Loads modules. Whatever needs a large library is in a module, which is loaded when it is first
 * needed, so that printing a table costs no more than reading it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "table.h"

/*
 * Returns the struct of functions of the module NAME ("tui", "bpf", "who", "numa", "record" or
 * "journal"), which stays loaded. If the module was not built or is not installed, returns NULL and
 * sets RET_WHY.
 */
const void *mml_module(const char *name, struct mml_absence *ret_why);

/* Defined in programs that are run where they were built: they take modules from there. */
extern const bool mml_built_here __attribute__((weak));
