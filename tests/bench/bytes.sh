# Bytes sent to a terminal of 80x24 at each refresh, a second apart, for BENCH_SECONDS (30): over a slow
# line, or in a terminal that is recorded, each byte counts. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
command -v tmux >/dev/null || { echo "bytes: SKIP tmux is not installed"; exit 0; }
[ -e "$top_builddir/.libs/tui.so" ] || { echo "bytes: SKIP built without the screen"; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'tmux -S "$dir/socket" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
t() {
	tmux -S "$dir/socket" -f /dev/null "$@"
}
seconds=${BENCH_SECONDS:-30}
t new-session -d -s keep cat
# begin NAME COMMAND: what it writes from its third second on goes to $dir/NAME
begin() {
	command -v "${2%% *}" >/dev/null || return
	t new-session -d -x 80 -y 24 -s "$1" "exec $2"
}
begin slab "$mmlens top slab -d 1"
begin overview "$mmlens top overview -d 1"
begin slabtop "slabtop -d 1"
begin htop "htop -d 10"
sleep 3
for name in slab overview slabtop htop; do
	t pipe-pane -t "$name" "cat >$dir/$name" 2>/dev/null
done
sleep "$seconds"
t kill-server
for name in slab overview slabtop htop; do
	[ -s "$dir/$name" ] || { echo "bytes: SKIP $name is not installed"; continue; }
	wc -c <"$dir/$name" | awk -v name="$name" -v seconds="$seconds" \
		-v slab="$(wc -c <"$dir/slab")" '{
		printf "bytes sent, %s: %.0f a refresh, %.2f times the slab view\n", name,
			$1 / seconds, $1 / slab
	}'
done
