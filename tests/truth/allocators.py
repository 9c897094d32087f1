# Ways to take memory whose place in the balance is known: each is a context that holds SIZE bytes
# and yields {row or rows: bytes}, what must have moved, besides what is free.
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import ctypes
import fcntl
import glob
import mmap
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile

import ours
import settings
from settings import Cannot, libc

PAGE = os.sysconf("SC_PAGESIZE")
MIB = 1 << 20
CPUS = os.sysconf("SC_NPROCESSORS_CONF")
X86 = os.uname().machine == "x86_64"
MADV_NOHUGEPAGE, MADV_PAGEOUT, MADV_POPULATE_WRITE = 15, 21, 23


@contextlib.contextmanager
def mapped(size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, fd=-1, populate=True):
    """SIZE bytes mapped, in small pages, and touched unless POPULATE is false."""
    with mmap.mmap(fd, size, flags) as area:
        area.madvise(MADV_NOHUGEPAGE)
        if populate:
            fill(area, size)
        yield area


def fill(area, size, data=None):
    """Bytes into each page; random ones if DATA gives them, so that nothing compresses them."""
    data = data or b"\x5a" * MIB
    for at in range(0, size, len(data)):
        area[at:at + len(data)] = data


@contextlib.contextmanager
def anonymous(size):
    with mapped(size):
        yield {"anon": size}


@contextlib.contextmanager
def locked(size):
    with mapped(size, populate=False) as area:
        start = ctypes.addressof(ctypes.c_char.from_buffer(area))
        settings.call("mlock", ctypes.c_void_p(start), ctypes.c_size_t(size))
        yield {"unevictable": size}


@contextlib.contextmanager
def shared(size):
    with mapped(size, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS):
        yield {"shmem": size}


@contextlib.contextmanager
def memfd(size):
    fd = os.memfd_create("mmlens-truth")
    try:
        os.ftruncate(fd, size)
        with mapped(size, mmap.MAP_SHARED, fd):
            yield {"shmem": size}
    finally:
        os.close(fd)


@contextlib.contextmanager
def tmpfs(size):
    path = "/dev/shm/mmlens-truth-%d" % os.getpid()
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as e:
        raise Cannot("/dev/shm: %s" % e.strerror)
    try:
        os.unlink(path)
        write_out(fd, size)
        yield {"shmem": size}
    finally:
        os.close(fd)


