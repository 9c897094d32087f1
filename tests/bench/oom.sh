# Kernel logs of 100 MB against a bare walk over their lines. SPDX-License-Identifier: GPL-2.0-or-later
"$top_builddir/tests/bench/oom"
