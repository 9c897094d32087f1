#!/bin/sh
# Allocations and files that fail; faults.py says what is expected. TORTURE=long fails each and every one.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
fail=$builddir/tests/torture/fail.so
command -v python3 >/dev/null || { skip "no python3"; done_testing; exit; }
[ -e "$fail" ] || { skip "fail.so was not built"; done_testing; exit; }
[ -n "$(LD_PRELOAD=$fail "$mmlens" --version 2>/dev/null)" ] || { skip "nothing can be preloaded here"; done_testing; exit; }
TMP_TORTURE=$tmp
export TMP_TORTURE
python3 -B "$srcdir/tests/torture/faults.py" "$builddir" "$srcdir"
