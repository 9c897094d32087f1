#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cross.sh RELEASE: builds a release for arm64 and for s390x, whose bytes stand the other way around, and holds what
# it says of the trees of the tests, under emulation of their instructions, to what this machine's program says.
. "${top_srcdir:-.}/tests/tap.sh"

release=$(realpath "$1")

# check_cross MACHINE
check_cross() {
	triplet=$1-linux-gnu
	emulator=$(command -v "qemu-$1-static" || command -v "qemu-$1") || emulator=
	if ! command -v "$triplet-gcc" > /dev/null || [ -z "$emulator" ]; then
		skip "$1: no $triplet-gcc, or no qemu-$1-static"
		return
	fi
	mkdir "$tmp/$1"
	xz -dc "$release" | tar -xf - -C "$tmp/$1" --strip-components=1
	(cd "$tmp/$1" && ./configure -q --host="$triplet" --disable-tui --disable-bpf --disable-record --disable-journal \
		--disable-libproc2 --disable-libnuma && ${MAKE:-make} -s -j"$(nproc)" mmlens) > "$tmp/log" 2>&1
	status=$?
	ok $status "$1: it is built"
	[ $status = 0 ] || { tail -n 20 "$tmp/log" | sed 's/^/# /'; return; }
	is "$(grep -c 'warning:' "$tmp/log")" 0 "$1: without a warning"
	like "$("$emulator" -L "/usr/$triplet" "$tmp/$1/mmlens" --version)" '^mmlens [0-9]' "$1: it runs"
	for tree in "$srcdir"/tests/fixtures/* "$srcdir"/tests/tui/trees/* "${MMLENS_FIXTURES:-$srcdir/../shared/fixtures}"/*; do
		[ -d "$tree" ] || continue
		"$emulator" -L "/usr/$triplet" "$tmp/$1/mmlens" --root "$tree" dump > "$tmp/there" 2>&1
		"$tmp/here/mmlens" --root "$tree" dump > "$tmp/ours" 2>&1
		# What the kernel's half counted was captured in this machine's byte order, and is refused in the other.
		[ "$1" = s390x ] && grep -q 'in another byte order' "$tmp/there" && continue
		cmp -s "$tmp/ours" "$tmp/there" || { echo "${tree##*/}: $(diff "$tmp/ours" "$tmp/there" | head -n 4)"; }
	done > "$tmp/different"
	is "$(head -n 20 "$tmp/different")" '' "$1: it says of each tree what this machine's says"
	"$emulator" -L "/usr/$triplet" "$tmp/$1/mmlens" oom "$srcdir/tests/golden/logs/kmsg-6.12.log" > "$tmp/there" 2>&1
	"$tmp/here/mmlens" oom "$srcdir/tests/golden/logs/kmsg-6.12.log" > "$tmp/ours" 2>&1
	cmp "$tmp/ours" "$tmp/there"
	ok $? "$1: and of a kernel log"
	rm -rf "${tmp:?}/$1"
}

# This machine's, with as little in it, so that reasons are the same.
mkdir "$tmp/here"
xz -dc "$release" | tar -xf - -C "$tmp/here" --strip-components=1
(cd "$tmp/here" && ./configure -q --disable-tui --disable-bpf --disable-record --disable-journal \
	--disable-libproc2 --disable-libnuma && ${MAKE:-make} -s -j"$(nproc)" mmlens) > "$tmp/log" 2>&1
ok $? 'it is built for this machine'
check_cross aarch64
check_cross s390x
done_testing
