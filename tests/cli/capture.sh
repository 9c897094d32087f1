#!/bin/sh
# What is captured is what was seen. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
among_groups

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

# Where others can put files, links and FIFOs, nothing is written.
mkdir -m 770 "$tmp/group"
"$mmlens" capture "$tmp/group" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "1: mmlens: $tmp/group: others may write to it, and could put files or links there; capture makes a new tree" "not where others may write"
ln -s empty2 "$tmp/link"
mkdir "$tmp/empty2"
"$mmlens" capture "$tmp/link" 2>"$tmp/err"
is "$?: $(cat "$tmp/err"): $(ls -A "$tmp/empty2")" "1: mmlens: $tmp/link: Not a directory: " "not through a link"
if [ "$(id -u)" = 0 ]; then
	mkdir "$tmp/theirs"
	chown 65534 "$tmp/theirs"
	"$mmlens" capture "$tmp/theirs" 2>"$tmp/err"
	is "$?: $(cat "$tmp/err")" "1: mmlens: $tmp/theirs: belongs to another user, who could put files or links there; capture makes a new tree" "not into another user's directory"
else
	skip "giving a directory to another user takes root"
fi
is "$(find "$tmp/tree" ! -type l -perm /077 | head -n 3)" "" "nothing in a capture can be read by others"

# One that did not come to its end says so, and so does what is made of it.
is "$(ls "$tmp/tree/mmlens/incomplete" 2>&1 | grep -c 'No such')" 1 "a whole capture has no mark"
cp -r "$tmp/tree" "$tmp/part"
echo >"$tmp/part/mmlens/incomplete"
"$mmlens" --root "$tmp/part" meminfo >"$tmp/out" 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "1: mmlens: --root: $tmp/part: the capture was not finished, so that files are missing" "a part is not taken for a whole"
is "$("$mmlens" --root "$tmp/tree" meminfo | cmp - "$tmp/out" 2>&1)" "" "what it has is shown"
is "$("$mmlens" --root "$tmp/part" meminfo -J 2>/dev/null | grep -o '"incomplete":true')" '"incomplete":true' "JSON says so too"
"$mmlens" --root "$tmp/part" capture "$tmp/part2" 2>"$tmp/err"
is "$?: $([ -e "$tmp/part2/mmlens/incomplete" ]; echo $?)" "1: 0" "a capture of a part is a part"
is "$("$mmlens" --root "$tmp/tree" meminfo -J | grep -c incomplete)" 0 "a whole one is not said to be a part"

# A disk that is full.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$tmp/small"
	unshare -m sh -c '
		mount -t tmpfs -o size=64k tmpfs "$1" && mkdir "$1/t" && "$2" capture "$1/t"
		echo $?; ls "$1/t/mmlens/incomplete"' sh "$tmp/small" "$mmlens" >"$tmp/out" 2>"$tmp/err"
	is "$(cat "$tmp/out" "$tmp/err")" "1
$tmp/small/t/mmlens/incomplete
mmlens: $tmp/small/t: No space left on device" "a full disk is an error, said once, and leaves a part"
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
