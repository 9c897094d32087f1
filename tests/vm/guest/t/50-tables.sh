# SPDX-License-Identifier: GPL-2.0-or-later
# What mmlens says of the nodes and the huge pages is what the kernel's files say. Figures that move
# are read from the kernel before and after, and must lie between.

# cell TABLE COLUMN FILTER: one cell, sizes in bytes
cell()
{
	mmlens "$1" -r -n -b -o "$2" -f "$3"
}

# moving DESCRIPTION TABLE COLUMN FILTER COMMAND...: COMMAND reads the kernel's figure, which only grows
moving()
{
	description=$1 table=$2 column=$3 filter=$4
	shift 4
	low=$("$@")
	got=$(cell "$table" "$column" "$filter")
	between "$description" "$got" "$low" "$("$@")"
}

numastat_of()
{
	awk -v name="$2" '$1 == name { print $2 }' "$node_dir/node$1/numastat"
}

vmstat_of()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}

ok "mmlens runs" mmlens --version

is "nodes: as many as there are" "$(mmlens nodes -r -n -o node | xargs echo)" \
	"$(ls -d $node_dir/node[0-9]* | sed 's/.*node//' | xargs echo)"
for dir in $node_dir/node[0-9]*; do
	node=${dir##*node}
	# raw writes an empty cell as "".
	is "nodes: CPUs of node $node" "$(cell nodes cpus "node = $node" | tr -d '"')" \
		"$(cat "$dir/cpulist")"
	is "nodes: distances of node $node" \
		"$(mmlens nodes --csv -n -o distances -f "node = $node" | tr -d '\r"')" \
		"$(cat "$dir/distance")"
	is "nodes: total of node $node" "$(cell nodes total "node = $node")" \
		$(($(meminfo_kb MemTotal "$dir/meminfo") * 1024))
	# Some kernels have no pools for a node without memory.
	pools=-
	[ ! -d "$dir/hugepages" ] ||
		pools=$(($(cat "$dir/hugepages/hugepages-2048kB/nr_hugepages") * 2097152 +
			$(cat "$dir/hugepages/hugepages-1048576kB/nr_hugepages") * 1073741824))
	is "nodes: huge pages of node $node" "$(cell nodes hugetlb "node = $node")" "$pools"
	is "nodes: transparent huge pages of node $node" "$(cell nodes anon_huge "node = $node")" \
		$(($(meminfo_kb AnonHugePages "$dir/meminfo") * 1024))
	# It goes up and down: a look between two that agree well enough.
	for try in 1 2 3 4 5 6 7 8 9 10; do
		before=$(meminfo_kb MemFree "$dir/meminfo")
		free=$(($(cell nodes free "node = $node") / 1024))
		after=$(meminfo_kb MemFree "$dir/meminfo")
		! in_range $((after - before)) -4096 4096 || break
	done
	between "nodes: free memory of node $node" $free $((before - 8192)) $((before + 8192))
	for counter in numa_hit local_node other_node; do
		moving "nodes: $counter of node $node" nodes $counter "node = $node" \
			numastat_of "$node" $counter
	done
done
if [ "$machine" = four-nodes ]; then
	is "nodes: kinds" "$(mmlens nodes -r -n -o kind | xargs echo)" \
		"cpu+memory cpu+memory cpu memory"
	is "nodes: read latency of node 1" "$(mmlens nodes -J -o read_latency -f 'node = 1' \
		>/tmp/json && json_get /tmp/json tables nodes 0 read_latency)" 0.000000170
	is "nodes: read bandwidth of node 3" "$(cell nodes read_bandwidth 'node = 3')" \
		$((12288 * 1048576))
	is "nodes: nobody tells of node 2's latency" "$(mmlens nodes -J -o read_latency \
		-f 'node = 2' >/tmp/json && json_get /tmp/json tables nodes 0 read_latency)" null
fi
# Tiers came with 6.1; raw writes an absent cell as "-".
tier=$(ls -d /sys/devices/virtual/memory_tiering/memory_tier* 2>/dev/null | sed 's/.*memory_tier//')
is "nodes: tier of node 0" "$(cell nodes tier 'node = 0')" "${tier:--}"
is "distances: one row a pair" "$(mmlens distances -r -n -o distance | xargs echo)" \
	"$(cat $node_dir/node[0-9]*/distance | xargs echo)"

for size in 2048 1048576; do
	pool=/sys/kernel/mm/hugepages/hugepages-${size}kB
	filter="page_size = ${size}K and node = all"
	is "hugepages: all of ${size}K" \
		"$(cell hugepages total,free,reserved,surplus,overcommit "$filter")" \
		"$(cat $pool/nr_hugepages $pool/free_hugepages $pool/resv_hugepages \
			$pool/surplus_hugepages $pool/nr_overcommit_hugepages | xargs echo)"
	is "hugepages: memory of ${size}K" "$(cell hugepages size "$filter")" \
		$(($(cat $pool/nr_hugepages) * size * 1024))
	is "hugepages: free and not reserved of ${size}K" "$(cell hugepages available "$filter")" \
		$(($(cat $pool/free_hugepages) - $(cat $pool/resv_hugepages)))
	for dir in $node_dir/node[0-9]*; do
		node=${dir##*node}
		pool=$dir/hugepages/hugepages-${size}kB
		is "hugepages: ${size}K of node $node" \
			"$(cell hugepages total,free,surplus \
				"page_size = ${size}K and node = $node")" \
			"$([ ! -d "$pool" ] || cat "$pool/nr_hugepages" "$pool/free_hugepages" \
				"$pool/surplus_hugepages" | xargs echo)"
	done
done

is "hugetlb: the helper's touched mapping" \
	"$(cell hugetlb page_size,rss,nodes "pid = $hold and page_size = 2M and rss > 0")" \
	"2097152 4194304 N1=2"
is "hugetlb: the helper's reserved mapping" \
	"$(cell hugetlb size,rss "pid = $hold and page_size = 2M and rss = 0")" "4194304 0"
if [ "$machine" = four-nodes ]; then
	is "hugetlb: the helper's 1G page" \
		"$(cell hugetlb rss,policy,nodes "pid = $hold and page_size = 1G")" \
		"1073741824 bind:3 N3=1"
fi
is "hugetlbfs: the mount and its limit" "$(cell hugetlbfs page_size,size "mount = /dev/hugepages")" \
	"2097152 8388608"

for setting in enabled defrag shmem_enabled; do
	is "thp: $setting" "$(mmlens thp -r -n -o name,page_size,setting -f "name = $setting" |
		awk '$2 == "-" { print $3 }')" \
		"$(sed 's/.*\[//; s/\].*//' /sys/kernel/mm/transparent_hugepage/$setting)"
done
for counter in thp_fault_alloc thp_fault_fallback thp_split_page; do
	moving "thp: $counter" thp value "name = $counter" vmstat_of $counter
done
is "thp: pages khugepaged scans" "$(cell thp value 'name = khugepaged/pages_to_scan')" \
	"$(cat /sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan)"
if [ -d /sys/kernel/mm/transparent_hugepage/hugepages-64kB ]; then
	is "thp: setting of 64K" "$(cell thp setting 'name = enabled and page_size = 64K')" never
	is "thp: 2M pages there are" \
		"$(cell thp value 'name = stats/nr_anon and page_size = 2M')" \
		"$(cat /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon)"
fi
is "thp_why: the setting allows" "$(cell thp_why verdict 'id = setting_always')" fine
echo never >/sys/kernel/mm/transparent_hugepage/enabled
is "thp_why: the setting forbids" "$(cell thp_why verdict 'id = setting_never')" blocks
echo always >/sys/kernel/mm/transparent_hugepage/enabled

# Rates: what has been allocated on node 1 between two samples, by the time between them.
samples()
{
	[ "$(wc -l </tmp/json)" -ge "$1" ]
}

mmlens nodes -d 1 -c 1000 -J -o node,numa_hit,numa_hit_rate >/tmp/json &
looker=$!
wait_for 120 samples 1
: >/tmp/toucher
hold bind:16:1 >>/tmp/toucher &
toucher=$!
wait_for 120 grep -q '^ready$' /tmp/toucher
wait_for 120 samples $(($(wc -l </tmp/json) + 2))
kill $looker $toucher
wait $looker $toucher 2>/dev/null
# The two samples next to each other between which the most was.
allocated=0
for line in $(seq 2 "$(wc -l </tmp/json)"); do
	sed -n "$((line - 1))p" /tmp/json >/tmp/json.before
	sed -n "${line}p" /tmp/json >/tmp/json.after
	more=$(($(json_get /tmp/json.after tables nodes 1 numa_hit) -
		$(json_get /tmp/json.before tables nodes 1 numa_hit)))
	[ "$more" -gt "$allocated" ] || continue
	allocated=$more
	mv /tmp/json.before /tmp/json.2
	mv /tmp/json.after /tmp/json.3
done
ok "nodes: pages were allocated on node 1" [ "$allocated" -gt 0 ]
between "nodes: pages allocated on node 1 per second, times seconds" \
	"$(awk -v rate="$(json_get /tmp/json.3 tables nodes 1 numa_hit_rate)" \
		-v seconds="$(json_get /tmp/json.3 interval)" 'BEGIN { print rate * seconds }')" \
	$((allocated - 1 - allocated / 500)) $((allocated + 1 + allocated / 500))
