# The slab table as a whole process, stdout to a file. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
# Both as they are installed, written in one go. A file fresh from the linker lies in the page cache in
# small pieces, which costs each start of a program of some size.
installed=$(mktemp -d) || exit 1
trap 'rm -rf "$installed"' EXIT
install "$mmlens" "$bare" "$installed" || exit 1
ratio 200 1.0 "slab: mmlens against slabtop" "$installed/mmlens slab" "slabtop -o"
ratio 200 1.3 "slab: mmlens against an empty program that reads the same file" \
	"$installed/mmlens slab" "$installed/bare read /proc/slabinfo"
