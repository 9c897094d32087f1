# Readers of /proc/PID. SPDX-License-Identifier: GPL-2.0-or-later
import os
import pwd
import re
from fractions import Fraction

from files import as_json, plus, times
from nodes import cpus_of_nodes, numbers_of

KEY = ("pid", "started")
HZ = os.sysconf("SC_CLK_TCK")
_KTHREAD = 0x00200000  # PF_KTHREAD

# In kB in status.
_STATUS = {"rss_file": "RssFile", "rss_shmem": "RssShmem", "swap": "VmSwap", "rss_peak": "VmHWM",
           "hugetlb": "HugetlbPages", "locked": "VmLck", "pinned": "VmPin", "page_tables": "VmPTE",
           "data": "VmData", "stack": "VmStk", "text": "VmExe", "lib": "VmLib",
           "rss": "VmRSS", "rss_anon": "RssAnon"}
# In kB in smaps_rollup.
_ROLLUP = {"pss": "Pss", "pss_anon": "Pss_Anon", "pss_file": "Pss_File", "pss_shmem": "Pss_Shmem",
           "pss_dirty": "Pss_Dirty", "private_clean": "Private_Clean",
           "private_dirty": "Private_Dirty", "shared_clean": "Shared_Clean",
           "shared_dirty": "Shared_Dirty", "referenced": "Referenced", "ksm": "KSM",
           "lazy_free": "LazyFree", "thp_anon": "AnonHugePages", "thp_shmem": "ShmemPmdMapped",
           "thp_file": "FilePmdMapped", "swap_pss": "SwapPss", "swap_all": "Swap"}
# What another process can change without this one's doing anything: who else maps its pages.
OF_OTHERS = ("pss", "pss_file", "pss_shmem", "pss_anon", "pss_dirty", "uss", "private_clean",
             "private_dirty", "shared_clean", "shared_dirty", "referenced", "swap_pss")
PER_NODE = ("nodes", "home_node", "home_share", "remote", "remote_share")


def _kib(text):
    return {name: int(n) << 10 for name, n in re.findall(r"^(\S+):\s+(\d+) kB$", text, re.M)}


def stat_of(text):
    """comm, and the fields behind it: field 3 of proc(5) is [0]. comm may hold anything."""
    first, last = text.index("("), text.rindex(")")
    return text[first + 1:last], text[last + 2:].split()


def _tty(number):
    """Documentation/admin-guide/devices.txt."""
    major, minor = number >> 8 & 0xfff, number & 0xff | number >> 12 & 0xfff00
    if 136 <= major <= 143:
        return "pts/%d" % ((major - 136) * 256 + minor)
    if major == 4:
        return "tty%d" % minor if minor < 64 else "ttyS%d" % (minor - 64)
    return {(5, 1): "console", (5, 0): "tty"}.get((major, minor))


def numa_bytes(text):
    """{node: bytes} of numa_maps."""
    ret = {}
    for line in text.splitlines():
        size = re.search(r" kernelpagesize_kB=(\d+)$", line)
        for node, pages in re.findall(r" N(\d+)=(\d+)", line):
            ret[int(node)] = ret.get(int(node), 0) + (int(pages) << 10) * int(size.group(1))
    return ret


def as_nodes(bytes_of):
    return " ".join("N%d=%d" % (node, bytes_of[node]) for node in sorted(bytes_of))


def allowed_cpus(status):
    """Those that a process may run on; None where it is not told."""
    found = re.search(r"^Cpus_allowed_list:\s*(\S*)$", status, re.M)
    return numbers_of(found.group(1)) if found else None


def remote_bytes(bytes_of, allowed, near):
    """Of BYTES_OF, those on nodes without a CPU in ALLOWED; None where nobody tells which node
    these are on."""
    own = [node for node, cpus in near.items() if set(cpus) & set(allowed or ())]
    return sum(n for node, n in bytes_of.items() if node not in own) if own else None


