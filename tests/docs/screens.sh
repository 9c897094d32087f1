#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The screens in docs/SCREENS.md, and the one in README.md, are golden displays, line for line but for empty
# ones: who changes a view changes both.
. "${top_srcdir:-.}/tests/tap.sh"

# A file a screen: every fenced block of the one page, the first of the other.
awk -v dir="$tmp" '/^```/ { inside = !inside; n += inside; next }
	inside && (FILENAME ~ /SCREENS/ || n == 1) { print > (dir "/screen." n + (FILENAME ~ /SCREENS/ ? 100 : 0)) }
	' "$srcdir/README.md" "$srcdir/docs/SCREENS.md"

# occurs BLOCK FILE: all lines of the one, one after the other, in the other
occurs() {
	awk '/^ *$/ { next } NR == FNR { block = block $0 "\n"; next } { text = text $0 "\n" }
		END { exit !index("\n" text, "\n" block) }' "$1" "$2"
}

for screen in "$tmp"/screen.*; do
	found=
	for golden in "$srcdir"/tests/tui/golden/*.24x80.utf8; do
		occurs "$screen" "$golden" && found=$golden && break
	done
	[ -n "$found" ]
	ok $? "$(head -n 1 "$screen")"
	[ -n "$found" ] || sed 's/^/# /' "$screen"
done
[ "$tests" -gt 9 ]
ok $? 'the pages show screens'
done_testing
