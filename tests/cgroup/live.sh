#!/bin/sh
# Control groups made for the purpose: what is charged to them, whose limit is met, who is killed.
# A short run takes it to: 6.12 5.10
# SPDX-License-Identifier: GPL-2.0-or-later
# In a virtual machine this takes: tests/cgroup/charge
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
among_groups

charge=$builddir/tests/cgroup/charge
mib=1048576

# A place to make groups in. In version 1 that is beside this process; in version 2 a group with processes
# can have none with memory below it.
memory=$(awk '$1 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }
	$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$memory" ]; then
	version=1
	own=$(sed -n 's/^[0-9]*:[^:]*memory[^:]*:\(.*\)/\1/p' /proc/self/cgroup)
	[ "$own" != / ] || own=
	base=$own/mmlens-test.$$
	mount=$memory
	max=memory.limit_in_bytes
else
	version=2
	base=/mmlens-test.$$
	mount=$unified
	max=memory.max
	[ -n "$mount" ] && { echo +memory >"$mount/cgroup.subtree_control"; } 2>/dev/null
fi
top=$mount$base

kill_all() {
	for dir in "$top/a/b" "$top/a/c" "$top/a" "$top/d" "$top/d/e" "$top/a/gone" "$top"; do
		for pid in $(cat "$dir/cgroup.procs" 2>/dev/null); do
			kill -KILL "$pid" 2>/dev/null
		done
	done
	wait 2>/dev/null
}

clean() {
	kill_all
	# A group may be busy with those that are dying.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		find "$top" -depth -type d -exec rmdir {} \; 2>/dev/null
		[ -d "$top" ] || break
		sleep 0.3
	done
	cd /
	[ ! -d "$tmp/files" ] || umount "$tmp/files"
	rm -rf "$tmp"
}

if [ -z "$mount" ] || ! mkdir "$top" 2>/dev/null || [ ! -e "$mount/memory.stat" ]; then
	rmdir "$top" 2>/dev/null
	skip "no control groups with memory can be made here"
	done_testing
	exit
fi
trap clean EXIT
cd "$tmp" || exit 99
# What is written to tmpfs is shared memory, and there is no other file system in a machine of its own.
if [ -n "${MMLENS_VM:-}" ]; then
	mkdir "$tmp/files" && mount -t ramfs none "$tmp/files" && cd "$tmp/files" || exit 99
fi
# group PATH: made, and with the memory controller for those below it
group() {
	mkdir "$top$1"
	[ $version = 1 ] || echo +memory >"$top$1/cgroup.subtree_control"
}
[ $version = 1 ] || echo +memory >"$top/cgroup.subtree_control"
group /a
mkdir "$top/a/b" "$top/a/c" "$top/d"
echo $((96 * mib)) >"$top/a/$max"
echo $((200 * mib)) >"$top/a/b/$max"
if [ ! -e "$top/a/memory.stat" ]; then
	skip "the memory controller cannot be had here"
	done_testing
	exit
fi

# cell GROUP COLUMN: of a group below $base
cell() {
	"$mmlens" cgroups --cgroup "$base$1" -o "$2" -f "path = '$base$1'" -r -n -b 2>>"$tmp/err"
}
# line FILE NAME: of a keyed file
line() {
	awk -v name="$2" '$1 == name { print $2 }' "$1"
}

is "$(cell /a limit)" $((96 * mib)) "a limit"
is "$(cell /a/b limit)" $((200 * mib)) "a higher one below it"
is "$(cell /a/b effective_limit),$(cell /a/b limit_from)" "$((96 * mib)),$base/a" "the least one counts"
is "$(cell /a/c limit),$(cell /a/c effective_limit),$(cell /a/c limit_from)" "-,$((96 * mib)),$base/a" \
	"a group without one"
is "$(cell /a limit_from)" itself "a group with one"
total=$(awk '$1 == "MemTotal:" { printf "%.0f", $2 * 1024 }' /proc/meminfo)
is "$(cell /d effective_limit),$(cell /d limit_from)" "$total,machine" "a group that only the machine limits"

# hold GROUP WHAT...: start a charge there, and wait until it has all
hold() {
	"$charge" "$top$1" $2 >"$tmp/charge" 2>&1 &
	pid=$!
	for _ in $(seq 1200); do
		! grep -q ready "$tmp/charge" || return 0
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	return 1
}

# What other CPUs have not handed in yet, and what every process takes beside. A CPU keeps up to 64 pages
# of each kind back.
late=$((64 * 4096 * $(grep -c '^processor' /proc/cpuinfo)))
slack=$((2 * mib + late))
# about GROUP COLUMN MIB: not less than was charged, and not much more, as soon as the kernel has counted it
about() {
	for _ in $(seq 300); do
		got=$(cell "$1" "$2")
		case $got in
		*[!0-9]*|"") ;;
		*)
			if [ "$got" -ge $(($3 * mib - slack)) ] && [ "$got" -le $(($3 * mib + slack)) ]; then
				ok 0 "$1 has about $3 MiB of $2"
				return
			fi
			;;
		esac
		sleep 0.1
	done
	ok 1 "$1 has about $3 MiB of $2"
	echo "#      got: $got"
}

