# SPDX-License-Identifier: GPL-2.0-or-later
# Tests that are programs of their own, here on several nodes.
ok "libnuma and the tables agree" sh -c "numa_live >$results/numa_live.tap" ||
	grep '^not' $results/numa_live.tap | sed 's/^/#   /'
is "libnuma was asked about every node" "$(grep -c 'memory of node' $results/numa_live.tap)" \
	"$(ls -d $node_dir/node[0-9]* | wc -l)"
for program in iterator faults regions tlb; do
	if command -v $program >/dev/null; then
		timeout 900 $program few >$results/$program.tap 2>&1
		ok "tests/bpf/$program passes" [ $? -eq 0 ] ||
			grep -A 2 '^not' $results/$program.tap | sed 's/^/#   /'
		ok "and skips nothing" sh -c "! grep SKIP $results/$program.tap" ||
			tail -n 5 $results/$program.tap | sed 's/^/#   /'
	else
		skip "tests/bpf/$program" "built without BPF"
	fi
done
