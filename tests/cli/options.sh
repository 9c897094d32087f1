#!/bin/sh
# Every option, every exit status, every hint. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

tree=$tmp/tree
mkdir -p "$tree/proc" "$tree/mmlens"
printf 'page_size=4096\nmachine=x86_64\nkernel=6.1\ntime=1700000000.500000000\nmono_ns=5\nnodes=1\n' >"$tree/mmlens/host"
printf 'MemTotal: 1000 kB\nMemFree: 300 kB\nActive: 100 kB\nInactive: 50 kB\nSlab: 10 kB\nHugePages_Total: 0\n' >"$tree/proc/meminfo"
cat >"$tree/proc/slabinfo" <<S
slabinfo - version: 2.1
# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables : slabdata
dentry 100 210 192 21 1 : tunables 0 0 0 : slabdata 10 10 0
kmalloc-8k 4 4 8192 4 8 : tunables 0 0 0 : slabdata 1 1 0
inode_cache 500 500 600 13 2 : tunables 0 0 0 : slabdata 40 40 0
a b,c 1 1 64 64 1 : tunables 0 0 0 : slabdata 1 1 0
S

# run WORDS...: $out and $err, status in $st
run() {
	"$mmlens" "$@" >"$tmp/out" 2>"$tmp/err"
	st=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}
# on WORDS...: the same of the tree
on() {
	run --root "$tree" "$@"
}
# good DESCRIPTION EXPECTED WORDS...
good() {
	desc=$1
	want=$2
	shift 2
	on "$@"
	is "$st|$err|$out" "0||$want" "$desc"
}
# usage ERROR WORDS...: status 2, one line on stderr, nothing on stdout
usage() {
	want=$1
	shift
	run "$@"
	is "$st|$out|$err" "2||mmlens: $want" "usage: $*"
}

good "default columns of -o, default sort" 'inode_cache
dentry
kmalloc-8k
a b,c' slab -o cache -n
good "-o in order, -s ascending" ' 64B a b,c
192B dentry
600B inode_cache
8.0K kmalloc-8k' slab -n -o obj_size,cache -s obj_size
out1=$("$mmlens" --root "$tree" slab -r | head -n 1)
out2=$("$mmlens" --root "$tree" slab -r -o +obj_size,objs_per_slab,pages_per_slab | head -n 1)
is "$out2" "$out1" "+COL adds none twice"
on slab -r -o +aliases
like "$out" '^CACHE .* ALIASES' "+COL adds behind the default ones"
on slab --all-columns --csv
is "$(printf '%s\n' "$out" | head -n 1 | tr ',' '\n' | wc -l)" \
	"$("$mmlens" columns slab -n -r -o column | wc -l)" "--all-columns"
good "-s descending, two keys" 'kmalloc-8k 1
a\040b,c 1
dentry 10
inode_cache 40' slab -n -r -o cache,slabs -s slabs,-cache
good "-f with a size" 'inode_cache
dentry
kmalloc-8k' slab -n -o cache -f 'size >= 32K'
good "-f twice is and" 'kmalloc-8k' slab -n -o cache -f 'size >= 32K' --filter 'cache ~ ^k'
good "-f on a column not shown" 'dentry' slab -n -o slabs,cache -o cache -f 'slabs = 10'
good "-l" inode_cache slab -n -o cache -l 1
good "--limit larger than all" "$(printf 'inode_cache\ndentry\nkmalloc-8k\na b,c')" slab -n -o cache --limit=99
good "--total: the sum of the rows shown" "$("$mmlens" --root "$tree" slab -n -r -o cache,size -l 2 |
	awk '{ print; s += $2 } END { print "total " s }')" slab -n -r -o cache,size -l 2 --total
good "--total of no rows" '' slab -n -o cache -f 'size = 1' --total
usage "--total: the rows of meminfo cannot be added up" slab meminfo --total
good "-b" '327680' slab -n -o size -b -l 1
good "sizes in binary units" 'SIZE
320K' slab -o size -l 1
good "--csv" 'cache,size
"a b,c",4096' slab --csv -o cache,size -f 'slabs = 1 and size < 8K'
good "-r" 'CACHE SIZE
a\040b,c 4096' slab -r -o cache,size -f 'slabs = 1 and size < 8K'
good "CSV without heads" '"a b,c"' slab --csv -n -o cache -f 'obj_size = 64'
on -J meminfo -l 1
like "$out" '"tables":' "-J"
if command -v jq >/dev/null; then
	is "$(printf '%s' "$out" | jq -c '.tables.meminfo, .schema, .time, .interval, .host.kernel, .host.page_size')" \
		'[{"name":"MemTotal","value":1000,"unit":"kB","bytes":1024000}]
