# SPDX-License-Identifier: GPL-2.0-or-later
# Swap on compressed memory.
echo 64M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null
swapon /dev/zram0
is "swap is on" "$(awk 'NR == 2 { print $1, $3 }' /proc/swaps)" "/dev/zram0 65532"
