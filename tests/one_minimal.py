#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a shrunk plan is 1-minimal, without the shrinker: takes out each single interaction, pause, fault and
expectation, sets each field of the configuration and each argument to its first value by leaving it out, and replays all
of these plans. One that still shows the finding is one too many.

Usage: one_minimal.py PLAN.json REPLAY-COMMAND...     as in: one_minimal.py small.json build/fast/interplay replay
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

FIXED = {"type", "sql"}  # of an action: without them there is none


def variants(plan):
    """(what was taken out, the plan without it)"""

    def without(path):
        reduced = copy.deepcopy(plan)
        place = reduced
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return reduced

    for field, value in plan.get("config", {}).items():
        if field == "tasks":  # fewer of them is another plan: interactions change hands
            continue
        settings = [[field, own] for own in value] if isinstance(value, dict) else [[field]]
        for path in settings:
            yield f"config.{'.'.join(path)}", without(["config", *path])
    for i, interaction in enumerate(plan["interactions"]):
        name = f"interactions[{i}]"
        yield name, without(["interactions", i])
        for mark in ("pause", "fault", "expect", "expect_error"):
            if mark in interaction:
                yield f"{name}.{mark}", without(["interactions", i, mark])
        for argument in interaction["action"]:
            if argument not in FIXED:
                yield f"{name}.action.{argument}", without(["interactions", i, "action", argument])


def verdicts(files, command):
    """File name: verdict, as the replay's lines have it."""
    done = subprocess.run(command + files, capture_output=True, text=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        told, has_trace, _ = line.partition(" trace=")
        name, _, verdict = told.rpartition(": ")
        if has_trace:
            found[name] = verdict
    return found


def main():
    path, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    plan = json.loads(path.read_text(encoding="utf-8"))
    shown = verdicts([str(path)], command).get(str(path))
    if shown is None or not shown.startswith("violation "):
        sys.exit(f"one_minimal: {path}: shows no finding: {shown}")
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (what, reduced) in enumerate(variants(plan)):
            file = pathlib.Path(folder) / f"{number}.json"
            file.write_text(json.dumps(reduced), encoding="utf-8")
            names[str(file)] = what
        found = verdicts(list(names), command)
    kept = [names[file] for file, verdict in found.items() if verdict == shown]
    if kept:
        sys.exit(f"one_minimal: {path}: {shown} also without {', '.join(kept)}")
    judged = sum(verdict is not None for verdict in found.values())
    if judged == 0:
        sys.exit(f"one_minimal: {path}: no plan could be replayed")
    print(f"{path}: {shown}, gone in each of {judged} simpler plans")


main()
