#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What mmlens-learn(7) shows by hand is what the programs in examples/ have done: they are led step by step,
# and each fact is one that they, or the kernel's own file, know.
. "${top_srcdir:-.}/tests/tap.sh"
. "$srcdir/tests/demonstrations/lead.sh"

# The break.
begin examples/brk
heap() { tell vmas "$1" 'kind = heap'; }
before=$(heap end) rss=$(heap rss)
next
is $(($(heap end) - before)) $((0x3000)) 'brk: the heap ends 0x3000 higher'
is "$(heap rss)" "$rss" 'brk: no page of it is there before it is written'
if [ "$readable" ] && [ "$(tell mm value 'name = brk')" != - ]; then
	is "$(tell mm value 'name = brk')" "$(heap end)" 'mm: brk is where the heap ends'
	is "$(tell mm mapping 'name = brk')" '[heap]' 'mm: and in the heap'
else
	skip 'mm.brk is not told here'
fi
next
is $(($(heap rss) - rss)) $((0x3000)) 'brk: three pages are written, three are there'
next
is "$(heap end)" "$before" 'brk: back'
finish

# Asking, reading, writing, giving back.
begin examples/touch
all=$((512 * page))
is "$(mapping size)" $all 'mmap: all addresses are there'
is "$(mapping rss)" 0 'mmap: and no page'
is "$(pages 512 absent)" 512 'mmap: every entry is absent'
last=$(faults)
next
ok $(($(faults) - last < 512 || $(faults) - last > 540)) 'reading: a minor fault a page'
is "$(mapping rss)" 0 'reading: the zero page counts as no memory'
if [ "$readable" ] && [ -e /proc/kpageflags ]; then
	is "$(pages 512 zero)" 512 'reading: 512 entries of the zero page'
else
	skip 'the zero page is told to root'
fi
last=$(faults)
next
ok $(($(faults) - last < 512 || $(faults) - last > 540)) 'writing: another one a page'
is "$(mapping rss)" $all 'writing: now they are there'
is "$(mapping anonymous)" $all 'writing: as anonymous memory'
if [ "$readable" ] && [ -e /proc/kpageflags ]; then
	is "$(pages 512 private)" 512 'writing: of this process alone'
else
	skip 'whose pages they are is told to root'
fi
next
is "$(mapping locked)" $((all / 2)) 'mlock: half of them are locked, as a mapping of their own'
is "$(tell processes locked)" $((all / 2)) 'mlock: the process has so much locked'
is "$(tell mm number 'name = locked_vm')" $((all / 2)) 'mlock: and its mm'
next
is "$(mapping size)" $all 'madvise: the addresses stay'
is "$(mapping rss)" $((all / 2)) 'madvise: half of the pages are gone'
is "$(pages 512 absent)" 256 'madvise: their entries are absent'
next
is "$(mapping size)" '' 'munmap: the addresses are gone'
finish

# Copy on write.
begin examples/fork
all=$((128 * page))
parent=$pid
next
ok $((pid == parent)) 'fork: a second process'
child=$pid
for pid in $parent $child; do
	is "$(mapping rss)" $all 'fork: both have all pages'
	is "$(mapping uss)" 0 'fork: none has one of its own'
	is "$(mapping pss)" $((all / 2)) 'fork: of each page a half'
done
if [ "$readable" ] && [ -e /proc/kpagecount ]; then
	is "$("$mmlens" pages -p "$child" --range "$(address)+1" -o map_count -r -n)" 2 'fork: a page is mapped twice'
else
	skip 'how often a page is mapped is told to root'
fi
pid=$child
next
last=$(faults)
next
is $(($(faults) - last)) 128 'copy on write: a fault for each page that is written'
is "$(mapping uss)" $all 'copy on write: the child has pages of its own'
pid=$parent
is "$(mapping uss)" $all 'copy on write: and so has the parent'
finish

# malloc
begin examples/malloc
end=$(heap end) maps=$(tell vmas start | wc -l)
next
is "$(heap end)" "$end" 'malloc: a small block is on the heap that is there'
next
is "$(heap end)" "$end" 'malloc: a large one is not'
ok $(($(tell vmas start "start < $(address) and end > $(address) and kind = anon" | wc -l) != 1)) \
	'malloc: it lies in an anonymous mapping'
rss=$(tell processes rss_anon)
next
grown=$(($(tell processes rss_anon) - rss))
ok $((grown < 4 << 20 || grown > (4 << 20) + 8 * page)) 'malloc: what is written is there, no more'
next
is "$(tell vmas start "start < $(address) and end > $(address)")" '' 'free: a large block goes back to the kernel'
finish

# A file
begin examples/file "$tmp/file"
all=$((64 * page))
is "$(mapping kind)" file 'file: a mapping of a file'
is "$(mapping rss)" 0 'file: nothing of it is there yet'
next
is "$(mapping rss)" $all 'file: all of it is'
is "$(mapping anonymous)" 0 'file: none of it is anonymous'
is $(($(mapping shared_dirty) + $(mapping private_dirty))) $all 'file: all of it is dirty'
next
is "$(mapping rss)" $all 'file: read again, it comes from the page cache'
is "$(mapping anonymous)" 0 'file: private, but not copied'
next
is "$(mapping anonymous)" $((all / 2)) 'file: what is written is copied'
is "$(mapping rss)" $all 'file: the other half is still the page cache'
next
is "$(mapping deleted)" yes 'file: it is deleted and still held'
finish

# A huge page
thp=/sys/kernel/mm/transparent_hugepage
allowed=$(cat $thp/hugepages-2048kB/enabled $thp/enabled 2>/dev/null | sed -n 's/.*\[\(.*\)\].*/\1/p' | tr '\n' ' ')
case $allowed in
madvise* | always* | 'inherit madvise'* | 'inherit always'*)
	begin examples/huge
	last=$(faults)
	next
	huge=$(tell vmas anon_huge_pages "start <= $(address) and end > $(address)")
	if [ "$huge" = $((2 << 20)) ]; then
		is "$(tell vmas rss "start <= $(address) and end > $(address)")" $huge 'huge: a byte is written, 2 MiB are there'
		ok $(($(faults) - last > 8)) 'huge: with a fault or two'
		if [ "$readable" ]; then
			is "$("$mmlens" translate "$pid" "$(address)" -o entry_size -r -b -n)" $((2 << 20)) \
				'huge: the walk ends one level higher'
		else
			skip 'entries are told to root'
		fi
	else
		skip 'no huge page is free'
	fi
	finish
	;;
*) skip 'transparent huge pages are switched off' ;;
esac
done_testing
