#!/usr/bin/env python3
"""Branch coverage of each original source file in SQLite's amalgamation, from an lcov export of llvm-cov.

Usage: coverage_by_file.py LCOV MISSING [FILE.c ...]
"""
import re
import sys


def read_branches(path):
    """The amalgamation's path, and {line: [count of each branch outcome]}."""
    source, branches = None, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("SF:"):
                inside = line.rstrip().endswith("sqlite3.c")
                if inside:
                    source = line[3:].rstrip()
            elif line.startswith("BRDA:") and inside:
                number, _, _, count = line[5:].rstrip().split(",")
                branches.setdefault(int(number), []).append(0 if count == "-" else int(count))
    if source is None:
        sys.exit(f"coverage: {path} says nothing of sqlite3.c")
    return source, branches


def file_of_lines(source):
    """For each line of the amalgamation the original file it comes from."""
    current, files = "sqlite3.c", [""]
    with open(source, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            marker = re.match(r"/\*+ (?:Begin file|Continuing where we left off in) (\S+)", line)
            if marker:
                current = marker.group(1)
            files.append(current)
    return files


def main():
    lcov, missing, wanted = sys.argv[1], sys.argv[2] == "1", sys.argv[3:]
    source, branches = read_branches(lcov)
    files = file_of_lines(source)
    totals = {}
    for line, counts in branches.items():
        total = totals.setdefault(files[line], [0, 0])
        total[0] += sum(count > 0 for count in counts)
        total[1] += len(counts)
    everything = [sum(total[i] for total in totals.values()) for i in (0, 1)]
    for name in sorted(totals):
        if not wanted or name in wanted:
            taken, of = totals[name]
            print(f"{name:<16} {taken:6} of {of:6} branches  {100 * taken / of:5.1f} %")
    print(f"{'all':<16} {everything[0]:6} of {everything[1]:6} branches  "
          f"{100 * everything[0] / everything[1]:5.1f} %")
    if missing:
        with open(source, encoding="utf-8", errors="replace") as text:
            lines = text.read().splitlines()
        for line in sorted(branches):
            if files[line] in wanted and 0 in branches[line]:
                print(f"{files[line]}:{line}: {branches[line]} {lines[line - 1].strip()}")


main()
