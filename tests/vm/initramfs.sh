#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: initramfs.sh OUT KERNEL GUEST [PROGRAM...]
#
# Pack what a virtual machine runs from: busybox, the files of the folder GUEST, those kernel modules
# of the unpacked package KERNEL which the tests need, and every PROGRAM with the libraries it links to:
# PATH goes to /bin, PATH=/NAME to /NAME, and a .so to /bin/.libs, where a program that has not been
# installed looks for its modules. Exit 77 with the reason on stderr where a part can't be had.
#
# The archive is not compressed: qemu hands it over at once, while unpacking it under software
# emulation takes seconds.
set -eu

out=$1
kernel=$2
guest=$3
shift 3

# In loading order; what a kernel has built in is not there as a file.
modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_console
	 lzo lzo-rle lz4_compress lz4hc_compress zstd_compress zsmalloc zram"

skip()
{
	echo "$*" >&2
	exit 77
}

busybox=$(command -v busybox) || skip "no busybox here (busybox-static)"
if ldd "$busybox" >/dev/null 2>&1; then
	skip "$busybox is not linked statically (busybox-static)"
fi

tree=$(mktemp -d "$out.XXXXXX")
chmod 755 "$tree" # it becomes the root, and not only root's
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/bin "$tree"/sbin "$tree"/proc "$tree"/sys "$tree"/dev "$tree"/tmp "$tree"/run \
	"$tree"/etc "$tree"/root "$tree"/usr/bin "$tree"/lib/modules "$tree"/bin/.libs
cp "$busybox" "$tree/bin/busybox"
for applet in $("$busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done
cp -r "$guest"/. "$tree/"
chmod 755 "$tree/init"

copy_libraries()
{
	ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' |
		while read -r lib; do
			mkdir -p "$tree$(dirname "$lib")"
			cp -L "$lib" "$tree$lib"
		done
}

# copy_python PROGRAM: the one it starts, and its standard library, where they expect to be.
copy_python()
{
	lib=$("$1" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
	exe=$("$1" -c 'import os, sys; print(os.path.realpath(sys.executable))')
	mkdir -p "$tree$lib" "$tree$(dirname "$exe")"
	cp -L "$exe" "$tree$exe"
	ln -sf "$exe" "$tree/bin/python3"
	# With the times of the files, so that what Python compiled of them is still good.
	(cd "$lib" && tar -cf - --exclude=./test --exclude='./*-packages' --exclude=./idlelib \
		--exclude=./ensurepip --exclude='./config-*' --exclude='*.opt-*.pyc' .) |
		tar -xf - -C "$tree$lib"
	copy_libraries "$exe"
	for module in "$lib"/lib-dynload/*.so; do
		copy_libraries "$module"
	done
}

for arg; do
	path=${arg%%=*}
	case $arg in
	*/python3)
		copy_python "$path"
		continue
		;;
	*=/*) to=$tree${arg#*=} ;;
	*.so) to=$tree/bin/.libs/ ;;
	*) to=$tree/bin/$(basename "$path") ;;
	esac
	mkdir -p "$(dirname "$to")"
	cp -L --remove-destination "$path" "$to"
	copy_libraries "$path"
done

n=10
for module in $modules; do
	file=$(find "$kernel"/lib/modules "$kernel"/usr/lib/modules -name "$module.ko*" 2>/dev/null |
		head -n 1)
	[ -n "$file" ] || continue
	# The number keeps the loading order for a shell's glob.
	to=$tree/lib/modules/$n-$module.ko
	case $file in
	*.xz) xz -dc "$file" >"$to" || skip "no xz here to unpack kernel modules" ;;
	*.zst) zstd -qdc "$file" >"$to" || skip "no zstd here to unpack kernel modules" ;;
	*) cp "$file" "$to" ;;
	esac
	n=$((n + 1))
done

(cd "$tree" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$out.new"
mv "$out.new" "$out"
