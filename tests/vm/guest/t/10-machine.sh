# SPDX-License-Identifier: GPL-2.0-or-later
# The machine is the one the tests after this believe in: nodes, distances, types, control groups.
case $machine in
two-nodes)
	online=0-1 has_cpu=0-1 has_memory=0-1
	distances="10 21/21 10/"
	;;
four-nodes)
	online=0-3 has_cpu=0-2 has_memory=0-1,3
	distances="10 16 22 28/16 10 20 24/22 20 10 30/28 24 30 10/"
	;;
esac

is "online nodes" "$(cat $node_dir/online)" "$online"
is "nodes with CPUs" "$(cat $node_dir/has_cpu)" "$has_cpu"
is "nodes with memory" "$(cat $node_dir/has_memory)" "$has_memory"
is "distances" "$(cat $node_dir/node[0-9]*/distance | tr '\n' /)" "$distances"
is "nodes' memory is all memory" \
	"$(cat $node_dir/node[0-9]*/meminfo | awk '$3 == "MemTotal:" { sum += $4 } END { print sum }')" \
	"$(meminfo_kb MemTotal)"
ok "the kernel tells its types (BTF)" [ -s /sys/kernel/btf/vmlinux ]
ok "control groups account for memory" grep -qw memory /sys/fs/cgroup/cgroup.subtree_control

if [ "$machine" = four-nodes ]; then
	is "node 2 has a CPU" "$(cat $node_dir/node2/cpulist)" 2
	is "node 2 has no memory" "$(meminfo_kb MemTotal $node_dir/node2/meminfo)" 0
	is "node 3 has no CPU" "$(cat $node_dir/node3/cpulist)" ""
	between "node 3 has most memory" "$(meminfo_kb MemTotal $node_dir/node3/meminfo)" 1300000 1572864
	is "latency of node 1 from its own CPU" \
		"$(cat $node_dir/node1/access0/initiators/read_latency)" 170
	is "bandwidth of node 3 from the nearest CPU" \
		"$(cat $node_dir/node3/access0/initiators/read_bandwidth)" 12288
fi
