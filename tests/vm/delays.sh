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
sh -c "echo \$\$ >$group/cgroup.procs; exec hold nothp:24" >/tmp/ready 2>&1 &
holder=$!
sleep 3
mmlens delays -p $holder -n -r -b -o reclaim_count,reclaim,copy_count >/tmp/cells 2>/dev/null
count=$(cut -d ' ' -f 1 /tmp/cells)
between "it had to reclaim" "$count" 1 100000000
is "the others of the machine did not" \
	"$(mmlens delays -n -r -o pid -f "reclaim_count > 0 and pid != $holder" 2>/dev/null | wc -l)" 0
kill -9 $holder 2>/dev/null
wait $holder 2>/dev/null
[ ! -e $switch ] || echo 0 >$switch
rmdir $group
done_testing
