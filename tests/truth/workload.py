# Processes with every kind of memory, which then stand still and do as they are told.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#	workload.py DIR
# prints a line of JSON: {"pids": {NAME: PID}, "maps": {NAME: [START, END]}, "absent": {NAME: REASON}}.
# Commands on standard input, each answered by a line "done":
#	touch N    fault in N pages that nobody has touched yet
#	map N      N pages more of address space
#	reread N   N pages of a file from the disk, which the page cache has forgotten
#	swap N     the first N pages of some mappings to swap
# The end of input ends everything.
import ctypes
import fcntl
import json
import mmap
import os
import pty
import signal
import struct
import sys
import termios
import threading

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.shmat.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                      ctypes.c_long]
for _name in ("madvise", "munmap", "mprotect", "mlock", "msync"):
    getattr(libc, _name).argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mremap.restype = ctypes.c_void_p
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.syscall.restype = ctypes.c_long

PAGE = os.sysconf("SC_PAGESIZE")
FAILED = ctypes.c_void_p(-1).value
R, W, X = mmap.PROT_READ, mmap.PROT_WRITE, mmap.PROT_EXEC
RW = R | W
PRIVATE, SHARED, ANON = 0x02, 0x01, 0x20
FIXED, HUGETLB, GROWSDOWN, NORESERVE, DROPPABLE = 0x10, 0x40000, 0x0100, 0x4000, 0x08
ADVICE = {"random": 1, "sequential": 2, "dontneed": 4, "free": 8, "dontfork": 10, "mergeable": 12,
          "hugepage": 14, "nohugepage": 15, "dontdump": 16, "wipeonfork": 18, "pageout": 21, "guard": 102}
X86 = os.uname().machine == "x86_64"
NR = {"mlock2": 325 if X86 else 284, "memfd_secret": 447, "mbind": 237 if X86 else 235,
      "userfaultfd": 323 if X86 else 282, "pkey_alloc": 330 if X86 else 289, "mseal": 462, "io_uring_setup": 425,
      "io_uring_register": 427,
      "pkey_mprotect": 329 if X86 else 288, "exit": 60 if X86 else 93}

maps = {}
absent = {}
terminal = pty.openpty()
spare = {"next": 0, "end": 0}


class Cannot(Exception):
    pass


def check(got, what):
    if got in (-1, FAILED):
        raise Cannot("%s: %s" % (what, os.strerror(ctypes.get_errno())))
    return got


def syscall(name, *args):
    return check(libc.syscall(ctypes.c_long(NR[name]), *[ctypes.c_long(a) for a in args]), name)


def apart(size, prot, flags, fd=-1, offset=0, align=PAGE):
    """A mapping with holes around it, so that it merges with no other."""
    room = check(libc.mmap(None, size + 2 * align, 0, PRIVATE | ANON | NORESERVE, -1, 0), "mmap")
    start = (room + align) & ~(align - 1)
    libc.munmap(room, size + 2 * align)
    return check(libc.mmap(start, size, prot, flags | FIXED, fd, offset), "mmap")


def write(start, first, last, value=None):
    for page in range(first, last):
        ctypes.c_char.from_address(start + page * PAGE).value = bytes([value or page % 255 + 1])


def read(start, first, last):
    for page in range(first, last):
        ctypes.c_char.from_address(start + page * PAGE).value


def advise(start, size, what):
    check(libc.madvise(start, size, ADVICE[what]), what)


def made(name, start, size):
    maps[name] = [start, start + size]
    return start


def plain(name, pages, touched, prot=RW, flags=PRIVATE | ANON, fd=-1, advice=(), align=PAGE):
    size = pages * PAGE
    start = apart(size, prot if touched == 0 else RW, flags, fd, align=align)
    for what in advice:
        advise(start, size, what)
    write(start, 0, touched)
    return made(name, start, size)


def attempt(name, make, *args, **kwargs):
    """What this kernel or this user cannot make is absent, with the reason."""
    try:
        return make(*args, **kwargs)
    except (Cannot, OSError) as e:
        absent[name] = str(e)
        return None


def file_of(path, pages):
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    for page in range(pages):
        os.write(fd, bytes([page % 255 + 1]) * PAGE)
    os.fsync(fd)
    return fd


def files(folder):
    fd = file_of(folder + "/file", 32)
    read(plain("file_clean", 32, 0, R, PRIVATE, fd), 0, 16)
    write(plain("file_copied", 32, 0, RW, PRIVATE, fd), 4, 12)
    plain("file_text", 8, 0, R | X, PRIVATE, fd)
    read(plain("file_shared", 32, 0, RW, SHARED, fd), 0, 8)
    for name, path in (("odd_name", "a b\nc\\d\\x41 \u00e4 (deleted)"), ("heap_name", "[heap]")):
        plain(name, 4, 0, R, PRIVATE, file_of(folder + "/" + path, 4))
    raw = os.fsencode(folder) + b"/\xff\x1b[1m"
    plain("raw_name", 4, 0, R, PRIVATE, file_of(raw, 4))
    removed = folder + "/removed"
    read(plain("removed", 4, 0, R, PRIVATE, file_of(removed, 4)), 0, 4)
    os.unlink(removed)
    plain("device", 4, 2, RW, PRIVATE, os.open("/dev/zero", os.O_RDWR))


