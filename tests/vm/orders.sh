# SPDX-License-Identifier: GPL-2.0-or-later
# What is said to be had in huge pages is had: the kernel is asked for them until it has no more, on a fresh
# machine and on one whose free memory lies between pages in use. The free blocks are those of the kernel's
# own measure of fragmentation.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP takes all memory: make check-vm runs it"
	exit 0
fi
[ "$MMLENS_VM" = two-nodes ] || { echo "1..0"; exit 0; }
# shellcheck disable=SC1091 # of the guest
. /lib.sh

pool=/proc/sys/vm/nr_hugepages
extfrag=/sys/kernel/debug/extfrag
mount -t debugfs none /sys/kernel/debug 2>/dev/null

# cell ZONE ORDER COLUMN, of the machine as a whole by "all"
cell()
{
	mmlens orders -n -r -b -o "$3" -f "zone = $1 and order = $2" 2>/dev/null | head -n 1
}

# Shares of the free memory in smaller blocks, in thousandths: ours, and the kernel's.
indices()
{
	mmlens buddy --csv -n -b -o node,zone,order,unusable_index 2>/dev/null |
		awk -F, '{ printf "%s %s %s %.3f\n", $1, $2, $3, $4 }' | sort
}

kernels_indices()
{
	awk '{ gsub(",", ""); for (i = 5; i <= NF; i++) printf "%s %s %d %s\n", $2, $4, i - 5, $i }' \
		$extfrag/unusable_index | sort
}

if [ -r $extfrag/unusable_index ]; then
	# Whoever looks takes pages: between two looks a block of 2 MiB in a node of 512 may be split.
	kernels_indices >/tmp/kernels
	indices >/tmp/ours
	is "shares of free memory in smaller blocks are the kernel's" "$(awk '
		NR == FNR { k[$1 " " $2 " " $3] = $4; n++; next }
		{ d = $4 - k[$1 " " $2 " " $3]; if (d < -0.01 || d > 0.01) print; m++ }
		END { print n == m ? "as many" : n " and " m }' /tmp/kernels /tmp/ours)" "as many"
else
	skip "shares of free memory in smaller blocks are the kernel's" "no extfrag files"
fi

low_min=$(mmlens zones -n -r -b -o low,min 2>/dev/null | awk '{ s += $1 - $2 } END { printf "%.0f", s }')

# pools NAME: asks for huge pages until there are no more, and compares
pools()
{
	before=$(cat $pool)
	now=$(cell all 9 now)
	compacted=$(cell all 9 compacted)
	reclaimed=$(cell all 9 reclaimed)
	echo "# $1: now $now, compacted $compacted, reclaimed $reclaimed"
	echo 100000 >$pool
	got=$((($(cat $pool) - before) * 2097152))
	echo "$before" >$pool
	echo "# $1: got $got"
	# Memory of this test itself, and of the pages that tables take, comes and goes meanwhile.
	between "$1: no less than there was" $got $((now - 8388608)) 99999999999
	between "$1: no more than could be made, down to min" $got 0 $((reclaimed + low_min + 8388608))
}

pools "fresh"
# Memory between pages in use: nothing large is free, and compaction makes it.
: >/tmp/ready # of a test before
hold "holes:$(awk '/^MemFree/ { print int($2 / 1024 * 8 / 10) }' /proc/meminfo)" >/tmp/ready 2>&1 &
holder=$!
wait_for 120 grep -q '^ready$' /tmp/ready
now=$(cell all 9 now)
ok "holes: little is left at once, and much after compaction" sh -c '[ $1 -gt $(($2 + 67108864)) ]' sh \
	"$(cell all 9 compacted)" "$now"
ok "holes: small blocks are as free as before" sh -c '[ $1 -gt $(($2 + 67108864)) ]' sh "$(cell all 0 now)" "$now"
pools "holes"
kill $holder
wait $holder 2>/dev/null

# The blocks, by what is in them.
blocks=$(mmlens orders -n -r -o blocks,blocks_free,blocks_movable -f 'zone = all and order = 9' 2>/dev/null)
present=$(mmlens zones -n -r -b -o present 2>/dev/null | awk '{ s += $1 } END { printf "%d", s / 2097152 }')
between "blocks of 2 MiB in all" "${blocks%% *}" $((present * 9 / 10)) $((present * 11 / 10))
free=$(echo "$blocks" | awk '{ print $2 }')
between "blocks of 2 MiB with nothing in them" $((free * 2097152)) \
	$(($(cell all 9 fitting) * 9 / 10)) $(($(cell all 9 fitting) * 11 / 10 + 8388608))
done_testing
