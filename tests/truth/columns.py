# Every column of the tables against readers that share nothing with mmlens: each value is derived
# here from the kernel's documentation, before, while and after mmlens does.
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import os
import re
import shutil
import sys
import tempfile

import files
import nodes
import ours
import processes
import slab
import tap
import zones
from company import Company
from sight import Columns, by_key

PAGE = os.sysconf("SC_PAGESIZE")
NOBODY = 65534
LIVE = files.Root()
FIXTURES = os.path.join(ours.srcdir, "tests/fixtures")

MACHINE = {
    "zones": [(zones.KEYS["zones"], zones.zones)],
    "buddy": [(zones.KEYS["buddy"], zones.buddy)],
    "slab": [(slab.KEY, slab.slabinfo), (slab.KEY, slab.sysfs)],
    "nodes": [(nodes.KEY, nodes.nodes)],
}


def exceptions():
    """{table: {column: reason}} from the list beside this file."""
    ret = {}
    with open(os.path.join(os.path.dirname(__file__), "exceptions")) as lines:
        for line in lines:
            found = re.fullmatch(r"(\w+)\.(\w+)\s+(\S.*)\n", line)
            if found:
                ret.setdefault(found.group(1), {})[found.group(2)] = found.group(3)
    return ret


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


def machine(check, user=None):
    for key, reader in MACHINE[check.table]:
        look = looking(lambda: reader(LIVE, PAGE), user)
        names = names_of(reader, key)
        check.known.update(names)
        with ours.Samples(check.table, "-o", ",".join(names), look=look, user=user) as samples:
            for _ in check.rounds():
                doc, looks = samples.next()
                check.table_of(by_key(doc["tables"].get(check.table) or [], key), looks)


def only(looks, names):
    """LOOKS with the columns NAMES alone."""
    return [{key: {n: row[n] for n in row if n in names} for key, row in look.items()}
            for look in looks]


def of_company(check, company):
    """All columns of processes that stand still, among all there are."""
    pids = list(company.pids.values())
    with ours.Samples("processes", "--all-columns",
                      look=lambda: processes.processes(LIVE, pids)) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            rows = {key: row for key, row in
                    by_key(doc["tables"]["processes"], processes.KEY).items() if key[0] in pids}
            check.table_of(rows, looks, still=True, skip=processes.OF_OTHERS)
            check.table_of(rows, only(looks, processes.OF_OTHERS))


def of_everyone(check, part, user=None, program=None):
    """The columns of a file of all processes. Of itself nobody sees that it sleeps."""
    names = list(processes.process(LIVE, os.getpid(), [part]))
    look = looking(lambda: processes.processes(LIVE, None, [part]), user)
    with ours.Samples("processes", "-o", ",".join(names), look=look, user=user,
                      program=program) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            rows = by_key(doc["tables"]["processes"], processes.KEY)
            for key in [k for k in rows if k[0] in (os.getpid(), samples.child.pid)]:
                del rows[key]
                for seen in looks:
                    seen.pop(key, None)
            check.table_of(rows, looks, churn=True)


def by_group(check, company, by):
    """Sums over processes that stand still."""
    pids = list(company.pids.values())
    summed = [c["column"] for c in ours.columns("processes")
              if c["kind"] in ("gauge", "derived", "counter") and c["unit"] in ("bytes", "count")]
    args = ["processes", "--all-columns", "--by", by, "-p", ",".join(str(pid) for pid in pids)]

    def look():
        return processes.groups(processes.processes(LIVE, pids), by, summed)

    with ours.Samples(*args, look=look) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            rows = by_key(doc["tables"]["processes"], ("group",))
            check.table_of(rows, looks, still=True, skip=processes.OF_OTHERS)
            check.table_of(rows, only(looks, processes.OF_OTHERS))


def by_parent(check, company):
    pids = list(company.pids.values())
    args = ["processes", "--all-columns", "--by", "parent", "-p", ",".join(str(pid) for pid in pids)]
    with ours.Samples(*args, look=lambda: processes.tree(processes.processes(LIVE, pids))) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            check.table_of(by_key(doc["tables"]["processes"], processes.KEY), looks, still=True,
                           skip=processes.OF_OTHERS)


def changes(check, key, company=None, *args):
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
                company.tell("touch", 100)
                company.tell("map", 100)


def all_processes(check):
    company = Company()
    try:
        of_company(check, company)
        for part in processes.PARTS:
            of_everyone(check, part)
        for by in ("program", "user", "cgroup", "unit", "container"):
            by_group(check, company, by)
        by_parent(check, company)
        if os.getuid() == 0:
            for part in processes.PARTS:
                of_everyone(check, part, NOBODY)
        with tempfile.TemporaryDirectory() as folder:  # without the modules: no task iterator
            alone = shutil.copy(ours.PROGRAM, folder)
            for part in ("identity", "counters"):
                of_everyone(check, part, program=alone)
        changes(check, processes.KEY, company)
    finally:
        company.end()
    for name, why in company.absent.items():
        tap.skip("workload: " + name, why)


def main():
    reasons = exceptions()
    for table in list(MACHINE) + ["processes"]:
        check = Columns(table)
        if table == "processes":
            all_processes(check)
        else:
            machine(check)
            if table in ("slab", "nodes"):
                changes(check, MACHINE[table][0][0])
            if os.getuid() == 0:
                machine(check, NOBODY)
        check.report([c["column"] for c in ours.columns(table)], reasons.get(table, {}))
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