1
"2023-11-14T22:13:20.500Z"
null
"6.1"
4096' "the document"
	on meminfo -J -o bytes -f 'name = HugePages_Total'
	is "$(printf '%s' "$out" | jq -c .tables.meminfo)" '[{"bytes":null}]' "absent is null"
	on meminfo -J -c 2 -d 0.01
	is "$(printf '%s\n' "$out" | wc -l):$(printf '%s\n' "$out" | jq -s length)" "2:2" \
		"-c: one document a line"
	on dump
	is "$st|$err|$(printf '%s' "$out" | jq -r '.tables.slab | length')" "0||4" "dump"
	is "$(printf '%s' "$out" | jq -r '.unavailable.buddy.reason')" \
		"/proc/buddyinfo: not in this tree" "dump holds the reasons"
else
	for i in 1 2 3 4 5; do skip "jq is not installed"; done
fi
good "-c with text parts the samples by a line" 'NAME
MemTotal

NAME
MemTotal' meminfo -o name -l 1 -c 2 -d 0.01
on columns meminfo -r -n -o column
is "$out" 'name
value
unit
bytes
help' "columns TABLE"
on columns
like "$out" 'zones +start_pfn' "columns of every table"
on sources -r -n -o path,readable -f 'table = slab or table = buddy'
like "$out" '^/proc/slabinfo yes$' "sources: readable"
like "$out" '^/proc/buddyinfo no$' "sources: not readable"
mkdir "$tree/proc/vmstat"
mkdir -p "$tree/sys/kernel/slab"
on sources --csv -n -o path,readable,reason -f 'path = /proc/vmstat or path = /sys/kernel/slab'
like "$out" '^/proc/vmstat,no,/proc/vmstat: not a file$' "sources: a directory in place of a file"
like "$out" '^/sys/kernel/slab,yes,$' "sources: a directory"
rmdir "$tree/proc/vmstat" "$tree/sys/kernel/slab"
run --version
like "$st $out" '^0 mmlens [0-9.]+' "--version"
run -V
like "$st $out" '^0 mmlens [0-9.]+' "-V"
for w in -h --help; do
	run $w
	like "$st $out" '^0 Usage: mmlens' "$w"
done
for t in $("$mmlens" columns -r -n -o table | uniq); do
	run "$t" --help
	[ "$st" = 0 ] && [ -z "$err" ] &&
		[ "$(printf '%s\n' "$out" | grep -c '^ [* ] [a-z]')" = "$("$mmlens" columns "$t" -r -n | wc -l)" ]
	ok $? "$t --help lists its columns"
done
on
is "$st|$(printf '%s\n' "$out" | tail -n 1 | cut -d' ' -f1)" "0|unaccounted" "nothing asked for, no terminal: balance"

# What is wrong is named, with what is near it.
usage "unknown command or table 'slba'; did you mean 'slab'?" slba
usage "unknown table 'meminf'; did you mean 'meminfo'?" slab meminf
usage "unknown command or table 'nonsense_word'; 'mmlens --help' lists them" nonsense_word
usage "unknown table 'slap'; did you mean 'slab'?" columns slap
usage "table 'slab' is named twice" slab slab
usage "unknown option '--colums'; did you mean '--columns'?" slab --colums x
usage "unknown option '--jsno=1'; did you mean '--json'?" slab --jsno=1
usage "unknown option '-x'; 'mmlens --help' lists them" slab -x
usage "option '-o' needs a value" slab -o
usage "option '--columns' needs a value" slab --columns
usage "option '--json' takes no value" slab --json=1
usage "table slab has no column 'sise'; did you mean 'size'?" slab -o sise
usage "table slab has no column 'sise'; did you mean 'size'?" slab -s -sise
usage "table slab has no column 'sise'; did you mean 'size'?" slab -f 'sise > 1'
usage "an empty list of columns" slab -o ''
usage "--limit: '0' is not a whole number above 0" slab -l 0
usage "--limit: '-1' is not a whole number above 0" slab -l -1
usage "--count: '1x' is not a whole number above 0" slab -c 1x
usage "--count: '18446744073709551616' is not a whole number above 0" slab -c 18446744073709551616
usage "--delay: '0' is not a time such as 0.5, 500ms, 10s, 1m or 2h (0.001 seconds to a year)" slab -d 0
usage "--delay: '-1' is not a time such as 0.5, 500ms, 10s, 1m or 2h (0.001 seconds to a year)" slab -d -1
usage "--delay: 'soon' is not a time such as 0.5, 500ms, 10s, 1m or 2h (0.001 seconds to a year)" slab -d soon
usage "--color: 'red' is not auto, always or never" slab --color red
usage "--pid: 'x' is not a process id" slab -p x
usage "--pid: '0' is not a process id" slab -p 1,0
usage "--pid: '99999999999' is not a process id" slab -p 99999999999
usage "--pid: none of the tables asked for takes it" meminfo slab -p 1
usage "--range: none of the tables asked for takes it" processes -p 1 --range 0-1000
usage "dump takes no arguments: it prints every table" dump slab
usage "capture takes one directory to save to" capture
usage "capture takes one directory to save to" capture a b
usage "sources takes no arguments" sources slab
usage "filter: an operator (= != < <= > >= ~) is missing at the end" slab -f size
printf 'x' >"$tmp/file"
run --root "$tmp/none" slab
is "$st|$out|$err" "1||mmlens: --root: $tmp/none: No such file or directory" "no such tree"
run --root "$tmp/file" slab
is "$st|$out|$err" "1||mmlens: --root: $tmp/file: Not a directory" "a tree that is a file"
run "$(printf 'sl\033[31mab\n\302\233x')"
is "$st|$out|$err" "2||mmlens: unknown command or table 'sl\\033[31mab\\012\\302\\233x'; 'mmlens --help' lists them" \
	"a hostile word is shown harmlessly"

