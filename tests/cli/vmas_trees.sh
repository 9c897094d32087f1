# The mappings of other machines' processes: as many as their smaps has, with the same sums.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"
fixtures=${MMLENS_FIXTURES:-$srcdir/../shared/fixtures}
found=
for smaps in "$fixtures"/*/proc/[0-9]*/smaps; do
	[ -s "$smaps" ] || continue
	found=1
	dir=${smaps%/smaps}
	pid=${dir##*/}
	tree=${dir%/proc/*}
	what="${tree##*/} $pid"
	"$mmlens" vmas --root "$tree" -p "$pid" -r -n -o start,rss,private_dirty,swap \
		>"$tmp/rows" 2>"$tmp/err"
	ok $? "$what is read"
	sed 's/^/# /' "$tmp/err"
	is "$(wc -l <"$tmp/rows")" "$(LC_ALL=C grep -c '^[0-9a-f]*-[0-9a-f]* [r-]' "$smaps")" \
		"$what: every mapping"
	is "$(awk '{ r += $2; d += $3; s += $4 } END { printf "%d %d %d", r / 1024, d / 1024, s / 1024 }' "$tmp/rows")" \
		"$(LC_ALL=C awk '$1 == "Rss:" { r += $2 } $1 == "Private_Dirty:" { d += $2 } $1 == "Swap:" { s += $2 }
			END { printf "%d %d %d", r, d, s }' "$smaps")" "$what: sums"
done
[ -n "$found" ] || skip "no trees of other machines here"
done_testing
