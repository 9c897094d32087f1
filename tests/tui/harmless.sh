#!/bin/sh
# Names made of escape sequences, of text that runs backwards and of bytes that are no UTF-8 can be read on
# the screen and do nothing to it.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
[ -x "$play" ] || { skip "built without the screen"; done_testing; exit; }
XDG_CONFIG_HOME=$tmp/none
export XDG_CONFIG_HOME
cp -R "$srcdir/tests/tui/trees/first" "$tmp/tree"
chmod -R u+w "$tmp/tree"
evil=$(printf 'e\033[2J\033]0;owned\a\342\200\256\233x\377')
LC_ALL=C sed "s/^dentry /$(printf '%s' "$evil" | sed 's/[][\\]/\\&/g') /" \
	"$srcdir/tests/tui/trees/first/proc/slabinfo" >"$tmp/tree/proc/slabinfo"
for flag in '' --plain; do
	# shellcheck disable=SC2086
	printf '!show\nDown Enter\n!show\nEsc i\n!show\nEsc /\ntype e\nEnter\n!show\n' |
		"$play" $flag 24x170 "$tmp/tree" slab >"$tmp/out"
	ok $? "plays${flag:+ with $flag}"
	like "$(cat "$tmp/out")" '^e\\033\[2J\\033\]0;owned\\007\\342\\200\\256' "the name can be read"
	LC_ALL=C tr -d '\n\040-\176\200-\377' <"$tmp/out" >"$tmp/odd"
	is "$(wc -c <"$tmp/odd" | tr -d ' ')" 0 "no control byte gets through"
	iconv -f UTF-8 -t UTF-8 "$tmp/out" >/dev/null 2>&1
	ok $? "and all of it is UTF-8"
done
for size in 1x1 1x2 2x1 2x2 3x3 3x300 5x20 7x9 300x3; do
	bad=
	for view in overview zones slab processes vmas hugepages nodes faults tlb reclaim balance meminfo; do
		printf '!show\nm\n!tick\nj Right F2\n!show\nEsc h\n!show\nEsc :\ntype x\n!show\nEsc i\n!show\nF6\n!show\n!size %s\n!show\n' \
			"24x80" | "$play" $size "$tmp/tree" $view >"$tmp/out" 2>"$tmp/err"
		[ $? = 0 ] || { bad="$bad $view"; sed 's/^/# /' "$tmp/err"; }
	done
	is "$bad" "" "every view at $size, and back at 24x80"
done
done_testing
