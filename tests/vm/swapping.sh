# SPDX-License-Identifier: GPL-2.0-or-later
# Memory goes to swap and comes back: whose it is, and who moved it. Processes that page their own memory
# out and touch it again, one that ends with memory there, and one whose memory this shell makes the kernel
# take.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP loads BPF programs and swaps: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

if ! mmlens swapping -d 0.1 >/tmp/out 2>&1; then
	skip "what goes to swap" "$(head -n 1 /tmp/out)"
	done_testing
	exit
fi
mib=1048576
swap_start 256

# watch SECONDS: what mmlens sees of what is done meanwhile
watch()
{
	mmlens swapping -d "$1" --csv -n -b -o pid,comm,in,out,by_kswapd,by_itself,by_others,released,evicted,by \
		>/tmp/rows 2>/tmp/err &
	watcher=$!
	sleep 3
}

# cell PID FIELD
cell()
{
	awk -F, -v pid="$1" -v field="$2" '{ gsub("\"|\r", "") } $1 == pid { print $field }' /tmp/rows
}

# hold_in FILE SPEC: the helper, and its output in FILE
hold_in()
{
	: >"$1" # of a test before
	hold "$2" >"$1" 2>&1 &
	holder=$!
	wait_for 120 grep -q '^ready$' "$1"
}

# A process that had 8 MiB in swap before it is watched.
hold_in /tmp/before swap:8
old=$holder
watch 14
hold_in /tmp/itself swapback:20
itself=$holder
kill -9 $old
wait $old 2>/dev/null
hold_in /tmp/gone swap:12
gone=$holder
kill -9 $gone
wait $gone 2>/dev/null
wait $watcher
low=$((39 * mib / 2)) high=$((41 * mib / 2))
between "who pages 20 MiB out: out" "$(cell $itself 4)" "$low" "$high"
is "it did that itself" "$(cell $itself 10)" itself
is "and nobody else" "$(cell $itself 6)" "$(cell $itself 4)"
between "and touches it again: in" "$(cell $itself 3)" "$low" "$high"
between "nothing is released" "$(cell $itself 8)" 0 $((mib / 2))
between "who ends with 12 MiB in swap: out" "$(cell $gone 4)" $((23 * mib / 2)) $((25 * mib / 2))
between "released" "$(cell $gone 8)" $((23 * mib / 2)) $((25 * mib / 2))
between "nothing came back" "$(cell $gone 3)" 0 $((mib / 2))
between "who had 8 MiB there before: released" "$(cell $old 8)" $((15 * mib / 2)) $((17 * mib / 2))
between "vmstat's total, out" "$(cell 0 4)" $((31 * mib)) $((40 * mib))
ok "nothing was dropped" sh -c '! grep -q dropped /tmp/err'

# This shell makes the kernel take another's memory.
group=/sys/fs/cgroup/swaps
echo +memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
mkdir -p $group
if [ -e $group/memory.reclaim ]; then
	: >/tmp/victim
	sh -c "echo \$\$ >$group/cgroup.procs; exec hold nothp:16" >/tmp/victim 2>&1 &
	victim=$!
	wait_for 120 grep -q '^ready$' /tmp/victim
	watch 10
	sh -c "echo \$\$ >/tmp/taker; echo 8M >$group/memory.reclaim; sleep 4"
	wait $watcher
	between "what others take: out" "$(cell $victim 4)" $((6 * mib)) $((10 * mib))
	is "by others" "$(cell $victim 10)" others
	is "by nobody else" "$(cell $victim 7)" "$(cell $victim 4)"
	is "who took it" "$(cell "$(cat /tmp/taker)" 9)" "$(cell $victim 4)"
	kill -9 $victim
	wait $victim 2>/dev/null
else
	skip "what others take" "this kernel has no memory.reclaim"
fi
rmdir $group
kill -9 $itself
wait $itself 2>/dev/null

swap_stop
done_testing
