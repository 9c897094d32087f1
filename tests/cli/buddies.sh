# Table `buddies`: as many free blocks as buddyinfo counts. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

if ! head -c 8 /proc/kpageflags >/dev/null 2>&1; then
	like "$("$mmlens" buddies --range 0-100000 2>&1)" 'kpageflags: .*(permission|not)' "why there are none"
	done_testing
	exit
fi
# The allocator splits and joins small blocks all the time; large ones stay for a moment.
counted() {
	awk '{ n = ""; for (i = 10; i < NF; i++) if ($(i + 1)) n = n " " i - 4 ":" $(i + 1); print $2 + 0, $4 n }' \
		/proc/buddyinfo
}
found() {
	"$mmlens" buddies --range 0-ffffffffffff -r -n -o node,zone,order |
		awk 'NR == FNR { zones[++n] = $2 + 0 " " $4; next }
			{ blocks[$1 " " $2, $3]++ }
			END { for (i = 1; i <= n; i++) { s = ""
				for (o = 6; o < 18; o++) if (blocks[zones[i], o]) s = s " " o ":" blocks[zones[i], o]
				print zones[i] s } }' /proc/buddyinfo -
}
agree "blocks of 64 pages and more, by zone and order" counted found
is "$("$mmlens" buddies 2>&1 >/dev/null)" "mmlens: buddies needs --range START-END" "it takes a range"
"$mmlens" buddies --range 0-ffffffffffff -r -n -o frame,order,buddy >"$tmp/blocks"
is "$(awk '$3 != "-"' "$tmp/blocks" | while read -r frame order buddy; do
	[ $((frame ^ (1 << order))) = $((buddy)) ] && [ $((frame & ((1 << order) - 1))) = 0 ] || echo "$frame $order $buddy"
done | head -n 3)" "" "each begins at a multiple of its size, and its buddy differs in that bit"
done_testing
