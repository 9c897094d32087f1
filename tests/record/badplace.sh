# Where a recorder cannot write, and what it does then. Sourced by badinput.sh. SPDX-License-Identifier: GPL-2.0-or-later

# A machine of a kind of its own, unless nothing can be preloaded here, as in a build with sanitizers.
warped() {
	env LD_PRELOAD="$warp" "$@"
}
can_warp() {
	[ -e "$warp" ] && ! grep -q fsanitize "$builddir/config.status" && [ -n "$(warped "$mmlens" --version 2>/dev/null)" ]
}
# lines_of RECORDING: the numbers that psi's samples have, and whether each is right
lines_of() {
	"$mmlens" --replay "$1" -c 0 psi -n -r -f 'resource = memory' -o total 2>/dev/null | awk '
		NF { n = int($1 * 1e6 + 0.5) } NF && ++i % 2 { some = n; next } NF { printf "%s%d", sep, some; sep = " "; if (n != 7 * some) printf "?" }'
}

if can_warp; then
	# The disk is full, the quota used up, or it fails, at each of the writes in turn.
	for error in ENOSPC EDQUOT EIO; do
		wrong=
		for from in 1 2 3 4 5; do
			# The second one fails for good: half of the first was written.
			for last in $((from + 1)) 9; do
				rm -rf "$tmp/disk" "$tmp/numbers"
				MMLENS_WARP_SPEED=20 MMLENS_WARP_NUMBERS=$tmp/numbers MMLENS_WARP_WRITES="$error $from $last" \
					warped timeout 60 "$mmlens" record "$tmp/disk" -d 0.1 -c 12 psi >"$tmp/out" 2>&1
				status=$?
				said=$(grep -c 'a sample is lost: ' "$tmp/out")
				again=$(grep -c 'recording again; [0-9]* samples* w' "$tmp/out")
				numbers=$(lines_of "$tmp/disk")
				# Some are lost, none is wrong, and the last ones are there.
				case "$status $said $again $numbers" in
				"0 1 1 "*" 10 11 12") ;;
				*) wrong="$wrong $from-$last: status $status, $said, $again, $numbers;" ;;
				esac
				case $numbers in *\?*) wrong="$wrong $from-$last: $numbers;" ;; esac
			done
		done
		is "$wrong" "" "$error at each write: samples are lost and said to be, and it goes on"
	done
	like "$("$mmlens" --replay "$tmp/disk" -c 0 psi -n 2>&1 >/dev/null)" \
		"^mmlens: before .*: [0-9]+ samples? could not be written: Input/output error" "a replay tells of what could not be written"
	# One file cannot be begun anew.
	MMLENS_WARP_SPEED=20 MMLENS_WARP_NUMBERS=$tmp/numbers2 MMLENS_WARP_WRITES="EIO 3 4" \
		warped timeout 60 "$mmlens" record "$tmp/one.mml" -d 0.1 -c 12 psi >"$tmp/out" 2>&1
	like "$?: $(cat "$tmp/out")" "^1: mmlens: $tmp/one.mml: a sample is lost: Input/output error\$" "a file that failed is the end of it"
	is "$(lines_of "$tmp/one.mml")" "1 2" "and what was written is there"

	# The clocks of a machine that records.
	echo 0 0 0 >"$tmp/clocks"
	MMLENS_WARP_CLOCKS=$tmp/clocks LD_PRELOAD=$warp "$mmlens" record "$tmp/clocked" -d 0.1 psi >"$tmp/out" 2>&1 &
	recorder=$!
	count() {
		"$mmlens" recordings "$tmp/clocked" -r -n -o samples 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
	}
	# more: until two samples are there that are not there yet
	more() {
		until=$(($(count) + 2)) i=0
		while [ "$(count)" -lt "$until" ] && [ $((i += 1)) -lt 300 ]; do
			sleep 0.1
		done
	}
	more
	for step in "-3600 0 0" "7200 0 0" "14700 7500 0"; do
		echo "$step" >"$tmp/clocks.new"
		mv "$tmp/clocks.new" "$tmp/clocks"
		more
	done
	kill -TERM "$recorder"
	wait "$recorder"
	is "$?: $(cat "$tmp/out")" "0: " "a recorder whose clocks are set goes on"
	is "$("$mmlens" --replay "$tmp/clocked" -c 0 psi -n 2>&1 >/dev/null | sed 's/.*+0000: //' | grep -v missed)" \
		"the clock was set back by 1h00m
the clock was set forward by 3h00m
the machine was suspended for 2h05m" "and says what they did"
else
	skip "nothing can be preloaded here"
fi

# A disk that is really full, as only root can make one.
mkdir "$tmp/small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=256k none "$tmp/small" 2>/dev/null; then
	dd if=/dev/zero of="$tmp/small/ballast" bs=4k count=56 2>/dev/null
	timeout 60 "$mmlens" record "$tmp/small/r" -d 0.1 -c 6 --keep-size 0 --keep-free 0 --keep-age 0 >"$tmp/out" 2>&1
	like "$?: $(cat "$tmp/out")" "^1: mmlens: .*: a sample is lost: (no room|No space left on device)" "a full disk is said"
	umount "$tmp/small"
else
	skip "no small disk can be mounted here"
fi

# Directories that are not ours, or cannot be written to.
mkdir -m 0777 "$tmp/open"
refused "where others may write" "$tmp/open: others may write to it" record "$tmp/open" -c 1 psi
refused "the place of a file" "$tmp/foreign: Not a directory" record "$tmp/foreign" -c 1 psi
refused "where there is no place" "$tmp/no/where: No such file or directory" record "$tmp/no/where" -c 1 psi
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	# This user can reach the program only where all may.
	mkdir -m 0755 "$tmp/theirs"
	chown 65534:65534 "$tmp/theirs"
	refused "another user's directory" "$tmp/theirs: it belongs to another user" record "$tmp/theirs" -c 1 psi
else
	skip "takes root"
fi
mkdir "$tmp/ro"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o ro,mode=0700 none "$tmp/ro" 2>/dev/null; then
	refused "a directory that is read-only" "$tmp/ro: .*Read-only file system" record "$tmp/ro" -c 1 psi
	umount "$tmp/ro"
elif [ "$(id -u)" != 0 ]; then
	chmod 0555 "$tmp/ro"
	refused "a directory that is read-only" "$tmp/ro: .*Permission denied" record "$tmp/ro" -c 1 psi
else
	skip "nothing can be mounted here"
fi
