/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/module.h"

/* This is in the program of the build tree, and not in the one that is installed. */
const bool mml_built_here = true;
