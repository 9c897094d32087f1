# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests in a virtual machine share: TAP, and the kernel's own files read with busybox alone.
# A script of the tree that is run here may source it as well: . /lib.sh
machine=$(sed -n 's/.*mmlens\.machine=\([^ ]*\).*/\1/p' /proc/cmdline)
results=/tmp/results
test_count=0
node_dir=/sys/devices/system/node

# ok DESCRIPTION COMMAND...
ok()
{
	description=$1
	shift
	test_count=$((test_count + 1))
	if "$@"; then
		echo "ok $test_count - $description"
	else
		echo "not ok $test_count - $description"
		return 1
	fi
}

# is DESCRIPTION GOT WANTED
is()
{
	ok "$1" [ "$2" = "$3" ] || {
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" | sed 's/^/#   /'
	}
}

# between DESCRIPTION GOT LOW HIGH
between()
{
	ok "$1" in_range "$2" "$3" "$4" || echo "#   got $2, wanted $3 to $4"
}

in_range()
{
	awk -v x="$1" -v low="$2" -v high="$3" \
		'BEGIN { exit !(x ~ /^-?[0-9.]+$/ && x + 0 >= low + 0 && x + 0 <= high + 0) }'
}

# skip DESCRIPTION REASON
skip()
{
	test_count=$((test_count + 1))
	echo "ok $test_count - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$test_count"
}

# run_test TEST: a script or program of the tree that prints TAP; its results become ours.
run_test()
{
	tap=$results/$(echo "$1" | tr / -).tap
	since=$(cut -d. -f1 /proc/uptime)
	case $1 in
	*.sh) set -- "$1" sh ;;
	*) set -- "$1" ;;
	esac
	(cd /tree && top_srcdir=/tree top_builddir=/tree MMLENS_VM=$machine timeout 900 "${2:-./$1}" \
		${2:+"$1"}) >"$tap" 2>&1 </dev/null
	status=$?
	awk -v name="$1" -v status=$status -v count=$test_count '
		/^(not )?ok / {
			verdict = /^not / ? "not ok" : "ok"
			bad += /^not /
			results++
			sub(/^(not )?ok [0-9]* *(- )?/, "")
			print verdict, ++count, "-", name ":", $0
			next
		}
		/^1\.\.0 # SKIP/ { sub(/^1\.\.0 /, ""); print "ok", ++count, "-", name, $0; plan = "0"; next }
		/^1\.\.[0-9]/ { plan = substr($1, 4); next }
		{ sub(/^#? */, "# "); print }
		END { print ((status && !bad) || plan != results + 0 ? "not ok" : "ok"), ++count, "-", name,
			"ran to its end" (status ? ", with status " status : "") }' "$tap" >/tmp/adopted
	cat /tmp/adopted
	echo "# that took $(($(cut -d. -f1 /proc/uptime) - since)) s"
	test_count=$((test_count + $(grep -cE '^(not )?ok' /tmp/adopted)))
}

# has_symbol NAME: the kernel has that function. Tests ask for what they need, not for a version.
has_symbol()
{
	grep -q " $1\$" /proc/kallsyms
}

# What faults, tlb and other tables that count by thread take.
has_task_storage()
{
	has_symbol task_storage_map_alloc
}

# wait_for SECONDS COMMAND...: until it succeeds; fails when it never did.
wait_for()
{
	tries=$(($1 * 5))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 200000
	done
}

# watching PID: mmlens, with tables that observe, has its programs in the kernel and waits, in ppoll(), for
# the end of its time, or it has ended. SIGTERM ends that time before.
watching()
{
	wait_for 300 waits "$1"
}

waits()
{
	# Who has ended has no command line any more.
	grep -q '^271 ' "/proc/$1/syscall" 2>/dev/null || ! grep -q . "/proc/$1/cmdline" 2>/dev/null
}

# meminfo_kb NAME [FILE]: the number of a line of meminfo, "Node N " in front or not.
meminfo_kb()
{
	awk -v name="$1:" '{ for (i = 1; i < NF; i++) if ($i == name) print $(i + 1) }' \
		"${2:-/proc/meminfo}"
}

# swap_start MIB: swap on compressed memory.
swap_start()
{
	echo "$1M" >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null
	swapon /dev/zram0
}

swap_stop()
{
	swapoff /dev/zram0
	echo 1 >/sys/block/zram0/reset
}

# hold_start SPEC...: start the helper; sets $hold to its pid, its shapes are in /tmp/hold.
hold_start()
{
	hold "$@" >/tmp/hold 2>&1 &
	hold=$!
	wait_for 120 grep -q '^ready$' /tmp/hold || {
		sed 's/^/# /' /tmp/hold
		return 1
	}
}

hold_stop()
{
	kill "$hold"
	wait "$hold" 2>/dev/null
	true
}

# hold_start_of SHAPE: where it begins, as /proc/PID/maps writes it.
hold_start_of()
{
	awk -v shape="$1" '$1 == shape { print $2; exit }' /tmp/hold
}

# numa_maps_field SHAPE KEY: of "N1=2048" the 2048, of the mapping the shape begins.
numa_maps_field()
{
	awk -v start="$(hold_start_of "$1")" -v key="$2" '
		$1 == start {
			for (i = 3; i <= NF; i++)
				if (split($i, pair, "=") == 2 && pair[1] == key)
					print pair[2]
		}' "/proc/$hold/numa_maps"
}

# numa_maps_policy SHAPE
numa_maps_policy()
{
	awk -v start="$(hold_start_of "$1")" '$1 == start { print $2 }' "/proc/$hold/numa_maps"
}

# smaps_kb SHAPE FIELD
smaps_kb()
{
	awk -v start="$(hold_start_of "$1")-" -v field="$2:" '
		$1 ~ /^[0-9a-f]+-[0-9a-f]+$/ { mine = index($1, start) == 1 }
		mine && $1 == field { print $2 }' "/proc/$hold/smaps"
}
