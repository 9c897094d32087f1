#!/bin/sh
# The screen gets signals, and its allocations fail: see screen.py. TORTURE=long takes every view.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
fail=$builddir/tests/torture/fail.so
python3 -c 'import pty, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
	{ skip "no python3 with its standard library, 3.9 or newer"; done_testing; exit; }
[ -e "$fail" ] && [ -n "$(LD_PRELOAD=$fail "$mmlens" --version 2>/dev/null)" ] ||
	{ skip "nothing can be preloaded here"; done_testing; exit; }
python3 -B "$srcdir/tests/torture/screen.py" "$builddir" "$srcdir" "$tmp"
