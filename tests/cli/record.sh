#!/bin/sh
# What was recorded is what was seen: record, --replay, recordings. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
among_groups

case $("$mmlens" --version) in
*+record*) ;;
*) echo "1..0 # SKIP built without recordings" && exit 0 ;;
esac
TZ=Europe/Berlin
export TZ
tables=$("$mmlens" columns -r -n -o table | uniq)
free_tables=
for t in $tables; do
	case $("$mmlens" "$t" --help) in
	"Usage: mmlens $t [OPTIONS]"*) free_tables="$free_tables $t" ;;
	esac
done

# equal DESCRIPTION ROOT-ARGS... -- REPLAY-ARGS...: every table, in every format, and why cells are absent
equal() {
	what=$1 tree=$2 recording=$3
	differ=
	for t in $free_tables; do
		# What is in all blocks of memory is recorded only if it is asked for.
		columns=--all-columns
		case $t in orders | processes) columns= ;; esac
		for format in "" -r -J --csv; do
			"$mmlens" --root "$tree" "$t" $columns $format >"$tmp/a" 2>"$tmp/a.err"
			"$mmlens" --replay "$recording" --at begin "$t" $columns $format >"$tmp/b" 2>"$tmp/b.raw"
			grep -v ', sample 1 of ' "$tmp/b.raw" >"$tmp/b.err"
			cmp -s "$tmp/a" "$tmp/b" && diff "$tmp/a.err" "$tmp/b.err" >"$tmp/diff" || {
				differ="$differ $t$format"
				diff "$tmp/a" "$tmp/b" | head -n 4 | cut -c 1-300 | sed 's/^/# /'
				head -n 6 "$tmp/diff" | sed 's/^/# /'
			}
		done
	done
	is "$differ" "" "$what"
}

# Of a captured tree.
tree=$srcdir/tests/tui/trees/first
"$mmlens" --root "$tree" record "$tmp/tree.mml" $free_tables >"$tmp/out" 2>&1
is "$?: $(cat "$tmp/out")" "0: " "a captured tree is recorded, and nothing is said"
equal "each table of it, in each format, byte for byte" "$tree" "$tmp/tree.mml"

# Of this machine.
"$mmlens" record "$tmp/live" -d 0.2 -c 3 >"$tmp/out" 2>&1
is "$?: $(cat "$tmp/out")" "0: " "this machine is recorded"
is "$(stat -c %a "$tmp/live" "$tmp/live"/*.mml | sort -u | tr '\n' ' ')" "600 700 " "for nobody else to read"
"$mmlens" --replay "$tmp/live" --at begin capture "$tmp/moment" >"$tmp/out" 2>&1
is "$?: $(cat "$tmp/out")" "0: " "a moment is captured out of it"
differ=
for t in $free_tables; do
	# Kernel logs and events are not recorded unasked.
	# Who looks once, as at a tree, does not look for all that is found.
	case $t in oom | oom_* | faults | tlb | findings) continue ;; esac
	# A recording knows that the machine has no KFENCE, and a tree may only lack the file.
	columns=--all-columns
	case $t in slab | processes | orders) columns= ;; esac
	for format in "" -r --csv; do
		"$mmlens" --root "$tmp/moment" "$t" $columns $format >"$tmp/a" 2>/dev/null
		"$mmlens" --replay "$tmp/live" --at begin "$t" $columns $format >"$tmp/b" 2>/dev/null
		cmp -s "$tmp/a" "$tmp/b" || {
			differ="$differ $t$format"
			diff "$tmp/a" "$tmp/b" | head -n 4 | cut -c 1-300 | sed 's/^/# /'
		}
	done
done
is "$differ" "" "and each table is the same in both"
like "$("$mmlens" --replay "$tmp/live" faults 2>&1)" "^mmlens: faults: not recorded; needs a recording of it" \
	"what was not recorded is not shown as nothing"

# Moments.
times=$("$mmlens" --replay "$tmp/live" -c 9 meminfo -l 1 -n -r | grep -c '^MemTotal ')
is "$times" 3 "-c prints as many moments as there are"
is "$("$mmlens" --replay "$tmp/live" -c 2 meminfo -l 1 -n | grep -c '^20..-..-.. ..:..:.. +0[12]00$')" 2 \
	"each under its local time"
is "$("$mmlens" --replay "$tmp/live" --begin begin --end end psi -J | jq -r '.interval == null' | tr '\n' ' ')" \
	"true false false " "rates are those of the moment before; the first has none"
