# Readers of a process's mappings. SPDX-License-Identifier: GPL-2.0-or-later
import re
from fractions import Fraction

import processes
from files import as_json, plus, times
from nodes import cpus_of_nodes

KEY = ("pid", "start", "end")

_HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+)(?: +(.*))?$")

# In kB in smaps; smaps gives no Size that end - start would not.
_SMAPS = {"rss": "Rss", "pss": "Pss", "pss_dirty": "Pss_Dirty", "shared_clean": "Shared_Clean",
          "shared_dirty": "Shared_Dirty", "private_clean": "Private_Clean",
          "private_dirty": "Private_Dirty", "referenced": "Referenced", "anonymous": "Anonymous",
          "ksm": "KSM", "lazy_free": "LazyFree", "anon_huge_pages": "AnonHugePages",
          "shmem_pmd_mapped": "ShmemPmdMapped", "file_pmd_mapped": "FilePmdMapped",
          "shared_hugetlb": "Shared_Hugetlb", "private_hugetlb": "Private_Hugetlb",
          "swap": "Swap", "swap_pss": "SwapPss", "locked": "Locked",
          "kernel_page_size": "KernelPageSize", "mmu_page_size": "MMUPageSize"}

# What the kernel and others may change of memory that nobody touches.
OF_OTHERS = ("referenced", "numa_active")

# What a word for a flag must speak of, by proc.rst.
FLAG = {"rd": "read", "wr": "write", "ex": "exec", "sh": "share", "mr": "may-read",
        "mw": "may-write", "me": "may-exec", "ms": "may-share", "gd": "grows-down", "pf": "pfn",
        "lo": "locked", "lf": "lock-on-fault", "io": "io", "sr": "sequential", "rr": "random",
        "dc": "copy-on-fork", "de": "expand", "ac": "account", "nr": "swap-reserve", "ht": "huge",
        "sf": "sync", "wf": "wipe-on-fork", "dd": "dump", "sd": "soft-dirty", "mm": "mixed",
        "hg": "huge-page", "nh": "no-huge-page", "mg": "mergeable", "um": "missing",
        "uw": "write-protect", "ui": "minor", "ss": "shadow-stack", "dp": "droppable",
        "sl": "sealed", "gu": "guard", "ar": "arch", "bt": "bti", "mt": "mte"}

_KERNELS = (("[heap]", "heap"), ("[stack", "stack"), ("[vdso]", "vdso"), ("[vvar", "vvar"),
            ("[vsyscall]", "vsyscall"), ("[anon_shmem:", "shmem"), ("[anon:", "anon"))
_NAMELESS = (("/memfd:", "shmem"), ("/SYSV", "shmem"), ("/dev/zero (deleted)", "shmem"),
             ("/anon_hugepage", "hugetlb"), ("/secretmem", "secretmem"))


def file_systems(root, pid):
    """{device: type} of what the process sees mounted."""
    text = root.text("/proc/%d/mountinfo" % pid) or ""
    found = re.findall(r"^\S+ \S+ (\d+):(\d+) .* - (\S+) ", text, re.M)
    return {"%02x:%02x" % (int(major), int(minor)): kind for major, minor, kind in found}


def _kind_of_file(perms, dev, name, mounts):
    for start, kind in _NAMELESS:
        if name.startswith(start):
            return kind
    if name.startswith("/dev/zero"):  # private: what is read and written is the process's own
        return "shmem" if perms[3] == "s" else "anon"
    if mounts.get(dev) == "hugetlbfs":
        return "hugetlb"
    if name[0] != "/" or mounts.get(dev) == "devtmpfs":
        return "device"
    if perms[2] == "x":
        return "text"
    if mounts.get(dev) in ("tmpfs", "ramfs"):
        return "shmem"
    return "data" if perms[1] == "w" and perms[3] == "p" else "file"


def has_file(dev):
    """Of a mapping: an inode of 0 is one, too, as the first segment of SysV has it."""
    return dev != "00:00"


def kind_of(perms, dev, name, mounts):
    if not name or not has_file(dev) and not name.startswith("["):
        return "anon" if perms[:3] != "---" else "reserve"
    if not has_file(dev):
        for start, kind in _KERNELS:
            if name.startswith(start):
                return kind
        return "special"
    return _kind_of_file(perms, dev, name, mounts)


