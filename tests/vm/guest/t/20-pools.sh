# SPDX-License-Identifier: GPL-2.0-or-later
# Huge page pools, given on the command line of one machine and made at run time on the other.
if [ "$machine" = two-nodes ]; then
	echo 4 >$node_dir/node0/hugepages/hugepages-2048kB/nr_hugepages
	echo 12 >$node_dir/node1/hugepages/hugepages-2048kB/nr_hugepages
	echo 2 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages
	pools="4 12" all=16
else
	pools="8 16 0 32" all=56
	is "one 1G page" "$(cat /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages)" 1
	is "it lies on node 3" "$(cat $node_dir/node3/hugepages/hugepages-1048576kB/nr_hugepages)" 1
fi
is "2M pages of each node" \
	"$(cat $node_dir/node[0-9]*/hugepages/hugepages-2048kB/nr_hugepages | xargs echo)" "$pools"
is "2M pages of the machine" "$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages)" "$all"
