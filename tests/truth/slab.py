# Reader of /proc/slabinfo and /sys/kernel/slab. SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
from fractions import Fraction

from files import as_json, minus, times
from nodes import numbers_of

KEY = ("cache",)
_SYSFS = "/sys/kernel/slab"


def _aliases(root):
    """{name: other names of the same cache}. Merged caches are links to one folder, whose name
    begins with a colon."""
    groups = {}
    for name in root.names(_SYSFS):
        link = root.link("%s/%s" % (_SYSFS, name))
        if link is not None:
            groups.setdefault(os.path.basename(link), []).append(name)
    return {name: sorted(n for n in group if n != name) for group in groups.values() for name in group}


def _sysfs(root, name, file):
    return root.text("%s/%s/%s" % (_SYSFS, name, file))


def _per_node(text):
    """`slabs`: TOTAL N0=.. N1=..; a cache without slabs has no node."""
    return None if text is None else " ".join(re.findall(r"N\d+=\d+", text))


def _row(line, page):
    head, _, rest = line.partition(" : tunables")
    word = head.rsplit(None, 5)
    active, total, size, per_slab, pages = (int(w) for w in word[1:])
    active_slabs, slabs = (int(w) for w in re.search(r": slabdata +(\d+) +(\d+)", rest).groups())
    limit, batch, shared = (int(w) for w in rest.split()[:3])
    tunable = limit or batch
    row = {
        "cache": as_json(word[0]), "active_objs": active, "total_objs": total, "obj_size": size,
        "objs_per_slab": per_slab, "pages_per_slab": pages, "slabs": slabs,
        "size": times(slabs * pages, page), "used": active * size,
    }
    left = minus(times(pages, page), per_slab * size)
    row.update({
        "active_slabs": active_slabs, "left_over": left if left is not None and left >= 0 else None,
        "order": pages.bit_length() - 1 if pages and not pages & (pages - 1) else None,
        "limit": limit if tunable else None, "batch": batch if tunable else None,
        "shared": shared if tunable else None,
    })
    waste = minus(row["size"], row["used"])
    row["waste"] = waste if waste is not None and waste >= 0 else None
    row["utilization"] = Fraction(row["used"] * 100, row["size"]) if row["size"] else None
    row["object_use"] = Fraction(active * 100, total) if active <= total and total else None
    return word[0], row


def slabinfo(root, page):
    ret = {}
    for line in (root.text("/proc/slabinfo") or "").splitlines()[2:]:
        name, row = _row(line, page)
        ret[(row["cache"],)] = row
    return ret


def _ready(root, name, per_slab):
    """How many objects CPUs and nodes may hold ready: in slabs of the CPUs, or since 6.18 in sheaves, two
    of each CPU and ten of each node (mm/slub.c)."""
    own = _sysfs(root, name, "cpu_slabs")
    sheaf = root.number("%s/%s/sheaf_capacity" % (_SYSFS, name)) or 0
    cpus = root.text("/sys/devices/system/cpu/online")
    nodes = [n for n in root.names("/sys/devices/system/node") if re.fullmatch(r"node\d+", n)]
    if own is None or (sheaf and cpus is None):
        return None
    return int(own.split()[0]) * per_slab + \
        (sheaf * (2 * len(numbers_of(cpus)) + 10 * max(1, len(nodes))) if sheaf else 0)


def _idle(root, name, row):
    ready = _ready(root, name, row["objs_per_slab"])
    if ready is None:
        return {"idle_objs": None, "least_utilization": None}
    ready = min(ready, row["active_objs"])
    used = (row["active_objs"] - ready) * row["obj_size"]
    return {"idle_objs": ready,
            "least_utilization": Fraction(used * 100, row["size"]) if row["size"] else None}


def _first(root, name, file):
    text = _sysfs(root, name, file)
    return int(text.split()[0]) if text and text.split() else None


def _debug(root, name):
    flags = ["sanity_checks", "red_zone", "poison", "store_user", "trace"]
    values = {flag: _first(root, name, flag) for flag in flags}
    if all(v is None for v in values.values()):
        return None
    return " ".join(flag for flag in flags if values[flag]) or "none"


def sysfs(root, page):
    """The columns that are not in slabinfo."""
    aliases = _aliases(root)
    ret = {}
    for line in (root.text("/proc/slabinfo") or "").splitlines()[2:]:
        name, row = _row(line, page)
        partial = _sysfs(root, name, "partial")
        object_size = _sysfs(root, name, "object_size")
        ret[(row["cache"],)] = {
            "partial": int(partial.split()[0]) if partial else None,
            **{file: _first(root, name, file)
               for file in ("align", "cpu_partial", "min_partial", "cpu_slabs")},
            "hwcache_align": {None: None, 0: False}.get(_first(root, name, "hwcache_align"), True),
            "debug": _debug(root, name),
            "object_size": int(object_size) if object_size else None,
            "nodes": _per_node(_sysfs(root, name, "slabs")),
            "aliases": as_json(" ".join(aliases.get(name, []))) or None,
            **_idle(root, name, row),
        }
    return ret


def both(root, page):
    more = sysfs(root, page)
    return {key: {**row, **more[key]} for key, row in slabinfo(root, page).items()}
