#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The recipes of HACKING.md apply to this tree, build, and do what they say.
. "${top_srcdir:-.}/tests/tap.sh"

for program in autoreconf libtoolize patch; do
	command -v $program > /dev/null && continue
	skip "$program is not installed"
	done_testing
	exit
done

# Recipe $1 of the page: the inside of the first fenced diff behind the heading.
recipe() {
	awk -v head="### $1" '$0 == head { on = 1 } on && /^```$/ { exit } on && diff
		on && /^```diff$/ { diff = 1 }' "$srcdir/HACKING.md"
}

# What the tree consists of, without what was built or captured in it.
tree=$tmp/mmlens
mkdir "$tree"
(cd "$srcdir" && tar -cf - --exclude='*.o' --exclude='*.lo' --exclude='*.la' --exclude=.libs \
	--exclude=.deps --exclude=fixtures --exclude=cache --exclude='*.log' --exclude='*.trs' \
	configure.ac Makefile.am README.md HACKING.md NEWS COPYING docs src man completions systemd contrib examples \
	tests) | tar -xf - -C "$tree"
cd "$tree" || exit 99
chmod -R u+w .
for name in 'Add a column' 'Add a collector' 'Add a view' 'Add an event table'; do
	recipe "$name" > "$tmp/diff"
	patch -p1 --no-backup-if-mismatch < "$tmp/diff" > "$tmp/log" 2>&1
	ok $? "$name: the diff applies"
	grep -E 'FAILED|fuzz' "$tmp/log" | sed 's/^/# /'
done

bpf=--disable-bpf
grep -q '^#define MML_WITH_BPF 1' "$builddir/config.h" && bpf=--enable-bpf
tui=--disable-tui
grep -q '^#define MML_WITH_TUI 1' "$builddir/config.h" && tui=--enable-tui
unset MAKEFLAGS MFLAGS MAKELEVEL
if autoreconf -fi > "$tmp/log" 2>&1 &&
	./configure -q $bpf $tui --enable-werror CFLAGS=-O0 >> "$tmp/log" 2>&1 &&
	make -s -j2 mmlens $([ $tui = --disable-tui ] || echo tui.la) \
		$([ $bpf = --disable-bpf ] || echo bpf.la) >> "$tmp/log" 2>&1; then
	ok 0 'with all four the tree builds, warnings being errors'
else
	ok 1 'with all four the tree builds, warnings being errors'
	grep -E 'error|warning|\*\*\*' "$tmp/log" | head -n 20 | sed 's/^/# /'
fi

root=$tmp/root
mkdir -p "$root/proc/sys/fs"
printf '609188\t607410\t45\t0\t470780\t0\n' > "$root/proc/sys/fs/dentry-state"
cat > "$root/proc/slabinfo" <<END
slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
dentry               100    126    192   21    1 : tunables    0    0    0 : slabdata      6      6      0
END
is "$(./mmlens --root "$root" slab -o cache,free_objs -r -n)" 'dentry 26' 'the new column'
is "$(./mmlens --root "$root" dentries -o state,count -r -n | tr '\n' ' ')" \
	'total 609188 unused 607410 negative 470780 ' 'the new table'
rm "$root/proc/sys/fs/dentry-state"
./mmlens --root "$root" dentries > "$tmp/out" 2>&1
is "$? $(cat "$tmp/out")" \
	'1 mmlens: dentries: /proc/sys/fs/dentry-state: not in this tree' \
	'and its reason when there is no file'
# What a capture has of the event table: a head and two threads' rows of a process.
le() {
	n=$1 i=0
	while [ $i -lt "$2" ]; do
		printf "\\$(printf %03o $((n & 255)))"
		n=$((n >> 8)) i=$((i + 1))
	done
}
row() {
	le "$1" 4; le 0 4; le 77 8
	printf 'reader\0\0\0\0\0\0\0\0\0\0'
	le "$2" 8
}
mkdir -p "$root/mmlens"
{
	printf mmltrace
	le 16909060 4; le 1 4; le 90 4; le 0 4; le 4096 4; le 0 4
	le 2 8; le 0 8; le 0 8; le 5 8; le 2000000000 8; le 80 8
	head -c 256 /dev/zero
	row 12 30; row 12 12
} > "$root/mmlens/insertions"
is "$(./mmlens --root "$root" insertions -r -n 2>&1)" "12 reader 42 21.00
mmlens: insertions: dropped 5 insertions that found no room to be counted" 'the new event table, of saved bytes'
if [ $bpf = --disable-bpf ] || [ "$(id -u)" != 0 ]; then
	skip 'BPF programs are not built, or may not be loaded'
elif ! ./mmlens insertions -d 0.01 > "$tmp/out" 2>&1; then
	skip "$(head -n 1 "$tmp/out")"
else
	./mmlens insertions -d 3 -r -n -o comm,folios > "$tmp/out" &
	watcher=$!
	while kill -0 $watcher 2> /dev/null; do
		head -c 20000000 /dev/zero > "$tmp/file"
	done
	wait $watcher
	grep -q '^head [0-9]' "$tmp/out"
	ok $? 'and live: who writes a file fills the lists'
fi

if [ $tui = --disable-tui ]; then
	skip 'the screen is not built'
elif ! command -v script > /dev/null; then
	skip 'script(1) is not installed'
else
	printf '609188\t607410\t45\t0\t470780\t0\n' > "$root/proc/sys/fs/dentry-state"
	drawn() {
		sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\x1b(B//g' "$tmp/screen" |
			grep -q '470780 stand for names that do not exist'
	}
	mkfifo "$tmp/keys"
	TERM=xterm timeout 120 script -qec \
		"stty rows 24 cols 80; ./mmlens --root '$root' top dentries" /dev/null \
		< "$tmp/keys" > "$tmp/screen" &
	exec 8> "$tmp/keys"
	while kill -0 $! 2> /dev/null && ! drawn; do
		sleep 0.2
	done
	printf q >&8
	exec 8>&-
	wait $!
	is "$?" 0 'the new view comes up, and ends'
	drawn
	ok $? 'and shows what it is to'
fi
done_testing
