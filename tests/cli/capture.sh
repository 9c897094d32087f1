#!/bin/sh
# What is captured is what was seen. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

"$mmlens" capture "$tmp/tree" >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/out" "$tmp/err")" "0: " "capture says nothing and exits 0"
"$mmlens" --root "$tmp/tree" dump >"$tmp/replay" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "0: " "a dump of the tree"

# Two tables in one word of the tree's: every table, cell for cell, and the moment.
if command -v jq >/dev/null; then
	jq -S '.tables, .time, .host, (.unavailable | keys)' "$tmp/tree/mmlens/dump.json" >"$tmp/live.jq"
	jq -S '.tables, .time, .host, (.unavailable | keys)' "$tmp/replay" >"$tmp/replay.jq"
	is "$(diff "$tmp/live.jq" "$tmp/replay.jq" | head -n 20)" "" "the tree replays every value seen live"
	is "$(jq '.tables | length' "$tmp/replay")" \
		"$(jq '.tables | length' "$tmp/tree/mmlens/dump.json")" "as many tables"
else
	skip "jq is not installed"
	skip "jq is not installed"
fi
[ "$(id -u)" != 0 ] || [ ! -e /proc/slabinfo ] ||
	is "$("$mmlens" --root "$tmp/tree" slab -r -n -o cache -l 1 2>&1 | wc -w)" 1 "slab replays"

# The tree of the tree is the tree.
"$mmlens" --root "$tmp/tree" capture "$tmp/again"
ok $? "a tree is captured again"
"$mmlens" --root "$tmp/again" dump >"$tmp/replay2"
is "$(cmp "$tmp/replay" "$tmp/replay2" 2>&1)" "" "and is the same"
is "$(stat -c %a "$tmp/tree")" 700 "only its maker can read a capture"

"$mmlens" capture "$tmp/tree" >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/out" "$tmp/err")" \
	"1: mmlens: $tmp/tree: not empty; capture makes a new tree" "not into a directory in use"
: >"$tmp/file"
"$mmlens" capture "$tmp/file" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "1: mmlens: $tmp/file: Not a directory" "not into a file"
"$mmlens" capture "$tmp/no/where" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "1: mmlens: $tmp/no/where: No such file or directory" "not nowhere"
mkdir "$tmp/empty"
"$mmlens" capture "$tmp/empty"
ok $? "into an empty directory"

# A disk that is full.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$tmp/small"
	unshare -m sh -c '
		mount -t tmpfs -o size=64k tmpfs "$1" && mkdir "$1/t" && "$2" capture "$1/t"
		echo $?' sh "$tmp/small" "$mmlens" >"$tmp/out" 2>"$tmp/err"
	is "$(cat "$tmp/out" "$tmp/err")" "1
mmlens: $tmp/small/t: No space left on device" "a full disk is an error, said once"
else
	skip "a full disk takes root and a mount namespace"
fi

# As somebody who may not read everything: what was refused stays refused in the tree.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$tmp"
	mkdir "$tmp/nobody" && chown 65534 "$tmp/nobody"
	if setpriv --reuid 65534 --regid 65534 --clear-groups "$mmlens" --version >/dev/null 2>&1; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$mmlens" capture "$tmp/nobody/t"
		ok $? "capture as nobody"
		"$mmlens" --root "$tmp/nobody/t" slab >"$tmp/out" 2>"$tmp/err"
		is "$?: $(cat "$tmp/out" "$tmp/err")" "1: mmlens: slab: /proc/slabinfo: permission denied; needs root (the file is readable for root only)" "what was refused to nobody is refused to root in the tree"
	else
		skip "nobody cannot run $mmlens"
		skip "nobody cannot run $mmlens"
	fi
else
	skip "needs root and setpriv"
	skip "needs root and setpriv"
fi
done_testing
