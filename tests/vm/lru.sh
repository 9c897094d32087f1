# SPDX-License-Identifier: GPL-2.0-or-later
# Anonymous memory is taken on a node, and a file is read: both are seen to come to that node's lists.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP loads BPF programs: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

if ! mmlens lru -d 0.1 >/tmp/out 2>&1; then
	skip "what comes to the lists" "$(head -n 1 /tmp/out)"
	done_testing
	exit
fi
mib=1048576
cell()
{
	awk -F, -v node="$1" -v kind="$2" '{ gsub("\"|\r", "") } $1 == node && $2 == kind { print $3 }' /tmp/rows
}
mmlens lru -d 8 --csv -n -b -o node,kind,inserted >/tmp/rows 2>/tmp/err &
watcher=$!
sleep 3
hold_start bind:40:1
wait $watcher
is "rows: a node and a kind" "$(wc -l </tmp/rows)" 6
between "anonymous memory, on its node" "$(cell 1 anon)" $((39 * mib)) $((60 * mib))
between "and not on the other one" "$(cell 0 anon)" 0 $((30 * mib))
ok "nothing was dropped" sh -c '! grep -q dropped /tmp/err'
hold_stop
done_testing
