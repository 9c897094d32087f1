# SPDX-License-Identifier: GPL-2.0-or-later
"""schema.py SCHEMA [FILE...]: holds documents, which come one a line on standard input or lie in files, to the schema.

What the schema leaves open for later versions is closed here: a key that it does not name is a fault, as is a
table. Rows of which nothing but values of the same types differ are looked at once.
"""
import copy
import json
import sys

from jsonschema import Draft202012Validator

MAX_SHOWN = 10


def closed(schema):
    """The schema, with nothing allowed that it does not name."""
    schema = copy.deepcopy(schema)
    objects = [schema, schema["properties"]["tables"], schema["properties"]["diff"]]
    objects += [d for name, d in schema["$defs"].items() if d.get("type") == "object"]
    for o in objects:
        o["additionalProperties"] = False
    for name, table in schema["$defs"].items():
        if not name.startswith("-"):
            # Of --time, and of a comparison.
            table["properties"].setdefault("time", {"$ref": "#/$defs/-time"})
            table["properties"].setdefault("is", {"enum": ["+", "-", "~", "="]})
            table["properties"].setdefault("moved", {"type": ["number", "null"]})
    return schema


def shape(row):
    """Rows of one shape are right or wrong together, but for words and addresses, of which every value counts."""
    return tuple((k, v if isinstance(v, str) and len(v) < 24 else type(v).__name__,
                  isinstance(v, (int, float)) and v < 0) for k, v in row.items())


class Checker:
    def __init__(self, schema):
        self.schema = closed(schema)
        self.document = Draft202012Validator(self.schema)
        self.rows = {}
        for name, d in self.schema["$defs"].items():
            if not name.startswith("-"):
                self.rows[name] = Draft202012Validator({"$defs": self.schema["$defs"], **d})
        self.seen = {name: set() for name in self.rows}
        self.faults = 0
        self.documents = 0
        self.nrows = 0

    def fault(self, where, text):
        self.faults += 1
        if self.faults <= MAX_SHOWN:
            print(f"{where}: {text}"[:400])

    def row(self, where, table, row):
        kind = shape(row)
        if kind in self.seen[table]:
            return
        self.seen[table].add(kind)
        for error in self.rows[table].iter_errors(row):
            self.fault(f"{where}: {table}", f"{list(error.path)}: {error.message}")

    def check(self, where, text):
        """Each of the documents in the text."""
        try:
            while text:
                document, end = json.JSONDecoder().raw_decode(text)
                self.check_one(where, document)
                text = text[end:].lstrip()
        except ValueError as error:
            self.fault(where, f"{error}: {text[:80]}")

    def check_one(self, where, document):
        self.documents += 1
        for table, rows in document.get("tables", {}).items():
            if table not in self.rows or not isinstance(rows, list):
                continue  # the document's own check says so
            for row in rows:
                self.row(where, table, row)
            self.nrows += len(rows)
            document["tables"][table] = []
        for error in self.document.iter_errors(document):
            self.fault(where, f"{list(error.path)}: {error.message}")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    Draft202012Validator.check_schema(schema)
    checker = Checker(schema)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            checker.check(path, f.read())
    where = "?"
    for line in sys.stdin:
        if line.startswith("# "):
            where = line[2:].strip()
        else:
            checker.check(where, line.strip() or "nothing")
    empty = [name for name in checker.rows if not checker.seen[name]]
    print(f"# {checker.documents} documents, {checker.nrows} rows, no rows of: {' '.join(empty) or 'none'}")
    return 1 if checker.faults else 0


sys.exit(main())
