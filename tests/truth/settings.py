# What the full tests change on the machine, and put back. SPDX-License-Identifier: GPL-2.0-or-later
#
# Each is a context; where the machine cannot have it, Cannot says why before anything was changed.
import contextlib
import ctypes
import os
import re
import subprocess

libc = ctypes.CDLL(None, use_errno=True)


class Cannot(Exception):
    """This machine, or this user, cannot."""


machine = os.environ.get("MMLENS_VM")  # the virtual one this runs in
FULL = os.environ.get("TRUTH") == "full" or bool(machine)


def kernel():
    """(major, minor) of the one that runs."""
    return tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())


def allowed():
    if not FULL:
        raise Cannot("not without make check-truth")
    if os.getuid():
        raise Cannot("needs root")


def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError as e:
        raise Cannot("%s: %s" % (path, e.strerror))


def write(path, value):
    try:
        with open(path, "w") as file:
            file.write(str(value))
    except OSError as e:
        raise Cannot("%s: %s" % (path, e.strerror))


@contextlib.contextmanager
def setting(path, value):
    allowed()
    before = re.sub(r".*\[(\w+)\].*", r"\1", read(path))  # the one in brackets of a choice
    write(path, value)
    try:
        yield
    finally:
        write(path, before)


@contextlib.contextmanager
def huge_pages(n):
    """N more in the pool of the default size."""
    allowed()
    path = "/proc/sys/vm/nr_hugepages"
    before = int(read(path))
    write(path, before + n)
    try:
        if int(read(path)) < before + n:
            raise Cannot("no room for %d huge pages" % n)
        yield
    finally:
        write(path, before)


@contextlib.contextmanager
def zram(size):
    """A compressed device of SIZE bytes; its number."""
    allowed()
    number = int(read("/sys/class/zram-control/hot_add"))
    try:
        write("/sys/block/zram%d/disksize" % number, size)
        yield number
    finally:
        write("/sys/block/zram%d/reset" % number, 1)
        write("/sys/class/zram-control/hot_remove", number)


def call(name, *args):
    if getattr(libc, name)(*args):
        raise Cannot("%s: %s" % (name, os.strerror(ctypes.get_errno())))


@contextlib.contextmanager
def swap(size):
    """SIZE bytes of swap, compressed in memory; the device's number."""
    with zram(size) as number:
        device = "/dev/zram%d" % number
        try:
            subprocess.run(["mkswap", device], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as e:
            raise Cannot("mkswap: %s" % e)
        call("swapon", device.encode(), 0)
        try:
            yield number
        finally:
            call("swapoff", device.encode())


def memory_groups():
    """Where the control groups are that memory is charged to."""
    for line in read("/proc/self/mountinfo").splitlines():
        head, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        if kind == "cgroup" and "memory" in options.split(","):
            return head.split(" ")[4]
    for line in read("/proc/self/mountinfo").splitlines():
        if line.partition(" - ")[2].startswith("cgroup2 "):
            return line.split(" ")[4]
    raise Cannot("no control groups")


def _make(home, path, made):
    """The folders of PATH below HOME; those that were not there go to MADE."""
    at = home
    try:
        for part in path.strip("/").split("/"):
            at += "/" + part
            if not os.path.isdir(at):
                os.mkdir(at)
                made.append(at)
    except OSError as e:
        raise Cannot("%s: %s" % (e.filename, e.strerror))
    return at


@contextlib.contextmanager
def group(path, pid):
    """PID in control group PATH below the root, from which it returns there."""
    allowed()
    home, made = memory_groups(), []
    try:
        write(_make(home, path, made) + "/cgroup.procs", pid)
        yield
    finally:
        if os.path.exists("/proc/%d" % pid):
            write(home + "/cgroup.procs", pid)
        for at in reversed(made):
            os.rmdir(at)
