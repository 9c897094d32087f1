#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command the documents show is one that this program understands. They are run here, with
# shorter delays; what cannot be read here is no failure, a wrong word is.
. "${top_srcdir:-.}/tests/tap.sh"

# The commands behind a $ or # in a text, lines that end in a backslash joined.
commands() {
	sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' "$1" |
		sed -n 's/^[[:space:]]*[$#] \(mmlens .*\)/\1/p' | sed 's/   *(\(large\|small\).*//' |
		sed 's/ -d [0-9.]*/ -d 0.01/; s/ -c [0-9]*/ -c 2/' | sort -u
}

try() {
	commands "$2" > "$tmp/commands"
	[ -s "$tmp/commands" ]
	ok $? "$1 shows commands"
	while read -r line; do
		case $line in
		*'mmlens top'* | *'capture'* | *'mmlens record '*) continue ;; # a screen; folders of its own; it runs for ever
		esac
		(cd "$tmp" && eval "$(echo "$line" | sed "s|mmlens |'$mmlens' |g")") \
			> "$tmp/out" 2> "$tmp/err" < /dev/null
		status=$?
		[ $status -lt 2 ]
		ok $? "$1: $line"
		[ $status -lt 2 ] || sed 's/^/# /' "$tmp/err"
	done < "$tmp/commands"
}

"$mmlens" capture "$tmp/memory-tree" 2> /dev/null
"$mmlens" record "$tmp/memory-days" -c 1 psi 2> /dev/null
for p in mmlens.1 mmlens-lines.5 mmlens-counters.7 mmlens-learn.7; do
	page=$builddir/man/$p
	[ -e "$page" ] || page=$srcdir/man/$p
	if command -v mandoc > /dev/null; then
		mandoc -Tascii -Owidth=200 "$page" 2> /dev/null | sed 's/.\x08//g' > "$tmp/$p"
		sed -i "s/ PID / $$ /" "$tmp/$p"
		try "$p" "$tmp/$p"
	else
		skip "$p: mandoc is not installed"
	fi
done
sed "s/ PID / $$ /" "$srcdir/README.md" > "$tmp/README.md"
try README.md "$tmp/README.md"
done_testing