def _of_nodes(root, folder, status):
    text = root.text(folder + "/numa_maps")
    row = dict.fromkeys(PER_NODE)
    allowed = allowed_cpus(status)
    if text is None or "VmSize" not in status:
        return row
    bytes_of = numa_bytes(text)
    total = sum(bytes_of.values())
    row["nodes"] = as_nodes(bytes_of)
    row["remote"] = remote_bytes(bytes_of, allowed, cpus_of_nodes(root))
    if total:
        largest = max(bytes_of.values())
        row["home_node"] = min(node for node, n in bytes_of.items() if n == largest)
        row["home_share"] = Fraction(largest * 100, total)
        row["remote_share"] = times(row["remote"], Fraction(100, total))
    return row


def _rollup(root, folder):
    """{field: bytes}; kernels before 4.14 have smaps alone, which says it of each mapping."""
    text = root.text(folder + "/smaps_rollup")
    if text is not None or root.live:
        return _kib(text or "")
    ret = {}
    for name, n in re.findall(r"^(\S+): +(\d+) kB$", root.text(folder + "/smaps") or "", re.M):
        ret[name] = ret.get(name, 0) + (int(n) << 10)
    return ret


def _of_rollup(root, folder, status):
    kib = _rollup(root, folder)
    row = {column: kib.get(name) for column, name in _ROLLUP.items()}
    row["uss"] = plus(row["private_clean"], row["private_dirty"])
    thp = [row[name] for name in ("thp_anon", "thp_shmem", "thp_file") if row[name] is not None]
    row["thp"] = sum(thp) if thp else None
    own = _kib(status).get("VmSwap")
    row["swap_shmem"] = None if row["swap_all"] is None or own is None else \
        max(0, row["swap_all"] - own)
    row["age"] = Fraction(0) if kib else None
    return row


def cgroup_of(text):
    """Version 1's memory controller, or else version 2's line."""
    found = re.search(r"^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$", text, re.M) or \
        re.search(r"^0::(.*)$", text, re.M)
    return found.group(1) if found else None


def unit_of(path):
    """The last part of a control group's path that is a unit of systemd's, a slice if there is no
    other."""
    for kinds in "service|scope|socket|mount|swap", "slice":
        parts = [p for p in path.split("/") if re.search(r".\.(%s)$" % kinds, p)]
        if parts:
            return parts[-1]
    return None


def container_of(path):
    """By the names that Docker, Podman, containerd, CRI-O and LXC give their control groups."""
    ret = None
    for part in path.split("/"):
        found = re.fullmatch(r"(?:[\w.]+-)*([0-9a-f]{64})(?:\.scope)?", part)
        named = re.fullmatch(r"lxc\.payload\.(.+)", part)
        if found:
            ret = found.group(1)[:12]
        elif named:
            ret = named.group(1)
    return ret


def _user(root, uid):
    """The name, which is the tree's own in a tree."""
    if not root.live:
        found = re.search(r"^([^:\n]+):[^:\n]*:%d:" % uid, root.text("/etc/passwd") or "", re.M)
        return found.group(1) if found else str(uid)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _command(root, folder, comm):
    line = root.read(folder + "/cmdline")
    line = (line or b"").rstrip(b"\0").replace(b"\0", b" ")
    return as_json(line) if line else "[%s]" % as_json(comm)


def _identity(root, folder, status):
    """Who it is."""
    comm, field = stat_of(root.text(folder + "/stat"))
    uid = int(re.search(r"^Uid:\t\d+\t(\d+)", status, re.M).group(1))
    path = cgroup_of(root.text(folder + "/cgroup") or "")
    return {"ppid": int(field[1]), "uid": uid, "user": as_json(_user(root, uid)), "comm": as_json(comm),
            "kthread": bool(int(field[6]) & _KTHREAD), "tty": _tty(int(field[4])),
            "command": _command(root, folder, comm), "cgroup": as_json(path),
            "unit": as_json(unit_of(path or "")), "container": as_json(container_of(path or ""))}


def _since_5_9(root):
    release = os.uname().release if root.live else \
        re.search(r"^kernel=(.*)$", root.text("/mmlens/host") or "", re.M)
    found = re.match(r"(\d+)\.(\d+)", release if isinstance(release, str) else
                     release.group(1) if release else "")
    return (int(found.group(1)), int(found.group(2))) >= (5, 9) if found else None


