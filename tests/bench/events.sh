# The BPF programs: cost an event, loading, reading. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
"$top_builddir/tests/bench/events"

# A storm of reclaim: a file of 256 MiB is read by a control group that may have 64 MiB.
group=
for dir in /sys/fs/cgroup/memory /sys/fs/cgroup; do
	for limit in memory.limit_in_bytes memory.max; do
		[ -z "$group" ] && mkdir "$dir/mmlens-bench" 2>/dev/null || continue
		if echo 64M 2>/dev/null >"$dir/mmlens-bench/$limit"; then
			group=$dir/mmlens-bench
		else
			rmdir "$dir/mmlens-bench"
		fi
	done
done
if [ -z "$group" ]; then
	echo "reclaim storm: SKIP no control group with a limit can be made"
	exit 0
fi
file=$(mktemp "${TMPDIR:-/var/tmp}/mmlens-bench.XXXXXX")
head -c 268435456 /dev/zero >"$file"
sync "$file"
(sh -c 'echo $PPID' >"$group/cgroup.procs" && exec "$top_builddir/tests/bench/events" reclaim "$file")
rm -f "$file"
rmdir "$group"
