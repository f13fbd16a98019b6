#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interplay convert PLAN -o PLAN.spec: specifications as PostgreSQL's isolationtester wants them.

What is written is always checked. Where there are isolationtester and a server (Debian: postgresql-15), a private
server is started and runs what was written; else the exit status is 77.

Usage: script_spec_test.py [INTERPLAY]
"""

import json
import os
import pathlib
import pwd
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
TESTER = "lib/pgxs/src/test/isolation/isolationtester"
# A server refuses to run as root.
USER = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"script_spec_test: {message}", file=sys.stderr)


def convert(path):
    subprocess.run([INTERPLAY, "convert", str(path), "-o", "plan.spec"], check=True)
    return pathlib.Path("plan.spec").read_text()


def write_plan(plan):
    pathlib.Path("plan.json").write_text(json.dumps(plan))
    return "plan.json"


# --- what is written ---------------------------------------------------------------------------

def check_structure(path):
    """Each interaction is a step or says why not; the permutation has the steps in the plan's order."""
    text = convert(path)
    subprocess.run([INTERPLAY, "convert", str(path), "-o", "again.json"], check=True)
    interactions = json.loads(pathlib.Path("again.json").read_text())["interactions"]
    head, permutation = text.split("\npermutation")
    steps = re.findall(r"^step s(\d)_(\d+) \{ [^}]*; \}$", head, re.M)
    comments = re.findall(r"^# step (\d+): .*(?:\n#   (?!not a step).*)*\n#   not a step: ", head,
                          re.M)
    numbers = sorted([int(step) for _, step in steps] + [int(step) for step in comments])
    names = [f"s{session}_{step}" for session, step in sorted(steps, key=lambda s: int(s[1]))]
    used = {interaction["task"] for interaction in interactions}
    if names:
        check(permutation.split() == names, f"{path}: permutation {permutation}, expected {names}")
        # A session without a step would be a syntax error: it is left out with its comments.
        missing = set(range(len(interactions))) - set(numbers)
        sessions = {int(session) for session, _ in steps}
        check(all(interactions[step]["task"] not in sessions or
                  interactions[step]["action"]["type"] == "drop" for step in missing),
              f"{path}: steps {missing} are nowhere")
    else:
        check(permutation.split() == ["nothing"], f"{path}: {permutation}")
    check(len(numbers) == len(set(numbers)), f"{path}: a step is there twice: {numbers}")
    for session in re.findall(r"^session s(\d)$", head, re.M):
        check(int(session) in used or not names or any("drop" == i["action"]["type"] for i in
                                                       interactions), f"{path}: s{session}")
    return text


def test_dialect():
    actions = [
        ({"type": "begin", "begin_mode": "immediate"},
         "step s0_0 { BEGIN ISOLATION LEVEL SERIALIZABLE; }"),
        ({"type": "insert", "key": 1, "size": 2},
         "step s0_1 { INSERT INTO t0 VALUES(1,65,repeat('00000065',4)); }"),
        ({"type": "update", "filter": "key", "key": 4, "size": 1}, "step s0_2 { UPDATE t0 SET "
         "v=k+96,p=repeat(lpad((k+96)::text,8,'0'),1) WHERE k=4; }"),
        ({"type": "create_table", "table": 2, "layout": "without_rowid"},
         "step s0_3 { CREATE TABLE t2(k integer PRIMARY KEY, v bigint, p text); }"),
        ({"type": "checkpoint"}, "# step 4: checkpoint passive\n#   not a step: PostgreSQL has "),
        ({"type": "vacuum"}, "# step 5: vacuum\n#   not a step: PostgreSQL has nothing"),
        ({"type": "execute", "sql": "SELECT '}'"}, "#   not a step: a step cannot hold a closing"),
        ({"type": "execute", "sql": "SELECT 1 -- x"}, "step s0_7 { SELECT 1 -- x\n; }"),
        ({"type": "savepoint"}, "step s0_8 { SAVEPOINT s0; }"),
        ({"type": "commit"}, "step s0_9 { COMMIT; }"),
        ({"type": "savepoint"}, "#   not a step: PostgreSQL has savepoints only within BEGIN"),
        ({"type": "begin"}, "step s0_11 { BEGIN ISOLATION LEVEL SERIALIZABLE; }\nteardown { ROLL"),
    ]
    text = check_structure(write_plan({"config": {"busy_timeout": 10}, "interactions": [
        {"task": 0, "action": action} for action, _ in actions]}))
    for _, piece in actions:
        check(piece in text, f"{piece!r} expected in\n{text}")
    check("setup { SET lock_timeout = 10; }" in text, "no lock_timeout")
    strangers = ["SELECT 1 \\! touch ran", "COPY (SELECT 1) TO PROGRAM 'touch ran'", "SELECT 1\x1b[2J",
                 "DO $$ BEGIN EXECUTE 'x'; END $$", "SELECT DBLINK_connect('x')", "SELECT 1;\n.x"]
    text = check_structure(write_plan({"config": {}, "interactions": [
        {"task": 0, "action": {"type": "execute", "sql": sql}} for sql in ("SELECT 1", *strangers)]}))
    check(text.count("#   not a step: ") == len(strangers) and "\\" not in text and "\x1b" not in text,
          f"not all that leads out is left out of\n{text}")
    text = check_structure(write_plan({"config": {"stack": "actors"}, "interactions": [
        {"task": 1, "action": {"type": "begin"}},
        {"task": 0, "action": {"type": "drop", "target": 1}}]}))
    check("session s1\n" in text and "step s1_1 { ROLLBACK; }" in text, text)
    text = check_structure(write_plan({"config": {}, "interactions": []}))
    check("step nothing { SELECT 1; }" in text, text)


