#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interplay convert PLAN -o PLAN.sql: what the program sqlite3 makes of the script is what the plan does.

Plans without pauses and faults are run by Interplay and, as scripts, by sqlite3: each step must succeed, be
locked out, break a constraint or fail in both. Exits with 77 where there is no sqlite3.

Usage: script_sql_test.py [INTERPLAY] [NUMBER OF PLANS]
"""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
PLANS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
SQLITE = shutil.which("sqlite3")
DATABASE = "interplay-script.db"
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"script_sql_test: {message}", file=sys.stderr)


def convert(plan, script="plan.sql"):
    subprocess.run([INTERPLAY, "convert", plan, "-o", script], check=True)
    return pathlib.Path(script).read_text()


def steps_of(text):
    """The step that each line of the script belongs to, by line number from 1; None before the first."""
    step, steps = None, [None]
    for line in text.splitlines():
        match = re.match(r"-- step (\d+):", line)
        if match:
            step = int(match.group(1))
        steps.append(step)
    return steps


def run_script(text):
    """(output, {step: message of its last error}); a statement begins on the line that the error names."""
    with open("plan.sql") as script:
        done = subprocess.run([SQLITE], stdin=script, capture_output=True, text=True, timeout=120)
    check(done.returncode in (0, 1), f"sqlite3 ends with {done.returncode}: {done.stderr[-200:]}")
    steps, errors = steps_of(text), {}
    for line in done.stderr.splitlines():
        match = re.search(r"error near line (\d+): (.*)", line)
        if match:
            errors[steps[int(match.group(1))]] = match.group(2)
        else:
            check(line.startswith(" ") or not line, f"unexpected from sqlite3: {line}")
    for step, message in errors.items():
        wrong = re.search("syntax error|incomplete|unrecognized|unknown", message)
        check(not wrong, f"step {step}: {message} in\n{text}")
    return done.stdout, errors


def content_of(columns, source):
    return subprocess.run([SQLITE, DATABASE, f"SELECT {columns} FROM {source}"],
                          capture_output=True, text=True, check=True).stdout


def content(table):
    rows = subprocess.run([SQLITE, DATABASE, f"SELECT k,v,p FROM {table} ORDER BY k"],
                          capture_output=True, text=True, check=True).stdout
    return rows.splitlines()


def write_plan(plan):
    pathlib.Path("plan.json").write_text(json.dumps(plan))
    return "plan.json"


# --- what is written ---------------------------------------------------------------------------

def row(step, key, units):
    value = (step + 1) * 32 + key
    return f"{key}|{value}|" + f"{value:08}" * units


def test_values():
    """Each write, with the values and texts that docs/plan-format.md promises."""
    actions = [
        {"type": "insert", "key": 1, "size": 1},
        {"type": "insert", "key": 2},
        {"type": "upsert", "key": 4, "size": 2},
        {"type": "update", "filter": "key", "key": 8, "size": 1},
        {"type": "update", "filter": "range", "key": 12, "span": 4},
        {"type": "delete", "filter": "key", "key": 0},
        {"type": "batch", "key": 30, "span": 7},
        {"type": "mutate_stream", "filter": "key", "key": 20, "size": 3},
        {"type": "delete", "filter": "value_below", "key": 0},
    ]
    plan = {"config": {"tasks": 2}, "interactions": [
        {"task": i % 2, "action": action} for i, action in enumerate(actions)]}
    _, errors = run_script(convert(write_plan(plan)))
    check(not errors, f"errors: {errors}")
    expected = [row(0, 1, 1), row(1, 2, 0), row(2, 4, 4), row(3, 8, 1),
                f"12|{5 * 32 + 12}|00000012", f"16|{5 * 32 + 16}|00000016", row(7, 20, 16),
                "24|24|00000024", "28|28|00000028", row(6, 30, 0), row(6, 31, 0)]
    check(content("t0") == expected, f"t0 holds {content('t0')}, expected {expected}")
    check(content("t1") == [f"{k}|{k}|{k:08}" for k in range(0, 32, 4)], "t1 was not left alone")


def test_comments():
    """Sections, pauses, faults and expectations of a plan, word for word."""
    plan = {"config": {"tasks": 3, "journal_mode": "delete", "busy_timeout": 100, "cache_size": 4},
            "interactions": [
                {"task": 2, "action": {"type": "commit"}, "pause": {"after": 4}},
                {"task": 2, "action": {"type": "sleep", "ms": 3}},
                {"task": 0, "action": {"type": "checkpoint", "checkpoint_mode": "full"},
                 "fault": {"kind": "io_sync", "at": 2}, "expect": {"row_count": 1}},
                {"task": 2, "action": {"type": "resume"}, "pause": {"after": 11, "at": "lock"}}]}
    text = convert(write_plan(plan))
    for piece in (
            "-- session 2 (task 2), steps 0 to 1\n-- step 0: commit\n"
            "--   held back before its 4th call into the storage until step 1 at the latest\n"
            ".connection 2\n.open interplay-script.db\nPRAGMA cache_size=4;\n"
            "-- busy timeout of the plan: 100 ms; here nobody could let go meanwhile\nCOMMIT;\n"
            "-- step 1: sleep 3 ms\n\n-- session 0 (task 0), step 2\n-- step 2: checkpoint full\n"
            "--   fault io_sync at its 2nd opportunity: a sync fails with an I/O error\n"
            "--   expected => 1 row\n.connection 0\n",
            "PRAGMA wal_checkpoint(FULL);\n",
            "--   held back before its 11th lock, map, barrier or sleep until the end at the latest\n",
            "PRAGMA journal_mode=delete;\n",
            "The program cannot hold one"):
        check(piece in text, f"{piece!r} expected in\n{text}")


def test_own_sql():
    """Statements that could swallow what follows them, or be taken for commands of the program."""
    texts = [".quit", "SELECT 'open", "SELECT 1 -- no end", "CREATE TABLE a(x); -- ;", "SELECT ']'",
             "/* x", "CREATE TRIGGER b AFTER DELETE ON a BEGIN SELECT 1",
             "INSERT INTO a VALUES(1)\n-- x", "INSERT INTO a VALUES(2)",
             "create trigger c AFTER INSERT ON a BEGIN DELETE FROM a WHERE x=2; END ; ",
             "INSERT INTO a VALUES(3)"]
    plan = {"interactions": [{"task": 0, "action": {"type": "execute", "sql": text}}
                             for text in texts]}
    text = convert(write_plan(plan))
    with open("plan.sql") as script:
        subprocess.run([SQLITE], stdin=script, capture_output=True)
    rows = subprocess.run([SQLITE, DATABASE, "SELECT x FROM a"], capture_output=True, text=True)
    check(rows.stdout == "1\n3\n", f"{rows} after\n{text}")
    check(text.count("--   not run: a quote, comment or trigger in it does not end") == 3, text)


def test_strangers_sql():
    """Whatever SQL a plan has, the script of it runs nothing but SQL, and touches its own file only."""
    left_out = {
        "SELECT 1;\n.system touch ran": "a line of it begins with a full stop",
        "-- c\n.system touch ran\n": "a line of it begins with a full stop",
        "SELECT 1;\r\n \t.shell touch ran": "a line of it begins with a full stop",
        "/* x\n*/ SELECT 1; -- y\n\n.once |touch ran": "a line of it begins with a full stop",
        "SELECT 'a\n.system touch ran\n'": "a line of it begins with a full stop",
        "/* c */ CREATE TRIGGER z AFTER INSERT ON t0 BEGIN SELECT 1; -- ; END\n;\n.system touch ran":
            "a line of it begins with a full stop",
        "SELECT 1;\r.system touch ran": "a control character is in it",
        "SELECT '\x1b]0;touch ran\x07'": "a control character is in it",
        "SELECT edit('x', 'touch ran #')": "'edit' leads out of the database",
        "SELECT \"EDIT\"('x', 'touch ran #')": "'edit' leads out of the database",
        "SELECT WriteFile('ran', 'x')": "'writefile' leads out of the database",
        "SELECT readfile('/etc/passwd')": "'readfile' leads out of the database",
        "SELECT load_extension('ran')": "'load_extension' leads out of the database",
        "SELECT name FROM fsdir('.')": "'fsdir' leads out of the database",
        "CREATE VIRTUAL TABLE temp.z USING zipfile('ran')": "'zipfile' leads out of the database",
        "ATTACH 'ran' AS x": "'attach' leads out of the database",
        "Vacuum main/**/INTO 'ran'": "'vacuum' leads out of the database",
        "PRAGMA writable_schema=1": "'writable_schema' leads out of the database",
        "/* c */ CREATE TRIGGER z AFTER INSERT ON t0 BEGIN SELECT 1; -- ; END":
            "a quote, comment or trigger in it does not end",
    }
    taken = ["SELECT 1;\n  SELECT 2", "INSERT INTO t0 VALUES(1,1,'editor .system')", "VACUUM"]
    texts = [*left_out, *taken]
    plan = {"config": {}, "interactions": [{"task": 0, "action": {"type": "execute", "sql": text}}
                             for text in texts]}
    path = "x\n.system touch ran\n.json"
    pathlib.Path(path).write_text(json.dumps(plan))
    text = convert(path)
    before = set(os.listdir())
    with open("plan.sql") as script:
        done = subprocess.run([SQLITE], stdin=script, capture_output=True, text=True)
    new = {name for name in set(os.listdir()) - before if not name.startswith(DATABASE)}
    check(not new, f"{new} came into being by\n{text}")
    check("Error" not in done.stderr and "error" not in done.stderr, f"{done.stderr} of\n{text}")
    found = re.findall("^--   not run: (.*)$", text, re.M)
    check(found == list(left_out.values()), f"left out: {found} in\n{text}")
    commands = [line for line in text.splitlines() if line.startswith(".")]
    allowed = (".system rm -f interplay-script.db", ".open ", ".connection ", ".echo on")
    check(all(line.startswith(allowed) for line in commands), f"{commands}")
    check("editor .system" in content_of("p", "t0 WHERE k=1"), "what is harmless was left out, too")


def test_transactions_of_a_pool():
    plan = {"config": {"tasks": 2, "stack": "pool"}, "interactions": [
        {"task": 0, "action": {"type": "checkout"}},
        {"task": 0, "action": {"type": "begin"}},
        {"task": 0, "action": {"type": "update", "table": 1}},
        {"task": 1, "action": {"type": "drop", "target": 0}},
        {"task": 1, "action": {"type": "checkout", "access": "read"}},
        {"task": 1, "action": {"type": "update", "table": 1}},
        {"task": 1, "action": {"type": "begin"}},
        {"task": 1, "action": {"type": "return"}}]}
    text = convert(write_plan(plan))
    _, errors = run_script(text)
    check(list(errors) == [5] and "readonly" in errors[5], f"{errors} in\n{text}")
    check(text.count("ROLLBACK;") == 2 and "BEGIN IMMEDIATE;" in text and "BEGIN;" in text, text)
    check(content("t1") == [f"{k}|{k}|{k:08}" for k in range(0, 32, 4)], "the drop did not undo")


# --- what is run -------------------------------------------------------------------------------

def draw_plan(rng):
    """Compact bytes without pauses and faults, on direct connections; a reopen can fail in Interplay."""
    actions = [0, 0, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 28]
    header = bytearray(32)
    header[2] = rng.choice((1, 2, 3, 4))    # tasks: a connection for each
    header[16] = rng.choice((0, 1))         # journal_mode: wal, delete
    header[18] = rng.randrange(4)           # page_size
    header[19] = rng.randrange(7)           # autocheckpoint
    records = bytearray()
    for _ in range(rng.randrange(5, 60)):
        record = bytearray(rng.randrange(256) for _ in range(12))
        record[0] &= 7
        record[1] = rng.choice(actions)
        records += record
    return bytes(header + records)


def same(outcome, message):
    if outcome == "ok":
        return message is None
    if message is None:
        return False
    return (outcome in ("busy", "busy_snapshot", "locked")) == ("locked" in message) and \
        (outcome == "constraint") == ("constraint failed" in message)


def test_more_sessions_than_connections():
    """The program has five: the last three take over, until there is none without a transaction."""
    plan = {"config": {"tasks": 8}, "interactions": [
        {"task": task, "action": {"type": "savepoint" if task in (0, 3, 5, 6, 7) else "select"}}
        for task in (*range(8), 1)]}
    text = convert(write_plan(plan))
    _, errors = run_script(text)
    check(not errors, f"{errors} in\n{text}")
    check(re.findall("takes over the connection of session (\\d)", text) == ["1", "2", "4"] and
          text.count("--   not run: sqlite3 has 5 connections, and each is in a transaction") == 1,
          text)


def test_same_outcomes():
    rng = random.Random(5)
    seen = {}
    for number in range(PLANS):
        pathlib.Path("plan.bin").write_bytes(draw_plan(rng))
        trace = subprocess.run([INTERPLAY, "replay", "--trace", "plan.bin"], capture_output=True,
                               text=True).stdout
        outcomes = {int(step): outcome for step, outcome in
                    re.findall(r"^ *(\d+) +task \d+ +< (\w+)", trace, re.M)}
        text = convert("plan.bin")
        _, errors = run_script(text)
        for step, outcome in outcomes.items():
            seen[outcome] = seen.get(outcome, 0) + 1
            if not same(outcome, errors.get(step)):
                check(False, f"plan {number}, step {step}: Interplay says {outcome}, sqlite3 says "
                             f"{errors.get(step)} in\n{text}\n{trace}")
                return
    print(f"script_sql_test: outcomes: {dict(sorted(seen.items()))}")
    for outcome in ("ok", "busy", "constraint", "sql_error"):
        check(seen.get(outcome, 0) > 0, f"no plan came to {outcome}")


def test_any_plan():
    """Whatever is converted is a script without a syntax error that has each step once."""
    plans = sorted([*SOURCE.glob("seeds/*/*.json"), *SOURCE.glob("crashes/*/*.json")])
    check(len(plans) > 0, "no plan in seeds/ and crashes/")
    rng = random.Random(6)
    for number in range(20):
        path = pathlib.Path(f"random-{number}")
        path.write_bytes(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 1000))))
        plans.append(path)
    for path in plans:
        text = convert(str(path))
        count = len(re.findall(r"^-- step \d+:", text, re.M))
        subprocess.run([INTERPLAY, "convert", str(path), "-o", "again.json"], check=True)
        expected = len(json.loads(pathlib.Path("again.json").read_text())["interactions"])
        check(count == expected, f"{path}: {count} steps, expected {expected}")
        run_script(text)


def main():
    if SQLITE is None:
        print("script_sql_test: no sqlite3 here, nothing was tested", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (test_values, test_comments, test_own_sql, test_strangers_sql,
                     test_transactions_of_a_pool,
                     test_more_sessions_than_connections,
                     test_same_outcomes, test_any_plan):
            test()
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
