/* The columns of a table as the constant PREFIX_TABLE, from what MML_PREFIX and MML_LIST are defined to:
 * see column.h. Their texts lie behind them and every column knows how far, so that a start has nothing
 * to relocate. Included once for each table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#define MML_PASTE(a, b) a##b
#define MML_JOIN(a, b) MML_PASTE(a, b)
#define MML_THIS MML_JOIN(MML_PREFIX, _TABLE)
#define MML_COLUMN(name_, type_, kind_, unit_, rank_, needs_, of_)                      \
	[MML_JOIN(MML_PREFIX, _##name_)] = {                                           \
		.text = offsetof(struct MML_THIS, text_##name_) -                      \
			offsetof(struct MML_THIS, columns[MML_JOIN(MML_PREFIX, _##name_)]), \
		.type = MML_##type_, .kind = MML_##kind_, .unit = MML_##unit_,         \
		.rank = MML_##rank_, .needs = needs_, .of = of_                        \
	},

static const struct MML_THIS {
#define C(...) + 1
	struct mml_column columns[0 MML_LIST(C, C)];
#undef C
#define C(name_, head_, type_, kind_, unit_, rank_, needs_, source_, help_) \
	char text_##name_[sizeof(MML_TEXTS(#name_, head_, source_, help_))];
#define R(name_, head_, type_, kind_, unit_, rank_, of_, help_) \
	char text_##name_[sizeof(MML_TEXTS(#name_, head_, "change of " #of_, help_))];
	MML_LIST(C, R)
#undef C
#undef R
} MML_THIS = {
	.columns = {
#define C(name_, head_, type_, kind_, unit_, rank_, needs_, source_, help_) \
	MML_COLUMN(name_, type_, kind_, unit_, rank_, needs_, -1)
#define R(name_, head_, type_, kind_, unit_, rank_, of_, help_) \
	MML_COLUMN(name_, type_, kind_, unit_, rank_, 0, MML_JOIN(MML_PREFIX, _##of_))
		MML_LIST(C, R)
#undef C
#undef R
	},
#define C(name_, head_, type_, kind_, unit_, rank_, needs_, source_, help_) \
	.text_##name_ = MML_TEXTS(#name_, head_, source_, help_),
#define R(name_, head_, type_, kind_, unit_, rank_, of_, help_) \
	.text_##name_ = MML_TEXTS(#name_, head_, "change of " #of_, help_),
	MML_LIST(C, R)
#undef C
#undef R
};

#undef MML_PASTE
#undef MML_JOIN
#undef MML_THIS
#undef MML_COLUMN
#undef MML_LIST
#undef MML_PREFIX
