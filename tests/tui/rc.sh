#!/bin/sh
# The rc file: what W writes is read back; bad lines are named with their numbers and the rest is used;
# a file that could not be read is never destroyed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
[ -x "$play" ] || { skip "built without the screen"; done_testing; exit; }
TZ=UTC
XDG_CONFIG_HOME=$tmp/config
export TZ XDG_CONFIG_HOME
rcfile=$XDG_CONFIG_HOME/mmlens/mmlensrc
cp -R "$srcdir/tests/tui/trees/first" "$tmp/tree"
chmod -R u+w "$tmp/tree"

# run SCRIPT: the last screen
run() {
	printf '%b' "$1" | "$play" 24x120 "$tmp/tree" slab
}

out=$(run 'W\n!show\n')
like "$out" "written: $rcfile" "W makes the directories and says where it wrote"
is "$(grep -v '^#' "$rcfile")" "delay = 1.000
units = auto" "nothing was changed: no tables in it"
run 'F2\nDown Space Down Down Left Esc u e e W\n' >/dev/null
is "$(grep -v '^#' "$rcfile")" "delay = 1.000
units = MiB

[slab]
columns = cache,total_objs,objs_per_slab,obj_size,pages_per_slab,slabs,size,used,waste,
    utilization,object_use,growth
sort = -utilization,-size,cache" "columns, order and units are written"
out=$(run '!show\n')
like "$out" 'CACHE  *OBJS  *OBJ/SLAB  *OBJSIZE .*USE%▼' "and read back, a list over several lines too"
is "$(ls -A "$XDG_CONFIG_HOME/mmlens")" mmlensrc "nothing else is left behind"

# each grid has a section of its own: a group of processes, the processes to choose from, and one by one
printf '%b' '4 F2\nEnd\nSpace Esc t S\n!tick\nu\n!tick\n5\n!tick\nS\n4\n!tick\nW\n' |
	"$play" 24x120 "$tmp/tree" overview >/dev/null
sections=$(sed -n 's/^\[\(.*\)\]$/\1/p' "$rcfile" | tr '\n' ' ')
like "$sections" 'processes.program ' "a grouping has its own section"
like "$sections" 'processes.choose ' "so have the processes to choose from"
out=$(printf '%b' '4 t\n!tick\n!show\nt\n!tick\n!show\n5\n!tick\n!show\n' | "$play" 24x120 "$tmp/tree" overview)
like "$out" '^GROUP .*RSS▼' "the grouping has its order again"
like "$out" '^ *PID *RSS▲' "and the processes to choose from have theirs"
rm -f "$rcfile"
run 'F2\nDown Space Down Down Left Esc u e e W\n' >/dev/null

# bad lines
cat >"$rcfile" <<'EOT'
delay = soon
nonsense
units = pages
[nosuchtable]
columns = a
[slab]
columns = cache,sise
sort = -slabs
colour = blue
EOT
printf 'units = %0300d\n' 1 >>"$rcfile"
out=$(run '!show\n')
for line in 'line 1: delay is not a number' 'line 2: neither' 'line 5: in the section of no table' \
	"line 7: .*no column 'sise'" 'line 9: not a setting of tables' 'line 10: too long'; do
	like "$out" "$line" "named: $line"
done
like "$(run 'q\n!show\n')" 'SLABS▼' "the good lines are used"
cp "$rcfile" "$tmp/bad"
run 'q\nW\n' >/dev/null
ok "$(cmp -s "$rcfile.old" "$tmp/bad"; echo $?)" "W keeps the file with bad lines beside"
like "$(cat "$rcfile")" 'sort = -slabs' "and writes what it had understood"
rm -f "$rcfile.old"

# a link stays a link
mv "$rcfile" "$tmp/dotfiles"
ln -s "$tmp/dotfiles" "$rcfile"
run 'e W\n' >/dev/null
ok "$([ -L "$rcfile" ]; echo $?)" "a link stays a link"
like "$(cat "$tmp/dotfiles")" 'units = bytes' "and what it leads to is written"
rm -f "$rcfile"

# what cannot be read
mkdir "$rcfile"
out=$(run 'q\nW\n!show\n')
like "$out" 'could not be read' "W refuses when the file could not be read"
ok "$([ -d "$rcfile" ]; echo $?)" "and leaves it as it is"
rmdir "$rcfile"
if [ "$(id -u)" != 0 ]; then
	echo 'units = KiB' >"$rcfile"
	chmod 0 "$rcfile"
	run 'q\nW\n' >/dev/null
	chmod 600 "$rcfile"
	is "$(cat "$rcfile")" 'units = KiB' "a file without permission to read is as it was"
else
	skip "root may read everything"
fi
rm -rf "$XDG_CONFIG_HOME"
: >"$XDG_CONFIG_HOME"
like "$(run 'W\n!show\n')" 'not written: ' "a directory that cannot be made is said"
rm -f "$XDG_CONFIG_HOME"
head -c 20000 /dev/urandom >"$tmp/noise"
mkdir -p "$XDG_CONFIG_HOME/mmlens"
cp "$tmp/noise" "$rcfile"
run 'q\n!show\n' >/dev/null
ok $? "noise for an rc file"
done_testing
