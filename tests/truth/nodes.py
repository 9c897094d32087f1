# Reader of NUMA nodes in sysfs. SPDX-License-Identifier: GPL-2.0-or-later
import re
from fractions import Fraction

KEY = ("node",)
_NODES = "/sys/devices/system/node"
_TIERS = "/sys/devices/virtual/memory_tiering"

# Columns and the kernel's names for them in nodeN/meminfo; kB but for the counts.
_MEMINFO = {
    "total": "MemTotal", "free": "MemFree", "used": "MemUsed",
    "active": "Active", "inactive": "Inactive", "active_anon": "Active(anon)",
    "inactive_anon": "Inactive(anon)", "active_file": "Active(file)",
    "inactive_file": "Inactive(file)", "unevictable": "Unevictable", "mlocked": "Mlocked",
    "dirty": "Dirty", "writeback": "Writeback", "file_pages": "FilePages", "mapped": "Mapped",
    "anon": "AnonPages", "shmem": "Shmem", "kernel_stack": "KernelStack",
    "shadow_call_stack": "ShadowCallStack", "page_tables": "PageTables",
    "sec_page_tables": "SecPageTables", "nfs_unstable": "NFS_Unstable", "bounce": "Bounce",
    "writeback_tmp": "WritebackTmp", "swap_cached": "SwapCached", "kreclaimable": "KReclaimable",
    "slab": "Slab", "slab_reclaimable": "SReclaimable", "slab_unreclaimable": "SUnreclaim",
    "anon_huge": "AnonHugePages", "shmem_huge": "ShmemHugePages",
    "shmem_pmd_mapped": "ShmemPmdMapped", "file_huge": "FileHugePages",
    "file_pmd_mapped": "FilePmdMapped", "unaccepted": "Unaccepted", "balloon": "Balloon",
    "high_total": "HighTotal", "high_free": "HighFree", "low_total": "LowTotal",
    "low_free": "LowFree",
}
_COUNTS = {"hugepages_total": "HugePages_Total", "hugepages_free": "HugePages_Free",
           "hugepages_surplus": "HugePages_Surp"}
_NUMASTAT = ("numa_hit", "numa_miss", "numa_foreign", "interleave_hit", "local_node", "other_node")
_ACCESS = {"read_latency": 10 ** 9, "write_latency": 10 ** 9,  # ns, shown in seconds
           "read_bandwidth": Fraction(1, 1 << 20), "write_bandwidth": Fraction(1, 1 << 20)}  # MiB/s


def numbers_of(text):
    """The numbers in a list like 0-3,8."""
    ret = []
    for part in text.strip(" \n\0").split(","):
        if part:
            first, _, last = part.partition("-")
            ret += range(int(first), int(last or first) + 1)
    return ret


def _as_list(numbers):
    """The other way: 0-3,8."""
    parts = []
    for n in sorted(numbers):
        if parts and parts[-1][1] == n - 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return ",".join("%d-%d" % (a, b) if a < b else str(a) for a, b in parts)


def _cpus(root, folder):
    """cpulist; kernels before 2.6.32 have cpumap only: words of 32 bits, the highest first."""
    text = root.text(folder + "/cpulist")
    if text is not None:
        return numbers_of(text)
    text = root.text(folder + "/cpumap")
    if text is None:
        return None
    mask = int("".join(word.rjust(8, "0") for word in text.strip(" \n\0").split(",")), 16)
    return [n for n in range(mask.bit_length()) if mask >> n & 1]


def _meminfo(text):
    ret = {}
    for name, value in re.findall(r"^Node +\d+ +([^:]+): +(\d+)", text or "", re.M):
        ret.setdefault(name, int(value))
    return ret


def _pools(root, folder):
    """Bytes in the pools of all page sizes, and of these free."""
    total = free = None
    for name in root.names(folder + "/hugepages"):
        size = int(re.fullmatch(r"hugepages-(\d+)kB", name).group(1)) << 10
        pages = root.number("%s/hugepages/%s/nr_hugepages" % (folder, name))
        unused = root.number("%s/hugepages/%s/free_hugepages" % (folder, name))
        total = total if pages is None else (total or 0) + pages * size
        free = free if unused is None else (free or 0) + unused * size
    return total, free


