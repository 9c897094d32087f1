#!/bin/sh
# A source that takes its time: one file of the tree is a FIFO that is held back. Keys work on meanwhile,
# and the values on the screen are marked as old; leaving does not wait either.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$srcdir/tests/tui/tmux.sh"

slabinfo=$tree/proc/slabinfo
cp "$slabinfo" "$tmp/first"
rm "$slabinfo"
mkfifo "$slabinfo" || { skip "no FIFOs here"; done_testing; exit; }
sed 's/^dentry .*/dentry            800000 900000    192   21    1 : tunables    0    0    0 : slabdata  50000  50000      0/' \
	"$tmp/first" >"$tmp/then"

# hold_back FILE: who reads the FIFO gets the first bytes of FILE one in a second, since a FIFO that is silent for ten
# seconds is given up, and the rest when let_go says so. What was sent before must have been shown: then nobody reads on
# behind its end.
hold_back() {
	rm -f "$tmp/go"
	{
		i=0
		while [ ! -e "$tmp/go" ] && [ $i -lt 55 ]; do
			i=$((i + 1))
			head -c $i "$tmp/$1" | tail -c 1
			sleep 1
		done
		tail -c +$((i + 1)) "$tmp/$1"
	} >"$slabinfo" &
	writer=$!
}

let_go() {
	touch "$tmp/go"
	wait "$writer"
}

old_and() {
	shows ' old' && shows "$1"
}

hold_back first
start "$top"
ok $? "it starts"
until_true shows 'reading \.\.\.'
ok $? "before anything has come: reading ..."
keys h
until_true shows 'Everywhere'
ok $? "the help opens while the first sample is being read"
keys Escape
let_go
until_true shows 'ext4_inode_cache .*169M'
ok $? "the first sample is shown"
hold_back then
until_true old_and '[0-9]s old, reading'
ok $? "the source is slow: values are marked as old, with their age, and stay"
old_and 'ext4_inode_cache .*169M'
ok $? "they do"
keys j j j
until_true old_and ' 4/68 '
ok $? "the cursor moves meanwhile"
keys R
until_true old_and 'GROWTH.'
ok $? "so does the order"
keys 2
until_true shows "Normal"
ok $? "another view comes up"
keys 3
until_true shows ' ([5-9]|[1-5][0-9])([.]0)?s old'
ok $? "held back for five seconds"
let_go
until_true shows 'dentry .* 900000'
ok $? "what comes in the end is shown"
hold_back first
until_true shows ' old'
ok $? "and is old again"
keys q
restored "q while the source is held back"
kill "$writer" 2>/dev/null
done_testing
