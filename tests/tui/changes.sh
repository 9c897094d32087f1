#!/bin/sh
# The keys f and F: to the moments at which the findings change, in a recording and over what is kept of the
# last minutes. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
trees=$srcdir/tests/tui/trees
TZ=UTC
XDG_CONFIG_HOME=$tmp/none
export TZ XDG_CONFIG_HOME
[ -x "$play" ] || { echo "1..0 # SKIP built without the screen"; exit 0; }

# at SECONDS SOME FULL: the tree in $tmp/tree, so many seconds later and under such pressure
at() {
	printf 'kernel=6.18.44\nmachine=x86_64\npage_size=4096\nclock_ticks=100\nnodes=1\ntime=%d.000000000\nmono_ns=%d000000000\n' \
		$((1795303031 + $1)) $((4347 + $1)) >"$tmp/tree/mmlens/host"
	printf 'some avg10=%s avg60=0.00 avg300=0.00 total=0\nfull avg10=%s avg60=0.00 avg300=0.00 total=0\n' \
		"$2" "$3" >"$tmp/tree/proc/pressure/memory"
}
new_tree() {
	rm -rf "$tmp/tree"
	cp -R "$trees/first" "$tmp/tree"
	chmod -R u+w "$tmp/tree"
}
# bottom: of each screen, the number of the sample and what is said
bottom() {
	grep -A1 '^REPLAY' "$tmp/out" | sed -n 's/^REPLAY .*  \([0-9]*\/[0-9]*\) .*/\1/p; t; /^--$/!p'
}
warns='some task waited for memory 12.0 % of the last 10 s, and all of them 0.0 %'
worse='some task waited for memory 40.0 % of the last 10 s, and all of them 20.0 %'
milder='some task waited for memory 40.0 % of the last 10 s, and all of them 6.0 %'

# Live: what the overview has shown is searched, from another view as well.
new_tree
at 0 0.00 0.00
for i in 1 2 3 4; do mkdir -p "$tmp/then$i/proc/pressure" "$tmp/then$i/mmlens"; done
keep() {
	cp "$tmp/tree/proc/pressure/memory" "$tmp/then$1/proc/pressure/memory"
	cp "$tmp/tree/mmlens/host" "$tmp/then$1/mmlens/host"
}
at 10 9.99 0.00 && keep 1
at 20 12.00 0.00 && keep 2
at 30 40.00 20.00 && keep 3
at 40 40.00 20.00 && keep 4
at 0 0.00 0.00
printf '!then %s\n!then %s\n!then %s\n!then %s\nF\n!show worse\nF\n!show new\nF\n!show none before\nf\n!show on\nf\n!show none on\n' \
	"$tmp/then1" "$tmp/then2" "$tmp/then3" "$tmp/then4" | "$play" 24x120 "$tmp/tree" overview >"$tmp/out"
is "$(grep -E 'some task|^the findings' "$tmp/out" | grep -v '^[-!]')" "critical: $worse
new: $warns
the findings do not change before this moment
critical: $worse
the findings have not changed since" "kept moments: back to each change, and on again"
like "$(sed -n '/^--- new/,/^--- none before/p' "$tmp/out")" "!  $warns" "the overview shows the moment gone to"
printf 'F\n!show\n' | "$play" 24x120 "$tmp/tree" slab >"$tmp/out"
like "$(cat "$tmp/out")" "no findings are kept: they are while the overview is open" \
	"without the overview there are none to be searched, which is said"

case $("$mmlens" --version) in
*+record*) ;;
*) ok 0 "in a recording # SKIP built without recordings" && done_testing && exit ;;
esac

# moment SECONDS SOME FULL: is recorded
moment() {
	at "$@"
	"$mmlens" --root "$tmp/tree" record "$tmp/all" >"$tmp/err" 2>&1 || sed 's/^/# /' "$tmp/err"
}
# whole: what was recorded, in one file
whole() {
	rm -f "$tmp/all.mml"
	"$mmlens" --replay "$tmp/all" record "$tmp/all.mml" >"$tmp/err" 2>&1 || sed 's/^/# /' "$tmp/err"
}
new_tree
moment 0 0.00 0.00
moment 10 0.00 0.00
moment 20 9.99 0.00
moment 30 12.00 0.00
moment 40 40.00 20.00
moment 50 40.00 6.00
moment 60 9.99 0.00
moment 70 0.00 0.00
whole
printf '(\n!tick\nf\n!show\nf\n!show\nf\n!show\nf\n!show\nf\n!show\nF\n!show\nF\n!show\nF\n!show\nF\n!show\n' |
	"$play" 24x120 "$tmp/all.mml" overview >"$tmp/out"
is "$(bottom)" "4/8
new: $warns
5/8
critical: $worse
6/8
warning: $milder
7/8
no longer found: $milder
7/8
the findings do not change behind this moment
6/8
warning: $milder
5/8
critical: $worse
4/8
new: $warns
4/8
the findings do not change before this moment" "a recording: each change on, and back; then there is none"
# strip: the cells of the strip, and what is below them where there is room
strip() {
	grep "$@" '^REPLAY' "$tmp/out" | sed 's/^REPLAY.*\[/[/; s/ *]$/]/; s/^ *//; s/ *$//'
}
printf '(\n!tick\nf\nf\nf\nf\nf\n!show\n' >"$tmp/keys"
"$play" --plain 24x120 "$tmp/all.mml" overview <"$tmp/keys" >"$tmp/out"
is "$(strip)" '[__-!!#|_]' "a sign where it gets worse, and none where it stays or gets better"
"$play" --plain 40x120 "$tmp/all.mml" overview <"$tmp/keys" >"$tmp/out"
is "$(strip -A1)" '[__--##|_]
!!' "or below, where there is room"
printf '(\n!tick\nf\n!tick\n!show\n' | "$play" 24x120 "$tmp/all.mml" slab >"$tmp/out"
is "$(bottom | head -n 1)" "4/8" "from a view without findings, too"

# A long one: the search goes on over many ticks, and is stopped by Esc and by other keys of time.
i=8
while [ $i -lt 300 ]; do
	moment $((i * 10)) 0.00 0.00
	i=$((i + 1))
done
whole
ticks() {
	for i in $(seq 60); do echo '!tick'; done
}
{
	echo '!tick' && echo F && echo '!show searching'
	ticks
	echo '!show found'
	echo ']' && echo ']' && echo f && ticks && echo '!show none'
	echo ')' && echo F && echo Esc && ticks && echo '!show stopped'
	echo F && echo '[' && ticks && echo '!show another key'
} | "$play" 24x120 "$tmp/all.mml" overview >"$tmp/out"
is "$(bottom | sed 's/sample [0-9]*/sample N/; s/^Enter.*/keys/')" "300/300
looking for a change of the findings: sample N; Esc stops
7/300
keys
9/300
keys
300/300
keys
299/300
keys" "300 samples: found far back; stopped by Esc, and by another key"
done_testing
