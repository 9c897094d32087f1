# Test results in TAP. SPDX-License-Identifier: GPL-2.0-or-later
import sys
import traceback

_count = 0
_failed = 0


def ok(good, what):
    """One result; returns whether it was good."""
    global _count, _failed
    _count += 1
    if not good:
        _failed += 1
    print("%s %d - %s" % ("ok" if good else "not ok", _count, what.replace("#", "")), flush=True)
    return bool(good)


def skip(what, why):
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, what.replace("#", ""), why), flush=True)


def note(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def run(main):
    """MAIN(), and the plan; ends the program. What breaks off in the middle is a failure that says why."""
    try:
        main()
    except Exception:
        note(traceback.format_exc())
        ok(False, "ran to its end")
    print("1..%d" % _count, flush=True)
    sys.exit(1 if _failed else 0)
