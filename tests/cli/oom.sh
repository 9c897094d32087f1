#!/bin/sh
# `mmlens oom`: where the log comes from, its formats and statuses. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
unset COLUMNS

# run WORDS...: $out and $err, status in $st
run() {
	"$mmlens" "$@" >"$tmp/out" 2>"$tmp/err"
	st=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}
# usage ERROR WORDS...: status 2, one line on stderr, nothing on stdout
usage() {
	want=$1
	shift
	run "$@"
	is "$st|$out|$err" "2||mmlens: $want" "usage: $*"
}

printf '\033c\302\233x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n' |
	sed 's/^/[   12.500000] /' >"$tmp/log"
cat >>"$tmp/log" <<'END'
[   12.500001] memory: usage 65536kB, limit 65536kB, failcnt 12
[   12.500002] swap: usage 0kB, limit 9007199254740988kB, failcnt 0
[   12.500003] Memory cgroup stats for /a:
[   12.500004] anon 61440000
[   12.500005] Tasks state (memory values in pages):
[   12.500006] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[   12.500007] [    168]     0   168    25847    15017   114688        0             0 hog
[   12.500008] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=hog,pid=168,uid=0
[   12.500009] Memory cgroup out of memory: Killed process 168 (hog) total-vm:103388kB, anon-rss:60068kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:112kB oom_score_adj:0
END

run oom "$tmp/log"
is "$st|$err" '0|' 'a file'
page=$out
like "$page" '^Report 1 of 1: lines 1 to 10$' 'a title'
like "$page" '^What happened  Out of memory in a control group \(12\.500 s after boot\):' 'a paragraph'
like "$page" '^Which limit    The limit of /a: 64\.0 MiB of 64\.0 MiB' 'the limit'
is "$(printf '%s\n' "$page" | awk 'length > 80')" '' 'no line is longer than 80 columns'
is "$(printf '%s\n' "$page" | awk 'NR > 1 && !/^[A-Z][a-z]/ && !/^               [^ ]/')" '' \
	'paragraphs go on below their text'
run oom - <"$tmp/log"
is "$st|$err|$out" "0||$page" 'standard input'
run oom --log "$tmp/log"
is "$st|$err|$out" "0||$page" '--log'
run oom -v "$tmp/log"
like "$(echo "$out" | tr -s ' \n' '  ')" 'That is rss 15017 \+ swap 0 \+ page tables 28 = 15045 pages' '-v: with the arithmetic'
COLUMNS=60 "$mmlens" oom "$tmp/log" >"$tmp/out"
is "$(awk 'length > 60' "$tmp/out")" '' 'COLUMNS is respected'
[ "$(awk 'length > 55' "$tmp/out" | wc -l)" -gt 3 ]
ok $? 'and used'

mkdir -p "$tmp/tree/dev"
awk '{ sub(/^\[ *12\.5/, ""); split($1, t, "]"); $1 = ""; printf "6,%d,%d,-;%s\n", NR, 12500000 + NR, substr($0, 2) }' \
	"$tmp/log" >"$tmp/tree/dev/kmsg"
run --root "$tmp/tree" oom
is "$st|$err" '0|' 'the log of a tree'
like "$out" '^Report 1 of 1: lines 1 to 10$' 'explained'
run --root "$tmp/tree" oom_tasks -r -o name,state,points,rss
is "$st|$err|$out" '0||NAME STATE POINTS RSS
hog victim 15045 61509632' 'its parts'
run --root "$tmp/tree" capture "$tmp/again"
cmp "$tmp/tree/dev/kmsg" "$tmp/again/dev/kmsg"
ok $? 'a capture has it'
run oom_tasks --log "$tmp/log" -r -o name,state,points,rss -n
is "$st|$err|$out" '0||hog victim 15045 61509632' 'the parts of a file'

run oom -J "$tmp/log"
is "$st|$err|$(echo "$out" | grep -o '"oom[a-z_]*":\[' | tr '\n' ' ')" \
	'0||"oom":[ "oom_tasks":[ "oom_zones":[ "oom_balance":[ "oom_slabs":[ "oom_cgroups":[ "oom_kills":[ ' \
	'a document has all parts'
