# SPDX-License-Identifier: GPL-2.0-or-later
# Tests that are programs of their own, here on several nodes.
ok "libnuma and the tables agree" sh -c "numa_live >$results/numa_live.tap" ||
	grep '^not' $results/numa_live.tap | sed 's/^/#   /'
is "libnuma was asked about every node" "$(grep -c 'memory of node' $results/numa_live.tap)" \
	"$(ls -d $node_dir/node[0-9]* | wc -l)"
