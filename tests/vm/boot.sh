#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: boot.sh MACHINE KERNEL INITRAMFS OUT
#
# Boot one virtual machine under qemu's software emulation and wait until it has switched itself off.
# OUT (a folder) receives console.log, tap.log (the guest's TAP) and results.tar (files the guest
# wanted to bring out). Exit 1 with the reason on stderr where it panicked, hung or never came up,
# 77 where there is no qemu.
set -eu

machine=$1
kernel=$2
initramfs=$3
out=$4
limit=${MMLENS_VM_TIMEOUT:-1500}

qemu=$(command -v qemu-system-x86_64) || {
	echo "no qemu-system-x86_64 here" >&2
	exit 77
}

set --
case $machine in
two-nodes)
	# Two like nodes; the page tables have five levels (-cpu max has la57).
	append=
	set -- "$@" -smp 2 -m 1G,slots=2,maxmem=4G \
		-object memory-backend-ram,id=m0,size=512M \
		-object memory-backend-ram,id=m1,size=512M \
		-numa node,nodeid=0,cpus=0,memdev=m0 \
		-numa node,nodeid=1,cpus=1,memdev=m1 \
		-numa dist,src=0,dst=1,val=21 -numa dist,src=1,dst=0,val=21
	hotplug_node=1
	;;
four-nodes)
	# One node with memory only and one with a CPU only, no two distances alike, and firmware that
	# tells latency and bandwidth. qemu's node 2 is Linux's node 3 and the other way round: Linux
	# numbers nodes with CPUs first, while the firmware table is only valid with the node without
	# memory last. Linux's node 3 holds the one whole aligned GiB a 1G page can come from.
	append="hugepagesz=1G hugepages=1"
	set -- "$@" -machine hmat=on -smp 3 -m 2560M,slots=2,maxmem=6G \
		-object memory-backend-ram,id=m0,size=512M \
		-object memory-backend-ram,id=m1,size=512M \
		-object memory-backend-ram,id=m2,size=1536M \
		-numa node,nodeid=0,cpus=0,memdev=m0,initiator=0 \
		-numa node,nodeid=1,cpus=1,memdev=m1,initiator=1 \
		-numa node,nodeid=2,memdev=m2,initiator=1 \
		-numa node,nodeid=3,cpus=2,initiator=3 \
		-numa dist,src=0,dst=1,val=16 -numa dist,src=0,dst=2,val=28 \
		-numa dist,src=0,dst=3,val=22 -numa dist,src=1,dst=2,val=24 \
		-numa dist,src=1,dst=3,val=20 -numa dist,src=2,dst=3,val=30
	for initiator in 0 1 3; do
		for target in 0 1 2; do
			latency=$((100 + 20 * initiator + 50 * target))
			bandwidth=$((20 - 2 * initiator - 3 * target))
			pair=initiator=$initiator,target=$target,hierarchy=memory
			set -- "$@" \
				-numa "hmat-lb,$pair,data-type=access-latency,latency=$latency" \
				-numa "hmat-lb,$pair,data-type=access-bandwidth,bandwidth=${bandwidth}G"
		done
	done
	hotplug_node=3
	;;
*)
	echo "no machine called $machine" >&2
	exit 2
	;;
esac

mkdir -p "$out"
: >"$out/console.log"
: >"$out/tap.log"
rm -f "$out/results.tar" "$out/monitor.in" "$out/monitor.out"
mkfifo "$out/monitor.in" "$out/monitor.out"

# In boot/, and since 7.x in usr/lib/modules/VERSION/.
vmlinuz=$(find "$kernel" -name 'vmlinuz*' -type f | head -n 1)

# thread=multi crashes in the kernel's text patching under qemu 7.2. On a busy machine the emulated
# timer may be late enough for the kernel to give up on it (no_timer_check). qemu translates code anew for
# each address that a program is loaded at (norandmaps: one), and to clear a page that once had code, it goes
# through all of its translations for each byte: after a million of them, for minutes.
timeout -k 5 "$limit" "$qemu" -accel tcg,thread=single -cpu max -nodefaults -display none \
	-no-reboot "$@" \
	-kernel "$vmlinuz" -initrd "$initramfs" \
	-append "console=ttyS0 loglevel=4 panic=-1 no_timer_check norandmaps \
		mmlens.machine=$machine $append" \
	-serial "file:$out/console.log" -serial "file:$out/tap.log" \
	-device virtio-serial-pci -chardev "file,id=results,path=$out/results.tar" \
	-device virtserialport,chardev=results,name=results \
	-chardev "pipe,id=monitor,path=$out/monitor" -mon chardev=monitor,mode=control \
	>"$out/qemu.log" 2>&1 </dev/null &
pid=$!

# Opening a FIFO waits for the other side, and a qemu that died at once never opens it: read and
# write at the same time does not wait.
exec 3<>"$out/monitor.in" 4<>"$out/monitor.out"
cat <&4 >"$out/monitor.log" &
listener=$!

# The guest asks for more memory by a line on its console.
plugged=
while kill -0 "$pid" 2>/dev/null; do
	if [ -z "$plugged" ] && grep -q '^mmlens: plug memory' "$out/console.log"; then
		plugged=yes
		cat >&3 <<-EOF
		{"execute": "qmp_capabilities"}
		{"execute": "object-add", "arguments":
		 {"qom-type": "memory-backend-ram", "id": "more", "size": 268435456}}
		{"execute": "device_add", "arguments":
		 {"driver": "pc-dimm", "id": "dimm", "memdev": "more", "node": $hotplug_node}}
		EOF
	fi
	sleep 0.2
done
status=0
wait "$pid" || status=$?
kill "$listener"
exec 3>&- 4>&-
rm -f "$out/monitor.in" "$out/monitor.out"

if grep -q 'Kernel panic' "$out/console.log"; then
	echo "kernel panic: $(grep -m 1 'Kernel panic' "$out/console.log")" >&2
	exit 1
elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "not finished after $limit s; last on its console: $(tail -n 1 "$out/console.log")" >&2
	exit 1
elif [ "$status" -ne 0 ]; then
	echo "qemu exited with status $status: $(tail -n 1 "$out/qemu.log")" >&2
	exit 1
elif ! grep -q '^1\.\.[0-9]' "$out/tap.log"; then
	echo "switched off before its tests had ended" >&2
	exit 1
fi
