#!/bin/sh
# The event tables from saved bytes, in every format, with no BPF at all. UPDATE=1 writes what is
# expected anew. SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree is of a virtual machine on which a shell forked and slept in turn, captured by
# `mmlens capture DIR -p PID`, and with --by vma, and pruned to what these tables read.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
tree=$srcdir/tests/bpf/trees/vm-6.12
here=$srcdir/tests/bpf/expected

# check NAME ARGUMENT...: what mmlens prints against the file NAME
check() {
	name=$1
	shift
	"$mmlens" --root "$tree" "$@" >"$tmp/out" 2>"$tmp/err"
	ok $? "$name: exit status"
	sed '1s/"mmlens":"[^"]*"/"mmlens":"VERSION"/' "$tmp/out" >"$tmp/got"
	sed 's/^/stderr: /' "$tmp/err" >>"$tmp/got"
	if [ -n "$UPDATE" ]; then
		mkdir -p "$here"
		cp "$tmp/got" "$here/$name"
	fi
	is "$(diff "$here/$name" "$tmp/got" 2>&1)" "" "$name"
}

check faults.txt faults -l 20
check faults.csv faults --csv --all-columns -f 'pid = 174 or faults < 30'
check faults.json faults -J --all-columns -l 4
check vma.txt faults --by vma -p 174
check vma.raw faults --by vma -p 174 -r -b -o +hottest,hottest_faults
check vma.json faults --by vma -p 174 -J --all-columns
check tlb.txt tlb -l 20
check tlb.csv tlb --csv --all-columns -f 'pid = 174 or pid = 0'
check tlb.json tlb -J --all-columns -l 4

# What the kernel counted for the process by address is what it counted by exception.
is "$("$mmlens" --root "$tree" faults --by vma -p 174 -n -r -o faults,user,kernel,write |
	awk '{ bad += $1 != $2 + $3 || $4 > $1 } END { print NR, bad + 0 }')" '4 0' \
	'faults are those of the program and of the kernel'
done_testing
