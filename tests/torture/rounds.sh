#!/bin/sh
# The screen through all its views, again and again: see rounds.py. TORTURE=long takes two minutes.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
python3 -c 'import pty, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
	{ skip "no python3 with its standard library, 3.9 or newer"; done_testing; exit; }
! grep -q fsanitize "$builddir/config.status" || SANITIZED=yes
export SANITIZED
python3 -B "$srcdir/tests/torture/rounds.py" "$builddir"
