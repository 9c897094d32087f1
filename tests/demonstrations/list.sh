#!/bin/sh
# Each demonstration of `list` has a test, which is run and has the words. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

# is_run FILE: whether make check runs it: a script by its name, and a program by that of its source
is_run() {
	grep -Fwqs "tests/${1%.c}" "$srcdir/tests/${1%%/*}/Makemodule.am"
}
grep -v -e '^#' -e '^$' "$srcdir/tests/demonstrations/list" >"$tmp/list"
while IFS='|' read -r fact file words; do
	fact=${fact% } file=${file# } file=${file% } words=${words# }
	if ! is_run "$file"; then
		ok 1 "$fact: make check does not run tests/$file"
	else
		grep -Fq -- "$words" "$srcdir/tests/$file"
		ok $? "$fact: tests/$file"
	fi
done <"$tmp/list"
ok $(($(wc -l <"$tmp/list") < 94)) "94 demonstrations: $(wc -l <"$tmp/list")"
is "$(cut -d'|' -f1 "$tmp/list" | sort | uniq -d)" '' 'each once'
done_testing
