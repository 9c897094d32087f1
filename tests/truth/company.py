# The workload, as the tests hold it. SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import subprocess
import sys
import tempfile


# Mappings that the memory process shares with nobody: made when its children were there.
SHARED = ("anon_part", "file_clean", "file_copied", "file_text", "file_shared", "odd_name",
          "heap_name", "raw_name", "removed", "device", "shared_anon", "memfd", "memfd_private",
          "tmpfs", "sysv", "secret", "hugetlb", "hugetlb_private", "spare")


class Company:
    """The processes of workload.py: `pids` and `maps` by name, `absent` with reasons."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mmlens-truth.")
        self.child = subprocess.Popen(
            [sys.executable, "-B", os.path.join(os.path.dirname(__file__), "workload.py"),
             self.folder.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the workload ended: %s" % self.child.wait())
        found = json.loads(line)
        self.pids, self.maps, self.absent = found["pids"], found["maps"], found["absent"]

        self.alone = set(self.maps) - set(SHARED)

    def list_of_pids(self):
        return ",".join(str(pid) for pid in self.pids.values())

    def name_of(self, address):
        """The mapping that ADDRESS is in, or None."""
        for name, (start, end) in self.maps.items():
            if start <= address < end:
                return name
        return None

    def tell(self, *words):
        """A command, done when this returns."""
        self.child.stdin.write((" ".join(str(w) for w in words) + "\n").encode())
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if answer != b"done\n":
            raise RuntimeError("the workload said %r" % answer)

    def end(self):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()
        self.folder.cleanup()
