#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The thresholds of the findings are in one list: the rules have no others, and the manual has all.
. "${top_srcdir:-.}/tests/tap.sh"

page=$srcdir/man/mmlens-counters.7
[ -e "$builddir/man/mmlens-counters.7" ] && page=$builddir/man/mmlens-counters.7
limits=$(sed -n 's/^LIMIT([A-Z_]*, \([A-Z0-9_]*\),.*/\1/p' "$srcdir/src/findings/limits.def")
[ "$(echo "$limits" | wc -l)" -gt 50 ]
ok $? 'the list was found'
unused=
for limit in $limits; do
	grep -qw "MML_LIMIT_$limit" "$srcdir"/src/findings/*.c || unused="$unused $limit"
done
is "$unused" '' 'each threshold is used by a rule'
rows=$(sed -n '/^\.Sh THRESHOLDS/,/^\.Sh SEE ALSO/p' "$page" | grep -c '^\.It .*Ta$')
is "$rows" "$(grep -cE '^(LIMIT|KERNELS)\(' "$srcdir/src/findings/limits.def")" \
	'the manual has a row for each'
for name in $(sed -n 's/^FINDING([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$srcdir/src/findings/findings.def"); do
	grep -q "^\.It Sy $name Ta" "$page" || echo "$name"
done > "$tmp/missing"
is "$(cat "$tmp/missing")" '' 'and names each finding'

# Each is found by one tree, and not by another that is just below its threshold.
for program in "$builddir"/tests/unit/findings_* "$builddir/tests/files/shmem"; do
	case ${program##*/} in
	*.*) ;;
	*) "$program" 2>&1 ;;
	esac
done > "$tmp/said"
if grep -q SKIP "$tmp/said"; then
	skip 'trees of both sides need openat2(), Linux 5.6'
else
	for name in $(sed -n 's/^FINDING([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$srcdir/src/findings/findings.def"); do
		grep -qE "^ok .* $name: (note|warning|critical)$" "$tmp/said" || echo "$name is never found"
		grep -q "^ok .* $name: not found$" "$tmp/said" || echo "$name is always found"
	done > "$tmp/sides"
	is "$(cat "$tmp/sides")" '' 'each finding has a tree on both sides of its threshold'
fi
done_testing
