# SPDX-License-Identifier: GPL-2.0-or-later
# A short run takes it to: 7 6.1
# Processes are killed for real: by hand, at the limit of a control group's parent, together with their
# group, by a memory policy, and when the machine runs out. What mmlens makes of the kernel's log must be
# what was done here; and who is killed, what it said before.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP has processes killed: make check-vm runs it"
	exit 0
fi
# In the smaller machine it takes less time, and the other one has nothing to add.
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

cgroups=/sys/fs/cgroup
kills=$(sed -n 's/^oom_kill //p' /proc/vmstat) # of tests before this one

# What the tests need must outlive them.
echo -1000 >/proc/self/oom_score_adj

# as ADJ COMMAND...: with an oom_score_adj of its own, and in the control group $group if that is set. In the
# background it becomes the command.
as()
{
	adj=$1
	shift
	exec sh -c 'echo "$1" >/proc/self/oom_score_adj; [ -z "$2" ] || echo 0 >"$2/cgroup.procs"
		shift 2; exec "$@"' sh "$adj" "${group:-}" "$@"
}

# sleeper ADJ MIB: holds so much; its pid is in $sleeper
sleeper()
{
	: >/tmp/ready
	as "$1" hold "nothp:$2" >/tmp/ready 2>&1 &
	sleeper=$!
	wait_for 60 grep -q '^ready$' /tmp/ready
}

gone()
{
	! kill -0 "$1" 2>/dev/null || grep -q 'State:.*Z' "/proc/$1/status" 2>/dev/null
}

# report PID COLUMNS: of the report in which PID was killed, without headings, cells parted by |
report()
{
	mmlens oom --csv -n -o "$2" -f "victim_pid = $1" 2>/tmp/err | tail -n 1 | tr ',' '|'
}

killed()
{
	kills=$((kills + $1))
	is "$2: the kernel's count and the log's agree" \
		"$(sed -n 's/^oom_kill //p' /proc/vmstat) $(mmlens oom_kills -f 'by = kernel' -n -r -o pid | wc -l)" "$kills $kills"
}

# By hand: the one that was foretold.
sleeper 0 40
first=$sleeper
sleeper 200 10
second=$sleeper
foretold=$(mmlens processes -s -badness -l 1 -n -r -o pid)
points=$(mmlens processes -p "$second" -n -r -o badness)
is "a share of the machine outweighs what another has" "$foretold" "$second"
echo f >/proc/sysrq-trigger
wait_for 60 gone "$second"
is "by hand: kind, reason, order" "$(report "$second" kind,reason,order)" "manual|manual|-1"
is "by hand: it had the most points" "$(report "$second" victim_expected)" yes
# The kernel's counters of resident memory are kept by CPU, and lag by some batches.
between "by hand: as many as were foretold" "$(report "$second" victim_points)" $((points - 256)) $((points + 256))
is "by hand: who would be next" "$(report "$second" next_pid)" "$first"
kill "$first"
killed 1 "by hand"

# At the limit of the parent.
mkdir -p $cgroups/pod
echo +memory >$cgroups/pod/cgroup.subtree_control
mkdir -p $cgroups/pod/app $cgroups/pod/side
echo 48M >$cgroups/pod/memory.max
echo 64M >$cgroups/pod/app/memory.max
group=$cgroups/pod/side
sleeper 300 12
side=$sleeper
group=$cgroups/pod/app
as 0 tail /dev/zero &
hog=$!
wait_for 120 gone $hog
is "group: kind, reason, constraint" "$(report $hog kind,reason,constraint,victim_expected)" "memcg_oom|memcg_limit|memcg|yes"
is "group: the limit is the parent's" "$(report $hog oom_memcg,task_memcg)" "/pod|/pod/app"
number=$(report $hog report)
is "group: its limit" \
	"$(mmlens oom_cgroups -f "report = $number" --csv -n -o path,is_limit,limit)" "/pod,yes,50331648"
# What processors had charged ahead, 64 pages each, is given back before the kernel gives up.
between "group: how much of it was used" "$(mmlens oom_cgroups -f "report = $number" -n -r -o usage)" \
	$((50331648 - $(nproc) * 64 * 4096)) 50331648
