# The table of pages, on a process of which every page is known. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"
. "$srcdir/tests/cli/known.sh"

# rows NAME COLUMNS [OPTION...]: the runs of the mapping NAME
rows() {
	name=$1 columns=$2
	shift 2
	"$mmlens" pages -p "$pid" -r -n --vma "$(start_of "$name")" -o "$columns" "$@" 2>/dev/null
}
# count NAME STATE: how many of its pages are in that state
count() {
	rows "$1" pages -f "state = $2" | awk '{ s += $1 } END { print s + 0 }'
}

soon "32 private yes no
32 absent no no" "anonymous memory touched by half" rows anon pages,state,present,swapped
is "$(rows none pages,state)" "256 absent" "PROT_NONE has nothing"
soon 16 "shared anonymous memory" count shared shared
soon 8 "memfd" count memfd shared
soon 4 "copied pages of a file" count private private
soon 12 "and those still the file's" count private file
is "$(rows anon address --each | wc -l)" 33 "--each: a row a page, and one for what is absent"
is "$(rows anon address --each | head -n 3)" "$(for i in 0 1 2; do
	printf '0x%x\n' $((0x$(start_of anon) + i * page)); done)" "in the order of their addresses"
start=$(start_of anon)
is "$("$mmlens" pages -p "$pid" -r -n -o pages --range "$start+2000" 2>/dev/null)" 2 "a range"
is "$("$mmlens" pages -p "$pid" -r -n -o pages --range "$start" 2>/dev/null)" 1 "an address"
is "$("$mmlens" pages -p "$pid" -r -n -o kind --vma "[stack]" 2>/dev/null | sort -u)" stack "a name"
resident() {
	"$mmlens" vmas -p "$pid" -r -n -o rss -f 'kind != vdso and kind != vvar' |
		awk '{ s += $1 } END { print s }'
}
present() {
	"$mmlens" pages -p "$pid" -r -n -o pages,state \
		-f 'present = yes and kind != vdso and kind != vvar and state != zero and state != hugetlb' 2>/dev/null |
		awk -v page="$page" '{ s += $1 } END { print s * page }'
}
agree "as much is present as smaps counts" present resident

if [ "$(start_of swapped)" != - ]; then
	soon 32 "swapped pages" count swapped swapped
else
	skip "no swap"
fi
soon 2 "a private mapping of shared memory: copies" count copied private
soon 6 "and those still the file's, shared with nobody by mmap" count copied file
if [ "$(start_of guarded)" != - ]; then
	is "$(rows guarded pages,state,swapped,present -f 'present = no')" "2 guard no no" "guard pages are not in swap"
else
	skip "no guard pages on this kernel"
fi
if [ "$(start_of secret)" != - ]; then
	is "$(rows secret pages,state,kind)" "2 shared secretmem
2 absent secretmem" "secret memory"
else
	skip "no memfd_secret() on this kernel"
fi

if [ "$(id -u)" = 0 ]; then
	soon "8 cached cached
8 absent nothing
8 absent past-end" "a memfd that nobody maps" rows held pages,state,behind
	if [ "$(start_of shmswapped)" != - ]; then
		soon "32 swapped yes no" "shared memory in swap, which no page table tells of" \
			rows shmswapped pages,state,swapped,present
	else
		skip "no swap"
	fi
	soon "8 zero" "pages only read: the zero page" rows zero pages,state
	soon "1 $page" "mapped once, in base pages" rows anon map_count,page_size -f 'present = yes'
	like "$(rows anon flags -f 'present = yes')" '040anon' "frames of anonymous memory"
	like "$(rows locked flags)" '040mlocked' "frames locked in memory"
	like "$(rows anon node -f 'present = yes' | sort -u | tr '\n' ' ')" '^([0-9]+ )+$' "a node"
	like "$(rows anon zone -f 'present = yes')" '^[A-Z]' "a zone"
	if [ "$(rows thp page_size -f 'page_size > 1M' | head -n 1)" = 2097152 ]; then
		is "$(rows thp pages,entry_size -f 'page_size = 2M' | awk '{ s += $1 } END { print s % 512, $2 }')" \
			"0 2097152" "huge pages whole, each mapped by one entry"
	else
		skip "no transparent huge page was to be had"
	fi
	if [ "$(start_of hugetlb)" != - ]; then
		is "$(rows hugetlb pages,state,page_size,entry_size)" "512 hugetlb 2097152 2097152" "hugetlb"
	else
		skip "no hugetlb page in the pool"
	fi
	# The same frames as pagemap itself has.
	ours() {
		rows anon pfn --each | head -n 1
	}
	theirs() {
		dd if="/proc/$pid/pagemap" bs=8 count=1 skip=$((0x$start / page)) 2>/dev/null | od -An -tx8 |
			awk '{ print "0x" substr($1, 5) }' | sed 's/0x0*/0x/'
	}
	agree "the frame that pagemap names" ours theirs
	# Someone who may not see frame numbers sees the rest of what is theirs.
	mkdir -m 777 "$tmp/theirs"
	chmod 755 "$tmp"
	if setpriv --reuid 65534 --clear-groups sh -c '"$0" --version' "$mmlens" >/dev/null 2>&1 &&
		setpriv --reuid 65534 --clear-groups test -w "$tmp/theirs"; then
		out=$(setpriv --reuid 65534 --clear-groups sh -c '
			"$1/tests/cli/mappings" build "$2/theirs" </dev/zero >"$2/theirs/where" &
			while kill -0 $! && ! grep -q ready "$2/theirs/where"; do
				sleep 0.2
			done
			"$1/mmlens" pages -p $! -o state,pages,pfn,node --vma \
				"$(sed -n "s/^anon \([^ ]*\) .*/\1/p" "$2/theirs/where")" -r -n 2>&1
			kill $!' sh "$(cd "$builddir" && pwd)" "$tmp" 2>&1)
		like "$out" '^private 32 - ' "one's own pages, without their frames"
		like "$out" 'pages.pfn: frame numbers are hidden from this user; needs CAP_SYS_ADMIN' \
			"with the reason"
	else
		skip "no setpriv, or others may not run this program"
	fi
else
	skip "needs root: flags and counts of frames"
fi

# A capture has the words that were read. Not the flags: the kernel ages pages meanwhile.
columns=address,pages,state,pfn,page_size,map_count,zone
live() {
	"$mmlens" pages -p "$pid" -r --vma "$(start_of "$mapping")" -o "$columns"
}
captured() {
	rm -rf "$tmp/tree"
	"$mmlens" capture "$tmp/tree" -p "$pid" >/dev/null 2>&1
	"$mmlens" pages --root "$tmp/tree" -p "$pid" -r --vma "$(start_of "$mapping")" -o "$columns"
}
for mapping in anon private thp none memfd held; do
	agree "$mapping out of the capture" live captured
done

out=$("$mmlens" pages -p "$pid" --range 1000-2000 2>&1)
is "$?" 0 "nothing mapped there is no failure"
like "$out" 'nothing mapped in this range' "but said"
"$mmlens" pages 2>/dev/null
is "$?" 2 "no process asked for: usage"
"$mmlens" pages -p 4194304 2>/dev/null
is "$?" 1 "no such process: 1"

known_done
