# Virtual machines with several NUMA nodes: `make check-vm`. Included by the top Makefile.am.
check_PROGRAMS += tests/vm/hold
tests_vm_hold_SOURCES = tests/vm/hold.c

EXTRA_DIST += \
	tests/vm/boot.sh \
	tests/vm/check-vm \
	tests/vm/guest \
	tests/vm/initramfs.sh \
	tests/vm/kernel.sh

check-vm: all tests/vm/hold
	MMLENS_BUILD=$(abs_builddir) $(srcdir)/tests/vm/check-vm $(VM_MACHINES)
.PHONY: check-vm
