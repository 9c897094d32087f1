#!/bin/sh
# What was allocated, and which row of the balance must move by it (make check-truth).
# In a virtual machine this takes: python3 tests/truth tests/truth/crowd
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
if ! python3 -c 'import ctypes, json, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
	skip "no python3 with its standard library, 3.9 or newer"
	done_testing
	exit
fi
TMPDIR=$tmp python3 -B "$srcdir/tests/truth/moves.py"
