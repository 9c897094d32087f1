# The machine's files, or those of a captured tree. SPDX-License-Identifier: GPL-2.0-or-later
import os
import stat


class Root:
    """Reads below one folder: "/" is this machine."""

    def __init__(self, path="/"):
        self.path = path
        self.live = path == "/"

    def at(self, path):
        return path if self.live else self.path + path

    def read(self, path):
        """The bytes of a file, or None where it is not there or cannot be read."""
        try:
            fd = os.open(self.at(path), os.O_RDONLY | os.O_NOFOLLOW * (not self.live))
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            parts = []
            while True:
                part = os.read(fd, 1 << 20)
                if not part:
                    return b"".join(parts)
                parts.append(part)
        except OSError:
            return None
        finally:
            os.close(fd)

    def text(self, path):
        data = self.read(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def number(self, path):
        text = self.text(path)
        try:
            return int(text)
        except (TypeError, ValueError):
            return None

    def names(self, path):
        try:
            return os.listdir(self.at(path))
        except OSError:
            return []

    def link(self, path):
        try:
            return os.readlink(self.at(path))
        except OSError:
            return None


def as_json(text):
    """TEXT (bytes, or str with surrogate escapes) as mmlens(1), "Text from the machine", has it in
    JSON: a byte that is no UTF-8 is \\xHH, a backslash before xHH is \\x5c."""
    if text is None:
        return None
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    out = []
    for i, char in enumerate(text):
        behind = text[i + 1:i + 4]
        if 0xDC80 <= ord(char) <= 0xDCFF:
            out.append("\\x%02x" % (ord(char) - 0xDC00))
        elif char == "\\" and len(behind) == 3 and behind[0] == "x" and \
                all(c in "0123456789abcdefABCDEF" for c in behind[1:]):
            out.append("\\x5c")
        else:
            out.append(char)
    return "".join(out)


def times(n, size):
    """N * SIZE, either of which may be unknown."""
    return None if n is None or size is None else n * size


def plus(a, b):
    return None if a is None or b is None else a + b


def minus(a, b):
    return None if a is None or b is None else a - b
