#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plans of findings say where they were found; elsewhere they are refused, unless somebody insists.

Usage: origin_test.py PATH-OF-INTERPLAY PATH-OF-FUZZ_NAIVE_POOL PATH-OF-FUZZ_CANARY
"""
import html
import json
import pathlib
import subprocess
import sys
import tempfile

INTERPLAY, NAIVE, CANARY = ([sys.argv[1]], [sys.argv[2], "--interplay"], sys.argv[3])
STALE, WRONG = ([CANARY, f"--canary={name}", "--interplay"] for name in ("frozen_columns", "wrong_count"))
COLUMNS = pathlib.Path(__file__).parent.parent / "crashes" / "fuzz_canary" / "frozen_columns.json"
HARMLESS = {"config": {}, "interactions": [{"task": 0, "action": {"type": "select"}}]}


def call(command, *words):
    """Exit status and what was said on both."""
    done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def expect(status, says, command, *words):
    """None, or what is wrong."""
    came, said = call(command, *words)
    if came == status and says in said and (status != 2 or said.count("\n") == 1):
        return None
    return f"{' '.join(map(str, (*command, *words)))}: {status} with '{says}' expected, {came}: {said}"


def origin(path):
    """What the document says."""
    return json.loads(path.read_text()).get("recorded_on")


def try_programs(folder):
    """Who found it, and nobody else."""
    found, small, base, page = (folder / name for name in ("found.json", "small.json", "base", "page.html"))
    call(NAIVE, "run", "--seed", "1", "-o", found, "--bugbase-dir", base)
    naive = {"target": "fuzz_naive_pool", "backend": "memory"}
    yield expect(1, "violation", NAIVE, "replay", found)
    yield expect(2, "recorded on fuzz_naive_pool", INTERPLAY, "replay", found)
    yield expect(2, "--anyway", INTERPLAY, "shrink", found, "-o", small)
    yield expect(2, "recorded on fuzz_naive_pool", INTERPLAY, "run", "--plan", found)
    yield expect(0, "ok", INTERPLAY, "replay", "--anyway", found)
    yield expect(1, "interactions", NAIVE, "shrink", found, "-o", small)
    yield expect(1, "", NAIVE, "report", found, "-o", page)
    plans = [found, small, *base.glob("*/plan.json")]
    if len(plans) != 3 or any(origin(plan) != naive for plan in plans):
        yield f"not all of {plans} were recorded on {naive}"
    if json.dumps(naive) not in html.unescape(page.read_text()):
        yield "the page does not say where it was found"


def try_options(folder):
    """Options that a plan was recorded with are needed; those that are given stand above them."""
    small = folder / "columns.json"
    yield expect(1, "", STALE, "shrink", COLUMNS, "-o", small)
    if origin(small)["target"] != "fuzz_canary --canary=frozen_columns":
        yield f"{small} was recorded on {origin(small)}"
    yield expect(1, "violation", STALE, "replay", small)
    yield expect(2, "--canary=frozen_columns", [CANARY, "--interplay"], "replay", small)
    yield expect(0, "ok", WRONG, "replay", small)
    # As it is: what was made by hand says nothing, and runs everywhere.
    yield expect(0, "ok", INTERPLAY, "replay", COLUMNS)


def try_backends(folder):
    """The same of backends; and what is written is read again."""
    path, copy, packed, binary = (folder / name for name in ("memory.json", "copy.json", "memory.pb", "memory.bin"))
    path.write_text(json.dumps({**HARMLESS, "recorded_on": {"target": "interplay", "backend": "memory"}}))
    yield expect(2, "expected --backend memory", INTERPLAY, "replay", path)
    yield expect(0, "ok", INTERPLAY, "replay", "--backend", "memory", path)
    yield expect(0, "ok", INTERPLAY, "replay", "--backend", "sqlite", path)
    yield expect(0, "ok", INTERPLAY, "replay", "--anyway", path)
    yield expect(0, "", INTERPLAY, "convert", path, "-o", packed)
    yield expect(2, "expected --backend memory", INTERPLAY, "replay", packed)
    yield expect(0, "", INTERPLAY, "convert", packed, "-o", copy)
    yield expect(0, "", INTERPLAY, "convert", path, "-o", binary)
    yield expect(0, "ok", INTERPLAY, "replay", binary)
    if origin(copy) != origin(path):
        yield f"{copy} says {origin(copy)}"
    for wrong in (7, {}, {"target": "x"}, {"target": 1, "backend": "x"}, {"target": "x", "backend": "x", "more": 1}):
        path.write_text(json.dumps({**HARMLESS, "recorded_on": wrong}))
        yield expect(2, "memory.json:1:", INTERPLAY, "replay", path)


def main():
    """Tries everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = [one for tries in (try_programs, try_options, try_backends) for one in tries(folder) if one]
    print("\n".join(wrong) or "all as it should be")
    return 1 if wrong else 0


sys.exit(main())
