# Sourced behind tap.sh: starts the helper that builds known mappings. pid, page, start_of NAME.
# SPDX-License-Identifier: GPL-2.0-or-later
mkdir "$tmp/files"
mkfifo "$tmp/hold"
"$builddir/tests/cli/mappings" build "$tmp/files" <"$tmp/hold" >"$tmp/where" &
helper=$!
exec 9>"$tmp/hold"
while kill -0 "$helper" 2>/dev/null && ! grep -q ready "$tmp/where"; do
	sleep 0.2
done
pid=$(awk '/^ready/ { print $2 }' "$tmp/where")
[ -n "$pid" ] || { echo "Bail out! the helper did not start"; exit 1; }
page=$(getconf PAGESIZE)

start_of() {
	awk -v n="$1" '$1 == n { print $2 }' "$tmp/where"
}

known_done() {
	exec 9>&-
	wait
	done_testing
}
