# SPDX-License-Identifier: GPL-2.0-or-later
# Huge page pools: of 2M made at run time, of 1G given on the command line of one machine.
if [ "$machine" = two-nodes ]; then
	pools="0:4 1:12" all=16
	echo 2 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages
else
	pools="0:8 1:16 3:32" all=56
	is "one 1G page" "$(cat /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages)" 1
	is "it lies on node 3" "$(cat $node_dir/node3/hugepages/hugepages-1048576kB/nr_hugepages)" 1
fi
for pool in $pools; do
	file=$node_dir/node${pool%:*}/hugepages/hugepages-2048kB/nr_hugepages
	echo "${pool#*:}" >"$file"
	is "2M pages of node ${pool%:*}" "$(cat "$file")" "${pool#*:}"
done
is "2M pages of the machine" "$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages)" "$all"
