#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is beside the program: units that are shut in, the textfile collector, the plugin of sos.
. "${top_srcdir:-.}/tests/tap.sh"

# Exposed by no more than this many tenths, as systemd-analyze(1) counts.
limit=25
for unit in "$builddir/systemd/mmlens-record.service" "$srcdir/contrib/textfile/mmlens-textfile.service"; do
	name=${unit##*/}
	if [ ! -e "$unit" ] || ! systemd-analyze security --offline=yes "$unit" > "$tmp/said" 2>&1; then
		skip "$name: not built, or no systemd-analyze that looks at files"
		continue
	fi
	exposed=$(sed -n 's/.*exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p' "$tmp/said")
	[ -n "$exposed" ] && [ "$exposed" -le "$limit" ]
	ok $? "$name is exposed by ${exposed:-?} tenths, of $limit at most"
done

version=$("$mmlens" --version | sed -n '1s/^mmlens \([0-9.]*\).*/\1/p')
is "$(sed -n '1s/^mmlens //p' "$srcdir/NEWS") $(sed -n '1s/.*(\(.*\)).*/\1/p' "$srcdir/debian/changelog") $(
	sed -n 's/^Version: *//p' "$srcdir/contrib/rpm/mmlens.spec")" "$version $version $version" \
	'NEWS and the packages are of this version'

mkdir "$tmp/bin"
ln -s "$mmlens" "$tmp/bin/mmlens"
PATH=$tmp/bin:$PATH
sh "$srcdir/contrib/textfile/mmlens-textfile" "$tmp/out.prom" --root "$srcdir/tests/tui/trees/first"
is "$? $(ls "$tmp" | grep -c 'out.prom')" '0 1' 'the textfile is written, and nothing beside it'
is "$(grep -cvE '^(# (HELP|TYPE) mmlens_[a-z_]+ .+|mmlens_[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} -?[0-9.]+)$' "$tmp/out.prom")" 0 \
	'each of its lines is a metric or says what one is'
is "$(awk '/^mmlens_memory_bytes/ { sum += $2 } END { printf "%.0f", sum }' "$tmp/out.prom")" \
	"$("$mmlens" --root "$srcdir/tests/tui/trees/first" meminfo -f 'name = MemTotal' -o bytes -r -n)" 'its memory is MemTotal'
sh "$srcdir/contrib/textfile/mmlens-textfile" "$tmp/none/out.prom" 2> "$tmp/err"
[ $? != 0 ]
ok $? 'what cannot be written is an error'

if command -v python3 > /dev/null; then
	mkdir -p "$tmp/sos/report/plugins"
	touch "$tmp/sos/__init__.py" "$tmp/sos/report/__init__.py"
	cat > "$tmp/sos/report/plugins/__init__.py" <<-'END'
		class IndependentPlugin: pass
		class Plugin:
		    def add_cmd_output(self, commands):
		        print('\n'.join(commands))
	END
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$tmp:$srcdir/contrib/sos python3 -c 'import mmlens; mmlens.Mmlens().setup()' > "$tmp/commands"
	ok $? 'the plugin of sos is loaded'
	wrong=
	while read -r line; do
		case $line in
		*' oom'*) continue ;; # 1 where the log has nothing to explain
		esac
		# shellcheck disable=SC2086 # words
		$(echo "$line" | sed 's/-d 5/-d 0.1/') > /dev/null 2>&1 || [ $? = 1 ] || wrong="$wrong $line;"
	done < "$tmp/commands"
	is "$wrong" '' 'and its commands are right'
else
	skip 'no python3'
	skip 'no python3'
fi
done_testing
