# SPDX-License-Identifier: GPL-2.0-or-later
# Swap on compressed memory.
swap_start 64
is "swap is on" "$(awk 'NR == 2 { print $1, $3 }' /proc/swaps)" "/dev/zram0 65532"
