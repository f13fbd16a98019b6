#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What plans reach in SQLite, each beside a plan that must not come to it:

a database that four statements empty, from random plans, and shrunk to just these; a look by a new connection in the
midst of a plan, which a planted bug makes wrong; a process that is stopped for minutes while it holds a lock; a power
loss in the midst of a commit's sync.

Usage: reach_test.py PATH-OF-FUZZ_CANARY PATH-OF-INTERPLAY
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

EMPTIED = "snapshot/database-emptied-by-rollback-to"
# Random plans on connections as SQLite opens them: always the same ones.
FRESH = {"tasks": 1, "stack": "direct", "journal_mode": "wal", "synchronous": "full", "cache_size": 2000}
RANDOM_PLANS = 5000
# The statements that are left; numbers of savepoint and step are the plan's, and any end of the transaction will do.
LEFT = re.compile(r"SAVEPOINT (s\d);(PRAGMA (USER_VERSION|APPLICATION_ID)=\d+|BEGIN (IMMEDIATE|EXCLUSIVE));"
                  r"ROLLBACK TO \1;(RELEASE \1|COMMIT);")

problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def step(task, kind, fault=None, pause=None, **arguments):
    more = {key: value for key, value in (("fault", fault), ("pause", pause)) if value is not None}
    return {"task": task, "action": {"type": kind, **arguments}, **more}


def replay(command, config, *steps):
    """(verdict, trace)"""
    pathlib.Path("plan.json").write_text(json.dumps({"version": 1, "config": config, "interactions": steps}))
    lines = run(*command, "replay", "--trace", "plan.json").splitlines()
    verdict = lines[-1].removeprefix("plan.json: ").split(" trace=")[0] if lines else ""
    return verdict, "\n".join(lines[:-1])


def emptied_database(interplay):
    config = [word for name, value in FRESH.items() for word in ("--config", f"{name}={value}")]
    said = run(interplay, "run", "--seed", 2, "--iterations", RANDOM_PLANS, *config, "--bugbase-dir", "bugs", "--keep-going")
    plan = pathlib.Path("bugs") / EMPTIED.replace("/", "~") / "plan.json"
    if not plan.exists():
        problems.append(f"{RANDOM_PLANS} random plans do not find {EMPTIED}: {said[-300:]}")
        return
    said = run(interplay, "shrink", plan, "-o", "small.json")
    check("1-minimal" in said, f"shrink: {said[-300:]}")
    check(len(json.loads(pathlib.Path("small.json").read_text())["interactions"]) <= 5, "more than five steps are left")
    run(interplay, "convert", "small.json", "-o", "small.sql")
    script = pathlib.Path("small.sql").read_text().partition(".echo on")[2]
    statements = "".join(line for line in script.splitlines() if line and line[0] not in "-.")
    check(LEFT.fullmatch(statements), f"these statements are left: {statements}")

    plain = [step(0, "savepoint"), step(0, "set_header"), step(0, "rollback_to"), step(0, "release")]
    for left_out in range(len(plain)):
        verdict, _ = replay([interplay], {}, *plain[:left_out], *plain[left_out + 1:])
        check(verdict == "ok", f"without step {left_out}: {verdict}")
    check(replay([interplay], {}, *plain)[0] == f"violation {EMPTIED}", "four statements do not empty it")
    verdict, _ = replay([interplay], {}, *plain, step(0, "look"))
    check(verdict == f"violation {EMPTIED}", f"a look does not see it: {verdict}")
    check(replay([interplay], {}, step(0, "select"), *plain)[0] == "ok", "a connection that has read before does it, too")


def look(interplay, canary):
    def commit(key):
        return [step(0, "begin"), step(0, "insert", key=key), step(0, "look"), step(0, "commit"), step(1, "look")]
    kept = [step(0, "begin"), step(0, "savepoint"), step(0, "set_header"), step(0, "rollback_to"), step(0, "commit"),
            step(1, "look")]
    verdict, _ = replay([canary, "--canary=kept_number", "--interplay"], {"tasks": 2}, *kept)
    check(verdict == "violation snapshot/wrong-look/number0", f"a number that was kept, looked at: {verdict}")
    check(replay([interplay], {"tasks": 2}, *kept)[0] == "ok", "a number that was not kept, looked at")
    steps = [*commit(1), *commit(2)]
    verdict, trace = replay([interplay], {"tasks": 2}, *steps)
    check(verdict == "ok" and trace.count("> look") == 4, f"a look: {verdict}")
    struck = [step(0, "look", fault={"kind": kind, "at": at}) for kind in ("io_read", "no_memory", "process_death")
              for at in range(1, 60, 7)]
    verdict, _ = replay([interplay], {}, *struck)
    check(verdict == "ok", f"faults in a look are held against SQLite: {verdict}")


def stopped_process(interplay):
    stopped = [step(0, "upsert", pause={"after": 2, "at": "write"}), step(1, "sleep", ms=524288), step(1, "insert", key=1)]
    verdict, trace = replay([interplay], {"tasks": 2, "busy_timeout": 5000}, *stopped, step(1, "sleep", ms=1), step(0, "resume"),
                            step(1, "insert", key=1))
    told = re.findall(r"task 1  < (\w+)", trace)
    check(verdict == "ok" and told == ["ok", "busy", "ok", "ok"], f"a stopped process: {verdict}, {told}")


def loss_in_sync(interplay):
    def lose(seed, at):
        return replay([interplay], {"loss_seed": seed}, step(0, "upsert", size=5),
                      step(0, "update", fault={"kind": "sync_power_loss", "at": at}), step(0, "select", aggregate="max"))
    values = set()
    for seed in range(16):
        verdict, trace = lose(seed, 1)
        check(verdict == "ok" and "! sync_power_loss" in trace, f"a loss in a sync, seed {seed}: {verdict}")
        values.add(re.findall(r"< ok \((\d+)\)", trace)[-1])
    check(len(values) == 2, f"the commit is there always, or never: {values}")
    check("sync_power_loss" not in lose(0, 8)[1].split("update")[1].partition("\n")[2], "there are not so many syncs")


def main():
    canary, interplay = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        emptied_database(interplay)
        look(interplay, canary)
        stopped_process(interplay)
        loss_in_sync(interplay)
        os.chdir("/")
    for problem in problems:
        print(f"reach_test: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
