/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crc.h"

#include "../core/parse.h"

/*
 * The checksum is linear: that of a byte is the exclusive or of those of its bits. So a table of
 * 256 is eight constants, and the compiler makes it. Table k is for a byte with k further ones
 * behind it, which lets eight bytes be looked up at once.
 */
#define BIT(i, n, c) ((i) >> (n)&1 ? (c) : 0)
#define ONE(i, a, b, c, d, e, f, g, h)                                                             \
	(BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^ BIT(i, 5, f) ^ \
	 BIT(i, 6, g) ^ BIT(i, 7, h))
#define FOUR(i, ...)                                                           \
	ONE(i, __VA_ARGS__), ONE(i + 1, __VA_ARGS__), ONE(i + 2, __VA_ARGS__), \
		ONE(i + 3, __VA_ARGS__)
#define SIXTEEN(i, ...)                                                           \
	FOUR(i, __VA_ARGS__), FOUR(i + 4, __VA_ARGS__), FOUR(i + 8, __VA_ARGS__), \
		FOUR(i + 12, __VA_ARGS__)
#define SIXTY_FOUR(i, ...)                                                                   \
	SIXTEEN(i, __VA_ARGS__), SIXTEEN(i + 16, __VA_ARGS__), SIXTEEN(i + 32, __VA_ARGS__), \
		SIXTEEN(i + 48, __VA_ARGS__)
#define TABLE(...)                                                                 \
	{                                                                          \
		SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__),           \
			SIXTY_FOUR(128, __VA_ARGS__), SIXTY_FOUR(192, __VA_ARGS__) \
	}

/* clang-format off */
static const uint32_t tables[8][256] = {
	TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78),
	TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9),
	TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743),
	TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f),
	TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c),
	TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6),
	TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4),
	TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664),
};
/* clang-format on */

uint32_t mml_crc32c_plain(uint32_t sum, const void *data, size_t len)
{
	const char *p = data, *end = p + len;

	for (sum = ~sum; end - p >= 8; p += 8) {
		uint64_t w = mml_load8(p) ^ sum;

		sum = 0;
		for (unsigned i = 0; i < 8; i++)
			sum ^= tables[7 - i][w >> (8 * i) & 0xff];
	}
	while (p < end)
		sum = sum >> 8 ^ tables[0][(sum ^ (unsigned char)*p++) & 0xff];
	return ~sum;
}

/* The processor's own instruction, four times as fast: without it the checksum is half of what
 * telling a sample takes (tests/bench/codec). */
#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_processor(uint32_t sum, const char *p,
							       size_t len)
{
	uint64_t wide = (uint32_t)~sum;

	for (; len >= 8; p += 8, len -= 8)
		wide = __builtin_ia32_crc32di(wide, mml_load8(p));
	for (sum = (uint32_t)wide; len; p++, len--)
		sum = __builtin_ia32_crc32qi(sum, (unsigned char)*p);
	return ~sum;
}

static bool has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t by_processor(uint32_t sum, const char *p, size_t len)
{
	return mml_crc32c_plain(sum, p, len);
}

static bool has_instruction(void)
{
	return false;
}
#endif

uint32_t mml_crc32c(uint32_t sum, const void *data, size_t len)
{
	return has_instruction() ? by_processor(sum, data, len) : mml_crc32c_plain(sum, data, len);
}
