#!/bin/sh
# A real terminal, tmux: the screen comes up, every view is visited, any size is survived, and on every
# way out the terminal is as it was.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
. "$srcdir/tests/tui/tmux.sh"


start "$top" || { skip "tmux does not start"; done_testing; exit; }
until_true shows 'ext4_inode_cache .*169M'
ok $? "the slab view comes up"
# What only that view shows.
sign_of() {
	case $1 in
	1) echo '^Memory by use' ;;
	2) echo '^ZONE .*LOG SCALE' ;;
	3) echo '^ext4_inode_cache .*169M' ;;
	4) echo 'Processes  14, 12 with memory' ;;
	5) echo 'choose a process' ;;
	6) echo '^Memory in transparent huge pages' ;;
	7) echo '^NODE KIND' ;;
	8) echo '^Page faults ' ;;
	9) echo ' by flushes$' ;;
	esac
}

for key in 1 2 3 4 5 6 7 8 9; do
	keys $key
	until_true shows "$(sign_of $key)" && alive
	ok $? "view $key"
done
keys 3
until_true shows 'ext4_inode_cache'
for size in '20 5' '1 1' '200 50' '40 10' '80 24'; do
	# shellcheck disable=SC2086
	t resize-window -x ${size% *} -y ${size#* }
	sleep 0.3
	keys j k
	alive
	ok $? "alive at $size"
done
until_true shows 'ext4_inode_cache .*169M'
ok $? "back at 80x24 everything is there again"
keys :
until_true shows '^go to:'
keys -l zq
until_true shows '^go to: zq'
ok $? "a prompt swallows letters, q too"
keys Escape
until_true shows '/ find'
keys q
restored "q"
says '^status 0' "q: status 0"

start "$mmlens top vmas -p $$"
until_true shows "^vmas . $$ . vmas  *[0-9]* mappings"
ok $? "-p PID: the mappings of that process"
keys Escape
until_true shows 'choose a process'
ok $? "and Esc goes to the choice"
keys q
restored "q"

user="setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_CONFIG_HOME=/nowhere $mmlens"
if [ "$(id -u)" = 0 ] && $user --version >/dev/null 2>&1; then
	start "$user top 7"
	until_true shows 'Processes on node .* permission denied for [0-9]+ of [0-9]+ processes$'
	ok $? "another user: view 7 says how many it cannot read"
	t resize-window -x 120 -y 24
	until_true shows 'Processes on node .* denied for [0-9]+ of [0-9]+ processes; it takes .*CAP_SYS_PTRACE$'
	ok $? "and what that takes"
	keys 4 p
	t resize-window -x 80 -y 24
	until_true shows '^PSS: permission denied for [0-9]+ of [0-9]+ processes; it takes CAP_SYS_PTRACE;'
	ok $? "view 4 too, on 80 columns"
	keys q
	restored "q"
else
	skip "not root, or another user cannot run the program here"
fi

# Few descriptors, and little memory: it comes up, or a sentence says what there was too little of.
for n in 5 7 9; do
	start "sh -c 'ulimit -n $n; exec $top'"
	until_true shows 'ext4_inode_cache .*169M|too many open files'
	ok $? "$n descriptors: the screen, or why not"
done
if ! grep -q 'fsanitize' "$builddir/config.status" && (ulimit -v 8000) 2>/dev/null; then
	for kib in 4000 5500 6000 6500 7000 7500; do
		start "sh -c 'ulimit -v $kib; exec $top'"
		until_true shows 'ext4_inode_cache .*169M|no sample: |[Oo]ut of memory|failed to map|cannot allocate'
		ok $? "$kib KiB of addresses: the screen, or why not"
	done
else
	skip "the sanitizers need more memory than can be denied"
fi

for signal in TERM HUP SEGV ABRT INT QUIT USR1 USR2 ALRM XCPU XFSZ VTALRM PROF IO PWR STKFLT RTMIN; do
	start "$top"
	until_true shows 'ext4_inode_cache'
	kill -s $signal "$(cat "$tmp/pid")"
	restored "SIG$signal"
done

# stopped and continued: the shell has its own terminal meanwhile
start "$top"
until_true shows 'ext4_inode_cache'
kill -s TSTP "$(cat "$tmp/pid")"
stopped() {
	[ "$(t display -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}
until_true stopped
ok $? "SIGTSTP: the terminal is given back"
kill -s CONT "$(cat "$tmp/pid")"
until_true shows 'ext4_inode_cache'
ok $? "SIGCONT: the screen is there again"
keys q
restored "q after a stop"

# the terminal goes away: nobody stays behind and spins
start "$top"
until_true shows 'ext4_inode_cache'
pid=$(cat "$tmp/pid")
t kill-server
# Where nobody waits for orphans it stays as a zombie.
gone() {
	! kill -0 "$pid" 2>/dev/null || grep -q '^State:.Z' "/proc/$pid/status"
}
until_true gone
ok $? "the terminal goes away: so does mmlens"
start "sh -c \"trap : TERM; trap '' HUP; exec $top\""
until_true shows 'ext4_inode_cache'
pid=$(cat "$tmp/pid")
t kill-server
until_true gone
ok $? "the terminal goes away, SIGHUP ignored: so does mmlens"

# kinds of terminals
for term in vt100 linux screen xterm-256color; do
	if ! infocmp "$term" >/dev/null 2>&1; then
		skip "no $term here"
		continue
	fi
	start "env TERM=$term $top"
	until_true shows 'ext4_inode_cache .*169M'
	ok $? "TERM=$term"
	keys q
	until_true ended
	is "$(cat "$tmp/after")" "$(cat "$tmp/before")" "TERM=$term: the settings are as before"
done
# Colours: those of 256 where the terminal has them, of 8 where it has those, and none where it has none
# or is asked for none.
coloured() {
	t capture-pane -ep | grep -q "$1"
}
for term in xterm-256color tmux-256color screen linux vt100 NO_COLOR; do
	want='\[38;5;[0-9]'
	case $term in
	screen | linux) want='\[3[0-7]m' ;;
	esac
	kind=$term
	[ $term = NO_COLOR ] && kind='xterm-256color NO_COLOR=1'
	infocmp "${kind%% *}" >/dev/null 2>&1 || { skip "no ${kind%% *} here"; continue; }
	start "env TERM=$kind $mmlens --root $tree top overview"
	until_true shows 'Memory by use'
	case $term in
	vt100 | NO_COLOR)
		is "$(t capture-pane -ep | grep -c '\[3[0-8]\|\[4[0-8]')" 0 "$term: no colour"
		;;
	*)
		until_true coloured "$want"
		ok $? "$term: colours"
		;;
	esac
	keys q
	until_true ended
