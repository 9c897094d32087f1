#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The capabilities that mmlens(1) names give what it says, all together and each by itself; and what a container
# with them sees. They are given to nobody as ambient ones here: with file capabilities a program takes no
# modules from the build tree.
. "${top_srcdir:-.}/tests/tap.sh"

page=$builddir/man/mmlens.1
[ -e "$page" ] || page=$srcdir/man/mmlens.1
all=$(sed -n 's/^# setcap \(.*\)=ep .*/\1/p' "$page")
like "$all" '^cap_[a-z_,]*$' 'the manual has the line'

# given CAPABILITIES COMMAND...: as nobody with these
given() {
	caps=$(echo "$1" | sed 's/cap_/+/g; s/^$/+/')
	shift
	case $caps in
	+) caps=-all ;;
	*) caps=-all,$caps ;;
	esac
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="$caps" --ambient-caps="$caps" "$@"
}

may() {
	given "$all" cat "$srcdir/configure.ac" > "$tmp/log" 2>&1
}

if [ "$(id -u)" != 0 ] || ! command -v setpriv > /dev/null || ! may || ! given '' sh -c '"$0" --version' "$mmlens" > /dev/null 2>&1; then
	skip 'it takes root with these capabilities, setpriv, and a build tree that others can read'
	done_testing
	exit
fi
sleep 1000 &
other=$!
trap 'kill $other; rm -rf "$tmp"' EXIT

# without LIST: the capabilities of the line but those
without() {
	echo "$all" | tr , '\n' | grep -vxE "$1" | paste -sd,
}

# shows WHAT CAPABILITIES WORD...: whether the words print rows and no complaint that it is not allowed to
shows() {
	caps=$1
	shift
	given "$caps" "$mmlens" "$@" > "$tmp/out" 2> "$tmp/err" && [ -s "$tmp/out" ] && ! grep -qE '(^| )-( |$)' "$tmp/out" &&
		! grep -q 'needs .*CAP_' "$tmp/err"
}

# gives CAPABILITIES WORD...: the words show it with the line, and do not when it lacks these (one|other)
gives() {
	what=$1
	shift
	if ! "$mmlens" "$@" > "$tmp/out" 2> "$tmp/err" || grep -qE '(^| )-( |$)' "$tmp/out"; then
		skip "$what: root cannot see '$*' here"
		return
	fi
	shows "$all" "$@"
	ok $? "the line shows: $*"
	! shows "$(without "$what")" "$@"
	ok $? "and without $what it does not"
}

gives cap_dac_read_search slab -l 1 -o cache,size -r -n
gives cap_dac_read_search sources -f 'path ~ "pagetypeinfo|kpageflags" and readable = yes' -l 1 -o path -r -n
# New kernels let those read mappings who may trace the kernel.
gives 'cap_sys_ptrace|cap_perfmon' processes -p "$other" -o pid,pss,uss -r -n
gives 'cap_sys_ptrace|cap_perfmon' vmas -p "$other" -l 1 -o start,size,rss -r -n
gives cap_bpf faults -d 0.2 -p "$$" -o pid,faults -r
gives cap_perfmon faults -d 0.2 -p "$$" -o pid,faults -r
gives cap_net_admin sources -f 'table = delays and path ~ TASKSTATS and readable = yes' -o path -r -n
if [ "$(cat /proc/sys/kernel/dmesg_restrict 2> /dev/null)" = 1 ]; then
	gives cap_syslog sources -f 'path = /dev/kmsg and readable = yes' -l 1 -o path -r -n
else
	skip 'kernel.dmesg_restrict is 0'
fi
given "$all" "$mmlens" pages -p "$other" -o pfn -r -n -l 1 > "$tmp/out" 2> "$tmp/err"
is "$(cat "$tmp/out")" - 'frame numbers are not shown'
like "$(cat "$tmp/err")" CAP_SYS_ADMIN 'and it is said what they take'

# As far as namespaces alone make a container: its own processes, or with --pid=host the host's.
if unshare --pid --fork --mount-proc --cgroup --ipc --uts true 2> /dev/null; then
	unshare --pid --fork --mount-proc --cgroup --ipc --uts "$mmlens" processes -o pid -r -n > "$tmp/out"
	is "$(cat "$tmp/out")" 1 'a container sees its own processes alone'
	unshare --mount --cgroup --ipc --uts setpriv --inh-caps=-all --bounding-set="-all,$(echo "$all" | sed 's/cap_/+/g')" \
		"$mmlens" processes -p "$other" -o pid,pss -r -n > "$tmp/out" 2> "$tmp/err"
	like "$(cat "$tmp/out")" "^$other [0-9]+\$" "with the host's process ids and these capabilities it sees the host's"
else
	skip 'no namespaces'
	skip 'no namespaces'
fi
done_testing
