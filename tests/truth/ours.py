# What mmlens says. SPDX-License-Identifier: GPL-2.0-or-later
import calendar
import decimal
import json
import os
import select
import subprocess
import tempfile
import time

MOST = 1000  # looks that are kept

srcdir = os.environ.get("top_srcdir") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
builddir = os.environ.get("top_builddir") or srcdir
PROGRAM = os.environ.get("MMLENS") or os.path.join(builddir, "mmlens")


class Failed(Exception):
    """mmlens did not do what it was asked for."""


def parse(data):
    # Numbers keep the digits they were printed with.
    return json.loads(data.decode("utf-8"), parse_float=decimal.Decimal)


def _result(args, code, out, err):
    if code not in (0, 1) or not out:
        raise Failed("%s: exit %d: %s" % (" ".join(args), code, err.decode("utf-8", "replace")))
    return parse(out)


def run(*args):
    """The document of `mmlens ARGS -J`."""
    args = [PROGRAM, "-J"] + list(args)
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return _result(args, done.returncode, done.stdout, done.stderr)


def as_user(user):
    """What Popen() takes to become USER, an id; None: to stay who one is."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


class Samples:
    """mmlens that takes sample after sample. Readers look while it waits, so that it is there for
    them as they are for it: what it maps itself is in the counts of both."""

    def __init__(self, *args, look=None, program=None, user=None):
        """USER: mmlens runs as that one, and LOOK() must be one that does."""
        self.look = look
        began = time.time()
        if look:
            look()
        delay = "%.2f" % max(0.1, 3 * (time.time() - began))
        args = [program or PROGRAM, "-J", "-d", delay, "-c", "1000000"] + list(args)
        self.errors = tempfile.TemporaryFile()
        self.child = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=self.errors, **as_user(user))
        self.rest = b""
        self.looks = []  # (when it was over, what was seen)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.child.stdout.close()
        self.child.terminate()
        self.child.wait()
        self.errors.close()

    def _waiting(self):
        return b"\n" in self.rest or select.select([self.child.stdout], [], [], 0)[0]

    def _line(self):
        while b"\n" not in self.rest:
            data = os.read(self.child.stdout.fileno(), 1 << 20)
            if not data:
                self.errors.seek(0)
                raise Failed("%s: %s" % (self.child.args,
                                         self.errors.read().decode("utf-8", "replace")))
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return parse(line)

    def _see(self):
        seen = self.look()
        self.looks = self.looks[-MOST:] + [(time.time(), seen)]

    def next(self):
        """(document, looks): a look that was over when the sample was begun, those taken while it
        was made, and one that began behind it. Samples no look was over for are passed by."""
        while True:
            while self.look and not self._waiting():
                self._see()
            doc = self._line()
            if not self.look:
                return doc, []
            taken = moment(doc["time"])
            before = [i for i, (over, _) in enumerate(self.looks) if over < taken]
            if before:
                self.looks = self.looks[before[-1]:]
                self._see()
                return doc, [seen for _, seen in self.looks]


def moment(text):
    """Seconds since the epoch of 2026-01-31T23:59:59.999Z."""
    whole, _, part = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (part or "0"))


def columns(table):
    """The columns of TABLE as `mmlens columns` lists them."""
    return run("columns", table)["tables"]["columns"]
