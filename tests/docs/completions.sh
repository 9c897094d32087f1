#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The completions, asked for as the shells ask for them.
. "${top_srcdir:-.}/tests/tap.sh"

# A file of the build's, or of the tarball's.
made() {
	if [ -e "$builddir/$1" ]; then echo "$builddir/$1"; else echo "$srcdir/$1"; fi
}

# What bash makes of the words given, the cursor behind the last one: one line, sorted.
in_bash() {
	bash --norc --noprofile -i -c '
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
		_mmlens mmlens "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
		printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "' \
		bash "$(made completions/bash/mmlens)" "$@" 2> "$tmp/bash.err"
}

columns_of() {
	"$mmlens" columns "$1" -o column -r -n | sort | tr '\n' ' '
}

if command -v bash > /dev/null; then
	is "$(in_bash mmlens sl)" 'slab ' 'bash: mmlens sl<TAB>'
	is "$(in_bash mmlens du)" 'dump ' 'bash: a command'
	is "$(in_bash mmlens slab -o '')" "$(columns_of slab)" 'bash: mmlens slab -o <TAB> lists the columns'
	is "$(in_bash mmlens -o '')" "$(columns_of balance)" 'bash: without a table the columns are of balance'
	is "$(in_bash mmlens slab -s -si)" '-size ' 'bash: mmlens slab -s -si<TAB>'
	is "$(in_bash mmlens slab -o cache,ut)" 'cache,utilization ' 'bash: behind a comma'
	is "$(in_bash mmlens slab -o +alia)" '+aliases ' 'bash: behind a +'
	is "$(in_bash mmlens slab -s cache,-si)" 'cache,-size ' 'bash: behind a comma and a -'
	is "$(in_bash mmlens slab --columns = ut)" 'utilization ' 'bash: --columns=ut<TAB>'
	is "$(in_bash mmlens zones buddy -o '')" 'free node usable zone ' 'bash: of two tables the columns both have'
	is "$(in_bash mmlens slab -o cache,cach)" ' ' 'bash: a column is not offered twice'
	is "$(in_bash mmlens columns sl)" 'slab ' 'bash: the tables behind columns'
	is "$(in_bash mmlens sources -o rea)" 'readable reason ' 'bash: the columns of sources'
	is "$(in_bash mmlens tr)" 'translate ' 'bash: a command that prints a table, once'
	like "$(in_bash mmlens translate 1 0 -o '')" ' physical ' 'bash: its columns'
	is "$(in_bash mmlens slab --all-)" '--all-columns ' 'bash: an option'
	is "$(in_bash mmlens processes --by us)" 'user ' 'bash: --by'
	is "$(in_bash mmlens top over)" 'overview ' 'bash: a view'
	is "$(in_bash mmlens --color a)" 'always auto ' 'bash: --color'
	mkdir -p "$tmp/trees/one" "$tmp/trees/two dirs"
	: > "$tmp/trees/file"
	is "$(in_bash mmlens --root "$tmp/trees/")" "$tmp/trees/one $tmp/trees/two dirs " \
		'bash: directories, and only those, behind --root'
	is "$(in_bash mmlens oom "$tmp/trees/f")" "$tmp/trees/file " 'bash: files behind oom'
	is "$(in_bash mmlens oom_tasks --log "$tmp/trees/f")" "$tmp/trees/file " 'bash: and behind --log'
	is "$(in_bash mmlens slab -f ut)" 'utilization ' 'bash: a column behind -f'
	like "$(in_bash mmlens slab -p '')" '(^| )1 ' 'bash: processes behind -p'
	every=
	for word in $("$mmlens" --help | sed -n '/^Options/,$s/.*\(--[a-z-]*\).*/\1/p'); do
		case " $(in_bash mmlens "$word")" in *" $word "*) ;; *) every="$every $word" ;; esac
	done
	is "$every" '' 'bash: every option of --help is known'
	is "$(grep -v 'no job control\|ioctl' "$tmp/bash.err")" '' 'bash: nothing on stderr'
else
	skip 'bash is not installed'
fi

# What fish offers, without the descriptions.
in_fish() {
	HOME=$tmp fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
		"$(made completions/fish/mmlens.fish)" "$1" | cut -f1 | sort | tr '\n' ' '
}

if command -v fish > /dev/null; then
	is "$(in_fish 'mmlens sl')" 'slab ' 'fish: mmlens sl<TAB>'
	is "$(in_fish 'mmlens slab -o ')" "$(columns_of slab)" 'fish: mmlens slab -o <TAB>'
	like " $(in_fish 'mmlens slab -s -si')" ' -size ' 'fish: mmlens slab -s -si<TAB>'
	is "$(in_fish 'mmlens slab -o cache,ut')" 'cache,utilization ' 'fish: behind a comma'
	is "$(in_fish 'mmlens slab -o +alia')" '+aliases ' 'fish: behind a +'
	is "$(in_fish 'mmlens -J slab --columns=ut')" '--columns=utilization ' 'fish: --columns=ut<TAB>'
	is "$(in_fish 'mmlens columns sl')" 'slab ' 'fish: the tables behind columns'
	is "$(in_fish 'mmlens sources -o rea')" 'readable reason ' 'fish: the columns of sources'
	is "$(in_fish 'mmlens top over')" 'overview ' 'fish: a view'
	is "$(in_fish 'mmlens processes --by us')" 'user ' 'fish: --by'
	is "$(in_fish 'mmlens slab --all-')" '--all-columns ' 'fish: an option'
else
	skip 'fish is not installed'
fi

# A zsh on a terminal of its own, with a key that completes and one that shows the line.
in_zsh() {
	timeout 300 zsh -f "$srcdir/tests/docs/complete.zsh" "$(dirname "$(made completions/zsh/_mmlens)")" \
		"$1" "$tmp/offered" 2>> "$tmp/zsh.err"
}

if command -v zsh > /dev/null; then
	is "$(in_zsh 'mmlens sl')" 'slab ' 'zsh: mmlens sl<TAB>'
	is "$(in_zsh 'mmlens slab -o ')" "$(columns_of slab)" 'zsh: mmlens slab -o <TAB>'
	is "$(in_zsh 'mmlens slab -s -si')" 'size ' 'zsh: mmlens slab -s -si<TAB>'
	is "$(in_zsh 'mmlens slab -o cache,ut')" 'utilization ' 'zsh: behind a comma'
	is "$(in_zsh 'mmlens slab -o +alia')" 'aliases ' 'zsh: behind a +'
	is "$(in_zsh 'mmlens slab --columns=ut')" 'utilization ' 'zsh: --columns=ut<TAB>'
	is "$(in_zsh 'mmlens columns sl')" 'slab ' 'zsh: the tables behind columns'
	is "$(in_zsh 'mmlens top over')" 'overview ' 'zsh: a view'
	is "$(in_zsh 'mmlens processes --by us')" 'user ' 'zsh: --by'
	is "$(in_zsh 'mmlens slab --all-')" '--all-columns ' 'zsh: an option'
else
	skip 'zsh is not installed'
fi
done_testing
