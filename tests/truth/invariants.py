# What must hold in every tree, or be said not to. SPDX-License-Identifier: GPL-2.0-or-later
import re

import files
import ours
import tap

# A zone's free pages were lowered by hand.
ZONES_EDITED = ("47-3.2-cachefull", "49-3.13-normal-low")


def _kib(root):
    """/proc/meminfo; of a line that is there twice, the first counts."""
    ret = {}
    for name, n in re.findall(r"^(\S+):\s*(\d+)", root.text("/proc/meminfo") or "", re.M):
        ret.setdefault(name, int(n) << 10)
    return ret


def _free_in_zones(root, page):
    found = re.findall(r"^  pages free +(\d+)$", root.text("/proc/zoneinfo") or "", re.M)
    return sum(int(n) for n in found) * page if found else None


def balance(name, path):
    """The rows add up to MemTotal, and a remainder that is out of bounds is spoken of: it is negative
    by what percpu has outside of MemTotal at most, 1 MiB for each CPU, and positive by an eighth."""
    root = files.Root(path)
    total = _kib(root).get("MemTotal")
    doc = ours.run("--root", path, "balance")
    rows = {row["item"]: row["bytes"] for row in doc["tables"]["balance"]}
    if not total or not rows:
        return
    tap.ok(sum(rows.values()) == total, "%s: the balance adds up" % name)
    cpus = len(re.findall(r"^    cpu: ", root.text("/proc/zoneinfo") or "", re.M)) or 64
    bounded = -(cpus << 20) <= rows["unaccounted"] <= total // 8
    tap.ok(bounded or "balance" in doc["notes"],
           "%s: a remainder of %.1f%% is %s" % (name, 100 * rows["unaccounted"] / total,
                                              "within bounds" if bounded else "spoken of"))
    free, page = _kib(root).get("MemFree"), doc["host"]["page_size"]
    zones = _free_in_zones(root, page) if page else None
    if free is not None and zones is not None and name not in ZONES_EDITED:
        # Files of a tree may have been read minutes apart.
        near = abs(free - zones) <= min(free, zones) + (1 << 20)
        tap.ok(near or re.search("MemFree|MemTotal is", doc["notes"].get("balance", "")),
               "%s: MemFree is %s" % (name, "what the zones have" if near else
                                      "said not to be this machine's"))


def page_size(name, path):
    """The page size is that of the mappings of small pages."""
    root = files.Root(path)
    sizes = set()
    for pid in root.names("/proc"):
        text = root.text("/proc/%s/smaps" % pid) if pid.isdigit() else None
        for size in re.findall(r"^KernelPageSize: +(\d+) kB$", text or "", re.M):
            sizes.add(int(size) << 10)
    if sizes:
        tap.ok(ours.run("--root", path, "meminfo")["host"]["page_size"] == min(sizes),
               "%s: the page size is that of smaps" % name)


def check(name, path):
    balance(name, path)
    page_size(name, path)
