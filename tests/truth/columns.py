# Every column of the tables against readers that share nothing with mmlens: each value is derived
# here from the kernel's documentation, before, while and after mmlens does.
# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import os
import re
import time

import nodes
import of_mappings
import of_processes
import ours
import settings
import slab
import tap
import zones
from company import Company
from live import LIVE, NOBODY, PAGE, changes, looking, names_of
from sight import Columns, by_key

MACHINE = {
    "zones": [(zones.KEYS["zones"], zones.zones)],
    "buddy": [(zones.KEYS["buddy"], zones.buddy)],
    "slab": [(slab.KEY, slab.slabinfo), (slab.KEY, slab.sysfs)],
    "nodes": [(nodes.KEY, nodes.nodes)],
}
COMPANY = {"processes": of_processes.check_all, "vmas": of_mappings.check_mappings,
           "pages": of_mappings.check_pages}


def exceptions():
    """{table: {column: reason}} from the list beside this file."""
    ret = {}
    with open(os.path.join(os.path.dirname(__file__), "exceptions")) as lines:
        for line in lines:
            found = re.fullmatch(r"(\w+)\.(\w+)\s+(\S.*)\n", line)
            if found:
                ret.setdefault(found.group(1), {})[found.group(2)] = found.group(3)
    return ret


def machine(check, user=None):
    for key, reader in MACHINE[check.table]:
        names = names_of(reader, key)
        check.known.update(names)
        with ours.Samples(check.table, "-o", ",".join(names), user=user,
                          look=looking(lambda: reader(LIVE, PAGE), user)) as samples:
            for _ in check.rounds():
                doc, looks = samples.next()
                check.table_of(by_key(doc["tables"].get(check.table) or [], key), looks)


def report(check):
    check.report([c["column"] for c in ours.columns(check.table)],
                 exceptions().get(check.table, {}))


def of_machine(table):
    check = Columns(table)
    machine(check)
    if table in ("slab", "nodes"):
        changes(check, MACHINE[table][0][0])
    if os.getuid() == 0:
        machine(check, NOBODY)
    report(check)


@contextlib.contextmanager
def everything():
    """A company that has what only a changed machine gives: huge pages, swap, merged pages."""
    with contextlib.ExitStack() as stack:
        def have(what, made):
            try:
                stack.enter_context(made)
                return True
            except settings.Cannot as why:
                tap.skip(what, why)
                return False

        have("huge pages", settings.huge_pages(4))
        have("huge pages of shared memory", settings.setting(
            "/sys/kernel/mm/transparent_hugepage/shmem_enabled", "advise"))
        swap = have("swap", settings.swap(64 << 20))
        merges = have("merging of pages", settings.setting("/sys/kernel/mm/ksm/run", 1)) and \
            have("merging of pages", settings.setting("/sys/kernel/mm/ksm/pages_to_scan", 10000))
        company = Company()
        try:
            if swap:
                company.tell("swap", 8)
            if merges:
                wait_for_merge(company)
            yield company
        finally:
            company.end()


def wait_for_merge(company):
    """Until the kernel has looked at the mapping twice, which it does in its own time."""
    for _ in range(600):
        text = LIVE.text("/proc/%d/smaps" % company.pids["memory"])
        if re.search(r"^KSM: +[1-9]", text, re.M):
            return
        time.sleep(0.1)
    tap.skip("merged pages", "the kernel merged none in a minute")


def main():
    for table in MACHINE:
        of_machine(table)
    with everything() as company:
        for table, check_all in COMPANY.items():
            check = Columns(table)
            check_all(check, company)
            report(check)
        for name, why in company.absent.items():
            tap.skip("workload: " + name, why)


if __name__ == "__main__":
    tap.run(main)
