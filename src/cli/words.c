/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

const char *mml_type_word(enum mml_type type)
{
	static const char *const words[] = {
		[MML_STR] = "text",   [MML_U64] = "number",   [MML_I64] = "signed",
		[MML_F64] = "number", [MML_ADDR] = "address", [MML_BOOL] = "yes or no",
		[MML_WORD] = "word",
	};

	return words[type];
}

const char *mml_kind_word(enum mml_kind kind)
{
	static const char *const words[] = {
		[MML_KEY] = "key",         [MML_LABEL] = "label",     [MML_GAUGE] = "gauge",
		[MML_COUNTER] = "counter", [MML_DERIVED] = "derived", [MML_RATE] = "rate",
		[MML_GROWTH] = "growth",
	};

	return words[kind];
}

const char *mml_unit_word(enum mml_unit unit)
{
	static const char *const words[] = {
		[MML_NONE] = "",           [MML_COUNT] = "count",  [MML_BYTES] = "bytes",
		[MML_PERCENT] = "percent", [MML_NSEC] = "seconds", [MML_RATIO] = "ratio",
	};

	return words[unit];
}
