# Readers of /proc/zoneinfo and /proc/buddyinfo. SPDX-License-Identifier: GPL-2.0-or-later
import re
from fractions import Fraction

from files import minus, times

KEYS = {"zones": ("node", "zone"), "buddy": ("node", "zone", "order")}

# Lines of a zone that are a word and a number of pages. `high:` of a CPU's pageset has a colon.
_MARKS = ("boost", "min", "low", "high", "promo")
_FIELDS = _MARKS + ("spanned", "present", "managed", "cma")
_STATES = ("below-min", "below-low", "above-low", "above-high")


def _sections(text):
    """(node, zone, lines) of zoneinfo, without the node's own counters."""
    parts = re.split(r"^Node +(\d+), zone +(\S+)\n", text, flags=re.M)[1:]
    for node, zone, body in zip(parts[::3], parts[1::3], parts[2::3]):
        at = body.find("  pages free")
        yield int(node), zone, body[max(at, 0):].splitlines()


def _high_atomic(text):
    """{(node, zone): free pages of type HighAtomic} in pagetypeinfo."""
    rows = re.findall(r"^Node +(\d+), zone +(\S+), type +HighAtomic +([\d ]+)$", text or "", re.M)
    return {(int(node), zone): sum(int(n) << order for order, n in enumerate(counts.split()))
            for node, zone, counts in rows}


def _has_high_atomic(root):
    """Whether the kernel has that type: 4.4."""
    version = re.match(r"(\d+)\.(\d+)", root.text("/proc/sys/kernel/osrelease") or
                       (root.text("/proc/version") or "").replace("Linux version ", ""))
    return not version or (int(version.group(1)), int(version.group(2))) >= (4, 4)


def _zone(lines):
    """In pages."""
    row = dict.fromkeys(_FIELDS + ("free", "pcp", "protection", "start_pfn", "free_cma",
                                   "highatomic", "unreclaimable"))
    for line in lines:
        word = line.split()
        if word[:2] == ["pages", "free"]:
            row["free"] = int(word[2])
        elif len(word) == 2 and word[0] in _FIELDS:
            row[word[0]] = int(word[1])
        elif word[0] == "protection:":
            row["protection"] = line[line.index("(") + 1:line.index(")")]
        elif word[0] == "nr_free_cma":
            row["free_cma"] = int(word[1])
        elif word[0] == "count:":
            row["pcp"] = (row["pcp"] or 0) + int(word[1])
        elif word[0] == "start_pfn:":
            row["start_pfn"] = int(word[1])
        elif word[0] == "free_highatomic:":
            row["highatomic"] = int(word[1])
        elif word[0] == "node_unreclaimable:":
            row["unreclaimable"] = word[1] != "0"
    return row


def _of_none(row):
    """Whether the zone has no pages: then the kernel's marks for it mean nothing."""
    managed = row["present"] if row["managed"] is None else row["managed"]  # before 3.6
    return not managed


def _rank(row, kept):
    """Which of _STATES the zone is in for who may not have KEPT pages of it: __zone_watermark_ok()
    wants more than the mark and what is kept."""
    return sum(row["usable"] - kept > row[mark] for mark in ("min", "low", "high"))


def _judge(row, node):
    """ROW's columns that depend on the other zones of its NODE, which come lowest first."""
    row["state"] = row["class_state"] = row["class_headroom"] = None
    if _of_none(row) or None in (row["min"], row["low"], row["high"]):
        return
    row["state"] = _STATES[_rank(row, 0)]
    at = node.index(row)
    kept = [(lower, int(lower["protection"].split(",")[at]) if lower is not row else 0)
            for lower in node[:at + 1] if not _of_none(lower)]
    row["class_state"] = _STATES[max(_rank(lower, pages) for lower, pages in kept)]
    rooms = [lower["usable"] - lower["low"] - pages for lower, pages in kept]
    row["class_headroom"] = sum(r for r in rooms if r > 0) if max(rooms) > 0 else max(rooms)


def _finish(row, page):
    empty = _of_none(row)
    row["usable"] = None if empty else row["free"] - (row["free_cma"] or 0) - (row["highatomic"] or 0)
    if empty:
        row.update(dict.fromkeys(_MARKS + ("highatomic",)))
    row["headroom"] = minus(row["usable"], row["low"])


def zones(root, page):
    """All zones; sizes in bytes at the end."""
    ret = {}
    reserve = _has_high_atomic(root)
    atomic = _high_atomic(root.text("/proc/pagetypeinfo"))
    for node, zone, lines in _sections(root.text("/proc/zoneinfo") or ""):
        row = _zone(lines)
        row.update(node=node, zone=zone)
        if row["highatomic"] is None:
            row["highatomic"] = atomic.get((node, zone)) if reserve else 0
        _finish(row, page)
        ret[(node, zone)] = row
    for row in ret.values():
        _judge(row, [r for r in ret.values() if r["node"] == row["node"]])
    for row in ret.values():
        for column in _FIELDS + ("free", "pcp", "free_cma", "highatomic", "usable", "headroom",
                                 "class_headroom"):
            row[column] = times(row[column], page)
    return ret


CLASS_KEY = ("node", "zone", "request", "priority")
_NAMES = ("DMA", "DMA32", "Normal", "HighMem", "Movable")
_REQUESTS = {"kernel": "Normal", "highmem": "HighMem", "movable": "Movable"}
# The flags that mm/page_alloc.c makes of a request.
_FLAGS = {"normal": set(), "high": {"HIGH"}, "atomic": {"HIGH", "HARDER"}, "oom": {"OOM"},
          "memalloc": {"NO_WATERMARKS"}}


