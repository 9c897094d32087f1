# SPDX-License-Identifier: GPL-2.0-or-later
# Run the tests in /tree/list, as one TAP stream; "guest" stands for those of /t in the order of their
# names, which build on each other.
. /lib.sh
for test in $(cat /tree/list); do
	if [ "$test" != guest ]; then
		run_test "$test"
		continue
	fi
	for file in /t/*.sh; do
		# A file that fails to parse would end the shell in the middle of the stream.
		if sh -n "$file"; then
			. "$file"
		else
			ok "$file parses" false
		fi
	done
done
done_testing
