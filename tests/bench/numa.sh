# Nodes: bytes of 3,000 processes on each, and the tables of a machine with 64.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
[ "$1" = among ] || exec "$top_builddir/tests/bench/crowd" 3000 "${SHELL:-sh}" "$0" among

tree=${MMLENS_FIXTURES:-$top_srcdir/../shared/fixtures}/hwloc-256ia64-64n2s2c
if [ -d "$tree" ]; then
	files=$(find "$tree/sys/devices/system/node" -name meminfo -o -name numastat \
		-o -name cpulist -o -name cpumap -o -name distance)
	# 20 ms is the limit; that many starts of an empty program take about as long.
	ratio 40 20 "nodes and huge pages of 64 nodes: mmlens against an empty program" \
		"$mmlens nodes hugepages --root $tree" "$bare empty"
	ratio 40 3 "nodes and huge pages of 64 nodes: mmlens against bare reads of the same files" \
		"$mmlens nodes hugepages --root $tree" "$bare read $(echo $files)"
else
	echo "nodes and huge pages of 64 nodes: SKIP there is no $tree"
fi
need_root
ratio 10 0.8 "bytes on each node: mmlens against bare reads of numa_maps" \
	"$mmlens processes -o pid,nodes,comm" "$bare processes numa_maps"
ratio 3 0.333 "bytes on each node: mmlens against numastat -p" \
	"$mmlens processes -o pid,nodes,comm" "numastat -p sleep"