def _badness(root, pid, kib, score, adj, kthread):
    """oom_badness() of mm/oom_kill.c."""
    new = _since_5_9(root)
    if kthread or adj is None or adj == -1000 or "VmSize" not in kib or \
            (score == 0 and adj >= -998 if new and score is not None else pid == 1):
        return None
    info = _kib(root.text("/proc/meminfo") or "")
    total = plus(info.get("MemTotal"), info.get("SwapTotal"))
    if adj and total is None or None in [kib.get(n) for n in ("VmRSS", "VmSwap", "VmPTE")]:
        return None
    page = os.sysconf("SC_PAGESIZE") if root.live else 4096
    points = sum(kib[name] // page for name in ("VmRSS", "VmSwap", "VmPTE"))
    points += adj * ((total or 0) // page // 1000)
    return max(points, 1) if new is False else points


def _counters(root, folder, status):
    """Columns of stat and status."""
    field = stat_of(root.text(folder + "/stat"))[1]
    kib = _kib(status)
    row = {column: kib.get(name) for column, name in _STATUS.items()}
    score, adj = (root.number(folder + name) for name in ("/oom_score", "/oom_score_adj"))
    row.update(badness=_badness(root, int(folder.split("/")[2]), kib, score, adj,
                                bool(int(field[6]) & _KTHREAD)))
    total, rss = _kib(root.text("/proc/meminfo") or "").get("MemTotal"), kib.get("VmRSS")
    row.update(used=plus(rss, kib.get("VmSwap")),
               mem_share=Fraction(rss * 100, total) if total and rss is not None else None)
    row.update(state=field[0], threads=int(field[17]),
               vsize=int(field[20]) if "VmSize" in kib else None,
               min_faults=int(field[7]), maj_faults=int(field[9]),
               oom_score=score, oom_score_adj=adj)
    return row


# What is read together.
PARTS = {"identity": _identity, "counters": _counters, "rollup": _of_rollup, "nodes": _of_nodes}


def process(root, pid, parts=PARTS):
    """The row of one process; None when there is none."""
    folder = "/proc/%d" % pid
    try:
        status = root.text(folder + "/status")
        started = Fraction(int(stat_of(root.text(folder + "/stat"))[1][19]), HZ)
        row = {"pid": pid, "started": started}
        for part in parts:
            row.update(PARTS[part](root, folder, status))
    except (AttributeError, TypeError):  # a file that is gone is None
        return None
    return row


def processes(root, pids=None, parts=PARTS):
    """All processes, or those of PIDS, by pid and start."""
    if pids is None:
        pids = [int(name) for name in root.names("/proc") if name.isdigit()]
    rows = [process(root, pid, parts) for pid in pids]
    return {(row["pid"], row["started"]): row for row in rows if row}


_NO_GROUP = {"user": "(unknown)", "cgroup": "(none)", "unit": "(no unit)",
             "container": "(no container)"}


def _group(row, by):
    if by == "program":
        return "(kernel threads)" if row["kthread"] else row["comm"]
    if by == "unit":
        return row["unit"] or row["container"] or _NO_GROUP[by]
    return row[by] or _NO_GROUP[by]


def _add(a, b):
    return a if b is None else b if a is None else a + b


def groups(rows, by, summed):
    """ROWS summed up by what they have in common, in the columns SUMMED."""
    ret = {}
    for row in rows.values():
        name = _group(row, by)
        group = ret.setdefault((name,), dict.fromkeys(row, None))
        group.update(group=name, processes=(group.get("processes") or 0) + 1)
        for column in summed:
            if column in row:
                group[column] = _add(group[column], row[column])
        group["age"] = _add(group["age"], row["age"])  # all are 0
    return ret


def tree(rows):
    """ROWS with their place below their ancestors among them."""
    by_pid = {row["pid"]: row for row in rows.values()}

    def ancestors(row):
        return [] if row["ppid"] not in by_pid else \
            [row["ppid"]] + ancestors(by_pid[row["ppid"]])

    for row in rows.values():
        above = ancestors(row)
        row.update(group=None, depth=len(above), tree="  " * len(above) + row["comm"])
        row["processes"] = sum(row["pid"] in [r["pid"]] + ancestors(r) for r in rows.values())
    return rows
