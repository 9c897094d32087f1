# Sourced behind tap.sh: leads a program that stops between its steps (examples/step.h), and asks mmlens about it.
# SPDX-License-Identifier: GPL-2.0-or-later
page=$(getconf PAGESIZE)
readable=
[ "$(id -u)" = 0 ] && readable=yes

# begin PROGRAM...: until its first step, in pid. next: one step on. finish: to its end
begin() {
	rm -f "$tmp/in"
	mkfifo "$tmp/in"
	: >"$tmp/out"
	name=$1
	shift
	"$builddir/$name" "$@" <"$tmp/in" >"$tmp/out" 2>&1 &
	program=$!
	exec 8>"$tmp/in"
	steps=0
	reach
	pid=$(sed -n 's/^\([0-9]*\): .*/\1/p' "$tmp/out" | tail -n 1)
}
reach() {
	steps=$((steps + 1))
	while kill -0 $program 2>/dev/null && [ "$(grep -cs 'minor faults$' "$tmp/out")" -lt $steps ]; do
		sleep 0.05
	done
	pid=$(sed -n 's/^\([0-9]*\): .*/\1/p' "$tmp/out" | tail -n 1)
}
next() {
	echo >&8
	reach
}
finish() {
	exec 8>&-
	wait $program
}
# The address that the program printed last
address() {
	grep '^0x' "$tmp/out" | tail -n 1
}
# tell TABLE COLUMNS [FILTER]: cells of the program's rows, bare
tell() {
	"$mmlens" "$1" -p "$pid" -o "$2" ${3:+-f "$3"} -r -b -n 2>/dev/null
}
# mapping COLUMN: of the one that begins at the address
mapping() {
	tell vmas "$1" "start = $(address)"
}
faults() {
	tell processes min_faults
}
# pages STATE: how many pages from the address on are in that state
pages() {
	"$mmlens" pages -p "$pid" --range "$(address)+$(printf '%x' $(($1 * page)))" -o pages -f "state = $2" -r -n \
		2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}