def write_out(fd, size):
    for _ in range(size // MIB):
        os.write(fd, b"\x5a" * MIB)


def cached(folder):
    """Cannot, where the files of FOLDER are memory themselves: there is no cache of them."""
    device = os.stat(folder).st_dev
    device = "%d:%d" % (os.major(device), os.minor(device))
    for line in settings.read("/proc/self/mountinfo").splitlines():
        kind = line.partition(" - ")[2].split(" ")[0]
        if line.split(" ")[2] == device and kind in ("tmpfs", "ramfs", "rootfs"):
            raise Cannot("%s is a %s" % (folder, kind))


class File:
    """A file on a disk, there from the beginning to the end of a case."""

    def __init__(self, size):
        cached(tempfile.gettempdir())
        self.path = os.path.join(tempfile.gettempdir(), "mmlens-truth-%d" % os.getpid())
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.unlink(self.path)
        self.size = size

    def fill(self):
        os.lseek(self.fd, 0, os.SEEK_SET)
        write_out(self.fd, self.size)

    def forget(self):
        """Nothing of it in the page cache."""
        os.fdatasync(self.fd)
        os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def close(self):
        os.close(self.fd)


@contextlib.contextmanager
def file_clean(file):
    os.lseek(file.fd, 0, os.SEEK_SET)
    while os.read(file.fd, MIB):
        pass
    try:
        yield {"file_clean": file.size}
    finally:
        file.forget()


@contextlib.contextmanager
def file_dirty(file):
    os.ftruncate(file.fd, 0)
    file.fill()
    try:
        yield {"file_dirty": file.size}
    finally:
        os.ftruncate(file.fd, 0)


@contextlib.contextmanager
def hugetlb(size):
    with settings.huge_pages(size // (2 * MIB)):
        yield {"hugetlb": size}


@contextlib.contextmanager
def page_tables(size):
    """A page of a table for each 2 MiB in which one address is read: the zero page is nobody's."""
    step = 512 * PAGE
    reach = size // PAGE * step
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # NORESERVE
    with mmap.mmap(-1, reach, flags, mmap.PROT_READ) as area:
        area.madvise(MADV_NOHUGEPAGE)
        for at in range(0, reach, step):
            area[at]
        yield {"page_tables": size}


def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def closing(open_one):
    """A list to which OPEN_ONE() adds descriptors; all are closed."""
    fds = []
    try:
        open_one(fds)
        yield fds
    finally:
        for fd in fds:
            os.close(fd)


@contextlib.contextmanager
def pipes(size):
    def fill_pipes(fds):
        for _ in range(size // MIB):
            here, there = os.pipe()
            fds += [here, there]
            try:
                fcntl.fcntl(there, 1031, MIB)  # F_SETPIPE_SZ
            except OSError as e:
                raise Cannot("a pipe of 1 MiB: %s" % e.strerror)
            os.write(there, b"\x5a" * MIB)

    many_files()
    with closing(fill_pipes):
        yield {"unaccounted": size}


@contextlib.contextmanager
def packet_ring(size):
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except OSError as e:
        raise Cannot("AF_PACKET: %s" % e.strerror)
    with sock:
        sock.setsockopt(263, 10, struct.pack("i", 2))  # SOL_PACKET, PACKET_VERSION, TPACKET_V3
        blocks = size // MIB
        sock.setsockopt(263, 5, struct.pack("7I", MIB, blocks, 2048, blocks * (MIB // 2048),
                                            60, 0, 0))  # PACKET_RX_RING
        yield {"unaccounted": size}


def _tcp_pair(fds):
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(1)
        here = socket.create_connection(door.getsockname())
        there = door.accept()[0]
    here.setblocking(False)
    fds += [here.detach(), there.detach()]
    return fds[-2]


def _stuff(fd, data):
    """Write to FD until it takes no more; how much it took."""
    sent = 0
    try:
        while True:
            sent += os.write(fd, data)
    except BlockingIOError:
        return sent


@contextlib.contextmanager
def tcp(size):
    """Data sent to who does not read it. What describes it is counted as of sockets, too, and lies in
    slab objects."""
    def send(fds):
        left = size
        while left > 0:
            left -= _stuff(_tcp_pair(fds), b"\x5a" * MIB)

    many_files()
    with closing(send):
        yield {("sockets", "unaccounted"): size}


@contextlib.contextmanager
def udp(size):
    """Datagrams of 16 KiB that nobody reads; with small ones, the data would lie in slab objects."""
    def send(fds):
        left = size
        while left > 0:
            there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            there.setsockopt(socket.SOL_SOCKET, 33, 16 * MIB)  # SO_RCVBUFFORCE
            there.bind(("127.0.0.1", 0))
            here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            here.connect(there.getsockname())
            fds += [here.detach(), there.detach()]
            for _ in range(512):
                left -= os.write(fds[-2], b"\x5a" * 16384)

    many_files()
    with closing(send):
        yield {("sockets", "unaccounted"): size}


@contextlib.contextmanager
def unix(size):
    def send(fds):
        left = size
        while left > 0:
            here, there = socket.socketpair()
            here.setblocking(False)
            fds += [here.detach(), there.detach()]
            left -= _stuff(fds[-2], b"\x5a" * MIB)

    many_files()
    with closing(send):
        yield {("unaccounted", "slab_unreclaimable"): size}


_BPF = 321 if X86 else 280
MAP_TYPES = {"hash": 1, "array": 2, "percpu_hash": 5, "percpu_array": 6, "stack_trace": 7,
             "lru_hash": 9, "lpm_trie": 11, "queue": 22, "ringbuf": 27, "bloom": 30, "arena": 33}
NO_PREALLOC, MMAPABLE = 1, 1 << 10


def bpf_map(kind, key, value, entries, flags=0, extra=0):
    """bpf(BPF_MAP_CREATE): the descriptor."""
    attr = struct.pack("5I44xQ", MAP_TYPES[kind], key, value, entries, flags, extra)
    attr = attr.ljust(128, b"\0")
    # Until 5.11 maps were locked memory. Where the limit cannot be raised, the map may still be had.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    fd = libc.syscall(_BPF, 0, attr, 128)
    if fd < 0:
        raise Cannot("BPF map %s: %s" % (kind, os.strerror(ctypes.get_errno())))
    return fd


def bpf_update(fd, key, value):
    attr = struct.pack("I4xQQQ", fd, ctypes.addressof(key), ctypes.addressof(value), 0)
    if libc.syscall(_BPF, 2, attr.ljust(128, b"\0"), 128):
        raise Cannot("BPF map: %s" % os.strerror(ctypes.get_errno()))


@contextlib.contextmanager
def _map(row, size, kind, key, value, entries, flags=0, extra=0, elements=0):
    fd = bpf_map(kind, key, value, entries, flags, extra)
    try:
        room = ctypes.create_string_buffer(value)
        for n in range(elements):
            bpf_update(fd, ctypes.create_string_buffer(struct.pack("II", 32, n)[-key:], key), room)
        yield {row: size}
    finally:
        os.close(fd)


def bpf(kind, row, size):
    """A map of KIND that takes SIZE, or nearly."""
    if row == "percpu" and settings.kernel() < (5, 14):
        raise Cannot("before Linux 5.14 a chunk keeps pages that are free again: the map may lie in them")
    entries = size // 4096
    takes = {
        "array": ("array", 4, 4096, entries),
        "array mmapable": ("array", 4, 4096, entries, MMAPABLE),
        "hash": ("hash", 4, 4096 - 56, entries),
        "hash without prealloc": ("hash", 4, 4096 - 64, entries, NO_PREALLOC, 0, entries),
        "lru_hash": ("lru_hash", 4, 4096 - 56, entries),
        "percpu_array": ("percpu_array", 4, 4096, entries // CPUS),
        "percpu_hash": ("percpu_hash", 4, 4096, entries // CPUS),
        "queue": ("queue", 0, 4096, entries),
        "stack_trace": ("stack_trace", 4, 1016, size // 1048),
        "bloom": ("bloom", 0, 8, size * 8 // 7, 0, 5),  # 7 bits each, to the next power of two
        "ringbuf": ("ringbuf", 0, 0, size),
    }
    return _map(row, size, *takes[kind])


BPF_ROWS = {"array": "vmalloc", "array mmapable": "vmalloc", "hash": "vmalloc",
            "lru_hash": "vmalloc", "queue": "vmalloc", "stack_trace": "vmalloc",
            "bloom": "vmalloc", "percpu_array": "percpu", "percpu_hash": "percpu",
            "hash without prealloc": "slab_unreclaimable", "ringbuf": "unaccounted"}


@contextlib.contextmanager
def lpm_tries(size):
    """Maps of prefixes of each other, 2047 in each, so that no node lies between two of them."""
    def grow(fds):
        value = ctypes.create_string_buffer(2048 - 320)
        for _ in range(size // (2047 * 2048)):
            fds.append(bpf_map("lpm_trie", 4 + 256, len(value), 2048, NO_PREALLOC))
            for length in range(1, 2048):
                key = ctypes.create_string_buffer(struct.pack("I", length), 4 + 256)
                bpf_update(fds[-1], key, value)

    with closing(grow):
        yield {"slab_unreclaimable": size}


@contextlib.contextmanager
def arena(size):
    """Pages that a map of type arena has when they are touched."""
    fd = bpf_map("arena", 0, 0, size // PAGE, MMAPABLE)
    try:
        with mmap.mmap(fd, size) as area:
            for at in range(0, size, PAGE):
                area[at] = 1
            yield {"unaccounted": size}
    finally:
        os.close(fd)


@contextlib.contextmanager
def zram(size):
    """What does not compress, written past the page cache."""
    with settings.zram(size) as number:
        fd = os.open("/dev/zram%d" % number, os.O_RDWR | os.O_DIRECT)
        try:
            with mmap.mmap(-1, MIB) as block:
                for _ in range(size // MIB):
                    block[:] = os.urandom(MIB)
                    os.write(fd, block)
            yield {"zsmalloc": size}
        finally:
            os.close(fd)


def _compressed():
    """The memory of all compressed devices: a machine may have had one for swap before."""
    return sum(int(settings.read(path).split()[2])
               for path in glob.glob("/sys/block/zram*/mm_stat"))


@contextlib.contextmanager
def swapped(area):
    """AREA of anonymous memory sent to compressed swap: its row shrinks."""
    before = _compressed()
    area.madvise(MADV_PAGEOUT)
    try:
        yield {"anon": -len(area), "zsmalloc": _compressed() - before}
    finally:
        for at in range(0, len(area), PAGE):
            area[at] = area[at]


def _try(touch):
    """Cannot, when it kills a child that there is no such page."""
    child = os.fork()
    if not child:
        touch()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise Cannot("touched: %s" % signal.strsignal(os.WTERMSIG(status)))


@contextlib.contextmanager
def secret(size):
    fd = libc.syscall(447, 0)
    if fd < 0:
        raise Cannot("memfd_secret: %s" % os.strerror(ctypes.get_errno()))
    try:
        os.ftruncate(fd, size)
        with mmap.mmap(fd, size, mmap.MAP_SHARED) as area:
            _try(lambda: fill(area, size))
            fill(area, size)
            yield {"unevictable": size}
    finally:
        os.close(fd)


def _room(cache):
    """Objects of a slab cache that are there and free."""
    found = re.search(r"^%s +(\d+) +(\d+) " % cache, settings.read("/proc/slabinfo"), re.M)
    return int(found.group(2)) - int(found.group(1)) if found else 0


def _names(folder, n):
    for i in range(n):
        os.access("%s/%0200d" % (folder, i), os.F_OK)


@contextlib.contextmanager
def full_of_dentries():
    """Slabs have no room from names that are gone: those that come take slabs of their own."""
    with tempfile.TemporaryDirectory() as folder:
        cached(folder)
        _names(folder, max(_room("dentry"), _room("kmalloc-rcl-256")))
        yield


@contextlib.contextmanager
def dentries(size):
    """Names that do not exist, which the kernel remembers: in the dentry when they are short, else in
    256 bytes beside its 192."""
    with tempfile.TemporaryDirectory() as folder:
        cached(folder)
        _names(folder, size // 448)
        yield {"slab_reclaimable": size}


@contextlib.contextmanager
def threads(size):
    """Threads with 16 KiB of kernel stack each."""
    crowd = subprocess.Popen([os.path.join(ours.builddir, "tests/truth/crowd"), str(size >> 14)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    try:
        if crowd.stdout.readline() != b"ready\n":
            raise Cannot("not so many threads")
        yield {"kernel_stack": size}
    finally:
        crowd.stdin.close()
        crowd.wait()
        crowd.stdout.close()
