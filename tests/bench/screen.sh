# CPU of the screen at a sample a second, against slabtop's beside it, for BENCH_SECONDS (30), in
# terminals of 80x24. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
for tool in tmux slabtop; do
	command -v $tool >/dev/null || { echo "screen: SKIP $tool is not installed"; exit 0; }
done
[ -e "$top_builddir/.libs/tui.so" ] || { echo "screen: SKIP built without the screen"; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'tmux -S "$dir/socket" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
t() {
	tmux -S "$dir/socket" -f /dev/null "$@"
}
# CPU time in microseconds of all threads of $1
cpu() {
	cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum / 1000 }'
}
# view LIMIT: the figure, and whether it is within LIMIT times slabtop's
compare() {
	t new-session -d -x 80 -y 24 -s ours "exec $mmlens top $1 -d 1"
	t new-session -d -x 80 -y 24 -s theirs "exec slabtop -d 1"
	sleep 2
	ours=$(t list-panes -t ours -F '#{pane_pid}')
	theirs=$(t list-panes -t theirs -F '#{pane_pid}')
	ours_before=$(cpu "$ours") theirs_before=$(cpu "$theirs")
	sleep "${BENCH_SECONDS:-30}"
	awk -v view="$1" -v limit="$2" -v seconds="${BENCH_SECONDS:-30}" \
		-v ours=$(($(cpu "$ours") - ours_before)) \
		-v theirs=$(($(cpu "$theirs") - theirs_before)) \
		-v rss="$(awk '/^VmRSS/ { print $2 }' /proc/"$ours"/status)" 'BEGIN {
		printf "screen, %s at 1 s against slabtop: %.2f times its CPU (limit %.1f), %.1f against %.1f ms in %d s; RSS %.1f MiB%s\n",
			view, ours / theirs, limit, ours / 1000, theirs / 1000, seconds, rss / 1024,
			(ours > theirs * limit) ? "  OVER" : ""
	}'
	t kill-server
	sleep 0.2
}
compare slab 1.0
compare overview 1.5
