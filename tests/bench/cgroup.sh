# Control groups: 10,000 of them are made, read, and removed. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
groups=${GROUPS_MADE:-10000}
memory=$(awk '$1 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }
	$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
if [ -n "$memory" ]; then
	own=$(sed -n 's/^[0-9]*:[^:]*memory[^:]*:\(.*\)/\1/p' /proc/self/cgroup)
	[ "$own" != / ] || own=
	top=$memory$own/mmlens-bench.$$
	usage=memory.usage_in_bytes
	files="$usage memory.limit_in_bytes memory.stat memory.kmem.usage_in_bytes memory.oom_control"
else
	memory=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	top=$memory/mmlens-bench.$$
	usage=memory.current
	files="$usage memory.max memory.stat memory.events"
fi
[ -n "$memory" ] && mkdir "$top" 2>/dev/null || { echo "groups: SKIP no groups can be made here"; exit 0; }
clean() {
	find "$top" -depth -type d -exec rmdir {} + 2>/dev/null
	[ ! -d "$top" ] || find "$top" -depth -type d -exec rmdir {} \; 2>/dev/null
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
if [ "$usage" = memory.current ]; then
	echo +memory >"$memory/cgroup.subtree_control" 2>/dev/null
	echo +memory >"$top/cgroup.subtree_control" 2>/dev/null
fi
# A hundred in each of so many, which is how services have them.
for i in $(seq $((groups / 100))); do
	mkdir "$top/$i"
	[ "$usage" = memory.usage_in_bytes ] || echo +memory >"$top/$i/cgroup.subtree_control"
	(cd "$top/$i" && mkdir $(seq 99))
done 2>/dev/null
path=${top#"$memory"}
ratio 5 2.0 "usage of $groups groups: mmlens against bare reads" \
	"$mmlens cgroups --cgroup $path -o path,current" "$bare groups $top $usage" 2>/dev/null
ratio 5 2.0 "what $groups groups have: mmlens against bare reads of the same files" \
	"$mmlens cgroups --cgroup $path -o path,current,effective_limit,anon,kernel,oom_kills" \
	"$bare groups $top $files" 2>/dev/null
ratio 3 1.0 "memory of $groups groups: mmlens against systemd-cgtop" "$mmlens cgroups -o path,current" \
	"systemd-cgtop -b -m -n 1 --depth=9" 2>/dev/null
