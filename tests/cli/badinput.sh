#!/bin/sh
# Files, trees, readers and disks that are not what they should be. SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

tree=$tmp/tree
tables="balance meminfo vmstat zones zonestats buddy pagetypes slab"
fresh() {
	rm -rf "$tree"
	mkdir -p "$tree/proc" "$tree/mmlens"
	printf 'page_size=4096\nmachine=x86_64\n' >"$tree/mmlens/host"
	printf 'MemTotal: 1000 kB\nMemFree: 300 kB\nActive: 1 kB\nInactive: 1 kB\nSlab: 1 kB\n' >"$tree/proc/meminfo"
	printf 'nr_free_pages 75\n' >"$tree/proc/vmstat"
	printf 'Node 0, zone Normal\n  pages free 75\n        min 1\n        low 2\n        high 3\n        present 300\n        managed 250\n' >"$tree/proc/zoneinfo"
	printf 'Node 0, zone Normal 75 0\n' >"$tree/proc/buddyinfo"
	printf 'Node 0, zone Normal, type Movable 75 0\n' >"$tree/proc/pagetypeinfo"
	printf 'slabinfo - version: 2.1\ndentry 1 1 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n' >"$tree/proc/slabinfo"
}
file_of() {
	case $1 in
	balance) echo meminfo ;;
	zones | zonestats) echo zoneinfo ;;
	buddy) echo buddyinfo ;;
	pagetypes) echo pagetypeinfo ;;
	slab) echo slabinfo ;;
	*) echo "$1" ;;
	esac
}
# each WHAT: with its file spoilt by WHAT, each table has one reason, and another table is shown.
each() {
	bad=
	for table in $tables; do
		file=$tree/proc/$(file_of "$table")
		other=buddy
		[ "$table" = buddy ] && other=slab
		fresh
		spoil "$file"
		timeout 20 "$mmlens" --root "$tree" "$table" $other -n >"$tmp/out" 2>"$tmp/err"
		st=$?
		reasons=$(grep -c "^mmlens: $table: /proc/$(file_of "$table"): ." "$tmp/err")
		lines=$(wc -l <"$tmp/err")
		[ "$st" = 1 ] && [ "$reasons" = 1 ] && [ "$lines" = 1 ] &&
			grep -Eq '^ *0 Normal|^dentry' "$tmp/out" &&
			! LC_ALL=C grep -q '[^ -~]' "$tmp/out" "$tmp/err" ||
			bad="$bad $table:$st:$reasons:$lines"
		timeout 20 "$mmlens" --root "$tree" dump >"$tmp/out" 2>"$tmp/err" ||
			bad="$bad dump-$table:$?"
		[ ! -s "$tmp/err" ] || bad="$bad dump-$table-said"
		! LC_ALL=C grep -q '[^ -~]' "$tmp/out" || bad="$bad dump-$table-raw"
	done
	is "$bad" "" "$1: one reason, status 1, the other table shown, nothing raw, dump 0"
}
spoil() { rm "$1"; }
each "a file missing"
spoil() { : >"$1"; }
each "a file empty"
spoil() { head -c 20000 /bin/sh >"$1"; }
each "a program in its place"
spoil() { printf 'Node 0, zone\033[31m Nor\n\302\233mal: \377 \342\200\256kB\n' >"$1"; }
each "escapes and broken UTF-8"
spoil() { rm "$1"; mkdir "$1"; }
each "a directory in its place"
spoil() { rm "$1"; ln -s "$(basename "$1")" "$1"; }
each "a link to itself"
spoil() { rm "$1"; ln -s /etc/passwd "$1"; }
each "a link out of the tree, absolute"
spoil() { rm "$1"; ln -s ../../../../../../../../etc/passwd "$1"; }
each "a link out of the tree by dots"
spoil() { rm "$1"; truncate -s 1G "$1"; }
each "a gigabyte of nothing"
spoil() { head -c 3000000 /dev/zero | tr '\0' 'x' >"$1"; }
each "a line of three megabytes"
if [ "$(id -u)" != 0 ]; then
	spoil() { chmod 0 "$1"; }
	each "an unreadable file"
fi

# A link that stays inside, however it is written, is followed.
fresh
mv "$tree/proc/slabinfo" "$tree/real"
ln -s /real "$tree/proc/slabinfo"
is "$("$mmlens" --root "$tree" slab -n -o cache 2>&1)" dentry "an absolute link inside the tree"
ln -sf ../../../../real "$tree/proc/slabinfo"
is "$("$mmlens" --root "$tree" slab -n -o cache 2>&1)" dentry "dots stop at the tree's root"

# Cut off anywhere: a reason or a note or whole lines, never a crash, never a wrong last number unsaid.
bad=
for table in $tables; do
	file=$tree/proc/$(file_of "$table")
	fresh
	cp "$file" "$tmp/whole"
	size=$(wc -c <"$tmp/whole")
	at=1
	while [ $at -lt "$size" ]; do
		head -c $at "$tmp/whole" >"$file"
		"$mmlens" --root "$tree" "$table" >"$tmp/out" 2>"$tmp/err"
		st=$?
		[ $st -lt 2 ] || bad="$bad $table@$at:$st"
		if [ "$(tail -c 1 "$file" | od -An -c | tr -d ' ')" != '\n' ]; then
			[ -s "$tmp/err" ] || bad="$bad $table@$at:silent"
		fi
		at=$((at + 7))
	done
