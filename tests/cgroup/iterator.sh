#!/bin/sh
# What the kernel tells of control groups at once is what their files say, in every cell.
# A short run takes it to: 7
# SPDX-License-Identifier: GPL-2.0-or-later
# In a virtual machine this takes: tests/cgroup/charge tests/cgroup/parity
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
among_groups

charge=$builddir/tests/cgroup/charge
parity=$builddir/tests/cgroup/parity
mib=1048576
unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
base=/mmlens-test.$$
top=$unified$base

clean() {
	for pid in $(cat "$top/a/b/cgroup.procs" "$top/a/c/cgroup.procs" 2>/dev/null); do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		find "$top" -depth -type d -exec rmdir {} \; 2>/dev/null
		[ -d "$top" ] || break
		sleep 0.3
	done
	[ -z "$swap" ] || { swapoff /dev/zram0 && echo 1 >/sys/block/zram0/reset; }
	cd /
	[ ! -d "$tmp/files" ] || umount "$tmp/files"
	rm -rf "$tmp"
}

swap=
if [ ! -x "$parity" ]; then
	skip "built without BPF"
	done_testing
	exit
fi
if ! grep -q ' bpf_mem_cgroup_page_state$' /proc/kallsyms; then
	skip "this kernel has no functions that tell of groups at once (needs Linux 7.2)"
	done_testing
	exit
fi
if [ -z "$unified" ] || ! echo +memory >"$unified/cgroup.subtree_control" || ! mkdir "$top"; then
	skip "no control groups with memory can be made here"
	done_testing
	exit
fi 2>/dev/null
trap clean EXIT
cd "$tmp" || exit 99
# What is written to tmpfs is shared memory, and there is no other file system in a machine of its own.
if [ -n "${MMLENS_VM:-}" ]; then
	mkdir "$tmp/files" && mount -t ramfs none "$tmp/files" && cd "$tmp/files" || exit 99
fi
# Swap is made in a machine of its own alone.
if [ -n "${MMLENS_VM:-}" ] && [ -e /sys/block/zram0/disksize ]; then
	echo 128M >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 && swap=yes
fi
echo +memory >"$top/cgroup.subtree_control"
mkdir "$top/a" "$top/d"
echo +memory >"$top/a/cgroup.subtree_control"
mkdir "$top/a/b" "$top/a/c" "$top/d/plain"
echo $((96 * mib)) >"$top/a/memory.max"
echo $((40 * mib)) >"$top/a/b/memory.high"
echo $((8 * mib)) >"$top/a/b/memory.low"
echo $((4 * mib)) >"$top/a/b/memory.min"
echo $((64 * mib)) >"$top/a/b/memory.swap.max"
echo $((12 * mib)) >"$top/a/c/memory.max"
echo 0 >"$top/a/c/memory.swap.max"
echo 1 >"$top/a/c/memory.oom.group"

# hold GROUP WHAT
hold() {
	"$charge" "$top$1" $2 >"$tmp/charge" 2>&1 &
	for _ in $(seq 600); do
		! grep -q ready "$tmp/charge" || return 0
		sleep 0.1
	done
	return 1
}
# Some of it goes to swap, where there is some; somebody is killed at a limit; and the rest lasts.
if [ -n "$swap" ]; then
	hold /a/b "anon:60"
	ok $? "a group above its memory.high, with swap"
fi
hold /a/b "anon:9 shmem:7 file:9 pipe:5 sock:2"
ok $? "a group with memory of each kind"
"$charge" "$top/a/c" anon:30 >/dev/null 2>&1
[ $? -gt 128 ]
ok $? "who asks for more than the limit is killed"

"$parity" "$base" >"$tmp/out"
status=$?
# Its results become ours.
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#ok * - }" ;;
	"not ok "*) ok 1 "${line#not ok * - }" ;;
	1..*) ;;
	*) echo "$line" ;;
	esac
done <"$tmp/out"
ok $status "all of that agrees"
for column in current limit peak anon file shmem kernel sock max_events max_local oom_kills oom_kills_local \
	min low high inactive_anon slab page_tables percpu ${swap:+swap swap_limit scanned reclaimed throttled}; do
	like "$(grep '^# more than 0:' "$tmp/out") " " $column " "... and $column is among it"
done
done_testing
