# Cells held to what independent readers saw before, during and after.
# SPDX-License-Identifier: GPL-2.0-or-later
import decimal
import numbers
import re
from fractions import Fraction

import tap

SHOWN = 5  # misses named for a column


def _number(value):
    return isinstance(value, numbers.Number) and not isinstance(value, bool)


def _nodes_within(value, seen):
    """The same of `N0=1 N1=2`, where what is 0 is left out."""
    value, seen = _by_node(value), [_by_node(s) for s in seen]
    return all(within(value.get(n, 0), [s.get(n, 0) for s in seen])
               for n in set(value).union(*seen))


def _by_node(text):
    return {node: int(n) for node, n in (part[1:].split("=") for part in text.split())}


def within(value, seen):
    """Whether VALUE lies between the least and the largest of SEEN, or is one of them where they have
    no order. A printed fraction may be off by half of its last digit."""
    if value is None:
        return None in seen
    seen = [s for s in seen if s is not None]
    if isinstance(value, str) and re.match(r"N\d+=\d", value):
        return _nodes_within(value, seen)
    if not seen or not _number(value) or not all(_number(s) for s in seen):
        return value in seen
    half = 0
    if isinstance(value, decimal.Decimal):
        half = Fraction(10) ** value.as_tuple().exponent / 2
    return min(seen) - half <= Fraction(value) <= max(seen) + half


def brief(values):
    """VALUES for people: each once, or the range."""
    values = [v for i, v in enumerate(values) if v not in values[:i]]
    if all(_number(v) for v in values):
        values = sorted({min(values), max(values)})
        return " to ".join(str(v) if isinstance(v, int) else "%.9g" % float(v) for v in values)
    return " or ".join(repr(v)[:200] for v in values[:4])


class Columns:
    """Compares a table's cells and keeps what was found for each column.

    A cell that stands still must be right every time. One that other programs move may jump beside
    all that the readers saw, and back: it is wrong when it was compared MOST times and never once
    right."""

    LEAST, MOST = 3, 12

    def __init__(self, table):
        self.table = table
        self.known = set()  # columns there is a reader for
        self.cells = {}     # column: cells compared that had a value
        self.alive = set()  # columns that had something else than 0
        self.missed = {}    # column: what was wrong, in words
        self.moving = {}    # (column, key): [misses, whether once right, words, round]
        self.round = 0

    def verdict(self, key, column, good, words, still):
        """What came of a comparison; WORDS say what was wrong."""
        if still:
            if not good:
                self.miss(column, words)
            return
        found = self.moving.setdefault((column, key), [0, False, "", 0])
        found[:] = found[0] + (not good), found[1] or good, words or found[2], self.round

    def cell(self, key, column, got, seen, still):
        """GOT of mmlens against SEEN by readers."""
        self.known.add(column)
        if any(s is not None for s in seen):
            self.cells[column] = self.cells.get(column, 0) + 1
        if any(seen):
            self.alive.add(column)
        good = within(got, seen)
        self.verdict(key, column, good, "" if good else
                     "%s: %s is not %s" % (key, brief([got]), brief(seen)), still)

    def change(self, key, column, got, before, now, interval, counter):
        """GOT as what became of a cell from BEFORE to NOW; INTERVAL: per second of it, which is
        printed to its last digit. A counter that went back tells nothing."""
        self.known.add(column)
        expected = [None]
        if before is not None and now is not None and not (counter and now < before):
            expected = [Fraction(now) - Fraction(before)]
            if interval:
                half = Fraction(10) ** interval.as_tuple().exponent / 2
                expected = [expected[0] / (Fraction(interval) + side) for side in (half, -half)]
        self.cell(key, column, got, expected, True)

    def row(self, key, row, seen, still, skip=()):
        """All cells of ROW; SEEN are the readers' rows, which have the columns they know."""
        for column in seen[0]:
            if column in skip:
                continue
            if column in row:
                self.cell(key, column, row[column], [s[column] for s in seen], still)
            else:
                self.miss(column, "%s: there is no such column" % (key,))

    def table_of(self, rows, looks, still=False, churn=False, skip=()):
        """ROWS of mmlens and LOOKS of readers, both by key: a row that every look has must be there,
        and there is none that no look has, unless rows come and go (CHURN)."""
        for key in looks[0]:
            if all(key in look for look in looks):
                if key in rows:
                    self.row(key, rows[key], [look[key] for look in looks], still, skip)
                else:
                    self.miss("(rows)", "%s is missing" % (key,))
        if not churn:
            for key in rows:
                if not any(key in look for look in looks):
                    self.miss("(rows)", "%s is not on this machine" % (key,))

    def rounds(self):
        """Compare as often as this yields: until each cell was right, within bounds."""
        for self.round in range(1, self.MOST + 1):
            yield self.round
            if self.round >= self.LEAST and all(right or last < self.round
                                                for _, right, _, last in self.moving.values()):
                return

    def miss(self, column, words):
        self.missed.setdefault(column, []).append(words)

    def _settle(self):
        again = 0
        for (column, key), (misses, right, words, _) in self.moving.items():
            again += misses
            if misses >= self.MOST - 2 and not right:
                self.miss(column, "%s, each of %d times" % (words, misses))
        self.moving = {}
        return again

    def _result(self, column, reasons):
        what = "%s.%s" % (self.table, column)
        if column in self.missed:
            tap.ok(False, what)
            for words in self.missed[column][:SHOWN]:
                tap.note(words)
        elif column in self.cells:
            tap.ok(True, "%s: %d cells" % (what, self.cells[column]))
        elif column in reasons:
            tap.skip(what, reasons[column])
        elif column in self.known:
            tap.skip(what, "no row of this machine has it")
        else:
            tap.ok(False, what + " has a reader")

    def report(self, columns, reasons):
        """A result for each of COLUMNS, those of the program; REASONS: why some have no reader."""
        again = self._settle()
        if again:
            tap.note("%s: moving cells were missed %d times" % (self.table, again))
        tap.note("%s, nothing but 0: %s" % (self.table, " ".join(
            column for column in columns if column in self.cells and column not in self.alive)))
        if "(rows)" in self.missed:
            self._result("(rows)", {})
        for column in columns:
            self._result(column, reasons)
        for column in sorted(self.missed):
            if column not in columns and column != "(rows)":
                self._result(column, {})


def by_key(rows, names):
    """ROWS of a document by their cells NAMES; a key that is there twice is a list's second."""
    ret = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        while key in ret:
            key += ("again",)
        ret[key] = row
    return ret