done
start "env TERM=xterm-256color $top --ascii --theme light"
until_true shows '-SIZE'
ok $? "--ascii"
t capture-pane -ep >"$tmp/inks"
grep -q '38;5;242' "$tmp/inks" && ! grep -q '38;5;246' "$tmp/inks"
ok $? "--theme light has its own colours"
keys q
until_true ended
start "$mmlens --root $tree top slab -s cache -o cache,size"
until_true shows '^CACHE. +SIZE +CHANGE$'
ok $? "columns and order from the command line"
keys q
until_true ended
$mmlens top -s size </dev/null 2>"$tmp/err"
is "$?" 2 "an order without a table: status 2"
start "env -u TERM $top"
until_true ended
says 'TERM is not set' "TERM unset: a clear message"
start "env TERM=nosuchterm $top"
until_true ended
says "TERM is 'nosuchterm'" "TERM unknown: a clear message"
start "env TERM=dumb $top"
until_true ended
says 'cannot move its cursor' "TERM=dumb: a clear message"
start "env LC_ALL=xx_YY.UTF-8 $top"
until_true shows 'ext4_inode_cache .*169M'
ok $? "a locale that does not exist"
keys q
until_true ended

# sequences that are no keys, and pastes
start "$top"
until_true shows 'ext4_inode_cache'
t send-keys -H 1b 5b 49 1b 5b 4f 1b 5b 39 39 39 7a
keys Escape '[4~'
until_true shows '68/68'
alive && shows '^CACHE .*SIZE.'
ok $? "focus events and unknown sequences are no keys"
t set-buffer 'q
4:balance
'
t paste-buffer -p
sleep 1
alive && shows '68/68'
ok $? "what is pasted where nothing is typed is no key"
keys /
until_true shows '^find:'
t paste-buffer -p
until_true shows '^find: q 4:balance'
ok $? "in a prompt it is text, and its line ends do not run it"
keys Escape q
until_true ended

# no terminal at all
$mmlens --root "$tree" top slab </dev/null >"$tmp/out" 2>"$tmp/err"
is "$?" 1 "no terminal: status 1"
like "$(cat "$tmp/err")" 'is not a terminal' "no terminal: a clear message"
$mmlens --root "$tree" top slb </dev/null >"$tmp/out" 2>"$tmp/err"
is "$?" 2 "an unknown view: status 2"
like "$(cat "$tmp/err")" "did you mean 'slab'" "an unknown view: the near one is named"
done_testing
