# Test results in TAP for shell scripts; sourced. SPDX-License-Identifier: GPL-2.0-or-later
# Under make check top_srcdir and top_builddir are set; by hand the tree is the one this lies in.
srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${top_builddir:-$srcdir}
mmlens=$builddir/mmlens
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mmlens-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR
tests=0
failed=0

# among_groups: control groups come and go while the caller runs, or must not: no other test that says so runs
# meanwhile
among_groups() {
	[ ! -d "$builddir/tests" ] || ! command -v flock >/dev/null || { exec 6<"$builddir/tests" && flock 6; }
}

# ok STATUS DESCRIPTION: what the last command said
ok() {
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		failed=$((failed + 1))
	fi
}

# is GOT EXPECTED DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '%s\n' "$1" | head -n 20 | sed 's/^/#      got: /'
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# expected: /'
	fi
}

# like TEXT REGEX DESCRIPTION
like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '%s\n' "$1" | head -n 20 | sed 's/^/#      got: /'
		echo "# expected: something like $2"
	fi
}

# The machine goes on while a test looks at it: the kernel moves pages, takes some back, marks others.
# soon EXPECTED DESCRIPTION COMMAND...: what it prints, if not at once then when the kernel is done
soon() {
	expected=$1 what=$2 times=0
	shift 2
	got=$("$@" 2>&1)
	while [ "$got" != "$expected" ] && [ "$times" -lt 20 ]; do
		times=$((times + 1))
		sleep 0.2
		got=$("$@" 2>&1)
	done
	is "$got" "$expected" "$what"
}

# agree DESCRIPTION ONE OTHER: commands without arguments that print the same; ONE says what it says
# behind OTHER as well, or neither counts
agree() {
	times=0
	while :; do
		before=$("$2" 2>&1)
		other=$("$3" 2>&1)
		times=$((times + 1))
		[ "$before" != "$("$2" 2>&1)" ] && [ "$times" -lt 20 ] || break
		sleep 0.2
	done
	is "$before" "$other" "$1"
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests # SKIP $1"
}

done_testing() {
	echo "1..$tests"
	[ "$failed" = 0 ]
}
