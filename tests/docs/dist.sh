#!/bin/sh
# Every file of the repository is in the release, so that its tests run there as well.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

unset MAKEFLAGS MFLAGS MAKELEVEL
if [ -e "$srcdir/.git" ] && command -v git >/dev/null; then
	printf 'include Makefile\nprint-dist:\n\t@printf "%%s\\n" $(DISTFILES)\n' >"$tmp/makefile"
	(cd "$builddir" && make -s -f "$tmp/makefile" print-dist) 2>/dev/null |
		sed "s|^$srcdir/||; s|^\./||; s|/\$||" | sort -u >"$tmp/dist"
	ok "$(grep -qx src/main.c "$tmp/dist"; echo $?)" "what a release has was listed"
	# What only those who develop it need is not in it.
	missing=$(git -C "$srcdir" ls-files | grep -v '^\.' | awk '
		NR == FNR { dist[$0]; next }
		{
			for (path = $0; path != ""; path = path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "")
				if (path in dist)
					next
			print
		}' "$tmp/dist" -)
	is "$missing" "" "every file is in it"
else
	skip "not a git checkout"
fi

# logged WHAT COMMAND...: shows the end of what it printed if it fails
logged() {
	what=$1
	shift
	"$@" >"$tmp/log" 2>&1
	status=$?
	ok "$status" "$what"
	[ "$status" = 0 ] || tail -n 15 "$tmp/log" | sed 's/^/# /'
	return "$status"
}

# What is released does not depend on what is built, or from where: to the byte.
logged "a release is made" ${MAKE:-make} -s -C "$builddir" distdir distdir="$tmp/first" || {
	done_testing
	exit
}
chmod -R u+w "$tmp/first"
is "$(cd "$tmp/first" && for object in src/bpf/*.bpf.c; do ls "${object%.bpf.c}.skel.h"; done 2>&1 >/dev/null)" "" \
	"the BPF programs are compiled in it"
is "$(grep -rl --include='*.skel.h' -e "$srcdir" "$tmp/first")" "" "and do not say where"
# As tar leaves it: everything is of one age.
find "$tmp/first" -exec touch -r "$srcdir/configure.ac" {} +
other() {
	cd "$tmp/other" && "$@"
}
cp -Rp "$tmp/first" "$tmp/other"
logged "it is configured with less, and finds neither clang nor bpftool" other ./configure -q CFLAGS=-O0 --disable-tui \
	--disable-libproc2 --disable-libnuma --disable-record --disable-journal ac_cv_path_BPF_CLANG=no ac_cv_path_BPFTOOL=no
logged "it is released from there" other env XZ_OPT=-0 ${MAKE:-make} -s dist
mkdir "$tmp/second"
xz -dc "$tmp/other/"*.tar.xz >"$tmp/second.tar"
tar -xf "$tmp/second.tar" -C "$tmp/second"
is "$(diff -r "$tmp/first" "$tmp/second"/*)" "" "the release has what this one has"
# The same files that lay elsewhere.
other() {
	cd "$tmp/second" && "$@"
}
printf 'include %s/Makefile\nagain:\n\ttardir=$(distdir) && $(am__tar) > ../first.tar\n' "$tmp/other" >"$tmp/again"
touch "$tmp/second"/*/README.md
logged "it is packed again" other ${MAKE:-make} -s -f "$tmp/again" again srcdir="$tmp/other"
cmp "$tmp/first.tar" "$tmp/second.tar"
ok $? "and is the same to the byte"

if ! grep -q '^bpf_la_SOURCES' "$tmp/other/Makefile"; then
	skip "libbpf is not installed"
else
	logged "the BPF module is built without clang and bpftool" ${MAKE:-make} -s -C "$tmp/other" bpf.la
	is "$(find "$tmp/other" -newer "$srcdir/configure.ac" -name '*.skel.h')" "" "from the programs of the release"
fi
done_testing
