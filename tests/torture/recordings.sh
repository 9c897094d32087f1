#!/bin/sh
# Recorders that are killed at random, and recordings that are cut, flipped and zeroed everywhere: no whole sample is
# lost, and none that is shown is wrong. TORTURE=long: 500 kills, each byte, each bit.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
odd=$builddir/tests/record/odd
warp=$builddir/tests/record/warp.so
case $("$mmlens" --version) in
*+record*) ;;
*) echo "1..0 # SKIP built without recordings" && exit 0 ;;
esac
TZ=UTC
export TZ
kills=25 each=151 week=1000 limit=100000
[ "$TORTURE" = long ] && kills=500 each=1 week=60480 limit=4000000

# numbers_of RECORDING: those that memory's pressure says, one a line; with a question mark if it is not all right
numbers_of() {
	"$mmlens" --replay "$1" -c 0 psi -n -r -f 'resource = memory' -o total 2>/dev/null | awk '
		NF { n = int($1 * 1e6 + 0.5) } NF && ++i % 2 { some = n; next } NF { print some (n == 7 * some ? "" : "?") }'
}

# check: what is in the recording is what was written, and at most one sample more of each recorder, which was
# written just before the end and not told of
check() {
	numbers_of "$tmp/killed" >"$tmp/have"
	awk 'NR == FNR { from[++runs] = $1; to[runs] = $2; begun[runs] = $3; next }
		{ have[++n] = $1 }
		END {
			at = 1
			for (i = 1; i <= runs; i++) {
				for (k = from[i]; k <= to[i]; k++)
					if (have[at++] != k) { print "run " i ": " have[at - 1] " for " k; exit }
				if (begun[i] > to[i] && have[at] == to[i] + 1) at++
			}
			if (at <= n) print "too many: " have[at]
		}' "$tmp/runs" "$tmp/have"
}

