# The screen is shown each signal, and allocations that fail. SPDX-License-Identifier: GPL-2.0-or-later
#
# However it ends, the terminal is as it was: its settings, and each mode that was set and is to be reset.
# A signal ends the process as that signal does, or does what it is for. When an allocation fails, the screen
# goes on and ends when it is told to, or it ends with 1 and a line that says what has run out.
import concurrent.futures
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

BUILD, SOURCE, TMP = sys.argv[1:4]
LONG = os.environ.get("TORTURE") == "long"
TREE = SOURCE + "/tests/fixtures/vm-two-nodes-6.1"
REASONS = (b"out of memory", b"Out of memory", b"no thread can be started", b"Cannot allocate memory")
# The C library keeps these for its threads, and hands them to nobody.
LIBRARY = (32, 33)


def views():
    with open(SOURCE + "/src/views/registry.def") as file:
        return re.findall(r"^(?:VIEW|PLAIN)\([^,]*,\s*(\w+)", file.read(), re.M)


class Screen:
    def __init__(self, args, plan=None, told=None):
        self.out, self.status = b"", None
        self.pid, self.fd = pty.fork()
        if not self.pid:
            try:
                env = dict(os.environ, TERM="xterm-256color", XDG_CONFIG_HOME="/nowhere", LC_ALL="C.UTF-8")
                if plan or told:
                    env["LD_PRELOAD"] = BUILD + "/tests/torture/fail.so"
                if plan:
                    env["MMLENS_FAIL"] = plan
                if told:
                    env["MMLENS_FAIL_TOLD"] = told
                sys.stdin.readline()  # until the settings were looked at
                os.execve(BUILD + "/mmlens", ["mmlens", "--root", TREE, "-d", "0.1"] + args, env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.fd)
        os.write(self.fd, b"\n")

    def gather(self, quiet, most):
        """Reads until nothing came for QUIET seconds after something did, or it ended; whether it goes on."""
        drawn, end = False, time.monotonic() + most
        while time.monotonic() < end:
            if select.select([self.fd], [], [], quiet if drawn else 0.5)[0]:
                try:
                    more = os.read(self.fd, 1 << 16)
                except OSError:
                    more = b""
                if not more:
                    return False
                self.out += more
                drawn = drawn or b"\x1b[?1049h" in self.out
            elif drawn or self.ended():
                break
        return not self.ended()

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def stopped(self):
        with open("/proc/%d/stat" % self.pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "T"

    def settle(self, most=20):
        """Waits for the end. Returns the status; None: it did not end."""
        end = time.monotonic() + most
        while not self.ended() and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.02)[0]:
                try:
                    self.out += os.read(self.fd, 1 << 16)
                except OSError:
                    pass
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        return self.status

    def left(self):
        """What of the terminal is not as it was. Called once it has ended."""
        while select.select([self.fd], [], [], 0)[0]:
            try:
                more = os.read(self.fd, 1 << 16)
            except OSError:
                break
            if not more:
                break
            self.out += more
        try:
            after = termios.tcgetattr(self.fd)
        except termios.error:
            after = self.before  # nobody has it open
        os.close(self.fd)
        odd = ["settings"] if after != self.before else []
        modes = {}
        for numbers, to in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.out):
            for number in numbers.split(b";"):
                modes[number] = to
        usual = {b"25": b"h", b"7": b"h"}  # the cursor is seen, and lines wrap
        odd += [k.decode() for k, v in modes.items() if v != usual.get(k, b"l") and k not in (b"12",)]
        if self.out.rfind(b"\x1b=") > self.out.rfind(b"\x1b>"):
            odd.append("keypad")
        return odd

    def words(self):
        """What stands on the terminal behind the screen."""
        text = re.sub(rb"\x1b[\[\]()=>?0-9;]*[A-Za-z]?", b"", self.out.rpartition(b"\x1b[?1049l")[2])
        return text.strip()


