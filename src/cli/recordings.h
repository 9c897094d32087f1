/* What is in a recording, as a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../core/snapshot.h"

extern const struct mml_collector mml_collector_recordings;
