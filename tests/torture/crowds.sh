#!/bin/sh
# Many processes, and a process with many mappings: each is there, and no run is short of anything.
# TORTURE=long takes 10,000, and as many as it may have.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
n=500 mappings=16000
[ "${TORTURE:-}" != long ] || n=10000 mappings=65000

# ended_well COMMAND...: its status and what it said on standard error, when that is not "0: "
ended_well() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got="$?: $(head -n 2 "$tmp/err")"
	[ "$got" = "0: " ] || echo "$* $got"
}

for format in "-r -n -o comm" --json --csv; do
	# shellcheck disable=SC2086 # words
	"$builddir/tests/bench/crowd" $n "$mmlens" processes $format >"$tmp/out" 2>"$tmp/err"
	got="$?: $(cat "$tmp/err")"
	case $got in
	*"Resource temporarily unavailable"*) skip "so many processes are not allowed here"; continue ;;
	esac
	is "$got" "0: " "among $n processes: $format"
	is "$(($(grep -o '\bsleep\b' "$tmp/out" | wc -l) >= n))" 1 "... each of which has a row"
done

# Pages that may be written and such that may not, by turns.
cat >"$tmp/mappings.py" <<'END'
import ctypes, mmap, sys
page, most = mmap.PAGESIZE, int(open("/proc/sys/vm/max_map_count").read()) - 500
area = mmap.mmap(-1, min(most, int(sys.argv[1])) // 2 * 2 * page)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
for at in range(0, len(area), 2 * page):
    if ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + at), ctypes.c_size_t(page), 1):
        sys.exit("mprotect")
print("ready", flush=True)
sys.stdin.read()
END
mkfifo "$tmp/in"
: >"$tmp/said"
python3 -B "$tmp/mappings.py" $mappings <"$tmp/in" >"$tmp/said" 2>&1 &
holder=$!
exec 9>"$tmp/in"
while kill -0 $holder 2>/dev/null && ! grep -q ready "$tmp/said"; do
	sleep 0.1
done
if kill -0 $holder 2>/dev/null; then
	want=$(wc -l <"/proc/$holder/maps")
	like "$want" '^[0-9]{4,}$' "a process has many mappings"
	"$mmlens" vmas -p $holder -r -n -o start >"$tmp/out" 2>"$tmp/err"
	is "$?: $(wc -l <"$tmp/out") $(cat "$tmp/err")" "0: $want " "each has a row"
	is "$(sort -u "$tmp/out" | wc -l)" "$want" "of its own"
	for table in "vmas --by name" mm smaps "pages -l 5" "vmas -J"; do
		# shellcheck disable=SC2086 # words
		is "$(ended_well "$mmlens" $table -p $holder)" "" "$table"
	done
else
	skip "so many mappings cannot be made here: $(tail -n 1 "$tmp/said")"
fi
exec 9>&-
wait $holder
done_testing
