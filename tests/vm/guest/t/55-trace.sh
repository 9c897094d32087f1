# SPDX-License-Identifier: GPL-2.0-or-later
# The BPF programs load on this kernel, and count what the helper does.
mmlens faults tlb -d 4 -J >$results/trace.json 2>/tmp/trace.err &
trace=$!
sleep 2
hold bind:8:0 >/tmp/toucher &
toucher=$!
wait $trace
ok "faults and tlb answer" [ $? -eq 0 ] || sed 's/^/#   /' /tmp/trace.err
kill $toucher
is "nothing about them is unavailable" "$(json_get $results/trace.json unavailable)" 0
between "faults: the helper's pages" \
	"$(json_rows $results/trace.json faults pid $toucher faults)" 2048 2400
between "faults: nearly all of them writes" \
	"$(json_rows $results/trace.json faults pid $toucher write)" 2048 2400
