# Processes, among 3,000 that sleep: as a whole program, stdout to a file.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
[ "$1" = among ] || exec "$top_builddir/tests/bench/crowd" 3000 "${SHELL:-sh}" "$0" among

# As an ordinary user, for whom the task iterator is not.
plain=
[ "$(id -u)" != 0 ] || plain="setpriv --reuid 65534 --regid 65534 --clear-groups"
unprivileged() {
	command -v "${5%% *}" >/dev/null || { echo "$3: SKIP ${5%% *} is not installed"; return 0; }
	$plain "$top_builddir/tests/bench/ratio" "$@"
}
counters="$mmlens processes -o pid,rss,min_faults,maj_faults,comm"
unprivileged 20 1.0 "RSS and faults, unprivileged: mmlens against bare reads of stat and statm" \
	"$counters" "$bare processes stat statm"
unprivileged 10 0.25 "RSS and faults, unprivileged: mmlens against ps" \
	"$counters" "ps -eo pid,rss,min_flt,maj_flt,comm"
[ "$(id -u)" != 0 ] ||
	ratio 10 0.25 "RSS and faults, as root: mmlens against ps" \
		"$counters" "ps -eo pid,rss,min_flt,maj_flt,comm"
unprivileged 20 0.4 "default columns, unprivileged: mmlens against ps" "$mmlens processes" "ps aux"
[ "$(id -u)" != 0 ] || ratio 20 0.4 "default columns, as root: mmlens against ps" "$mmlens processes" "ps aux"
# On the screen, every second, for 20 s.
if command -v htop >/dev/null; then
	$plain "$top_builddir/tests/bench/screen" 20 1.0 "screen, unprivileged: mmlens against htop" \
		"$mmlens top processes -d 1" "htop -d 10"
	"$top_builddir/tests/bench/screen" 20 1.0 "screen with PSS: mmlens against htop without it" \
		"$mmlens top processes -d 1" "htop -d 10" p
	$plain "$top_builddir/tests/bench/screen" 20 1.0 \
		"screen with PSS, unprivileged: mmlens against htop without it" \
		"$mmlens top processes -d 1" "htop -d 10" p
else
	echo "screen: SKIP htop is not installed"
fi
need_root
ratio 20 0.8 "PSS: mmlens against bare reads of smaps_rollup" \
	"$mmlens processes -o pid,pss,uss,comm" "$bare processes smaps_rollup"
ratio 3 0.067 "PSS: mmlens against smem" \
	"$mmlens processes -o pid,pss,uss,comm" "smem -c pid -c pss -c uss"
