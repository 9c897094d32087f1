#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pictures in docs/SCREENS.md and README.md are golden displays: behind a line "<!-- NAME: TITLE -->"
# stands what tests/tui/golden/NAME.24x80.utf8 has under that title. UPDATE=1 puts it there.
. "${top_srcdir:-.}/tests/tap.sh"

# picture NAME TITLE: the text of the display, without what its cells mean, and without empty lines at its end
picture() {
	awk -v title="--- $2" '$0 == title { on = 1; n = 0; next } /^--- / { on = 0 }
		on && n++ < 23 { print }' "$srcdir/tests/tui/golden/$1.24x80.utf8"
}

# with_pictures PAGE: the page as it should be
with_pictures() {
	while IFS= read -r line; do
		case $line in
		'<!-- '*': '*' -->')
			name=${line#<!-- } name=${name%%: *}
			title=${line#*: } title=${title% -->}
			printf '%s\n\n```\n' "$line"
			picture "$name" "$title"
			echo '```'
			skip=blank
			;;
		*)
			# What stands there already is left out.
			case $skip$line in
			'blank') skip=fence ;;
			'fence```') skip=inside ;;
			'fence'*) skip= && printf '\n%s\n' "$line" ;;
			'inside```') skip= ;;
			'inside'*) ;;
			*) printf '%s\n' "$line" ;;
			esac
			;;
		esac
	done <"$1"
}

for page in docs/SCREENS.md README.md; do
	with_pictures "$srcdir/$page" >"$tmp/page"
	[ -z "$UPDATE" ] || cat "$tmp/page" >"$srcdir/$page"
	cmp -s "$srcdir/$page" "$tmp/page"
	ok $? "$page has the pictures of the golden displays (UPDATE=1 puts them there)"
	diff "$srcdir/$page" "$tmp/page" | head -n 20 | sed 's/^/# /'
	empty=$(awk '/^<!-- /{ marker = $0; getline; getline; getline; if ($0 == "```") print marker }' "$tmp/page")
	is "$empty" '' "$page: every picture is there"
done
done_testing
