#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is printed as JSON is what the schema says: each table, live, of trees, of logs, of a recording, compared.
. "${top_srcdir:-.}/tests/tap.sh"

schema=$builddir/docs/mmlens.schema.json
[ -e "$schema" ] || schema=$srcdir/docs/mmlens.schema.json
if ! python3 -c 'import jsonschema' 2> /dev/null; then
	skip 'no python3-jsonschema'
	done_testing
	exit
fi

# holds DESCRIPTION [FILE...]: the documents in $tmp/documents, and in the files, are as the schema says
holds() {
	what=$1
	shift
	python3 "$srcdir/tests/docs/schema.py" "$schema" "$@" < "$tmp/documents" > "$tmp/said" 2>&1
	is "$? $(grep -v '^#' "$tmp/said" | head -n 20)" '0 ' "$what"
	grep '^#' "$tmp/said"
	: > "$tmp/documents"
}

# add WORD...: prints a document more; what cannot be read says so in it
add() {
	echo "# $*" >> "$tmp/documents"
	"$mmlens" "$@" 2> /dev/null | tr '\n' ' ' >> "$tmp/documents"
	echo >> "$tmp/documents"
}

for tree in "$srcdir"/tests/fixtures/* "$srcdir"/tests/tui/trees/*; do
	add --root "$tree" dump
done
grep -hv '^stderr: ' "$srcdir"/tests/bpf/expected/*.json > "$tmp/events.json"
holds 'trees' "$srcdir"/tests/golden/numa.expected/*.json "$tmp/events.json"

"$mmlens" columns -o table -r -n | sort -u > "$tmp/tables"
while read -r table; do
	"$mmlens" "$table" --help > "$tmp/help"
	asked=
	grep -q -- '--pid' "$tmp/help" && asked="-p $$"
	# Reasons of what takes a range, a log or a CPU of its own are documents, too.
	case $table in
	translate) asked="$$ $(sed -n 's/^\([0-9a-f]*\)-.*/0x\1/p;q' /proc/$$/maps)" ;;
	pages) asked="-p $$ --vma [stack]" ;;
	buddies) asked='--range 0x1000000+0x10000000' ;;
	cgroup_stat) asked='--cgroup /' ;;
	faults | tlb | reclaim | migrations) asked= ;; # of all processes: this one sleeps
	esac
	# shellcheck disable=SC2086 # words
	add "$table" -J --all-columns --time -d 0.1 $asked
	for way in $(sed -n 's/^Grouped with --by \(.*\)\.$/\1/p' "$tmp/help" | tr -d ','); do
		# shellcheck disable=SC2086
		add "$table" -J --all-columns -d 0.1 --by "$way" $asked
	done
done < "$tmp/tables"
add columns -J --all-columns
add sources -J --all-columns
holds 'each table and each grouping, live'

for log in "$srcdir"/tests/golden/logs/*.log; do
	add oom -J "$log"
	for table in $(grep '^oom_' "$tmp/tables"); do
		add "$table" -J --all-columns --log "$log"
	done
done
holds 'kernel logs'

trees=$srcdir/tests/tui/trees
add diff -J --all-columns "$trees/then" "$trees/first"
add diff -J --all-columns "$trees/groups-then" "$trees/groups" cgroups
add diff -J --all "$srcdir/tests/fixtures/vm-two-nodes-6.1" "$srcdir/tests/fixtures/vm-four-nodes-6.12" zones findings
case $("$mmlens" --version) in
*+record*)
	"$mmlens" record "$tmp/made.mml" -d 0.1 -c 3 2> "$tmp/log"
	add recordings -J --all-columns "$tmp/made.mml"
	add --replay "$tmp/made.mml" dump
	;;
esac
holds 'comparisons and recordings'

for tree in "${MMLENS_FIXTURES:-$srcdir/../shared/fixtures}"/* "${MMLENS_REPORTS:-$srcdir/../shared/reports}"/*; do
	[ -d "$tree" ] && add --root "$tree" dump
done
if [ -s "$tmp/documents" ]; then
	holds 'trees from elsewhere'
else
	skip 'no trees from elsewhere'
fi

# It is not a schema that everything is right for.
"$mmlens" --root "$trees/first" dump 2> /dev/null | tr '\n' ' ' > "$tmp/right"
wrong=
for change in 's/"page_size":4096/"page_size":"4096"/' 's/"node":0/"node":"0"/' 's/"zone":"/"zones":"/' \
	's/"free":[0-9]*/"free":-1/' 's/"severity":"[a-z]*"/"severity":"bad"/' 's/"schema":1/"schema":2/' \
	's/"notes":/"note":/' 's/"slab":\[/"slabs":[/' 's/"time":"[^"]*Z"/"time":"now"/'; do
	sed "$change" "$tmp/right" > "$tmp/changed"
	if cmp -s "$tmp/right" "$tmp/changed"; then
		wrong="$wrong $change: nothing to change;"
	elif python3 "$srcdir/tests/docs/schema.py" "$schema" < "$tmp/changed" > "$tmp/said" 2>&1; then
		wrong="$wrong $change: not found;"
	fi
done
is "$wrong" '' 'what is wrong is found'
done_testing
