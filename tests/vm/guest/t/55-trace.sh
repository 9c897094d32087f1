# SPDX-License-Identifier: GPL-2.0-or-later
# The BPF programs load on this kernel, and count what the helper does; or it is said what they take.
# NUMA balancing unmaps pages to see who uses them: a second fault for each, beyond the known numbers.
echo 0 >/proc/sys/kernel/numa_balancing

# most FILE COLUMN: the largest COLUMN of the helpers' rows among the faults
most()
{
	rows=$(json_get "$1" tables faults)
	row=0
	while [ "$row" -lt "${rows:-0}" ]; do
		[ "$(json_get "$1" tables faults "$row" comm)" != hold ] ||
			json_get "$1" tables faults "$row" "$2"
		row=$((row + 1))
	done | sort -n | tail -n 1
}

# unavailable TABLE KEY
unavailable()
{
	json_get $results/trace.json unavailable "$1" "$2"
}

if has_task_storage; then
	mmlens faults tlb -d 800 -J >$results/trace.json 2>/tmp/trace.err &
	trace=$!
	watching $trace
	: >/tmp/toucher
	hold bind:8:0 >>/tmp/toucher &
	toucher=$!
	wait_for 120 grep -q '^ready$' /tmp/toucher
	kill $trace
	wait $trace
	traced=$?
	kill $toucher
	wait $toucher 2>/dev/null
	ok "faults and tlb answer" [ $traced -eq 0 ] || sed 's/^/#   /' /tmp/trace.err
	is "nothing about them is unavailable" "$(json_get $results/trace.json unavailable)" 0
	between "faults: the helper's pages" "$(most $results/trace.json faults)" 2048 2400
	between "faults: nearly all of them writes" "$(most $results/trace.json write)" 2048 2400
else
	mmlens faults tlb -d 1 -J >$results/trace.json 2>/tmp/trace.err
	is "faults and tlb cannot be had" $? 1
	for table in faults tlb; do
		is "$table: says why" "$(unavailable $table reason)" \
			"this kernel has no task storage for BPF programs"
		is "$table: says what it takes" "$(unavailable $table needs)" "Linux 5.11 or newer"
		is "$table: sources agrees" \
			"$(mmlens sources --csv -n -o readable,needs -f "table = $table" | tr -d '\r"' | head -n 1)" \
			"no,Linux 5.11 or newer"
	done
fi
