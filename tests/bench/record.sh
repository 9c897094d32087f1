# The recorder beside atop, among 3,000 processes that sleep: bytes and CPU a sample. The recorder is as it runs
# unasked: all tables, and what is costly of processes within its budget; atop reads all PSS with -R.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
[ "$1" = among ] || exec "$top_builddir/tests/bench/crowd" 3000 "${SHELL:-sh}" "$0" among

tmp=$(mktemp -d "${TMPDIR:-/tmp}/mmlens-bench.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
few=4 many=16

# cost COMMAND...: its CPU in milliseconds, in $ms
cost() {
	ms=$(sh -c '"$@" >/dev/null 2>&1; times' sh "$@" | awk 'NR == 2 {
		for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += t[1] * 60 + t[2] }
		printf "%d", sum * 1000 }')
}
# mmlens_cost WHAT...: what a sample takes that is not the first, in $ms and $bytes. A key sample comes every 64.
mmlens_cost() {
	rm -f "$tmp"/few.mml "$tmp"/many.mml
	cost "$mmlens" record "$tmp/few.mml" -d 0.7 -c $few "$@"
	before=$ms
	cost "$mmlens" record "$tmp/many.mml" -d 0.7 -c $many "$@"
	first=$(stat -c %s "$tmp/few.mml")
	bytes=$((($(stat -c %s "$tmp/many.mml") - first) / (many - few) + first / 64))
	ms=$(((ms - before) / (many - few)))
}
atop_cost() {
	rm -f "$tmp"/few "$tmp"/many
	cost atop "$@" -w "$tmp/few" 1 $few
	before=$ms
	cost atop "$@" -w "$tmp/many" 1 $many
	bytes=$((($(stat -c %s "$tmp/many") - $(stat -c %s "$tmp/few")) / (many - few)))
	ms=$(((ms - before) / (many - few)))
}
# say WHAT MOST MINE THEIRS UNIT
say() {
	awk -v what="$1" -v most="$2" -v mine="$3" -v theirs="$4" -v unit="$5" 'BEGIN {
		printf "%s: %.3f of atop (at most %s): %d against %d %s a sample\n", what, mine / theirs, most,
			mine, theirs, unit }'
}
mmlens_cost
all_ms=$ms all_bytes=$bytes
mmlens_cost balance meminfo vmstat zones zonestats buddy pagetypes slab psi swaps nodes hugepages thp
machine_ms=$ms machine_bytes=$bytes
echo "the machine's tables alone: $machine_ms ms, $machine_bytes bytes a sample; a day at 10 s: $((machine_bytes * 8640 / 1000000)) MB (at most 9)"
mmlens_cost processes -o pid,ppid,user,comm,state,threads,rss,swap,min_faults,maj_faults
if command -v atop >/dev/null; then
	few_ms=$((ms + machine_ms)) few_bytes=$((bytes + machine_bytes))
	atop_cost
	say "recorder without PSS, bytes" 0.25 "$few_bytes" "$bytes" bytes
	say "recorder without PSS, CPU" 0.45 "$few_ms" "$ms" ms
	atop_cost -R
	say "recorder, bytes, against atop -R" 0.25 "$all_bytes" "$bytes" bytes
	say "recorder, CPU, against atop -R" 0.4 "$all_ms" "$ms" ms
else
	echo "recorder: SKIP atop is not installed"
fi
