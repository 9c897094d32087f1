# SPDX-License-Identifier: GPL-2.0-or-later
# What the helper built is what the kernel says is there. It goes on holding it for the tests after.
page_kb=4
second=1
first=0
shapes="bind:8:1 interleave:16:0,1 prefer:4:1 half:8:0 shared:4:1 thp:16:0 nothp:4:0
	huge2m:4:1 reserved2m:4 swap:8:0 swapshm:2:0"
if [ "$machine" = four-nodes ]; then
	shapes="$shapes huge1g:1024:3"
fi

ok "the helper builds its memory" hold_start $shapes

is "bind: policy" "$(numa_maps_policy bind)" "bind:1"
is "bind: all of it on node 1" "$(numa_maps_field bind N1)" 2048
is "bind: none of it on node 0" "$(numa_maps_field bind N0)" ""
is "interleave: policy" "$(numa_maps_policy interleave)" "interleave:0-1"
is "interleave: half on node 0" "$(numa_maps_field interleave N0)" 2048
is "interleave: half on node 1" "$(numa_maps_field interleave N1)" 2048
is "prefer: policy" "$(numa_maps_policy prefer)" "prefer:1"
is "prefer: all of it on node 1" "$(numa_maps_field prefer N1)" 1024
is "half: size" "$(smaps_kb half Size)" 8192
is "half: resident" "$(smaps_kb half Rss)" 4096
is "half: on node 0" "$(numa_maps_field half N0)" 1024
is "shared: resident" "$(smaps_kb shared Rss)" 4096
is "thp: all of it huge" "$(smaps_kb thp AnonHugePages)" 16384
is "nothp: resident" "$(smaps_kb nothp Rss)" 4096
is "nothp: none of it huge" "$(smaps_kb nothp AnonHugePages)" 0
is "huge2m: mapped" "$(smaps_kb huge2m Private_Hugetlb)" 4096
is "huge2m: on node 1" "$(numa_maps_field huge2m N1)" 2
is "reserved2m: reserved" "$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages)" 2
is "swap: all of it out" "$(smaps_kb swap Swap)" 8192
is "swap: nothing resident" "$(smaps_kb swap Rss)" 0
if [ "$machine" = four-nodes ]; then
	is "huge1g: mapped" "$(smaps_kb huge1g Private_Hugetlb)" 1048576
	is "huge1g: on node 3" "$(numa_maps_field huge1g N3)" 1
fi