def shared():
    plain("shared_anon", 32, 16, flags=SHARED | ANON)
    fd = os.memfd_create("truth of a memfd")
    os.ftruncate(fd, 32 * PAGE)
    plain("memfd", 32, 16, flags=SHARED, fd=fd)
    plain("memfd_private", 32, 8, flags=PRIVATE, fd=fd)
    attempt("tmpfs", tmpfs)
    attempt("sysv", sysv)
    attempt("secret", secret)
    attempt("hugetlb", hugetlb)
    attempt("hugetlb_private", hugetlb, PRIVATE)


def tmpfs():
    path = "/dev/shm/mmlens-truth-%d" % os.getpid()
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    os.ftruncate(fd, 32 * PAGE)
    plain("tmpfs", 32, 16, flags=SHARED, fd=fd)


def sysv():
    seg = check(libc.shmget(0, 16 * PAGE, 0o1600), "shmget")
    start = check(libc.shmat(seg, None, 0), "shmat")
    libc.shmctl(seg, 0, None)
    write(made("sysv", start, 16 * PAGE), 0, 8)


def secret():
    fd = syscall("memfd_secret", 0)
    os.ftruncate(fd, 8 * PAGE)
    plain("secret", 8, 4, flags=SHARED, fd=fd)


def hugetlb(flags=SHARED):
    huge = 2 << 20
    start = apart(huge, RW, flags | ANON | HUGETLB, align=huge)
    write(made("hugetlb" if flags == SHARED else "hugetlb_private", start, huge), 0, 1)


def anonymous():
    plain("anon", 64, 64, advice=("nohugepage",))
    plain("anon_none", 16, 0)
    read(plain("anon_zero", 16, 0, advice=("nohugepage",)), 0, 16)
    plain("reserve", 256, 0, prot=0, flags=PRIVATE | ANON | NORESERVE)
    plain("thp", 1024, 1024, advice=("hugepage",), align=2 << 20)
    plain("growsdown", 16, 0, flags=PRIVATE | ANON | GROWSDOWN)
    plain("executable", 4, 2, prot=RW | X)
    for what in ("random", "sequential", "dontfork", "dontdump", "wipeonfork", "mergeable"):
        attempt(what, plain, what, 8, 4, advice=(what,))
    if "mergeable" in maps:
        write(maps["mergeable"][0], 0, 4, 7)
    attempt("droppable", plain, "droppable", 8, 4, flags=DROPPABLE | ANON)


def shared_thp():
    """In huge pages where the machine makes those of shared memory on advice."""
    plain("shared_thp", 512, 512, flags=SHARED | ANON, advice=("hugepage",), align=2 << 20)


def pinned():
    """Held in place for a ring that does input and output with it."""
    start = plain("pinned", 16, 16, advice=("nohugepage",))
    params = ctypes.create_string_buffer(120)
    vector = ctypes.create_string_buffer(struct.pack("QQ", start, 16 * PAGE))
    fd = syscall("io_uring_setup", 1, ctypes.addressof(params))
    syscall("io_uring_register", fd, 0, ctypes.addressof(vector), 1)


def locked():
    start = plain("locked", 16, 16)
    check(libc.mlock(start, 16 * PAGE), "mlock")
    attempt("on_fault", on_fault)


def on_fault():
    start = plain("on_fault", 16, 0)
    syscall("mlock2", start, 16 * PAGE, 1)
    write(start, 0, 4)


def lazy():
    start = plain("lazy", 16, 16, advice=("nohugepage",))
    advise(start, 8 * PAGE, "free")


def guard():
    start = plain("guard", 16, 4)
    advise(start + 8 * PAGE, 4 * PAGE, "guard")


def guarded_by_userfaultfd():
    """Pages 0 to 7 of 16 write-protected."""
    start = plain("uffd_wp", 16, 16, advice=("nohugepage",))
    fd = syscall("userfaultfd", os.O_CLOEXEC | 1)  # UFFD_USER_MODE_ONLY
    for number, form, values in (
            (0xC018AA3F, "QQQ", (0xAA, 0, 0)),                       # UFFDIO_API
            (0xC020AA00, "QQQQ", (start, 16 * PAGE, 2, 0)),          # UFFDIO_REGISTER, WP
            (0xC018AA06, "QQQ", (start, 8 * PAGE, 1))):              # UFFDIO_WRITEPROTECT
        arg = ctypes.create_string_buffer(struct.pack(form, *values))
        check(libc.ioctl(fd, ctypes.c_ulong(number), arg), "userfaultfd")


def policies():
    for name, mode in (("preferred", 1), ("bind", 2), ("interleave", 3), ("local", 4)):
        attempt(name, policy, name, mode)


