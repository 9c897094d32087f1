#!/bin/sh
# What bad input gets, line by line, by the command line: recordings that were cut, flipped, zeroed or forged, clocks
# that were set, disks that are full. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
odd=$builddir/tests/record/odd
warp=$builddir/tests/record/warp.so
case $("$mmlens" --version) in
*+record*) ;;
*) echo "1..0 # SKIP built without recordings" && exit 0 ;;
esac
TZ=UTC
export TZ

# all_of RECORDING: the numbers of all samples, then what is said, without the names of files
all_of() {
	timeout 60 "$mmlens" --replay "$1" -c 0 meminfo -n -r -f 'name = MemFree' -o value >"$tmp/all" 2>"$tmp/said"
	echo "status $?: $(grep -v '^$' "$tmp/all" | tr '\n' ' ')"
	sed 's/([^ ]*\.mml at [0-9]*)/(X)/' "$tmp/said"
}
gaps_of() {
	"$mmlens" recordings "$1" -o gaps -J | jq -r '.tables.recordings[].gaps // "-"' | sed 's/([^ ]*\.mml at [0-9]*)/(X)/'
}

# Four samples to a block, in one file.
"$odd" plain "$tmp/plain"
whole=$(echo "$tmp/plain"/*.mml)
size=$(stat -c %s "$whole")
is "$(all_of "$tmp/plain")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 11 " "a recording that nothing happened to"

# Truncated, or killed in the middle of writing.
index=$(od -An -v -tu8 -j $((size - 16)) -N 8 "$whole" | tr -d ' ')
head -c $((index - 20)) "$whole" >"$tmp/cut.mml"
is "$(all_of "$tmp/cut.mml")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 
mmlens: at the end: the file ends early (X)" "a sample that was cut off: all before it is there"
is "$(gaps_of "$tmp/cut.mml")" "the file ends early (X)" "and the list of recordings says so"
"$mmlens" --replay "$tmp/cut.mml" meminfo -n -r -f 'name = MemFree' -o value >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/out")" "0: 10" "the last that is there is what is shown unasked"
like "$(cat "$tmp/err")" "^mmlens: at the end: the file ends early" "with what is missing behind it"
"$mmlens" --replay "$tmp/cut.mml" --at begin meminfo 2>&1 | grep -c early >"$tmp/out"
is "$(cat "$tmp/out")" 0 "who looks at another moment is not told of the end"

# Bits flipped, zeros at the end, bytes cut out. A body begins 64 bytes behind its head, whose number is at 24.
head_of() {
	grep -abo "$(printf '\135\052\115\030\070')" "$whole" | cut -d : -f 1 | sed -n "$1p"
}
at=$(head_of 6)
cp "$whole" "$tmp/flipped.mml"
byte=$(od -An -tu1 -j $((at + 70)) -N 1 "$whole" | tr -d ' ')
printf "\\$(printf %o $((byte ^ 16)))" | dd of="$tmp/flipped.mml" bs=1 seek=$((at + 70)) conv=notrunc 2>/dev/null
is "$(all_of "$tmp/flipped.mml")" "status 0: 0 1 2 3 4 8 9 10 11 
mmlens: before 2026-11-25 18:13:16 +0000: 3 samples lost: the file is damaged (X)" \
	"a bit flipped: the rest of its block is a gap, with its count"
"$mmlens" --replay "$tmp/flipped.mml" --at "2026-11-25 18:12:46" meminfo >"$tmp/out" 2>&1
like "$?: $(cat "$tmp/out")" "^1: mmlens: --at: damaged$" "a moment that is damaged is not another one"
cp "$whole" "$tmp/zeroed.mml"
truncate -s $((at + 30)) "$tmp/zeroed.mml"
truncate -s $((at + 4096)) "$tmp/zeroed.mml"
is "$(all_of "$tmp/zeroed.mml")" "status 0: 0 1 2 3 4 
mmlens: at the end: the file ends early (X)" "zeros at the end, as a power cut leaves them"
{ head -c "$at" "$whole" && tail -c +$((at + 40)) "$whole"; } >"$tmp/shorter.mml"
is "$(all_of "$tmp/shorter.mml")" "status 0: 0 1 2 3 4 8 9 10 11 
mmlens: before 2026-11-25 18:13:16 +0000: 3 samples lost: the file is damaged (X)" "bytes cut out"
is "$(gaps_of "$tmp/shorter.mml")" "3 samples lost: the file is damaged (X)" "and the list of recordings says so"

# refused DESCRIPTION EXPECTED ARGS...: status 1 and one line
refused() {
	what=$1 expected=$2
	shift 2
	timeout 20 "$mmlens" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	like "$?: $(cat "$tmp/out" "$tmp/err")" "^1: mmlens: $expected\$" "$what"
}
echo nothing >"$tmp/foreign"
head -c 3000 /dev/urandom >"$tmp/noise.mml"
: >"$tmp/nothing.mml"
mkdir "$tmp/empty"
mkfifo "$tmp/fifo" "$tmp/fifo.mml"
for x in "$tmp/foreign" "$tmp/noise.mml" "$tmp/nothing.mml" "$tmp/empty" "$tmp/fifo" "$tmp/fifo.mml" /dev/null /dev/zero; do
	none="$x: (not a recording of mmlens|there is no sample in it)[^:]*"
	refused "no recording: $x" "$none" --replay "$x" meminfo
	refused "nor listed: $x" "recordings: $none" recordings "$x"
	# A directory may be a captured tree of next to nothing.
	[ -d "$x" ] || refused "nor compared: $x" "$none" diff "$x" "$x"
done

# A newer format.
"$odd" newer "$tmp/newer.mml"
later="newer.mml is of format 2; this mmlens reads up to 1 \(get mmlens >= 0\.9\)"
refused "a newer format" ".*$later" --replay "$tmp/newer.mml" meminfo
cp -r "$tmp/plain" "$tmp/both"
cp "$tmp/newer.mml" "$tmp/both"
is "$(all_of "$tmp/both" | sed "s,$tmp/,,")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 11 
mmlens: newer.mml is of format 2; this mmlens reads up to 1 (get mmlens >= 0.9)" "among older ones: they are read"
"$mmlens" recordings "$tmp/both" >"$tmp/out" 2>&1
like "$?: $(cat "$tmp/out")" "^mmlens: recordings: $later" "and listed"

# Clocks: set back, set forward, suspended.
"$odd" back "$tmp/back"
is "$(all_of "$tmp/back")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 11 
mmlens: before 2026-11-25 18:12:16 +0000: the clock was set back by 40.0s" "a clock set back: the order stays"
is "$("$mmlens" recordings "$tmp/back" -n -r -o samples | tr '\n' ' ')" "6 6 " "in another file"
"$mmlens" --replay "$tmp/back" --at "2026-11-25 18:12:30" meminfo -n -r -f 'name = MemFree' -o value >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/out")" "0: 7" "a time that was twice is the later recorded"
like "$(cat "$tmp/err")" "^mmlens: --at: the clock showed this time twice; this is 2026-11-25 18:12:26 \+0000, sample 8 of 12; the other is 2026-11-25 18:12:26 \+0000, sample 4\$" \
	"and both are named"
"$odd" forward "$tmp/forward"
is "$(all_of "$tmp/forward")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 11 
mmlens: before 2026-11-25 19:12:56 +0000: the clock was set forward by 1h00m" "a clock set forward"
rate_of() {
	"$mmlens" --replay "$1" -c 0 vmstat -n -r -f 'name = pgfault' -o rate 2>/dev/null | grep -v '^$' | tr '\n' ' '
}
hundreds="100.00 100.00 100.00 100.00 100.00"
is "$(rate_of "$tmp/forward")" "- $hundreds 100.00 $hundreds " "rates are those of the clock that nobody sets"
"$odd" suspended "$tmp/suspended"
is "$(all_of "$tmp/suspended")" "status 0: 0 1 2 3 4 5 6 7 8 9 10 11 
mmlens: before 2026-11-25 20:15:56 +0000: the machine was suspended for 2h03m" "suspended for two hours and three minutes"
is "$(rate_of "$tmp/suspended")" "- $hundreds 0.14 $hundreds " "the rate over it is that of the true interval"

# Another boot, another kernel, another page size.
"$odd" boots "$tmp/boots"
is "$(all_of "$tmp/boots" | head -n 2)" "status 0: 0 1 2 3 4 5 
mmlens: before 2026-11-25 18:21:56 +0000: the machine was started again" "another boot in one directory"
is "$(rate_of "$tmp/boots")" "- 100.00 100.00 - 100.00 100.00 " "there are no rates across"
is "$(for at in begin end; do "$mmlens" --replay "$tmp/boots" --at $at vmstat -J | jq -c '[.host.page_size, .host.kernel]'; done)" \
	'[4096,"6.1.0-first"]
[65536,"6.12.0-second"]' "page size and kernel are those of the moment"

# Hostile ones, whose checksums are right.
for kind in outside bomb honest-bomb runs0 runs1 runs2 runs3 endless; do
	"$odd" $kind "$tmp/$kind.mml"
	refused "hostile: $kind" ".*/$kind.mml: (every sample in it is damaged|there is no sample in it)[^:]*" --replay "$tmp/$kind.mml" meminfo
	refused "not captured from: $kind" ".*/$kind.mml: .*" --replay "$tmp/$kind.mml" capture "$tmp/captured"
	refused "no piece is cut out: $kind" ".*/$kind.mml: .*" --replay "$tmp/$kind.mml" record "$tmp/piece"
	# As much memory as a moment may have, not as much as a file says.
	(! grep -q fsanitize "$builddir/config.status" && ulimit -v 600000
		timeout 20 "$mmlens" --replay "$tmp/$kind.mml" meminfo >"$tmp/out" 2>&1)
	like "$?: $(cat "$tmp/out")" "^1: mmlens: .*/$kind.mml: .*" "within bounds: $kind"
done
for from in -70 0 70 100000; do
	"$odd" index$from "$tmp/index.mml"
	is "$(all_of "$tmp/index.mml" | head -n 1)" "status 0: 1 " "an index that is not right is not looked at ($from)"
done
is "$(find "$tmp" -name escaped)" "" "nothing was written elsewhere"

# What needs a file that nobody recorded.
"$mmlens" --replay "$tmp/plain" slab >"$tmp/out" 2>&1
is "$?: $(grep slab "$tmp/out")" "1: mmlens: slab: /proc/slabinfo: not recorded; needs a recording of it" "a table that was not recorded"
"$mmlens" record "$tmp/unasked.mml" -c 1 processes
"$mmlens" --replay "$tmp/unasked.mml" processes -o pid,nodes -l 1 -n -r >"$tmp/out" 2>&1
like "$(cat "$tmp/out")" "^mmlens: processes.nodes: not recorded; needs a recording with it: record DIR processes -o \+nodes" "a column says how it is recorded"
"$mmlens" record "$tmp/asked.mml" -c 1 processes -o +nodes
"$mmlens" --replay "$tmp/asked.mml" processes -o pid,nodes -l 1 -n -r >"$tmp/out" 2>&1
is "$(grep -c 'not recorded' "$tmp/out")" 0 "and then it is there"
# Where nothing can be written, and what a recorder does then.
. "$srcdir/tests/record/badplace.sh"
done_testing
