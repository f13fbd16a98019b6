#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interplay explore leaves out interleavings that are like one that it runs: with them and without comes to the same
outcomes, the same findings, and the same first interleaving of each, on random scenarios in several journal modes, with
planted bugs, too; and some are left out. Nothing is where it could make a difference.

Usage: explore_reduction_test.py PATH-OF-INTERPLAY PATH-OF-FUZZ_CANARY [SCENARIOS]
SCENARIOS: how many of each kind (default 8)
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

failures = []
CANARIES = ("missing_row", "extra_row", "unseen_commit", "ghost_row", "stale_read", "kept_savepoint")
MODES = ("wal", "delete", "truncate")


def check(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what)


def run(command, *arguments):
    return subprocess.run([*map(str, command), *map(str, arguments)], capture_output=True, text=True, check=False)


def step(task, kind, **fields):
    return {"task": task, "action": {"type": kind, **fields}}


def draw_step(draw, task):
    key = draw.choice((0, 4, 8))
    return draw.choice((
        step(task, "select", filter="key", key=key), step(task, "select", filter="key", key=key), step(task, "select"),
        step(task, "select", order="value", limit=2), step(task, "select", aggregate="count"), step(task, "read_header"),
        step(task, "update", filter="key", key=key), step(task, "upsert", key=key), step(task, "delete", filter="key", key=key),
        step(task, "checkpoint"), step(task, "look"), step(task, "savepoint")))


def draw_session(draw, task):
    steps = [draw_step(draw, task) for _ in range(draw.randint(1, 2))]
    if draw.random() < 0.7:
        mode = {"begin_mode": draw.choice(("deferred", "deferred", "immediate"))}
        return [step(task, "begin", **mode), *steps, step(task, draw.choice(("commit", "rollback")))]
    return steps


def draw_scenario(draw, folder, name, tasks):
    interactions = [entry for task in range(tasks) for entry in draw_session(draw, task)]
    path = pathlib.Path(folder) / f"{name}.json"
    config = {"tasks": tasks, "busy_timeout": draw.choice((0, 0, 10)), "sqlite": {"journal_mode": draw.choice(MODES)}}
    path.write_text(json.dumps({"version": 1, "config": config, "interactions": interactions}))
    return path


def without_counts(text):
    """What does not hang on how many were run: findings and outcomes, each with the first that comes to it."""
    text = text[text.index("\n\n"):]
    text = re.sub(r", in \d+ interleavings?", "", text)
    return re.sub(r"---- replay ----.*?\n\n", "", text, flags=re.S)


def left_out(done):
    told = re.search(r"^left out: (\d+),", done.stdout, re.M)
    return int(told.group(1)) if told else 0


def compare(command, path, *options):
    """Returns how many were left out."""
    reduced, whole = (run(command, path, "--no-shrink", *options, *more) for more in ((), ("--no-reduction",)))
    where = f"{path.read_text()} {options}\n"
    check(reduced.returncode == whole.returncode and reduced.returncode in (0, 1), f"{where}{reduced.stderr}{whole.stderr}")
    if reduced.returncode not in (0, 1):
        return 0
    check(without_counts(reduced.stdout) == without_counts(whole.stdout),
          f"{where}reduced:\n{reduced.stdout}\nall:\n{whole.stdout}")
    ran = [re.search(r"^all (?:others )?were run: (\d+)$", done.stdout, re.M) for done in (reduced, whole)]
    check(all(ran), f"{where}not all: {reduced.stdout}{whole.stdout}")
    if all(ran):
        left, run_count, total = left_out(reduced), int(ran[0].group(1)), int(ran[1].group(1))
        check(left_out(whole) == 0, f"{where}--no-reduction leaves some out")
        check("--preemptions" in options or run_count + left == total, f"{where}{run_count} + {left} are not {total}")
    return left_out(reduced)


def test_random(interplay, folder, count):
    total = 0
    for number in range(count):
        draw = random.Random(number)
        total += compare(interplay, draw_scenario(draw, folder, f"random-{number}", 2 + (number % 3 == 0)))
        total += compare(interplay, draw_scenario(draw, folder, f"held-{number}", 2), "--preemptions", 1, "--max", 100000)
    check(total > 100 * count / 8, f"only {total} were left out of random scenarios")
    print(f"random scenarios: {total} left out")


def test_planted(canary, folder, count):
    found = 0
    for number in range(count):
        path = draw_scenario(random.Random(1000 + number), folder, f"planted-{number}", 2)
        for name in CANARIES:
            explored = [canary, f"--canary={name}", "--interplay", "explore"]
            compare(explored, path)
            found += run(explored, path, "--no-shrink").returncode == 1
    check(found > count / 2, f"planted bugs show in {found} explorations only")
    print(f"planted bugs: seen in {found} explorations")


READERS = [entry for task in (0, 1) for entry in (step(task, "begin"), step(task, "select"), step(task, "commit"))]


def test_bounds(interplay, folder):
    """Two who only read: one order is enough. More is run where more is shared, or more could matter."""
    def explored(name, config, interactions, *options):
        path = pathlib.Path(folder) / f"{name}.json"
        path.write_text(json.dumps({"version": 1, "config": {"tasks": 2, **config}, "interactions": interactions}))
        return run(interplay, path, *options).stdout
    locked = {"sqlite": {"journal_mode": "delete"}}
    alone = explored("readers", locked, READERS)
    check("of steps: 20, 1 run, 19 left out" in alone and "all others were run: 1\n" in alone, f"readers: {alone}")
    bounded = explored("bounded", {}, [*READERS, step(0, "update"), step(1, "update")], "--max", 3)
    check("not all: 3 were run, as many as --max allows" in bounded, f"--max: {bounded}")
    jobs = explored("readers", locked, READERS, "--jobs", 3)
    check(jobs == alone, f"--jobs: {jobs}")
    for name, config, interactions, options in (
            ("shared", {"sqlite": {"shared_cache": "yes"}}, READERS, ()),
            ("pooled", {"stack": "pool"}, READERS, ()),
            ("faulty", {}, READERS, ("--faults", "io_read")),
            ("numbered", {}, [*READERS, step(0, "select", filter="value_from", key=1)], ()),
            ("struck", {}, [{**READERS[0], "fault": {"kind": "latency", "at": 1}}, *READERS[1:]], ()),
            ("held", {}, [READERS[0], {**READERS[1], "pause": {"after": 2}}, *READERS[2:]], ())):
        text = explored(name, config, interactions, *options)
        check("left out" not in text and "all were run: " in text, f"{name}: {text}")


def main():
    interplay, canary = [sys.argv[1], "explore"], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    with tempfile.TemporaryDirectory() as folder:
        test_bounds(interplay, folder)
        test_random(interplay, folder, count)
        test_planted(canary, folder, count)
    print("explore_reduction_test:", "ok" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
