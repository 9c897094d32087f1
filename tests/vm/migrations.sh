# SPDX-License-Identifier: GPL-2.0-or-later
# Memory with holes is compacted by hand: the pages that were moved, and those that could not be, are as
# many as the kernel counts, and it was this shell that moved them.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP compacts memory: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

if ! mmlens migrations -d 0.1 >/tmp/out 2>&1; then
	skip "pages that are moved" "$(head -n 1 /tmp/out)"
	done_testing
	exit
fi
moved()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}
: >/tmp/ready # of a test before
hold holes:200 >/tmp/ready 2>&1 &
holder=$!
wait_for 120 grep -q '^ready$' /tmp/ready
mmlens migrations -d 800 --csv -n -b -o pid,reason,pages,failed >/tmp/rows 2>/tmp/err &
watcher=$!
watching $watcher
success=$(moved pgmigrate_success)
fail=$(moved pgmigrate_fail)
sh -c 'echo $$ >/tmp/mover; echo 1 >/proc/sys/vm/compact_memory'
success=$(($(moved pgmigrate_success) - success))
fail=$(($(moved pgmigrate_fail) - fail))
kill $watcher
wait $watcher
row=$(grep "^$(cat /tmp/mover)," /tmp/rows)
is "who moved them, and why" "$(echo "$row" | cut -d , -f 2)" compaction
between "pages" "$success" 1 1000000000
others=$(grep -v "^$(cat /tmp/mover)," /tmp/rows | awk -F, '{ n += $3 } END { print n + 0 }')
between "as many as the kernel counts, $success" "$(echo "$row" | cut -d , -f 3)" $((success - others)) "$success"
between "as many in vain, $fail" "$(echo "$row" | cut -d , -f 4)" 0 "$fail"
ok "nothing was dropped" sh -c '! grep -q dropped /tmp/err'
kill -9 $holder 2>/dev/null
wait $holder 2>/dev/null
done_testing
