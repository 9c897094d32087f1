#!/bin/sh
# Control groups on the command line: whose they are, and what a capture keeps of them.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

tree=$tmp/tree
groups=$tree/sys/fs/cgroup
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

# group PATH CURRENT MAX [PID...]
group() {
	mkdir -p "$groups$1"
	echo "$2" >"$groups$1/memory.current"
	echo "$3" >"$groups$1/memory.max"
	path=$1
	shift 3
	[ $# = 0 ] || printf '%s\n' "$@" >"$groups$path/cgroup.procs"
	for pid; do
		mkdir -p "$tree/proc/$pid"
		echo "0::$path" >"$tree/proc/$pid/cgroup"
		echo "$pid (p$pid) S 1 $pid $pid 0 -1 0 5 0 0 0 0 0 0 0 20 0 1 0 100 1048576 10 0 1 1 0" \
			>"$tree/proc/$pid/stat"
		echo "256 10 5 1 0 8 0" >"$tree/proc/$pid/statm"
		echo "1000-2000 rw-p 00000000 00:00 0 [heap]" >"$tree/proc/$pid/maps"
	done
}

mkdir -p "$tree/proc/self" "$tree/mmlens"
echo '24 22 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$tree/proc/self/mountinfo"
printf 'MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n' >"$tree/proc/meminfo"
echo page_size=4096 >"$tree/mmlens/host"
group / 0 max 1
group /system.slice 300 max
group /system.slice/app.service 200 1000 10 11
group /system.slice/app.service/worker 100 max 12
group /system.slice/docker-$id.scope 50 500 20
group /other 7 max
group /other/app.service 6 max 30
rm "$groups/memory.current" "$groups/memory.max"
mkdir -p "$tree/var/lib/docker/containers/$id"
echo '{"Config":{"Env":["PASSWORD=sesame"]},"Name":"/web"}' \
	>"$tree/var/lib/docker/containers/$id/config.v2.json"

if ! "$mmlens" --root "$tree" cgroups >/dev/null 2>&1; then
	skip "trees cannot be read here"
	done_testing
	exit
fi

# of OPTIONS...: the paths that are shown, and what is said
of() {
	"$mmlens" --root "$tree" cgroups -o path,limit_from -r -n "$@" 2>&1 | sed 's/^mmlens: cgroups: //'
}

is "$(of)" '/ machine
/other machine
/other/app.service machine
/system.slice machine
/system.slice/app.service itself
/system.slice/app.service/worker /system.slice/app.service
/system.slice/docker-'$id'.scope itself' 'all groups, each below the one it is in'
is "$(of --cgroup /system.slice/app.service/)" '/system.slice/app.service itself
/system.slice/app.service/worker /system.slice/app.service' 'a group by its path, and what is below it'
is "$(of --cgroup worker)" '/system.slice/app.service/worker /system.slice/app.service' \
	'a group by its name, with the limit of one that is not shown'
is "$(of --cgroup web)" "/system.slice/docker-$id.scope itself" 'a container by its name'
is "$(of --cgroup 0123456)" "/system.slice/docker-$id.scope itself" '... and by the beginning of its id'
is "$(of --cgroup 01234)" "there is no control group '01234'" '... if that is long enough'
is "$(of --cgroup app.service)" \
	"'app.service' may be any of 2 control groups: /other/app.service, /system.slice/app.service" \
	'a name that two groups have'
is "$(of --cgroup other)" '/other machine
/other/app.service machine' 'the last part of a path'
is "$(of --cgroup system)" "$(of --cgroup /system.slice)" 'a unit without its type'
is "$(of --cgroup /app.service)" "there is no control group '/app.service'" 'a path is the whole path'
is "$(of --cgroup '')" "there is no control group ''" 'nothing is no name'
is "$(of -p 12)" '/ machine
/system.slice machine
/system.slice/app.service itself
/system.slice/app.service/worker /system.slice/app.service' 'the groups of a process'
is "$(of -p 99 -p 30)" '/ machine
/other machine
/other/app.service machine
no process 99' '... and of one that is not there'
"$mmlens" --root "$tree" cgroups --cgroup nope >"$tmp/out" 2>&1
is "$?" 1 'a group that is not there is a failure'

# pids TABLE OPTIONS...
pids() {
	table=$1
	shift
	"$mmlens" --root "$tree" "$table" -o pid -s pid -r -n "$@" 2>&1
}
is "$(pids processes --cgroup /system.slice)" '10
11
12
20' 'the processes of a group and of those below it'
is "$(pids processes --cgroup worker -p 30)" '12
30' '... and another one'
is "$(pids processes --cgroup /other/app.service --by unit -o group,processes -s group)" 'app.service 1' \
	'... summed up'
is "$(pids vmas --cgroup /system.slice/app.service)" '10
11
12' 'the mappings of the processes of a group'
group /empty 1 max
is "$(pids processes --cgroup empty)" 'mmlens: processes: no process is in /empty' 'nobody is in a group'
is "$(pids vmas --cgroup empty)" 'mmlens: vmas: no process is in /empty' '... nor has a mapping'
rm -r "$tree/proc/11"
is "$(pids processes --cgroup /system.slice/app.service)" '10
12' 'a process that has ended meanwhile is no failure'
is "$(pids vmas --cgroup /system.slice/app.service)" '10
12' '... nor for its mappings'
is "$(pids processes -p 11)" 'mmlens: processes: no process 11 in this tree' '... but one that was asked for is'

# What is found of a group and of those in it, and nothing of the machine.
for group in /system.slice/app.service/worker /other/app.service; do
	for kind in some full; do
		echo "$kind avg10=50.00 avg60=0.00 avg300=0.00 total=0"
	done >"$groups$group/memory.pressure"
done
is "$("$mmlens" --root "$tree" findings --cgroup system.slice -o finding,about -r -n 2>/dev/null)" \
	'group-pressure /system.slice/app.service/worker' 'findings of a group'
is "$("$mmlens" --root "$tree" findings --cgroup nope 2>&1)" "mmlens: findings: there is no control group 'nope'" \
	'... and of one that is not there'

# What is captured is what was seen, and not the passwords beside it.

"$mmlens" --root "$tree" capture "$tmp/again" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "0: " 'the groups are captured'
is "$("$mmlens" --root "$tmp/again" cgroups --csv --all-columns 2>&1)" \
	"$("$mmlens" --root "$tree" cgroups --csv --all-columns 2>&1)" 'and replayed'
is "$(grep -rl sesame "$tmp/again")" '' 'without what else the runtime says of a container'
is "$(cat "$tmp/again/mmlens/containers")" "$id web" 'but for its name'
done_testing
