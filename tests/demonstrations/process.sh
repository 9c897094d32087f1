#!/bin/sh
# What is shown of a process by hand: with cat of its files, od of its page map, and what it did itself.
# SPDX-License-Identifier: GPL-2.0-or-later
# In a virtual machine this takes: tests/demonstrations examples
. "${top_srcdir:-.}/tests/tap.sh"
. "$srcdir/tests/demonstrations/lead.sh"

# A machine of its own gets swap.
if [ -n "${MMLENS_VM:-}" ]; then
	echo 64M >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null
	swapon /dev/zram0
	echo 0 >/proc/sys/vm/page-cluster
fi

# value NAME: of mm. kib FIELD: of status, in bytes. word FILE INDEX: of 64 bits
value() { tell mm value "name = $1"; }
kib() { awk -v name="$1:" '$1 == name { printf "%d\n", $2 * 1024 }' "/proc/$pid/status"; }
word() { dd if="$1" bs=8 skip="$2" count=1 2>/dev/null | od -A n -t d8 | tr -d ' '; }
hex() { printf "0x%x" "$1"; }
# around ADDRESS COLUMNS: of the mapping that it lies in
around() { tell vmas "$2" "start <= $1 and end > $1"; }

# watch_faults: from now on, until faults_seen prints MINOR MAJOR FROM of the mapping at the address
watch_faults() {
	: >"$tmp/watched"
	"$mmlens" faults -p "$pid" --by vma -d 0.3 -c 10000 -J -o start,minor,major,major_from >"$tmp/watched" 2>"$tmp/why" &
	watcher=$!
	samples 1
}
# samples N: until so many were printed
samples() {
	while kill -0 $watcher 2>/dev/null && [ "$(wc -l <"$tmp/watched")" -lt "$1" ]; do
		sleep 0.1
	done
}
# The second sample from now on began behind the faults.
faults_seen() {
	samples $(($(wc -l <"$tmp/watched") + 2))
	kill -INT $watcher 2>/dev/null
	wait $watcher
	grep '"tables"' "$tmp/watched" | tail -n 1 | sed 's/},{/\n/g' | grep -F "\"start\":\"$(address)\"" |
		sed 's/.*"minor":\([^,]*\),"major":\([^,]*\),"major_from":"*\([^"}]*\).*/\1 \2 \3/'
}

begin tests/demonstrations/steps "$tmp/file"
is "$(($(value arg_end) - $(value arg_start)))" "$(wc -c <"/proc/$pid/cmdline")" 'arguments: from arg_start to arg_end'
is "$(($(value env_end) - $(value env_start)))" "$(wc -c <"/proc/$pid/environ")" 'environment: from env_start to env_end'
is "$(around "$(value start_code)" kind,perms,name)" "text r-xp $(readlink "/proc/$pid/exe")" \
	'code: start_code lies in the text of the program'
is "$(around "$(value at_entry)" kind,perms)" 'text r-xp' 'code: it was entered there'
is "$(around "$(hex $(($(value end_data) - 1)))" perms,name)" "rw-p $(readlink "/proc/$pid/exe")" \
	'data: end_data lies in what is writable of the program'
is "$(around "$(value start_stack)" kind)" stack 'stack: where it began lies in [stack]'
is "$(around "$(value at_random)" kind)" stack 'vector: its random bytes lie in the stack'
is "$(tell vmas start 'kind = vdso')" "$(value at_sysinfo_ehdr)" 'vdso: it is where the vector says'
is "$(value pgtables)" "$(kib VmPTE)" 'page tables: as large as status says'
is "$(value at_pagesz)" "$page" 'page size: getconf and the vector say the same'
total=$(value total_vm) rss=$(value rss)
next

# Twelve pages, and by hand: pagemap, kpageflags, kpagecount.
is $(($(value total_vm) - total)) $((12 * page)) 'VSZ: 12 pages more'
is "$(mapping rss)" $((12 * page)) 'RSS: they were written'
if [ "$readable" ] && [ -r /proc/kpageflags ]; then
	by_hand() {
		entry=$(word "/proc/$pid/pagemap" $(($(address) / page)))
		frame=$((entry & (1 << 55) - 1))
		printf '0x%x 0x%x %d\n' "$frame" $((frame * page + 5)) "$(word /proc/kpagecount $frame)"
	}
	by_walk() {
		"$mmlens" translate "$pid" "$(printf %x $(($(address) + 5)))" -o pfn,physical,map_count -r -b -n 2>/dev/null
	}
	agree 'frame: number, physical address and how often it is mapped' by_hand by_walk
	flags_by_hand() {
		by_hand >/dev/null
		flags=$(word /proc/kpageflags $frame)
		for bit in 5:lru 12:anon 14:swapbacked 17:huge 18:unevictable; do
			[ $((flags >> ${bit%:*} & 1)) = 0 ] || printf '%s ' "${bit#*:}"
		done
	}
	flags_by_walk() {
		"$mmlens" translate "$pid" "$(address)" -o flags -r -n 2>/dev/null | sed 's/\\040/ /g' | tr ' ' '\n' |
			grep -xE 'lru|anon|swapbacked|huge|unevictable' | tr '\n' ' '
	}
	agree 'flags: bits of /proc/kpageflags, by name' flags_by_hand flags_by_walk
	zone_by_hand() {
		by_hand >/dev/null
		awk -v frame=$frame '$1 == "Node" { zone = $4 } $1 == "spanned" { n = $2 }
			$1 == "start_pfn:" && frame >= $2 && frame < $2 + n { print zone }' /proc/zoneinfo
	}
	zone_by_walk() { "$mmlens" translate "$pid" "$(address)" -o zone -r -n 2>/dev/null; }
	agree 'zone: the one whose frames the frame is among' zone_by_hand zone_by_walk
