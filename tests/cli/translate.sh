# One address walked to memory. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"
. "$srcdir/tests/cli/known.sh"

# walk ADDRESS COLUMNS
walk() {
	"$mmlens" translate "$pid" "$1" -r -n -o "$2" 2>/dev/null
}
anon=$(start_of anon)

soon "private rw-p anon 0x$anon" "a page in memory" walk "$anon" state,perms,kind,start
is "$(walk "0x$anon" address)" "0x$anon" "0x may be in front"
is "$(walk "$(printf %x $((0x$anon + 40 * page)))" state,pfn)" "absent -" "a page not there yet"
like "$(walk "$(printf %x $((0x$anon + 40 * page)))" result)" 'faults' "and what an access would do"
like "$(walk "$(start_of none)" result)" 'without' "no access at all"
if [ "$(id -u)" = 0 ]; then
	held=$(start_of held)
	is "$(walk "$held" state)" cached "a page of a memfd that this process does not map"
	like "$(walk "$held" result)" 'page.040cache' "is in the page cache"
	like "$(walk "$(printf %x $((0x$held + 8 * page)))" result)" 'no.040page.040yet' "or not there yet"
	like "$(walk "$(printf %x $((0x$held + 16 * page)))" result)" 'bus.040error' "or past the end"
	if [ "$(start_of shmswapped)" != - ]; then
		soon "swapped in\\040swap:\\040an\\040access\\040faults\\040it\\040in" "or in swap" \
			walk "$(start_of shmswapped)" state,result
	else
		skip "no swap"
	fi
else
	skip "needs root: the files that a process maps"
fi
like "$(walk 10 state,result)" '^unmapped nothing.040is.040mapped' "nothing is mapped there"
three() {
	"$mmlens" translate "$pid" "$anon" 10 "$(start_of memfd)" -n -o state -r 2>/dev/null | tr '\n' ' '
}
soon "private unmapped shared " "several addresses, in their order" three
is "$("$mmlens" translate "$pid" 10 -J 2>/dev/null | grep -c '"state":"unmapped"')" 1 "JSON"
is "$("$mmlens" translate "$pid" 10 --csv -o address,state 2>/dev/null)" "address,state
0x10,unmapped" "CSV"

if [ "$(uname -m)" = x86_64 ]; then
	soon "$((0x$anon >> 30 & 511)) $((0x$anon >> 21 & 511)) $((0x$anon >> 12 & 511)) 0x0 PTE\\0404K 4096" \
		"indices, and where the walk ends" walk "$anon" pud,pmd,pte,page_offset,level,entry_size
	levels=4
	grep -qw la57 /proc/cpuinfo && levels=5
	is "$(walk "$anon" levels,refs)" "$levels $levels" "levels of this machine"
	if grep -qw hypervisor /proc/cpuinfo; then
		is "$(walk "$anon" nested_refs)" $(((levels + 1) * 5 - 1)) "a nested walk"
	else
		is "$(walk "$anon" nested_refs)" "-" "not a guest: no nested walk"
	fi
	is "$(walk ffffffff81000000 region,state)" 'kernel\040text kernel' "an address of the kernel's"
	is "$(walk 0100000000000000 state,canonical)" "non-canonical no" "not an address"
	thp=$(start_of thp)
	if [ "$("$mmlens" vmas -p "$pid" -r -n -f "start = 0x$thp" -o anon_huge_pages)" = 4194304 ] &&
		[ "$(walk "$thp" level)" != - ]; then
		is "$(walk "$thp" level,pte,refs)" "PMD\\0402M - $((levels - 1))" "a huge page ends it early"
	else
		skip "no huge page, or a kernel that does not tell"
	fi
else
	is "$(walk "$anon" pgd,level)" "- -" "page tables of other architectures are not made up"
fi

if [ "$(id -u)" = 0 ]; then
	by_pages() {
		pfn=$("$mmlens" pages -p "$pid" -r -n --range "$anon" -o pfn 2>/dev/null)
		echo "$pfn $(printf 0x%x $((pfn * page + 5)))"
	}
	by_walk() {
		walk "$(printf %x $((0x$anon + 5)))" pfn,physical
	}
	agree "frame and physical address" by_pages by_walk
else
	skip "needs root: frame numbers"
fi

