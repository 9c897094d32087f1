# Mappings and pages: a process of 60,000 mappings, then one of 4 GiB in memory; as whole programs,
# stdout to a file. SPDX-License-Identifier: GPL-2.0-or-later
. "$top_srcdir/tests/bench/bench.sh"
need_root
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/hold"

# begin WHAT HOW-MANY: the helper, holding that; end: without it
begin() {
	"$top_builddir/tests/cli/mappings" "$1" "$2" <"$dir/hold" >"$dir/where" &
	pid=$!
	exec 9>"$dir/hold"
	while kill -0 "$pid" && ! grep -q ready "$dir/where"; do
		sleep 0.2
	done
	start=$(awk 'NR == 1 { print $2 }' "$dir/where")
	end=$(awk 'NR == 1 { print $3 }' "$dir/where")
}
end() {
	exec 9>&-
	wait
}

begin many 60000
ratio 20 1.6 "vmas of 60,000 mappings: mmlens against a bare read of smaps" \
	"$mmlens vmas -p $pid" "$bare read /proc/$pid/smaps"
ratio 10 0.2 "vmas of 60,000 mappings: mmlens against pmap -X" \
	"$mmlens vmas -p $pid" "pmap -X $pid"
end

free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
[ "$free" -gt 6000000 ] || { echo "pages of 4 GiB: SKIP too little memory"; exit 0; }
begin fill 4294967296
ratio 10 1.3 "pages of 4 GiB: mmlens against bare reads of pagemap, kpageflags and kpagecount" \
	"$mmlens pages -p $pid --range $start-$end" "$bare pages $pid $start $end"
end
