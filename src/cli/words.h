/* The types, kinds, units and ranks of columns in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/column.h"

const char *mml_type_word(enum mml_type type);
const char *mml_kind_word(enum mml_kind kind);
const char *mml_unit_word(enum mml_unit unit);