is "$("$mmlens" --replay "$tmp/live" psi -J | jq -r '.interval == null')" false "nor is there a doubt about the last"
is "$("$mmlens" --replay "$tmp/live" --at end psi -J)" "$("$mmlens" --replay "$tmp/live" psi -J)" "the last is what is shown unasked"
"$mmlens" --replay "$tmp/live" --at @1000000000 psi >"$tmp/out" 2>"$tmp/err"
like "$?: $(cat "$tmp/out" "$tmp/err")" "^1: mmlens: --at: '@1000000000' is outside: it was recorded from 20.* to 20" \
	"a time outside is an error that says from when to when"
"$mmlens" --replay "$tmp/live" --at noonish psi >"$tmp/out" 2>"$tmp/err"
like "$?: $(cat "$tmp/out" "$tmp/err")" "^2: mmlens: --at: 'noonish': " "no time at all is a usage error"

# usage DESCRIPTION EXPECTED ARGS...: a usage error
usage() {
	what=$1 expected=$2
	shift 2
	"$mmlens" "$@" >"$tmp/out" 2>"$tmp/err"
	is "$?: $(cat "$tmp/out" "$tmp/err")" "2: mmlens: $expected" "$what"
}
usage "a time without a recording" \
	"--at, --begin and --end are times of a recording: name it with --replay" --at 10m slab
usage "a moment and a range" "--at is one moment, and --begin and --end are a range" \
	--replay "$tmp/live" --at end --end end slab
usage "two places to read from" "--replay and --root: files are read from one of them" \
	--replay "$tmp/live" --root "$tree" slab
usage "limits of nothing" \
	"--keep-age, --keep-size, --keep-free and --no-args are for record" --keep-age 1d slab
usage "an age that is none" "--keep-age: '7 days' is not an age such as 7d or 12h" \
	record "$tmp/x" --keep-age "7 days"
usage "slow in words" "--slow: 'now and then' is not a number of seconds" record "$tmp/x" --slow "now and then"
usage "too often" "record: there are at least 0.1 seconds from sample to sample" \
	record "$tmp/x" -d 0.01
usage "a table that is none" "unknown table 'slap'; did you mean 'slab'?" record "$tmp/x" slap

# refused DESCRIPTION EXPECTED ARGS...: status 1 and one line
refused() {
	what=$1 expected=$2
	shift 2
	timeout 10 "$mmlens" "$@" >"$tmp/out" 2>"$tmp/err"
	like "$?: $(cat "$tmp/out" "$tmp/err")" "^1: mmlens: $expected\$" "$what"
}
echo nothing >"$tmp/foreign"
mkdir "$tmp/empty"
mkfifo "$tmp/fifo"
refused "a foreign file" "$tmp/foreign: not a recording of mmlens.*" --replay "$tmp/foreign" slab
refused "a directory without a recording" "$tmp/empty: not a recording of mmlens.*" --replay "$tmp/empty" slab
refused "a FIFO" "$tmp/fifo: not a recording of mmlens.*" --replay "$tmp/fifo" slab
refused "a device" "/dev/null: not a recording of mmlens.*" --replay /dev/null slab
refused "no file" "$tmp/nowhere: No such file or directory" --replay "$tmp/nowhere" slab
refused "recordings of a foreign file" "recordings: $tmp/foreign: not a recording of mmlens.*" recordings "$tmp/foreign"
refused "a file that is there" "$tmp/tree.mml: it is there already" record "$tmp/tree.mml"

# A recorder among others, and its end.
"$mmlens" record "$tmp/long" -d 0.1 psi >"$tmp/out" 2>&1 &
recorder=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$("$mmlens" recordings "$tmp/long" -r -n -o samples 2>/dev/null || echo 0)" -gt 3 ] && break
	sleep 0.1
done
refused "a second recorder" "$tmp/long: process $recorder records there" record "$tmp/long" -d 0.1 psi
kill -HUP "$recorder"
sleep 0.5
is "$("$mmlens" recordings "$tmp/long" -r -n -o ended 2>&1 | tr '\n' ' ')" "yes no " "SIGHUP begins another file, and readers disturb nobody"
kill -TERM "$recorder"
wait "$recorder"
is "$?: $(cat "$tmp/out")" "0: " "SIGTERM ends it cleanly"
is "$("$mmlens" recordings "$tmp/long" -r -n -o ended 2>&1 | tr '\n' ' ')" "yes yes " "and the file with it"
# On a busy machine samples are missed; nothing else may be.
is "$("$mmlens" recordings "$tmp/long" -r -n -o gaps | sed 's/\\040/ /g' | tr ';' '\n' | sed 's/^ *//' | grep -v '^-$' | grep -v 'samples\{0,1\} missed: the recorder was late$')" "" "... which is nothing but what came too late"
like "$("$mmlens" --replay "$tmp/long" slab 2>&1)" "^mmlens: .*
mmlens: slab: /proc/slabinfo: not recorded; needs a recording of it\$" "a table that was not recorded says so"

