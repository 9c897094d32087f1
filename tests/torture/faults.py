# What a run does when one of its calls fails. SPDX-License-Identifier: GPL-2.0-or-later
#
# Such a run gives the same bytes; or it exits 1 and says that memory or descriptors ran out, or which file
# could not be read; or it exits 0 with cells or rows removed, and says which file they would have come from.
# It never gives another value, and never ends by a signal. Three things follow from a cell that is removed:
# a row that stands for several, of which part of the key is not known, has their sums; the remainder of
# `balance` has what its other rows lack; and a cell that says why another is absent says so.
# What is known not to be so stands in `exceptions`, which is empty and should stay so.
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys

BUILD, SOURCE, LONG = sys.argv[1], sys.argv[2], os.environ.get("TORTURE") == "long"
MMLENS, PRELOAD = BUILD + "/mmlens", BUILD + "/tests/torture/fail.so"
FIXTURES = SOURCE + "/tests/fixtures/"
OF_PROCESSES = ("processes", "vmas", "smaps", "mm", "pages", "hugetlb", "cgroups", "tasks")
RAN_OUT = (b"out of memory", b"too many open files")


def run(args, plan=None, told=None):
    env = dict(os.environ, LC_ALL="C.UTF-8", LD_PRELOAD=PRELOAD)
    if plan:
        env["MMLENS_FAIL"] = plan
    if told:
        env["MMLENS_FAIL_TOLD"] = told
    try:
        p = subprocess.run([MMLENS] + args, stdin=subprocess.DEVNULL, capture_output=True, env=env, timeout=120)
    except subprocess.TimeoutExpired:
        return None, b"", b""
    return p.returncode, p.stdout, p.stderr


def reference(args):
    """What a run gives that nothing happens to, how often it allocates, and the paths it opens."""
    told = "%s/told.%d" % (os.environ["TMP_TORTURE"], id(args))
    whole = run(args, told=told)
    with open(told, errors="surrogateescape") as file:
        lines = file.read().split("\n")
    os.unlink(told)
    count = [int(line.split()[1]) for line in lines if line.startswith("allocations ")][-1]
    return whole, count, list(dict.fromkeys(line for line in lines if line.startswith("/")))


def stands_for(row, rows, keys):
    """Whether ROW, of which part of the key is absent, has the sums of those of ROWS that it may stand for."""
    if all(row[k] is not None for k in keys if k in row):
        return False
    same = [r for r in rows if all(row[k] in (None, r[k]) for k in keys if k in row)]
    for k, v in row.items():
        if k in keys or v is None:
            continue
        if isinstance(v, str) and any(r[k] != v for r in same):
            return False
        if not isinstance(v, str) and sum(r[k] or 0 for r in same) != v:
            return False
    return bool(same)


def with_remainder(rows, left):
    """ROWS of balance, with the remainder as it is among those that are LEFT."""
    items = [row.get("item") for row in left]
    lost = [row for row in rows if row.get("item") not in items]
    rows = [dict(row) for row in rows]
    if lost and rows[-1].get("item") == "unaccounted" and None not in (r.get("bytes") for r in rows):
        rest, last = rows[-1], left[-1]
        rest["bytes"] += sum(row["bytes"] for row in lost)
        rest["share"], rest["terms"], rest["help"] = last.get("share"), last.get("terms"), last.get("help")
    return rows


# States of pages that are said where less of them is known: see the help of pages.state.
LESS = {"absent": ("cached", "swapped"), "private": ("zero",), "shared": ("zero",), "swapped": ("guard", "special")}


def unlike(before, after):
    """The columns in which AFTER has a value that BEFORE has not."""
    return [k for k, v in after.items() if v is not None and before.get(k) != v
            and not (k == "why" and before.get(k) is None)
            and not (k == "state" and before.get(k) in LESS.get(v, ()))
            and not (k.endswith("_at_least") and v <= before.get(k, before.get(k[:-9])))]


def is_run_of(row, rows):
    """Whether ROW of pages is that of a run in which some of ROWS differ in nothing that it tells."""
    inside = [r for r in rows if r["pid"] == row["pid"] and
              int(row["address"], 16) <= int(r["address"], 16) < int(row["end"], 16)]
    of_first = ("address", "pfn", "index", "swap_offset")
    return (bool(inside) and sum(r["pages"] for r in inside) == row["pages"]
            and not any(k in of_first for k in unlike(inside[0], row))
            and not any(k not in of_first + ("end", "pages", "size", "contiguous") for r in inside for k in unlike(r, row)))


def removed(whole, got):
    """None if GOT is WHOLE with cells or rows removed; else what is not."""
    try:
        whole, got = json.loads(whole), json.loads(got)
    except ValueError:
        return "not JSON"
    for name, rows in got["tables"].items():
        all = whole["tables"].get(name, [])
        if name == "balance" and rows:
            all = with_remainder(all, rows)
        left = list(all)
        for row in rows:
            if stands_for(row, all, KEYS[name]) or name == "pages" and is_run_of(row, all):
                continue
            if row.get("why") and row.get("value") is None:
                continue  # nothing but a reason
            while left and unlike(left[0], row):
                left.pop(0)
            if not left:
                same = [r for r in all if all_keys(name, r) == all_keys(name, row)]
                for k in unlike(same[0], row) if same else []:
                    return "%s.%s: %r became %r" % (name, k, same[0].get(k), row[k])
                return "%s: another row" % name
            left.pop(0)
    return None


def all_keys(name, row):
    return [row.get(k) for k in KEYS[name]]


