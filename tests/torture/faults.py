# What a run does when one of its calls fails. SPDX-License-Identifier: GPL-2.0-or-later
#
# Such a run gives the same bytes; or it exits 1 and says that memory or descriptors ran out, or which file
# could not be read; or it exits 0 with cells or rows removed, and says which file they would have come from.
# It never gives another value, and never ends by a signal. What is known not to be so stands in `exceptions`,
# from which lines may only go.
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

BUILD, SOURCE, LONG = sys.argv[1], sys.argv[2], os.environ.get("TORTURE") == "long"
MMLENS, PRELOAD = BUILD + "/mmlens", BUILD + "/tests/torture/fail.so"
FIXTURES = SOURCE + "/tests/fixtures/"
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


def removed(whole, got):
    """None if GOT is WHOLE with cells or rows removed; else what is not."""
    try:
        whole, got = json.loads(whole), json.loads(got)
    except ValueError:
        return "not JSON"
    for name, rows in got["tables"].items():
        left = list(whole["tables"].get(name, []))
        for row in rows:
            while left and any(v is not None and left[0].get(k) != v for k, v in row.items()):
                left.pop(0)
            if not left:
                same = [r for r in whole["tables"].get(name, []) if list(r.values())[:2] == list(row.values())[:2]]
                for k, v in row.items():
                    if same and v is not None and same[0].get(k) != v:
                        return "%s.%s: %r became %r" % (name, k, same[0].get(k), v)
                return "%s: another row" % name
            left.pop(0)
    return None


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
    said = path.encode() in err or path.encode() in out or (whole[0] == 1 and status == 1)
    changed = out != whole[1] and out and removed(whole[1], out)
    if changed:
        return changed
    if status == 1 and b"--root: " in err and not out:
        return None
    return None if said or (status == whole[0] and out == whole[1]) else "removed without a word"


def some(count):
    """The allocations to fail: all, or the first ones and every few of the rest."""
    if LONG or count <= 24:
        return range(1, count + 1)
    return sorted(set(list(range(1, 13)) + [13 + i * (count - 13) // 11 for i in range(12)]))


def memory(args):
    whole, count, _ = reference(args)
    bad = collections.OrderedDict()
    for n in some(count):
        for plan in ("alloc %d" % n, "alloc %d+" % n):
            wrong = judge_memory(whole, run(args, plan))
            if wrong:
                bad.setdefault(wrong, plan)
    return args, bad


def files(args):
    whole, _, paths = reference(args)
    bad = collections.OrderedDict()
    for path in paths:
        for plan in ("open %s EIO", "open %s EMFILE", "open %s EACCES", "read %s EIO", "part %s EIO"):
            wrong = judge_file(whole, run(args, plan % path), path)
            if wrong:
                bad.setdefault(wrong, plan % path)
    return args, bad


def tables():
    out = subprocess.run([MMLENS, "columns", "-r", "-n", "-o", "table"], capture_output=True).stdout.decode()
    return list(dict.fromkeys(out.split()))


def pid_of(tree):
    return (sorted((p for p in os.listdir(tree + "/proc") if p.isdigit()), key=int) + ["1"])[0]


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
names = [t for t in tables() if t not in ("translate",)]
formats = [[], ["-J"], ["--csv"], ["-r"], ["--openmetrics"]] if LONG else [[], ["-J"]]
first = trees[0]
jobs = [arguments(t, tree) + f for tree in trees for t in names for f in formats]
jobs += [["--help"], ["slab", "--help"], ["columns", "slab"], ["--root", trees[0], "sources"], ["--version"],
         ["--root", first, "slab", "-s", "-size", "-f", "size > 1M or cache ~ kmal", "-o", "cache,size", "-l", "3"],
         ["--root", first, "zonez"], ["--root", first, "zones", "-f", "bad bad"], ["--root", first, "dump"]]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    report("memory", pool.map(memory, jobs))
    report("files", pool.map(files, [arguments(t, tree) + ["-J"] for tree in trees for t in names]))
print("1..%d" % tests)
sys.exit(failed > 0)
