#!/bin/sh
# This machine against other programs: free, vmstat, slabtop, libproc2, and the kernel's own extfrag
# files. SPDX-License-Identifier: GPL-2.0-or-later
#
# All look at the same instant: the files of a capture are mounted over /proc, in a mount namespace
# of its own, while the others run.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

tree=$tmp/tree
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	skip "other programs see a captured instant only with root and mount namespaces"
	done_testing
	exit
fi
"$mmlens" capture "$tree" || {
	ok 1 "capture"
	done_testing
	exit
}

# frozen COMMAND...: run it with the captured files in /proc
frozen() {
	unshare -m sh -c '
		tree=$1
		shift
		mount --make-rprivate / &&
		for f in meminfo vmstat slabinfo buddyinfo zoneinfo; do
			[ ! -e "$tree/proc/$f" ] || mount --bind "$tree/proc/$f" "/proc/$f" || exit 99
		done
		exec "$@"' sh "$tree" "$@"
}
# value TABLE NAME: the value in the captured tree
value() {
	"$mmlens" --root "$tree" "$1" -n -r -o value -f "name = '$2'"
}

if [ "$(frozen cat /proc/meminfo)" != "$(cat "$tree/proc/meminfo")" ]; then
	skip "files cannot be mounted over /proc here"
	done_testing
	exit
fi

# /proc itself, by other means than ours.
is "$("$mmlens" --root "$tree" meminfo -n -r -o name,value)" \
	"$(sed 's/:  */ /; s/ kB$//' "$tree/proc/meminfo")" "meminfo is /proc/meminfo"
is "$("$mmlens" --root "$tree" vmstat -n -r -o name,value)" "$(cat "$tree/proc/vmstat")" "vmstat is /proc/vmstat"
is "$("$mmlens" --root "$tree" buddy -n -r -o node,zone,order,free_blocks)" \
	"$(sed 's/Node //; s/, zone//' "$tree/proc/buddyinfo" | awk '{ for (i = 3; i <= NF; i++) print $1, $2, i - 3, $i }')" \
	"buddy is /proc/buddyinfo"
is "$("$mmlens" --root "$tree" slab -n -r -s '' -o cache,active_objs,total_objs,obj_size,objs_per_slab,pages_per_slab,slabs)" \
	"$(awk 'NR > 2 { print $1, $2, $3, $4, $5, $6, $(NF - 1) }' "$tree/proc/slabinfo")" "slab is /proc/slabinfo"
is "$("$mmlens" --root "$tree" zones -n -r -b -o zone,min,low,high -f 'managed > 0')" \
	"$(awk -v p="$(getconf PAGESIZE)" '
		$1 == "Node" { zone = $4; stats = 0 }
		$1 == "min" || $1 == "low" || $1 == "high" { v[$1] = $2 * p }
		$1 == "managed" && $2 > 0 { printf "%s %.0f %.0f %.0f\n", zone, v["min"], v["low"], v["high"] }' "$tree/proc/zoneinfo")" \
	"zones is /proc/zoneinfo"

if command -v free >/dev/null; then
	set -- $(frozen free -k | awk '/^Mem:/ { print $2, $4, $5, $6, $7 } /^Swap:/ { print $2, $4 }')
	is "$*" "$(value meminfo MemTotal) $(value meminfo MemFree) $(value meminfo Shmem) $(($(value meminfo Buffers) + $(value meminfo Cached) + $(value meminfo SReclaimable))) $(value meminfo MemAvailable) $(value meminfo SwapTotal) $(value meminfo SwapFree)" \
		"free: total, free, shared, buff/cache, available, swap"
	# Each line of procps 4, all columns. Older ones have another "used", and no Comm.
	case $(free --version) in
	*' 4.'*)
		is "$("$mmlens" --root "$tree" free -n -b -o item,total,used,free,shared,buffers,cache,available |
			sed 's/-$//; s/ - / /g; s/ - / /g; s/  */ /g; s/ *$//')" \
			"$(frozen free -blwtv | sed '1d; s/://; s/  */ /g; s/ *$//')" 'free: every line and column of free(1)'
		;;
	*) skip 'free is older than procps 4' ;;
	esac
	# The balance and free agree on what is free; all else it splits.
	is "$("$mmlens" --root "$tree" balance -n -r -o bytes -f 'item = free')" "$(($(value meminfo MemFree) * 1024))" \
		"balance: free is free's"
