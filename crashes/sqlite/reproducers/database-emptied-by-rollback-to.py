#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A database loses all its content: a fresh connection writes before it reads anything, under an outermost SAVEPOINT, and
rolls back to it.

    ./database-emptied-by-rollback-to.py [FOLDER]

Exit status: 0 the wrong result was seen; 1 the right one; 2 it could not be tried.
"""
import os
import sqlite3
import sys
import tempfile

WRITES = ["PRAGMA user_version=5", "PRAGMA application_id=5", "BEGIN IMMEDIATE"]  # the last is refused, and enough
ROWS = 1000


def connect(path):
    return sqlite3.connect(path, isolation_level=None)


def show(connection, sql):
    try:
        result = connection.execute(sql).fetchall()
    except sqlite3.Error as error:
        result = f"error: {error}"
    print(f"    {sql} -> {result}")
    return result


def content_after(folder, journal, before, write):
    """What a new connection reads after another one wrote, rolled back, and released."""
    path = os.path.join(folder, "a.db")
    for suffix in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    setup = connect(path)
    setup.execute(f"PRAGMA journal_mode={journal}")
    setup.execute("CREATE TABLE t0(k INTEGER PRIMARY KEY, v)")
    setup.execute("BEGIN")
    setup.executemany("INSERT INTO t0 VALUES(?, 'content')", [(k,) for k in range(ROWS)])
    setup.execute("COMMIT")
    setup.close()
    print(f"journal_mode={journal}")
    connection = connect(path)
    for sql in before + ["SAVEPOINT s", write, "ROLLBACK TO s", "RELEASE s"]:
        show(connection, sql)
    connection.close()
    print("  a new connection:")
    other = connect(path)
    show(other, "PRAGMA integrity_check")
    show(other, "PRAGMA page_count")
    rows = show(other, "SELECT count(*) FROM t0")
    other.close()
    return rows


def main():
    print(f"SQLite {sqlite3.sqlite_version}\nexpected: {ROWS} rows after each")
    right = [(ROWS,)]
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        lost = [
            content_after(folder, journal, [], write) != right
            for journal in ("delete", "wal")
            for write in WRITES
        ]
        print("-- the same on a connection that has read something before")
        kept = content_after(folder, "delete", ["PRAGMA user_version"], WRITES[0]) == right
    if not kept:
        print("could not be tried: rows are gone also where nothing is wrong", file=sys.stderr)
        return 2
    print(f"seen: the rows are gone in {sum(lost)} of {len(lost)} cases")
    return 0 if any(lost) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, sqlite3.Error) as failure:
        print(f"could not be tried: {failure}", file=sys.stderr)
        sys.exit(2)