def policy(name, mode):
    start = plain(name, 8, 0)
    mask = ctypes.create_string_buffer(struct.pack("Q", 1))
    syscall("mbind", start, 8 * PAGE, mode, 0 if mode == 4 else ctypes.addressof(mask),
            0 if mode == 4 else 64, 0)
    write(start, 0, 4)


def sealed():
    start = plain("sealed", 4, 2)
    syscall("mseal", start, 4 * PAGE, 0)


def protected_by_key():
    start = plain("pkey", 4, 2)
    key = syscall("pkey_alloc", 0, 0)
    syscall("pkey_mprotect", start, 4 * PAGE, RW, key)


def room_to_grow(folder):
    """Pages that were not touched yet, a mapping with room behind it, and a file to forget."""
    room = apart(4096 * PAGE, 0, PRIVATE | ANON | NORESERVE)
    libc.munmap(room, 4096 * PAGE)
    spare["mapping"], spare["pages"] = room, 8
    check(libc.mmap(room, 8 * PAGE, RW, PRIVATE | ANON | FIXED, -1, 0), "mmap")
    spare["file"] = file_of(folder + "/cold", 16)
    spare["cold"] = plain("cold", 16, 0, R, PRIVATE, spare["file"])
    size = 1024 * PAGE
    spare["next"] = plain("spare", 1024, 0, advice=("nohugepage",))
    spare["end"] = spare["next"] + size


def hold():
    """Stand still until the parent ends."""
    os.close(0)
    os.close(1)
    while True:
        signal.pause()


def child(body):
    pid = os.fork()
    if pid == 0:
        try:
            end_with_parent()
            body()
        finally:
            os._exit(1)
    return pid


def ready(body):
    """A child that has done BODY, and holds."""
    here, there = os.pipe()

    def run():
        os.close(here)
        body()
        os.write(there, b".")
        os.close(there)
        hold()

    pid = child(run)
    os.close(there)
    good = os.read(here, 1)
    os.close(here)
    return pid if good else None


def renamed():
    libc.prctl(15, b"a) R (\n\xff\\x41")  # PR_SET_NAME
    with open("/proc/self/oom_score_adj", "w") as adj:
        adj.write("321")


def threads():
    threading.stack_size(256 << 10)
    for _ in range(7):
        threading.Thread(target=signal.pause, daemon=True).start()


def end_with_parent():
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, a thread's own


def headless():
    """The first thread has ended, another lives on."""
    here, there = os.pipe()

    def live_on():
        end_with_parent()
        os.close(0)
        os.close(1)
        os.write(there, b".")
        while True:
            signal.pause()

    def run():
        threading.stack_size(256 << 10)
        threading.Thread(target=live_on, daemon=True).start()
        libc.syscall(ctypes.c_long(NR["exit"]), ctypes.c_long(0))

    pid = child(run)
    os.read(here, 1)
    return pid


def zombie():
    pid = child(lambda: os._exit(0))
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def stopped():
    pid = child(lambda: os.kill(os.getpid(), signal.SIGSTOP))
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    return pid


def on_terminal():
    os.setsid()
    fcntl.ioctl(os.open(os.ttyname(terminal[1]), os.O_RDWR), termios.TIOCSCTTY, 0)


def as_nobody():
    os.setgid(65534)
    os.setuid(65534)
    end_with_parent()  # a change of user undoes that


def family():
    pids = {"memory": os.getpid(), "sharer": ready(lambda: write(maps["anon_part"][0], 0, 4)),
            "renamed": ready(renamed), "threads": ready(threads), "headless": headless(),
            "zombie": zombie(), "stopped": stopped(), "terminal": ready(on_terminal)}
    if os.getuid() == 0:
        pids["nobody"] = ready(as_nobody)
    return pids


def obey():
    for line in sys.stdin:
        word, count = line.split()[0], int(line.split()[1])
        if word == "touch":
            write(spare["next"], 0, count, 1)
            spare["next"] += count * PAGE
        elif word == "map":
            more = spare["pages"] + count
            check(libc.mremap(spare["mapping"], spare["pages"] * PAGE, more * PAGE, 0), "mremap")
            spare["pages"] = more
        elif word == "reread":
            os.posix_fadvise(spare["file"], 0, 0, os.POSIX_FADV_DONTNEED)
            read(spare["cold"], 0, count)
            advise(spare["cold"], count * PAGE, "dontneed")
        elif word == "swap":
            for name in ("anon", "shared_anon", "memfd"):
                advise(maps[name][0], count * PAGE, "pageout")
        print("done", flush=True)


def main():
    folder = sys.argv[1]
    # What is made before the children is theirs, too.
    plain("anon_part", 64, 16)
    files(folder)
    shared()
    pids = family()
    anonymous()
    for name, make in (("shared_thp", shared_thp), ("pinned", pinned), ("locked", locked), ("lazy", lazy), ("guard", guard),
                       ("uffd_wp", guarded_by_userfaultfd), ("sealed", sealed),
                       ("pkey", protected_by_key)):
        attempt(name, make)
    policies()
    room_to_grow(folder)
    print(json.dumps({"pids": pids, "maps": maps, "absent": absent}), flush=True)
    obey()


if __name__ == "__main__":
    main()
