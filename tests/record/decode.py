# Reads a recording of format 1 as docs/recording-format.md says, with nothing of mmlens but that page, and
# prints what is in each sample, and what of the format was met. SPDX-License-Identifier: GPL-2.0-or-later
# decode.py DIRECTORY; takes zstd(1).
import glob
import re
import subprocess
import sys

MAGIC = bytes([0x5D, 0x2A, 0x4D, 0x18])
met = {}


def meet(what, number):
    met.setdefault(what, set()).add(number)


def crc32c(data):
    sum = 0xFFFFFFFF
    for byte in data:
        sum ^= byte
        for _ in range(8):
            sum = sum >> 1 ^ (0x82F63B78 if sum & 1 else 0)
    return sum ^ 0xFFFFFFFF


class Input:
    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def take(self, n):
        assert self.at + n <= len(self.data)
        self.at += n
        return self.data[self.at - n:self.at]

    def fixed(self, n):
        return int.from_bytes(self.take(n), "little")

    def varint(self):
        v = shift = 0
        while True:
            byte = self.take(1)[0]
            v |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return v

    def zigzag(self):
        v = self.varint()
        return -(v + 1) // 2 if v & 1 else v // 2


def change(line, op, n, data, numbers):
    out = b""
    for _ in range(n):
        gap, difference = data.varint(), numbers.zigzag()
        found = re.match(rb"(\D*\d+){%d}\D*(?<!\d)" % gap, line)
        text = found.group(0)
        number = re.match(rb"\d+", line[len(text):]).group(0)
        assert len(number) <= 19
        line = line[len(text) + len(number):]
        new = b"%d" % ((int(number) + difference) % 2**64)
        longer = len(new) - len(number)
        out += text
        if op == 5 and longer > 0:
            blanks = len(out) - len(out.rstrip(b" "))
            out = out[:len(out) - min(longer, max(blanks - 1, 0))]
        if longer < 0:
            out += {4: b"", 5: b" ", 6: b"0"}[op] * -longer
        out += new
    return out + line


def lines(base, length, data, numbers):
    out = b""
    rest = re.findall(rb"[^\n]*\n|[^\n]+", base)
    while len(out) < length:
        op = data.varint()
        op, n = op & 7, op >> 3
        meet("line operation", op)
        if op in (0, 1):
            assert n <= len(rest)
            out += b"".join(rest[:n]) if op == 0 else b""
            rest = rest[n:]
        elif op in (2, 3):
            out += data.take(n)
            rest = rest[op - 2:]
        else:
            out += change(rest.pop(0), op, n, data, numbers)
    assert len(out) == length
    return out


def words(base, length, data, numbers):
    out, at = b"", 0
    while len(out) < length:
        op = data.varint()
        op, n = op & 3, op >> 2
        meet("word operation", op)
        if op == 2:
            out += data.take(n)
            continue
        assert at + 8 * n <= len(base)
        for i in range(at, at + 8 * n, 8):
            word = base[i:i + 8]
            if op == 3:
                new = int.from_bytes(word, "little") + numbers.zigzag()
                word = (new % 2**64).to_bytes(8, "little")
            out += word if op != 1 else b""
        at += 8 * n
    assert len(out) == length
    return out


def answer(data, numbers, former, entries):
    op = data.varint()
    op, n = op & 3, op >> 2
    meet("answer", op)
    if op == 0:
        assert n
        return (n, b"")
    if op == 1:
        return (0, data.take(n))
    meet("base", min(n, 1))
    error, base = entries[-n][1] if n else former
    assert error == 0
    length = len(base) + data.zigzag()
    return (0, (lines if op == 2 else words)(base, length, data, numbers))