def all_plans():
    plans = sorted([*SOURCE.glob("seeds/*/*.json"), *SOURCE.glob("crashes/*/*.json")])
    check(len(plans) > 0, "no plan in seeds/ and crashes/")
    rng = random.Random(7)
    for number in range(10):
        path = pathlib.Path(f"random-{number}")
        content = bytearray(rng.randrange(256) for _ in range(rng.randrange(16, 1500)))
        content[6] = 0  # no busy_timeout: it would be waited for
        path.write_bytes(content)
        plans.append(path)
    return plans


# --- what isolationtester makes of it ----------------------------------------------------------

def find_postgres():
    """(folder of programs, isolationtester) of the newest version that has both, or None."""
    for root in sorted(pathlib.Path("/usr/lib/postgresql").glob("*"), reverse=True):
        if (root / TESTER).is_file() and (root / "bin/initdb").is_file():
            return root / "bin", root / TESTER
    return None


class Server:
    """A server of one's own, on a socket in `folder`."""

    def __init__(self, programs, folder):
        self.socket = folder
        data = f"{folder}/data"
        subprocess.run([programs / "initdb", "-D", data, "-A", "trust", "-U", "interplay",
                        "--no-sync", "--locale=C"], stdout=subprocess.DEVNULL, check=True, cwd="/", **USER)
        self.process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
             f"unix_socket_directories={folder}"], stderr=open("log", "w"), cwd="/", **USER)
        for _ in range(300):
            if subprocess.run([programs / "pg_isready", "-q", "-h", folder]).returncode == 0:
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the server does not start: {pathlib.Path('log').read_text()}")

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(60)

    def run(self, tester, text):
        connection = f"host={self.socket} dbname=postgres user=interplay"
        done = subprocess.run([tester, connection], input=text, capture_output=True, text=True,
                              timeout=120, env={"PG_TEST_TIMEOUT_DEFAULT": "10"})
        wrong = re.search("syntax error|unexpected|timed out|FATAL", done.stdout + done.stderr)
        check(done.returncode == 0 and not wrong,
              f"isolationtester: {done.returncode}, {done.stderr}{done.stdout[-2000:]} of\n{text}")
        return done.stdout


def test_values(server, tester):
    actions = [
        {"type": "insert", "key": 1, "size": 1},
        {"type": "upsert", "key": 4, "size": 2},
        {"type": "update", "filter": "key", "key": 8, "size": 1},
        {"type": "delete", "filter": "from", "key": 9},
        {"type": "batch", "key": 30, "span": 7},
        {"type": "query", "sql": "SELECT k,v,p FROM t0 ORDER BY k"},
    ]
    out = server.run(tester, convert(write_plan({"config": {}, "interactions": [
        {"task": 0, "action": action} for action in actions]})))
    rows = [re.sub(" ", "", line) for line in out.splitlines() if re.match(r" *\d+\|", line)]
    expected = ["0|0|00000000", "1|33|00000033", "4|68|" + "00000068" * 4, "8|104|00000104",
                "30|190|", "31|191|"]
    check(rows == expected, f"{rows}, expected {expected}")


def run_all(programs, tester):
    folder = tempfile.mkdtemp(prefix="interplay-")
    if USER:
        shutil.chown(folder, **USER)
    try:
        server = Server(programs, folder)
        try:
            test_values(server, tester)
            for path in all_plans():
                server.run(tester, convert(path))
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        test_dialect()
        for path in all_plans():
            check_structure(path)
        found = find_postgres()
        if found and not failures:
            run_all(*found)
        os.chdir("/")
    if failures:
        return 1
    if not found:
        print("script_spec_test: no isolationtester here, nothing was run", file=sys.stderr)
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
