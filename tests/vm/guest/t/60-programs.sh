# SPDX-License-Identifier: GPL-2.0-or-later
# Tests that are programs of their own, here on several nodes.
ok "libnuma and the tables agree" sh -c "numa_live >$results/numa_live.tap" ||
	grep '^not' $results/numa_live.tap | sed 's/^/#   /'
is "libnuma was asked about every node" "$(grep -c 'memory of node' $results/numa_live.tap)" \
	"$(ls -d $node_dir/node[0-9]* | wc -l)"
ok "tests/process/nodes passes" sh -c "nodes >$results/nodes.tap" ||
	grep -B 4 '^not' $results/nodes.tap | sed 's/^/#   /'
# That takes PAGEMAP_SCAN.
has_symbol pagemap_scan_pmd_entry && by_frame=1 || by_frame=0
is "and counts what is spread over the nodes by frame" \
	"$(grep -c '^ok.*memory on all nodes, by frame' $results/nodes.tap)" $by_frame
# A sleeper among all there are, spread over the nodes, against its numa_maps.
numa_maps_nodes()
{
	tr ' ' '\n' </proc/"$1"/numa_maps | awk '
		/^N[0-9]+=/ { split(substr($0, 2), n, "="); sum[n[1]] += n[2] * 4096 }
		END { for (i = 0; i < 64; i++) if (sum[i]) { printf "%sN%d=%d", sep, i, sum[i]; sep = " " } }'
}
sleep 3600 &
sleeper=$!
# By then, in nanosleep() or clock_nanosleep(), it has all the pages it takes.
wait_for 60 grep -qE '^(35|230) ' /proc/$sleeper/syscall
is "bytes of a process on each node, read with all others" \
	"$(mmlens processes -f "pid = $sleeper" --csv -n -o nodes | tr -d '\r"')" \
	"$(numa_maps_nodes $sleeper)"
kill $sleeper
for program in iterator faults regions tlb; do
	if ! command -v $program >/dev/null; then
		skip "tests/bpf/$program" "built without BPF"
		continue
	fi
	timeout 900 $program few >$results/$program.tap 2>&1
	ok "tests/bpf/$program passes" [ $? -eq 0 ] ||
		grep -A 2 '^not' $results/$program.tap | sed 's/^/#   /'
	case $program in
	faults | tlb) has_task_storage && skips=none || skips=all ;;
	*) skips=none ;;
	esac
	if [ $skips = none ]; then
		# Software events count by mapping since 6.1 only; before, the tracepoints do it alone.
		may='only use preallocated'
		grep -qw pcid /proc/cpuinfo || may="$may|no PCID"
		ok "and skips nothing" \
			sh -c "! grep SKIP $results/$program.tap | grep -qvE '$may'" ||
			tail -n 5 $results/$program.tap | sed 's/^/#   /'
	else
		ok "and skips all of it" sh -c "! grep '^ok' $results/$program.tap | grep -qv SKIP"
	fi
done
