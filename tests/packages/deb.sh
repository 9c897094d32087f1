#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh RELEASE: builds the Debian packages of a release in a fresh Debian, asks lintian and rpmlint what is wrong
# with them, installs them, runs what is installed, and takes it away again. As root. PACKAGES_ROOT is a folder with a
# bare Debian, used as it is, and otherwise $PACKAGES_SUITE (trixie) is fetched from $PACKAGES_MIRROR.
. "${top_srcdir:-.}/tests/tap.sh"

release=$(realpath "$1")
suite=${PACKAGES_SUITE:-trixie}
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2> /dev/null; then
	skip 'it takes root and namespaces'
	done_testing
	exit
fi
root=${PACKAGES_ROOT:-}
if [ -z "$root" ]; then
	root=$tmp/root
	if ! command -v debootstrap > /dev/null ||
		! debootstrap --variant=minbase "$suite" "$root" "${PACKAGES_MIRROR:-http://deb.debian.org/debian}" > "$tmp/log" 2>&1; then
		skip "no debootstrap, or no $suite from the mirror"
		done_testing
		exit
	fi
fi

# inside COMMAND: in the Debian, whose mounts go with it
inside() {
	unshare --mount --propagation private sh -c '
		mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev" || exit 1
		cat /etc/resolv.conf > "$0/etc/resolv.conf"
		exec chroot "$0" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" sh -euc "$1"' "$root" "$1" > "$tmp/said" 2>&1
}

# step WHAT COMMAND
step() {
	inside "$2"
	status=$?
	ok "$status" "$1"
	[ "$status" = 0 ] || tail -n 30 "$tmp/said" | sed 's/^/# /'
	return "$status"
}

rm -rf "$root/build"
mkdir "$root/build"
cp "$release" "$root/build/release.tar.xz"
step 'what it takes is installed' 'apt-get -q update || :
	apt-get -q -y --no-install-recommends install dpkg-dev debhelper fakeroot lintian rpmlint rpm adduser xz-utils
	mkdir /build/mmlens && tar -xf /build/release.tar.xz -C /build/mmlens --strip-components=1
	cd /build/mmlens && apt-get -q -y --no-install-recommends build-dep -P nocheck ./' &&
	step 'the packages are built' 'cd /build/mmlens && dpkg-buildpackage -us -uc -Pnocheck' || {
	done_testing
	exit
}
is "$(ls "$root/build" | grep -c '^mmlens\(-bpf\)\?_[0-9.]*_[a-z0-9]*\.deb$')" 2 'two of them, and one is of BPF alone'
# Who lints as root is warned; that the release is not in Debian is what the last is about.
inside 'cd /build && lintian --allow-root --no-tag-display-limit --fail-on error,warning mmlens_*.changes'
is "$? $(grep -E '^[EW]:' "$tmp/said")" '0 ' 'lintian has nothing to say'
inside 'cd /build/mmlens && rpmlint -r contrib/rpm/mmlens.rpmlintrc contrib/rpm/mmlens.spec'
like "$(cat "$tmp/said")" ' 0 errors, 0 warnings' 'nor has rpmlint of the spec'
[ "$failed" = 0 ] || sed -n 's/^/# /; 1,20p' "$tmp/said"

# What of it is on the disk.
files() {
	(cd "$root" && find usr/bin usr/lib usr/share var/lib/systemd etc -name '*mmlens*' | sort)
}
before=$(files)
step 'they are installed' 'apt-get -q -y --no-install-recommends install /build/mmlens_*.deb /build/mmlens-bpf_*.deb'
inside 'mmlens --version'
like "$(cat "$tmp/said")" '\+libproc2 \+libnuma \+screen \+bpf \+record \+journal' 'what is installed has all parts'
inside 'mmlens balance -o item,bytes -r -n'
like "$(cat "$tmp/said")" '^unaccounted -?[0-9]+$' 'and prints a table'
inside 'mmlens faults -d 0.1 2>&1; mmlens processes -o pid,user -l 1; test -e /usr/share/man/man1/mmlens.1.gz || test -e /etc/dpkg/dpkg.cfg.d/docker'
is "$(grep -c 'not installed' "$tmp/said")" 0 'its modules are found'
inside '! find /etc/systemd -name "mmlens*" | grep .'
ok $? 'the recorder is not enabled'
step 'they are purged' 'dpkg --purge mmlens-bpf mmlens'
is "$(files)" "$before" 'and leave nothing'
rm -rf "$root/build"
done_testing
