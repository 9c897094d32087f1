# What people reported about programs like this one: the same input, and the right answer.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"
reports=${MMLENS_REPORTS:-$srcdir/../shared/reports}

# of REPORT TABLE OPTION...: rows of its tree; what is said beside them is in $tmp/err
of() {
	tree=$reports/$1
	shift
	"$mmlens" "$@" --root "$tree" -r -n 2>"$tmp/err"
}

if [ ! -d "$reports" ]; then
	skip "no reports here (MMLENS_REPORTS)"
	done_testing
	exit
fi

# 8M mapped by hundreds of processes, 2G of huge pages: the share is of what is in rss.
is "$(of 13-psmem64-hugetlb processes -o pss,uss,hugetlb,rss,rss_anon)" \
	"$((4446 << 10)) $(((196 + 2308) << 10)) $((2187264 << 10)) $((49072 << 10)) $((2308 << 10))" \
	"a process with hugetlb: its share is never below 0, and huge pages are apart"

# Flags that nobody knows, and a line that has none.
is "$(of 14-smaps-vmflags vmas -p 77 -o start,rss,pss,flags,name)" \
	"0x7f0000000000 4096 4096 read\\040write\\040may-read\\040may-write\\040may-exec\\040no-swap-reserve\\040wipe-on-fork\\040dont-dump\\040soft-dirty\\040droppable\\040zz -
0x7f0000002000 4096 2048 \"\" /usr/lib/libx.so
0x7f0000004000 0 0 read\\040write\\040may-read\\040may-write\\040may-exec\\040accounted -" \
	"mappings with flags unknown or none at all"
is "$(of 14-smaps-vmflags vmas -p 77 -o vm_flags_bits | tr "\n" " ")" "- 0x0 0x100073 " \
	"flags as a number, but for one that nobody knows"
is "$(of 14-smaps-vmflags vmas -p 77 -o private_dirty | tr '\n' ' ')" "4096 - - " \
	"what a mapping's lines do not have is absent"

# Free ones that are spoken for cannot be had.
is "$(of 16-xsos288-rsvd hugepages -o node,total,free,reserved,available)" "all 32161 9000 7191 1809" \
	"huge pages that are reserved are not available"

# Two sizes, the larger one the default: both count.
is "$(of 17-numactl152-1g-default hugepages -o page_size,node,total,idle_size,is_default)" \
	"2097152 all 1024 $((2 << 30)) no
1073741824 all 2 $((2 << 30)) yes
2097152 0 512 $((1 << 30)) no
1073741824 0 1 $((1 << 30)) yes
2097152 1 512 $((1 << 30)) no
1073741824 1 1 $((1 << 30)) yes" "idle huge pages of both sizes, on each node"

# Numbers that were right: all of smaps and numa_maps of a process.
smaps=$reports/01-jc-ubuntu2004/proc/1/smaps
is "$(of 01-jc-ubuntu2004 vmas -p 1 -o rss,pss,private_dirty,swap |
	awk '{ r += $1; p += $2; d += $3; s += $4 } END { print r, p, d, s }')" \
	"$(awk '$1 == "Rss:" { r += $2 } $1 == "Pss:" { p += $2 } $1 == "Private_Dirty:" { d += $2 }
		$1 == "Swap:" { s += $2 } END { print r * 1024, p * 1024, d * 1024, s * 1024 }' "$smaps")" \
	"sums of all mappings"
is "$(of 01-jc-ubuntu2004 vmas -p 1 -o numa_active,numa_mapped,numa_map_max -l 3)" \
	"$((16 << 12)) $((52 << 12)) 2
$((120 << 12)) $((200 << 12)) 3
$((69 << 12)) $((69 << 12)) 3" "pages on active lists: some, most, and all where nothing is said"
is "$(of 01-jc-ubuntu2004 processes -o rss,rss_anon,swap,threads,comm)" \
	"$((3313 << 12)) $((4576 << 10)) 0 1 systemd" "the process itself"

# A size of address space beyond all memory, and files with no blank before their numbers.
is "$(of 19-wsl1-swapfree processes -o vsize,rss,comm)" "362160046080 98304 init" \
	"numbers with no blank before them"

# What is not there has its reason.
of 20-linprocfs-cacti207 processes hugepages thp >/dev/null
like "$(cat "$tmp/err")" 'processes: this tree has no processes' "no processes: it is said"
like "$(cat "$tmp/err")" 'thp: .*not in this tree' "and so are other tables"
done_testing
