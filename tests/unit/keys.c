/* No key means two things at once: what works everywhere, what a view has of its own, and letters that sort. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../src/collectors/registry.h"
#include "../../src/ui/keys.h"
#include "../../src/views/registry.h"
#include "../tap.h"

/* What keys.def has for views to do: they say in their help what that is. */
static bool is_views(enum mml_do what)
{
	return what == MML_DO_NOTHING || what == MML_DO_ENTER || what == MML_DO_TREE || what == MML_DO_SPAN;
}

/* Keys are named by words with blanks between, as in "t F5". */
static void check_shown(const char *view, const char *shown)
{
	struct mml_span rest = mml_span_str(shown), word;

	while (mml_next_token(&rest, &word)) {
		uint32_t key = mml_key_named(word.p, mml_span_len(word));

		tap_ok(key && is_views(mml_key_does(key)), "%s: %.*s is a key and free", view,
		       (int)mml_span_len(word), word.p);
	}
}

static bool in_shown(const struct mml_view_key *keys, char c)
{
	for (; keys && keys->shown; keys++) {
		struct mml_span rest = mml_span_str(keys->shown), word;

		while (mml_next_token(&rest, &word))
			if (mml_span_len(word) == 1 && *word.p == c)
				return true;
	}
	return false;
}

static void check_view(const struct mml_view_ops *ops)
{
	for (const struct mml_view_key *key = ops->keys; key && key->shown; key++)
		check_shown(ops->name, key->shown);
	for (const struct mml_view_sort *sort = ops->sorts; sort && sort->key; sort++) {
		bool twice = in_shown(ops->keys, sort->key);

		for (const struct mml_view_sort *other = ops->sorts; other < sort; other++)
			twice |= other->key == sort->key;
		tap_ok(strchr("SXRALPD", sort->key) && mml_key_does((uint32_t)sort->key) == MML_DO_NOTHING &&
			       !twice,
		       "%s: %c sorts by %s and does nothing else", ops->name, sort->key, sort->column);
	}
}

/* Keys that are spoken for: time, and what other views have. */
static void check_global(void)
{
	size_t n = 0;

	for (uint32_t key = 1; key < MML_KEY_LAST; key = key == 0x7f ? MML_UP : key + 1)
		n += mml_key_does(key) != MML_DO_NOTHING;
	ok(n > 40);
	for (const char *p = "SXRALPD"; *p; p++)
		tap_ok(mml_key_does((uint32_t)*p) == MML_DO_NOTHING, "%c is left to sorting", *p);
	ok(mml_key_does('b') == MML_DO_WHEN && mml_key_does('f') == MML_DO_CHANGE_ON &&
	   mml_key_does('F') == MML_DO_CHANGE_BACK);
}

int main(void)
{
	check_global();
	for (const struct mml_view_entry *v = mml_views.list; v->name; v++) {
		if (!v->ops)
			continue;
		check_view(v->ops);
		tap_ok(v->ops->help[strlen(v->ops->help) - 1] == '.' && v->ops->help[0] >= 'A' &&
			       v->ops->help[0] <= 'Z',
		       "%s: its help is a sentence", v->name);
		tap_ok(strlen(v->brief) <= 8, "%s: its brief name is", v->name);
	}
	return tap_done();
}