run oom -J -o report,kind,victim "$tmp/log"
like "$out" '^\{"report":1,"kind":"memcg_oom","victim":"hog"\}$' 'or the columns asked for'
is "$(echo "$out" | grep -c oom_tasks)" 0 'and no other table'
run oom --csv -o report,kind,limit_of "$tmp/log"
is "$st" 2 'a column that there is not'
run oom --csv -o report,kind,oom_memcg "$tmp/log"
is "$st|$err|$out" '0||report,kind,oom_memcg
1,memcg_oom,/a' 'CSV'
run oom -o report,victim "$tmp/log"
is "$st|$err|$out" '0||REPORT KILLED
     1 hog' 'columns make a table'
run oom -f 'kind = oom' "$tmp/log"
is "$st|$err|$out" '0||' 'a filter keeps reports'
run slab --page --root "$tmp/tree"
is "$st" 1 'any table can be printed as pages'

# What is in the log never steers the terminal.
for format in '' '-v' '--all-columns' '--all-columns -r' '--all-columns --csv' '-J' '--page --all-columns'; do
	# shellcheck disable=SC2086
	"$mmlens" oom $format "$tmp/log" >"$tmp/out"
	is "$(LC_ALL=C tr -d '\n -~\302\303' <"$tmp/out" | LC_ALL=C od -An -c)" '' "nothing harmful: ${format:-a page}"
	like "$(cat "$tmp/out")" 'x' 'but the name is there'
done

: >"$tmp/empty"
run oom "$tmp/empty"
none='mmlens: oom: no out-of-memory kill, failed allocation or memory dump is in this log'
is "$st|$err|$out" "1|$none|" 'an empty file has no report'
echo 'Nov  5 22:41:40 web-1 sshd[81]: hello' >"$tmp/empty"
run oom -J "$tmp/empty"
is "$st|$err" "1|$none" 'nor has another log, and a document says so too'
is "$(echo "$out" | tr -d '\n' | grep -o '"oom":\[\]')" '"oom":[]' 'the document is whole'
run oom "$tmp/nowhere"
is "$st|$err|$out" "1|mmlens: $tmp/nowhere: No such file or directory|" 'no such file'
run oom "$tmp"
is "$st|$err|$out" "1|mmlens: $tmp: Is a directory|" 'a directory'
printf '\037\213\010\000' >"$tmp/log.gz"
run oom "$tmp/log.gz"
is "$st|$err|$out" "1|mmlens: $tmp/log.gz: not text; try: zcat $tmp/log.gz | mmlens oom -|" 'a compressed file'
run oom - <"$tmp/log.gz"
is "$st|$err|$out" '1|mmlens: standard input: not text; try: zcat ... | mmlens oom -|' 'and on standard input'
run --root "$tmp" oom
is "$st|$out" '1|' 'a tree without a log'
like "$err" '^mmlens: oom: /dev/kmsg: not in this tree' 'with its reason'
usage 'oom takes one kernel log, or - for standard input' oom a b
usage '--log: none of the tables asked for takes it' slab --log "$tmp/log"
usage "option '--log' needs a value" oom --log

# Every log there is, in every format.
logs=${MMLENS_OOM:-$srcdir/../shared/oom}
if [ -d "$logs" ]; then
	bad=
	for log in "$logs"/*.log; do
		for format in '-v' '--all-columns --csv' '-J'; do
			# shellcheck disable=SC2086
			"$mmlens" oom $format "$log" >"$tmp/out" 2>"$tmp/err" || bad="$bad ${log##*/}($format)"
			LC_ALL=C grep -q '[^ -~]' "$tmp/out" && LC_ALL=C grep -a '[^ -~]' "$tmp/out" |
				grep -qv '^[[:print:]]*$' && bad="$bad ${log##*/}($format): not harmless"
			[ -s "$tmp/err" ] && bad="$bad ${log##*/}($format): $(head -n 1 "$tmp/err")"
		done
	done
	is "$bad" '' 'every log is explained, and nothing in it is harmful'
else
	skip "no kernel logs in $logs: set MMLENS_OOM"
fi

# This machine's own.
run oom
if [ -r /dev/kmsg ] && dd if=/dev/kmsg of=/dev/null count=1 bs=8192 iflag=nonblock 2>/dev/null; then
	like "$st|$err" "^(0\\||1\\|$none)" 'the ring of this machine'
else
	like "$st|$err" '^1\|mmlens: oom: /dev/kmsg: .*' 'the ring of this machine cannot be read, and why'
fi
done_testing
