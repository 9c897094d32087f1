#!/bin/sh
# Where modules are taken from, and what is said where there are none.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
[ -e "$builddir/.libs/bpf.so" ] || { skip "built without BPF"; done_testing; exit; }
pkglib=$(make -s -C "$builddir" -f Makefile -f - show <<'END'
show:
	@echo $(pkglibdir)
END
)
[ ! -e "$pkglib/bpf.so" ] || { skip "modules are installed on this machine"; done_testing; exit; }

# why PROGRAM: what its sources say of page faults
why() {
	$1 sources -n -r -o readable,reason -f "table = faults and path ~ '^BPF'" | sed 's/\\040/ /g'
}

missing='no bpf.so is not installed'
mkdir "$tmp/bin" "$tmp/bin/.libs"
cp "$builddir/mmlens" "$tmp/bin/mmlens"
cp "$builddir/installed/mmlens" "$tmp/bin/installed"
is "$(why "$tmp/bin/mmlens")" "$missing" "a module that is not there is said to be missing"
cp "$builddir/.libs/bpf.so" "$tmp/bin/.libs/bpf.so"
case $(why "$tmp/bin/mmlens") in
"$missing"*) ok 1 "the program of the build takes it from beside itself" ;;
*) ok 0 "the program of the build takes it from beside itself" ;;
esac
is "$(why "$tmp/bin/installed")" "$missing" "the installed one does not"

# Something else that has the name is not taken for missing.
echo 'not a module' >"$tmp/bin/.libs/bpf.so"
like "$(why "$tmp/bin/mmlens")" '^no .*/bpf.so: .*(file too short|invalid ELF header)' "a broken module is told as it is"
chmod 0 "$tmp/bin/.libs/bpf.so"
if [ "$(id -u)" = 0 ]; then
	skip "root may read everything"
else
	like "$(why "$tmp/bin/mmlens")" '^no .*/bpf.so: Permission denied' "one that may not be read, too"
fi

# With rights that its user does not have, whoever links to it would choose its modules.
cp "$builddir/.libs/bpf.so" "$tmp/bin/.libs/bpf.so" 2>/dev/null || {
	rm -f "$tmp/bin/.libs/bpf.so"; cp "$builddir/.libs/bpf.so" "$tmp/bin/.libs/bpf.so"; }
chmod 755 "$tmp" "$tmp/bin" "$tmp/bin/.libs" "$tmp/bin/.libs/bpf.so"
if [ "$(id -u)" = 0 ] && chmod u+s "$tmp/bin/mmlens" &&
	as_nobody='setpriv --reuid 65534 --regid 65534 --clear-groups' && $as_nobody true 2>/dev/null &&
	[ "$($as_nobody "$tmp/bin/mmlens" --version >/dev/null 2>&1; echo $?)" = 0 ] &&
	! findmnt -n -o OPTIONS -T "$tmp" 2>/dev/null | grep -q nosuid; then
	is "$(why "$as_nobody $tmp/bin/mmlens")" "$missing" "a setuid program takes nothing from beside itself"
else
	skip "a setuid program takes root, setpriv, and a file system that allows it"
fi
done_testing
