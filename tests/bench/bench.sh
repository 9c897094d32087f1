# Sourced by the benchmarks: what they run and what they need. SPDX-License-Identifier: GPL-2.0-or-later
mmlens=$top_builddir/mmlens
bare=$top_builddir/tests/bench/bare
ratio() {
	command -v "${5%% *}" >/dev/null || { echo "$3: SKIP ${5%% *} is not installed"; return 0; }
	"$top_builddir/tests/bench/ratio" "$@"
}
need_root() {
	[ "$(id -u)" = 0 ] || { echo "$0: SKIP needs root"; exit 0; }
}