if ! grep -q fsanitize "$builddir/config.status" && [ -e "$warp" ] && [ -n "$(LD_PRELOAD=$warp "$mmlens" --version 2>/dev/null)" ]; then
	awk -v n="$kills" 'BEGIN { srand(17); for (i = 0; i < n; i++) printf "%.4f %d\n", rand() * 0.25, rand() * 2 }' >"$tmp/plan"
	wrong= done=0 torn=0
	: >"$tmp/runs"
	while read -r pause halves <&3 && [ -z "$wrong" ]; do
		# Ten recorders one after the other in a directory, then another one.
		[ $((done % 10)) = 0 ] && { rm -rf "$tmp/killed" "$tmp/numbers" && : >"$tmp/runs"; }
		begun=$(od -An -tu8 -N 8 "$tmp/numbers" 2>/dev/null)
		[ "$halves" = 1 ] && export MMLENS_WARP_HALVES=1 || unset MMLENS_WARP_HALVES
		MMLENS_WARP_SPEED=40 MMLENS_WARP_NUMBERS=$tmp/numbers LD_PRELOAD=$warp \
			"$mmlens" record "$tmp/killed" -d 0.1 psi meminfo vmstat zones >"$tmp/out" 2>&1 &
		recorder=$!
		sleep "$pause"
		kill -KILL "$recorder"
		wait "$recorder" 2>/dev/null
		written=$(od -An -tu8 -j 8 -N 8 "$tmp/numbers" 2>/dev/null)
		begun=$((${begun:-0} + 1)) written=$((${written:-0}))
		[ "$written" -ge "$begun" ] || written=$((begun - 1))
		echo "$begun $written $(od -An -tu8 -N 8 "$tmp/numbers" 2>/dev/null)" >>"$tmp/runs"
		done=$((done + 1))
		[ ! -d "$tmp/killed" ] || wrong=$(check)
		"$mmlens" recordings "$tmp/killed" -r -n -o file,gaps 2>/dev/null | tail -n 1 |
			grep -q '^\([^ ]*\) .*ends\\040early\\040(\1' && torn=$((torn + 1))
	done 3<"$tmp/plan"
	unset MMLENS_WARP_HALVES
	is "$wrong" "" "$done recorders were killed, $torn in the middle of a sample: nothing written is lost, nothing else is there"
	[ "$kills" -lt 500 ] || [ "$torn" -gt 0 ]
	ok $? "of many some are in the middle"

	# A week, or in short a few hours, by clocks that run fast.
	MMLENS_WARP_SPEED=3000 LD_PRELOAD=$warp "$mmlens" record "$tmp/week" -d 10 -c $week --keep-size $limit \
		psi meminfo vmstat zones >"$tmp/out" 2>&1 &
	recorder=$!
	while kill -0 "$recorder" 2>/dev/null; do
		awk '/^VmRSS/ { print $2 }' "/proc/$recorder/status" 2>/dev/null
		sleep 0.3
	done >"$tmp/weight"
	wait "$recorder"
	is "$?: $(cat "$tmp/out")" "0: " "$week samples ten seconds apart are recorded"
	bytes=$(cat "$tmp"/week/*.mml | wc -c)
	# So small a limit as the short form has is as much as two keys take: how full it is hangs on when the last one was.
	[ "$bytes" -le "$limit" ] && { [ "$TORTURE" != long ] || [ "$bytes" -gt $((limit / 2)) ]; }
	ok $? "$bytes bytes of at most $limit are on the disk"
	is "$(awk '{ rss[++n] = $1 } END {
		for (i = 1; i <= n; i++) { k = i > n / 2; if (i > n / 4 && rss[i] > most[k]) most[k] = rss[i] }
		print most[1] <= most[0] * 1.1 ? "flat" : "from " most[0] " to " most[1] " KiB" }' "$tmp/weight")" \
		flat "and memory is flat"
	echo "# $(tail -n 1 "$tmp/weight") KiB of memory"
else
	skip "nothing can be preloaded here"
fi

# Twelve samples, of which each has the number that its time says.
"$odd" plain "$tmp/plain"
whole=$(echo "$tmp/plain"/*.mml)
size=$(stat -c %s "$whole")
# look LEAST WHAT: at $tmp/bad.mml
look() {
	timeout 60 "$mmlens" --replay "$tmp/bad.mml" -c 0 meminfo --time -n -r -f 'name = MemFree' -o value >"$tmp/out" 2>"$tmp/err"
	status=$?
	n=$(awk 'NF { t = $1; sub(/.*T18:/, "", t); split(t, a, /[:.Z]/)
		if (a[1] * 60 + a[2] - 716 != 10 * $2) exit 9; n++ } END { print n + 0 }' "$tmp/out") || n=wrong
	# Less than all is said, and nothing at all is an error.
	case "$n $status" in
	wrong* | "0 0" | *" "[2-9]* | *" 1"??) bad="$bad $2: $n samples, status $status;" ;;
	"12 0") ;;
	*" 0") [ -s "$tmp/err" ] || [ "$what" = cut ] || bad="$bad $2: $n samples, and nothing is said;" ;;
	"0 1") ;;
	*) bad="$bad $2: $n samples, status $status;" ;;
	esac
	[ "$n" = wrong ] || [ "$n" -ge "$1" ] || bad="$bad $2: only $n samples;"
}
bad= what=cut at=0
while [ "$at" -lt "$size" ]; do
	head -c "$at" "$whole" >"$tmp/bad.mml"
	look 0 "cut at $at"
	at=$((at + each))
done
is "$bad" "" "cut at each $each of $size bytes"
bad= what=flip at=0
od -An -v -tu1 -w1 "$whole" >"$tmp/bytes"
while read -r byte <&3; do
	at=$((at + 1))
	[ $((at % each)) = 0 ] || continue
	for bit in 1 2 4 8 16 32 64 128; do
		cp "$whole" "$tmp/bad.mml"
		printf "\\$(printf %o $((byte ^ bit)))" | dd of="$tmp/bad.mml" bs=1 seek=$((at - 1)) conv=notrunc 2>/dev/null
		look 8 "bit $bit of byte $((at - 1))"
	done
done 3<"$tmp/bytes"
is "$bad" "" "each bit of each $each of $size bytes flipped: at most a block is lost"
bad= what=zero at=0
while [ "$at" -lt "$size" ]; do
	cp "$whole" "$tmp/bad.mml"
	dd if=/dev/zero of="$tmp/bad.mml" bs=1 seek="$at" count=128 conv=notrunc 2>/dev/null
	look 4 "zeros at $at"
	at=$((at + each))
done
is "$bad" "" "zeros at each $each of $size bytes: at most the blocks they touch are lost"
done_testing