def _deleted(dev, name):
    """Whether the name ends as that of a removed file; none for what never had a name."""
    if not has_file(dev) or not name.startswith("/") or name.startswith(tuple(n for n, _ in _NAMELESS)):
        return None
    return name.endswith(" (deleted)")


def _raw_name(root, pid, start, end, text):
    """maps has a newline in a name as \\012, as it has four such characters: the link tells."""
    if text and "\\012" in text:
        return root.link("/proc/%d/map_files/%x-%x" % (pid, start, end)) or text
    return text


def _smaps(text):
    """(head, {field: value}) of each mapping."""
    ret = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head:
            ret.append((head, {}))
        elif ret:
            name, _, value = line.partition(":")
            ret[-1][1][name] = value.strip()
    return ret


def _numa_line(line, page):
    """The columns of a line of numa_maps. The kernel leaves out what is 0, `mapped` where it is
    `anon` or `dirty`, `mapmax` where it is 1, and `active` where all are."""
    policy = re.match(r"(?:prefer \(many\)|weighted interleave)\S*|\S+", line).group(0)
    word = dict(re.findall(r" (\w+)=(\d+)(?= |$)", line))
    size = int(word.get("kernelpagesize_kB", page >> 10)) << 10
    nodes = {int(k[1:]): int(v) * size for k, v in word.items() if re.fullmatch(r"N\d+", k)}
    pages = sum(nodes.values())
    row = {name: int(word.get(key, 0)) * size for name, key in
           (("numa_anon", "anon"), ("numa_dirty", "dirty"), ("numa_swap_cache", "swapcache"),
            ("numa_writeback", "writeback"))}
    row["policy"] = policy
    row["numa_page_size"] = size if "kernelpagesize_kB" in word else None
    row["numa_mapped"] = pages
    row["numa_map_max"] = int(word.get("mapmax", 1)) if pages else 0
    row["numa_active"] = int(word["active"]) * size if "active" in word else pages
    if " huge " in line + " ":  # these are on no list
        row["numa_active"] = None
    return row, nodes


NUMA = ("policy", "nodes", "remote", "remote_share", "numa_page_size", "numa_anon", "numa_dirty",
        "numa_mapped", "numa_map_max", "numa_swap_cache", "numa_active", "numa_writeback")


def _numa(root, pid, page, allowed, near):
    """{start: columns} from numa_maps."""
    ret = {}
    for line in (root.text("/proc/%d/numa_maps" % pid) or "").splitlines():
        start, _, rest = line.partition(" ")
        row, nodes = _numa_line(rest, page)
        row["nodes"] = processes.as_nodes(nodes)
        row["remote"] = processes.remote_bytes(nodes, allowed, near)
        row["remote_share"] = times(row["remote"], Fraction(100, sum(nodes.values()))) \
            if nodes else None
        ret[int(start, 16)] = row
    return ret


def _holds(field, start, end):
    """FIELD: stat's, of which number 3 of proc(5) is [0]."""
    def overlaps(first, behind):
        return first < end and start < behind and first < behind

    number = {name: int(field[n - 3]) for name, n in (
        ("start_code", 26), ("end_code", 27), ("stack", 28), ("start_data", 45), ("end_data", 46),
        ("brk", 47), ("arg_start", 48), ("arg_end", 49), ("env_start", 50), ("env_end", 51))}
    words = [("code", overlaps(number["start_code"], number["end_code"])),
             ("data", overlaps(number["start_data"], number["end_data"])),
             ("brk", start <= number["brk"] < end),
             ("stack", start <= number["stack"] < end),
             ("args", overlaps(number["arg_start"], number["arg_end"])),
             ("env", overlaps(number["env_start"], number["env_end"]))]
    return " ".join(word for word, there in words if there) or None


# include/linux/mm.h: what has had the same bit in all kernels that tell flags.
_BITS = ("rd wr ex sh mr mw me ms gd um pf gu uw lo io sr rr dc de lf ac nr ht sf ar wf dd sd mm hg nh mg").split()
_BEYOND = "bt mt ui ss dp sl mp ur".split()


def _flag_bits(flags):
    if flags is None:
        return None
    ret = 0
    for name in flags.split():
        name = "gu" if name == "dw" else name
        if name in _BITS:
            ret |= 1 << _BITS.index(name)
        elif name not in _BEYOND:
            return None
    return "0x%x" % ret


