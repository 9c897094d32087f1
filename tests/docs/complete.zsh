# SPDX-License-Identifier: GPL-2.0-or-later
# complete.zsh DIR LINE FILE: what zsh, with the completions in DIR, offers at the end of LINE, sorted;
# FILE is for its use. compadd is replaced in a zsh on a terminal of its own, since what it is given
# can be seen nowhere else.
zmodload zsh/zpty || exit 1
zpty z zsh -f -i
zpty -w z "PS1= PS2= fpath=($1 \$fpath) offered=$3; autoload -Uz compinit; compinit -u -D"
zpty -w z '
compadd() {
	local -a found
	if [[ ${@[(I)-[OAD]]} -eq 0 ]]; then
		builtin compadd -O found "$@"
		print -rl -- $found >> $offered
	fi
	builtin compadd "$@"
}
bindkey "^I" complete-word
show() { print -r -- "rea""dy" }; zle -N show; bindkey "^X^X" show
print -r -- set"up"'
zpty -r z line '*setup*' || exit 1
: > $3
zpty -w -n z "$2"$'\t\C-x\C-x'
zpty -r z line '*ready*'
zpty -d z
sort -u $3 | tr '\n' ' '