kinds="anon:24 shmem:7 file:9 pipe:5"
hold /a/b "$kinds"
ok $? "a process with memory of each kind"
about /a/b anon 24
about /a/b shmem 7
about /a/b file 9
about /a anon 24
about /a/b current 45
is "$(cell /a/b processes),$(cell /a processes),$(cell /a own_processes)" "1,1,0" "its process"
is "$(cell /a/b charged_to)" "$base/a/b" "it is charged to the group it is in"
is "$("$mmlens" processes --cgroup "$base/a" -o pid -r -n)" "$pid" "the process is found by its group"
"$mmlens" vmas --cgroup "$base/a/b" -o pid -f 'kind = heap or kind = stack' -r -n | sort -u >"$tmp/out"
is "$(cat "$tmp/out")" "$pid" "... and its mappings"
left=$(cell /a/b headroom)
[ "$left" -ge $((96 * mib - 45 * mib - 2 * slack)) ] && [ "$left" -le $((96 * mib - 45 * mib + slack)) ]
ok $? "what is left is what the limit above leaves: $left"
is "$(cell /a/c headroom_from)" "$base/a" "... to all that are below it"
if [ "$(cell /a/b kernel)" = - ]; then
	skip "this kernel does not tell of kernel memory by group"
else
	[ "$(cell /a/b kernel)" -ge $((5 * mib)) ] && [ "$(cell /a/b kernel)" -le $((5 * mib + slack)) ]
	ok $? "pipes are kernel memory: $(cell /a/b kernel)"
fi

# Each figure is held to the file before and after it.
# holds GROUP COLUMN COMMAND: what the command prints before and after
holds() {
	for _ in $(seq 30); do
		before=$(eval "$3")
		got=$(cell "$1" "$2")
		after=$(eval "$3")
		[ "$before" != "$got" ] || [ "$got" != "$after" ] || break
		sleep 0.1
	done
	is "$before $got $after" "$before $before $before" "$1 $2 is what the kernel's file says"
}
stat=$top/a/b/memory.stat
if [ $version = 1 ]; then
	holds /a/b current "cat $top/a/b/memory.usage_in_bytes"
	holds /a/b anon "line $stat total_rss"
	holds /a/b cache "line $stat total_cache"
	holds /a/b shmem "line $stat total_shmem"
	holds /a/b inactive_file "line $stat total_inactive_file"
	holds /a/b kernel "cat $top/a/b/memory.kmem.usage_in_bytes"
	holds /a/b peak "cat $top/a/b/memory.max_usage_in_bytes"
