#!/bin/sh
# The event tables from the command line. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

why=$("$mmlens" sources -n -r -o readable,reason,needs -f "table = faults and path ~ '^BPF'")
case $why in
yes*) ;;
*)
	# What it says then is a test of its own.
	like "$why" '^no ' 'sources tells why page faults cannot be looked on'
	"$mmlens" faults >"$tmp/out" 2>"$tmp/err"
	is "$?" 1 'and asking for them fails'
	like "$(cat "$tmp/err")" '^mmlens: faults: ' 'with the reason on stderr'
	skip "page faults cannot be looked on here: $why"
	done_testing
	exit
	;;
esac

# Something that faults all the time: a shell that forks, and starts programs.
sh -c 'while :; do (:); /bin/true; done' &
busy=$!
trap 'kill $busy 2>/dev/null; rm -rf "$tmp"' EXIT

# until_seen PATTERN COMMAND...: with -d, on a busy machine for longer, into the file out
until_seen() {
	pattern=$1
	shift
	for seconds in 0.4 2 10 60; do
		"$@" -d $seconds >"$tmp/out"
		status=$?
		grep -Eq -- "$pattern" "$tmp/out" && break
	done
	return $status
}

ended='^true,[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*,yes$'
until_seen "$ended" "$mmlens" faults --csv -n -o comm,faults,user,write,instruction,minor,ended \
	-f "comm = 'true' and faults > 0"
is "$?" 0 'faults can be looked on'
like "$(cat "$tmp/out")" "$ended" 'processes that ended meanwhile are told of'

(ulimit -l 0 && until_seen . "$mmlens" faults -l 1 -n)
is "$(wc -l <"$tmp/out")" 1 'no memory needs to be locked'

until_seen . "$mmlens" faults -p $busy -n -r -o pid
is "$(uniq "$tmp/out")" "$busy" '-p tells of one process'

until_seen '\[stack\]' "$mmlens" faults --by vma -p $busy -r
like "$(head -n 1 "$tmp/out")" 'PID.*START.*END.*MAPPING' '--by vma shows the mappings unasked'
like "$(cat "$tmp/out")" '\[stack\]' 'and the stack of a shell that forks is among them'
until_seen . "$mmlens" faults --by vma -p $busy -n -r -o start,end,hottest,hottest_faults,faults \
	-f 'start > 0'
is "$(awk '{ if (!($3 >= $1 && $3 < $2) || $4 > $5 || $4 < 1) bad++ } END { print (NR > 0), bad + 0 }' \
	"$tmp/out")" '1 0' 'the hottest 2 MiB lie in their mapping'
until_seen 'the\\040kernel' "$mmlens" faults --by code -p $busy -n -r -o user,kernel,start,major_from,mapping
like "$(cat "$tmp/out")" '^0 [1-9][0-9]* - - \(the\\040kernel\)$' \
	'--by code: what the kernel touched for the process'
is "$(awk '$3 != "-" && $2 > 0' "$tmp/out")" '' 'and no code of the process faults in the kernel'
"$mmlens" faults --by vma >"$tmp/out" 2>"$tmp/err"
is "$?" 1 '--by vma without -p is refused'
like "$(cat "$tmp/err")" '-p' 'and says what it wants'
"$mmlens" faults --by vms -p $busy >"$tmp/out" 2>"$tmp/err"
is "$?" 2 'an unknown --by is a usage error'
like "$(cat "$tmp/err")" "'vms'.*'vma'" 'that names the word and the nearest one'
"$mmlens" faults --by vma -p 2147483647 -d 0.1 >"$tmp/out" 2>"$tmp/err"
is "$?" 1 'no such process is a failure'

