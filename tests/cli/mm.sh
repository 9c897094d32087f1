# Table `mm`: each border and property is what the kernel's own file, or the program itself, says.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

mkfifo "$tmp/poke"
"$builddir/tests/cli/reported" heap <"$tmp/poke" >"$tmp/said" 2>/dev/null &
helper=$!
exec 9>"$tmp/poke"
while kill -0 "$helper" 2>/dev/null && ! grep -q ready "$tmp/said"; do
	sleep 0.1
done
pid=$(awk '/^ready/ { print $2 }' "$tmp/said")
proc=/proc/$pid

value() {
	"$mmlens" mm -p "${2:-$pid}" -r -n -o value -f "name = $1" 2>/dev/null
}
# poke: the program moves its break, and says where to
poke() {
	lines=$(wc -l <"$tmp/said")
	printf x >&9
	while [ "$(wc -l <"$tmp/said")" = "$lines" ]; do
		sleep 0.1
	done
	awk 'END { print $2 }' "$tmp/said"
}
# Fields of stat, counted from the end of the name on.
stat() {
	printf '0x%x' "$(sed 's/.*) //' $proc/stat | cut -d' ' -f$(($1 - 2)))"
}
while read -r name field; do
	is "$(value $name)" "$(stat "$field")" "$name"
done <<END
start_code 26
end_code 27
start_stack 28
start_data 45
end_data 46
start_brk 47
arg_start 48
arg_end 49
env_start 50
env_end 51
END

# Fields of status, in bytes.
bytes() {
	awk -v name="$1:" '$1 == name { printf "%d\n", $2 * 1024 }' $proc/status
}
while read -r name field; do
	if [ "$(bytes "$field")" ]; then
		is "$(value $name)" "$(bytes "$field")" "$name"
	else
		is "$(value $name)" - "$name: not on this kernel"
	fi
done <<END
total_vm VmSize
hiwater_vm VmPeak
locked_vm VmLck
pinned_vm VmPin
data_vm VmData
stack_vm VmStk
rss VmRSS
hiwater_rss VmHWM
rss_anon RssAnon
rss_file RssFile
rss_shmem RssShmem
swap VmSwap
hugetlb HugetlbPages
END
is "$(value exec_vm)" "$(($(bytes VmExe) + $(bytes VmLib)))" "exec_vm"
is "$(value exe_file)" "$(readlink $proc/exe)" "exe_file"
is "$(value coredump_filter)" "$(printf '0x%x' $((0x$(cat $proc/coredump_filter))))" "coredump_filter"

# The vector, word by word.
od -A n -v -t d8 -w16 $proc/auxv | while read -r type v; do
	case $type in
	3) printf 'at_phdr 0x%x\n' "$v" ;;
	6) echo "at_pagesz $v" ;;
	9) printf 'at_entry 0x%x\n' "$v" ;;
	11) echo "at_uid $v" ;;
	17) echo "at_clktck $v" ;;
	25) printf 'at_random 0x%x\n' "$v" ;;
	esac
done | sort >"$tmp/expected"
is "$("$mmlens" mm -p "$pid" -r -n -o name,value | grep -Fw -f "$tmp/expected" | sort)" "$(cat "$tmp/expected")" \
	"the auxiliary vector"
is "$("$mmlens" mm -p "$pid" -r -n -f 'source = auxv' | wc -l)" "$(($(wc -c <$proc/auxv) / 16 - 1))" \
	"all of it, but for its end"

# Where they lie.
lies() {
	"$mmlens" mm -p "$pid" -r -n -o mapping -f "name = $1"
}
is "$(lies start_code) $(lies end_code) $(lies start_stack) $(lies env_end)" \
	"$(readlink $proc/exe) $(readlink $proc/exe) [stack] [stack]" "the mappings that the borders lie in"

# What only the kernel has.
first=$(poke)
if "$mmlens" sources -r -n -o table,source,readable | grep -q '^mm BPF:.* yes$'; then
	is "$(value brk)" "$first" "brk is what sbrk(0) says"
	is "$(value mm_users) $(value map_count)" "1 $(grep -vc vsyscall $proc/maps)" "one thread, and its mappings"
	is "$(lies brk)" "[heap]" "brk ends the heap"
	inside=$("$mmlens" mm -p "$pid" -r -n -o name -f 'number > 0x7f0000000000 and name = task_size')
	is "$inside" task_size "where addresses end"
else
	is "$(value brk)" "$(printf '0x%s' "$(awk '$6 == "[heap]" { print $1 }' $proc/maps | tail -n 1 | cut -d- -f2)")" \
		"brk, to a page"
	is "$(value map_count)" "$(grep -vc vsyscall $proc/maps)" "mappings, as counted"
	like "$("$mmlens" mm -p "$pid" -r -n -o why -f 'name = mm_users')" '[a-z]' "mm_users: why it is not known"
	is "$(value pgd)" - "and it is absent"
fi
is $(($(poke) - first)) 12288 "the break moves by 12288"

# As growth: whichever sample it falls into.
"$mmlens" mm -p "$pid" -c 1000 -d 0.3 -r -n -o growth,value -f 'name = brk' >"$tmp/watched" 2>/dev/null &
watcher=$!
while ! grep -q '^0 ' "$tmp/watched"; do
	kill -0 "$watcher" 2>/dev/null || break
	sleep 0.1
done
at=$(poke)
while ! grep -q "^12288 $at" "$tmp/watched" && kill -0 "$watcher" 2>/dev/null; do
	[ "$(grep -c " $at" "$tmp/watched")" -lt 3 ] || break
	sleep 0.1
done
kill "$watcher"
wait "$watcher" 2>/dev/null
like "$(cat "$tmp/watched")" "^12288 $at\$" "and that is its growth"

# Somebody else's.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && setpriv --reuid 65534 --clear-groups "$mmlens" -V >/dev/null 2>&1; then
	why=$(setpriv --reuid 65534 --regid 65534 --clear-groups "$mmlens" mm -p "$pid" -r -n -o name,value,why \
		-f 'name = start_stack or name = brk or name = auxv or name = exe_file' 2>/dev/null)
	is "$(echo "$why" | awk '{ print $1, $2 }' | sort)" "auxv -
brk -
exe_file -
start_stack -" "what another user may not know is absent"
	like "$why" 'start_stack - .*CAP_SYS_PTRACE' "and says why"
	like "$why" 'auxv - .*permission\\040denied' "of the vector, too"
else
	skip "needs root and setpriv"
	skip "needs root and setpriv"
	skip "needs root and setpriv"
fi
like "$("$mmlens" mm -p 2 -n 2>&1)" 'no address space: a kernel thread|no process 2|no process' "a kernel thread has none"
exec 9>&-
wait "$helper" 2>/dev/null
done_testing
