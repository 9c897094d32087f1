#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: kernel.sh SERIES DIR
#
# Get the newest cloud kernel of a series (5.10, 6.1, 7.3, or 7 for any 7.x) that the Debian suites
# below have, unpack it below DIR (nothing is installed) and print the folder it lies in. The lists of
# packages are kept in DIR as well and belong to this script alone, so that the machine's own apt may
# know other suites, or older lists. Exit 77 with one line of reason on stderr where a kernel can't be
# had.
set -eu

series=$1
dir=$2

skip()
{
	echo "$*" >&2
	exit 77
}

case $series in
5.10) suites="bullseye" ;;
6.1) suites="bookworm" ;;
6.12) suites="trixie" ;;
*) suites="trixie-backports sid" ;;
esac

for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" >/dev/null || skip "no $tool here to fetch Debian's $series kernel with"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || skip "no $keyring here to check Debian's $series kernel with"

mkdir -p "$dir/apt-$series/lists/partial" "$dir/apt-$series/cache"
apt=$(cd "$dir/apt-$series" && pwd)

# The mirror this machine's own apt uses for Debian may be the only one it can reach.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
	sed -n '/debian-security/d; s|^Debian \(http.*/debian\)/$|\1|p' | head -n 1) || true
for suite in $suites; do
	echo "deb [arch=amd64 signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"
done >"$apt/sources.new"

# quiet COMMAND...: one of apt's, with the lists of this script; what it says goes to the file log.
quiet()
{
	command=$1
	shift
	timeout -k 5 120 "$command" -q -o Dir::Etc::SourceList="$apt/sources" \
		-o Dir::Etc::SourceParts=- -o Dir::State::Lists="$apt/lists" \
		-o Dir::State::Status=/dev/null -o Dir::Cache="$apt/cache" \
		-o APT::Architecture=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@" </dev/null 2>>"$apt/log"
}

# The first of the reasons apt gave.
why()
{
	grep '^[EW]:' "$apt/log" | head -n 1 | tr -s ' '
}

: >"$apt/log"
# Lists of today will do.
if ! cmp -s "$apt/sources.new" "$apt/sources" ||
	[ -z "$(find "$apt/updated" -mtime -1 2>/dev/null)" ]; then
	mv "$apt/sources.new" "$apt/sources"
	rm -f "$apt/updated"
	# What could be had of several suites is used, and so are older lists.
	quiet apt-get update --error-on=any >>"$apt/log" && touch "$apt/updated" || true
fi

# Signed packages only: the -unsigned and -dbg ones do not end in the flavour.
pattern=$(printf '%s' "$series" | sed 's/\./\\./g')
package=$(quiet apt-cache pkgnames linux-image-"$series" |
	grep -E "^linux-image-$pattern\.[^ ]*-cloud-amd64\$" | sort -V | tail -n 1) || true
# Without lists, what there is from another day.
[ -n "$package" ] || package=$(cd "$dir" && ls -d "linux-image-$series".*/.complete 2>/dev/null |
	sed 's|/.*||' | sort -V | tail -n 1)
[ -n "$package" ] || skip "no linux-image-$series.*-cloud-amd64 in Debian's $suites: $(why)"

if [ ! -e "$dir/$package/.complete" ]; then
	work=$(mktemp -d "$dir/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	# Since 7.x linux-image is empty, and these are what it depends on.
	version=${package#linux-image-}
	set -- "$package"
	for part in linux-binary-"$version" linux-modules-"$version"; do
		[ -z "$(quiet apt-cache pkgnames "$part")" ] || set -- "$@" "$part"
	done
	(cd "$work" && quiet apt-get download "$@") >>"$apt/log" ||
		skip "can't download $*: $(why)"
	mkdir "$work/tree"
	for file in "$work"/*.deb; do
		dpkg-deb -x "$file" "$work/tree" || skip "can't unpack $file"
	done
	[ -n "$(find "$work/tree" -name 'vmlinuz*' -type f)" ] || skip "no vmlinuz in $*"
	touch "$work/tree/.complete"
	rm -rf "${dir:?}/$package"
	mv "$work/tree" "$dir/$package"
fi
echo "$dir/$package"