def _reserved(text):
    """{(node, zone): pages in pageblocks of type HighAtomic} in pagetypeinfo."""
    block = re.search(r"^Pages per block: +(\d+)$", text or "", re.M)
    head = re.search(r"^Number of blocks type +(.*)$", text or "", re.M)
    if not block or not head or "HighAtomic" not in head.group(1).split():
        return {}
    at = head.group(1).split().index("HighAtomic")
    rows = re.findall(r"^Node (\d+), zone +(\S+) +([\d ]+)$", text[head.end():], re.M)
    return {(int(node), zone): int(counts.split()[at]) * int(block.group(1))
            for node, zone, counts in rows if len(counts.split()) > at}


def _withheld(row, preferred, node, names):
    """Entry of lowmem_reserve for who prefers that zone. Old kernels list only zones with pages."""
    entries = [int(n) for n in row["protection"].split(",")]
    at = node.index(preferred)
    if len(entries) != len(node):
        at = sum(name in names for name in _NAMES[:_NAMES.index(preferred["zone"])])
    return entries[at]


def _room(row, request, priority, withheld, kernel):
    """What is left of the zone ROW, by __zone_watermark_ok() and rmqueue() of that KERNEL, for order 0."""
    flags = set(_FLAGS[priority])
    if "OOM" in flags and kernel < (4, 14):
        flags = {"NO_WATERMARKS"}
    cma = row["free_cma"] or 0
    if request == "movable" and not ("OOM" in flags and kernel < (5, 9)):
        cma = 0
    free_reserve = row["highatomic"] or 0
    mark = row["min"]
    if kernel >= ((6, 3) if "HARDER" not in flags else (5, 9)) and "HIGH" in flags:
        mark -= row["boost"] or 0
    if "HIGH" in flags:
        mark -= mark // 2
    if "HARDER" in flags:
        mark -= mark // 4
    if "OOM" in flags:
        mark -= mark // 2
    opens = {"HARDER", "OOM"} | ({"HIGH"} if kernel >= (6, 3) else set())
    unusable = cma + (0 if flags & opens else
                      free_reserve if kernel >= (6, 13) else row["reserved"] or free_reserve)
    if "NO_WATERMARKS" in flags:
        mark, withheld, unusable = 0, 0, cma + free_reserve
    takes = ("HARDER" in flags and kernel >= (6, 13)) or ("OOM" in flags and kernel >= (6, 3))
    served = max(row["free"] - cma - (0 if takes else free_reserve), 0)
    return {"mark": mark, "withheld": withheld, "unusable": unusable,
            "left": min(row["free"] - unusable - mark - withheld, served)}


def _in_pages(root):
    """The zones by node, in pages."""
    ret = {}
    text = root.text("/proc/pagetypeinfo")
    atomic, reserved = _high_atomic(text), _reserved(text)
    for node, zone, lines in _sections(root.text("/proc/zoneinfo") or ""):
        row = _zone(lines)
        row.update(node=node, zone=zone)
        if row["highatomic"] is None:
            row["highatomic"] = atomic.get((node, zone))
        row["reserved"] = reserved.get((node, zone))
        ret.setdefault(node, []).append(row)
    return ret


def classes(root, page, kernel):
    """zones --by class, of which no zone is that has no pages; KERNEL: (major, minor)."""
    ret = {}
    nodes = _in_pages(root)
    names = {row["zone"] for node in nodes.values() for row in node}
    for node in nodes.values():
        for row in node:
            if _of_none(row) or row["zone"] not in _NAMES or None in (row["min"], row["low"], row["high"]):
                continue
            for request, highest in _REQUESTS.items():
                allowed = _NAMES[:_NAMES.index(highest) + 1]
                if row["zone"] not in allowed or (request == "highmem" and "HighMem" not in names):
                    continue
                preferred = [z for z in node if z["zone"] in allowed][-1]
                for priority in _FLAGS:
                    room = _room(row, request, priority, _withheld(row, preferred, node, names), kernel)
                    room = {column: times(pages, page) for column, pages in room.items()}
                    ret[(row["node"], row["zone"], request, priority)] = room
    return ret


def _unusable(counts, order):
    """extfrag/unusable_index, in thousandths: ABI of debugfs, integer division."""
    free = sum(n << o for o, n in enumerate(counts))
    fit = sum(n << o for o, n in enumerate(counts) if o >= order)
    return (free - fit) * 1000 // free if free else 1000


def _fragmentation(counts, order):
    """extfrag/extfrag_index, in thousandths."""
    free = sum(n << o for o, n in enumerate(counts))
    blocks = sum(counts)
    if not blocks:
        return 0
    if any(counts[order:]):
        return -1000
    return 1000 - (1000 + free * 1000 // (1 << order)) // blocks


def buddy(root, page):
    text = root.text("/proc/buddyinfo")
    ret = {}
    for node, zone, numbers in re.findall(r"^Node +(\d+), zone +(\S+) +([\d ]+)$", text or "", re.M):
        counts = [int(n) for n in numbers.split()]
        for order, n in enumerate(counts):
            size = times(1 << order, page)
            ret[(int(node), zone, order)] = {
                "node": int(node), "zone": zone, "order": order,
                "block_size": size, "free_blocks": n, "free": times(n, size),
                "usable": times(sum(c << o for o, c in enumerate(counts) if o >= order), page),
                "unusable_index": Fraction(_unusable(counts, order), 1000),
                "fragmentation_index": Fraction(_fragmentation(counts, order), 1000),
            }
    return ret
