#!/bin/sh
# Shared memory by its parts, against df, ipcs and meminfo. SPDX-License-Identifier: GPL-2.0-or-later
# In a virtual machine this takes: tests/files/hold
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

hold=$builddir/tests/files/hold
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
cpus=$(grep -c '^processor' /proc/cpuinfo)
id=

end() {
	exec 7>&- 2>/dev/null
	wait
	[ -z "$id" ] || ipcrm -m "$id" 2>/dev/null
	umount "$tmp/small" 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT

# What df says of each tmpfs, by device: two mounts of one are told once.
used_df() {
	awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "tmpfs") print $3 }' /proc/self/mountinfo | sort -u |
		while read -r device; do
			"$mmlens" shmem --csv -b -o name,used,limit,device -n -f "device = '$device'" 2>/dev/null |
				grep . || true
		done | grep -v '^name,' | while IFS=, read -r name used limit _; do
			case $used,$limit in *[!0-9]*,* | ,*) continue ;; esac
			[ "$(df -k "$name" 2>/dev/null | awk 'END { printf "%.0f %.0f", $3 * 1024, $2 * 1024 }')" = "$used $limit" ] ||
				echo "$name: $used of $limit"
		done
}

soon '' 'df agrees on what is used of each tmpfs' used_df

mkfifo "$tmp/in"
"$hold" <"$tmp/in" >"$tmp/held" 2>"$tmp/why" &
holder=$!
exec 7>"$tmp/in"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q ready "$tmp/held" && break
	sleep 0.2
done
if grep -q ready "$tmp/held"; then
	id=$(awk '$1 == "sysv" { print $2 }' "$tmp/held")
	is "$("$mmlens" shmem --csv -b -o used,attached,full -f "name = 'shmid $id'" 2>/dev/null | tail -n +2)" \
		"$((402 * page)),1,100.000" 'a segment has what was written to it'
	kill -KILL $holder
	wait $holder 2>/dev/null
	like "$("$mmlens" shmem --csv -b -o used,attached,idle -f "name = 'shmid $id'" 2>/dev/null | tail -n +2)" \
		"^$((402 * page)),0,[0-9]+" 'and nobody has attached it once its process is dead'
	if command -v ipcs >/dev/null; then
		is "$("$mmlens" shmem --csv -b -o name,attached -f 'kind = sysv and attached >= 0' 2>/dev/null | tail -n +2 |
			sed 's/^"*shmid \(-*[0-9]*\)[^,]*,/\1 /' | sort)" \
			"$(ipcs -m | awk '$2 ~ /^[0-9]+$/ { print $2, $6 }' | sort)" 'ipcs agrees on who is attached'
	else
		skip 'no ipcs'
	fi
else
	skip "memory of every kind cannot be made here: $(cat "$tmp/why")"
fi

if ! "$mmlens" shmem -o cached,swapped 2>&1 >/dev/null | grep -q . &&
	"$mmlens" shmem --csv -o kind 2>/dev/null | grep -q '^total' && "$mmlens" files -l 1 >/dev/null 2>&1; then
	# Each CPU holds back up to 125 pages of the counter, on each node; and others go on meanwhile.
	small() {
		"$mmlens" shmem --csv -b -o kind,cached 2>/dev/null |
			awk -F, -v most=$((cpus * 125 * page)) '$1 == "remainder" { n++; bad += $2 > most || $2 < -most }
				END { print n + 0, bad + 0 }'
	}
	soon '1 0' 'the parts and the remainder are Shmem' small
else
	skip 'inodes cannot be walked here'
fi

mkdir "$tmp/small"
if mount -t tmpfs -o size=8m none "$tmp/small" 2>/dev/null; then
	head -c $((40 * page)) /dev/zero >"$tmp/small/file"
	is "$("$mmlens" shmem --csv -b -o kind,used,limit -f "name = '$tmp/small'" 2>/dev/null | tail -n +2)" \
		"tmpfs,$((40 * page)),8388608" 'a tmpfs has what was written to it, and its size'
else
	skip 'nothing can be mounted here'
fi
done_testing
