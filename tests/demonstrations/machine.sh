#!/bin/sh
# What is shown of a machine by hand: with cat of the kernel's files and a calculator. All of it is one instant,
# a capture, of which both read the same files. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

page=$(getconf PAGESIZE)
tree=$tmp/tree
"$mmlens" capture "$tree" >/dev/null 2>&1
ok $? 'capture'
proc=$tree/proc

# tell TABLE COLUMNS [FILTER] [ARGUMENT...]: cells, bare. line NAME: of meminfo, in bytes
tell() {
	table=$1 columns=$2 filter=${3:-}
	shift 2
	[ $# = 0 ] || shift
	"$mmlens" --root "$tree" "$table" -o "$columns" ${filter:+-f "$filter"} "$@" -r -b -n 2>/dev/null
}
line() { awk -v name="$1:" '$1 == name { printf "%.0f", $2 * 1024 }' "$proc/meminfo"; }

# All of memory.
is "$(tell meminfo bytes 'name = MemTotal')" "$(line MemTotal)" 'MemTotal: in bytes'
is "$(tell balance bytes | awk '{ s += $1 } END { printf "%.0f", s }')" "$(line MemTotal)" 'balance: its rows add up to MemTotal'
is "$(tell meminfo bytes 'name = MemAvailable')" "$(line MemAvailable)" 'MemAvailable: as the kernel has it'
if [ "$(line HighTotal)" ]; then
	is "$(tell free total 'item = High')" "$(line HighTotal)" 'high memory: as meminfo has it'
else
	is "$(tell free total 'item = High')" 0 'high memory: none on 64 bits'
fi
is "$(tell free total 'item = Total')" "$(($(line MemTotal) + $(line SwapTotal)))" 'total: memory and swap together'
is "$(tell balance bytes 'item = slab_unreclaimable')" "$(line SUnreclaim)" 'slab: what cannot be had back of it'
is "$(tell balance bytes 'item = page_tables')" "$(line PageTables)" 'page tables: of all processes'
is "$(tell balance bytes 'item = kernel_stack')" "$(line KernelStack)" 'kernel stacks: of all threads'
is "$(tell balance bytes 'item = shmem' --by reclaim)" "$(line Shmem)" 'shared memory: swappable'
for list in active_anon:'Active(anon)' inactive_anon:'Inactive(anon)' active_file:'Active(file)' \
	inactive_file:'Inactive(file)' unevictable:Unevictable; do
	is "$(tell balance bytes "item = ${list%%:*}" --by list)" "$(line "${list#*:}")" "lists: ${list#*:}"
done
is "$(tell balance reclaim 'reclaim = syncable and item = file_dirty' --by reclaim)" syncable \
	'reclaim: dirty pages have to be written first'

# Zones and their marks.
zone_lines() {
	awk '$1 == "Node" { zone = $4 } $1 == "'"$1"'" && zone { print zone, $2 }' "$proc/zoneinfo"
}
for what in spanned present managed; do
	is "$(tell zones "zone,$what" | awk -v p="$page" '{ print $1, $2 / p }')" "$(zone_lines $what)" "zones: $what, as zoneinfo has it"
done
is "$(tell zones zone,min,low,high,boost 'managed > 0' |
	awk -v p="$page" '{ step = $3 - $2
		if ($4 - $3 != step || step < int(($2 - $5) / p / 4) * p) print }')" "" \
	'marks: high is as far above low as low is above min, at least a quarter of min'
reserve() { cat "$proc/sys/vm/min_free_kbytes"; }
least=$(tell zones min,boost 'managed > 0 and zone != Movable' | awk '{ s += $1 - $2 } END { printf "%.0f", s / 1024 }')
zones=$(tell zones zone 'managed > 0' | wc -l)
if [ "$(tell zones managed 'zone = Movable and managed > 0')" ]; then
	skip 'kernels count zone Movable differently'
elif [ -r "$proc/sys/vm/min_free_kbytes" ]; then
	ok $((least > $(reserve) || least < $(reserve) - (zones + 1) * page / 1024)) "marks: min of all zones is min_free_kbytes"
else
	skip 'min_free_kbytes cannot be read'
fi
is "$(tell zones zone,protection | sed 's/\\040/ /g; s/,/ /g; s/[()]//g; s/  */ /g' | head -n 1)" \
	"$(awk '$1 == "Node" { zone = $4 } $1 == "protection:" { $1 = ""; gsub(/[(),]/, ""); print zone $0; exit }' "$proc/zoneinfo")" \
	'protection: what the lowest zone keeps from those who could have another'

# Free blocks.
is "$(tell buddy zone,order,free,free_blocks | awk -v p="$page" '$3 != $4 * p * 2 ^ $2')" "" \
	'buddies: a block of order n has 2^n pages'
is "$(tell buddy node,zone,order,unusable_index | tr ' ' :)" "$(awk '{ f = 0; node = $2 + 0
	for (i = 5; i <= NF; i++) f += $i * 2 ^ (i - 5)
	for (o = 5; o <= NF; o++) { s = 0
		for (k = o; k <= NF; k++) s += $k * 2 ^ (k - 5)
		printf "%d:%s:%d:%.3f\n", node, $4, o - 5, (f ? int((f - s) * 1000 / f) : 1000) / 1000 } }' "$proc/buddyinfo")" \
	'fragmentation: the share of free memory that is of no use to an order'