# wait_for_links COUNT: until so many programs of process $pid are attached
wait_for_links() {
	tries=0
	while [ "$(cat /proc/$pid/fdinfo/* 2>/dev/null | grep -c '^link_id:')" -lt $1 ] &&
		[ $tries -lt 600 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

# Ctrl-C ends the observation and shows what there is; the tables after it are not waited for.
"$mmlens" faults -d 3600 -c 3 -n -o pid -l 1 >"$tmp/out" &
pid=$!
wait_for_links 5
"$mmlens" --version >"$tmp/version" # something that faults
kill -INT $pid
wait $pid
is "$?" 0 'Ctrl-C is no failure'
is "$(wc -l <"$tmp/out")" 1 'and shows what was seen until then'

# Tables that look on do so at the same time: both have their programs before one has ended.
"$mmlens" faults tlb -d 3600 >"$tmp/out" &
pid=$!
programs() {
	cat /proc/$pid/fdinfo/* 2>/dev/null | awk '/^prog_id:/ { print $2 }' | sort -u
}
wait_for_links 8
is "$(programs | wc -l)" 8 'faults and tlb look on together'

# Program ids are never given twice: those of a killed process must go.
bpftool=$(command -v bpftool || command -v /usr/sbin/bpftool)
ids=$(programs)
kill -KILL $pid
wait $pid 2>/dev/null
if [ -z "$bpftool" ]; then
	skip 'no bpftool to ask for what is left of them'
else
	tries=0
	left=7
	while [ $left -gt 0 ] && [ $tries -lt 300 ]; do
		left=0
		for id in $ids; do
			"$bpftool" prog show id "$id" >/dev/null 2>&1 && left=$((left + 1))
		done
		tries=$((tries + 1))
		[ $left = 0 ] || sleep 0.1
	done
	is "$left" 0 'nothing of them stays after SIGKILL'
fi

"$mmlens" capture "$tmp/tree" -p $busy -d 2
is "$?" 0 'capture'
for table in faults tlb; do
	live=$(sed -n "/^\"$table\":\\[/,/^\\]/p" "$tmp/tree/mmlens/dump.json")
	saved=$("$mmlens" $table --root "$tmp/tree" -p $busy -J --all-columns | sed -n "/^\"$table\":\\[/,/^\\]/p")
	[ -n "$saved" ]
	ok $? "$table can be read from a captured tree"
	is "$(echo "$saved" | sort | tr -d ',')" "$(echo "$live" | sort | tr -d ',')" \
		"and are what was seen live"
done
for seconds in 1 5 30; do
	rm -rf "$tmp/tree-vma"
	"$mmlens" capture "$tmp/tree-vma" -p $busy --by vma -d $seconds
	"$mmlens" faults --by vma -p $busy --root "$tmp/tree-vma" -n -r -o mapping >"$tmp/out"
	! grep -q '\[stack\]' "$tmp/out" || break
done
like "$(cat "$tmp/out")" '\[stack\]' 'faults by mapping can be read from a captured tree'
rm "$tmp/tree/mmlens/faults"
"$mmlens" faults --root "$tmp/tree" 2>"$tmp/err"
is "$?" 1 'a tree without them'
like "$(cat "$tmp/err")" 'not in this tree' 'says so'
printf 'mmltrace' >"$tmp/tree/mmlens/faults"
"$mmlens" faults --root "$tmp/tree" 2>"$tmp/err"
like "$?$(cat "$tmp/err")" '^1.*not what mmlens saves' 'a damaged one too'

chmod 755 "$tmp"
cat >"$tmp/nobody.sh" <<END
"$mmlens" faults -d 0.1 2>"$tmp/err-nobody"
END
: >"$tmp/err-nobody"
chmod 666 "$tmp/err-nobody"
if command -v setpriv >/dev/null &&
	setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '"$0" --version' "$mmlens" >/dev/null 2>&1; then
	setpriv --reuid 65534 --regid 65534 --clear-groups sh "$tmp/nobody.sh"
	is "$?" 1 'without privilege it is refused'
	like "$(cat "$tmp/err-nobody")" 'needs CAP_BPF and CAP_PERFMON' 'with what it takes'
else
	skip 'nobody cannot run the program here'
fi
done_testing
