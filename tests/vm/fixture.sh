#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: fixture.sh CAPTURE DIR
#
# Make a small fixture of what a virtual machine captured (results/capture): memory, zones, nodes,
# huge pages and the helper's own process, without slab caches, other processes and traces.
set -eu

from=$1
to=$2

rm -rf "$to"
mkdir -p "$to"
hold=$(grep -l '^Name:.hold$' "$from"/proc/[0-9]*/status | sed 's|.*/proc/||; s|/status||')
(
	cd "$from"
	find mmlens/host mmlens/errors proc/buddyinfo proc/meminfo proc/pagetypeinfo proc/self/mounts \
		proc/swaps proc/vmstat proc/zoneinfo "proc/$hold" proc/sys proc/uptime proc/stat \
		sys/devices/system/node sys/devices/virtual/memory_tiering sys/kernel/mm/hugepages \
		sys/kernel/mm/ksm sys/kernel/mm/transparent_hugepage ! -type d 2>/dev/null |
		# Of the sizes of transparent huge pages one below the PMD's will do.
		grep -vE 'transparent_hugepage/hugepages-(8|16|32|128|256|512|1024)kB/' |
		# A PFN or a binary file tells nothing of the machine's shape.
		grep -vE '/(pagemap|kpage.*)$' || true
) | while read -r file; do
	mkdir -p "$to/$(dirname "$file")"
	cp -P "$from/$file" "$to/$file"
done
