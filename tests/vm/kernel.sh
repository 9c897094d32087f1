#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: kernel.sh VERSION DIR
#
# Get the newest Debian cloud kernel of a series (6.1, 6.12) that this machine's apt offers, unpack
# it below DIR (nothing is installed) and print the folder it lies in. Exit 77 with one line of
# reason on stderr where it can't be had.
set -eu

series=$1
dir=$2

skip()
{
	echo "$*" >&2
	exit 77
}

for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" >/dev/null || skip "no $tool here to fetch Debian's $series kernel with"
done

# Signed packages only: the -unsigned and -dbg ones do not end in the flavour.
pattern=$(printf '%s' "$series" | sed 's/\./\\./g')
package=$(apt-cache pkgnames linux-image-"$series" 2>/dev/null |
	grep -E "^linux-image-$pattern\.[^ ]*-cloud-amd64\$" | sort -V | tail -n 1) || true
[ -n "$package" ] || skip "apt offers no linux-image-$series.*-cloud-amd64 (apt-get update first?)"

if [ ! -e "$dir/$package/.complete" ]; then
	mkdir -p "$dir"
	work=$(mktemp -d "$dir/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && timeout 120 apt-get -q download "$package") >"$work/log" 2>&1 ||
		skip "can't download $package: $(grep '^E:' "$work/log" | head -n 1)"
	mkdir "$work/tree"
	dpkg-deb -x "$work"/*.deb "$work/tree" || skip "can't unpack $package"
	touch "$work/tree/.complete"
	rm -rf "${dir:?}/$package"
	mv "$work/tree" "$dir/$package"
fi
echo "$dir/$package"
