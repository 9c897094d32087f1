#!/bin/sh
# Golden screens: each tests/tui/NAME.play is played over the captured tree at three sizes, in UTF-8 and
# in plain characters; "# view NAME" in it says which view, "# sizes ..." at which sizes if not at those.
# UPDATE=1 rewrites tests/tui/golden.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/tap.sh"
play=$builddir/tests/tui/play
golden=$srcdir/tests/tui/golden
TZ=UTC
XDG_CONFIG_HOME=$tmp/none
export TZ XDG_CONFIG_HOME
[ -x "$play" ] || { skip "built without the screen"; done_testing; exit; }

# one NAME ROWSxCOLS plain|utf8
one() {
	name=$1 size=$2 chars=$3 flag=
	[ "$chars" = plain ] && flag=--plain
	# What the cells mean, too, at one size.
	[ "$chars$size" = utf824x80 ] && flag=--inks
	view=$(sed -n 's/^# view //p' "$srcdir/tests/tui/$name.play")
	tree=$(sed -n 's/^# tree //p' "$srcdir/tests/tui/$name.play")
	case $tree in
	FIXTURES/*) tree=${MMLENS_FIXTURES:-$srcdir/../shared/fixtures}/${tree#FIXTURES/} ;;
	*) tree=$srcdir/tests/${tree:-tui/trees/first} ;;
	esac
	if [ ! -d "$tree" ]; then
		skip "$name at $size, $chars: $tree is not here"
		return
	fi
	[ ! -d "$tmp/tree" ] || chmod -R u+w "$tmp/tree"
	rm -rf "$tmp/tree"
	cp -R "$tree" "$tmp/tree"
	chmod -R u+w "$tmp/tree"
	sed "s#THEN#$srcdir/tests/tui/trees/then#; s#TREES#$srcdir/tests/tui/trees#" "$srcdir/tests/tui/$name.play" |
		"$play" $flag "$size" "$tmp/tree" $view >"$tmp/out" 2>"$tmp/err"
	ok $? "$name at $size, $chars: plays"
	sed 's/^/# /' "$tmp/err"
	if [ -n "$UPDATE" ]; then
		mkdir -p "$golden"
		cp "$tmp/out" "$golden/$name.$size.$chars"
	fi
	if cmp -s "$golden/$name.$size.$chars" "$tmp/out"; then
		ok 0 "$name at $size, $chars: as it was"
	else
		ok 1 "$name at $size, $chars: as it was (UPDATE=1 takes the new one)"
		diff "$golden/$name.$size.$chars" "$tmp/out" | head -n 40 | sed 's/^/# /'
	fi
	# Nothing wider than the screen, nothing but ASCII when plain.
	if [ "$chars" = plain ]; then
		LC_ALL=C grep -n '[^ -~]' "$tmp/out" >"$tmp/odd"
		is "$(cat "$tmp/odd")" "" "$name at $size: plain characters only"
	fi
}

for script in "$srcdir"/tests/tui/*.play; do
	name=$(basename "$script" .play)
	sizes=$(sed -n 's/^# sizes //p' "$script")
	for size in ${sizes:-10x40 24x80 50x200}; do
		for chars in utf8 plain; do
			one "$name" "$size" "$chars"
		done
	done
done
done_testing