# Who is killed loses nothing that was written.
"$mmlens" record "$tmp/killed" -d 0.1 psi &
recorder=$!
sleep 0.7
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
n=$("$mmlens" recordings "$tmp/killed" -r -n -o samples)
[ "$n" -gt 2 ]
ok $? "what a killed recorder wrote is there ($n samples)"
"$mmlens" record "$tmp/killed" -d 0.1 -c 2 psi
is "$("$mmlens" --replay "$tmp/killed" -c 99 psi -r -n -l 1 2>"$tmp/err" | grep -c '^cpu\|^memory')" $((n + 2)) \
	"and the next one goes on behind it"
like "$(cat "$tmp/err")" "^mmlens: before .*: nothing was recorded for [0-9.]*m?s\$" "with a gap that is told"

# A piece of it.
"$mmlens" --replay "$tmp/live" --begin begin -c 2 record "$tmp/piece.mml" >"$tmp/out" 2>&1
is "$?: $(cat "$tmp/out")" "0: " "a piece is cut out"
is "$("$mmlens" recordings "$tmp/piece.mml" -r -n -o samples)" 2 "as long as was asked for"
is "$("$mmlens" --replay "$tmp/piece.mml" --begin end -c 1 dump | cksum)" \
	"$("$mmlens" --replay "$tmp/live" --begin begin -c 2 dump | tail -n 1 | cksum)" "and the same in all tables"
refused "a piece into a recording" "$tmp/live: there is a recording already" --replay "$tmp/killed" record "$tmp/live"

# What is left out.
sh -c 'exec sleep 98765' &
sleeper=$!
sleep 0.1
"$mmlens" record "$tmp/args" -c 1 processes
"$mmlens" record "$tmp/noargs" -c 1 --no-args processes
is "$("$mmlens" --replay "$tmp/args" processes -p "$sleeper" -o command -n -r 2>/dev/null)" 'sleep\04098765' "command lines are recorded"
is "$("$mmlens" --replay "$tmp/noargs" processes -p "$sleeper" -o comm -n -r 2>/dev/null)" sleep "the process is there without them, too"
"$mmlens" --replay "$tmp/noargs" capture "$tmp/noargs.tree"
is "$(find "$tmp/noargs.tree" -name cmdline)" "" "and what nobody recorded is in no capture"
kill "$sleeper"
wait "$sleeper" 2>/dev/null

# What hardly changes is not read for each sample.
fail=$builddir/tests/torture/fail.so
caches=$(ls -d /sys/kernel/slab/*/min_partial 2>/dev/null | wc -l)
if [ "$caches" -gt 0 ] && [ -r "$(ls -d /sys/kernel/slab/*/min_partial | head -n 1)" ] && [ -e "$fail" ] &&
	[ -n "$(LD_PRELOAD=$fail "$mmlens" --version 2>/dev/null)" ]; then
	for slow in 60 0; do
		LD_PRELOAD=$fail MMLENS_FAIL_TOLD=$tmp/told.$slow "$mmlens" record "$tmp/slow.$slow" -d 0.1 -c 3 --slow $slow slab
	done
	is "$(sort "$tmp/told.60" | uniq -c | awk '/min_partial$/ && $1 != 1' | wc -l)" 0 "the layout of slab caches is read once"
	is "$(sort "$tmp/told.0" | uniq -c | awk '/min_partial$/ && $1 > 1' | wc -l | awk '{ print ($1 > 0) }')" 1 \
		"and with --slow 0 for each sample"
	is "$("$mmlens" --replay "$tmp/slow.60" -c 3 slab -o name,min_partial -n -r | grep -c ' -$')" \
		"$("$mmlens" --replay "$tmp/slow.0" -c 3 slab -o name,min_partial -n -r | grep -c ' -$')" "all the same it is there in each"
else
	skip "there is no /sys/kernel/slab that can be read, or nothing can be preloaded"
fi

# A disk that is too full for the limits is said at once.
"$mmlens" record "$tmp/full" -c 1 --keep-free 99% psi >"$tmp/out" 2>&1
like "$?: $(cat "$tmp/out")" "^1: mmlens: $tmp/full: nothing can be recorded: of .* on this disk .* are free, and --keep-free 99% leaves no room
mmlens: $tmp/full: a sample is lost: no room within the limits\$" "a recorder that cannot record says so"
done_testing