else
	skip "free is not installed"
	skip "free is not installed"
	skip "free is not installed"
fi
if command -v vmstat >/dev/null; then
	is "$(frozen vmstat -s | awk '/paged in|paged out|pages swapped|K active|K inactive/ { print $1 }' | sort)" \
		"$(for v in "vmstat pgpgin" "vmstat pgpgout" "vmstat pswpin" "vmstat pswpout" "meminfo Active" "meminfo Inactive"; do value $v; done | sort)" \
		"vmstat -s"
else
	skip "vmstat is not installed"
fi
if command -v slabtop >/dev/null && [ -e "$tree/proc/slabinfo" ]; then
	frozen slabtop -o | sed '1,/OBJS ACTIVE/d; /^$/d' |
		awk '{ sub("K", "", $7); print $8, $1, $2, $5, $6, $7 }' | sort >"$tmp/theirs"
	"$mmlens" --root "$tree" slab -n -r -o cache,total_objs,active_objs,slabs,objs_per_slab,size |
		awk '{ $6 /= 1024; print }' | sort >"$tmp/ours"
	is "$(comm -23 "$tmp/theirs" "$tmp/ours" | head)" "" "slabtop -o: every row is ours"
	[ "$(wc -l <"$tmp/theirs")" -gt 10 ]
	ok $? "slabtop -o has rows"
else
	skip "slabtop is not installed, or there is no slabinfo"
	skip "slabtop is not installed, or there is no slabinfo"
fi
if [ -x "$builddir/tests/differential/procps" ]; then
	frozen "$builddir/tests/differential/procps" | sort >"$tmp/theirs"
	{
		"$mmlens" --root "$tree" meminfo -n -r -o name,value -f "unit = kB" | sed 's/^/meminfo /'
		"$mmlens" --root "$tree" vmstat -n -r -o name,value | sed 's/^/vmstat /'
		"$mmlens" --root "$tree" slab -n -r -o cache,active_objs,total_objs,obj_size,objs_per_slab,pages_per_slab,slabs | sed 's/^/slab /'
	} | sort >"$tmp/ours"
	# What a kernel does not have is 0 there and absent here.
	is "$(comm -23 "$tmp/theirs" "$tmp/ours" | grep -v ' 0$')" "" "libproc2: every value is ours"
	[ "$(wc -l <"$tmp/theirs")" -gt 60 ]
	ok $? "libproc2 has values"
	is "$(grep -c ^slab "$tmp/theirs")" "$(grep -c ^slab "$tmp/ours")" "libproc2: as many caches"
else
	for i in 1 2 3; do skip "built without libproc2"; done
fi

# The kernel's own indices, to the last digit. buddyinfo is read before and behind them: when it is
# the same, they are of these numbers.
mkdir "$tmp/debug"
cat >"$tmp/extfrag" <<'S'
mount --make-rprivate / && mount -t debugfs debugfs "$1/debug" 2>/dev/null || exit 77
[ -r "$1/debug/extfrag/unusable_index" ] || exit 77
i=0
while [ $i -lt 200 ]; do
	cat /proc/buddyinfo >"$1/before"
	cat "$1/debug/extfrag/unusable_index" >"$1/unusable"
	cat "$1/debug/extfrag/extfrag_index" >"$1/index"
	cat /proc/buddyinfo >"$1/after"
	cmp -s "$1/before" "$1/after" && exit 0
	i=$((i + 1))
done
exit 78
S
unshare -m sh "$tmp/extfrag" "$tmp"
st=$?
if [ $st = 0 ]; then
	cp "$tmp/before" "$tree/proc/buddyinfo"
	for pair in unusable:unusable_index index:fragmentation_index; do
		is "$("$mmlens" --root "$tree" buddy -n -r -o "node,zone,order,${pair#*:}")" \
			"$(sed 's/Node //; s/, zone//' "$tmp/${pair%:*}" | awk '{ for (i = 3; i <= NF; i++) print $1, $2, i - 3, $i }')" \
			"${pair#*:} is the kernel's"
	done
else
	skip "extfrag: $([ $st = 77 ] && echo "no debugfs with it" || echo "memory never held still")"
	skip "extfrag: see above"
fi
done_testing