# Step by step.
steps() {
	"$mmlens" translate "$pid" "$1" --by step -r -n -o "$2" -f "${3:-step > 0}" 2>/dev/null
}
if [ "$(uname -m)" = x86_64 ] && ! grep -qw la57 /proc/cpuinfo; then
	at=$((0x$anon))
	is "$(steps "$anon" table,bits,index,covers 'table ~ P' | grep -v host)" \
		"PGD 39-47 $((at >> 39 & 511)) $((1 << 39))
PUD 30-38 $((at >> 30 & 511)) $((1 << 30))
PMD 21-29 $((at >> 21 & 511)) $((1 << 21))
PTE 12-20 $((at >> 12 & 511)) 4096" "the walk, step by step"
	is "$(steps "$anon" entry,untold 'table = PTE')" \
		'present\040user\040no-execute writable\040accessed\040dirty' "what is known of the last entry"
	refs=$(walk "$anon" nested_refs)
	[ "$refs" != - ] || refs=$(walk "$anon" refs)
	is "$(steps "$anon" total 'table = page')" "$refs" "its references add up"
	is "$(steps "$anon" table 'table = host' | wc -l)" \
		"$(grep -q '^flags.*hypervisor' /proc/cpuinfo && echo 5 || echo 0)" "walks of the host's tables"
	is "$(steps 10 total,entry 'table = PGD')" "- -" "nothing is known of a walk that may end early"
else
	for _ in 1 2 3 4 5; do
		skip "not x86-64 with four levels"
	done
fi

# A captured machine of 32 bits, without and with PAE.
old=$tmp/i386
mkdir -p "$old/mmlens" "$old/proc/7"
printf 'kernel=4.19.0\nmachine=i686\npage_size=4096\n' >"$old/mmlens/host"
printf 'processor\t: 0\nflags\t\t: fpu pse pae\n' >"$old/proc/cpuinfo"
printf '08048000-08050000 r-xp 00000000 08:01 12 /bin/old\n' >"$old/proc/7/maps"
printf '7 (old) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 5 32768 1\n' >"$old/proc/7/stat"
printf 'Name:\told\nVmSize:\t32 kB\nVmRSS:\t4 kB\n' >"$old/proc/7/status"
truncate -s 8388608 "$old/proc/7/pagemap"
old_walk() {
	printf 'MemTotal: 65536 kB\nDirectMap4k: 1024 kB\n%s: 64512 kB\n' "$1" >"$old/proc/meminfo"
	"$mmlens" translate --root "$old" 7 0804a010 --by step -r -n -o table,bits,index,covers 2>/dev/null
}
is "$(old_walk DirectMap4M)" "PGD 22-31 $((0x0804a010 >> 22)) $((4 << 20))
PTE 12-21 $((0x0804a010 >> 12 & 1023)) 4096" "32 bits: DIR, TABLE"
is "$(old_walk DirectMap2M)" "PGD 30-31 0 $((1 << 30))
PMD 21-29 $((0x0804a010 >> 21 & 511)) $((2 << 20))
PTE 12-20 $((0x0804a010 >> 12 & 511)) 4096" "with PAE: three levels"

live() {
	"$mmlens" translate "$pid" "$anon" 10 -r -o pgd,state,pfn,flags,zone,refs 2>/dev/null
}
captured() {
	rm -rf "$tmp/tree"
	"$mmlens" capture "$tmp/tree" -p "$pid" >/dev/null 2>&1
	"$mmlens" translate --root "$tmp/tree" "$pid" "$anon" 10 -r -o pgd,state,pfn,flags,zone,refs 2>/dev/null
}
agree "out of a capture" live captured

out=$("$mmlens" translate 4194304 10 2>&1)
is "$?" 1 "no such process"
like "$out" 'no process 4194304' "named"
out=$("$mmlens" translate "$pid" 12g 2>&1)
is "$?" 2 "no address"
like "$out" "'12g'" "named"
"$mmlens" translate "$pid" 11111111111111111 2>/dev/null
is "$?" 2 "an address of 65 bits"
"$mmlens" translate x 10 2>/dev/null
is "$?" 2 "no process id"
"$mmlens" translate "$pid" 2>/dev/null
is "$?" 2 "no address at all"
like "$("$mmlens" translate --help)" 'nested_refs' "--help lists the columns"

known_done
