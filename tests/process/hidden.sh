# What a procfs or sysfs that is mounted otherwise hides, and how that is said.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-.}/tests/tap.sh"

if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	skip "needs root, to mount in a namespace of its own"
	done_testing
	exit
fi

# inside COMMANDS ARGUMENT...: in a mount namespace of its own; 77 where it cannot be prepared
inside() {
	prepare=$1
	shift
	unshare -m sh -c "$prepare || exit 77; exec \"\$@\"" sh "$@" >"$tmp/out" 2>"$tmp/err"
}

inside 'mount -t tmpfs none /proc' "$mmlens" processes
case $? in
77) skip "nothing can be mounted here" ;;
*)
	like "$(cat "$tmp/err")" 'processes: /proc: no procfs is mounted at /proc; needs procfs mounted at /proc' \
		"no procfs is said as that"
	inside 'mount -t tmpfs none /proc' "$mmlens" meminfo zones vmas -p 1
	is "$?" 1 "and fails"
	like "$(cat "$tmp/err")" '/proc/meminfo: no procfs is mounted at /proc' "of each table"
	like "$(cat "$tmp/err")" 'vmas: /proc: no procfs is mounted at /proc' "and of a process"
	is "$(grep -c 'not on this kernel\|no process 1' "$tmp/err")" 0 "and nothing else"
	inside 'mount -t tmpfs none /sys' "$mmlens" nodes hugepages thp
	like "$(cat "$tmp/err")" 'no sysfs is mounted at /sys; needs sysfs mounted at /sys' "no sysfs is said as that"
	is "$(grep -c 'not on this kernel' "$tmp/err")" 0 "by all tables"
	inside 'mount -t tmpfs none /sys' "$mmlens" sources -r -n -f 'path ~ /sys/kernel/slab' -o readable,reason
	like "$(cat "$tmp/out")" '^no .*no.040sysfs' "and by sources"
	;;
esac

inside 'mount -t proc -o subset=pid proc /proc' "$mmlens" meminfo
case $? in
77) skip "procfs cannot be mounted with subset=pid" ;;
*)
	like "$(cat "$tmp/err")" '/proc/meminfo: /proc is mounted subset=pid; needs ' "subset=pid is said"
	inside 'mount -t proc -o subset=pid proc /proc' "$mmlens" processes -n -r -o pid
	is "$(grep -c . "$tmp/err") $(grep -c '^1$' "$tmp/out")" "0 1" "and processes are all there"
	;;
esac

# As somebody else who sees nobody else.
as="setpriv --reuid 65534 --regid 65534 --clear-groups"
if ! command -v setpriv >/dev/null || ! $as "$mmlens" --version >/dev/null 2>&1; then
	skip "nobody cannot run it from here"
	done_testing
	exit
fi
# of_all: how many processes there are, this shell's child among them
of_all() {
	set -- /proc/[0-9]*
	echo $#
}
# Those that are shown and those that are said to be hidden are all that there are.
counted() {
	shown=$(grep -c . "$tmp/out")
	said=$(sed -n "s/^mmlens: processes: \([0-9]*\) processes of other users are hidden: \/proc is mounted hidepid=$mode\$/\1/p" "$tmp/err")
	[ "$mode" = 1 ] && shown=$(($(grep -vc ' -$' "$tmp/out")))
	sum=$((${said:-0} + shown))
	[ "$said" ] && [ $sum -ge "$before" ] && [ $sum -le "$after" ]
}
for mode in 1 2; do
	# Other people's processes come and go.
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		before=$(of_all)
		inside "mount -t proc -o hidepid=$mode proc /proc" $as "$mmlens" processes -n -r -o pid,rss
		status=$?
		after=$(of_all)
		[ $status = 77 ] || counted && break
		sleep 0.2
	done
	if [ $status = 77 ]; then
		skip "procfs cannot be mounted with hidepid=$mode"
		continue
	fi
	counted
	ok $? "hidepid=$mode: it is said, with how many"
	sed 's/^/# /' "$tmp/err"
	inside "mount -t proc -o hidepid=$mode proc /proc" $as "$mmlens" vmas -p 1
	like "$(cat "$tmp/err")" "process 1 is hidden from this user: /proc is mounted hidepid=$mode" \
		"hidepid=$mode: a process that is asked for is there, but hidden"
	inside "mount -t proc -o hidepid=$mode proc /proc" $as "$mmlens" sources -r -n \
		-f 'path = /proc/PID/stat and table = processes' -o readable,reason
	like "$(cat "$tmp/out")" "^yes of.040this.040user.*hidepid=$mode" "hidepid=$mode: sources"
	# A capture says it again, and so does the screen.
	mkdir -m 777 "$tmp/$mode"
	chmod 755 "$tmp"
	inside "mount -t proc -o hidepid=$mode proc /proc" $as "$mmlens" capture "$tmp/$mode/tree"
	"$mmlens" processes --root "$tmp/$mode/tree" >/dev/null 2>"$tmp/err"
	like "$(cat "$tmp/err")" "[0-9] processes of other users are hidden: /proc is mounted hidepid=$mode" \
		"hidepid=$mode: out of a capture"
	if [ -x "$builddir/tests/tui/play" ]; then
		like "$(echo '!show processes' | "$builddir/tests/tui/play" 24x100 "$tmp/$mode/tree" processes)" \
			"[0-9] processes of other users are hidden: /proc is mounted hidepid=$mode" \
			"hidepid=$mode: on the screen"
	else
		skip "built without the screen"
	fi
	# The group of the option, and root, see all.
	inside "mount -t proc -o hidepid=$mode,gid=65533 proc /proc" setpriv --reuid 65534 --regid 65534 \
		--groups 65533 "$mmlens" processes -n -r -o pid
	is "$(grep -c hidden "$tmp/err")" 0 "hidepid=$mode: not from the group it is not for"
	inside "mount -t proc -o hidepid=$mode proc /proc" "$mmlens" processes -n -r -o pid
	is "$(grep -c hidden "$tmp/err")" 0 "hidepid=$mode: not from root"
done
done_testing
