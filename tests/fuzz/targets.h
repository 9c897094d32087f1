/* Entry points for random bytes, one a parser. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TARGET(name, ...) int fuzz_##name(const uint8_t *data, size_t size);
#include "targets.def"
#undef TARGET
