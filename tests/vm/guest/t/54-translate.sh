# SPDX-License-Identifier: GPL-2.0-or-later
# From addresses of the helper's to memory, through as many levels of page tables as the kernel uses.

# walk SHAPE COLUMNS
walk()
{
	mmlens translate "$hold" "0x$(hold_start_of "$1")" -J >/tmp/json
	row=
	for column in $2; do
		row="$row $(json_get /tmp/json tables translate 0 "$column")"
	done
	echo "${row# }"
}

at=$((0x$(hold_start_of bind)))
# A kernel built without five levels hides the CPU's ability (la57), and prints no p4d.
if grep -qw la57 /proc/cpuinfo; then
	top="5 $((at >> 48 & 511)) $((at >> 39 & 511))"
else
	top="4 $((at >> 39 & 511)) -"
fi
is "translate: the levels, each index, and the node" \
	"$(mmlens translate "$hold" "0x$(hold_start_of bind)" -r -n -o levels,pgd,p4d,pud,pmd,pte,node)" \
	"$top $((at >> 30 & 511)) $((at >> 21 & 511)) $((at >> 12 & 511)) 1"
is "translate: an ordinary page" "$(walk bind 'level node')" "PTE 4K 1"
# Without PAGEMAP_SCAN the kernel does not tell whether one entry maps the whole of it.
has_symbol pagemap_scan_pmd_entry && level="PMD 2M" || level=null
is "translate: a transparent huge page" "$(walk thp 'level node')" "$level 0"
is "translate: a hugetlb page" "$(walk huge2m 'level node')" "PMD 2M 1"
if [ "$machine" = four-nodes ]; then
	is "translate: a page of 1G" "$(walk huge1g 'level node')" "PUD 1G 3"
fi
is "translate: what is in swap has no frame" "$(walk swap pfn)" null
