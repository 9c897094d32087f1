# SPDX-License-Identifier: GPL-2.0-or-later
# A short run takes it to: 7 5.10
# A node is filled a little at a time, until kswapd must work. The kernel wakes it when no zone that the
# allocation may use is above its low mark, and lets it sleep when one is above its high mark again;
# that it works is seen by pgscan_kswapd. What mmlens says of the zones must agree at each step.
case ${MMLENS_VM:-} in
two-nodes) ;;
"") echo "1..0 # SKIP fills the machine: make check-vm runs it"; exit 0 ;;
*) echo "1..0"; exit 0 ;;
esac
# shellcheck disable=SC1007,SC2154 # empty words; variables set by eval and lib.sh
. /lib.sh

step_mib=2
mib=1048576

# scanned NODE: pages kswapd looked at; where the kernel does not tell by node (before 7.x), on all of
# them, and nothing happens on the others.
scanned()
{
	awk '$1 == "pgscan_kswapd" { print $2; exit }' "$node_dir/node$1/vmstat" /proc/vmstat
}

has_scanned()
{
	[ "$(scanned "$1")" != "$2" ]
}

# look NODE: sets zone_state and headroom of its highest zone, and class_state of allocations that may use
# them all; room, the bytes until no zone is above its low mark, each without what it withholds from the
# highest one; and gap, the bytes between low and high. Protections stand in the order of these names.
look()
{
	eval "$(mmlens zones --csv -n -b -o zone,state,class_state,headroom,low,high,protection \
		-f "node = $1 and managed > 0" | tr -d '\r"' | awk -F, '
		{
			split("DMA DMA32 Normal", names, " ")
			for (i in names)
				if (names[i] == $1)
					class = i - 1
			headroom[NR] = $4
			last = $4
			for (i = 0; i < 3; i++)
				kept[NR, i] = $(7 + i) * 4096
			gap += $6 - $5
			zone = $2
			all = $3
		}
		END {
			for (i = 1; i <= NR; i++)
				if (headroom[i] > kept[i, class])
					room += headroom[i] - kept[i, class]
			printf "zone_state=%s class_state=%s headroom=%d room=%d gap=%d zones=%d\n",
				zone, all, last, room, gap, NR
		}')"
}

# grab MIB NODE: by one process more.
grab()
{
	: >/tmp/grab
	hold bind:$1:$2 >>/tmp/grab 2>&1 &
	grabbers="$grabbers $!"
	wait_for 120 grep -q '^ready$' /tmp/grab
}

# new LIST WORD: LIST, with WORD behind it when it is not in it already
new()
{
	case "$1 " in
	*" $2 "*) echo "$1" ;;
	*) echo "$1 $2" ;;
	esac
}

# fill NODE: until kswapd has scanned, or should have: the first allocation that finds no zone above low
# wakes it. Sets states and zone_states to those seen while it slept, and left to the room there was before
# the last step but that one.
fill()
{
	start=$(scanned $1)
	look $1
	grab $(((headroom - gap) / mib - 6 * step_mib)) $1
	states= zone_states= steps=0
	while look $1 && ! has_scanned $1 "$start" && [ $steps -lt 60 ]; do
		case $class_state in
		below-*) grab $step_mib $1; break ;;
		esac
		states=$(new "$states" "$class_state")
		zone_states=$(new "$zone_states" "$zone_state")
		left=$room
		steps=$((steps + 1))
		grab $step_mib $1
	done
}

# still NODE: kswapd has stopped: it scans nothing, and not because it has to wait for a processor.
still()
{
	before=$(scanned $1)
	usleep 300000
	[ "$(scanned $1)" = "$before" ] && cat /proc/[0-9]*/stat 2>/dev/null | grep -q "(kswapd$1) S "
}

# balanced NODE: it has, and all that its highest zone's allocations may use is over high. Where CPUs are few
# it may be late to start, and be still before.
balanced()
{
	still $1 && look $1 && [ $class_state = above-high ]
}

swap_start 256
# Marks far apart (2 % of a zone), and none that the kernel moves by itself.
echo 200 >/proc/sys/vm/watermark_scale_factor
echo 0 >/proc/sys/vm/watermark_boost_factor
for node in 0 1; do
	grabbers=
	look $node
	is "node $node: above high with most of it free" $class_state above-high
	fill $node
	ok "node $node: kswapd was woken" wait_for 60 has_scanned $node "$start"
	# A process takes a few pages beside those it is told to, and CPUs keep some on lists of their own.
	between "node $node: and not before the node was at its low mark" "$left" \
		-$mib $(((step_mib + 2) * mib))
	if [ $zones -gt 1 ]; then
		# The lowest zone, of 16 MiB, is taken last, and has all its marks within one step.
		is "node $node: until then some zone was over its high mark" "${states% above-low}" \
			" above-high"
		is "node $node: while the highest one was below low, and kswapd slept" "$zone_states" \
			" above-high above-low below-low"
	else
		is "node $node: until then it was over high, then over low, and kswapd slept" "$states" \
			" above-high above-low"
	fi
	ok "node $node: it came to an end" wait_for 60 still $node
	if [ $zones -gt 1 ]; then
		ok "node $node: when some zone was over its high mark" wait_for 60 balanced $node
	else
		start=$(scanned $node)
		look $node
		# At once something small may be taken again.
		between "node $node: when it was at its high mark" $room $((gap - mib)) $((10 * gap))
		while [ $room -gt $((gap - mib)) ]; do
			grab $step_mib $node
			look $node
		done
		is "node $node: from there down it is over low again" $class_state above-low
		is "node $node: and kswapd sleeps" "$(scanned $node)" "$start"
	fi
	kill $grabbers
	wait $grabbers 2>/dev/null
done
echo 10 >/proc/sys/vm/watermark_scale_factor
echo 15000 >/proc/sys/vm/watermark_boost_factor
swap_stop
done_testing
