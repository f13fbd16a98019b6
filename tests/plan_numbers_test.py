#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers never move: what tests/published_numbers.txt says of plan.proto is still so.

A name that is there keeps its number, and a number that is there keeps its name; what is new needs no line until it
is published: `plan_numbers_test.py --print` prints all lines.

Usage: plan_numbers_test.py [--print] [PLAN.PROTO]
"""

import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast"))
PUBLISHED = SOURCE / "tests/published_numbers.txt"


def read_numbers(proto):
    """{"Config.tasks": 1, "FaultKind.FAULT_BUSY": 10, ...}"""
    numbers, within = {}, None
    for line in proto.splitlines():
        begin = re.match(r"(?:message|enum) (\w+) \{", line)
        entry = re.match(r"  .*?(\w+) = (\d+);", line)
        if begin:
            within = begin.group(1)
        elif entry and within:
            numbers[f"{within}.{entry.group(1)}"] = int(entry.group(2))
    return numbers


def moved(published, numbers):
    """What is not as it was published, a text each."""
    names = {(name.split(".")[0], number): name for name, number in numbers.items()}
    for name, number in published.items():
        if numbers.get(name) != number:
            yield f"{name} was {number}, and is {numbers.get(name, 'gone')}"
        elif names[name.split(".")[0], number] != name:
            yield f"{number} was {name}, and is {names[name.split('.')[0], number]}, too"


def main():
    words = [word for word in sys.argv[1:] if word != "--print"]
    numbers = read_numbers(pathlib.Path(words[0] if words else BUILD / "plan.proto").read_text())
    if "--print" in sys.argv:
        print("\n".join(f"{name} {number}" for name, number in numbers.items()))
        return 0
    lines = (line.split() for line in PUBLISHED.read_text().splitlines())
    published = {name: int(number) for name, number in lines}
    problems = list(moved(published, numbers))
    if not published or not list(moved(published, {**numbers, next(iter(published)): 12345})):
        problems.append("this test cannot fail")
    for problem in problems:
        print(f"plan_numbers_test: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