# As often as anybody likes.
set --
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do set -- "$@" -o "+aliases"; done
good "-o a dozen times: the last still counts" 'a b,c' slab -n "$@" -o cache -l 1 -s cache

# A table that is not there: its reason, the others all the same.
on buddy
is "$st|$out|$err" "1||mmlens: buddy: /proc/buddyinfo: not in this tree" "a table missing"
on buddy meminfo pagetypes -n -l 1
is "$st|$out" "1|MemTotal 1000 kB 1000K" "the others are shown, with no blank lines around"
is "$(printf '%s\n' "$err" | wc -l)" 2 "a line for each that is missing"

# Colour.
esc=$(printf '\033')
"$mmlens" --root "$tree" slab --color always | grep -q "$esc\[1m"
ok $? "--color always"
[ -z "$("$mmlens" --root "$tree" slab --color never | grep "$esc")" ]
ok $? "--color never"
[ -z "$("$mmlens" --root "$tree" slab | grep "$esc")" ]
ok $? "auto: a pipe has none"
if command -v script >/dev/null; then
	script -qec "'$mmlens' --root '$tree' slab -o cache" /dev/null </dev/null | grep -q "$esc\[1m"
	ok $? "auto: a terminal has"
	[ -z "$(script -qec "NO_COLOR=1 '$mmlens' --root '$tree' slab -o cache" /dev/null </dev/null | grep "$esc")" ]
	ok $? "NO_COLOR"
	script -qec "NO_COLOR= '$mmlens' --root '$tree' slab -o cache" /dev/null </dev/null | grep -q "$esc\[1m"
	ok $? "an empty NO_COLOR says nothing"
	script -qec "NO_COLOR=1 '$mmlens' --root '$tree' slab -o cache --color always" /dev/null </dev/null | grep -q "$esc\[1m"
	ok $? "--color always against NO_COLOR"
else
	for i in 1 2 3 4; do skip "script(1) is not installed"; done
fi

# Words that other programs use, and a heading for each program.
usage "unknown command or table 'numa'; did you mean 'nodes'?" numa
usage "unknown command or table 'SlabInfo'; did you mean 'slab'?" SlabInfo
usage "unknown table 'pressure'; did you mean 'psi'?" slab pressure
usage "--csv is one table: ask for slab and meminfo one by one, or use --json" slab meminfo --csv
is "$("$mmlens" --help | awk 'length > 80')" "" "--help has no line of more than 80 columns"
is "$("$mmlens" slab --help | awk 'length > 80')" "" "nor has that of a table"

# Samples behind each other.
on slab --csv -c 3 -d 0.01 -l 1 -o cache
is "$out" "cache
inode_cache
inode_cache
inode_cache" "CSV has one heading, whatever -c says"
on slab -r -c 2 -d 10ms -l 1 -o cache -n
is "$out" "inode_cache

inode_cache" "a delay with a unit"
usage "--delay: '1w' is not a time such as 0.5, 500ms, 10s, 1m or 2h (0.001 seconds to a year)" slab -d 1w
timeout -s INT 2 "$mmlens" --root "$tree" slab -c 0 -d 0.01 -l 1 -n -o cache >"$tmp/out"
[ "$(grep -c inode_cache "$tmp/out")" -gt 1 ]
ok $? "-c 0 goes on until it is interrupted"

# The time is a column of its own, and is not known of a tree that does not tell.
mkdir -p "$tree/mmlens"
echo "page_size=4096" >"$tree/mmlens/host"
on slab --time --csv -l 1 -o cache
is "$out" "time,cache
,inode_cache" "no time is an empty cell"
on slab --time -r -l 1 -o cache
is "$out" "TIME CACHE
- inode_cache" "or a dash"
printf 'page_size=4096\ntime=1764288663.120000000\n' >"$tree/mmlens/host"
on slab --time -l 1 -o cache
is "$out" "TIME                     CACHE
2025-11-28T00:11:03.120Z inode_cache" "--time"
good "--time without headings" '2025-11-28T00:11:03.120Z,"a b,c"' slab --time --csv -n -o cache -f 'obj_size = 64'

# What is absent is said once in a run, and not at all with -q; errors are.
tree=$srcdir/tests/fixtures/vm-two-nodes-6.1
run --root "$tree" balance -c 3 -d 0.01 -n -l 1
is "$(printf '%s\n' "$err" | grep -c 'not in this tree')" 1 "a note is said once"
run --root "$tree" balance -n -q -l 1
is "$st|$err" "0|" "-q says no notes"
run --root "$tree" psi -q
is "$st|$err" "1|mmlens: psi: /proc/pressure/memory: not in this tree" "but says errors"
done_testing
