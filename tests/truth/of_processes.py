# Table `processes` against its readers. SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil
import tempfile

import ours
import processes
import settings
import tap
from live import LIVE, NOBODY, changes, looking, only
from sight import by_key


def company_alone(check, company):
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


def everyone(check, part, user=None, program=None):
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
              if c["kind"] in ("gauge", "derived", "counter") and (c["unit"] in ("bytes", "count") or c["column"] == "mem_share") and
              c["column"] != "badness"]  # points are compared, and not added up

    def look():
        return processes.groups(processes.processes(LIVE, pids), by, summed)

    with ours.Samples("processes", "--all-columns", "--by", by, "-p", company.list_of_pids(),
                      look=look) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            rows = by_key(doc["tables"]["processes"], ("group",))
            check.table_of(rows, looks, still=True, skip=processes.OF_OTHERS)
            check.table_of(rows, only(looks, processes.OF_OTHERS))


def by_parent(check, company):
    pids = list(company.pids.values())
    with ours.Samples("processes", "--all-columns", "--by", "parent", "-p", company.list_of_pids(),
                      look=lambda: processes.tree(processes.processes(LIVE, pids))) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            check.table_of(by_key(doc["tables"]["processes"], processes.KEY), looks, still=True,
                           skip=processes.OF_OTHERS)


GROUPS = {"sharer": "mmlens-truth.slice/docker-%s.scope" % ("0123456789abcdef" * 4),
          "threads": "mmlens-truth.slice/some.service/lxc.payload.box"}


def in_groups(check, company):
    """Units and containers, by the names that their managers give control groups."""
    for name, path in GROUPS.items():
        try:
            with settings.group(path, company.pids[name]):
                everyone(check, "identity")
        except settings.Cannot as why:
            tap.skip("in control group " + path, why)


def check_all(check, company):
    company_alone(check, company)
    for part in processes.PARTS:
        everyone(check, part)
    for by in ("program", "user", "cgroup", "unit", "container"):
        by_group(check, company, by)
    by_parent(check, company)
    if os.getuid() == 0:
        for part in processes.PARTS:
            everyone(check, part, NOBODY)
    with tempfile.TemporaryDirectory() as folder:  # without the modules: no task iterator
        alone = shutil.copy(ours.PROGRAM, folder)
        for part in ("identity", "counters"):
            everyone(check, part, program=alone)
    in_groups(check, company)
    changes(check, processes.KEY, company=company)
