# What the live checks have in common. SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import os
import re

import files
import ours
from sight import by_key

PAGE = os.sysconf("SC_PAGESIZE")
NOBODY = 65534
LIVE = files.Root()
FIXTURES = os.path.join(ours.srcdir, "tests/fixtures")


@contextlib.contextmanager
def seen_by(user):
    """Files are opened as USER would."""
    if user is None:
        yield
        return
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


def looking(look, user=None):
    def as_that_user():
        with seen_by(user):
            return look()
    return as_that_user


def names_of(reader, key):
    """The columns a reader knows, KEY first, where nothing can be read as well."""
    for tree in sorted(os.listdir(FIXTURES)):
        for row in reader(files.Root(os.path.join(FIXTURES, tree)), PAGE).values():
            return list(key) + [name for name in row if name not in key]
    raise LookupError("no fixture for %s" % (key,))


def only(looks, names):
    """LOOKS with the columns NAMES alone."""
    return [{key: {n: row[n] for n in row if n in names} for key, row in look.items()}
            for look in looks]


def changes(check, key, args=(), company=None):
    """Growth and rates from what two samples say, while something happens."""
    listed = ours.columns(check.table)
    of = {c["column"]: (c["kind"], re.fullmatch(r"change of (\w+)", c["source"]).group(1))
          for c in listed if c["kind"] in ("growth", "rate")}
    counters = [c["column"] for c in listed if c["kind"] == "counter"]
    check.known.update(of)
    before = None
    with ours.Samples(check.table, "--all-columns", *args) as samples:
        for _ in range(4):
            doc, _ = samples.next()
            now = by_key(doc["tables"][check.table], key)
            for name in set(now) & set(before or ()):
                for column, (kind, source) in of.items():
                    check.change(name, column, now[name][column], before[name][source],
                                 now[name][source], kind == "rate" and doc["interval"],
                                 source in counters)
            before = now
            if company:
                for what in ("touch", "map", "reread"):
                    company.tell(what, 16)
