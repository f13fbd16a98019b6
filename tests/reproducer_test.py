#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A finding of docs/findings.md is shown, without Interplay, on the versions of SQLite on which the document says it is.

    reproducer_test.py FINDING     runs crashes/sqlite/reproducers/FINDING.{c,py,sql} with an ordinary SQLite of each version in the
                                   head of the document's table, and compares with its row
    reproducer_test.py --table     the table, the reproducers and the texts for SQLite's authors are complete

A version that has mended it is a failure that says so: then the document is to be changed. What cannot be tried here (no network for a
newer version, a Python with an SQLite of its own) is skipped; with nothing tried, exit status 77.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

PROJECT = pathlib.Path(os.environ.get("INTERPLAY_SOURCE_DIR", pathlib.Path(__file__).resolve().parent.parent))
FOLDER = PROJECT / "crashes/sqlite/reproducers"
SUFFIXES = (".c", ".py", ".sql")


def read_table():
    """{finding: {version: "wrong" or "right"}}"""
    rows = [line.strip().strip("|").split("|") for line in (PROJECT / "docs/findings.md").read_text().splitlines()
            if line.startswith("| ")]
    head = next(i for i, row in enumerate(rows) if row[0].strip() == "finding")
    columns = {i: cell.strip() for i, cell in enumerate(rows[head]) if re.fullmatch(r"\d+\.\d+\.\d+", cell.strip())}
    table = {}
    for row in rows[head + 2 :]:  # without the rule below the head
        name = re.match(r"\s*\[([a-z-]+)\]", row[0])
        if not name or len(row) != len(rows[head]):
            break
        table[name.group(1)] = {version: row[i].strip() for i, version in columns.items()}
    return table


def reproducers_of(finding):
    return [FOLDER / f"{finding}{suffix}" for suffix in SUFFIXES if (FOLDER / f"{finding}{suffix}").exists()]


def check_table(table):
    failures = []
    for finding, verdicts in table.items():
        failures += [f"{finding}: no reproducer"] if not reproducers_of(finding) else []
        failures += [f"{finding}: {v} is '{said}', expected wrong or right" for v, said in verdicts.items()
                     if said not in ("wrong", "right")]
        text = FOLDER / f"{finding}.md"
        if not text.exists():
            failures.append(f"{finding}: no text for SQLite's authors, {text.name}")
    known = {path.stem for path in FOLDER.iterdir() if path.suffix in (*SUFFIXES, ".md")} - {"README"}
    failures += [f"{name}: not in the table of docs/findings.md" for name in sorted(known - set(table))]
    if not table or not all(table.values()):
        failures.append("docs/findings.md has no table with findings and versions")
    return failures


def verdicts_of(reproducer, versions):
    """{version: row of scripts/bisect}"""
    done = subprocess.run([PROJECT / "scripts/bisect", "--json", "--releases", ",".join(versions), reproducer],
                          stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["version"]: row for row in rows if "verdict" in row}


def compare(reproducer, expected):
    """(number of versions tried, failures)"""
    tried, failures = 0, []
    for version, row in verdicts_of(reproducer, list(expected)).items():
        where = f"{reproducer.name} on SQLite {version}"
        print(f"{where}: {row['verdict']} {row['message'] or ''}")
        if row["verdict"] == "not tried":
            if not re.match("not fetched|it ran on SQLite", row["message"] or ""):
                failures.append(f"{where}: could not be tried: {row['message']}")
            continue
        tried += 1
        if row["verdict"] == expected[version]:
            continue
        if row["verdict"] == "right":
            failures.append(f"{where}: the right result. This version has mended it, or the reproducer no longer reaches it; "
                            "docs/findings.md says wrong")
        else:
            failures.append(f"{where}: the wrong result; docs/findings.md says right")
    return tried, failures


def main():
    table = read_table()
    if sys.argv[1:] == ["--table"]:
        tried, failures = len(table), check_table(table)
    else:
        (finding,) = sys.argv[1:]
        if finding not in table:
            print(f"reproducer_test: docs/findings.md has no row '{finding}'", file=sys.stderr)
            return 1
        tried, failures = 0, []
        for reproducer in reproducers_of(finding):
            result = compare(reproducer, table[finding])
            tried, failures = tried + result[0], failures + result[1]
    for failure in failures:
        print(f"reproducer_test: {failure}", file=sys.stderr)
    if failures:
        return 1
    return 0 if tried else 77


if __name__ == "__main__":
    sys.exit(main())
