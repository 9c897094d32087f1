# Table `buddies`: as many free blocks as buddyinfo counts. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

if ! head -c 8 /proc/kpageflags >/dev/null 2>&1; then
	like "$("$mmlens" buddies --range 0-100000 2>&1)" 'kpageflags: .*(permission|not)' "why there are none"
	done_testing
	exit
fi
# The allocator splits and joins blocks all the time: what is found lies near what is counted before and behind.
counted() {
	awk '{ for (i = 11; i <= NF; i++) print $2 + 0, $4, i - 5, $i }' /proc/buddyinfo
}
counted >"$tmp/before"
"$mmlens" buddies --range 0-ffffffffffff -r -n -o node,zone,order >"$tmp/found"
counted >"$tmp/after"
is "$(awk 'FILENAME ~ /before$/ { low[$1 " " $2 " " $3] = high[$1 " " $2 " " $3] = $4; next }
	FILENAME ~ /after$/ { k = $1 " " $2 " " $3
		if ($4 < low[k]) low[k] = $4
		if ($4 > high[k]) high[k] = $4
		next }
	{ n[$1 " " $2 " " $3]++ }
	END { for (k in low) { room = high[k] - low[k] + 4 + high[k] / 20
		if (n[k] < low[k] - room || n[k] > high[k] + room)
			print k ": " n[k] + 0 ", not " low[k] " to " high[k] } }' \
	"$tmp/before" "$tmp/after" "$tmp/found")" "" "blocks of 64 pages and more, by zone and order"
is "$("$mmlens" buddies 2>&1 >/dev/null)" "mmlens: buddies needs --range START-END" "it takes a range"
"$mmlens" buddies --range 0-ffffffffffff -r -n -o frame,order,buddy >"$tmp/blocks"
is "$(awk '$3 != "-"' "$tmp/blocks" | while read -r frame order buddy; do
	[ $((frame ^ (1 << order))) = $((buddy)) ] && [ $((frame & ((1 << order) - 1))) = 0 ] || echo "$frame $order $buddy"
done | head -n 3)" "" "each begins at a multiple of its size, and its buddy differs in that bit"
done_testing
