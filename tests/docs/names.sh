#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever reads the tables of other rooms names columns that there are.
. "${top_srcdir:-.}/tests/tap.sh"

"$mmlens" columns -o column -r -n | sort -u > "$tmp/known"
# What is looked for in a cell stands beside the cell's name.
values='unaccounted|sockets|some|full|vm_area_struct'
grep -rhoE --include='*.c' 'mml_look_(id|u64|bool|num|str|word|text|row)\([^;]*' "$srcdir/src" |
	grep -oE '"[a-z0-9_]+"' | tr -d '"' | grep -vxE "$values" | sort -u > "$tmp/looked"
[ "$(wc -l < "$tmp/looked")" -gt 30 ]
ok $? 'the names that are looked up were found'
is "$(comm -23 "$tmp/looked" "$tmp/known" | tr '\n' ' ')" '' 'each is a column of some table'
done_testing