if [ -r "$proc/pagetypeinfo" ]; then
	is "$(tell pagetypes zone,type,pageblocks 'type = Movable')" "$(awk '
		/^Number of blocks type/ { for (i = 5; i <= NF; i++) if ($i == "Movable") at = i; next }
		at && $1 == "Node" { sub(",", "", $4); print $4, "Movable", $at }' "$proc/pagetypeinfo")" \
		'migrate types: pageblocks that are movable'
else
	skip 'pagetypeinfo is told to root'
fi

# Slab.
if [ -r "$proc/slabinfo" ]; then
	is "$(tell slab obj_size 'cache = kmalloc-64')" "$(awk '$1 == "kmalloc-64" { print $4 }' "$proc/slabinfo")" \
		'slab: an object of kmalloc-64 has 64 bytes'
	is "$(tell slab cache,size | sort)" "$(awk -v p="$page" 'NR > 2 { printf "%s %.0f\n", $1, $15 * $6 * p }' "$proc/slabinfo" | sort)" \
		'slab: slabs times pages in one is what a cache takes'
	sysfs=$tree/sys/kernel/slab/kmalloc-64
	if [ -r "$sysfs/order" ]; then
		is "$(tell slab align,order,cpu_partial,min_partial 'cache = kmalloc-64')" \
			"$(cat "$sysfs/align") $(cat "$sysfs/order") $(cat "$sysfs/cpu_partial") $(cat "$sysfs/min_partial")" \
			'slab: align, order, cpu_partial and min_partial'
	else
		skip 'this allocator has no folder in /sys'
	fi
else
	for _ in 1 2 3; do skip 'slabinfo is told to root'; done
fi

# Nodes, huge pages, pressure, settings.
node=$tree/sys/devices/system/node/node0
if [ -r "$node/meminfo" ]; then
	is "$(tell nodes total,free 'node = 0')" \
		"$(awk '$3 == "MemTotal:" { t = $4 * 1024 } $3 == "MemFree:" { printf "%.0f %.0f", t, $4 * 1024 }' "$node/meminfo")" \
		'nodes: memory of node 0'
	is "$(tell distances distance 'node = 0 and to = 0')" "$(cut -d' ' -f1 "$node/distance")" 'nodes: the distance of 0 to itself'
	is "$(tell nodes numa_hit 'node = 0')" "$(awk '$1 == "numa_hit" { print $2 }' "$node/numastat")" 'nodes: numa_hit of node 0'
else
	for _ in 1 2 3; do skip 'no nodes'; done
fi
is "$(tell hugepages total,free,reserved,surplus 'node = all and default = yes')" \
	"$(awk '/^HugePages_/ { printf "%s%s", sep, $2; sep = " " }' "$proc/meminfo")" 'huge pages: the pool of the default size'
thp=$tree/sys/kernel/mm/transparent_hugepage/enabled
if [ -r "$thp" ]; then
	is "$(tell thp setting 'name = enabled' | head -n 1)" "$(sed 's/.*\[\(.*\)\].*/\1/' "$thp")" \
		'huge pages: who gets transparent ones'
else
	skip 'no transparent huge pages'
fi
if [ -r "$proc/pressure/memory" ]; then
	is "$(tell psi avg10,total 'resource = memory and stall = some' | awk '{ printf "%.2f %.0f", $1, $2 * 1000000 }')" \
		"$(awk '$1 == "some" { sub("avg10=", "", $2); sub("total=", "", $5); printf "%.2f %.0f", $2, $5 }' "$proc/pressure/memory")" \
		'pressure: time lost waiting for memory'
else
	skip 'no pressure stall information'
fi
for setting in swappiness overcommit_memory overcommit_ratio min_free_kbytes; do
	if [ -r "$proc/sys/vm/$setting" ]; then
		is "$(tell settings value "name = vm.$setting")" "$(cat "$proc/sys/vm/$setting")" "settings: $setting"
	else
		skip "$setting cannot be read"
	fi
done
if [ "$(uname -m)" = x86_64 ]; then
	is "$(tell layout used 'region ~ ^direct')" "$(awk '/^DirectMap/ { s += $2 * 1024 } END { printf "%.0f", s }' "$proc/meminfo")" \
		'layout: what of the direct map is in use'
	is "$(tell layout used 'region = modules')" "$([ ! -e "$proc/modules" ] && echo - || awk '{ s += $2 } END { printf "%.0f", s }' "$proc/modules")" \
		'layout: what modules take'
else
	skip 'not x86-64'
	skip 'not x86-64'
fi

# While it runs: what a counter of vmstat has grown by.
. "$srcdir/tests/demonstrations/lead.sh"
count() { "$mmlens" vmstat -o value -f 'name = pgfault' -r -n; }
begin examples/touch
last=$(count)
next
ok $(($(count) - last < 512)) 'vmstat: pgfault has grown by 512 pages that were read'
finish
done_testing