def sample(body, former):
    data, entries, told = Input(body), [], b""
    sum, size = data.fixed(4), data.fixed(4)
    data, numbers = Input(data.take(size)), Input(body[8 + size:])
    former = list(former)
    while data.more():
        op = data.varint()
        op, n = op & 3, op >> 2
        meet("operation", op)
        if op == 0:
            entries += former[:n]
        for i in range(n if op > 1 else 0):
            if op == 2:
                (path, asked), before = former[i]
            else:
                shared, more = data.varint(), data.varint()
                asked, shared = shared & 3, shared >> 2
                path = (entries[-1][0][0] if entries else b"")[:shared] + data.take(more)
                before = None
            meet("question", asked)
            got = answer(data, numbers, before, entries)
            entries.append(((path, asked), got))
            told += bytes([asked]) + got[0].to_bytes(2, "little") + path + b"\0" + got[1]
        former = former[n:] if op != 3 else former
    assert not former and not numbers.more() and sum == crc32c(told)
    order = [(path.replace(b"/", b"\0"), asked) for (path, asked), _ in entries]
    assert order == sorted(set(order))
    return entries


def facts(text):
    return dict(line.split("=", 1) for line in text.decode().splitlines())


def header(text):
    first, rest = text.split(b"\n", 1)
    assert first == b"mmlens recording 1"
    assert text[-16:] == b"crc32c=%08x\n" % crc32c(text[:-16])
    return facts(rest)


def index(data, heads, id):
    seq = end = step = ahead = behind = boot = 0
    assert data.varint() == len(heads)
    for head in heads:
        kind, flags = data.varint(), data.varint()
        seq += data.zigzag()
        offset = end + data.varint()
        size, raw = data.varint(), data.varint()
        step += data.zigzag()
        boot += step
        ahead += data.zigzag()
        behind += data.zigzag()
        end = offset + 64 + size
        got = (offset, kind, flags, size, seq, boot, boot + ahead, boot - behind, raw)
        assert got == head, (got, head)
    assert not data.more()


def segment(path, former):
    data = open(path, "rb").read()
    bodies = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
    first = id = None
    at, heads = Input(data), []
    while at.more():
        offset = at.at
        if at.data[offset:offset + 4] != MAGIC:
            sys.exit("%s: no frame of ours at %d" % (path, offset))
        at.take(4)
        text = at.take(at.fixed(4))
        if text.startswith(b"mmlens recording "):
            assert first in (None, text)
            first, id = text, int(header(text)["id"], 16)
            continue
        assert int.from_bytes(text[:8], "little") == id
        if len(text) == 24:
            meet("end", 1)
            assert text[16:20] == b"end\n" and not at.more()
            assert int.from_bytes(text[20:], "little") == crc32c(data[offset:offset + 28])
            assert int.from_bytes(text[8:16], "little") == heads[-1][0]
            continue
        assert len(text) == 56
        assert int.from_bytes(text[52:], "little") == crc32c(data[offset:offset + 60])
        head = Input(text[8:])
        kind, flags, size, seq = head.fixed(2), head.fixed(2), head.fixed(4), head.fixed(8)
        boot, real, mono, raw = head.fixed(8), head.fixed(8), head.fixed(8), head.fixed(4)
        at.take(size)
        body, bodies = bodies[:raw], bodies[raw:]
        meet("kind", kind)
        if kind in (1, 2):
            former = sample(body, former if kind == 2 else [])
            print("sample", seq, boot, real, mono)
            for (name, asked), (error, got) in former:
                print(" ", name.decode(), asked, error, got.hex())
        elif kind == 3:
            print("gap", seq, sorted(facts(body).items()))
        elif kind == 4:
            index(Input(body), heads, id)
        heads.append((offset, kind, flags, size, seq, boot, real, mono, raw))
    assert not bodies
    return int(header(first)["first"]), former


names = glob.glob(sys.argv[1] + "/*.mml")
for name in sorted(names, key=lambda n: int(re.search(rb"\nfirst=(\d+)\n", open(n, "rb").read()).group(1))):
    segment(name, [])
for what in sorted(met):
    print("met", what, *sorted(met[what]))
