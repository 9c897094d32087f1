#!/bin/sh
# What changed from one moment to another. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

first=$srcdir/tests/tui/trees/first
then=$srcdir/tests/tui/trees/then

for tree in "$srcdir"/tests/fixtures/* "$srcdir"/tests/tui/trees/*; do
	[ -d "$tree/proc" ] || continue
	is "$("$mmlens" diff "$tree" "$tree" 2>/dev/null)" "" \
		"nothing differs from itself: ${tree##*/}"
done

is "$("$mmlens" diff "$first" "$then" slab -l 3 -o cache,size,used 2>&1)" \
"  CACHE            SIZE ΔSIZE USED ΔUSED
~ dentry           148M  22.8M 146M  22.4M
~ ext4_inode_cache 172M   2.5M 166M   2.4M
~ kmalloc-192      7.3M   1.1M 7.2M   1.1M" "the largest change comes first"
"$mmlens" diff "$first" "$then" slab --exit-status >/dev/null 2>&1
is "$?" 3 "--exit-status is 3 where something differs"
"$mmlens" diff "$first" "$first" slab --exit-status >/dev/null 2>&1
is "$?" 0 "and 0 where nothing does"
"$mmlens" diff "$first" "$then" slab >/dev/null 2>&1
is "$?" 0 "without it, it is 0 all the same"

if command -v jq >/dev/null; then
	tables="balance zones slab vmstat zonestats buddy hugepages nodes"
	"$mmlens" diff "$first" "$then" $tables -J --all >"$tmp/ab" 2>/dev/null
	"$mmlens" diff "$then" "$first" $tables -J --all >"$tmp/ba" 2>/dev/null
	# A + change = B; what counts in nanoseconds is shown in seconds.
	is "$(jq -c '.tables | to_entries[] | .key as $t | .value[] | to_entries as $cells
		| (map_values(.) as $row | keys[] | select(endswith("_change")) | rtrimstr("_change") as $c
		| select($row[$c + "_change"] != null and ($row[$c + "_change"] | type) == "number")
		| select((($row[$c + "_before"] + $row[$c + "_change"] - $row[$c]) | fabs) > 0.0021)
		| [$t, $c, $row[$c + "_before"], $row[$c + "_change"], $row[$c]])' "$tmp/ab")" "" \
		"what it was and the change make what it is, in each cell"
	n=$(jq '[.tables[][] | to_entries[] | select((.key | endswith("_change")) and .value != null)] | length' "$tmp/ab")
	[ "$n" -gt 500 ]
	ok $? "of many cells ($n)"
	for way in ab ba; do
		jq -S '[.tables | to_entries[] | .key as $t | .value[] | . as $row | to_entries[]
			| select((.key | endswith("_change")) and .value != null)
			| [$t, ($row | del(.is, .moved) | [.node, .zone, .cache, .name, .item, .order, .page_size]), .key,
				(if .value == 0 then 0 elif $way == "ba" then -.value else .value end)]] | sort' \
			--arg way "$way" "$tmp/$way" >"$tmp/$way.changes"
	done
	is "$(cmp "$tmp/ab.changes" "$tmp/ba.changes" 2>&1)" "" "back again, each change is the negative"
	is "$(jq -c '.diff | [.a.host.kernel, .b.host.kernel] | map(type)' "$tmp/ab")" '["string","string"]' \
		"the document says what was compared"

	# New and gone, counted in the lists of keys.
	for t in first then; do
		"$mmlens" --root "$srcdir/tests/tui/trees/$t" processes -o pid,started -n -r 2>/dev/null | sort >"$tmp/$t"
	done
	"$mmlens" diff "$first" "$then" processes -J >"$tmp/ab" 2>/dev/null
	is "$(jq -r '[.tables.processes[].is] | (map(select(. == "+")) | length), (map(select(. == "-")) | length)' "$tmp/ab" | tr '\n' ' ')" \
		"$(comm -13 "$tmp/first" "$tmp/then" | wc -l) $(comm -23 "$tmp/first" "$tmp/then" | wc -l) " "rows that are new, and rows that are gone"
else
	for i in 1 2 3 4 5; do skip "jq is not installed"; done
fi

like "$("$mmlens" diff "$first" "$then" slab -f 'size_change > 0' -o cache,size -n 2>&1)" "^~ " "a filter on the change"
is "$("$mmlens" diff "$first" "$then" slab -s cache -l 2 -o cache,size -n -r 2>/dev/null | wc -l)" 2 "another order, and a limit"

# usage DESCRIPTION EXPECTED ARGS...
usage() {
	what=$1 expected=$2
	shift 2
	"$mmlens" "$@" >"$tmp/out" 2>"$tmp/err"
	is "$?: $(cat "$tmp/out" "$tmp/err")" "2: mmlens: $expected" "$what"
}
usage "one moment" "diff takes two moments to compare, and tables" diff "$first"
usage "no such table" "unknown table 'slap'; did you mean 'slab'?" diff "$first" "$then" slap
usage "a column that is none" "table slab has no column 'sise_change'; did you mean 'size_change'?" \
	diff "$first" "$then" slab -f 'sise_change > 1'
usage "a time of a tree" "diff: $first: a captured tree is of one moment, which needs no time" \
	diff "$first@10m" "$then"
usage "--all of nothing" "--all and --exit-status are for diff" slab --all
"$mmlens" diff "$first" "$tmp/nowhere" >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/out" "$tmp/err")" "1: mmlens: diff: $tmp/nowhere: No such file or directory" "no such tree"

case $("$mmlens" --version) in
*+record*)
	"$mmlens" record "$tmp/live" -d 0.3 -c 2 psi vmstat zones buddy
	"$mmlens" --replay "$tmp/live" --at begin capture "$tmp/a" 2>/dev/null
	"$mmlens" --replay "$tmp/live" --at end capture "$tmp/b" 2>/dev/null
	is "$("$mmlens" diff "$tmp/live@begin" "$tmp/live" vmstat zones buddy psi 2>/dev/null | cksum)" \
		"$("$mmlens" diff "$tmp/a" "$tmp/b" vmstat zones buddy psi 2>/dev/null | cksum)" \
		"moments of a recording differ as captures of them do"
	like "$("$mmlens" diff "$tmp/live@begin" now vmstat -f 'name = pgfault' -n 2>&1)" "^~ pgfault " "from then to now"
	;;
*)
	skip "built without recordings"
	skip "built without recordings"
	;;
esac
done_testing
