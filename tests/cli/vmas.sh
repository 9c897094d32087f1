# The table of mappings, on a process of which every mapping is known, and on a captured tree.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

. "$srcdir/tests/cli/known.sh"

# cells NAME COLUMNS: those cells of the mapping NAME
cells() {
	"$mmlens" vmas -p "$pid" -r -n -f "start = 0x$(start_of "$1")" -o "$2"
}

soon "$((64 * page)) rw-p anon $((32 * page)) $((32 * page)) $((32 * page)) 0 -" \
	"anonymous memory touched by half" \
	cells anon size,perms,kind,rss,anonymous,private_dirty,swap,name
soon "$((16 * page)) rw-s shmem $((16 * page)) 0 /dev/zero\\040(deleted)" "shared anonymous memory" \
	cells shared size,perms,kind,rss,anonymous,name
is "$(cells none size,perms,kind,rss)" "$((256 * page)) ---p reserve 0" "PROT_NONE"
is "$(cells zero rss,anonymous)" "0 0" "pages only read are the zero page, and not resident"
soon "$((8 * page)) shmem $((8 * page))" "memfd" cells memfd size,kind,rss
soon "$((16 * page)) rw-p $((16 * page)) $((4 * page))" "a private file with copied pages" \
	cells private size,perms,rss,anonymous
is "$(cells deleted deleted)" yes "a file that was removed"
is "$(cells private deleted)" no "a file that was not"
like "$(cells advised flags)" "dont-copy-on-fork.*dont-dump" "advice is in the flags, in words"
like "$(cells advised vm_flags)" "dc.*dd" "and as the kernel has them"
like "$(cells thp flags)" "huge-page-advised" "huge pages were advised"
if [ "$(start_of locked)" = - ]; then
	skip "mlock() is not allowed"
else
	is "$(cells locked rss,locked)" "$((4 * page)) $((4 * page))" "locked memory"
fi
if [ "$(start_of hugetlb)" = - ]; then
	skip "no hugetlb page in the pool"
else
	is "$(cells hugetlb kind,rss,private_hugetlb,kernel_page_size)" "hugetlb 0 2097152 2097152" \
		"hugetlb"
fi
if [ "$(start_of swapped)" = - ]; then
	skip "no swap"
else
	is "$(cells swapped rss,swap)" "0 $((32 * page))" "swapped memory"
fi
if grep -Eq '\[(always|madvise)\]' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null; then
	soon "$((4 << 20))" "memory in huge pages" cells thp rss
	huge=$(cells thp anon_huge_pages)
	is "$((huge % (2 << 20)))" 0 "in whole huge pages"
else
	skip "no transparent huge pages"
fi

# Names: what steers terminals never gets out, and what the kernel escapes is told apart again.
text=$("$mmlens" vmas -p "$pid" -o name)
is "$(printf '%s' "$text" | LC_ALL=C tr -d '\n\040-\176' | wc -c)" 0 "nothing but printable text"
# The links of mappings, which only the privileged may read, tell as much as PROCMAP_QUERY.
if [ "$(uname -r | awk -F. '{ print ($1 > 6 || ($1 == 6 && $2 >= 11)) }')" = 1 ] ||
	readlink "/proc/$pid/map_files/"* >/dev/null 2>&1; then
	like "$(cells memfd name)" '^/memfd:a\\012b\\033\[31m\\134012\\040\(deleted\)$' \
		"a newline and a backslash 012 in one name are two things"
	is "$("$mmlens" vmas -p "$pid" -J -o name -f "start = 0x$(start_of odd)" |
		grep -Fc '/new\nline\\012 \u001b]0;x\u0007\\xff"')" 1 "the name whole in JSON"
else
	skip "PROCMAP_QUERY needs Linux 6.11, and links of mappings CAP_CHECKPOINT_RESTORE"
fi

# The rows are those of maps, and the borders are marked.
is "$("$mmlens" vmas -p "$pid" -r -n -o start,end,perms | sed 's/0x//g')" \
	"$(LC_ALL=C sed 's/^0*\([0-9a-f]*\)-0*\([0-9a-f]*\) \(....\).*/\1 \2 \3/' "/proc/$pid/maps")" \
	"every mapping of maps, in order"
