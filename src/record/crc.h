/* CRC-32C (Castagnoli), the checksum of iSCSI and ext4: 0xe3069283 for "123456789". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The checksum of the LEN bytes at DATA behind what SUM, 0 at first, is the checksum of. */
uint32_t mml_crc32c(uint32_t sum, const void *data, size_t len);

/* The same by any processor. */
uint32_t mml_crc32c_plain(uint32_t sum, const void *data, size_t len);
