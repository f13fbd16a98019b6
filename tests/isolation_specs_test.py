#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All specifications of PostgreSQL 15's isolation tests are read, as this test reads them in its own way; those whose
SQL SQLite knows, but for isolation levels and for DROP TABLE of several, run there, each permutation of them. The files are fetched (scripts/fetch-isolation-specs) and are no
part of Interplay; where they cannot be had, nothing is tested (exit 77).

Usage: isolation_specs_test.py SCENARIO_DUMP INTERPLAY [FOLDER]
"""

import math
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

dump, interplay = sys.argv[1:3]
source = pathlib.Path(__file__).parents[1]
failures = []
LEFT = {}  # name: why it is not read; at most 10


def folder():
    if len(sys.argv) > 3:
        return pathlib.Path(sys.argv[3])
    fetched = subprocess.run([source / "scripts/fetch-isolation-specs"], capture_output=True, text=True)
    if fetched.returncode != 0:
        print(f"isolation_specs_test: skipped: {fetched.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        sys.exit(77)
    return pathlib.Path(fetched.stdout.strip())


# --- another reader ---------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"""\s*(?:\#[^\n]*\s*)*(?:
    \{ (?P<sql>[^}]*) \} | "(?P<quoted>(?:[^"\n]|"")*)" | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$]*) | (?P<number>\d+) |
    (?P<sign>[,()*]) | (?P<end>\Z))""", re.VERBOSE)


def tokens(text):
    at, found = 0, []
    while not found or found[-1][0] != "end":
        match = TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1}")
        kind = match.lastgroup
        what = match[kind].strip(" \t\r\f\n") if kind == "sql" else match[kind]
        found.append((kind, what.replace('""', '"') if kind == "quoted" else what))
        at = match.end()
    return found


def read_spec(text):
    """What scenario_dump prints, and the SQL: setup, session by session, steps by name."""
    lines, all_sql, steps, sessions, at = [], [], {}, [], 0
    found = tokens(text)
    own, permutations, turns = False, 0, []
    hexed = lambda what: what.encode().hex()

    def block(word, index):
        lines.append((f"own-{word}" if own else word) + " " + hexed(found[index][1]))
        all_sql.append((word, found[index][1]))

    while found[at][0] != "end":
        word = found[at][1]
        if word in ("setup", "teardown"):
            block(word, at + 1)
            at += 2
        elif word == "session":
            own = True
            sessions.append(0)
            lines.append("session " + hexed(found[at + 1][1]))
            at += 2
        elif word == "step":
            sessions[-1] += 1
            steps[found[at + 1][1]] = found[at + 2][1]
            all_sql.append(("step", found[at + 2][1]))
            lines.append(f"step {hexed(found[at + 1][1])} {hexed(found[at + 2][1])}")
            at += 3
        elif word == "permutation":
            permutations += 1
            at += 1
            line = "permutation"
            depth = 0
            while found[at][0] != "end" and found[at] != ("word", "permutation"):
                kind, what = found[at]
                if what in ("(", ")", ",") and kind == "sign":
                    depth += (what == "(") - (what == ")")
                elif depth == 0:
                    line += " " + hexed(what)
                elif what == "*" and kind == "sign":
                    line += " *"
                elif found[at + 1] == ("word", "notices"):
                    line += f" {found[at + 2][1]}@{what}"
                    at += 2
                else:
                    line += f" @{what}"
                at += 1
            lines.append(line)
        else:
            raise ValueError(f"token {word}")
    ways = math.factorial(sum(sessions)) // math.prod(math.factorial(count) for count in sessions)
    orders = permutations or ways
    lines.append(f"orders {min(orders, 2**64 - 1)}")
    return lines, all_sql, orders


def compare(path, printed):
    expected = read_spec(path.read_text())[0]
    # An empty text is printed as nothing.
    if [line.rstrip() for line in printed] != [line.rstrip() for line in expected]:
        pairs = zip(printed + [None] * len(expected), expected + [None] * len(printed))
        first = next(pair for pair in pairs if pair[0] != pair[1])
        failures.append(f"{path.name}: {first[0]}, expected {first[1]}")


# --- on SQLite --------------------------------------------------------------------------------------------------------

# SQLite has one level, and no words for it; it drops a table at a time.
DROP = re.compile(r"\bDROP\s+TABLE\s+(IF\s+EXISTS\s+)?(\w+(?:\s*,\s*\w+)+)", re.IGNORECASE)
LEVEL = re.compile(r"\s+(TRANSACTION\s+)?ISOLATION\s+LEVEL\s+(SERIALIZABLE|REPEATABLE\s+READ|READ\s+COMMITTED)"
                   r"(\s*,?\s*READ\s+(ONLY|WRITE))?(\s*,?\s*DEFERRABLE)?", re.IGNORECASE)


def in_its_words(text):
    def drop(found):
        return "; ".join(f"DROP TABLE {found[1] or ''}{name.strip()}" for name in found[2].split(","))

    return DROP.sub(drop, LEVEL.sub("", text))


def statements(sql):
    """Good enough for texts that SQLite knows: those have no dollar quotes."""
    piece = ""
    for part in re.split(r"(;)", re.sub(r"--[^\n]*", "", sql)):
        piece += part
        if piece.strip(" ;\n\t\r") and sqlite3.complete_statement(piece):
            yield piece
            piece = ""
    if piece.strip(" ;\n\t\r"):
        yield piece


def why_unknown(all_sql):
    """None: SQLite can prepare all of it, in the order of the file."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    for word, sql in sorted(all_sql, key=lambda one: one[0] == "teardown"):
        for statement in statements(sql):
            try:
                if re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|END|ABORT|START|SAVEPOINT|RELEASE)\b", statement, re.IGNORECASE):
                    base.execute("EXPLAIN " + statement)
                else:
                    base.execute(statement).fetchall()
            except sqlite3.IntegrityError:
                pass
            except (sqlite3.Error, sqlite3.Warning) as error:
                return f"{error}"
    return None


