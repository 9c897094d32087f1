# Tables `vmas` and `pages` against their readers. SPDX-License-Identifier: GPL-2.0-or-later
import os

import ours
import pages
import vmas
from live import LIVE, NOBODY, PAGE, changes, looking
from sight import by_key, within


def _own(company, key):
    """Whether a mapping, by its key, is one that only the workload's memory process has."""
    return key[0] == company.pids["memory"] and company.name_of(int(key[1], 16)) in company.alone


def _flags(check, rows):
    for key, row in rows.items():
        check.cell(key, "flags", vmas.flags_in_words(row), [""], True)


def mappings(check, company, user=None):
    pids = company.pids["nobody" if user else "memory"], company.pids["sharer"]
    look = looking(lambda: vmas.vmas(LIVE, pids, PAGE), user)
    with ours.Samples("vmas", "--all-columns", "-p", ",".join(str(pid) for pid in pids), look=look,
                      user=user) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            rows = by_key(doc["tables"]["vmas"], vmas.KEY)
            own = [key for key in rows if _own(company, key)]
            check.table_of({key: rows[key] for key in own},
                           [{key: look[key] for key in own} for look in looks], still=True,
                           skip=vmas.OF_OTHERS)
            check.table_of(rows, looks)
            _flags(check, rows)


def by_name(check, company):
    """Mappings of one name summed up, in two processes."""
    pids = company.pids["memory"], company.pids["sharer"]
    summed = [c["column"] for c in ours.columns("vmas")
              if c["kind"] in ("gauge", "derived") and c["unit"] == "bytes"]
    with ours.Samples("vmas", "--all-columns", "--by", "name", "-p",
                      ",".join(str(pid) for pid in pids),
                      look=lambda: vmas.groups(vmas.vmas(LIVE, pids, PAGE), summed)) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            check.table_of(by_key(doc["tables"]["vmas"], ("name",)), looks)


def _page_values(check, row, looks, own):
    """The cells of a run against each of its pages."""
    start, end = int(row["address"], 16), int(row["end"], 16)
    run = [[look[at] for at in range(start, end, PAGE) if at in look] for look in looks]
    if any(len(seen) != (end - start) // PAGE for seen in run):
        check.miss("(rows)", "%s is not mapped" % row["address"])
        return
    key = (row["pid"], row["address"])
    for column in run[0][0]:
        if column in pages.OF_RUNS:
            continue
        got = set(row[column].split()) if column == "flags" and row[column] else row[column]
        check.known.add(column)
        if any(page[column] is not None for page in run[0]):
            check.cells[column] = check.cells.get(column, 0) + len(run[0])
        if any(page[column] for page in run[0]):
            check.alive.add(column)
        wrong = [i for i in range(len(run[0])) if not within(got, [seen[i][column] for seen in run])]
        words = "%s+%d: %r is not %r" % (key, wrong[0], got, run[0][wrong[0]][column]) if wrong else ""
        check.verdict(key, column, not wrong, words, own and column in pages.STILL)
    wanted = [pages.runs_are(row, seen, PAGE) for seen in run]
    for column in wanted[0]:
        check.cell(key, column, row[column], [w[column] for w in wanted], False)


def runs(check, company, user=None, args=()):
    """Runs of pages; together they are all that is mapped."""
    pid = company.pids["nobody" if user else "memory"]
    soft_dirty = pages.has_soft_dirty(PAGE)
    reader = looking(lambda: pages.Reader(LIVE, PAGE, soft_dirty), user)()
    with ours.Samples("pages", "--all-columns", "-p", str(pid), *args,
                      look=looking(lambda: reader.pages(pid), user), user=user) as samples:
        for _ in check.rounds():
            doc, looks = samples.next()
            count = 0
            for row in doc["tables"]["pages"]:
                count += row["pages"]
                check.cell(row["address"], "address", row["address"], [row["address"]], True)
                _page_values(check, row, looks, company.name_of(int(row["address"], 16))
                             in company.alone and not user)
            check.cell(pid, "pages", count, [len(look) for look in looks], True)
    reader.frames.close()


def check_mappings(check, company):
    mappings(check, company)
    by_name(check, company)
    if os.getuid() == 0:
        mappings(check, company, NOBODY)
    changes(check, ("pid", "start"), ("-p", str(company.pids["memory"])), company)


def check_pages(check, company):
    runs(check, company)
    if os.getuid() == 0:
        runs(check, company, NOBODY)
