#!/bin/sh
# Table `processes` against /proc itself, ps and smem, on processes that keep still.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

page=$(getconf PAGESIZE)
sleep 611 &
quiet=$!
sh -c 'kill -STOP $$' 'a  b' "$(printf 'tab\there\nand a newline')" &
stopped=$!
trap 'kill -KILL $quiet $stopped $alone 2>/dev/null; rm -rf "$tmp"' EXIT

# One that shares not even the C library with anybody: what others do is not seen in its PSS.
alone=
ldd "$(command -v sleep)" >"$tmp/ldd" 2>/dev/null
linker=$(awk '$1 ~ /^\// && $2 != "=>" { print $1; exit }' "$tmp/ldd")
if [ -n "$linker" ] && mkdir "$tmp/alone" &&
	cp "$linker" "$tmp/alone/sleep" && cp "$(command -v sleep)" "$tmp/alone/program" &&
	awk '$2 == "=>" && $3 ~ /^\// { print $3 }' "$tmp/ldd" |
	while read -r library; do cp "$library" "$tmp/alone" || exit 1; done; then
	LC_ALL=C "$tmp/alone/sleep" --library-path "$tmp/alone" "$tmp/alone/program" 612 &
	alone=$!
fi

# settle PID STATE COMM: wait until it has become what it will be. A program that sleeps without
# waiting for a disk has been loaded and linked.
settle() {
	for _ in $(seq 600); do
		grep -q "^State:.$2" "/proc/$1/status" && [ "$(cat "/proc/$1/comm")" = "$3" ] && return
		sleep 0.1
	done
	return 1
}
settle $quiet S sleep && settle $stopped T sh
ok $? "processes that keep still"
if [ -n "$alone" ]; then
	settle $alone S sleep 2>/dev/null || alone=
fi

# cell PID COLUMN; with ALL set it is found among all processes, which are read in another way
all=
cell() {
	if [ -n "$all" ]; then
		"$mmlens" processes -f "pid = $1" -n -r -b -o "$2" 2>/dev/null
	else
		"$mmlens" processes -p "$1" -n -r -b -o "$2" 2>/dev/null
	fi
}
# kb FILE FIELD: in bytes, "-" where there is none
kb() {
	awk -v field="$2:" '$1 == field { sum += $2 * 1024; any = 1 }
		END { if (any) printf "%.0f\n", sum; else print "-" }' "$1" 2>/dev/null || echo -
}

# between PID FILE HOW COLUMNS DESCRIPTION: the columns, taken between two readings of FILE that say
# the same by HOW. Memory may be taken from who keeps still, too.
between() {
	for _ in $(seq 200); do
		want=$($3 "/proc/$1/$2")
		got=$(cell "$1" "$4" | sed 's/\\040/ /g')
		if [ "$want" = "$($3 "/proc/$1/$2")" ]; then
			is "$got" "$want" "$5"
			return
		fi
	done
	skip "$5: $2 never stayed the same while it was read"
}
statm_of() {
	awk -v page="$page" '{ printf "%.0f %.0f\n", $2 * page, ($2 - $3) * page }' "$1"
}
status_of() {
	for field in RssFile RssShmem VmSwap VmHWM VmLck VmPTE HugetlbPages VmData VmStk VmExe VmLib; do
		kb "$1" $field
	done | tr '\n' ' ' | sed 's/ $//'
}
nodes_of() {
	tr ' ' '\n' <"$1" | awk -v page="$page" '
		/^N[0-9]+=/ { split(substr($0, 2), n, "="); sum[n[1]] += n[2] * page }
		END { for (i = 0; i < 1024; i++) if (sum[i]) { printf "%sN%d=%.0f", sep, i, sum[i]; sep = " " } }'
}
shares_of() {
	echo "$(kb "$1" Pss) $(($(kb "$1" Private_Clean) + $(kb "$1" Private_Dirty)))"
}

