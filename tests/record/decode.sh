#!/bin/sh
# The page that says what recordings are is enough to read one: a program made of that page alone reads what
# mmlens reads, of a recording that has all there is. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

if ! command -v python3 >/dev/null; then
	skip "no python3"
elif ! command -v zstd >/dev/null; then
	skip "no zstd program"
elif ! [ -x "$builddir/tests/record/format" ]; then
	skip "built without recordings"
else
	python3 "$srcdir/tests/record/decode.py" "$srcdir/tests/record/format-1" >"$tmp/all" 2>&1
	ok $? "decode.py reads it"
	grep -E '^(sample|  )' "$tmp/all" >"$tmp/theirs"
	"$builddir/tests/record/format" list "$srcdir/tests/record/format-1" >"$tmp/ours"
	ok $? "mmlens reads it"
	is "$(grep -c ^sample "$tmp/ours")" 30 "all samples"
	cmp "$tmp/ours" "$tmp/theirs" >"$tmp/diff"
	ok $? "both read the same"
	is "$(grep ^gap "$tmp/all")" "gap 5 [('ns', '7000000000'), ('why', 'suspended')]
gap 10 [('ns', '-3600000000000'), ('why', 'clock')]
gap 15 [('count', '3'), ('why', 'missed')]" "gaps"
	is "$(grep ^met "$tmp/all")" "met answer 0 1 2 3
met base 0 1
met end 1
met kind 1 2 3 4
met line operation 0 1 2 3 4 5 6
met operation 0 1 2 3
met question 0 1 2
met word operation 0 1 2 3" "all of the format is in it"
fi
done_testing
