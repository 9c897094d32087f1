# SPDX-License-Identifier: GPL-2.0-or-later
# More memory while the machine runs: 256 MiB, on the machine of four to the node that had none.
hold_stop
before=$(meminfo_kb MemTotal)
blocks=$(ls -d /sys/devices/system/memory/memory[0-9]* | wc -l)
block_mib=$((0x$(cat /sys/devices/system/memory/block_size_bytes) >> 20))
case $machine in
two-nodes) node=1 ;;
four-nodes) node=2 ;;
esac
node_before=$(meminfo_kb MemTotal $node_dir/node$node/meminfo)

blocks_came()
{
	[ "$(ls -d /sys/devices/system/memory/memory[0-9]* | wc -l)" -ge \
		$((blocks + 256 / block_mib)) ]
}

has_grown()
{
	[ "$(meminfo_kb MemTotal)" -ge $((before + 262144)) ]
}

echo "mmlens: plug memory" >/dev/console
ok "memory arrives" wait_for 120 blocks_came
# Kernels differ in whether they put it to use by themselves.
for state in /sys/devices/system/memory/memory*/state; do
	[ "$(cat "$state")" = online ] || echo online >"$state"
done
wait_for 60 has_grown
is "as many blocks as it has" \
	"$(($(ls -d /sys/devices/system/memory/memory[0-9]* | wc -l) - blocks))" $((256 / block_mib))
is "all memory has grown by it" $(($(meminfo_kb MemTotal) - before)) 262144
is "its node has grown by it" \
	$(($(meminfo_kb MemTotal $node_dir/node$node/meminfo) - node_before)) 262144
is "nodes: the node has grown" "$(mmlens nodes -r -n -b -o total -f "node = $node")" \
	$(((node_before + 262144) * 1024))