for pid in $quiet $stopped; do
	proc=/proc/$pid
	between $pid statm statm_of rss,rss_anon "rss and rss_anon of $pid"
	between $pid status status_of \
		rss_file,rss_shmem,swap,rss_peak,locked,page_tables,hugetlb,data,stack,text,lib "status"
	# Behind the last parenthesis the fields have no blanks.
	stat=$(sed 's/.*) //' $proc/stat)
	# shellcheck disable=SC2086
	set -- $stat
	is "$(cell $pid state,ppid)" "$1 $2" "state and parent"
	is "$(cell $pid min_faults,maj_faults,threads,vsize)" "$8 ${10} ${18} ${21}" "faults, threads, vsize"
	is "$(cell $pid oom_score,oom_score_adj)" "$(cat $proc/oom_score) $(cat $proc/oom_score_adj)" "oom"
	is "$(cell $pid comm)" "$(cat $proc/comm)" "comm"
	if [ -r $proc/smaps_rollup ]; then
		# What it shares changes as others come and go; what is its own does not.
		is "$(cell $pid pss_anon)" "$(kb $proc/smaps_rollup Pss_Anon)" "pss_anon"
		parts=$(cell $pid uss,pss,pss_anon,shared_clean,shared_dirty)
		# shellcheck disable=SC2086
		set -- $parts
		ok $(($# != 5 || $1 > $2 || $3 > $2 || $2 > $1 + $4 + $5)) "uss, pss, pss_anon and what is shared: $parts"
	else
		skip "smaps_rollup: Linux 4.14"
		skip "smaps_rollup: Linux 4.14"
	fi
	if [ -r $proc/numa_maps ]; then
		between $pid numa_maps nodes_of nodes "nodes"
		all=yes
		between $pid numa_maps nodes_of nodes "nodes, among all processes"
		all=
	else
		skip "no numa_maps"
		skip "no numa_maps"
	fi
done
is "$("$mmlens" processes -p $quiet -n --csv -o command)" "sleep 611" "command line"
is "$("$mmlens" processes -p $stopped -J -o command | sed -n 's/.*"command":"\([^"]*\)".*/\1/p')" \
	'sh -c kill -STOP $$ a  b tab\there\nand a newline' "a command line with blanks and a newline in it"

# Of the one that shares with nobody but the kernel's own page for all.
if [ -z "$alone" ] || [ ! -r /proc/$alone/smaps_rollup ]; then
	skip "no process that shares nothing"
elif [ "$(kb /proc/$alone/smaps_rollup Shared_Clean)" -gt 32768 ]; then
	skip "it shares with others: $(kb /proc/$alone/smaps_rollup Shared_Clean)"
else
	between $alone smaps_rollup shares_of pss,uss "pss and uss"
fi

# The sum over all mappings is the rollup's.
swap_of() {
	kb "$1" SwapPss
}
if [ -r /proc/$quiet/smaps_rollup ]; then
	between $quiet smaps swap_of swap_pss "smaps sums up to the same"
else
	skip "smaps_rollup: Linux 4.14"
fi

# ps says the same of everything that stays as it is.
if command -v ps >/dev/null; then
	is "$("$mmlens" processes -p $quiet -n -r -b -o pid,ppid,threads,min_faults,maj_faults,comm)" \
		"$(ps -o pid=,ppid=,nlwp=,min_flt=,maj_flt=,comm= -p $quiet | awk '{ $1 = $1; print }')" "as ps has it"
	is "$("$mmlens" processes -p $quiet -n -r -o user)" "$(ps -o user:64= -p $quiet | tr -d ' ')" "user, as ps has it"
else
	skip "no ps"
	skip "no ps"
fi

# Kernel threads: no memory, not none of it.
if kthread=$("$mmlens" processes -n -r -f 'kthread = yes' -o pid,rss,pss,vsize,swap -l 1 2>/dev/null) && [ -n "$kthread" ]; then
	is "${kthread#* }" "- - - -" "a kernel thread has no memory columns"
else
	skip "no kernel threads to be seen here"
fi
"$mmlens" processes -p 4194999 >"$tmp/out" 2>"$tmp/err"
is "$? $(cat "$tmp/err")" "1 mmlens: processes: no process 4194999" "no such process"

# As somebody else: what stat and status give of others, and the reason for the rest.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as="setpriv --reuid 65534 --regid 65534 --clear-groups"
	if $as "$mmlens" --version >/dev/null 2>&1; then
		$as "$mmlens" processes -p $quiet -n -r -b -o rss,swap,pss >"$tmp/out" 2>"$tmp/err"
		is "$? $(cat "$tmp/out")" "0 $(cell $quiet rss,swap) -" "others: rss and swap, no pss"
		like "$(cat "$tmp/err")" 'processes.pss: /proc/PID/smaps_rollup: permission denied for 1 of 1 processes; needs ' "and why"
		# hidepid: others are not there, one's own are.
		cat >"$tmp/hide.sh" <<-'EOF'
			mount -t proc -o hidepid=$3 proc /proc || exit 77
			exec setpriv --reuid 65534 --regid 65534 --clear-groups \
				sh -c 'echo "self $$"; exec "$1" processes -n -r -o pid,comm' sh "$1"
		EOF
		for mode in 1 2; do
			unshare -m sh "$tmp/hide.sh" "$mmlens" "" $mode >"$tmp/out" 2>"$tmp/err"
			case $? in
			77) skip "procfs cannot be mounted with hidepid=$mode" ;;
			0)
				self=$(sed -n 's/^self //p' "$tmp/out")
				like "$(cat "$tmp/out")" "^$self mmlens\$" "hidepid=$mode: oneself is there"
				is "$(grep '^1 ' "$tmp/out" | grep -v -e ' -$')" "" "hidepid=$mode: of others nothing"
				;;
			*) ok 1 "hidepid=$mode: $(cat "$tmp/err")" ;;
			esac
		done
	else
		skip "nobody cannot run it from here"
	fi
else
	skip "needs root to become somebody else"
fi

# smem's PSS, where it is installed.
if [ -z "$alone" ]; then
	skip "no process that shares nothing"
elif command -v smem >/dev/null; then
	theirs=$(smem -c 'pid pss' 2>/dev/null | awk -v pid=$alone '$1 == pid { print $2 }')
	ours=$(($(cell $alone pss) / 1024))
	if [ -n "$theirs" ]; then
		ok $((ours - theirs > 8 || theirs - ours > 8)) "PSS: $ours KiB here, $theirs KiB by smem"
	else
		skip "smem does not see it"
	fi
else
	skip "smem is not installed"
fi
done_testing
