#!/bin/sh
# What a run needs is missing: descriptors, system calls, standard streams, a whole disk.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
without=$builddir/tests/torture/without
tree=$srcdir/tests/fixtures/vm-two-nodes-6.1
few='mmlens: too many open files: the limit of this process (ulimit -n) is reached'

# few N COMMAND...: with N descriptors, of which none is taken by what runs this test
few() {
	limit=$1
	shift
	(
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		ulimit -n "$limit"
		exec "$@"
	)
}

# With few descriptors, a table is what it is with many, or there is one reason.
for table in balance zones slab nodes processes cgroups; do
	"$mmlens" --root "$tree" "$table" >"$tmp/want" 2>"$tmp/want.err"
	wrong=
	for n in 4 5 6 7 8 10 12 16; do
		few $n "$mmlens" --root "$tree" "$table" >"$tmp/got" 2>"$tmp/err"
		status=$?
		if [ "$status" = 1 ]; then
			[ ! -s "$tmp/got" ] && tail -n 1 "$tmp/err" | grep -q 'too many open files' && continue
		fi
		cmp -s "$tmp/want" "$tmp/got" && cmp -s "$tmp/want.err" "$tmp/err" ||
			wrong="$wrong $n: $status $(head -n 2 "$tmp/err")"
	done
	is "$wrong" "" "$table with few descriptors"
done

# Modules say what they are short of, and not that they are missing.
why=$("$mmlens" sources -n -r -o readable,reason -f "table = faults and path ~ '^BPF'")
case $why in
yes*)
	wrong=
	for n in 6 7 8 9 10 14 18; do
		few $n "$mmlens" faults -d 0.01 >"$tmp/got" 2>"$tmp/err"
		[ "$?: $(cat "$tmp/err")" = "1: $few" ] || wrong="$wrong $n: $(cat "$tmp/err")"
	done
	is "$wrong" "" "page faults with few descriptors"
	;;
*) skip "page faults cannot be looked on here" ;;
esac

# refused CALL:ERROR REASON COMMAND...: what it says where the call is refused
refused() {
	call=$1 reason=$2
	shift 2
	"$without" "$call" "$mmlens" "$@" >"$tmp/got" 2>"$tmp/err"
	status=$?
	if [ "$status" = 77 ]; then
		skip "$call: $(cat "$tmp/err")"
	else
		is "$status: $(cat "$tmp/err")" "1: $reason" "$call: $*"
	fi
}

refused uname:EPERM 'mmlens: what machine this is: uname(): Operation not permitted' meminfo
refused timerfd_create:ENOSYS \
	'mmlens: cannot wait for a sample: timerfd_create(): Function not implemented' meminfo -c 2
refused signalfd4:EMFILE "mmlens: cannot wait for a sample: signalfd(): ${few#mmlens: }" meminfo -d 1
case $why in
yes*)
	refused bpf:EPERM 'mmlens: faults: a sandbox (seccomp) refuses the call bpf(); needs to run outside of it, or a profile that allows bpf()' faults -d 0.01
	refused bpf:ENOSYS 'mmlens: faults: the call bpf() is not there; needs a kernel built with CONFIG_BPF_SYSCALL, and no sandbox' faults -d 0.01
	;;
*)
	skip "page faults cannot be looked on here"
	skip "page faults cannot be looked on here"
	;;
esac

# A tree is read the same without openat2().
for error in ENOSYS EPERM; do
	"$mmlens" --root "$tree" dump >"$tmp/want"
	"$without" "openat2:$error" "$mmlens" --root "$tree" dump >"$tmp/got" 2>"$tmp/err"
	if [ $? = 77 ]; then
		skip "openat2: $(cat "$tmp/err")"
	else
		is "$(cmp "$tmp/want" "$tmp/got" 2>&1)" "" "a tree where openat2() gives $error"
	fi
done

# Streams that are closed are not mistaken for files that are opened.
"$mmlens" --root "$tree" meminfo >"$tmp/want"
"$mmlens" --root "$tree" meminfo <&- >"$tmp/got"
is "$?: $(cmp "$tmp/want" "$tmp/got" 2>&1)" "0: " "without standard input"
"$mmlens" --root "$tree" meminfo 2>&- >"$tmp/got"
is "$?: $(cmp "$tmp/want" "$tmp/got" 2>&1)" "0: " "without standard error"
mkdir "$tmp/sum"
"$mmlens" --root "$tree" capture "$tmp/sum/t" <&- >&- 2>&-
is "$?" 0 "a capture without any of them"
is "$("$mmlens" --root "$tmp/sum/t" meminfo | cmp - "$tmp/want" 2>&1)" "" "nothing was printed into its files"

# A write that failed ends the run: nothing waits for samples that nobody gets.
timeout 20 "$mmlens" --root "$tree" meminfo -c 1000 -d 1 >/dev/full 2>"$tmp/err"
is "$?: $(cat "$tmp/err")" "1: mmlens: stdout: No space left on device" "a full disk ends a run"
timeout 20 "$mmlens" --root "$tree" meminfo -c 1000 -d 1 2>"$tmp/err" | :
is "$(cat "$tmp/err")" "" "a reader that is gone ends it without a word"
done_testing
