#!/bin/sh
# Table `processes` against /proc itself, ps and smem, on processes that keep still.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

page=$(getconf PAGESIZE)
sleep 611 &
quiet=$!
sh -c 'kill -STOP $$' 'a  b' "$(printf 'tab\there')" &
stopped=$!
trap 'kill -KILL $quiet $stopped 2>/dev/null; rm -rf "$tmp"' EXIT
# until both have become what they will be
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q '^State:.T' /proc/$stopped/status && grep -q sleep /proc/$quiet/comm && break
	sleep 0.1
done

# cell PID COLUMN
cell() {
	"$mmlens" processes -p "$1" -n -r -b -o "$2" 2>/dev/null
}
# kb FILE FIELD: in bytes, "-" where there is none
kb() {
	awk -v field="$2:" '$1 == field { sum += $2 * 1024; any = 1 }
		END { if (any) printf "%.0f\n", sum; else print "-" }' "$1" 2>/dev/null || echo -
}

for pid in $quiet $stopped; do
	proc=/proc/$pid
	is "$(cell $pid rss)" "$(awk -v page="$page" '{ printf "%.0f\n", $2 * page }' $proc/statm)" "rss of $pid"
	is "$(cell $pid rss_anon)" \
		"$(awk -v page="$page" '{ printf "%.0f\n", ($2 - $3) * page }' $proc/statm)" "rss_anon"
	for pair in rss_file=RssFile rss_shmem=RssShmem swap=VmSwap rss_peak=VmHWM locked=VmLck \
		page_tables=VmPTE hugetlb=HugetlbPages data=VmData stack=VmStk text=VmExe lib=VmLib; do
		is "$(cell $pid "${pair%=*}")" "$(kb $proc/status "${pair#*=}")" "$pair"
	done
	# Behind the last parenthesis the fields have no blanks.
	stat=$(sed 's/.*) //' $proc/stat)
	# shellcheck disable=SC2086
	set -- $stat
	is "$(cell $pid state,ppid)" "$1 $2" "state and parent"
	is "$(cell $pid min_faults,maj_faults,threads,vsize)" "$8 ${10} ${18} ${21}" "faults, threads, vsize"
	is "$(cell $pid oom_score,oom_score_adj)" "$(cat $proc/oom_score) $(cat $proc/oom_score_adj)" "oom"
	is "$(cell $pid comm)" "$(cat $proc/comm)" "comm"
	if [ -r $proc/smaps_rollup ]; then
		# Another process may begin or cease to share a library between two reads.
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			pss=$(cell $pid pss,uss,pss_anon)
			after=$(kb $proc/smaps_rollup Pss)
			[ "${pss%% *}" = "$after" ] && break
		done
		private=$(($(kb $proc/smaps_rollup Private_Clean) + $(kb $proc/smaps_rollup Private_Dirty)))
		is "${pss% *}" "$after $private" "pss and uss"
		is "${pss##* }" "$(kb $proc/smaps_rollup Pss_Anon)" "pss_anon"
	else
		skip "smaps_rollup: Linux 4.14"
		skip "smaps_rollup: Linux 4.14"
	fi
	if [ -r $proc/numa_maps ]; then
		nodes=$(tr ' ' '\n' <$proc/numa_maps | awk -v page="$page" '
			/^N[0-9]+=/ { split(substr($0, 2), n, "="); sum[n[1]] += n[2] * page }
			END { for (i = 0; i < 1024; i++) if (sum[i]) { printf "%sN%d=%.0f", sep, i, sum[i]; sep = " " } }')
		is "$(cell $pid nodes | sed 's/\\040/ /g')" "$nodes" "nodes"
	else
		skip "no numa_maps"
	fi
done
is "$("$mmlens" processes -p $quiet -n --csv -o command)" "sleep 611" "command line"
is "$("$mmlens" processes -p $stopped -J -o command | sed -n 's/.*"command":"\([^"]*\)".*/\1/p')" \
	"$(tr '\0' ' ' <"/proc/$stopped/cmdline" | sed 's/ $//; s/\t/\\t/g')" "a command line with blanks in it"

# The sum over all mappings is the rollup's.
if [ -r /proc/$quiet/smaps_rollup ]; then
	swap=$(kb /proc/$quiet/smaps SwapPss)
	is "$(cell $quiet swap_pss)" "$swap" "smaps sums up to the same"
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

# smem's PSS, where it is installed: of a process nobody shares much with.
if command -v smem >/dev/null; then
	theirs=$(smem -c 'pid pss' 2>/dev/null | awk -v pid=$quiet '$1 == pid { print $2 }')
	ours=$(($(cell $quiet pss) / 1024))
	if [ -n "$theirs" ]; then
		# Whoever else begins or ends between the two changes what is shared.
		ok $((ours - theirs > 64 || theirs - ours > 64)) "PSS: $ours KiB here, $theirs KiB by smem"
	else
		skip "smem does not see it"
	fi
else
	skip "smem is not installed"
fi
done_testing
