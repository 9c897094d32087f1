#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages: well-formed, and nothing of the program's lists missing in them.
. "${top_srcdir:-.}/tests/tap.sh"

page() {
	if [ -e "$builddir/man/$1" ]; then echo "$builddir/man/$1"; else echo "$srcdir/man/$1"; fi
}

for p in mmlens.1 mmlens-tables.5 mmlens-lines.5 mmlens-counters.7 mmlens-learn.7; do
	if command -v mandoc > /dev/null; then
		# That our own pages, and others', are not installed is no fault of the page.
		is "$(mandoc -Tlint -Wall "$(page $p)" 2>&1 |
			grep -v 'referenced manual not found\|outdated mandoc.db')" '' "$p: mandoc has nothing to say"
	else
		skip "$p: mandoc is not installed"
	fi
	is "$(grep -n '@[a-zA-Z_]*@' "$(page $p)")" '' "$p: everything in it was filled in"
done

tables=$(page mmlens-tables.5)
missing=
for table in $("$mmlens" columns -o table -r -n | sort -u); do
	grep -qx "\.Ss $table" "$tables" || missing="$missing $table"
	for column in $("$mmlens" columns "$table" -o column -r -n); do
		sed -n "/^\.Ss $table\$/,/^\.Ss/p" "$tables" | grep -Eqx "\.It Va $column( .*)?" && continue
		# of numbered ones the first and the last
		first=$(echo "$column" | sed 's/[0-9]*$//')0
		sed -n "/^\.Ss $table\$/,/^\.Ss/p" "$tables" | grep -q "^\.It Va $first No to Va" ||
			missing="$missing $table.$column"
	done
done
is "$missing" '' 'mmlens-tables(5) has every table and every column'

missing=
"$mmlens" --help > "$tmp/help"
for option in $(sed -n '/^Options/,$s/.*  *--\([a-z-]*\).*/\1/p' "$tmp/help"); do
	grep -q "Fl .-$option" "$(page mmlens.1)" || missing="$missing --$option"
done
for word in $(sed -n '/^Commands/,/^Options/s/^  \([a-z]*\).*/\1/p' "$tmp/help"); do
	grep -q "^\.It Cm $word" "$(page mmlens.1)" || missing="$missing $word"
done
is "$missing" '' 'mmlens(1) has every option, command and table of --help'
done_testing
