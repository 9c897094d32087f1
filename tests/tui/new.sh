#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A row that came after the mark has not grown, and says that it is new; one that was there shows its change.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
[ -x "$play" ] || { skip "built without the screen"; done_testing; exit; }
TZ=UTC
XDG_CONFIG_HOME=$tmp/config
export TZ XDG_CONFIG_HOME
for tree in first then; do
	cp -R "$srcdir/tests/tui/trees/$tree" "$tmp/$tree"
	chmod -R u+w "$tmp/$tree"
done
echo 'newcomer 512 512 4096 1 1 : tunables 0 0 0 : slabdata 512 512 0' >>"$tmp/then/proc/slabinfo"

out=$(printf 'm\n!then %s\n!show\n' "$tmp/then" | "$play" 24x120 "$tmp/first" slab)
line=$(echo "$out" | grep '^newcomer')
like "$line" ' 2\.0M  *new 2\.0M ' "all of it is new"
like "$line" ' 512  *new 512 ' "its objects too"
like "$(echo "$out" | grep '^dentry')" ' 148M  *[+]22\.8M ' "what was there has grown"
ok "$(echo "$out" | grep -v '^newcomer' | grep -c 'new [0-9]')" "nothing else is new"

# A process that had no turn yet is not one that may not be read.
for pid in $(ls "$tmp/first/proc" | grep '^[0-9]' | head -n 2); do
	echo "$pid -"
done >"$tmp/turns"
for n in 1 2; do
	mkdir -p "$tmp/first/mmlens"
	head -n $n "$tmp/turns" >"$tmp/first/mmlens/process-turns"
	out=$(printf 'p\n!tick\n!show\n' | "$play" 24x120 "$tmp/first" processes)
	like "$(echo "$out" | grep '  PSS: ')" \
		"PSS: $([ $n = 1 ] && echo '1 process is' || echo '2 processes are') still to be read; it takes the" \
		"$n of them still to be read"
done
done_testing
