# The BPF programs: cost an event, loading, reading. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
"$top_builddir/tests/bench/events"
