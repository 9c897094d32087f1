#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Six troubles, each on a captured machine that gets into it: how many seconds and keys it takes until who is to
# blame stands on the screen. At most one key and 15 s.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
[ -x "$play" ] || { skip "built without the screen"; done_testing; exit; }
TZ=UTC
XDG_CONFIG_HOME=$tmp/none
export TZ XDG_CONFIG_HOME

# begin: the machine as it was, and no moments yet
begin() {
	chmod -R u+w "$tmp/tree" "$tmp/moments" 2>/dev/null
	rm -rf "$tmp/tree" "$tmp/moments"
	cp -R "$srcdir/tests/tui/trees/first" "$tmp/tree"
	chmod -R u+w "$tmp/tree"
	mkdir "$tmp/moments"
	mono=$(sed -n 's/^mono_ns=//p' "$tmp/tree/mmlens/host")
	wall=$(sed -n 's/^time=\([0-9]*\).*/\1/p' "$tmp/tree/mmlens/host")
}

# moment SECOND: the folder for what is different then, the clock moved on
moment() {
	at=$tmp/moments/$1
	mkdir -p "$at/mmlens" "$at/proc"
	sed -e "s/^mono_ns=.*/mono_ns=$((mono + $1 * 1000000000))/" -e "s/^time=.*/time=$((wall + $1)).0/" \
		"$tmp/tree/mmlens/host" >"$at/mmlens/host"
}

# until_shown REGEX DESCRIPTION KEYS: the first second in which the screen has a line like that
until_shown() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		echo "!then $tmp/moments/$i"
		echo "!show second $i"
	done >"$tmp/script"
	{
		[ -z "$3" ] || echo "$3"
		cat "$tmp/script"
	} | "$play" 24x80 "$tmp/tree" overview >"$tmp/out"
	second=$(awk -v want="$1" '/^--- second/ { at = $3 } $0 ~ want { print at; exit }' "$tmp/out")
	[ -n "$second" ]
	ok $? "$2: ${second:-more than 15} s and ${3:+1}${3:-0} keys" | sed "s/and 1$3 keys/and the key $3/"
	tests=$((tests + 1))
	[ -n "$second" ] || sed -n '/^--- second 15/,$p' "$tmp/out" | sed 's/^/# /'
}

begin
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	moment $i
	awk -v i=$i '$1 == "kmalloc-512" { n = $2 + i * 4096; printf "%-17s %6d %6d %6d %4d %4d : tunables    0    0    0 : slabdata %6d %6d      0\n",
		$1, n, n, $4, $5, $6, n / $5, n / $5; next } { print }' "$tmp/tree/proc/slabinfo" >"$at/proc/slabinfo"
done
until_shown '^slab +kmalloc-512 .*[+]' 'a slab cache that leaks 2 MiB a second'

# A process among 200 grows by 5 MiB a second, others come and go by a little.
begin
pid=5000
while [ $pid -lt 5200 ]; do
	mkdir -p "$tmp/tree/proc/$pid"
	for f in stat status cmdline; do
		[ ! -e "$tmp/tree/proc/22850/$f" ] || sed "s/22850/$pid/g" "$tmp/tree/proc/22850/$f" >"$tmp/tree/proc/$pid/$f"
	done
	pid=$((pid + 1))
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	moment $i
	for pid in 5007 5100 5101; do
		mkdir -p "$at/proc/$pid"
		by=$((i % 3))
		[ $pid = 5007 ] && by=$((i * 1280))
		awk -v by=$by '{ $24 += by; print }' "$tmp/tree/proc/$pid/stat" >"$at/proc/$pid/stat"
		awk -v by=$by '/^(VmRSS|RssAnon):/ { $2 += by * 4 } { print }' "$tmp/tree/proc/$pid/status" >"$at/proc/$pid/status"
	done
done
until_shown '^process +5007 .*[+]' 'a process among 200 that grows by 5 MiB a second'
first=$(awk '/^--- second 10/ { on = 1 } on && /^process|^slab|^kernel/ { print $2; exit }' "$tmp/out")
is "$first" 5007 'and after ten seconds it stands first'

# grow LINE: that line of meminfo grows by 20 MiB a second, and available memory shrinks
grow() {
	begin
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		moment $i
		awk -v name="$1:" -v by=$((i * 20480)) '$1 == name { $2 += by }
			$1 == "MemAvailable:" || $1 == "MemFree:" { $2 -= by } { print }' \
			"$tmp/tree/proc/meminfo" >"$at/proc/meminfo"
	done
}
grow Shmem
until_shown '^kernel +shmem .*[+]' 'shared memory that grows'
# Where mounts can be asked, it is the mount.
grow Shmem
mkdir -p "$tmp/tree/proc/self"
echo '21 20 0:31 / /dev/shm rw - tmpfs tmpfs rw,size=4G' >"$tmp/tree/proc/self/mountinfo"
echo '0:31 4096 1048576 1040000 7' >"$tmp/tree/mmlens/tmpfs"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	echo "0:31 4096 1048576 $((1040000 - i * 5120)) 7" >"$tmp/moments/$i/mmlens/tmpfs"
done
until_shown '^tmpfs +/dev/shm .*[+]' 'a tmpfs that fills'
grow PageTables
until_shown '^kernel +page tables .*[+]' 'page tables that grow'

begin
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	moment $i
	awk '$1 == "MemAvailable:" { $2 = 200000 } $1 == "MemFree:" { $2 = 150000 }
		$1 == "Active(anon):" || $1 == "Active:" || $1 == "AnonPages:" { $2 += 22000000 } { print }' "$tmp/tree/proc/meminfo" >"$at/proc/meminfo"
done
until_shown '^!! .*(available|left|swapping)' 'memory that is nearly gone'

begin
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	moment $i
	mkdir -p "$at/sys/kernel/mm/transparent_hugepage"
	echo 'always madvise [never]' >"$at/sys/kernel/mm/transparent_hugepage/enabled"
done
until_shown 'enabled is never' 'transparent huge pages that are off' 6

# Sixty samples, and no panel, heading or bar has moved: what grows and shrinks does it in its place.
begin
for i in $(seq 60); do
	moment "$i"
	awk -v i="$i" '$1 == "kmalloc-512" { n = $2 + i * 4096; printf "%-17s %6d %6d %6d %4d %4d : tunables    0    0    0 : slabdata %6d %6d      0\n",
		$1, n, n, $4, $5, $6, n / $5, n / $5; next } { print }' "$tmp/tree/proc/slabinfo" >"$at/proc/slabinfo"
	awk -v by=$((i * i * 300)) '$1 == "Shmem:" { $2 += by } $1 == "MemAvailable:" || $1 == "MemFree:" { $2 -= by } { print }' \
		"$tmp/tree/proc/meminfo" >"$at/proc/meminfo"
	echo "!then $tmp/moments/$i"
	echo "!show sample $i"
done >"$tmp/script"
for size in 24x80 36x120 60x200; do
	"$play" --plain "$size" "$tmp/tree" overview <"$tmp/script" >"$tmp/out"
	# Where in each display the titles stand.
	awk '/^--- sample/ { y = 0; next } { y++ }
		match($0, /Who grew|Memory by use|Last 10 min|Zones|Largest programs|Slab caches/) { print y, RSTART, substr($0, RSTART, 6) }' \
		"$tmp/out" | sort | uniq -c | awk '$1 != 60' >"$tmp/moved"
	is "$(cat "$tmp/moved")" '' "no panel moves in 60 samples at $size"
done
done_testing