def after_signal(number):
    # Without a shell nobody would let it go on, so that the kernel stops it for none of the first two.
    ignored = (signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT,
               signal.SIGPIPE)
    stops = (signal.SIGTSTP, signal.SIGSTOP)
    s = Screen(["top", "zones"])
    if not s.gather(0.05, 30):
        return "it did not open: %s" % s.words()
    os.kill(s.pid, number)
    want = -number
    if number in stops:
        end = time.monotonic() + 20
        while not s.stopped() and time.monotonic() < end:
            s.gather(0.02, 0.1)
        if not s.stopped():
            return "did not stop"
        os.kill(s.pid, signal.SIGCONT)
    if number in stops + ignored:
        s.gather(0.05, 1)
        if s.ended():
            return "ended with %s" % s.status
        os.write(s.fd, b"q")
        want = 0
    if number == signal.SIGINT:
        want = 0
    status, odd = s.settle(), s.left()
    if number == signal.SIGKILL:
        odd = []
    return None if status == want and not odd else "ended with %s, left: %s" % (status, ", ".join(odd))


def after_failure(job):
    """What is wrong when allocation N of VIEW fails."""
    view, plan = job
    s = Screen(["top", view], plan)
    if s.gather(0.1, 30):
        try:
            for key in (b"j", b"i", b"q"):
                os.write(s.fd, key)
                if not s.gather(0.03, 0.2):
                    break
            if not s.ended():
                os.write(s.fd, b"\x1b")  # out of a dialog
                s.gather(0.1, 0.2)
                os.write(s.fd, b"q")
        except OSError:
            pass
    status, odd = s.settle(), s.left()
    if status == 1 and not any(words in s.out for words in REASONS):
        odd.append("no reason: %s" % s.words()[-200:])
    if status not in (0, 1):
        odd.append("ended with %s" % status if status is not None else "did not end")
    return "%s (MMLENS_FAIL='%s' mmlens top %s)" % (", ".join(odd), plan, view) if odd else None


def allocations(view):
    told = "%s/told.%s" % (TMP, view)
    s = Screen(["top", view], told=told)
    s.gather(0.1, 30)
    os.write(s.fd, b"q")
    if s.settle() != 0 or s.left():
        return 0
    with open(told, errors="surrogateescape") as file:
        return max(int(line.split()[1]) for line in file if line.startswith("allocations "))


def plans(view, count):
    every = max(1, count // (24 if LONG else 3))
    # The first are those of the start, where less stands between a failure and the user.
    for n in sorted(set(list(range(1, 40, 3) if LONG else (7,)) + list(range(every, count + 1, every)))):
        yield view, "alloc %d" % n
        yield view, "alloc %d+" % n


def say(wrong, what):
    global tests, failed
    tests += 1
    failed += bool(wrong)
    print("%sok %d - %s" % ("not " if wrong else "", tests, what))
    for line in wrong[:8]:
        print("# %s" % line)
    sys.stdout.flush()


tests = failed = 0
with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count())) as pool:
    first = Screen(["top", "zones"])
    if not first.gather(0.2, 30):
        print("1..0 # SKIP no screen: %s" % first.words().decode(errors="replace")[-100:])
        sys.exit(0)
    os.write(first.fd, b"q")
    first.settle()
    numbers = [n for n in range(1, 65) if n not in LIBRARY]
    wrong = ["%d: %s" % (n, w) for n, w in zip(numbers, pool.map(after_signal, numbers)) if w]
    say(wrong, "each signal leaves the terminal as it was")
    for view in views() if LONG else ("overview", "processes", "zones"):
        count = allocations(view)
        wrong = [] if count else ["%s: did not end well" % view]
        say(wrong + [w for w in pool.map(after_failure, plans(view, count)) if w], "allocations fail: %s" % view)
print("1..%d" % tests)
sys.exit(failed > 0)
