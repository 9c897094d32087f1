# The screen goes through all its views again and again; what it holds must not become more.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A terminal of 24 by 80, live. Counted after some rounds, when every cache is warm, and at the end:
# descriptors, BPF programs and maps among them, threads, and anonymous memory. A sample more or less that
# is held at that moment makes more than a MiB of difference, so that the least of some looks counts.
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

BUILD, LONG = sys.argv[1], os.environ.get("TORTURE") == "long"
WARM, ROUNDS = (20, 200) if LONG else (4, 14)
GROWTH = 18 << 20  # samples of the last ten minutes are kept, in up to 16 MiB
SANITIZED = os.environ.get("SANITIZED")  # memory that was freed is then kept from use
VIEWS = b"1234567890"


class Screen:
    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "xterm-256color"
            os.environ["XDG_CONFIG_HOME"] = "/nowhere"
            os.execv(args[0], args)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        self.seen = b""

    def wait(self, quiet, most=120):
        """Until something was drawn, and then nothing for so many seconds; whether anything was."""
        drawn, end = False, time.monotonic() + most
        while time.monotonic() < end:
            if select.select([self.fd], [], [], quiet if drawn else most)[0]:
                try:
                    self.seen = (self.seen + os.read(self.fd, 1 << 16))[-4096:]
                except OSError:  # it has ended
                    return False
                drawn = True
            elif drawn:
                return True
        return drawn

    def press(self, key):
        os.write(self.fd, key)
        return self.wait(0.02)

    def text(self, name):
        with open("/proc/%d/%s" % (self.pid, name)) as file:
            return file.read()

    def held(self):
        """What it has now."""
        fds, objects = os.listdir("/proc/%d/fd" % self.pid), 0
        for fd in fds:
            try:
                objects += bool(re.search("^(prog|map|link)_id:", self.text("fdinfo/" + fd), re.M))
            except OSError:
                pass
        return {"descriptors": len(fds), "BPF objects": objects,
                "threads": len(os.listdir("/proc/%d/task" % self.pid)),
                "memory": int(re.search(r"RssAnon:\s+(\d+)", self.text("status")).group(1)) << 10}

    def end(self):
        """What it exits with after q."""
        os.write(self.fd, b"q")
        while self.wait(0.02, 1):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def settled(screen, wanted):
    """What it holds when it has come to rest: no more than WANTED, or what is left in the end."""
    memory = []
    for n in range(100):
        now = screen.held()
        memory.append(now["memory"])
        screen.wait(0.02, 0.1)
        if n >= 30 and (not wanted or all(now[k] <= wanted[k] for k in wanted if k != "memory")):
            break
    return dict(now, memory=min(memory))


def main():
    screen = Screen(BUILD + "/mmlens", "-d", "0.2")
    if not screen.wait(0.2):
        print("1..0 # SKIP no screen: %s" % screen.seen.decode(errors="replace").strip()[-100:])
        return 0
    warm = drawn = None
    for n in range(1, ROUNDS + 1):
        drawn = all([screen.press(VIEWS[i:i + 1]) for i in range(len(VIEWS))]) and screen.press(b"1")
        if not drawn:
            break
        if n == WARM:
            warm = settled(screen, None)
    print("%sok 1 - %d rounds of %d views" % ("" if drawn else "not ", n, len(VIEWS)))
    if not drawn:
        os.kill(screen.pid, signal.SIGKILL)
        print("1..1")
        return 1
    last = settled(screen, warm)
    failed = 0
    for i, what in enumerate(warm, 2):
        if what == "memory" and SANITIZED:
            print("ok %d # SKIP memory: the sanitizers keep what was freed" % i)
            continue
        good = last[what] <= warm[what] + (GROWTH if what == "memory" else 0)
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", i, what))
        print("# %d after %d rounds, %d after %d" % (warm[what], WARM, last[what], n))
    status = screen.end()
    failed += status != 0
    print("%sok %d - it ends with 0\n1..%d" % ("" if not status else "not ", i + 1, i + 1))
    return failed > 0


sys.exit(main())
