#!/bin/sh
# Files of known sizes are made in memory, and each is found by the walk with just its pages.
# SPDX-License-Identifier: GPL-2.0-or-later
# In a virtual machine this takes: tests/files/hold
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"

hold=$builddir/tests/files/hold
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)

end() {
	exec 7>&- 2>/dev/null
	wait
	for mount in "$tmp/small" "$tmp/hidden"; do
		umount "$mount" 2>/dev/null
	done
	rm -rf "$tmp"
}

if ! "$mmlens" files -l 1 >"$tmp/out" 2>"$tmp/err"; then
	like "$(cat "$tmp/err")" '^mmlens: files: .+' 'what cannot be had has a reason'
	skip "files cannot be walked here: $(tail -n 1 "$tmp/err")"
	done_testing
	exit
fi
trap end EXIT

# cached COLUMN=VALUE...: what of the file is in memory, in pages
cached() {
	"$mmlens" files -b -n -r -o cached -f "$1" 2>/dev/null | awk -v page="$page" '{ n += $1 / page } END { print n + 0 }'
}

mkfifo "$tmp/in"
"$hold" "$tmp/gone" <"$tmp/in" >"$tmp/held" 2>"$tmp/why" &
exec 7>"$tmp/in"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q ready "$tmp/held" && break
	sleep 0.2
done
if ! grep -q ready "$tmp/held"; then
	skip "memory of every kind cannot be made here: $(cat "$tmp/why")"
	done_testing
	exit
fi

# What a file is in depends on the machine: where the scratch folder is in memory, it is tmpfs.
fs=$(stat -f -c %T "$tmp")
on_tmpfs=false
case $fs in tmpfs) on_tmpfs=true ;; esac
while read -r kind number pages; do
	case $kind in
	ready) ;;
	anon-shm)
		is "$("$mmlens" files -b -n -r -o cached -f "kind = $kind and cached = $((pages * page))" \
			2>/dev/null | head -n 1)" $((pages * page)) "$kind: $pages pages"
		;;
	deleted)
		if $on_tmpfs; then
			kind=tmpfs
		fi
		is "$(cached "kind = $kind and inode = $number and deleted = true and path ~ /gone")" "$pages" \
			"$kind: $pages pages of a file without a name"
		;;
	*) is "$(cached "kind = $kind and inode = $number")" "$pages" "$kind: $pages pages" ;;
	esac
done <"$tmp/held"
text=$("$mmlens" files -f 'kind = memfd and path ~ held' 2>/dev/null)
like "$text" '/memfd:held \\033\[31m$' 'a name cannot steer the terminal'

# A file on a disk: what is read of it is in memory, and all of what was written.
head -c $((705 * page)) /dev/zero >"$tmp/whole"
is "$(cached "path ~ $tmp/whole")" 705 'a file that was written is in memory'
is "$("$mmlens" files -n -r -b -o size,share,deleted -f "path ~ $tmp/whole" 2>/dev/null | tr '\t' ' ')" \
	"$((705 * page)) 100.000 no" 'and all of it'
rm "$tmp/whole"
is "$(cached "path ~ $tmp/whole")" 0 'what is removed and held by nobody is not'

# Names that were made to deceive.
name=$(printf 'a\nb\033[2Jc \\040 \377')
long=$(printf '%0255d' 7)
head -c $((301 * page)) /dev/zero >"$tmp/$name"
head -c $((302 * page)) /dev/zero >"$tmp/$long"
ln "$tmp/$long" "$tmp/second"
text=$("$mmlens" files -o path -n -f "path ~ $tmp/" 2>/dev/null)
like "$text" 'a\\012b\\033\[2Jc \\134040 \\377$' 'bytes that steer a terminal are shown as numbers'
is "$("$mmlens" files --csv -b -o cached -f "path ~ $tmp/ and inode = $(stat -c %i "$tmp/second")" 2>/dev/null |
	tail -n +2)" $((302 * page)) 'a file of two names is told once'
like "$text" "/($long|second)$" 'by one of them, whole'
"$mmlens" files -J -f "path ~ $tmp/" 2>/dev/null | jq -e . >/dev/null 2>"$tmp/err"
case $? in
127) skip 'no jq' ;;
*) is "$(cat "$tmp/err")" '' 'JSON stays JSON' ;;
esac

# Where a file system is mounted.
mkdir "$tmp/small"
if mount -t tmpfs -o size=8m none "$tmp/small" 2>/dev/null; then
	mkdir "$tmp/small/in it"
	head -c $((33 * page)) /dev/zero >"$tmp/small/in it/file"
	is "$("$mmlens" files --csv -b -o kind,cached,mount,path -f "path ~ 'small/in it/file'" 2>/dev/null | tail -n +2)" \
		"tmpfs,$((33 * page)),$tmp/small,$tmp/small/in it/file" 'a file in a tmpfs has its whole path'
	exec 8<"$tmp/small/in it/file"
	rm "$tmp/small/in it/file"
	is "$("$mmlens" files --csv -b -o kind,cached,path -f "path ~ 'small/in it/file'" 2>/dev/null | tail -n +2)" \
		"tmpfs,$((33 * page)),$tmp/small/in it/file (deleted)" 'and keeps it while it is open'
	exec 8<&-
else
	skip 'nothing can be mounted here'
	skip 'nothing can be mounted here'
fi
done_testing
