#!/bin/sh
# Every fixture x table x format, as it has been found right once. SPDX-License-Identifier: GPL-2.0-or-later
#
# A table more: a line in tests/golden/tables. A fixture more: a folder in tests/fixtures, captured by
# `mmlens capture`, with what names people, hosts and command lines taken out, and pruned to what is
# worth its room. Then `UPDATE=1 sh tests/golden/golden.sh`, and read what git diff shows.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

# shown TREE TABLE: the table in every format, and what was said beside it
shown() {
	for how in "" "--csv --all-columns" "-r -b" "-J --all-columns"; do
		echo "== mmlens $2${how:+ $how}"
		# shellcheck disable=SC2086
		"$mmlens" --root "$1" "$2" $how 2>"$tmp/err" | sed 's/^{"mmlens":"[^"]*"/{"mmlens":"VERSION"/'
		sed 's/^/stderr: /' "$tmp/err"
	done
}

if ! "$mmlens" --root "$srcdir/tests/fixtures" --version >/dev/null; then
	skip "mmlens does not run"
	done_testing
	exit
fi
for tree in "$srcdir"/tests/fixtures/*/; do
	tree=${tree%/}
	name=${tree##*/}
	while read -r table; do
		golden=$srcdir/tests/golden/expected/$name/$table
		shown "$tree" "$table" >"$tmp/shown"
		if [ -n "$UPDATE" ]; then
			mkdir -p "${golden%/*}"
			cp "$tmp/shown" "$golden"
		fi
		if [ -f "$golden" ]; then
			is "$(diff "$golden" "$tmp/shown")" "" "$name: $table"
		else
			ok 1 "$name: $table has no golden: UPDATE=1 makes it"
		fi
	done <"$srcdir/tests/golden/tables"
done
done_testing
