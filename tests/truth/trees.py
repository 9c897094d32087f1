# Every captured tree there is, to the last digit: nothing moves in a tree, so that each cell has one
# right value. SPDX-License-Identifier: GPL-2.0-or-later
import os
import re

import files
import invariants
import nodes
import ours
import processes
import slab
import tap
import vmas
import zones
from sight import Columns, by_key

TABLES = {
    "zones": (zones.KEYS["zones"], zones.zones),
    "buddy": (zones.KEYS["buddy"], zones.buddy),
    "slab": (slab.KEY, slab.both),
    "nodes": (nodes.KEY, nodes.nodes),
}

# What no kernel writes: these files were made by hand.
EDITED = {
    ("hwloc-64fake-4n2s2ca2c2t", "nodes"): ("hugepages_free", "share"),  # a count in kB
    ("hwloc-fakeheterocpunuma", "nodes"): ("share",),  # MemTotal alone
    ("02-jc-zoneinfo2", "zones"): ("unreclaimable",),  # that of a zone without pages
}


def trees():
    """Folders of captured trees: the project's, and others where they lie."""
    homes = [os.path.join(ours.srcdir, "tests/fixtures")]
    homes.append(os.environ.get("MMLENS_FIXTURES") or os.path.join(ours.srcdir, "../shared/fixtures"))
    homes.append(os.environ.get("MMLENS_REPORTS") or os.path.join(homes[1], "../reports"))
    for home in homes:
        for name in sorted(os.listdir(home)) if os.path.isdir(home) else []:
            if os.path.isdir(os.path.join(home, name, "proc")) or \
                    os.path.isdir(os.path.join(home, name, "sys")):
                yield name, os.path.join(home, name)


def compare(check, name, rows, seen):
    """ROWS of the tree NAME against the reader's."""
    check.table_of({(name,) + key: row for key, row in rows.items()},
                   [{(name,) + key: row for key, row in seen.items()}], still=True,
                   skip=EDITED.get((name, check.table), ()))


def of_machine(check, name, path):
    key, look = TABLES[check.table]
    doc = ours.run("--root", path, check.table, "--all-columns")
    page = doc["host"]["page_size"] or 4096  # what is assumed, as a note says
    compare(check, name, by_key(doc["tables"].get(check.table) or [], key),
            look(files.Root(path), page))


def of_classes(check, name, path):
    """What each class of allocations may still take of a zone."""
    doc = ours.run("--root", path, "zones", "--by", "class", "--all-columns")
    version = re.match(r"(\d+)\.(\d+)", doc["host"]["kernel"] or "99.0")
    kernel = (int(version.group(1)), int(version.group(2))) if version else (99, 0)
    compare(check, name, by_key(doc["tables"].get("zones") or [], zones.CLASS_KEY),
            zones.classes(files.Root(path), doc["host"]["page_size"] or 4096, kernel))


def pids_with(root, name):
    return [int(pid) for pid in root.names("/proc") if pid.isdigit() and
            root.text("/proc/%s/%s" % (pid, name)) is not None]


def of_processes(check, name, path):
    """Those of which there are both stat and status."""
    seen = {(key[0],): row for key, row in processes.processes(files.Root(path)).items()}
    if seen:
        doc = ours.run("--root", path, "processes", "--all-columns")
        rows = by_key(doc["tables"]["processes"], ("pid",))
        compare(check, name, {key: row for key, row in rows.items() if key in seen}, seen)


def of_vmas(check, name, path):
    root = files.Root(path)
    pids = pids_with(root, "smaps")
    if pids:
        doc = ours.run("--root", path, "vmas", "--all-columns", "-p",
                       ",".join(str(pid) for pid in pids))
        compare(check, name, by_key(doc["tables"]["vmas"], vmas.KEY),
                vmas.vmas(root, pids, doc["host"]["page_size"] or 4096))


def main():
    checks = {table: (Columns(table), of_machine) for table in TABLES}
    checks["zones by class"] = Columns("zones"), of_classes
    checks["processes"] = Columns("processes"), of_processes
    checks["vmas"] = Columns("vmas"), of_vmas
    for name, path in trees():
        for check, of in checks.values():
            of(check, name, path)
        invariants.check(name, path)
    for check, _ in checks.values():
        check.report(sorted(check.known), {})


if __name__ == "__main__":
    tap.run(main)
