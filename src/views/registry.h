/* The list of all views. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../ui/view.h"

extern const struct mml_views mml_views;
extern const struct mml_view_ops mml_view_plain;
