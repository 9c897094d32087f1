# A terminal to test in: tmux with a server of its own; sourced behind tap.sh.
# SPDX-License-Identifier: GPL-2.0-or-later
[ -e "$builddir/.libs/tui.so" ] || { skip "built without the screen"; done_testing; exit; }
command -v tmux >/dev/null || { skip "no tmux"; done_testing; exit; }
unset TMUX
XDG_CONFIG_HOME=$tmp/config
TZ=UTC
export XDG_CONFIG_HOME TZ
terminals=0
socket=mmlens-test-$$
trap 'tmux -L $socket kill-server 2>/dev/null; rm -rf "$tmp"' EXIT
tree=$tmp/tree
cp -R "$srcdir/tests/tui/trees/first" "$tree"
chmod -R u+w "$tree"

t() {
	tmux -L "$socket" "$@"
}

# start COMMAND: a terminal of 80x24 that runs it in a shell, with its terminal settings taken before
# and behind, and stays
start() {
	rm -f "$tmp/before" "$tmp/after" "$tmp/pid"
	cat >"$tmp/run" <<EOT
stty -g >"$tmp/before"
sh -c 'echo \$\$ >"$tmp/pid"; exec $1'
echo "status \$?"
stty -g >"$tmp/after"
exec cat
EOT
	t kill-server 2>/dev/null
	# A server that is going away still holds its socket: the next one gets its own.
	terminals=$((terminals + 1))
	socket=mmlens-test-$$-$terminals
	t -f /dev/null new-session -d -x 80 -y 24 "sh $tmp/run" || return 1
	t set -g remain-on-exit on
}

screen() {
	t capture-pane -p 2>/dev/null
}

# until COMMAND: wait, a minute at most, until it succeeds
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt ${MMLENS_TRIES:-600} ] || return 1
		sleep 0.1
	done
}

shows() {
	screen | grep -Eq -- "$1"
}

keys() {
	t send-keys "$@"
}

alive() {
	kill -0 "$(cat "$tmp/pid")" 2>/dev/null
}

ended() {
	[ -s "$tmp/after" ]
}

# says REGEX DESCRIPTION: tmux may show it a little later than it was written
says() {
	until_true shows "$1"
	like "$(screen)" "$1" "$2"
}

modes() {
	t display -p '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_cursor_flag}'
}

plain_modes() {
	[ "$(modes)" = "0 1 0 0" ]
}

# restored WHAT: the terminal is as it was
restored() {
	until_true ended
	ok $? "$1: ends"
	is "$(cat "$tmp/after")" "$(cat "$tmp/before")" "$1: the terminal's settings are as before"
	until_true plain_modes
	is "$(modes)" "0 1 0 0" "$1: no alternate screen, the cursor shown, no mouse"
}
top="$mmlens --root $tree top slab"