is "group: the tasks of the subtree, in the order they would be killed" \
	"$(mmlens oom_tasks -f "report = $number" -n -r -o rank,pid,state | tr '\n' ' ')" "1 $hog victim 2 $side candidate "
is "group: who would be next" "$(report $hog next_pid)" "$side"
ok "group: in words" sh -c "mmlens oom -f 'report = $number' | tr -s ' \n' '  ' |
	grep -q 'The limit of /pod: 4[78].[0-9] MiB of 48.0 MiB .* The victim is in /pod/app, below it: that group.s own limit was not the one'"
is "group: its own counters say the same" \
	"$(awk '$1 == "oom_kill" { print $2 }' $cgroups/pod/memory.events $cgroups/pod/app/memory.events $cgroups/pod/memory.events.local | tr '\n' ' ')" "1 1 0 "
kill "$side"
wait "$side" 2>/dev/null
killed 1 "group"

# A whole group at once.
mkdir -p $cgroups/crew
echo 32M >$cgroups/crew/memory.max
echo 1 >$cgroups/crew/memory.oom.group
group=$cgroups/crew
sleeper -500 5
mate=$sleeper
as 0 tail /dev/zero &
hog=$!
wait_for 120 gone $hog
wait_for 60 gone "$mate"
is "together: two processes, by three lines" \
	"$(report $hog kills) $(mmlens oom_kills -f "report = $(report $hog report)" -n -r -o pid,again | sort | tr '\n' ' ')" \
	"2 $(printf '%s no\n%s no\n%s yes\n' $hog "$mate" $hog | sort | tr '\n' ' ')"
group=
killed 3 "together"

# A memory policy.
as 0 hold bind:600:1 >/dev/null 2>&1 &
hog=$!
wait_for 300 gone $hog
is "policy: kind, reason, constraint, nodes" "$(report $hog kind,reason,constraint,nodemask)" "oom|mempolicy|memory_policy|1"
is "policy: held by the one that was killed" "$(report $hog holder,victim_expected)" "task|yes"
number=$(report $hog report)
is "policy: no zone of another node is shown as allowed" \
	"$(mmlens oom_zones -f "report = $number and node = 0 and verdict != not_allowed" -n -r -o zone)" ""
is "policy: node 1's zone was below its mark" \
	"$(mmlens oom_zones -f "report = $number and node = 1 and verdict = below_mark" -n -r -o node,zone)" "1 DMA32"
killed 1 "policy"

# The machine. What the log's memory adds up to is what the machine had then.
managed=$(awk '/MemTotal/ { print $2 * 1024 }' /proc/meminfo)
as 0 tail /dev/zero &
hog=$!
wait_for 600 gone $hog
is "machine: kind, constraint" "$(report $hog kind,constraint,inferred,victim_expected)" "oom|none|no|yes"
is "machine: held by the one that was killed" "$(report $hog reason,holder)" "below_min|task"
number=$(report $hog report)
is "machine: its memory" "$(report $hog ram,reserved | awk -F'|' '{ printf "%.0f", $1 - $2 }')" "$managed"
is "machine: the balance is all of it" \
	"$(mmlens oom_balance -f "report = $number" --csv -n -o bytes | awk '{ s += $1 } END { printf "%.0f", s }')" "$(report $hog ram)"
between "machine: hardly anything is unaccounted, in 1/1000" \
	"$(report $hog unaccounted,ram | awk -F'|' '{ printf "%d", $1 * 1000 / $2 }')" -5 60
is "machine: no swap" "$(report $hog swap_total)" "0"
between "machine: the kill gave back most of the memory, in 1/1000" \
	"$(report $hog freed,ram | awk -F'|' '{ printf "%d", $1 * 1000 / $2 }')" 600 1000
killed 1 "machine"
ok "the page of all says nothing of lost kills" sh -c '! grep -q "has killed" /tmp/err'
mmlens capture /tmp/oom-tree
mkdir -p "$results/oom"
cp /tmp/oom-tree/dev/kmsg "$results/oom/kmsg"
mmlens oom -v >"$results/oom/page" 2>&1
is "a tree has the same log" "$(mmlens --root /tmp/oom-tree oom -v)" "$(mmlens oom -v)"
rmdir $cgroups/pod/app $cgroups/pod/side $cgroups/pod $cgroups/crew
done_testing