done
is "$bad" "" "files cut off at any byte: never silent in the middle of a line"

# Names that hold escapes, in every format.
fresh
printf 'ev\033]0;x\007il\302\233y\342\200\256z\377\177 1 1 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n' >>"$tree/proc/slabinfo"
for how in "" -r --csv; do
	is "$("$mmlens" --root "$tree" slab -n -o cache -s -cache $how)" \
		'ev\033]0;x\007il\302\233y\342\200\256z\377\177
dentry' "a hostile name, text $how"
done
"$mmlens" --root "$tree" slab -J -o cache >"$tmp/out"
! LC_ALL=C grep -q '[^ -~]' "$tmp/out"
ok $? "a hostile name, JSON is plain"
grep -Fq '"cache":"ev\u001b]0;x\u0007il\u009by\u202ez\\xff\u007f"' "$tmp/out"
ok $? "and all of it is there"
LC_ALL=C "$mmlens" --root "$tree" slab -n -o cache -s -cache >"$tmp/out"
! LC_ALL=C grep -q '[^ -~]' "$tmp/out"
ok $? "without UTF-8 nothing but ASCII"

# Readers and disks.
fresh
if [ -c /dev/full ]; then
	for how in "" -J --csv -r; do
		"$mmlens" --root "$tree" slab $how >/dev/full 2>"$tmp/err"
		is "$? $(cat "$tmp/err")" "1 mmlens: stdout: No space left on device" "/dev/full $how"
	done
	"$mmlens" --help >/dev/full 2>"$tmp/err"
	is "$? $(cat "$tmp/err")" "1 mmlens: stdout: No space left on device" "--help to a full disk"
	"$mmlens" --root "$tree" dump >/dev/full 2>"$tmp/err"
	is "$? $(cat "$tmp/err")" "1 mmlens: stdout: No space left on device" "dump to a full disk"
else
	for i in 1 2 3 4 5 6; do skip "no /dev/full"; done
fi
"$mmlens" --root "$tree" slab >&- 2>"$tmp/err"
is "$? $(cat "$tmp/err")" "1 mmlens: stdout: Bad file descriptor" "stdout closed from the start"
for what in "columns --all-columns" "slab -c 1000000 -d 0.001" "dump" "meminfo -J -c 1000000 -d 0.001"; do
	{
		timeout 20 "$mmlens" --root "$tree" $what 2>"$tmp/err"
		echo $? >"$tmp/st"
	} | head -n 1 >/dev/null
	is "$(cat "$tmp/st") $(cat "$tmp/err")" "0 " "the reader leaves: $what"
done
# A pipe that is slow and does not block.
if command -v python3 >/dev/null; then
	python3 - "$mmlens" <<'P' >"$tmp/out" 2>"$tmp/err"
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen([sys.argv[1], "columns", "--all-columns", "-J"], stdout=w)
os.close(w)
time.sleep(0.5)
size = 0
while True:
    data = os.read(r, 1000)
    if not data:
        break
    size += len(data)
print(p.wait(), size > 70000)
P
	is "$(cat "$tmp/out" "$tmp/err")" "0 True" "a pipe that would block is waited for"
else
	skip "python3 is not installed"
fi

# Descriptors that run out: all of it, or one line that says so.
if command -v prlimit >/dev/null 2>&1; then
	for table in meminfo balance slab processes nodes findings dump; do
		prlimit --nofile=4 "$mmlens" $table >"$tmp/out" 2>"$tmp/err" \
			3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		status=$?
		case "$status $(cat "$tmp/err")" in
		"1 mmlens: too many open files: the limit of this process (ulimit -n) is reached")
			ok "$([ ! -s "$tmp/out" ]; echo $?)" "$table with 4 descriptors fails, saying why" ;;
		*)
			ok "$([ "$(wc -l <"$tmp/out")" -ge 2 ]; echo $?)" "$table with 4 descriptors: status $status" ;;
		esac
	done
else
	skip "prlimit is not installed"
fi

# Ctrl-C while observing: what there is gets printed, and quietly.
for sig in INT TERM; do
	"$mmlens" meminfo -n -o name -l 1 -d 30 >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	# With INT and TERM blocked it looks at them itself; while the shell forks, all are blocked.
	while kill -0 $pid && ! grep -q '^SigBlk:.0*4002$' /proc/$pid/status; do
		sleep 0.1
	done
	kill -$sig $pid
	wait $pid
	is "$? $(cat "$tmp/out" "$tmp/err")" "0 MemTotal" "SIG$sig while observing"
done
# Texts much wider than a column gets: rows behind them still stand where they belong.
mkdir -p "$tmp/wide/proc"
awk 'BEGIN { x = sprintf("%2000s", ""); gsub(/ /, "x", x); print "MemTotal: 1000 kB"
	for (i = 0; i < 1400; i++) print "N" i (i < 400 ? x : "") ": " i " kB" }' >"$tmp/wide/proc/meminfo"
is "$("$mmlens" --root "$tmp/wide" meminfo -b -o name,bytes -n | awk '{ print $1 ": " $2 / 1024 " kB" }' | cksum)" \
	"$(awk '{ print $1, $2, $3 }' "$tmp/wide/proc/meminfo" | cksum)" "1,400 rows, of which 400 are very wide"
done_testing