ALLOWED = re.compile(r"database is locked|UNIQUE constraint failed|NOT NULL constraint failed|FOREIGN KEY constraint failed|"
                     r"CHECK constraint failed|cannot (commit|rollback) - no transaction|table \w+ already exists|"
                     r"no such (table|index|savepoint)|cannot start a transaction within a transaction|is locked")


def run_on_sqlite(name, text, orders):
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work) / name
        path.write_text(text)
        done = subprocess.run([interplay, "replay", path], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or done.stderr or len(lines) != orders:
        failures.append(f"{name} on SQLite: exit {done.returncode}, {len(lines)} of {orders} orders\n"
                        f"{done.stdout[-500:]}{done.stderr}")
    for line in lines:
        failed = re.search(r"statements? failed, first interactions\[\d+\]: (.*)\)", line)
        if failed and not ALLOWED.match(failed[1]):
            failures.append(f"{name} on SQLite: {line}")


files = sorted(folder().glob("*.spec"))
if len(files) < 100:
    failures.append(f"only {len(files)} specifications were found")
done = subprocess.run([dump, *map(str, files)], capture_output=True, text=True)
parts = done.stdout.split("file ")[1:]
known, unknown, runs = [], {}, 0
for path, part in zip(files, parts):
    printed = part.splitlines()[1:]
    if printed and printed[0].startswith("refused"):
        if path.name not in LEFT:
            failures.append(f"{path.name}: {printed[0]}")
        continue
    compare(path, printed)
    text = in_its_words(path.read_text())
    _, all_sql, orders = read_spec(text)
    why = why_unknown(all_sql)
    if why is not None:
        unknown[path.name] = why
        continue
    known.append(path.name)
    runs += orders
    run_on_sqlite(path.name, text, orders)
print(f"{len(files) - len(LEFT)} of {len(files)} specifications are read; SQLite knows the SQL of {len(known)}, of which all "
      f"{runs} orders ran: {' '.join(known)}")
if len(sys.argv) > 3:
    for name, why in unknown.items():
        print(f"  {name}: {why}")
if len(parts) != len(files) or len(LEFT) > 10 or len(known) < 10:
    failures.append(f"{len(parts)} of {len(files)} were looked at, {len(LEFT)} left, {len(known)} ran")

for failure in failures:
    print(f"isolation_specs_test: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
