# Cases that people reported, made live. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"
page=$(getconf PAGESIZE)

# begin CASE...: in pid; false if it cannot be made here. end: without it
begin() {
	rm -f "$tmp/hold" "$tmp/where"
	mkfifo "$tmp/hold"
	"$builddir/tests/cli/reported" "$@" <"$tmp/hold" >"$tmp/where" 2>/dev/null &
	helper=$!
	exec 9>"$tmp/hold"
	while kill -0 "$helper" 2>/dev/null && ! grep -qs ready "$tmp/where"; do
		sleep 0.1
	done
	pid=$(awk '/^ready/ { print $2 }' "$tmp/where")
	[ "$pid" ]
}
end() {
	exec 9>&-
	wait "$helper" 2>/dev/null
}

# reasons: what stands in the way of the mappings of 32 MiB
reasons() {
	"$mmlens" thp_why -p "$pid" -r -n -o id -f "pid = $pid and verdict = blocks and start > 0" 2>/dev/null |
		sort -u | tr '\n' ' '
}
thp=/sys/kernel/mm/transparent_hugepage
enabled=$(sed -n 's/.*\[\(.*\)\].*/\1/p' $thp/hugepages-2048kB/enabled 2>/dev/null)
[ "$enabled" ] && [ "$enabled" != inherit ] || enabled=$(sed -n 's/.*\[\(.*\)\].*/\1/p' $thp/enabled 2>/dev/null)
if [ "$enabled" = madvise ] && begin thp plain; then
	is "$(reasons)" "not_advised " "huge pages: a mapping that has not asked"
	end
	begin thp disabled
	is "$(reasons)" "not_advised process_disabled " "huge pages: a process that has switched them off"
	end
	begin thp split
	small=$("$mmlens" thp_why -p "$pid" -r -n -o value -f 'id = all_too_small' 2>/dev/null)
	ok $((${small%.*} < 31 << 20)) "huge pages: memory in pieces that are all too small"
	end
	begin thp advised
	is "$(reasons)" "" "huge pages: nothing stands in the way of a mapping that has asked"
	# The kernel is asked whether any of its mappings is blocked that it calls eligible.
	is "$("$mmlens" vmas -p "$pid" -r -n -o thp_eligible -f 'size >= 32M and rss >= 32M')" yes \
		"huge pages: and the kernel calls it eligible"
	end
else
	skip "huge pages are not those of mappings that ask"
fi

for name in ') R 1 (x' 'a b' '0) S 0 0' '(((((((((((((((' ')' 'a\b' '\'; do
	begin name "$name"
	is "$("$mmlens" processes -p "$pid" --csv -n -o comm)" "$name" "a process called '$name'"
	# With rss, it is read from another file, which has it in another form.
	is "$("$mmlens" processes -p "$pid" --csv -n -o rss,comm | cut -d, -f2-)" "$name" "and '$name' beside its size"
	is "$("$mmlens" processes -p "$pid" -r -n -o pid,ppid,state)" "$pid $$ S" "and what follows its name"
	end
done

if [ "$(nproc)" -gt 1 ] && begin lag; then
	rss=$("$mmlens" processes -p "$pid" -r -n -o rss)
	real=$("$mmlens" vmas -p "$pid" -r -n -o rss | awk '{ s += $1 } END { print s }')
	# 64 pages a thread before Linux 6.2, 3 kinds of 32 pages a CPU up to 6.14.
	slack=$((64 * 3 * page + 3 * 32 * page * $(nproc)))
	[ "$rss" -ge $((real - slack)) ] && [ "$rss" -le $((real + slack)) ]
	ok $? "rss is at most as far from the sum of the mappings as its help says: $rss, $real"
	end
else
	skip "one CPU"
fi

if begin free; then
	freed() {
		"$mmlens" vmas -p "$pid" -r -n -o lazy_free -f 'size >= 64M and lazy_free > 60M' | grep -c .
	}
	soon 1 "memory given back that the kernel has not taken yet" freed
	is "$("$mmlens" vmas -p "$pid" -r -n -o rss -f 'size >= 64M' | awk '{ s += $1 } END { print (s >= 60 * 1048576) }')" 1 \
		"is resident still"
	end
else
	skip "no MADV_FREE"
fi

if begin pin; then
	is "$("$mmlens" processes -p "$pid" -r -n -o pinned)" $((48 << 20)) "memory pinned for io_uring"
	end
else
	skip "io_uring is not to be had"
fi
done_testing
