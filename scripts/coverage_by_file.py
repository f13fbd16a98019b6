#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Branch coverage from an lcov export of llvm-cov: SQLite's amalgamation by its original source files, what a target brings
along (a pool of one's own, in this checkout or outside of it) and Interplay's pool by their files, the rest of Interplay by
its folders. Interplay's pool is left out where nothing of it ran: then another one is under test.

Usage: coverage_by_file.py LCOV PROJECT MISSING [FILE.c ...]
"""
import pathlib
import re
import sys


def read_branches(path):
    """{source: {line: [count of each branch outcome]}}"""
    sources, branches = {}, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("SF:"):
                branches = sources.setdefault(line[3:].rstrip(), {})
            elif line.startswith("BRDA:"):
                number, _, _, count = line[5:].rstrip().split(",")
                branches.setdefault(int(number), []).append(0 if count == "-" else int(count))
    if not sources:
        sys.exit(f"coverage: {path} names no source file")
    return sources


def originals(amalgamation):
    """For each line of SQLite's amalgamation the original file it comes from."""
    current, files = "sqlite3.c", [""]
    with open(amalgamation, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            marker = re.match(r"/\*+ (?:Begin file|Continuing where we left off in) (\S+)", line)
            if marker:
                current = marker.group(1)
            files.append(current)
    return files


OURS = ("backends", "fuzz", "include", "proto", "src", "build")
SYSTEM = ("/usr/", "/lib/", "/opt/")


def places(source, project):
    """What to call each line of `source`: (group, name) by line number."""
    path = pathlib.Path(source)
    if path.name == "sqlite3.c":
        files = originals(source)
        return lambda line: ("SQLite", files[line])
    try:
        parts = path.relative_to(project).parts
    except ValueError:
        return None if source.startswith(SYSTEM) else lambda line: ("the target", path.name)
    if parts[:2] == ("src", "pool"):
        return lambda line: ("Interplay's pool", path.name)
    if parts[0] not in OURS:
        return lambda line: ("the target", path.name)
    return lambda line: ("Interplay", "/".join(parts[:-1]))


def show(name, counts):
    share = 100 * counts[0] / counts[1] if counts[1] else 0
    print(f"  {name:<22} {counts[0]:6} of {counts[1]:6} branches  {share:5.1f} %")


def main():
    lcov, project, missing, wanted = sys.argv[1], sys.argv[2], sys.argv[3] == "1", sys.argv[4:]
    groups = {"SQLite": {}, "the target": {}, "Interplay's pool": {}, "Interplay": {}}
    gaps = []
    for source, branches in sorted(read_branches(lcov).items()):
        place = places(source, project)
        if place is None:
            continue
        text = pathlib.Path(source).read_text(encoding="utf-8", errors="replace").splitlines()
        for line, counts in sorted(branches.items()):
            group, name = place(line)
            names = {name, pathlib.Path(source).name}
            if wanted and not names & set(wanted):
                continue
            total = groups[group].setdefault(name, [0, 0])
            total[0] += sum(count > 0 for count in counts)
            total[1] += len(counts)
            if missing and wanted and 0 in counts:
                gaps.append(f"{name}:{line}: {counts} {text[line - 1].strip()}")
    if not any(counts[0] for counts in groups["Interplay's pool"].values()) and not wanted:
        groups["Interplay's pool"].clear()
    for group, files in groups.items():
        if not files:
            continue
        print(group)
        for name in sorted(files):
            show(name, files[name])
        show("all", [sum(counts[i] for counts in files.values()) for i in (0, 1)])
    if not any(groups.values()):
        sys.exit(f"coverage: no branch in {' '.join(wanted)}")
    print("\n".join(gaps), end="\n" if gaps else "")


main()
