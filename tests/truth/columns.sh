#!/bin/sh
# Every column of the tables against independent readers, live.
# In a virtual machine this takes: python3 tests/truth tests/fixtures
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
if ! python3 -c 'import ctypes, json, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
	skip "no python3 with its standard library, 3.9 or newer"
	done_testing
	exit
fi
TMPDIR=$tmp python3 -B "$srcdir/tests/truth/columns.py"
