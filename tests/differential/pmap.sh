#!/bin/sh
# Every field of every mapping against pmap -XX, of a process with 60,000 mappings that stands still.
# SPDX-License-Identifier: GPL-2.0-or-later
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
command -v pmap >/dev/null || { skip "no pmap"; done_testing; exit; }
pmap -XX $$ >/dev/null 2>&1 || { skip "this pmap has no -XX"; done_testing; exit; }

many=60000
most=$(cat /proc/sys/vm/max_map_count 2>/dev/null || echo 65530)
[ "$most" -gt 65000 ] || many=$((most / 2))
mkfifo "$tmp/hold"
"$builddir/tests/cli/mappings" many "$many" <"$tmp/hold" >"$tmp/where" &
pid=$!
exec 9>"$tmp/hold"
while kill -0 "$pid" 2>/dev/null && ! grep -q ready "$tmp/where"; do
	sleep 0.2
done

# The fields pmap shows, by their names in smaps; columns of mmlens have the same in lower_snake.
pmap -XX "$pid" 2>/dev/null >"$tmp/pmap"
heads=$(sed -n 2p "$tmp/pmap")
columns=
for head in $heads; do
	case $head in
	Address | Perm | Offset | Device | Inode | VmFlags | Mapping) ;;
	*)
		case $head in
		KSM) column=ksm ;;
		MMUPageSize) column=mmu_page_size ;;
		THPeligible) column=thp_eligible ;;
		*) column=$(printf '%s' "$head" | sed 's/\([a-z]\)\([A-Z]\)/\1_\2/g' | tr 'A-Z' 'a-z') ;;
		esac
		columns=$columns,$column
		;;
	esac
done
ours() {
	"$mmlens" vmas -p "$pid" -r -n -o "start,perms,offset,dev,inode$columns,vm_flags" 2>"$tmp/err"
}
ours >"$tmp/ours"
ok $? "mmlens knows every column pmap shows:$columns"
sed 's/^/# /' "$tmp/err"
# The kernel ages pages and takes some back: what mmlens says counts when it says it behind pmap, too.
for again in 1 2 3 4 5; do
	LC_ALL=C awk '$5 == "-"' "$tmp/ours" >"$tmp/before"
	pmap -XX "$pid" 2>/dev/null >"$tmp/pmap"
	ours >"$tmp/ours"
	LC_ALL=C awk '$5 == "-"' "$tmp/ours" | cmp -s - "$tmp/before" && break
done

# Both as: address perms offset device inode fields ..., sizes in KiB. pmap's rows begin with an
# address and have as many numbers as there are headings, then the flags.
n=$(printf '%s' "$columns" | tr -cd , | wc -c)
LC_ALL=C awk -v n="$n" 'NR > 2 && $1 ~ /^[0-9a-f]+$/ && $2 ~ /^[r-][w-][x-][ps]$/ {
	line = $1
	for (i = 2; i <= n + 5; i++)
		line = line " " $i
	for (; $i ~ /^[a-z?][a-z?]$/; i++)
		line = line " " $i
	print line }' "$tmp/pmap" >"$tmp/a"
LC_ALL=C awk -v heads="$columns" 'BEGIN { split(heads, head, ",") }
	{
		sub(/^0x/, "", $1)
		if ($3 == "-") { $3 = "0x0"; $4 = "00:00"; $5 = 0 }
		sub(/^0x/, "", $3)
		while (length($1) < 8) $1 = "0" $1
		while (length($3) < 8) $3 = "0" $3
		gsub(/\\040/, " ", $NF)
		for (i = 6; i < NF; i++)
			if (head[i - 4] == "thp_eligible")
				$i = $i == "yes"
			else
				$i = $i / 1024
		print
	}' "$tmp/ours" >"$tmp/b"
ok "$([ "$(wc -l <"$tmp/a")" -ge "$many" ]; echo $?)" "pmap shows $many mappings"
is "$(wc -l <"$tmp/b")" "$(wc -l <"$tmp/a")" "as many mappings as pmap"
# What is shared with other programs (libraries) changes its share while they come and go.
LC_ALL=C awk '{ split($0, f); print $1, $2, $3, $4, $5, $6 }' "$tmp/a" >"$tmp/a.all"
LC_ALL=C awk '{ split($0, f); print $1, $2, $3, $4, $5, $6 }' "$tmp/b" >"$tmp/b.all"
ok "$(cmp -s "$tmp/a.all" "$tmp/b.all"; echo $?)" "addresses, permissions, offsets, devices, inodes and sizes"
LC_ALL=C awk '$5 == 0' "$tmp/a" >"$tmp/a.own"
LC_ALL=C awk '$5 == 0' "$tmp/b" >"$tmp/b.own"
ok "$(cmp -s "$tmp/a.own" "$tmp/b.own"; echo $?)" "every field of the process's own memory"
diff "$tmp/a.own" "$tmp/b.own" | head -n 10 | sed 's/^/# /'
like "$(head -n 1 "$tmp/b.own")" ' mr mw me' "the flags of mappings among them"
is "$(wc -l <"$tmp/a.own" | awk -v many="$many" '{ print ($1 >= many) }')" 1 "which is nearly all of it"

# And the sums are those of smaps_rollup, which the kernel adds up itself.
if [ -r "/proc/$pid/smaps_rollup" ]; then
	sum() {
		"$mmlens" vmas -p "$pid" -r -n -o "$column" | awk '{ s += $1 } END { printf "%d", s / 1024 }'
	}
	rollup() {
		awk -v f="$field:" '$1 == f { print $2 }' "/proc/$pid/smaps_rollup"
	}
	for field in Rss Private_Dirty Anonymous; do
		column=$(printf '%s' "$field" | tr 'A-Z' 'a-z')
		agree "$field is what the kernel adds up" rollup sum
	done
else
	skip "no smaps_rollup"
fi
exec 9>&-
wait
done_testing