def _tier(root, node):
    for name in root.names(_TIERS):
        nodes = root.text("%s/%s/nodelist" % (_TIERS, name))
        if nodes is not None and node in numbers_of(nodes):
            return int(name[len("memory_tier"):])
    return None


def _access(root, folder):
    """What the firmware tells of the way from the nearest CPUs, or else from whoever is nearest."""
    for way in ("access1", "access0"):
        at = "%s/%s/initiators" % (folder, way)
        names = sorted((int(n[4:]) for n in root.names(at) if re.fullmatch(r"node\d+", n)))
        values = {name: root.number("%s/%s" % (at, name)) for name in _ACCESS}
        if names or any(v is not None for v in values.values()):
            row = {name: Fraction(v) / _ACCESS[name] if v else None  # 0: it does not tell
                   for name, v in values.items()}
            row["initiators"] = ",".join(str(n) for n in names) or None
            return row
    return dict.fromkeys(list(_ACCESS) + ["initiators"])


def _kind(cpus, total):
    if cpus is None or total is None:
        return None
    return {(True, True): "cpu+memory", (False, True): "memory", (True, False): "cpu",
            (False, False): "none"}[(bool(cpus), bool(total))]


def _reclaim(text):
    """Pages scanned and reclaimed since boot, which kernels before 7.x do not count by node."""
    ret = {}
    for column, what in (("scanned", "pgscan"), ("reclaimed", "pgsteal")):
        found = re.findall(r"^%s_(?:kswapd|direct|khugepaged|proactive) (\d+)$" % what, text or "", re.M)
        ret[column] = sum(int(n) for n in found) if found else None
    return ret


def _node(root, node):
    folder = "%s/node%d" % (_NODES, node)
    info = _meminfo(root.text(folder + "/meminfo"))
    row = {"node": node}
    for column, name in _MEMINFO.items():
        row[column] = info[name] << 10 if name in info else None
    for column, name in _COUNTS.items():
        row[column] = info.get(name)
    stat = dict(re.findall(r"^(\S+) (\d+)$", root.text(folder + "/numastat") or "", re.M))
    for name in _NUMASTAT:
        row[name] = int(stat[name]) if name in stat else None
    row.update(_reclaim(root.text(folder + "/vmstat")))
    cpus = _cpus(root, folder)
    row["cpus"] = None if cpus is None else _as_list(cpus)
    row["ncpus"] = None if cpus is None else len(cpus)
    row["kind"] = _kind(cpus, row["total"])
    distance = root.text(folder + "/distance")
    row["distances"] = None if distance is None else " ".join(distance.split())
    row["hugetlb"], row["hugetlb_free"] = _pools(root, folder)
    row["tier"] = _tier(root, node)
    row.update(_access(root, folder))
    return row


def _percent(part, whole):
    return None if part is None or not whole else Fraction(part * 100, whole)


def _sum(rows, column):
    values = [r[column] for r in rows]
    return None if None in values else sum(values)


def nodes(root, page):
    online = root.text(_NODES + "/online")
    numbers = numbers_of(online) if online else sorted(
        int(n[4:]) for n in root.names(_NODES) if re.fullmatch(r"node\d+", n))
    rows = [_node(root, n) for n in numbers]
    total = _sum(rows, "total")
    used = _sum(rows, "used")
    for r in rows:
        r["used_share"] = _percent(r["used"], r["total"])
        r["share"] = _percent(r["total"], total)
        share = r["used_share"]
        r["imbalance"] = None if share is None or not used else share / Fraction(used * 100, total)
        hit, miss = r["numa_hit"], r["numa_miss"]
        r["miss_share"] = None if hit is None or miss is None else _percent(miss, hit + miss)
        near, far = r["local_node"], r["other_node"]
        r["local_share"] = None if near is None or far is None else _percent(near, near + far)
    return {(r["node"],): r for r in rows}


def cpus_of_nodes(root):
    """{node: its CPUs}."""
    return {n: _cpus(root, "%s/node%d" % (_NODES, n)) or []
            for n in (int(name[4:]) for name in root.names(_NODES) if re.fullmatch(r"node\d+", name))}
