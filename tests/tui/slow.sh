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

# step WHAT COMMAND...: a line of the report; the first that fails ends the attempt
step() {
	what=$1
	shift
	"$@"
	status=$?
	echo "$status $what" >>"$tmp/steps"
	return $status
}

# feed FILE: to whoever reads the FIFO; nobody does when it is no longer running
feed() {
	timeout 60 sh -c 'cat "$1" >"$2"' feed "$tmp/$1" "$slabinfo"
}

old_and() {
	shows ' old' && shows "$1"
}

attempt() {
	: >"$tmp/steps"
	start "$top" || return 1
	step "before anything has come: reading ..." until_true shows 'reading \.\.\.' || return
	keys h
	step "the help opens while the first sample is being read" until_true shows 'Everywhere' || return
	keys Escape
	feed first || return
	step "the first sample is shown" until_true shows 'ext4_inode_cache .*169M' || return
	step "the source is slow: values are marked as old, with their age, and stay" \
		until_true old_and '[0-9]s old, reading' || return
	step "they do" old_and 'ext4_inode_cache .*169M' || return
	keys j j j
	step "the cursor moves meanwhile" until_true old_and ' 4/68 ' || return
	keys R
	step "so does the order" until_true old_and 'GROWTH.' || return
	keys 2
	step "another view comes up" until_true shows "Normal" || return
	keys 3
	step "held back for five seconds" until_true shows ' ([5-9]|1[0-9])([.]0)?s old' || return
	feed then || return
	step "what comes in the end is shown" until_true shows 'dentry .* 900000' || return
	step "and is old again" until_true shows ' old'
}

# A FIFO that stays silent for ten seconds is given up: a machine so busy that the keys above take that
# long gets another try.
attempt || attempt || attempt || attempt || attempt
while read -r status what; do
	ok "$status" "$what"
done <"$tmp/steps"
is "$(wc -l <"$tmp/steps" | tr -d ' ')" 11 "all of it"
keys q
restored "q while the source is held back"
done_testing
