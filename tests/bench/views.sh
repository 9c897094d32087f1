# CPU of every view at a sample a second, each beside what is used for the like today, among four processes
# of 1 GiB and 300 that sleep. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
[ -e "$top_builddir/.libs/tui.so" ] || { echo "views: SKIP built without the screen"; exit 0; }
[ "$1" = among ] || exec "$top_builddir/tests/bench/crowd" 300 "${SHELL:-sh}" "$0" among
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
for i in 1 2 3 4; do
	# tail keeps a line that has no end, until it ends with this script.
	mkfifo "$dir/$i"
	tail <"$dir/$i" >/dev/null &
	eval "exec $((i + 3))>'$dir/$i'"
	eval "head -c 1G /dev/zero >&$((i + 3))"
done
beside() {
	command -v "${2%% *}" >/dev/null || { echo "view $1: SKIP ${2%% *} is not installed"; return 0; }
	"$top_builddir/tests/bench/screen" 20 1.0 "view $1 against $2" "$mmlens top $1 -d ${3:-1}" "$2"
}
for view in 1 2 4 5 6 7 8 9; do
	beside $view "htop -d 10"
done
beside 3 "slabtop -d 1"
beside 1 btop 2
beside 1 "atop 1"
beside 4 "atop 1"
