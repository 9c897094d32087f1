# Readers of a process's pages. SPDX-License-Identifier: GPL-2.0-or-later
import array
import ctypes
import fcntl
import mmap
import os
import re
import struct

import vmas

# Documentation/admin-guide/mm/pagemap.rst
_SOFT_DIRTY, _EXCLUSIVE, _UFFD_WP, _GUARD, _FILE, _SWAPPED, _PRESENT = 55, 56, 57, 58, 61, 62, 63
_NUMBER = (1 << 55) - 1
# include/uapi/linux/kernel-page-flags.h; tools and pagemap.rst name them like this.
_FLAGS = {0: "locked", 1: "error", 2: "referenced", 3: "uptodate", 4: "dirty", 5: "lru",
          6: "active", 7: "slab", 8: "writeback", 9: "reclaim", 10: "buddy", 11: "mmap",
          12: "anon", 13: "swapcache", 14: "swapbacked", 15: "compound", 17: "hugetlb", 18: "unevictable",
          19: "hwpoison", 20: "nopage", 21: "ksm", 22: "thp", 23: "offline", 24: "zero-page",
          25: "idle", 26: "pagetable", 32: "reserved", 33: "mlocked", 35: "private",
          36: "private-2", 37: "owner-private", 38: "arch", 39: "uncached", 40: "softdirty",
          41: "arch-2", 42: "arch-3"}
_ANON, _HEAD, _TAIL, _HUGE, _ZERO, _OWNER_2 = (1 << n for n in (12, 15, 16, 17, 24, 34))

_SCAN = 0xC0606610  # PAGEMAP_SCAN
_IS_PRESENT, _IS_HUGE = 8, 64


_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                       ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]


class Frames:
    """kpageflags and kpagecount, as they are now; None where they cannot be read."""

    def __init__(self):
        self.files = {}
        self.last = (0, 0)  # the folio that was looked for last
        for name in ("kpageflags", "kpagecount"):
            try:
                self.files[name] = os.open("/proc/" + name, os.O_RDONLY)
            except OSError:
                self.files[name] = None

    def close(self):
        for fd in self.files.values():
            if fd is not None:
                os.close(fd)

    def word(self, name, pfn):
        fd = self.files[name]
        data = os.pread(fd, 8, pfn * 8) if fd is not None else b""
        return struct.unpack("Q", data)[0] if len(data) == 8 else None

    def folio(self, pfn, flags):
        """How many pages the one of PFN is part of, by heads and tails; and the head."""
        if not flags & (_HEAD | _TAIL):
            return pfn, 1
        head, behind = self.last
        if head <= pfn < behind:
            return head, behind - head
        head = pfn
        while not self.word("kpageflags", head) & _HEAD:
            head -= 1
        behind = head + 1
        while (self.word("kpageflags", behind) or 0) & _TAIL:
            behind += 1
        self.last = (head, behind)
        return head, behind - head


def words_of(flags, version):
    """kpageflags in words. Bit 34 was PG_mappedtodisk; since 6.12 its owner says what it means. On
    anonymous pages, which are mapped to no disk, it is PG_anon_exclusive, since 5.19."""
    words = [name for bit, name in sorted(_FLAGS.items()) if flags >> bit & 1]
    if flags & _OWNER_2:
        words.append("anon-exclusive" if flags & _ANON else
                     "mappedtodisk" if version < (6, 12) else "owner-2")
    return set(words)


def zones_of(root):
    """(first, behind, node, zone) of what zoneinfo spans."""
    ret = []
    text = root.text("/proc/zoneinfo") or ""
    for part in re.split(r"^(?=Node \d+, zone)", text, flags=re.M)[1:]:
        node, zone = re.match(r"Node (\d+), zone +(\S+)", part).groups()
        spanned = int(re.search(r"^ +spanned +(\d+)", part, re.M).group(1))
        start = re.search(r"^ +start_pfn: +(\d+)", part, re.M)
        if start:
            ret.append((int(start.group(1)), int(start.group(1)) + spanned, int(node), zone))
    return ret


