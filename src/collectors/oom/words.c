/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model.h"

#define WORDS(name, list)                                                         \
	const char *mml_oom_##name##_word(enum mml_oom_##name value)              \
	{                                                                         \
		return value < sizeof(list) / sizeof(*list) ? list[value] : NULL; \
	}

#define KIND(id, word) [MML_OOM_KIND_##id] = word,
static const char *const kinds[] = {
#include "words.def"
};
#define CONSTRAINT(id, word) [MML_OOM_BY_##id] = word,
static const char *const constraints[] = {
#include "words.def"
};
#define REASON(id, word) [MML_OOM_WHY_##id] = word,
static const char *const reasons[] = {
#include "words.def"
};
#define VERDICT(id, word) [MML_OOM_ZONE_##id] = word,
static const char *const verdicts[] = {
#include "words.def"
};
#define WHY_NOT(id, word) [MML_OOM_NOT_##id] = word,
static const char *const why_nots[] = {
#include "words.def"
};
#define STATE(id, word) [MML_OOM_TASK_##id] = word,
static const char *const states[] = {
#include "words.def"
};

WORDS(kind, kinds)
WORDS(constraint, constraints)
WORDS(reason, reasons)
WORDS(verdict, verdicts)
WORDS(why_not, why_nots)
WORDS(state, states)

const char *mml_oom_item_name(enum mml_oom_item item)
{
	static const char *const names[] = {
#define ITEM(id, name, ends) [MML_OOM_##id] = name,
#define ALIAS(id, name)
#include "items.def"
#undef ITEM
#undef ALIAS
	};

	return item < MML_OOM_ITEMS ? names[item] : NULL;
}

const char *mml_oom_zone_name(enum mml_oom_zone_type type)
{
	static const char *const names[] = { "DMA",	"DMA32",   "Normal",
					     "HighMem", "Movable", "Device" };

	return type < MML_OOM_ZONE_TYPES ? names[type] : NULL;
}

const char *mml_oom_line_word(enum mml_oom_line_class class)
{
	static const char *const names[] = {
		[MML_OOM_LINE_UNKNOWN] = "unknown", [MML_OOM_LINE_CUT] = "cut",
		[MML_OOM_LINE_LOST] = "lost",	    [MML_OOM_LINE_SUPPRESSED] = "suppressed",
		[MML_OOM_LINE_SYSRQ] = "sysrq",	    [MML_OOM_LINE_SLUB] = "slub",
		[MML_OOM_LINE_CORRUPT] = "corrupt",
	};

	return class < sizeof(names) / sizeof(*names) ? names[class] : NULL;
}
