# SPDX-License-Identifier: GPL-2.0-or-later
# Which node pages are on: by their frames, and for a user to whom frames are hidden by asking the
# kernel (libnuma's numa_move_pages).

# range SHAPE: its addresses as --range takes them
range()
{
	awk -v shape="$1" '$1 == shape { print $2 "-" $3; exit }' /tmp/hold
}

# pages_on NODE FILE: pages present on NODE, of rows "pages node"
pages_on()
{
	awk -v node="$1" '$2 == node { sum += $1 } END { print sum + 0 }' "$2"
}

mmlens pages -p "$hold" --range "$(range bind)" -r -n -o pages,node >/tmp/pages
is "pages: all of bind on node 1" "$(pages_on 1 /tmp/pages) $(pages_on 0 /tmp/pages)" "2048 0"
mmlens pages -p "$hold" --range "$(range interleave)" -r -n -o pages,node >/tmp/pages
is "pages: half of interleave on each node" "$(pages_on 1 /tmp/pages) $(pages_on 0 /tmp/pages)" \
	"2048 2048"
is "pages: in interleave neighbours differ" "$(awk '{ print $1 }' /tmp/pages | sort -u)" 1

# Of shared memory in swap no page table tells, and cachestat() is newer than some of these kernels.
is "pages: shared memory in swap" "$(mmlens pages -p "$hold" --range "$(range swapshm)" -r -n \
	-o pages,state,swapped,present)" "512 swapped yes no"
is "pages: and what is not there yet" "$(mmlens pages -p "$hold" --range "$(range half)" -r -n \
	-o pages,state -f 'present = no')" "1024 absent"

# The same as nobody, of a process of nobody's. /tmp/hold goes on to be about the first helper.
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
cp /tmp/hold /tmp/hold.root
: >/tmp/hold # the first one's `ready` is not this one's
su nobody -c 'exec hold bind:4:1 interleave:4:0,1' >>/tmp/hold &
other=$!
wait_for 120 grep -q '^ready$' /tmp/hold
other=$(pidof hold | tr ' ' '\n' | grep -vx "$hold" | head -n 1)
for shape in bind interleave; do
	su nobody -c "mmlens pages -p $other --range $(range $shape) -r -n -o pages,node,pfn" \
		>/tmp/pages.$shape 2>/tmp/pages.err
	sed 's/^/# /' /tmp/pages.err
done
is "pages: nobody sees no frames" "$(awk '{ print $3 }' /tmp/pages.bind | sort -u)" -
is "pages: nobody's on node 1" "$(pages_on 1 /tmp/pages.bind) $(pages_on 0 /tmp/pages.bind)" "1024 0"
is "pages: nobody's on both" \
	"$(pages_on 1 /tmp/pages.interleave) $(pages_on 0 /tmp/pages.interleave)" "512 512"
kill "$other"
mv /tmp/hold.root /tmp/hold
