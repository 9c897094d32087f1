#!/bin/sh
# Every file of the repository is in the release, so that its tests run there as well.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

if ! [ -e "$srcdir/.git" ] || ! command -v git >/dev/null; then
	skip "not a git checkout"
	done_testing
	exit
fi
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
done_testing