def _pagemap(pid, start, end, page):
    """Words of pagemap, and whether frame numbers are shown."""
    try:
        fd = os.open("/proc/%d/pagemap" % pid, os.O_RDONLY)
    except OSError:
        return None
    try:
        words = array.array("Q")
        words.frombytes(os.pread(fd, (end - start) // page * 8, start // page * 8))
        return words
    finally:
        os.close(fd)


def huge_entries(pid, start, end):
    """Ranges that one entry of the page table above maps; None where the kernel does not tell."""
    ret = []
    try:
        fd = os.open("/proc/%d/pagemap" % pid, os.O_RDONLY)
    except OSError:
        return None
    room = ctypes.create_string_buffer(24 * 1024)
    try:
        while start < end:
            arg = bytearray(struct.pack("12Q", 96, 0, start, end, 0, ctypes.addressof(room), 1024, 0,
                                        0, _IS_HUGE, 0, _IS_HUGE))
            n = fcntl.ioctl(fd, _SCAN, arg)
            for i in range(n):
                ret.append(struct.unpack_from("QQQ", room, i * 24)[:2])
            start = struct.unpack("12Q", arg)[4]
        return ret
    except OSError:
        return None
    finally:
        os.close(fd)


def has_soft_dirty(page):
    """Whether this kernel keeps the mark: a page just written to has it."""
    with mmap.mmap(-1, page) as own:
        own[0] = 1
        start = ctypes.addressof(ctypes.c_char.from_buffer(own))
        return bool(_pagemap(os.getpid(), start, start + page, page)[0] >> _SOFT_DIRTY & 1)


class Behind:
    """What a mapped file has where the process has no page."""

    def __init__(self, pid, mapping, page):
        self.page, self.fd, self.start = page, None, None
        self.none = mapping["kind"] in ("anon", "heap", "stack", "reserve")
        name = "/proc/%d/map_files/%s-%s" % (pid, mapping["start"][2:], mapping["end"][2:])
        if mapping["inode"] is None or mapping["kind"] in ("secretmem", "anon", "device", "hugetlb"):
            return
        try:
            self.fd = os.open(name, os.O_RDONLY)
        except OSError:
            return
        self.offset, self.size = int(mapping["offset"], 16), os.fstat(self.fd).st_size
        length = int(mapping["end"], 16) - int(mapping["start"], 16)
        start = _libc.mmap(None, length, mmap.PROT_READ, mmap.MAP_SHARED, self.fd, self.offset)
        if start != ctypes.c_void_p(-1).value:
            self.start = start
            self.resident = ctypes.create_string_buffer(length // page)
            if _libc.mincore(start, length, self.resident):
                self.resident = None
            _libc.munmap(start, length)

    def at(self, n, in_memory):
        """Behind page N of the mapping; IN_MEMORY: the file is nowhere else."""
        if self.none:
            return "nothing"
        if self.fd is None or self.start is None or self.resident is None:
            return None
        offset = self.offset + n * self.page
        if offset >= self.size:
            return "past-end"
        if self.resident[n][0] & 1:
            return "cached"
        return "swapped" if in_memory and self._has_data(offset) else "nothing"

    def _has_data(self, offset):
        try:
            return os.lseek(self.fd, offset, os.SEEK_DATA) < offset + self.page
        except OSError:
            return False

    def close(self):
        if self.fd is not None:
            os.close(self.fd)


class Reader:
    """The pages of a process, by address."""

    def __init__(self, root, page, soft_dirty):
        self.root, self.page, self.soft_dirty = root, page, soft_dirty
        self.frames = Frames()
        self.version = tuple(int(n) for n in re.findall(r"\d+", os.uname().release)[:2])
        self.areas = (root.text("/proc/swaps") or "").count("\n") - 1

    def _state(self, row, word, flags, perms):
        if row["guard"]:
            return "guard"
        if word >> _SWAPPED & 1:
            return "swapped" if row["swap_type"] < self.areas else "special"
        if not word >> _PRESENT & 1:
            return row["behind"] if row["behind"] in ("cached", "swapped") else "absent"
        if flags is not None and flags & _HUGE:
            return "hugetlb"
        if flags is not None and flags & _ZERO:
            return "zero"
        if word >> _FILE & 1:
            return "shared" if perms[3] == "s" and row["kind"] in ("shmem", "secretmem") else "file"
        count = row["map_count"]
        once = word >> _EXCLUSIVE & 1 if count is None else count == 1
        return "private" if once else "shared"

    def _of_frame(self, row, pfn, zones):
        flags = self.frames.word("kpageflags", pfn)
        row["map_count"] = self.frames.word("kpagecount", pfn)
        if flags is not None:
            head, pages = self.frames.folio(pfn, flags)
            flags = self.frames.word("kpageflags", head) if pages > 1 else flags
            if not flags:  # mapped, and yet nothing is said of it
                row["page_size"] = self.page
                return None
            row.update(page_size=pages * self.page, kpageflags="0x%x" % flags,
                       flags=words_of(flags, self.version))
        for first, behind, node, zone in zones:
            if first <= pfn < behind:
                row.update(node=node, zone=zone)
        return flags

    def _row(self, word, mapping, address, huge, zones, behind):
        present, away = bool(word >> _PRESENT & 1), bool(word >> _SWAPPED & 1)
        pfn = word & _NUMBER if present else 0
        row = dict.fromkeys(("pfn", "page_size", "flags", "kpageflags", "map_count", "node", "zone",
                             "behind", "index", "entry_size", "exclusive", "file", "swap_type", "swap_offset"))
        row.update(pid=mapping["pid"], started=mapping["started"], kind=mapping["kind"],
                   mapping=mapping["name"], present=present, uffd_wp=bool(word >> _UFFD_WP & 1),
                   guard=bool(word >> _GUARD & 1),
                   soft_dirty=bool(word >> _SOFT_DIRTY & 1) if self.soft_dirty else None)
        flags = None
        if present:
            row["exclusive"], row["file"] = bool(word >> _EXCLUSIVE & 1), bool(word >> _FILE & 1)
            if huge is not None:
                inside = any(first <= address < behind for first, behind in huge)
                row["entry_size"] = 2 << 20 if inside else self.page
        if pfn:
            row["pfn"] = "0x%x" % pfn
            flags = self._of_frame(row, pfn, zones)
            if huge is None and row["page_size"]:  # which leaves only huge pages open
                row["entry_size"] = row["page_size"] if flags and flags & _HUGE else \
                    self.page if row["page_size"] < 2 << 20 else None
        if away:
            row["swap_type"], row["swap_offset"] = word & 31, (word & _NUMBER) >> 5
        if not present and not away:
            n = (address - int(mapping["start"], 16)) // self.page
            row["behind"] = behind.at(n, mapping["kind"] == "shmem")
        if mapping["inode"] is not None:
            row["index"] = (int(mapping["offset"], 16) + address - int(mapping["start"], 16)) // self.page
        row["state"] = self._state(row, word, flags, mapping["perms"])
        row["swapped"] = row["state"] == "swapped"
        return row

    def pages(self, pid):
        """{address: row}; the vsyscall page is in no page table of the process's."""
        ret = {}
        zones = zones_of(self.root)
        self.frames.last = (0, 0)
        for mapping in vmas.mappings(self.root, pid, self.page).values():
            if mapping["kind"] == "vsyscall":
                continue
            start, end = int(mapping["start"], 16), int(mapping["end"], 16)
            words = _pagemap(pid, start, end, self.page)
            huge = huge_entries(pid, start, end)
            behind = Behind(pid, mapping, self.page)
            for i, word in enumerate(words or ()):
                address = start + i * self.page
                ret[address] = self._row(word, mapping, address, huge, zones, behind)
            behind.close()
        return ret


# What stays as it is as long as nobody touches it: the kernel may move a page and mark it.
STILL = ("state", "present", "swapped", "behind", "exclusive", "file", "guard", "uffd_wp", "kind",
         "mapping", "index", "soft_dirty")

# What a run of pages has for all of them together.
OF_RUNS = ("address", "end", "pages", "size", "pfn", "contiguous", "swap_offset", "index")


def runs_are(row, pages, page):
    """What a run's own columns must be by its pages, which are READER's rows in their order."""
    first = pages[0]
    frames = [int(p["pfn"], 16) if p["pfn"] else None for p in pages]
    start = int(row["address"], 16)
    return {
        "end": "0x%x" % (start + len(pages) * page), "pages": len(pages),
        "size": len(pages) * page, "pfn": first["pfn"], "swap_offset": first["swap_offset"],
        "index": first["index"],
        "contiguous": None if frames[0] is None else
        frames == list(range(frames[0], frames[0] + len(frames))),
    }