def _row(root, pid, head, field, mounts):
    start, end = int(head.group(1), 16), int(head.group(2), 16)
    perms, offset, dev, inode = head.group(3), head.group(4), head.group(5), int(head.group(6))
    name = _raw_name(root, pid, start, end, head.group(7))
    kib = {key: int(v.split()[0]) << 10 for key, v in field.items() if v.endswith(" kB")}
    row = {column: kib.get(key) for column, key in _SMAPS.items()}
    row.update(pid=pid, start="0x%x" % start, end="0x%x" % end, size=end - start, perms=perms,
               mappings=1, processes=1, name=as_json(name) or None,
               offset="0x%x" % int(offset, 16) if has_file(dev) else None,
               dev=dev if has_file(dev) else None, inode=inode if has_file(dev) else None,
               deleted=_deleted(dev, name or ""), kind=kind_of(perms, dev, name or "", mounts),
               uss=plus(row["private_clean"], row["private_dirty"]),
               dirty=plus(row["shared_dirty"], row["private_dirty"]),
               vm_flags_bits=_flag_bits(field.get("VmFlags")),
               shared=plus(row["shared_clean"], row["shared_dirty"]),
               thp_eligible=field["THPeligible"] == "1" if "THPeligible" in field else None,
               protection_key=int(field["ProtectionKey"]) if "ProtectionKey" in field else None,
               vm_flags=field.get("VmFlags"))
    return row


def mappings(root, pid, page):
    """The rows of a process, by key."""
    folder = "/proc/%d" % pid
    smaps, stat, status = (root.text("%s/%s" % (folder, f)) for f in ("smaps", "stat", "status"))
    if smaps is None:
        return {}
    field = processes.stat_of(stat)[1] if stat else None
    numa = _numa(root, pid, page, processes.allowed_cpus(status or ""), cpus_of_nodes(root))
    mounts = file_systems(root, pid)
    ret = {}
    for head, fields in _smaps(smaps):
        row = _row(root, pid, head, fields, mounts)
        start, end = int(row["start"], 16), int(row["end"], 16)
        row["started"] = int(field[19]) if field else None
        row["holds"] = _holds(field, start, end) if field else None
        row.update(numa.get(start, dict.fromkeys(NUMA)))
        ret[(pid, row["start"], row["end"])] = row
    return ret


def vmas(root, pids, page):
    ret = {}
    for pid in pids:
        ret.update(mappings(root, pid, page))
    return ret


def flags_in_words(row):
    """What is wrong with the words for the flags, or nothing."""
    flags, words = (row["vm_flags"] or "").split(), (row["flags"] or "").split()
    if len(flags) != len(words):
        return "%d words for %d flags" % (len(words), len(flags))
    for flag, word in zip(flags, words):
        if flag in FLAG and FLAG[flag] not in word:
            return "%s for %s" % (word, flag)
    return ""


def _sum(values):
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _common(values):
    return values[0] if all(v == values[0] for v in values) else None


def _sum_of_nodes(texts):
    if all(t is None for t in texts):
        return None
    total = {}
    for node, n in re.findall(r"N(\d+)=(\d+)", " ".join(t for t in texts if t)):
        total[int(node)] = total.get(int(node), 0) + int(n)
    return processes.as_nodes(total)


def groups(rows, summed):
    """ROWS summed up by name, in the columns SUMMED; else what they have in common."""
    found = {}
    for row in rows.values():
        found.setdefault(row["name"] or "[%s]" % row["kind"], []).append(row)
    ret = {}
    for name, members in found.items():
        group = {column: (_sum if column in summed else _common)([m[column] for m in members])
                 for column in members[0]}
        group.update(name=name, start=None, end=None, offset=None, mappings=len(members),
                     processes=len({m["pid"] for m in members}),
                     nodes=_sum_of_nodes([m["nodes"] for m in members]),
                     numa_map_max=max((m["numa_map_max"] for m in members
                                       if m["numa_map_max"] is not None), default=None))
        total = sum(int(n) for n in re.findall(r"=(\d+)", group["nodes"] or ""))
        group["remote_share"] = Fraction(group["remote"] * 100, total) if total else None
        ret[(name,)] = group
    return ret
