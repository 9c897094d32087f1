# SPDX-License-Identifier: GPL-2.0-or-later
# The helper's process and its mappings: policies, nodes, swap and huge pages.

# The helper's bytes on node $1, by numa_maps: pages times each mapping's own page size.
bytes_on()
{
	awk -v key="N$1" '{
		pages = 0
		for (i = 3; i <= NF; i++) {
			split($i, pair, "=")
			if (pair[1] == key)
				pages = pair[2]
			else if (pair[1] == "kernelpagesize_kB")
				sum += pages * pair[2] * 1024
		}
	} END { print sum + 0 }' "/proc/$hold/numa_maps"
}

status_bytes()
{
	awk -v name="$1:" '$1 == name { print $2 * 1024 }' "/proc/$hold/status"
}

# vma SHAPE COLUMNS
vma()
{
	mmlens vmas -p "$hold" -r -n -b -o "$2" -f "start = 0x$(hold_start_of "$1")"
}

of_hold="pid = $hold"
is "processes: swap" "$(cell processes swap "$of_hold")" "$(status_bytes VmSwap)"
is "processes: hugetlb" "$(cell processes hugetlb "$of_hold")" "$(status_bytes HugetlbPages)"
# Some kernels' status leaves out what each CPU counted and has not yet handed in; what is mapped is
# exact everywhere. Where both say the same, nothing else will do.
resident=$(printf '%s\n' $(status_bytes VmRSS) \
	$(awk '$1 == "Rss:" { print $2 * 1024 }' "/proc/$hold/smaps_rollup") | sort -n | xargs echo)
between "processes: resident" "$(cell processes rss "$of_hold")" $resident
is "processes: in transparent huge pages" "$(cell processes thp "$of_hold")" 16777216
nodes=
for dir in $node_dir/node[0-9]*; do
	node=${dir##*node}
	bytes=$(bytes_on "$node")
	[ "$bytes" = 0 ] || nodes="$nodes N$node=$bytes"
done
is "processes: bytes on each node" "$(mmlens processes -p "$hold" --csv -n -o nodes |
	tr -d '\r"')" "${nodes# }"


# On the CPU of node 0 alone, what lies on other nodes is remote.
taskset -p 1 "$hold" >/dev/null
remote=0
for dir in $node_dir/node[1-9]*; do
	remote=$((remote + $(bytes_on "${dir##*node}")))
done
is "processes: remote" "$(cell processes remote "$of_hold")" "$remote"
is "vmas: remote, all of it" "$(vma bind remote,remote_share)" "8388608 100.000"
is "vmas: remote, half of it" "$(vma interleave remote,remote_share)" "8388608 50.000"
is "vmas: remote, none of it" "$(vma half remote,remote_share)" "0 0.000"
taskset -p 2 "$hold" >/dev/null
is "vmas: no longer remote" "$(vma bind remote)" 0

is "vmas: bind" "$(vma bind size,rss,policy,nodes)" "8388608 8388608 bind:1 N1=8388608"
is "vmas: interleave" "$(mmlens vmas -p "$hold" --csv -n -o policy,nodes \
	-f "start = 0x$(hold_start_of interleave)" | tr -d '\r"')" \
	"interleave:0-1,N0=8388608 N1=8388608"
is "vmas: prefer" "$(vma prefer policy,nodes)" "prefer:1 N1=4194304"
is "vmas: half" "$(vma half size,rss)" "8388608 4194304"
is "vmas: swap" "$(vma swap rss,swap)" "0 8388608"
is "vmas: thp" "$(vma thp anon_huge_pages)" 16777216
is "vmas: nothp" "$(vma nothp anon_huge_pages,thp_eligible)" "0 no"
is "vmas: huge2m" "$(vma huge2m private_hugetlb,kernel_page_size,nodes)" "4194304 2097152 N1=4194304"
if [ "$machine" = four-nodes ]; then
	is "vmas: huge1g" "$(vma huge1g private_hugetlb,kernel_page_size,nodes)" \
		"1073741824 1073741824 N3=1073741824"
fi

# Why the helper's mappings have huge pages or not.
reason()
{
	mmlens thp_why -p "$hold" -r -n -o id,verdict \
		-f "start = 0x$(hold_start_of "$1") and verdict = blocks"
}

is "thp_why: a mapping that refuses" "$(reason nothp)" "nohugepage blocks"
is "thp_why: a mapping that has them all" "$(mmlens thp_why -p "$hold" -r -n -o id,value \
	-f "start = 0x$(hold_start_of thp)")" "mapping_share 100.00"
is "thp_why: hugetlb is another thing" "$(reason huge2m)" "special blocks"
