# SPDX-License-Identifier: GPL-2.0-or-later
# A process waits for memory, and the kernel measures how long: it reclaims at its group's limit. The sums
# are those of the kernel's own files where it has any, and the switch is said where there is one.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP switches delay accounting on: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

switch=/proc/sys/kernel/task_delayacct
group=/sys/fs/cgroup/waits

if [ -e $switch ]; then
	echo 0 >$switch
	mmlens delays >/tmp/out 2>&1
	is "it is off: the status says so" "$?" 1
	ok "it is off: what it takes is said" grep -q 'kernel.task_delayacct=1' /tmp/out
	is "it is off: nobody has switched it on" "$(cat $switch)" 0
	echo 1 >$switch
fi
mkdir -p $group
echo +memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
echo 16M >$group/memory.high
if ! mmlens delays >/tmp/out 2>&1; then
	skip "a process that reclaims" "$(head -n 1 /tmp/out)"
	done_testing
	exit
fi
# others: how often each of the other processes had to
others()
{
	mmlens delays -n -r -o pid,started,reclaim_count -f "reclaim_count > 0 and pid != ${holder:-0}" 2>/dev/null | sort
}

others >/tmp/others
sh -c "echo \$\$ >$group/cgroup.procs; exec hold nothp:24" >/tmp/ready 2>&1 &
holder=$!
# reclaimed: how often it had to
reclaimed()
{
	mmlens delays -p $holder -n -r -o reclaim_count 2>/dev/null
}

has_reclaimed()
{
	[ "$(reclaimed)" -gt 0 ] 2>/dev/null
}

wait_for 120 has_reclaimed
between "it had to reclaim" "$(reclaimed)" 1 100000000
is "the others of the machine did not" "$(others)" "$(cat /tmp/others)"
kill -9 $holder 2>/dev/null
wait $holder 2>/dev/null
[ ! -e $switch ] || echo 0 >$switch
rmdir $group
done_testing
