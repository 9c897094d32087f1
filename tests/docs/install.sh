#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make install` puts where, and that it runs from there.
. "${top_srcdir:-.}/tests/tap.sh"

into=$tmp/image
unset MAKEFLAGS MFLAGS MAKELEVEL
if ! ${MAKE:-make} -C "$builddir" install DESTDIR="$into" > "$tmp/log" 2>&1; then
	ok 1 'make install DESTDIR'
	sed 's/^/# /' "$tmp/log" | tail -n 20
	done_testing
	exit
fi
ok 0 'make install DESTDIR'

# A directory as the Makefile has it, with everything filled in.
dir() {
	printf 'include Makefile\nshow-%s:\n\t@echo $(%s)\n' "$1" "$1" > "$tmp/show.mk"
	${MAKE:-make} -s -C "$builddir" -f "$tmp/show.mk" "show-$1" 2> /dev/null
}

for file in "$(dir bindir)/mmlens" "$(dir mandir)/man1/mmlens.1" \
	"$(dir mandir)/man5/mmlens-tables.5" "$(dir mandir)/man5/mmlens-lines.5" "$(dir mandir)/man7/mmlens-counters.7" "$(dir mandir)/man7/mmlens-learn.7" \
	"$(dir pkgdatadir)/mmlens.schema.json" "$(dir bashcompdir)/mmlens" "$(dir zshcompdir)/_mmlens" "$(dir fishcompdir)/mmlens.fish"; do
	[ -s "$into$file" ]
	ok $? "$file"
done
for module in $(dir pkglib_LTLIBRARIES); do
	file=$(dir pkglibdir)/$(basename "$module" .la).so
	[ -s "$into$file" ]
	ok $? "$file"
done
case $("$mmlens" --version) in
*+record*)
	unit=$into$(dir systemdunitdir)/mmlens-record.service
	like "$(cat "$unit")" "^ExecStart=$(dir bindir)/mmlens record " 'the unit of the recorder'
	;;
esac
is "$(find "$into" -name '*.la' -o -name '*.a')" '' "libtool's own files are not installed"

# Faults in it are hard to use: as the linker's flags say, in the program and in each module.
if [ -z "$(dir HARDEN_CFLAGS)" ]; then
	skip 'configured with --disable-hardening, or with sanitizers'
elif command -v readelf > /dev/null; then
	soft=
	for file in "$into$(dir bindir)/mmlens" "$into$(dir pkglibdir)"/*.so; do
		[ -e "$file" ] || continue # built without any
		readelf -dlW "$file" > "$tmp/elf"
		grep -q 'GNU_RELRO' "$tmp/elf" && grep -q 'NOW' "$tmp/elf" &&
			grep -q 'Type: *DYN\|file type is DYN' "$tmp/elf" &&
			! grep -q 'GNU_STACK.*RWE' "$tmp/elf" || soft="$soft $file"
	done
	is "$soft" '' 'RELRO, BIND_NOW, PIE, and no stack to run code on'
	readelf -W --dyn-syms "$into$(dir bindir)/mmlens" > "$tmp/elf"
	like "$(cat "$tmp/elf")" '__stack_chk_fail' 'the stack is guarded'
else
	skip 'no readelf'
	skip 'no readelf'
fi
[ ! -e "$into$(dir bindir)/docgen" ]
ok $? 'docgen, which only makes pages, is not installed'
is "$("$into$(dir bindir)/mmlens" --version)" "$("$mmlens" --version)" 'the installed program runs'
"$into$(dir bindir)/mmlens" meminfo -f 'name = MemTotal' -o name,bytes -r -n > "$tmp/out"
like "$(cat "$tmp/out")" '^MemTotal [0-9]+$' 'and prints a table'

${MAKE:-make} -C "$builddir" uninstall DESTDIR="$into" > "$tmp/log" 2>&1
is "$?: $(find "$into" ! -type d; ls -d "$into$(dir pkglibdir)" "$into$(dir pkgdatadir)" 2> /dev/null)" '0: ' \
	'uninstall leaves nothing'
done_testing
