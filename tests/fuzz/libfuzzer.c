/* One target for libFuzzer; FUZZ_TARGET is its name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "targets.h"

#define PASTE(name) fuzz_##name
#define CALL(name) PASTE(name)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return CALL(FUZZ_TARGET)(data, size);
}
