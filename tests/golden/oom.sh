#!/bin/sh
# Logs of kernels that killed processes in a virtual machine (tests/vm/oom.sh), as they have been found
# right once: the page, and every table. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
unset COLUMNS

# shown LOG
shown() {
	echo "== mmlens oom -v"
	"$mmlens" oom -v "$1" 2>&1
	for table in $("$mmlens" columns -o table -r -n | grep '^oom' | sort -u); do
		echo "== mmlens $table --csv --all-columns"
		"$mmlens" "$table" --log "$1" --csv --all-columns 2>&1
	done
}

for log in "$srcdir"/tests/golden/logs/*.log; do
	name=${log##*/}
	golden=$srcdir/tests/golden/expected/oom/${name%.log}
	shown "$log" >"$tmp/shown"
	if [ -n "$UPDATE" ]; then
		mkdir -p "${golden%/*}"
		cp "$tmp/shown" "$golden"
	fi
	if [ -f "$golden" ]; then
		is "$(diff "$golden" "$tmp/shown")" "" "$name"
	else
		ok 1 "$name has no golden: UPDATE=1 makes it"
	fi
done
done_testing
