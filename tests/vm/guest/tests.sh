# SPDX-License-Identifier: GPL-2.0-or-later
# Run every test of /t in the order of their names, as one TAP stream.
. /lib.sh
for file in /t/*.sh; do
	# A file that fails to parse would end the shell in the middle of the stream.
	if sh -n "$file"; then
		. "$file"
	else
		ok "$file parses" false
	fi
done
done_testing
