#!/bin/sh
# Time travel: scripts of keys over a recording that is made of two captured trees, eight samples ten
# seconds apart, with a gap. UPDATE=1 rewrites tests/tui/golden/travel.*. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
golden=$srcdir/tests/tui/golden
TZ=UTC
XDG_CONFIG_HOME=$tmp/none
export TZ XDG_CONFIG_HOME
[ -x "$play" ] || { echo "1..0 # SKIP built without the screen"; exit 0; }
case $("$mmlens" --version) in
*+record*) ;;
*) echo "1..0 # SKIP built without recordings" && exit 0 ;;
esac

cp -R "$srcdir/tests/tui/trees/first" "$tmp/tree"
chmod -R u+w "$tmp/tree"
# moment SECONDS STALLED: the tree as it is, so many seconds after the first one
moment() {
	printf 'kernel=6.18.44\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\ntime=%d.000000000\nmono_ns=%d000000000\n' \
		$((1795303031 + $1)) $((4347 + $1)) >"$tmp/tree/mmlens/host"
	sed "s/^some avg10=[0-9.]*/some avg10=$2/" "$srcdir/tests/tui/trees/first/proc/pressure/memory" \
		>"$tmp/tree/proc/pressure/memory"
	"$mmlens" --root "$tmp/tree" record "$tmp/all" >"$tmp/out" 2>&1 || sed 's/^/# /' "$tmp/out"
}
moment 0 0.00
moment 10 0.00
moment 20 3.50
moment 30 12.00
cp -R "$srcdir/tests/tui/trees/then/." "$tmp/tree/"
moment 40 31.00
moment 50 48.25
moment 200 1.00
moment 210 0.00
is "$("$mmlens" recordings "$tmp/all" -r -n -o samples | paste -sd+ | bc)" 8 "eight moments are recorded"
"$mmlens" --replay "$tmp/all" record "$tmp/all.mml" >"$tmp/out" 2>&1
is "$?: $(cat "$tmp/out")" "0: " "and put into one file"

# one NAME SIZE FLAG VIEW: the script on stdin
one() {
	name=$1 size=$2 flag=$3 view=$4
	[ "$flag" = --utf8 ] && flag=
	"$play" $flag "$size" "$tmp/all.mml" "$view" >"$tmp/out" 2>"$tmp/err"
	ok $? "$name at $size: plays"
	sed 's/^/# /' "$tmp/err"
	file=$golden/travel-$name.$size${flag:+.plain}
	[ -z "$UPDATE" ] || cp "$tmp/out" "$file"
	if cmp -s "$file" "$tmp/out"; then
		ok 0 "$name at $size: as it was"
	else
		ok 1 "$name at $size: as it was (UPDATE=1 takes the new one)"
		diff "$file" "$tmp/out" | head -n 40 | sed 's/^/# /'
	fi
}

cat >"$tmp/steps" <<'EOF'
!show the last sample, as it opens
[
!show one back
[ [
!tick
!show three back
]
!show one on
m
] ]
!tick
!show two on, with a mark
(
!show an hour back is the first
b
type @1795303062
Enter
!tick
!tick
!show a time
b
type 1999-01-01
Enter
!show a time outside
Esc
]
!show and on from there
EOF
for size in 24x80 40x120; do
	for flag in --utf8 --plain; do
		one slab "$size" "$flag" slab <"$tmp/steps"
	done
done
one overview 50x160 --utf8 overview <"$tmp/steps"

# Each row is that of the sample: what the command prints of it.
for at in 0 30 40 210; do
	printf 'b\ntype @%d\nEnter\n!tick\n!show at\n' $((1795303031 + at)) |
		"$play" 40x200 "$tmp/all.mml" slab >"$tmp/out" 2>&1
	size=$("$mmlens" --replay "$tmp/all.mml" --at @$((1795303031 + at)) slab -f 'cache = dentry' -o total_objs -n -r 2>/dev/null)
	like "$(grep '^dentry ' "$tmp/out")" " $size " "at $at s the screen shows the $size dentries of that sample"
done

# A key that is held ends where it should.
{
	for i in $(seq 200); do echo '['; done
	echo '!show'
	for i in $(seq 200); do echo ']'; done
	echo '!tick'
	echo '!show'
} | "$play" 24x80 "$tmp/all.mml" slab >"$tmp/out"
is "$(sed -n 's/^REPLAY .*  \([0-9]*\/[0-9]*\) .*/\1/p' "$tmp/out" | tr '\n' ' ')" "1/8 8/8 " \
	"200 steps back end at the first sample, and 200 on at the last"

# Playing: ten recorded seconds pass in ten, or sooner when it is faster; a gap is not waited for.
{
	echo '('
	echo 'Space'
	for i in 1 2 3 4 5 6 7 8 9; do echo '!tick'; done
	echo '!show'
	echo '!tick'
	echo '!tick'
	echo '!show'
	echo '+ + +'
	for i in 1 2 3; do echo '!tick'; done
	echo '!show'
} | "$play" 24x80 "$tmp/all.mml" slab >"$tmp/out"
is "$(sed -n 's/^REPLAY .*  \([0-9]*\/[0-9]*\) .*/\1/p' "$tmp/out" | tr '\n' ' ')" "1/8 2/8 5/8 " \
	"playing takes as long as it took, or is faster"
done_testing
