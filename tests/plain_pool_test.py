#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A pool of one's own gets what plans ask for, and what it does not take is said.

Small plans on tests/plain_pool, and on a pool that takes nothing (the example's, on SQLite it would be the same): what
each must come to. Each mistake that can be planted in the pool is found by random plans, and by none without it.

Usage: plain_pool_test.py PATH-OF-FUZZ_PLAIN_POOL PATH-OF-FUZZ_NAIVE_POOL PATH-OF-INTERPLAY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

PLAIN, NAIVE, INTERPLAY = sys.argv[1:4]
# SQLite has bugs of its own that more plans without a mistake would meet.
PLANS = 1000


def step(task, action, **more):
    """An interaction of a plan; `more` belongs to the action, but for what stands beside it."""
    beside = {name: more.pop(name) for name in ("expect", "expect_error", "pause", "fault") if name in more}
    return {"task": task, "action": {"type": action, **more}, **beside}


def rows(task, sql, count):
    """A query that must come to so many rows."""
    return step(task, "query", sql=sql, expect={"row_count": count})


COMMIT_IS_BUSY = [
    step(0, "begin"), step(0, "select"), step(1, "begin"), step(1, "insert", key=1), step(1, "commit"),
    rows(0, "SELECT k FROM t0 WHERE k=1", 0), step(0, "commit"), step(1, "commit"),
    rows(0, "SELECT k FROM t0 WHERE k=1", 1)]
UPGRADE = [
    step(0, "begin"), step(0, "select"), step(1, "insert", key=1), step(0, "insert", key=2),
    step(0, "commit"), rows(1, "SELECT k FROM t0 WHERE k BETWEEN 1 AND 2", 1)]
SAVEPOINT = [
    step(0, "checkout"), step(0, "savepoint"), step(0, "insert", key=1), step(0, "rollback_to"), step(0, "return"),
    step(1, "checkout"), step(1, "insert", key=2), step(1, "return")]
RELEASED = [
    step(0, "savepoint"), step(0, "insert", key=1), step(0, "release"),
    step(0, "savepoint"), step(0, "insert", key=2), step(0, "rollback"),
    step(0, "savepoint"), step(0, "insert", key=3), step(0, "commit"),
    step(1, "select", filter="key", key=1), rows(1, "SELECT k FROM t0 WHERE k IN (1,2,3)", 2)]
RAW_UPGRADE = [
    step(0, "execute", sql="BEGIN"), rows(0, "SELECT count(*) FROM t0", 1),
    step(1, "execute", sql="INSERT INTO t0 VALUES(1,1,'x')"),
    step(0, "execute", sql="INSERT INTO t0 VALUES(2,2,'x')", expect_error={"contains": "locked"}),
    step(0, "execute", sql="COMMIT")]
MODE = [rows(0, "SELECT 1 FROM pragma_journal_mode WHERE journal_mode='delete'", 1)]
BEGINS = [step(0, "begin"), step(0, "commit"), step(0, "begin", begin_mode="exclusive"), step(0, "commit")]
SPIN = [step(task, "checkout") for task in (0, 1, 2)] + [step(0, "return"), step(2, "select")]

# The stream stays open, and keeps the connection's snapshot: a write on an old one is refused.
BESIDE = [
    step(0, "checkout"), step(0, "stream_open", order="key"), step(0, "stream_next", span=1),
    step(0, "select", table=1), step(1, "update", filter="key", key=8, size=2), rows(0, "SELECT k FROM t0", 8),
    step(0, "stream_next", span=31), step(0, "return")]
WRITE_BESIDE = [
    *BESIDE[:6], step(0, "execute", sql="DELETE FROM t1", expect_error={"contains": "locked"}), *BESIDE[6:]]
OWN_WRITE_BESIDE = [
    step(0, "checkout"), step(0, "stream_open", order="key"), step(0, "stream_next", span=1),
    step(0, "update", filter="key", key=8, size=2), step(0, "select"), step(0, "stream_next", span=1),
    step(1, "checkpoint", checkpoint_mode="truncate"), step(0, "stream_close"), step(0, "return")]
CUT = " (1 stream ended by another action, first by interactions[3])"

ALTERED = [
    step(0, "checkout"), step(0, "query", sql="SELECT * FROM t2 LIMIT 1", expect_error={"contains": "no such table"}),
    step(0, "query", sql="SELECT * FROM t1 LIMIT 1", expect={"column_count": 3, "rows": "0|0|'00000000'"}),
    step(1, "execute", sql="ALTER TABLE t1 ADD COLUMN more DEFAULT 'x'"),
    step(0, "query", sql="SELECT * FROM t1 LIMIT 1", expect={"rows": "0|0|'00000000'|'x'"}), step(0, "return")]

DELETE = {"journal_mode": "delete"}
EXCLUSIVE = {"journal_mode": "delete", "locking_mode": "exclusive"}
FORCED = " [journal_mode delete is wal, begin deferred is immediate, begin exclusive is immediate (stack pool)]"

# Program, configuration, interactions, what its line says, what it does not say.
CASES = [
    ([PLAIN], DELETE, MODE, "ok ", "["),
    ([PLAIN], DELETE, COMMIT_IS_BUSY, "ok ", "["),
    ([PLAIN, "--mistake=commit"], DELETE, COMMIT_IS_BUSY, "violation snapshot/commit-without-effect ", "["),
    ([PLAIN], {}, UPGRADE, "ok ", "["),
    ([PLAIN, "--mistake=upgrade"], {}, UPGRADE, "violation snapshot/lost-update ", "["),
    ([PLAIN], {}, RAW_UPGRADE, "ok ", "["),
    ([PLAIN], {}, SAVEPOINT, "ok ", "["),
    ([PLAIN, "--mistake=savepoint"], {}, SAVEPOINT, "violation pool/handed-out-in-transaction ", "["),
    ([PLAIN], {}, RELEASED, "ok ", "["),
    ([PLAIN], {}, BESIDE, "ok ", "ended by"),
    ([PLAIN, "--mistake=stream"], {}, BESIDE, "violation snapshot/wrong-select ", "ended by"),
    ([PLAIN], {}, WRITE_BESIDE, "ok ", "ended by"),
    ([PLAIN], {}, OWN_WRITE_BESIDE, "ok ", "ended by"),
    ([PLAIN], DELETE, OWN_WRITE_BESIDE, "ok ", "ended by"),
    # Where a stream is none of the connection's own statements, that it ended is said.
    ([INTERPLAY], {"stack": "actors"}, OWN_WRITE_BESIDE, CUT, "violation"),
    ([PLAIN], {}, ALTERED, "ok ", "violation"),
    ([PLAIN, "--mistake=columns"], {}, ALTERED, "violation expectation/rows/query-", "violation snapshot"),
    # Idle connections are in the way: busy is no error without a cause.
    ([PLAIN], EXCLUSIVE, [step(0, "insert", key=1), step(0, "return"), step(1, "checkout"), step(0, "select"),
                          step(1, "insert", key=2)], "ok ", "["),
    ([INTERPLAY], {**DELETE, "stack": "pool"}, BEGINS, "ok ", "@"),
    ([INTERPLAY], {**DELETE, "stack": "pool"}, BEGINS, FORCED, "@"),
    ([INTERPLAY], DELETE, BEGINS, "ok ", "["),
]


def play(command, plan, *arguments):
    """Exit status and output of a command on a plan."""
    done = subprocess.run([*command, *arguments, plan], capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout + done.stderr


def interplay(program):
    """The command line of a program."""
    return program if program == [INTERPLAY] else [*program, "--interplay"]


def try_cases(folder):
    """What is wrong with the small plans, as lines."""
    for number, (program, config, steps, says, never) in enumerate(CASES):
        path = folder / f"{number}.json"
        path.write_text(json.dumps({"config": {"tasks": 4, "readers": 1, **config}, "interactions": steps}))
        _, line = play(interplay(program), str(path), "replay")
        said = line.removeprefix(f"{path}: ")
        if not (said.startswith(says) or says in said[3:]) or never in said:
            yield f"plan {number} on {' '.join(program)}: '{says}' expected, and no '{never}': {line}"


def try_telling(folder):
    """Wherever a plan is shown, what is in force is said."""
    path = folder / "told.json"
    path.write_text(json.dumps({"config": {**DELETE, "stack": "pool"}, "interactions": BEGINS}))
    for arguments in (["show"], ["show", "--trace"]):
        _, said = play([INTERPLAY], str(path), *arguments)
        if f"in force: {FORCED[2:-1]}\n" not in said:
            yield f"{arguments}: {said}"
    done = subprocess.run([NAIVE, "--interplay", "run", "--iterations", "1"], capture_output=True, text=True, check=False)
    if "stack naive, whatever plans ask: begins immediate\n" not in done.stderr:
        yield f"run does not say what the stack makes of plans: {done.stderr}"


def try_spinning(folder):
    """A pool that spins without a call ends with a verdict, whoever runs the plan."""
    path, small = folder / "spin.json", folder / "small.json"
    path.write_text(json.dumps({"config": {"tasks": 4, "readers": 1, "acquire_timeout": 10}, "interactions": SPIN}))
    spinning = [PLAIN, "--mistake=spin", "--interplay"]
    for plan, arguments in (
            (path, ["replay", "--timeout", "1"]), (path, ["replay", "--timeout", "1", "--in-process"]),
            (path, ["shrink", "--timeout", "1", "--max-rounds", "1", "-o", str(small)]),
            (small, ["replay", "--timeout", "1"])):
        status, said = play(spinning, str(plan), *arguments)
        if "timeout/checkout" not in said and arguments[0] == "replay":
            yield f"{arguments}: exit status {status}: {said}"
    if not small.exists():
        yield "nothing was shrunk"
    status, said = play([PLAIN, "--interplay"], str(path), "replay")
    if status != 0:
        yield f"it does not spin, yet: {said}"


def try_mistakes():
    """Random plans find each planted mistake, and nothing where none is."""
    listed = subprocess.run([PLAIN, "--mistake=list"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        name, signatures = line.split()[:2]
        if signatures == "expectation":
            continue  # only a document says how many columns there must be
        command = [PLAIN, f"--mistake={name}", "--interplay", "run", "--seed", "1", "--timeout", "1",
                   "--iterations", str(30 * PLANS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        # A property may be what shows it first.
        if done.returncode != 1 or not (signatures in done.stdout or "violation property/" in done.stdout):
            yield f"{name}: {signatures} expected: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    done = subprocess.run([PLAIN, "--interplay", "run", "--seed", "1", "--iterations", str(PLANS)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0 or not listed:
        yield f"nothing is planted: {done.stdout[-3000:]} {done.stderr}"


def main():
    """Tries everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = [*try_cases(folder), *try_telling(folder), *try_spinning(folder), *try_mistakes()]
    print("\n".join(wrong) or "all as it should be")
    return 1 if wrong else 0


sys.exit(main())