for part in code data brk stack args env; do
	"$mmlens" vmas -p "$pid" -r -n -o holds -f "holds ~ $part" | grep -q "$part"
	ok $? "the mapping that holds $part is marked"
done
is "$("$mmlens" vmas -p "$pid" -r -n -o kind -f 'name = "[heap]" or name = "[stack]"' | sort -u)" \
	"heap
stack" "heap and stack"

# A read that is not needed is not done.
if command -v strace >/dev/null; then
	strace -f -e trace=openat,open -o "$tmp/trace" "$mmlens" vmas -p "$pid" -o start,name >/dev/null
	is "$(grep -c "/proc/$pid/smaps\|/proc/$pid/numa_maps" "$tmp/trace")" 0 \
		"columns of maps do not read smaps"
else
	skip "no strace"
fi

# By name, over two processes: levels add up.
sum() {
	"$mmlens" vmas -p "$pid" -r -n -o rss | awk '{ s += $1 } END { print s }'
}
sum_by_name() {
	"$mmlens" vmas -p "$pid" --by name -r -n -o rss | awk '{ s += $1 } END { print s }'
}
agree "by name: the sum stays" sum sum_by_name
is "$("$mmlens" vmas -p "$pid" --by name -r -n -o name | sort | uniq -d)" "" "a row a name"
is "$("$mmlens" vmas -p "$pid" --by name -r -n -o mappings | awk '{ s += $1 } END { print s }')" \
	"$(wc -l <"/proc/$pid/maps")" "every mapping is in one row"
is "$("$mmlens" vmas -p "$pid,$$" --by name -r -n -o processes -f 'name = "[stack]"')" 2 \
	"two processes have a stack"

# Nodes, where the kernel has them.
if [ -e "/proc/$pid/numa_maps" ]; then
	is "$(cells anon policy)" default "NUMA policy"
	on_nodes() {
		cells anon nodes | awk -F= '{ print $2 }' RS='\\\\\\\\040' | awk '{ s += $1 } END { print s }'
	}
	soon "$((32 * page))" "bytes on nodes are those resident" on_nodes
else
	skip "no numa_maps"
fi

# A capture reads back the same.
"$mmlens" capture "$tmp/tree" -p "$pid" >/dev/null 2>&1
ok $? "capture of the process"
live() {
	"$mmlens" vmas -p "$pid" -r -o "$columns"
}
captured() {
	rm -rf "$tmp/tree"
	"$mmlens" capture "$tmp/tree" -p "$pid" >/dev/null 2>&1
	"$mmlens" vmas --root "$tmp/tree" -p "$pid" -r -o "$columns"
}
for columns in start,end,perms,name,holds start,rss,anonymous,vm_flags,policy,nodes,name; do
	agree "$columns out of the capture" live captured
done

# What cannot be shown says so.
out=$("$mmlens" vmas 2>&1)
is "$?" 2 "no process asked for: usage"
like "$out" 'vmas needs -p PID' "and what is missing"
out=$("$mmlens" vmas -p 4194304 2>&1)
is "$?" 1 "no such process: 1"
like "$out" 'no process 4194304' "and its number"
if grep -q '^PF_KTHREAD\|kthreadd' /proc/2/comm 2>/dev/null; then
	out=$("$mmlens" vmas -p 2 2>&1)
	is "$?" 0 "a kernel thread: nothing to show is no failure"
	like "$out" 'kernel thread' "but said"
else
	skip "no kernel threads here"
fi
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups "$mmlens" --version >/dev/null 2>&1; then
	out=$(setpriv --reuid 65534 --clear-groups "$mmlens" vmas -p "$pid" 2>&1)
	is "$?" 1 "someone else's process: refused"
	like "$out" "permission denied; needs the process's own user, or CAP_SYS_PTRACE" "with the reason"
else
	skip "needs root, setpriv and a program that others may run"
fi

known_done
