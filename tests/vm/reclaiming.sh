# SPDX-License-Identifier: GPL-2.0-or-later
# A process whose control group is at its limit has to reclaim. Who it was, how often, and how many pages
# that freed is what the group's own counters say.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP loads BPF programs and fills a control group: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

group=/sys/fs/cgroup/reclaims
echo +memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
mkdir -p $group
echo 16M >$group/memory.high
if ! mmlens reclaim -d 0.1 >/tmp/out 2>&1; then
	skip "who reclaims" "$(head -n 1 /tmp/out)"
	rmdir $group
	done_testing
	exit
fi
swap_start 64
stolen()
{
	awk '$1 == "pgsteal" || $1 == "pgsteal_direct" { n = $2 } END { printf "%d", n }' $group/memory.stat
}
mmlens reclaim -d 800 --csv -n -b -o pid,kind,count,pages,unpaired >/tmp/rows 2>/tmp/err &
watcher=$!
watching $watcher
: >/tmp/ready # of a test before
sh -c "echo \$\$ >$group/cgroup.procs; exec hold nothp:20" >/tmp/ready 2>&1 &
holder=$!
ok "the process gets its memory" wait_for 300 grep -q '^ready$' /tmp/ready
kill $watcher
wait $watcher
row=$(grep "^$holder,memcg," /tmp/rows)
ok "the process reclaims for its group" [ -n "$row" ]
between "how often" "$(echo "$row" | cut -d , -f 3)" 1 1000000000
freed=$(stolen)
between "pages: those the group lost, $freed" "$(echo "$row" | cut -d , -f 4)" $((freed * 9 / 10 - 64)) $((freed * 11 / 10 + 64))
is "nothing began before it was watched" "$(echo "$row" | cut -d , -f 5)" 0
is "nobody else reclaims for a group" "$(grep ',memcg,' /tmp/rows | grep -vc "^$holder,")" 0
ok "nothing was dropped" sh -c '! grep -q dropped /tmp/err'
kill -9 $holder 2>/dev/null
wait $holder 2>/dev/null
rmdir $group
swap_stop
done_testing
