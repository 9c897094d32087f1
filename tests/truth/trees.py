# Every captured tree there is, to the last digit: nothing moves in a tree, so that each cell has one
# right value. SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

import files
import nodes
import ours
import slab
import tap
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


def main():
    checks = {table: Columns(table) for table in TABLES}
    for name, path in trees():
        for table, (key, look) in TABLES.items():
            doc = ours.run("--root", path, table, "--all-columns")
            rows = by_key(doc["tables"].get(table) or [], key)
            seen = look(files.Root(path), doc["host"]["page_size"] or 4096)
            checks[table].table_of({(name,) + k: r for k, r in rows.items()},
                                   [{(name,) + k: r for k, r in seen.items()}], still=True,
                                   skip=EDITED.get((name, table), ()))
    for check in checks.values():
        check.report(sorted(check.known), {})
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
