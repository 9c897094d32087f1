#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The tables of nodes and huge pages, from trees captured on the virtual machines of tests/vm, in
# every format. UPDATE=1 writes what is expected anew.
. "${top_srcdir:-.}/tests/tap.sh"
here=$srcdir/tests/golden/numa.expected

# check NAME COMMAND...: what it prints against the file NAME
check() {
	name=$1
	shift
	"$@" >"$tmp/out" 2>"$tmp/err"
	ok $? "$name: exit status"
	# The version changes with every release.
	sed '1s/"mmlens":"[^"]*"/"mmlens":"VERSION"/' "$tmp/out" >"$tmp/got"
	if [ -n "$UPDATE" ]; then
		mkdir -p "$here"
		cp "$tmp/got" "$here/$name"
	fi
	if cmp -s "$tmp/got" "$here/$name"; then
		ok 0 "$name"
	else
		ok 1 "$name"
		diff "$here/$name" "$tmp/got" 2>&1 | head -n 20 | sed 's/^/# /'
		sed 's/^/# /' "$tmp/err"
	fi
}

for machine in vm-four-nodes-6.12 vm-two-nodes-6.1; do
	tree=$srcdir/tests/fixtures/$machine
	for table in nodes distances hugepages hugetlb hugetlbfs thp thp_why; do
		check "$machine-$table.txt" "$mmlens" $table --root "$tree"
	done
	check "$machine.json" "$mmlens" nodes hugepages hugetlb hugetlbfs thp_why --root "$tree" \
		--json --all-columns
	check "$machine.csv" "$mmlens" nodes --root "$tree" --csv --all-columns
	# The one process in the tree, which has memory of every kind.
	pid=$(basename "$tree"/proc/[0-9]*)
	check "$machine-processes.txt" "$mmlens" processes --root "$tree" \
		-o pid,rss,swap,hugetlb,nodes,home_node,home_share,remote,remote_share
	check "$machine-vmas.txt" "$mmlens" vmas -p "$pid" --root "$tree" \
		-o start,size,rss,swap,anon_huge_pages,private_hugetlb,policy,nodes,remote
	check "$machine-thp_why-p.txt" "$mmlens" thp_why -p "$pid" --root "$tree" \
		-o start,id,verdict,text -f "pid = $pid"
	check "$machine-node_meminfo.raw" "$mmlens" node_meminfo --root "$tree" --raw
	check "$machine-node_vmstat.raw" "$mmlens" node_vmstat --root "$tree" --raw -o node,name,value
done
done_testing
