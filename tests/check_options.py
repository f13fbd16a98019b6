#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each option of the command and of the scripts is used by some test: one that none uses may do nothing at all.

The options are those of src/cli/options.def, and of the manuals in the heads of scripts/; a test uses one if it says its name, or
the letter that stands for it, on a line that is no comment.

Usage: check_options.py [--self-test]
"""

import itertools
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def options_of_command():
    rows = re.findall(r'^OPTION\(\w+, "([\w-]+)", (?:0|\'(\w)\'),', (SOURCE / "src/cli/options.def").read_text(), re.MULTILINE)
    return {f"--{name}": f"-{letter}" if letter else None for name, letter in rows}


def manual_of(script):
    """The comment that a script begins with."""
    return itertools.takewhile(lambda line: line.startswith("#"), script.read_text().splitlines())


def options_of_scripts():
    scripts = [path for path in (SOURCE / "scripts").iterdir() if path.is_file() and path.read_bytes().startswith(b"#!")]
    return {option for script in scripts for line in manual_of(script) for option in re.findall(r"^# +(--[a-z][\w-]*)", line)}


def words_of_tests():
    words = set()
    for path in (SOURCE / "tests").rglob("*"):
        if path.suffix in (".sh", ".py", ".c", ".txt") and path.is_file() and path != pathlib.Path(__file__).resolve():
            for line in path.read_text().splitlines():
                if not re.match(r"\s*(#|//|/?\*)", line):
                    words.update(re.findall(r"(?<![\w-])--?[a-z][\w-]*", line))
    return words


def unused(options, words):
    return sorted(name for name, letter in options.items() if name not in words and letter not in words)


def main():
    options = {**options_of_command(), **dict.fromkeys(options_of_scripts())}
    if "--self-test" in sys.argv:
        seen = unused({**options, "--no-such-option-of-ours": "-%"}, words_of_tests())
        return 0 if "--no-such-option-of-ours" in seen and "--seed" not in seen and len(options) > 60 else 1
    missing = unused(options, words_of_tests())
    for option in missing:
        print(f"check_options: no test uses {option}", file=sys.stderr)
    print(f"check_options: {len(options)} options, {len(missing)} that no test uses")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