else
	holds /a/b current "cat $top/a/b/memory.current"
	for pair in anon:anon cache:file shmem:shmem inactive_file:inactive_file slab:slab \
		unevictable:unevictable percpu:percpu page_tables:pagetables kernel_stack:kernel_stack; do
		[ -n "$(line "$stat" "${pair#*:}")" ] || continue
		holds /a/b "${pair%:*}" "line $stat ${pair#*:}"
	done
fi


# Where it has gone adds up to what the kernel charges, while nothing in the group moves.
usage=$top/a/b/memory.current
[ $version = 2 ] || usage=$top/a/b/memory.usage_in_bytes
"$mmlens" balance --cgroup "$base/a/b" -o item,bytes -r -n -b >"$tmp/balance" 2>>"$tmp/err"
sum=$(awk '{ sum += $2 } END { printf "%.0f", sum }' "$tmp/balance")
is "$sum" "$(cat "$usage")" "the balance of a group adds up to its usage"
rest=$(awk '$1 == "unaccounted" { print $2 }' "$tmp/balance")
# Pipes have none where the kernel does not tell of its memory by group.
uncounted=0
[ "$(cell /a/b kernel)" != - ] || uncounted=$((5 * mib))
[ "$rest" -ge $((-slack)) ] && [ "$rest" -le $((slack + uncounted)) ]
ok $? "... and little of it has no counter: $rest"
[ "$(awk '$1 == "anon" { print $2 }' "$tmp/balance")" -ge $((24 * mib - slack)) ]
ok $? "... with its anonymous memory: $(tr '\n' ' ' <"$tmp/balance")"

# Buffers of sockets. Version 1 counts those of TCP, apart from other memory, once they are limited.
if [ $version = 1 ]; then
	echo $((512 * mib)) >"$top/d/memory.kmem.tcp.limit_in_bytes"
	sock="cat $top/d/memory.kmem.tcp.usage_in_bytes"
else
	sock="line $top/d/memory.stat sock"
fi 2>/dev/null
if hold /d sock:6 && [ "$(awk '$1 == "sock" { print $2 }' "$tmp/charge")" -ge $((4 * mib)) ]; then
	holds /d sock "$sock"
	sent=$(awk '$1 == "sock" { print $2 }' "$tmp/charge")
	[ "$(cell /d sock)" -ge $((sent - late)) ]
	ok $? "... and that is no less than what was sent, but for what CPUs keep back: $(cell /d sock) of $sent"
else
	skip "no sockets can be filled here: $(head -n 1 "$tmp/charge")"
	skip "no sockets can be filled here"
fi
kill_all

hold /a/b "anon:24"
# Its limit is met by the group above it, and the one who asked is killed.
"$mmlens" cgroups --cgroup "$base/a" -d 0.5 -c 1000 -o path,last_event,max_local,oom_kills -r -n >"$tmp/out" \
	2>"$tmp/err" &
watcher=$!
kills=$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)
# JSON tells of samples in which nothing was found, too.
"$mmlens" findings -J -d 0.5 -c 1000 -f 'finding = oom-kill' -o text >"$tmp/found" 2>/dev/null &
finder=$!
# Both have seen it before, and look again afterwards.
for _ in $(seq 600); do
	[ ! -s "$tmp/out" ] || [ ! -s "$tmp/found" ] || break
	sleep 0.1
done
"$charge" "$top/a/b" anon:160 >/dev/null 2>&1 &
second=$!
wait $second 2>/dev/null
ok $((! $?)) "who asks for more than the limit is killed"
for _ in $(seq 600); do
	! grep -q "^$base/a/b kill " "$tmp/out" || break
	sleep 0.1
done
kill $watcher
wait $watcher 2>/dev/null
victim=$(awk -v path="$base/a/b" '$1 == path { last = $2 " " $4 } END { print last }' "$tmp/out")
is "$victim" "kill 1" "the group of the victim had the kill"
limited=$(awk -v path="$base/a" '$1 == path { last = $2 " " $3 } END { print last }' "$tmp/out")
like "$limited" "^(oom|max) [1-9]" "the group with the limit met it"
for _ in $(seq 600); do
	! grep -q '"text"' "$tmp/found" || break
	sleep 0.1
done
kill $finder
wait $finder 2>/dev/null
if [ "$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)" = $((kills + 1)) ]; then
	like "$(grep '"text"' "$tmp/found")" "just.*now.*in.*b:.*group.*a.*was.*at.*its.*limit" \
		"the finding names the group of the victim, and the group with the limit"
else
	skip "something else was killed meanwhile, or the kernel does not count kills"
fi
# Version 1 counts for each group alone.
is "$(awk -v path="$base/a" '$1 == path { last = $4 } END { print last }' "$tmp/out")" $((version - 1)) \
	"a group tells of kills below it in version 2 alone"
if [ "$(cell /a/b max_local)" = - ]; then
	skip "this kernel does not tell whose limit was met"
else
	is "$(cell /a/b max_local)" 0 "the group below it, with a higher limit, did not meet its own"
fi
kill_all

# Groups that come and go while they are read, and one with a name of its own.
odd=$(printf 'a b\t\033[31mc')
mkdir "$top/d/$odd"
is "$("$mmlens" cgroups --cgroup "$base/d" -o name -r -n 2>/dev/null)" 'd
a\040b\011\033[31mc' "a name with a tab and an escape"
is "$("$mmlens" cgroups --cgroup "$odd" -o depth -r -n 2>/dev/null | wc -l)" 1 "... is found by it"
rmdir "$top/d/$odd"
(
	while [ ! -e "$tmp/stop" ]; do
		mkdir "$top/d/x" "$top/d/x/y" "$top/d/z" 2>/dev/null
		rmdir "$top/d/z" "$top/d/x/y" "$top/d/x" 2>/dev/null
	done
) &
storm=$!
bad=0
: >"$tmp/err"
for _ in $(seq 40); do
	"$mmlens" cgroups --cgroup "$base" --all-columns -r -n >"$tmp/out" 2>>"$tmp/err" || bad=$((bad + 1))
	grep -q " $base/d " "$tmp/out" || bad=$((bad + 1))
done
touch "$tmp/stop"
wait $storm
is "$bad" 0 "groups that vanish while they are read are no failure"
is "$(grep -cE 'not what|No such (file|device)' "$tmp/err")" 0 "... and nothing is said of them"

# A process of version 2 may have threads in groups of their own.
if [ $version = 2 ]; then
	mkdir "$top/d/e" && echo threaded >"$top/d/e/cgroup.type"
	is "$(cell /d/e own_processes)" - "a threaded group tells of no processes"
	is "$(cell /d/e charged_to)" "$base/d" "... and is charged to the group around it"
else
	skip "threaded groups are version 2's"
	skip "threaded groups are version 2's"
fi

# A group that was removed while the page cache of a file is charged to it.
kill_all
mkdir "$top/a/gone"
id=$(stat -c %i "$top/a/gone")
sh -c 'echo $$ >"$1/cgroup.procs" && exec dd if=/dev/zero of=kept bs=1048576 count=9' sh "$top/a/gone" 2>/dev/null
[ "$(cell /a/gone current)" -ge $((8 * mib)) ]
ok $? "a file is charged to a group that is about to be removed"
for _ in $(seq 100); do
	rmdir "$top/a/gone" 2>/dev/null && break
	sleep 0.1
done
# The kernel takes it out of the groups that are there a little later, in a thread of its own.
for _ in $(seq 100); do
	"$mmlens" dying_cgroups -o id,name,bytes,why,was_in -r -n -b >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ $status = 0 ] && ! grep -q "^$id " "$tmp/out" &&
		! grep -qE ' (lru_reparent_memcg|memcg_reparent_lru_folios|reparent_unlocks)$' /proc/kallsyms || break
	sleep 0.1
done
if [ $status != 0 ]; then
	skip "removed groups cannot be listed here: $(head -n 1 "$tmp/err")"
	skip "removed groups cannot be listed here"
elif grep -qE ' (lru_reparent_memcg|memcg_reparent_lru_folios|reparent_unlocks)$' /proc/kallsyms; then
	is "$(awk -v id="$id" '$1 == id' "$tmp/out")" "" "its pages were handed to the group it was in"
	skip "this kernel leaves no removed groups behind"
else
	like "$(sed 's/\\040/ /g' "$tmp/out")" "^$id gone [0-9]+ .*$base/a$" "a group that was removed and keeps page cache"
	got=$(awk -v id="$id" '$1 == id { print $3 }' "$tmp/out")
	[ "${got:-0}" -ge $((8 * mib)) ]
	ok $? "... and how much: $got"
fi
# Those that are there and those that were removed are all that the kernel has.
if [ $version = 1 ] && "$mmlens" dying_cgroups >"$tmp/out" 2>&1 && grep -q '^memory' /proc/cgroups; then
	all() {
		awk '$1 == "memory" { print $3 }' /proc/cgroups
	}
	listed() {
		{ find "$mount" -type d; "$mmlens" dying_cgroups -o id -n; } | wc -l
	}
	agree "together with the others they are all that the kernel counts" all listed
else
	skip "version 2 does not count groups like that"
fi

# What a capture replays is what was seen.
hold /a/c "anon:3"
"$mmlens" capture "$tmp/tree" 2>"$tmp/err"
is "$("$mmlens" --root "$tmp/tree" cgroups --cgroup "$base/a/c" -o id,path,limit_from,processes -r -n 2>/dev/null)" \
	"$(stat -c %i "$top/a/c") $base/a/c $base/a 1" "a capture replays the groups with their ids"

# From inside a namespace, its own group is the root.
if unshare -C true 2>/dev/null; then
	pid=$(cat "$top/a/c/cgroup.procs")
	shown=$(sh -c 'echo $$ >"$1/cgroup.procs"; exec unshare -C -m sh -c "
		umount -R $2 2>/dev/null
		mount -t $3 $4 none $2 && exec $5 cgroups -o path,limit_from -r -n"' \
		sh "$top/a" "$mount" "$([ $version = 1 ] && echo cgroup || echo cgroup2)" \
		"$([ $version = 1 ] && echo '-o memory')" "$mmlens" 2>"$tmp/err")
	if [ $version = 1 ]; then
		is "$shown" "/ itself
/b /
/c /" "inside a namespace"
	else
		is "$shown" "/ itself
/b /
/c /" "inside a namespace"
	fi
	like "$(cat "$tmp/err")" "groups of a container" "... which is said"
else
	skip "cgroup namespaces cannot be made here"
	skip "cgroup namespaces cannot be made here"
fi
done_testing
