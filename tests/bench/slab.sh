# The slab table as a whole process, stdout to a file. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
ratio 200 1.0 "slab: mmlens against slabtop" "$mmlens slab" "slabtop -o"
ratio 200 1.3 "slab: mmlens against an empty program that reads the same file" \
	"$mmlens slab" "$bare read /proc/slabinfo"
