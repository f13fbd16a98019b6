#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No word of a particular database stands in the common rooms.

Reads src/ and those public headers that every database and pool shares, line by line. What is special about
SQLite is data in backends/sqlite; whoever writes "journal" here has put something into the wrong room. The exceptions are
files or folders with a reason each; one that is no longer needed fails, too. `--self-test` proves that words are seen.
"""

import pathlib
import re
import sys
import tempfile

# As in WAL_RESET, wal_checkpoint and sqlite3_open; not as in "walk".
WORD = re.compile(r"sqlite|pragma|journal|checkpoint|(?<![a-z])wal(?![a-z])", re.IGNORECASE)

ROOMS = [
    "src",
    "include/interplay/subject.h",
    "include/interplay/stack.h",
    "include/interplay/fuzz.h",
]

# file or folder (with a slash at its end): why the words may stand there
EXCEPTIONS = {
    "src/pool/": "the pool is a product that also talks to SQLite, and says where that makes a difference",
    "src/sql/": "the printer of the dialect, and who names it",
    "src/plan/script.h": "says which programs the scripts are for",
    "src/plan/script_sql.c": "writes scripts for the program sqlite3 and no other",
    "src/plan/script_spec.c": "says in its scripts what PostgreSQL has no counterpart for",
    "src/cli/convert.c": "says which program runs a .sql",
    "src/sim/storage.h": "the storage offers the locks of SQLite's unix VFS, and says by which document",
    "src/sim/storage_locks.c": "tells where these locks differ from the VFS of one version",
}


def is_excepted(name, exceptions):
    return next((e for e in exceptions if name == e or (e.endswith("/") and name.startswith(e))), None)


def files_of(root, rooms):
    for room in rooms:
        path = root / room
        yield from [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def check(root, rooms, exceptions):
    """Returns (number of files read, list of messages)."""
    count, messages, needed = 0, [], set()
    for path in files_of(root, rooms):
        count += 1
        name = str(path.relative_to(root))
        exception = is_excepted(name, exceptions)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = WORD.search(line)
            if match and exception:
                needed.add(exception)
            elif match:
                messages.append(f"{name}:{number}: '{match.group(0)}' is a word of a particular database: "
                                "what it stands for belongs into its folder (or tests/check_words.py says why not)")
    messages += [f"tests/check_words.py: the exception {e} is no longer needed"
                 for e in exceptions if e not in needed]
    return count, messages


def self_test():
    files = {
        "src/a.c": "walk the wall; a walker",
        "src/b.c": "int JOURNAL_MODE;",
        "src/c.c": "// in WAL mode",
        "src/d.c": "x = wal_checkpoint;",
        "src/e/f.c": '"PRAGMA x"',
        "src/g/h.c": "nothing",
        "other/i.c": "sqlite3_open",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        _, messages = check(root, ["src"], {"src/e/": "", "src/g/": ""})
    seen = sorted(message.split(":")[0] for message in messages)
    wanted = ["src/b.c", "src/c.c", "src/d.c", "tests/check_words.py"]
    return [] if seen == wanted else [f"seen: {seen}, wanted: {wanted}"]


def main():
    if sys.argv[1:] == ["--self-test"]:
        count, messages = 1, self_test()
    else:
        count, messages = check(pathlib.Path(__file__).resolve().parent.parent, ROOMS, EXCEPTIONS)
    if count == 0:
        messages.append("no file found")
    print("\n".join(messages) or f"check_words: {count} files are in order")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
