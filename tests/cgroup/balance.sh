#!/bin/sh
# Where the memory of a control group has gone, in both versions.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

tree=$tmp/tree
two=$tree/sys/fs/cgroup
mib=1048576

mkdir -p "$tree/proc/self" "$tree/mmlens" "$two/a/b" "$two/none" "$two/bad"
echo '24 22 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$tree/proc/self/mountinfo"
printf 'MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\nSwapTotal: 65536 kB\nSwapFree: 40960 kB\n' \
	>"$tree/proc/meminfo"
echo page_size=4096 >"$tree/mmlens/host"
echo $((200 * mib)) >"$two/a/memory.current"
echo $((100 * mib)) >"$two/a/b/memory.current"
# stat NAME MIB...: lines of memory.stat
stat() {
	while [ $# -gt 1 ]; do
		echo "$1 $(($2 * mib))"
		shift 2
	done
}
stat anon 40 file 31 kernel 22 kernel_stack 1 pagetables 2 sec_pagetables 0 percpu 3 sock 4 vmalloc 5 \
	shmem 6 zswap 1 file_dirty 7 file_writeback 1 swapcached 5 inactive_anon 20 active_anon 29 \
	inactive_file 10 active_file 10 unevictable 0 slab_reclaimable 4 slab_unreclaimable 3 \
	>"$two/a/b/memory.stat"
echo "pgfault 7" >>"$two/a/b/memory.stat"

if ! "$mmlens" --root "$tree" meminfo >/dev/null 2>&1; then
	skip "trees cannot be read here"
	done_testing
	exit
fi

# of GROUP COLUMNS: rows of its balance that are not 0, and what is said
of() {
	"$mmlens" --root "$tree" balance --cgroup "$1" -o "$2" -r -n -b -f 'bytes != 0' 2>&1
}
# mib GROUP: the parts in MiB
mib() {
	of "$1" item,bytes | awk -v mib="$mib" 'NF == 2 { printf "%s%s %g", sep, $1, $2 / mib; sep = ", "; next } { print }'
}

# On the lists are 69 MiB; 40 are anon and 26 of files or shared: 3 of 5 MiB of swap cache are not mapped.
is "$(mib /a/b)" "file_clean 12, file_dirty 8, anon 40, shmem 6, swap_cache 3, slab_reclaimable 4, \
slab_unreclaimable 3, kernel_stack 1, page_tables 2, vmalloc 5, percpu 3, zswap 1, kernel_other 3, sockets 4, \
unaccounted 5" "the parts of a group"
is "$(of b terms | sed -n 's/\\040/ /g; 1p;13p;$p')" '31744 - 6144 - 5120 - 7168 - 1024
22528 - 4096 - 3072 - 1024 - 2048 - 0 - 5120 - 3072 - 1024
102400 - 97280' "how they are computed"
is "$(of b item,reclaim,reclaimable | awk '$2 == "swap" { print $1, $3 / 1048576 }')" "anon 40" "what can go to swap is bounded by the machine's"
echo $((50 * mib)) >"$two/a/memory.swap.max"
echo $((20 * mib)) >"$two/a/memory.swap.current"
echo max >"$two/a/b/memory.swap.max"
echo $((20 * mib)) >"$two/a/b/memory.swap.current"
is "$(of b item,reclaim,reclaimable | awk '$2 == "swap" { print $1, $3 / 1048576 }')" "anon 30" "... and by the limit of a group it is in"
echo $((20 * mib)) >"$two/a/memory.swap.max"
is "$(of b item,reclaim,reclaimable | awk '$1 == "anon" { print $2, $3 }')" "none 0" "... where none is left"
sed -i 's/^swapcached.*/swapcached 0/' "$two/a/b/memory.stat"
is "$(mib b | grep -o 'swap_cache [0-9]*')" "" "no swap cache"

# A kernel that does not tell of kernel memory as a whole, nor of swap cache.
sed -i '/^kernel /d; /^swapcached/d; /^vmalloc/d; /^zswap/d; /^sec_pagetables/d' "$two/a/b/memory.stat"
is "$(mib b)" "file_clean 17, file_dirty 8, anon 40, shmem 6, slab_reclaimable 4, slab_unreclaimable 3, \
kernel_stack 1, page_tables 2, percpu 3, sockets 4, unaccounted 12" "an older kernel"
echo "anon 99999999999999999999" >"$two/bad/memory.stat"
echo "shmem 9223372036854775807" >>"$two/bad/memory.stat"
echo 4096 >"$two/bad/memory.current"
like "$(of /bad item,bytes)" "^unaccounted 4096$" "nonsense is no part"
like "$(of /bad item,bytes)" "shmem is no size memory can have: the remainder holds shmem" "... and that is said"
like "$(of / item)" "the root of version 2 does not tell what is charged to it" "the root"
like "$(of / item)" "balance without --cgroup is the machine's" "... and what tells of it instead"
like "$(of /none item)" "/none does not tell what is charged to it; needs the memory controller" \
	"a group without the controller"
like "$(of /nope item)" "there is no control group '/nope'" "a group that is not there"
rm "$two/a/b/memory.stat"
like "$(of b item)" "/a/b: its memory.stat cannot be read" "no memory.stat"
like "$("$mmlens" --root "$tree" balance -o bytes -r -n -b 2>/dev/null | tail -n 1)" "^8589934592$" \
	"without a group it is the machine's"

# Its memory.stat, line by line.
printf 'anon 4096\npgfault 7\nnews 5\nanon_thp\n' >"$two/a/b/memory.stat"
stat_of() {
	"$mmlens" --root "$tree" cgroup_stat --cgroup "$1" -o name,bytes,count,meaning -r -n -b 2>"$tmp/err" |
		sed 's/\\040/ /g'
}
is "$(stat_of b)" 'anon 4096 - Anonymous memory that is mapped: heaps, stacks, copied pages.
pgfault - 7 Page faults.
news - 5 -' "what each line says, and means"
like "$(cat "$tmp/err")" "memory.stat.*not a name and a number" "... and a line that is none"
like "$("$mmlens" --root "$tree" cgroup_stat 2>&1)" "cgroup_stat needs --cgroup GROUP" "of which group"

# Version 1.
rm -r "$two"
one=$tree/sys/fs/cgroup/memory
mkdir -p "$one/a"
printf '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n35 31 0:32 / %s rw - cgroup cgroup rw,memory\n' \
	/sys/fs/cgroup/memory >"$tree/proc/self/mountinfo"
for group in "$one" "$one/a"; do
	echo $((60 * mib)) >"$group/memory.usage_in_bytes"
	echo $((9 * mib)) >"$group/memory.kmem.usage_in_bytes"
	stat cache 1 rss 1 shmem 1 dirty 0 writeback 0 total_cache 30 total_rss 20 total_shmem 5 total_dirty 2 \
		total_writeback 1 >"$group/memory.stat"
done
is "$(mib /a)" "file_clean 22, file_dirty 3, anon 20, shmem 5, kernel 9, unaccounted 1" "version 1"
is "$(mib /)" "file_clean 22, file_dirty 3, anon 20, shmem 5, unaccounted 10" \
	"the root of version 1 has no kernel memory"
echo "hierarchical_memory_limit 9223372036854771712" >>"$one/a/memory.stat"
is "$(stat_of /a | sed -n '/rss/p;/hier/p')" 'rss 1048576 - Anonymous memory with swap cache in it; shared memory and mapped files are no part of it.
total_rss 20971520 - Anonymous memory with swap cache in it; shared memory and mapped files are no part of it.
hierarchical_memory_limit - - The least limit of the group and of all it is in.' "the lines of version 1"
echo 0 >"$one/a/memory.use_hierarchy"
is "$(mib /a)" "anon 1, shmem 1, kernel 9, unaccounted 49" "a group that does not count what is below it"
done_testing