else
	for _ in 1 2 3; do skip 'frames are told to root'; done
fi
at=$(($(address)))
lines=$(wc -l <"/proc/$pid/maps")
next
parts() { tell vmas size,perms "start >= $(hex $at) and end <= $(hex $((at + 12 * page)))"; }
is "$(parts)" "$((4 * page)) rw-p
$((4 * page)) r--p
$((4 * page)) rw-p" 'mprotect: what was one mapping is three'
is $(($(tell vmas start | wc -l) - lines)) 2 'mprotect: two lines of maps more'
next
is "$(tell processes threads)" "$(ls "/proc/$pid/task" | wc -l)" 'thread: a task more'
case $(value mm_users) in
-) skip 'mm_users: told by BPF alone' ;;
*) is "$(value mm_users)" 2 'thread: two users of one mm' ;;
esac
next
is "$(around "$(address)" kind)" stack 'recursion: still in the stack'
ok $(($(around "$(address)" size) < 2 << 20)) 'recursion: the mapping has grown with it'
is "$(value stack_vm)" "$(kib VmStk)" 'recursion: as status says'
next
child=$(sed -n 's/^child //p' "$tmp/out")
is "$(mapping kind,rss)" "shmem $((16 * page))" 'shared: memory without a file is shmem'
is "$(tell processes rss_shmem)" "$(kib RssShmem)" 'shared: RssShmem has it'
if [ "$readable" ] && [ -r /proc/kpageflags ]; then
	frame_of() { "$mmlens" translate "$1" "$(address)" -o pfn,map_count -r -n 2>/dev/null; }
	of_parent() { frame_of "$pid"; }
	of_child() { frame_of "$child"; }
	agree 'shared: one frame in two processes' of_parent of_child
	is "$(of_child | cut -d' ' -f2)" 2 'shared: mapped twice'
else
	for _ in 1 2; do skip 'frames are told to root'; done
fi
parent=$pid mine=$(value pgd)
if [ "$mine" != - ]; then
	pid=$child
	ok "$([ "$(value pgd)" != "$mine" ]; echo $?)" 'fork: each process has a top table of its own'
	pid=$parent
else
	skip 'pgd: told by BPF alone'
fi
next

# A file: in the page cache, dropped, read again.
disk=$(df -P "$tmp" | awk 'NR == 2 { print $1 }')
is "$(mapping rss)" 0 'page cache: mapped, but no page of the process yet'
if [ "$readable" ] && [ -r /proc/kpageflags ]; then
	is "$(pages 16 cached)" 16 'page cache: what was written to the file is there'
else
	skip 'the page cache is asked by root'
fi
next
case $disk in
/dev/*) is "$(pages 16 absent)" 16 'page cache: dropped' ;;
*) skip "page cache: $disk has no device to read from" ;;
esac
majors=$(tell processes maj_faults)
watch_faults
next
seen=$(faults_seen)
case $disk in
/dev/*) is $(($(tell processes maj_faults) - majors)) 16 'page cache: each page read again is a major fault' ;;
*) skip "page cache: $disk has no device to read from" ;;
esac
case $disk,$seen in
*,) skip "faults by mapping: $(head -n 1 "$tmp/why")" ;;
*,'null '*) skip 'faults by mapping: minor and major are not told apart here' ;;
/dev/*) is "$seen" '0 16 file' 'faults by mapping: 16 major ones, for the file' ;;
*) is "$seen" '16 0 null' 'faults by mapping: 16 minor ones' ;;
esac
is "$(mapping rss)" $((16 * page)) 'page cache: now they are the process'\''s, too'
next

# Swap.
swapped=$(mapping swap)
if [ "$swapped" = $((16 * page)) ]; then
	is "$(pages 16 swapped)" 16 'swap: 16 pages are there'
	watch_faults
	next
	seen=$(faults_seen)
	# What is written to a disk stays in the swap cache for a while, and pages near it are read with it.
	synchronous=$(awk 'NR > 1 && $1 !~ /zram/ { n++ } END { print n + 0 }' /proc/swaps)
	case $seen,$synchronous in
	,* | 'null '*) skip "faults by mapping: $(head -n 1 "$tmp/why")" ;;
	*,0) is "$seen" '0 16 swap' 'faults by mapping: 16 major ones, for swap' ;;
	*) is "$(echo "$seen" | awk '{ print $1 + $2 }')" 16 'faults by mapping: 16, minor and major' ;;
	esac
	is "$(mapping rss,swap)" "$((16 * page)) 0" 'swap: they are back'
else
	next
	for _ in 1 2 3; do skip "swap: $swapped bytes were swapped out"; done
fi
next
ok $(($(value hiwater_vm) - $(value total_vm) < 16384 * page)) 'VmPeak: what it once had mapped'
is "$(value hiwater_vm)" "$(kib VmPeak)" 'VmPeak: as status says'
is "$(value hiwater_rss)" "$(kib VmHWM)" 'VmHWM: as status says'
ok $(($(value hiwater_rss) < rss)) 'VmHWM: the most it ever had'
finish
done_testing
