# SPDX-License-Identifier: GPL-2.0-or-later
# A short run takes it to: 6.12 5.10
# Settings of a machine that has just booted are those that its kernel computed, but for what the tests
# before have set. What is changed is said to be, the kernel refuses what is out of range, and its own
# formula for min_free_kbytes, which it applies anew here, is the one mmlens has.
if [ -z "${MMLENS_VM:-}" ]; then
	echo "1..0 # SKIP changes settings: make check-vm runs it"
	exit 0
fi
# shellcheck disable=SC1091 # of the guest
. /lib.sh

thp=/sys/kernel/mm/transparent_hugepage

# cell SETTING COLUMN
cell()
{
	mmlens settings -n -r -o "$2" -f "setting = '$1'" 2>/dev/null
}

# What the tests' own start has set.
changed=$(mmlens settings -n -r -o setting,value,default -f 'set = yes' 2>/dev/null |
	grep -vE '^(boot|hugepages)\.|^vm\.nr_|^fs\.file-max ')
is "nothing differs from what the kernel computed" "$changed" ""
ok "defaults are known of most settings" sh -c \
	'[ "$(mmlens settings -n -r -o default 2>/dev/null | grep -vc "^-$")" -ge 50 ]'
ok "a root of memory, or pageblocks for huge pages" [ "$(cell vm.min_free_kbytes set)" != yes ]

# change SETTING VALUE: it differs, and does not any more when it is put back
change()
{
	file=$(cell "$1" source)
	if [ ! -w "$file" ]; then
		skip "$1" "this kernel has none"
		return
	fi
	old=$(cat "$file")
	echo "$2" >"$file"
	is "$1 is changed" "$(cell "$1" value,set)" "$2 yes"
	echo "$old" >"$file"
	is "$1 is put back" "$(cell "$1" value,set)" "$old no"
}

change vm.swappiness 10
change vm.watermark_scale_factor 20
change vm.dirty_ratio 30
change vm.page-cluster 0
change vm.oom_dump_tasks 0
change vm.vfs_cache_pressure 50
change vm.overcommit_memory 1
change vm.max_map_count 65531
change vm.stat_interval 2
change vm.panic_on_oom 1
change kernel.task_delayacct 1
change ksm.pages_to_scan 101
change khugepaged.max_ptes_none 0

# refused SETTING VALUE
refused()
{
	file=$(cell "$1" source)
	if [ ! -w "$file" ]; then
		skip "$1 $2 is refused" "this kernel has none"
		return
	fi
	ok "$1 $2 is refused" sh -c '! echo "$1" >"$2" 2>/dev/null' sh "$2" "$file"
}

refused vm.swappiness 201
refused vm.swappiness -1
refused vm.watermark_scale_factor 0
refused vm.watermark_scale_factor 3001
refused vm.dirty_ratio 101
refused vm.extfrag_threshold 1001
refused vm.compaction_proactiveness 101
refused vm.overcommit_memory 3
refused vm.panic_on_oom 3
refused vm.numa_stat 2

# The kernel computes it anew when huge pages are switched; before 5.17 it only ever raises it.
if [ -w $thp/enabled ]; then
	was=$(cat /proc/sys/vm/min_free_kbytes)
	anew=yes
	for word in never always; do
		echo $word >$thp/enabled
		value=$(cat /proc/sys/vm/min_free_kbytes)
		[ $word = always ] || [ "$value" != "$was" ] || anew=no
		if [ $anew = no ]; then
			skip "min_free_kbytes, huge pages $word" "this kernel does not compute it anew"
			continue
		fi
		is "min_free_kbytes, huge pages $word: $value" "$(cell vm.min_free_kbytes set)" no
		between "min_free_kbytes, huge pages $word, in 1/1000 of the default" \
			$((value * 1000 / $(cell vm.min_free_kbytes default))) 950 1050
	done
fi
done_testing
