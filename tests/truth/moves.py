# What was allocated, and which row of `balance` must move by it: within a twentieth, and no other.
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import os
import re
import time

import allocators as take
import files
import ours
import settings
import tap
from settings import Cannot

LIVE = files.Root()
# In a machine of its own nobody else moves anything, and memory is scarce.
ALONE = settings.machine
LEAST, ENOUGH, MOST = (2, 5, 7) if ALONE else (5, 9, 15)  # times that something is allocated
LESS = 4 if ALONE else 1
MIB = 1 << 20
PART = 20             # a row may be off by this part of what was allocated
FREE = ("free", "pcp")


def of_others():
    """Anonymous memory of all other processes, by their own counters: it comes and goes."""
    total = 0
    for pid in LIVE.names("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            status = LIVE.text("/proc/%s/status" % pid) or ""
            total += sum(int(n) << 10 for n in re.findall(r"^RssAnon:\s+(\d+) kB$", status, re.M))
    return total


def rows():
    """The balance, without what others have in `anon`."""
    ret = {row["item"]: row["bytes"] for row in ours.run("balance")["tables"]["balance"]}
    ret["anon"] -= of_others()
    return ret


def members(group):
    return group if isinstance(group, tuple) else (group,)


def settled(before, expected, size):
    """The rows once what was allocated is free again, which the kernel may do in its own time, or
    when others have taken as much meanwhile. A stack is no stack any more when its thread has ended, but
    lies in vmalloc until the kernel frees it."""
    for _ in range(200):
        now = rows()
        if all(sum(now.get(row, 0) - before.get(row, 0) for row in members(group)) < size // PART
               for group in [*expected, "vmalloc"]):
            break
        time.sleep(0.05)
    return now


def middle(values):
    """Between which the median lies almost certainly, whatever else the machine did."""
    values = sorted(values)
    cut = (len(values) - 4) // 4
    return values[cut], values[-1 - cut]


def inside(bounds, wanted, slack):
    """True, False, or None: not known yet."""
    if wanted - slack <= bounds[0] and bounds[1] <= wanted + slack:
        return True
    return False if bounds[1] < wanted - slack or bounds[0] > wanted + slack else None


def judge(deltas, expected, besides, size):
    """{row: (verdict, bounds, wanted)}. Rows in BESIDES may grow: what comes along with it."""
    ret = {}
    together = {row for group in expected for row in members(group)}
    wanted = dict(expected)
    for row in deltas[0]:
        if row not in together and row not in FREE:
            wanted[row] = 0
    for group, bytes_ in wanted.items():
        bounds = middle([sum(delta.get(row, 0) for row in members(group)) for delta in deltas])
        if group in besides:
            bounds = min(bounds[0], 0), min(bounds[1], 0)
        ret[group] = inside(bounds, bytes_, size // PART), bounds, bytes_
    return ret


def measure(make, size, besides):
    """The verdicts on what is allocated again and again, until they are certain. On a busy machine
    those on rows that others move, too, may never be."""
    deltas = []
    before = rows()
    while True:
        with make() as expected:
            held = rows()
        after = settled(before, expected, size)
        deltas.append({row: held[row] - (before[row] + after[row]) / 2
                       for row in held if row in before and row in after})
        before = after
        if len(deltas) < LEAST:
            continue
        found = judge(deltas, expected, besides, size)
        sure = all(found[row][0] for row in expected)
        if all(verdict for verdict, _, _ in found.values()) or len(deltas) == MOST or \
                len(deltas) >= ENOUGH and (sure or False in [v for v, _, _ in found.values()]):
            return found


def case(name, make, mib, besides=()):
    """MAKE(size) allocates so much, and is a context."""
    size = mib * MIB // LESS
    what = "%s: %d MiB" % (name, size // MIB)
    try:
        found = measure(lambda: make(size), size, besides)
    except Cannot as why:
        tap.skip(what, why)
        return
    wrong = [row for row, (verdict, _, _) in found.items() if verdict is False]
    unsure = [row for row, (verdict, _, wanted) in found.items() if verdict is None and wanted]
    if unsure and not wrong:
        tap.skip(what, "the machine never kept still")
    else:
        tap.ok(not wrong, what)
    for row, (verdict, bounds, wanted) in found.items():
        if not verdict:
            tap.note("%s moved by %.1f to %.1f MiB, and should by %.1f%s" % (
                row, bounds[0] / MIB, bounds[1] / MIB, wanted / MIB,
                "" if row in wrong else ": not certain"))


# Name, allocator, MiB, and the rows that may grow beside: with each thread comes a task and a stack,
# with per-CPU memory who it is charged to, and a part of what sockets count lies in slab objects.
PLAIN = (
    ("anonymous memory", take.anonymous, 512, ()),
    ("mlock", take.locked, 512, ()),
    ("shared anonymous memory", take.shared, 512, ()),
    ("memfd", take.memfd, 512, ()),
    ("tmpfs", take.tmpfs, 512, ()),
    ("memfd_secret", take.secret, 64, ()),
    ("hugetlb", take.hugetlb, 512, ()),
    ("page tables", take.page_tables, 256, ()),
    ("threads", take.threads, 64, ("anon", "slab_unreclaimable", "page_tables")),
    ("names that do not exist", take.dentries, 256, ()),
    ("pipes", take.pipes, 512, ()),
    ("packet ring", take.packet_ring, 512, ()),
    ("TCP sockets", take.tcp, 512, ("slab_unreclaimable",)),
    ("UDP sockets", take.udp, 256, ("slab_unreclaimable",)),
    ("UNIX sockets", take.unix, 256, ()),
    ("zram", take.zram, 256, ()),
    ("BPF arena", take.arena, 256, ()),
    ("BPF maps: lpm_trie", take.lpm_tries, 128, ()),
)


def cached():
    for name, make, filled in (("file cache", take.file_clean, True),
                               ("dirty file pages", take.file_dirty, False)):
        try:
            file = take.File(256 * MIB // LESS)
        except Cannot as why:
            tap.skip(name, why)
            continue
        if filled:
            file.fill()
            file.forget()
        case(name, lambda size: make(file), 256)
        file.close()


def swap():
    size = 256 * MIB // LESS
    try:
        with settings.swap(2 * size), take.mapped(size, populate=False) as area:
            # Half of each MiB compresses to nothing.
            for at in range(0, size, MIB):
                area[at:at + MIB] = os.urandom(MIB // 2) + bytes(MIB // 2)
            case("swap to zram", lambda size: take.swapped(area), 256)
    except Cannot as why:
        tap.skip("swap to zram", why)


def main():
    if not settings.FULL:
        tap.skip("allocations", "not without make check-truth")
        return
    for name, allocator, mib, besides in PLAIN:
        with take.full_of_dentries() if allocator is take.dentries else contextlib.nullcontext():
            case(name, allocator, mib, besides)
    for kind, row in take.BPF_ROWS.items():
        # One chunk of per-CPU memory, of some MiB, may lie idle from before.
        mib, besides = (512, ("vmalloc",)) if row == "percpu" else (256, ())
        case("BPF map: " + kind, lambda size: take.bpf(kind, row, size), mib, besides)
    cached()
    swap()


if __name__ == "__main__":
    tap.run(main)