def judge_memory(whole, got):
    status, out, err = got
    if got == whole or (status == 1 and b"out of memory" in err and whole[1].startswith(out)):
        return None
    # The names of columns that share a reason take memory; the reason does not.
    if status == whole[0] and out == whole[1] and err.count(b"\n") == whole[2].count(b"\n"):
        return None
    if status is None or status < 0:
        return "ended by a signal" if status else "did not end"
    return "exit %d: %s" % (status, err.decode(errors="replace").strip()[-100:] or "other output, and no reason")


def judge_file(whole, got, path):
    status, out, err = got
    if got == whole:
        return None
    if status is None or status < 0:
        return "ended by a signal" if status else "did not end"
    if status == 1 and any(words in err for words in RAN_OUT):
        return None
    names = [path.encode(), re.sub("/proc/[0-9]+", "/proc/PID", path).encode()]
    said = any(name in err or name in out for name in names) or (whole[0] == 1 and status == 1)
    changed = out != whole[1] and out and removed(whole[1], out)
    if changed:
        return changed
    if status == 1 and b"--root: " in err and not out:
        return None
    return None if said or (status == whole[0] and out == whole[1]) else "removed without a word"


def some(count, every):
    """The allocations to fail: all, or the first ones and every few of the rest."""
    if every or count <= 24:
        return range(1, count + 1)
    return sorted(set(list(range(1, 13)) + [13 + i * (count - 13) // 11 for i in range(12)]))


def memory(job):
    args, every = job
    whole, count, _ = reference(args)
    bad = collections.OrderedDict()
    for n in some(count, every):
        for plan in ("alloc %d" % n, "alloc %d+" % n):
            wrong = judge_memory(whole, run(args, plan))
            if wrong:
                bad.setdefault(wrong, plan)
    return args, bad


def files(args):
    whole, _, paths = reference(args)
    bad, like = collections.OrderedDict(), collections.Counter()
    for path in paths:
        # Of files that are alike but for a number or the name of a cache, some are enough.
        like[re.sub("/kernel/slab/[^/]*|[0-9]+", "#", path)] += 1
        if like[re.sub("/kernel/slab/[^/]*|[0-9]+", "#", path)] > (6 if LONG else 2):
            continue
        for plan in ("open %s EIO", "open %s EMFILE", "open %s EACCES", "read %s EIO", "part %s EIO"):
            wrong = judge_file(whole, run(args, plan % path), path)
            if wrong:
                bad.setdefault(wrong, plan % path)
    return args, bad


def keys():
    """The columns that make the key of each table."""
    out = subprocess.run([MMLENS, "columns", "-r", "-n", "-o", "table,column,kind"], capture_output=True).stdout
    ret = {}
    for line in out.decode().splitlines():
        table, column, kind = line.split()
        ret.setdefault(table, []).extend([column] if kind == "key" else [])
    return ret


def pid_of(tree):
    return (sorted((p for p in os.listdir(tree + "/proc") if p.isdigit()), key=int) + ["1"])[0]


def of_this(dir):
    """A tree of this machine, with a process that has all its files. What cannot be captured is not there."""
    run(["capture", dir, "-p", str(os.getpid())])
    return dir


def arguments(table, tree):
    needs = ("vmas", "smaps", "mm", "pages", "layout", "heap", "allocator")
    return ["--root", tree, table] + (["-p", pid_of(tree)] if table in needs else [])


def exceptions():
    with open(os.path.dirname(os.path.abspath(__file__)) + "/exceptions") as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip() and line[0] != "#"]


def report(what, results):
    """One result a table: what is wrong that is no exception, and which exceptions are none any more."""
    global tests, failed
    by_table = collections.OrderedDict()
    for args, bad in results:
        table = args[2] if args[0] == "--root" else args[0].lstrip("-")
        by_table.setdefault(table, []).extend((wrong, plan, args) for wrong, plan in bad.items())
    for table, found in by_table.items():
        known = [e for e in exceptions() if e[0] == what and e[1] == table]
        new = [f for f in found if not any(e[2] in f[0] + " " + f[1] for e in known)]
        tests += 1
        failed += bool(new)
        print("%sok %d - %s: %s" % ("not " if new else "", tests, what, table))
        for wrong, plan, args in new[:6]:
            print("# %s\n#   MMLENS_FAIL='%s' mmlens %s" % (wrong, plan, " ".join(args)))
        sys.stdout.flush()


tests = failed = 0
trees = [FIXTURES + t for t in (sorted(os.listdir(FIXTURES)) if LONG else ["vm-two-nodes-6.1"])]
KEYS = keys()
names = [t for t in KEYS if t not in ("translate",)]
formats = [[], ["-J"], ["--csv"], ["-r"], ["--openmetrics"]] if LONG else [[], ["-J"]]
first = trees[0]
# Every allocation of each table in one format, and of the rest some.
jobs = [(arguments(t, tree) + f, LONG and tree == first and f == ["-J"])
        for tree in trees for t in names for f in formats]
more = [["--help"], ["slab", "--help"], ["columns", "slab"], ["--root", trees[0], "sources"], ["--version"],
         ["--root", first, "slab", "-s", "-size", "-f", "size > 1M or cache ~ kmal", "-o", "cache,size", "-l", "3"],
         ["--root", first, "zonez"], ["--root", first, "zones", "-f", "bad bad"], ["--root", first, "dump"]]
jobs += [(args, LONG) for args in more]
whole = [(t, tree) for t in names for tree in trees]
here = of_this(os.environ["TMP_TORTURE"] + "/here")
whole += [(t, here) for t in names if os.path.isdir(here + "/proc") and (LONG or t in OF_PROCESSES)]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    report("memory", pool.map(memory, jobs))
    report("files", pool.map(files, [arguments(t, tree) + ["-J", "--all-columns"] for t, tree in whole]))
print("1..%d" % tests)
sys.exit(failed > 0)
